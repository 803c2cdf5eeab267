"""When a condition that holds may be acted upon: forecasts must say so twice in a row, for they turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pydantic import AwareDatetime

from shared.standing.leaves import Truth
from shared.standing.truth import Verdict
from shared.wire import Plain

GOOD_POLLS = 2
"""How many forecasts in a row must agree before anything is bought."""
GOOD_POLLS_MAX = 24
POLL_INTERVAL = timedelta(hours=1)


class Polls(Plain):
    """How many forecasts in a row have chosen the same day; at: when the last of them was read."""

    day: date | None = None
    count: int = 0
    at: AwareDatetime | None = None


def polled(before: Polls, verdict: Verdict, needed: int = GOOD_POLLS) -> Polls:
    """After one more look: counted once a forecast, and no further than needed, so nothing is written for nothing."""
    if verdict.next_day is None or not verdict.needs_forecast:
        return Polls()
    if verdict.next_day != before.day:
        return Polls(day=verdict.next_day, count=1, at=verdict.forecast_at)
    is_new = verdict.forecast_at is not None and (before.at is None or verdict.forecast_at > before.at)
    if not is_new or before.count >= needed:
        return before
    return Polls(day=before.day, count=before.count + 1, at=verdict.forecast_at)


def is_due(verdict: Verdict, polls: Polls, needed: int = GOOD_POLLS) -> bool:
    """Whether it is to be bought now."""
    if not verdict.holds:
        return False
    return not verdict.needs_forecast or (polls.day == verdict.next_day and polls.count >= needed)


def look_again_at(verdict: Verdict, polls: Polls, until: datetime, needed: int = GOOD_POLLS) -> datetime:
    """When it is to be looked at again though no reading changes its truth: as it comes true by itself, or gives up.

    Also with the next forecast, while one is still to be confirmed; and once the hours are over of which a forecast
    tells nothing.
    """
    times = [until, *_gaps(verdict.truth)]
    if verdict.next is not None and not verdict.holds:
        times.append(verdict.next)
    if verdict.needs_forecast and polls.count < needed and verdict.forecast_at is not None:
        times.append(verdict.forecast_at + POLL_INTERVAL)
    return min(times)


def _gaps(truth: Truth) -> Iterator[datetime]:
    if truth.why == "in_part" and truth.weather is not None and truth.weather.missing_until is not None:
        yield truth.weather.missing_until
    for child in truth.children:
        yield from _gaps(child)
