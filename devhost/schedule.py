"""When a timer trigger fires next: NCRONTAB of five or six fields, or a fixed interval.

The field syntax is NCrontab's, which the Functions host uses: names may be shortened (`M`, `MON`,
`Monday`), a range given backwards is turned round, `7` is no day of the week, and a day has to suit
the day-of-month field AND the day-of-week field.

Local time follows the host's `CronSchedule`: a moment that the clock skips moves on by as much as the
clock did; of an hour that the clock repeats, both passes count for a schedule that has consecutive
seconds, minutes or hours ("every minute"), and only the first for one that has not ("at 01:30").
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from croniter import croniter

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_PERIOD_DAYS_MAX = 36_500
_DAYS_OF_MONTH_MAX = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
# TimeSpan as text; a first part of 24 or more counts days, as .NET reads it.
_PERIOD = re.compile(r"(?:(\d{1,8})\.)?(\d{1,8}):(\d{1,2})(?::(\d{1,2})(\.\d{1,7})?)?", re.ASCII)
_ITEM = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d{1,9}))?", re.ASCII)


class ScheduleError(Exception):
    """A schedule that cannot be read; the text names the field and says what to write."""


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: list[str]


_FIELDS = (
    _Field("second", 0, 59, []),
    _Field("minute", 0, 59, []),
    _Field("hour", 0, 23, []),
    _Field("day of month", 1, 31, []),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _WEEKDAYS),
)


class Schedule:
    """The moments at which a timer trigger fires.

    `text` is NCRONTAB (`0 */5 * * * *`, `0 9 * * MON-FRI`) or an interval (`00:30:00`, `1.00:00:00`);
    `time_zone` is an IANA name (`Europe/Berlin`) as in the setting WEBSITE_TIME_ZONE, UTC if empty.
    Raises ScheduleError.
    """

    def __init__(self, text: str, time_zone: str | None = None) -> None:
        self.text = text.strip()
        self._zone = _zone(time_zone)
        self._period = _period(self.text)
        self._fields = () if self._period else _fields(self.text)
        # "0 30 1 * * *" names a point of the day; "* * * * *" and "0 10-20 * * * *" go on and on.
        checked = self._fields[0 if len(self.text.split()) == 6 else 1 : 3]
        self._is_recurrent = any(later - value == 1 for field in checked for value, later in pairwise(field))

    @property
    def is_frequent(self) -> bool:
        """Whether it can fire twice within a minute, so that missed ticks are not kept track of."""
        if self._period:
            return self._period < timedelta(minutes=1)
        return len(self._fields[0]) > 1

    def next_after(self, moment: datetime) -> datetime:
        """The first moment (UTC) later than `moment` (aware) at which the schedule fires."""
        moment = moment.astimezone(UTC)
        if self._period:
            return moment + self._period
        earliest = moment.replace(microsecond=0) + _SECOND
        if self._zone is None:
            return self._wall(earliest.replace(tzinfo=None)).replace(tzinfo=UTC)
        while True:
            found = self._with_offset_of(earliest)
            change = self._offset_change(earliest, found)
            if change is None:
                return found
            earliest = change

    def _with_offset_of(self, earliest: datetime) -> datetime:
        """The first firing from `earliest` on, if the zone's offset stayed what it is then."""
        offset = self._offset(earliest)
        wall = earliest.replace(tzinfo=None) + offset
        shift = offset - self._offset(earliest - _DAY)
        changed = self._offset_change(earliest - _DAY, earliest) if shift else None
        if changed is None:
            return _instant(self._wall(wall), offset)
        resumed = changed.replace(tzinfo=None) + offset
        if shift < timedelta(0):
            repeated_until = resumed - shift
            return _instant(self._wall(wall if self._is_recurrent else max(wall, repeated_until)), offset)
        skipped = self._wall(resumed - shift)
        moved = _instant(skipped, offset - shift)
        regular = _instant(self._wall(wall), offset)
        return min(moved, regular) if skipped < resumed and moved >= earliest else regular

    def _offset_change(self, after: datetime, until: datetime) -> datetime | None:
        """The first second in (after, until] from which the zone's offset is another one."""
        offset = self._offset(after)
        while after < until:
            step = min(after + _DAY, until)
            if self._offset(step) != offset:
                break
            after = step
        else:
            return None
        while step - after > _SECOND:
            middle = after + timedelta(seconds=(step - after) // _SECOND // 2)
            after, step = (middle, step) if self._offset(middle) == offset else (after, middle)
        return step

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self._zone).utcoffset() or timedelta(0)

    def _wall(self, earliest: datetime) -> datetime:
        """The first matching wall-clock time from `earliest` on, both naive."""
        found: datetime = self._cron.get_next(datetime, start_time=earliest - _SECOND)
        return found

    @cached_property
    def _cron(self) -> croniter:
        from croniter import croniter  # noqa: PLC0415 (60 ms that a start without timers is spared)

        text = " ".join(
            "*" if len(values) > field.high - field.low else ",".join(map(str, values))
            for field, values in zip(_FIELDS, self._fields, strict=True)
        )
        return croniter(text, datetime(2000, 1, 1), second_at_beginning=True, day_or=False)  # noqa: DTZ001


def _instant(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


def _zone(name: str | None) -> ZoneInfo | None:
    if not name or name.upper() in {"UTC", "ETC/UTC"}:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ScheduleError(f'the time zone "{name}" is not known; write an IANA name such as Europe/Berlin') from None


def _period(text: str) -> timedelta | None:
    """The interval that `hh:mm:ss` or `d.hh:mm:ss` stands for, None if the text has another form."""
    match = _PERIOD.fullmatch(text)
    if not match:
        return None
    first, second, third = int(match[2]), int(match[3]), int(match[4] or 0)
    days, hours, minutes, seconds = int(match[1] or 0), first, second, third
    if hours > 23 and match[1] is None:
        days, hours, minutes, seconds = first, second, third, 0
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ScheduleError(
            f'"{text}" is no interval: hours go up to 23, minutes and seconds to 59; write hh:mm:ss or d.hh:mm:ss'
        )
    if days > _PERIOD_DAYS_MAX:
        raise ScheduleError(f'"{text}" is too long an interval; write at most {_PERIOD_DAYS_MAX} days')
    fraction = timedelta(seconds=float(match[5] or 0))
    period = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) + fraction
    if not period:
        raise ScheduleError(f'"{text}" is an interval of nothing; write one above 00:00:00')
    return period


def _fields(text: str) -> tuple[tuple[int, ...], ...]:
    """The values of second, minute, hour, day of month, month and day of week, each sorted."""
    words = text.split()
    if len(words) not in {5, 6}:
        raise ScheduleError(
            f'"{text}" has {len(words)} fields; write six (second minute hour day month weekday), '
            "five (without the second), or an interval hh:mm:ss"
        )
    if len(words) == 5:
        words.insert(0, "0")
    fields = tuple(_values(field, word) for field, word in zip(_FIELDS, words, strict=True))
    days, months = fields[3], fields[4]
    if days[0] > max(_DAYS_OF_MONTH_MAX[month - 1] for month in months):
        raise ScheduleError(f'"{text}" never comes: no month of its month field has a day {days[0]}')
    return fields


def _values(field: _Field, word: str) -> tuple[int, ...]:
    found: set[int] = set()
    for item in word.split(","):
        match = _ITEM.fullmatch(item)
        if not match or (match[1] == "*" and match[2]):
            raise ScheduleError(
                f'the field {field.name} cannot be "{word}"; write *, a value, a range (1-5), '
                "steps (*/10) or a list (1,15)"
            )
        step = int(match[3] or 1)
        if step == 0:
            raise ScheduleError(f'the field {field.name} has the step 0 in "{word}"; write one of 1 or more')
        if match[1] == "*":
            found.update(range(field.low, field.high + 1, step))
            continue
        first = _value(field, match[1])
        last = _value(field, match[2]) if match[2] else field.high if match[3] else first
        found.update(range(min(first, last), max(first, last) + 1, step))
    return tuple(sorted(found))


def _value(field: _Field, word: str) -> int:
    if word.isdecimal() and len(word) < 10 and field.low <= int(word) <= field.high:
        return int(word)
    for number, name in enumerate(field.names, field.low):
        if name.startswith(word.lower()):
            return number
    known = f" or {field.names[0][:3].upper()} to {field.names[-1][:3].upper()}" if field.names else ""
    sunday = "; Sunday is 0" if word == "7" and field.names is _WEEKDAYS else ""
    raise ScheduleError(f'the field {field.name} cannot be "{word}"; write {field.low} to {field.high}{known}{sunday}')
