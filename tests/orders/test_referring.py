"""Tracking ids and the affiliates behind them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.money.commission import Cpe
from shared.orders.referring import referral_of
from tests.orders.people import partner

RATE = Cpe(basis_points=500)


def affiliate(**more: Any) -> Any:
    return partner("limo", tracking_id="aus-limo-1", **{"commission": RATE, **more})


def test_an_affiliate_is_found_by_its_tracking_id() -> None:
    found = referral_of("aus-limo-1", [partner(), affiliate()])
    assert found is not None
    assert (found.account, found.rate) == ("affiliate:limo", RATE)


@pytest.mark.parametrize(
    ("tracking_id", "known"),
    [
        ("aus-limo-2", affiliate()),
        ("", partner()),
        ("aus-limo-1", affiliate(commission=None)),
        ("aus-limo-1", affiliate(status="paused")),
    ],
)
def test_nobody_else_is(tracking_id: str, known: Any) -> None:
    assert referral_of(tracking_id, [known]) is None
