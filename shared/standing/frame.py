"""What an intent brings to its conditions beside the readings: whose days they are, where, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.discovery.intents.clock_words import DAY_END, PARTS
from shared.logistics.geo import Cell

DAY_MINUTES = 24 * 60
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

WAKING = (6 * 60, 22 * 60)
"""The hours of a day whose weather counts, where no part of the day is named: minutes since midnight."""
BUYING = (8 * 60, 20 * 60)
"""When something is bought for a day of which no hour is named."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where and when an intent stands.

    zone: its days are this zone's. since: when it began; until: when it gives up. cell: where its weather is. lead: how
    long what is bought takes to arrive, so it is bought that much earlier. daypart: when on a day it is wanted. after:
    nothing may arrive before, as once it was bought for a day.
    """

    zone: ZoneInfo
    since: datetime
    until: datetime
    cell: Cell | None = None
    lead: timedelta = timedelta()
    daypart: str | None = None
    after: datetime | None = None

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(self.zone).date()

    def moment(self, day: date, minute: int = 0) -> datetime:
        """The moment, UTC, of a minute since midnight by the wall clock; what the clock leaps over comes after it."""
        wall = datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(minutes=minute)
        return wall.astimezone(UTC)

    def arrives(self, now: datetime) -> datetime:
        """When what is bought now would arrive."""
        return now + self.lead

    @property
    def last(self) -> datetime:
        """The last moment at which what is bought may still arrive."""
        return self.until + self.lead


def part_span(daypart: str | None, otherwise: Span) -> Span:
    """A part of the day in minutes since midnight; the last one goes on until midnight."""
    part = PARTS.get(daypart or "")
    if part is None:
        return otherwise
    return part.start, DAY_MINUTES if part.end == DAY_END else part.end
