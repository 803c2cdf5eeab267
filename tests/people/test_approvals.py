"""The moves of an approval: every pair, and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest

from shared.people.approvals import MOVES, Approval, Fact, ImpossibleMove, Status, answer_until, decided

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)


def approval(status: Status = "pending", **more: Any) -> Approval:
    return Approval(
        id="a1", customer="ann", kind="order", about="order:o1", title="Shall I?", text="Shall I order it?",
        status=status, created_at=NOW, expires_at=NOW + timedelta(hours=1), **more,
    )  # fmt: skip


@pytest.mark.parametrize(("status", "fact"), list(product(get_args(Status), get_args(Fact))))
def test_every_pair_goes_where_the_table_says(status: Status, fact: Fact) -> None:
    before = approval(status)
    if status == MOVES["pending", fact]:
        assert decided(before, fact, NOW) is before, "the same again changes nothing"
    elif (status, fact) in MOVES:
        assert decided(before, fact, NOW).status == MOVES[status, fact]
    else:
        with pytest.raises(ImpossibleMove):
            decided(before, fact, NOW)


def test_an_answer_after_the_time_comes_too_late_and_closing_does_not() -> None:
    late = NOW + timedelta(hours=1)
    with pytest.raises(ImpossibleMove, match="over"):
        decided(approval(), "approve", late)
    assert decided(approval(), "expire", late).status == "expired"


@pytest.mark.parametrize(("spare_hours", "hours"), [(-2, 0), (3, 3), (24, 24), (200, 24)])
def test_an_answer_is_waited_for_a_day_or_as_long_as_there_is_time(spare_hours: int, hours: int) -> None:
    assert answer_until(NOW, timedelta(hours=spare_hours)) == NOW + timedelta(hours=hours)
