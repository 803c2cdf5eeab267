"""Opening hours as a shopkeeper writes them, and when a place is next open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPANS_A_DAY_MAX = 4
CLOSED_DAYS_MAX = 120
LOOK_AHEAD_DAYS = 60
"""Who opens no more within these days counts as closed."""

_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")
_DAY_MINUTES = 24 * 60

Spans = tuple[tuple[int, int], ...]
"""Minutes since midnight, from and to; a closing after midnight is beyond 1440."""


def spans_of(text: str) -> Spans:
    """`9:00-13:00, 14:00-18:00`, `18:00-2:00` into the night, `closed`; raises ValueError with what to write."""
    if text.strip().lower() in {"", "closed"}:
        return ()
    parts = text.split(",")
    if len(parts) > SPANS_A_DAY_MAX:
        raise ValueError(f"{text!r} has more than {SPANS_A_DAY_MAX} openings a day")
    spans = tuple(_span(part) for part in parts)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError(f"{text!r}: the openings of a day stand in their order and do not overlap")
    return spans


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"{text.strip()!r} is no opening: write 9:00-18:00, several with commas, or closed")
    hour, minute, close_hour, close_minute = map(int, found.groups())
    opens, closes = hour * 60 + minute, close_hour * 60 + close_minute
    if minute > 59 or close_minute > 59 or opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise ValueError(f"{text.strip()!r}: hours go from 0:00 to 24:00")
    return opens, closes if closes > opens else closes + _DAY_MINUTES


def spans_written(text: str) -> str:
    """The text, trimmed, if spans_of can read it; raises ValueError."""
    spans_of(text)
    return text.strip()


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write an IANA name such as America/Chicago") from None
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]


class Hours(BaseModel):
    """A week of openings in the place's own time, and whole days on which it stays closed; days left out are closed."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    time_zone: TimeZone
    week: dict[Weekday, Annotated[str, Field(max_length=100), AfterValidator(spans_written)]]
    closed_on: Annotated[tuple[date, ...], Field(max_length=CLOSED_DAYS_MAX)] = ()

    def day_of(self, moment: datetime) -> date:
        """The day of a moment, by the place's own clock."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def next_open(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which it is open, UTC; None if none is near."""
        for opens, closes in self.openings(at):
            if closes > at:
                return max(opens, at.astimezone(UTC))
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        return self.next_open(at) == at.astimezone(UTC)

    def openings(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every opening that ends after `since`, as UTC moments, in order, LOOK_AHEAD_DAYS far.

        What falls into the hour that daylight saving takes away moves behind it; the wall clock rules.
        """
        zone = ZoneInfo(self.time_zone)
        first = since.astimezone(zone).date() - timedelta(days=1)
        for offset in range(LOOK_AHEAD_DAYS + 2):
            day = first + timedelta(days=offset)
            if day in self.closed_on:
                continue
            for opens, closes in spans_of_cached(self.week.get(WEEKDAYS[day.weekday()], "")):
                start, end = _moment(day, opens, zone), _moment(day, closes, zone)
                if end > since:
                    yield start, end


@lru_cache(maxsize=1_000)
def spans_of_cached(text: str) -> Spans:
    """spans_of, remembered."""
    return spans_of(text)


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)  # moves the clock face
    return wall.astimezone(UTC)
