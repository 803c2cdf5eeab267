"""Recurrence rules (RFC 5545, section 3.3.10) of whole days: whether one falls on a day, by arithmetic alone.

Nothing is unrolled from the rule's beginning, so no rule, however odd, takes long. All is told in local days; a zone is
attached afterwards, so clock changes shift nothing.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
INTERVAL_MAX = 1_000
COUNT_MAX = 1_000
RULE_LENGTH_MAX = 200
YEARS = range(2000, 2200)
"""Calendars and zones know them, and nothing that is done with their days runs over the end of time."""
COUNTED_DAYS_MAX = 2 * 366
"""COUNT is counted day by day from where the rule begins, so far at most."""

_TOO_OFTEN = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
_PARTS = frozenset({
    "FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSECOND", "UNTIL", "COUNT", "WKST",
})  # fmt: skip


class BadRule(ValueError):
    """A rule that is none, or none that is understood; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. weekdays: (nth, weekday), nth 0 for each of them, below zero from the end; minute: of the day, if told.

    until: its last day, or its last moment if that was told in UTC.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    minute: int | None = None
    until: date | datetime | None = None
    count: int | None = None
    week_start: int = 0

    def falls_on(self, day: date, anchor: date) -> bool:
        """Whether it comes on a day; anchor: the day it begins with, from which intervals are counted."""
        return day >= anchor and self._is_in_step(day, anchor) and self._fits(day, anchor)

    def last_day(self, anchor: date, zone: ZoneInfo) -> date | None:
        """Its last day in a zone, None if it has none, or none near."""
        if isinstance(self.until, datetime):
            return self.until.astimezone(zone).date()
        return self.until if self.count is None else self._counted(anchor, self.count)

    def _counted(self, anchor: date, count: int) -> date | None:
        for step in range(COUNTED_DAYS_MAX):
            day = anchor + timedelta(days=step)
            count -= self.falls_on(day, anchor)
            if count == 0:
                return day
        return None

    def _is_in_step(self, day: date, anchor: date) -> bool:
        match self.frequency:
            case "DAILY":
                steps = (day - anchor).days
            case "WEEKLY":
                steps = (self._week(day) - self._week(anchor)).days // 7
            case "MONTHLY":
                steps = (day.year - anchor.year) * 12 + day.month - anchor.month
            case "YEARLY":
                steps = day.year - anchor.year
        return steps % self.interval == 0

    def _week(self, day: date) -> date:
        return day - timedelta(days=(day.weekday() - self.week_start) % 7)

    def _fits(self, day: date, anchor: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not _is_month_day(day, self.month_days):
            return False
        if self.weekdays:
            return any(weekday == day.weekday() and self._is_nth(day, nth) for nth, weekday in self.weekdays)
        return bool(self.month_days) or self._is_like_the_first(day, anchor)

    def _is_like_the_first(self, day: date, anchor: date) -> bool:
        """What a rule leaves open is as on the day it begins with."""
        match self.frequency:
            case "DAILY":
                return True
            case "WEEKLY":
                return day.weekday() == anchor.weekday()
            case "MONTHLY":
                return day.day == anchor.day
            case "YEARLY":
                return day.day == anchor.day and (bool(self.months) or day.month == anchor.month)

    def _is_nth(self, day: date, nth: int) -> bool:
        if nth == 0:
            return True
        if self.frequency == "YEARLY" and not self.months:
            place, last = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        else:
            place, last = day.day, monthrange(day.year, day.month)[1]
        return (place - 1) // 7 + 1 == nth if nth > 0 else (last - place) // 7 + 1 == -nth


def _is_month_day(day: date, wanted: tuple[int, ...]) -> bool:
    return day.day in wanted or day.day - monthrange(day.year, day.month)[1] - 1 in wanted


@lru_cache(maxsize=1_000)
def rule_of(text: str) -> Rule:
    """`FREQ=WEEKLY;BYDAY=FR`, with or without `RRULE:`; raises BadRule."""
    if len(text) > RULE_LENGTH_MAX:
        raise BadRule(f"a rule has at most {RULE_LENGTH_MAX} characters")
    parts = _parts(text.strip().upper().removeprefix("RRULE:"))
    frequency = _frequency(parts.get("FREQ", ""))
    weekdays = _weekdays(parts.get("BYDAY", ""), frequency)
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadRule("COUNT and UNTIL do not go together: leave one of them out")
    if frequency == "WEEKLY" and "BYMONTHDAY" in parts:
        raise BadRule("BYMONTHDAY does not go with FREQ=WEEKLY: write FREQ=MONTHLY")
    return Rule(
        frequency,
        interval=_numbers(parts, "INTERVAL", 1, INTERVAL_MAX)[0] if "INTERVAL" in parts else 1,
        weekdays=weekdays,
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        months=_numbers(parts, "BYMONTH", 1, 12),
        minute=_minute(parts),
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        count=_numbers(parts, "COUNT", 1, COUNT_MAX)[0] if "COUNT" in parts else None,
        week_start=_weekday(parts.get("WKST", "MO")),
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if name not in _PARTS or not equals or not value or name in parts:
            known = ", ".join(sorted(_PARTS))
            raise BadRule(f"{part!r} is not understood: write each of {known} once at most, like FREQ=WEEKLY;BYDAY=FR")
        parts[name] = value
    return parts


def _frequency(text: str) -> Frequency:
    for known in FREQUENCIES:
        if text == known:
            return known
    if text in _TOO_OFTEN:
        raise BadRule(f"FREQ={text} is too often: once a day, FREQ=DAILY, is the most")
    raise BadRule(f"FREQ must be one of {', '.join(FREQUENCIES)}")


def _weekdays(text: str, frequency: Frequency) -> tuple[tuple[int, int], ...]:
    found = []
    for part in text.split(",") if text else []:
        sign, code = part[:-2], part[-2:]
        nth = _whole("BYDAY", sign, -53, 53) if sign else 0
        if nth and frequency not in {"MONTHLY", "YEARLY"}:
            raise BadRule(f"BYDAY={part} counts within a month or year: write FREQ=MONTHLY or FREQ=YEARLY")
        if sign and not nth:
            raise BadRule(f"BYDAY={part}: there is no 0th weekday")
        found.append((nth, _weekday(code)))
    return tuple(found)


def _weekday(code: str) -> int:
    if code not in WEEKDAY_CODES:
        raise BadRule(f"{code!r} is no weekday: write {', '.join(WEEKDAY_CODES)}")
    return WEEKDAY_CODES.index(code)


def _numbers(parts: dict[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    numbers = tuple(_whole(name, text, least, most) for text in parts[name].split(",")) if name in parts else ()
    if least < 0 and 0 in numbers:
        raise BadRule(f"{name}=0 is none")
    return numbers


def _whole(name: str, text: str, least: int, most: int) -> int:
    digits = text.lstrip("+-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4 and len(text) - len(digits) <= 1):
        raise BadRule(f"{name}={text} is no whole number")
    number = int(text)
    if not least <= number <= most:
        raise BadRule(f"{name}={text} is not within {least} and {most}")
    return number


def _minute(parts: dict[str, str]) -> int | None:
    hours, minutes = _numbers(parts, "BYHOUR", 0, 23), _numbers(parts, "BYMINUTE", 0, 59)
    if len(hours) > 1 or len(minutes) > 1 or (minutes and not hours):
        raise BadRule("BYHOUR and BYMINUTE may name one time of the day: use an OR of two rules for two")
    return hours[0] * 60 + (minutes[0] if minutes else 0) if hours else None


def _until(text: str) -> date | datetime:
    is_moment = text.endswith("Z")
    try:
        form = "%Y%m%dT%H%M%SZ" if is_moment else "%Y%m%d"
        until = datetime.strptime(text if is_moment else text.partition("T")[0], form).replace(tzinfo=UTC)
    except ValueError:
        raise BadRule(f"UNTIL={text} is no day: write it like 20261231 or 20261231T235959Z") from None
    if until.year not in YEARS:
        raise BadRule(f"UNTIL={text} is not within {YEARS.start} and {YEARS.stop - 1}")
    return until if is_moment else until.date()
