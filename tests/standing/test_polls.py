"""Two forecasts in a row: counted once each, for one day, no further than needed; and when to look again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from shared.standing.leaves import Truth
from shared.standing.polls import Polls, is_due, look_again_at, polled
from shared.standing.skies import DayWeather
from shared.standing.truth import Verdict
from tests.standing.worlds import MONDAY

THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
HOUR = timedelta(hours=1)
UNTIL = MONDAY + timedelta(days=30)


def verdict(
    day: date | None, at: datetime | None, *, holds: bool = False, needs: bool = True, value: str = "false"
) -> Verdict:
    moment = MONDAY + timedelta(days=3) if day else None
    truth = Truth.model_validate({"value": value})
    return Verdict(
        truth=truth, day=THURSDAY, holds=holds, next=moment, next_day=day, needs_forecast=needs, forecast_at=at
    )


def test_polls_are_counted_for_one_day_in_a_row() -> None:
    one = polled(Polls(), verdict(THURSDAY, MONDAY))
    assert (one.day, one.count) == (THURSDAY, 1)
    two = polled(one, verdict(THURSDAY, MONDAY + HOUR))
    assert two.count == 2
    assert polled(two, verdict(THURSDAY, MONDAY + 2 * HOUR)) is two  # enough
    assert polled(two, verdict(None, MONDAY + 2 * HOUR)) == Polls()
    assert polled(two, verdict(FRIDAY, MONDAY + 2 * HOUR)).count == 1
    assert polled(two, verdict(THURSDAY, MONDAY, needs=False)) == Polls()


@pytest.mark.parametrize("at", [MONDAY, MONDAY - HOUR, None])
def test_the_same_forecast_again_or_a_late_one_counts_nothing(at: datetime | None) -> None:
    one = polled(Polls(), verdict(THURSDAY, MONDAY))
    assert polled(one, verdict(THURSDAY, at)) is one


@pytest.mark.parametrize(
    ("holds", "needs", "polls", "due"),
    [
        (True, True, Polls(day=THURSDAY, count=2), True),
        (True, True, Polls(day=THURSDAY, count=1), False),
        (True, True, Polls(day=FRIDAY, count=2), False),
        (True, False, Polls(), True),  # a price or a stock is as it is
        (False, False, Polls(day=THURSDAY, count=2), False),
    ],
)
def test_when_it_is_bought(holds: bool, needs: bool, polls: Polls, due: bool) -> None:
    assert is_due(verdict(THURSDAY, MONDAY, holds=holds, needs=needs), polls) is due


def test_when_to_look_again() -> None:
    enough = Polls(day=THURSDAY, count=2)
    assert look_again_at(verdict(None, MONDAY, needs=False), Polls(), UNTIL) == UNTIL
    assert look_again_at(verdict(THURSDAY, MONDAY), enough, UNTIL) == MONDAY + timedelta(days=3)
    assert look_again_at(verdict(THURSDAY, MONDAY), Polls(day=THURSDAY, count=1), UNTIL) == MONDAY + HOUR
    assert look_again_at(verdict(None, MONDAY, needs=False, value="unknown"), Polls(), UNTIL) == UNTIL
    assert look_again_at(verdict(THURSDAY, None, needs=False), Polls(), MONDAY + HOUR) == MONDAY + HOUR


def test_hours_that_no_forecast_tells_of_are_waited_out() -> None:
    weather = DayWeather(hours=3, light_hours=3, missing_until=MONDAY + 5 * HOUR)
    gap = Truth(value="unknown", why="in_part", weather=weather)
    whole = Truth(value="unknown", children=(Truth(value="true"), gap))
    one = verdict(None, MONDAY, needs=False).model_copy(update={"truth": whole})
    assert look_again_at(one, Polls(), UNTIL) == MONDAY + 5 * HOUR
