"""The door to the time-chain: aware moments outside, whole minutes since 1970 inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NEVER = 1 << 60
"""Later than any minute."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minute_from(moment: datetime) -> int:
    """The first whole minute not before an aware moment: for what may begin then."""
    return -((_EPOCH - moment) // _MINUTE)


def minute_until(moment: datetime) -> int:
    """The last whole minute not after an aware moment: for what must be done by then."""
    return (moment - _EPOCH) // _MINUTE


def moment_of(minute: int) -> datetime:
    """A minute as a moment, UTC."""
    return _EPOCH + minute * _MINUTE
