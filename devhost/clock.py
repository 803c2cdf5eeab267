"""The one clock of the host: real time, or a frozen time that moves only on request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class ClockError(Exception):
    """The clock was asked for something it does not do."""


class Clock(Protocol):
    """What every room asks for the time."""

    is_frozen: bool

    def now(self) -> datetime:
        """The present moment, aware, UTC; never earlier than an answer given before."""

    def move_to(self, moment: datetime) -> None:
        """Set a frozen clock forward; a real clock raises ClockError."""


class RealClock:
    """Wall time, held back from ever running backwards."""

    is_frozen = False

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    def move_to(self, moment: datetime) -> None:
        raise ClockError(f"a real clock cannot be moved to {moment}; start the host with a frozen one")


class FrozenClock:
    """A time that stands still until it is moved forward."""

    is_frozen = True

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        if moment < self._now:
            raise ClockError(f"the clock stands at {self._now} and does not go back to {moment}")
        self._now = moment.astimezone(UTC)


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Seconds from one moment to another, never negative."""
    return max(0.0, (later - earlier) / timedelta(seconds=1))
