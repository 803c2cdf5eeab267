"""A few bad days, the same every time; `make soak` plays others."""

from __future__ import annotations

import pytest

from tests.simulation.__main__ import again, play

SEEDS = (3, 7)
ORDERS, DAYS = 7, 1


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_holds_when_it_is_over(seed: int) -> None:
    outcome = play(seed, ORDERS, DAYS)
    words = "\n".join(map(str, outcome.broken))
    assert not outcome.broken, f"{again(seed, ORDERS, DAYS)}\n{words}"
    assert outcome.deaths, "no host has died: that was no bad day"
    assert outcome.statuses["completed"], outcome.statuses
    assert outcome.statuses["failed"] + outcome.statuses["cancelled"], outcome.statuses
