"""Calendar leaves: on which days one comes true and at which hours, and when that next changes; never polled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.discovery.conditions import CalendarLeaf
from shared.discovery.hours import WEEKDAYS
from shared.discovery.intents.holidays import HOLIDAYS, Holiday
from shared.standing.frame import DAY, DAY_MINUTES, MINUTE, Frame, Span
from shared.standing.recurrences import Rule, rule_of

_APOSTROPHES = re.compile("['\u2019]")
LOOK_DAYS_MAX = 370
"""No intent lives longer, so nothing that comes later is looked for."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """A calendar leaf as it stands in a frame.

    A recurrence's `from` is its first day and, unless it is midnight, its hour; its `to` the last day and hour. hours:
    of each such day, None for all of it. begins, ends: moments that bound a leaf without recurrence.
    """

    frame: Frame
    weekdays: frozenset[int] = frozenset()
    only: date | None = None
    holiday: Holiday | None = None
    rule: Rule | None = None
    anchor: date = date.min
    last_day: date | None = None
    hours: Span | None = None
    begins: datetime | None = None
    ends: datetime | None = None

    def on(self, day: date) -> bool | None:
        """Whether it is true on a day, at some hour at least; None where nobody here knows the holiday's date."""
        if (self.weekdays and day.weekday() not in self.weekdays) or (self.only and day != self.only):
            return False
        if self.rule and not self._recurs(day, self.rule):
            return False
        if (self.begins and day < self.frame.day_of(self.begins)) or (
            self.ends and day > self.frame.day_of(self.ends - MINUTE)
        ):
            return False
        if self.holiday is None:
            return True
        known = self.holiday.on(day.year)
        return None if known is None else known == day

    def at(self, moment: datetime) -> bool | None:
        """Whether it is true at a moment."""
        if (self.begins and moment < self.begins) or (self.ends and moment >= self.ends):
            return False
        day = self.frame.day_of(moment)
        if self.hours and not self._start(day, self.hours) <= moment < self._end(day, self.hours):
            return False
        return self.on(day)

    def breaks(self, day: date) -> list[datetime]:
        """The moments within a day, beside its beginning, at which it may come true or cease to be."""
        if self.hours:
            return [self._start(day, self.hours), self._end(day, self.hours)]
        return [edge for edge in (self.begins, self.ends) if edge and self.frame.day_of(edge) == day]

    @property
    def has_hours(self) -> bool:
        """Whether it says itself at which hours it is true."""
        return self.hours is not None or any(
            edge is not None and self.frame.moment(self.frame.day_of(edge)) != edge for edge in (self.begins, self.ends)
        )

    def _recurs(self, day: date, rule: Rule) -> bool:
        if day < self.anchor or (self.last_day and day > self.last_day):
            return False
        return self.holiday is not None or rule.falls_on(day, self.anchor)

    def _start(self, day: date, hours: Span) -> datetime:
        return self.frame.moment(day, hours[0])

    def _end(self, day: date, hours: Span) -> datetime:
        return self.frame.moment(day, hours[1])


def day_rule(leaf: CalendarLeaf, frame: Frame) -> DayRule:
    """A leaf in a frame; raises BadRule for a recurrence that is none, ValueError for a holiday that nobody knows."""
    weekdays = frozenset(WEEKDAYS.index(day) for day in leaf.weekdays)
    holiday = holiday_of(leaf.holiday) if leaf.holiday else None
    if leaf.recurrence:
        return _recurring(leaf, rule_of(leaf.recurrence), weekdays, holiday, frame)
    # The minute that `to` names is part of it: 23:59 is the end of its day.
    ends = leaf.to + MINUTE if leaf.to else None
    return DayRule(frame, weekdays, leaf.date, holiday, begins=leaf.from_, ends=ends)


def holiday_of(name: str) -> Holiday:
    """A holiday by what people call it; raises ValueError."""
    found = HOLIDAYS.get(_APOSTROPHES.sub("", name.strip().lower()))
    if found is None:
        raise ValueError(f"{name!r} is no holiday that is known here: give its date instead")
    return found


def next_change(leaf: CalendarLeaf, now: datetime, frame: Frame) -> datetime | None:
    """The first moment after now at which the leaf comes true or ceases to be, UTC; None if it never does again."""
    rule = day_rule(leaf, frame)
    today, last = frame.day_of(now), frame.day_of(frame.last)
    before = rule.at(now)
    for step in range(min((last - today).days + 1, LOOK_DAYS_MAX) + 1):
        day = today + step * DAY
        for moment in sorted({frame.moment(day), *rule.breaks(day)}):
            if moment > now and rule.at(moment) != before:
                return moment
    return None


def next_day(rule: DayRule, day: date, last: date) -> date | None:
    """The first day from `day` to `last` on which a rule is true."""
    steps = range(min((last - day).days, LOOK_DAYS_MAX) + 1)
    return next((found for step in steps if rule.on(found := day + timedelta(days=step))), None)


def _recurring(
    leaf: CalendarLeaf, rule: Rule, weekdays: frozenset[int], holiday: Holiday | None, frame: Frame
) -> DayRule:
    anchor = frame.day_of(leaf.from_ or frame.since)
    made = DayRule(frame, weekdays, leaf.date, holiday, rule, anchor, rule.last_day(anchor, frame.zone))
    start = _minute(leaf.from_, frame) if leaf.from_ else 0
    end = _minute(leaf.to, frame) + 1 if leaf.to else DAY_MINUTES
    start = rule.minute if rule.minute is not None and not start else start
    hours = (start, end) if (start, end) != (0, DAY_MINUTES) and start < end else None
    last = frame.day_of(leaf.to) if leaf.to else None
    if last is not None and next_day(made, anchor, last) is None:
        last = None  # `every Friday before 4 PM`: it tells the hour alone
    known = [day for day in (last, made.last_day) if day]
    return DayRule(frame, weekdays, leaf.date, holiday, rule, anchor, min(known, default=None), hours)


def _minute(moment: datetime, frame: Frame) -> int:
    local = moment.astimezone(frame.zone)
    return local.hour * 60 + local.minute
