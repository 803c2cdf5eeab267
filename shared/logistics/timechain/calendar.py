"""When somebody is open and not busy, in minutes: where a work of some length fits, and when it is done.

Built from opening hours as a shopkeeper writes them, so clock changes and holidays are settled before any search.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

from shared.discovery.hours import LOOK_AHEAD_DAYS, Hours, Weekday
from shared.logistics.timechain.minutes import NEVER, minute_from, minute_until, moment_of

Openings = tuple[tuple[int, int], ...]
Windows = tuple[list[int], list[int]]
"""The first and the last minute of every stretch in which something may start, both in order."""

HORIZON_DAYS = LOOK_AHEAD_DAYS
"""How far ahead a calendar is known; behind it counts as closed."""
_DAY = 1_440
_WEEKS_KEPT = 4_096


class Calendar:
    """Openings, in minutes from and to, less what is busy; both may overlap and stand in any order."""

    __slots__ = ("_clocks", "_windows", "closes", "opens")

    def __init__(self, openings: Iterable[tuple[int, int]], busy: Iterable[tuple[int, int]] = ()) -> None:
        free = _without(_merged(openings), _merged(busy))
        self.opens = [opens for opens, _ in free]
        self.closes = [closes for _, closes in free]
        self._windows: dict[int, Windows] = {}
        self._clocks: dict[int, WorkClock] = {}

    def windows(self, work: int) -> Windows:
        """Where a work that must fit into one opening may start."""
        found = self._windows.get(work)
        if found is None:
            fitting = [(a, z - work) for a, z in zip(self.opens, self.closes, strict=True) if z - a >= work]
            found = self._windows[work] = ([a for a, _ in fitting], [z for _, z in fitting])
        return found

    def clock(self, work: int) -> WorkClock:
        """For a work of one minute at least that rests while it is closed."""
        found = self._clocks.get(work)
        if found is None:
            found = self._clocks[work] = WorkClock(self.opens, self.closes, work)
        return found

    def next_open(self, at: int, work: int) -> int:
        """The first minute from `at` on where a work fits into one opening; NEVER if there is none."""
        return first_in(self.windows(work), at)

    def prev_open(self, by: int, work: int) -> int:
        """The last minute where a work fits and is done by `by`; -NEVER if there is none."""
        return last_in(self.windows(work), by - work)


class WorkClock:
    """A work that rests while it is closed: it starts in any open minute and goes on in the next ones.

    windows: where it may start. Open minutes are numbered from 0, so a work is so many numbers in a row.
    """

    __slots__ = ("_before", "_closes", "_opens", "_total", "windows", "work")

    def __init__(self, opens: list[int], closes: list[int], work: int) -> None:
        self._opens, self._closes, self.work = opens, closes, work
        self._before = [0, *accumulate(z - a for a, z in zip(opens, closes, strict=True))]
        self._total = self._before[-1]
        self.windows = self._starts()

    def end(self, start: int) -> int:
        """When it is done, begun in a minute of `windows`."""
        k = bisect_right(self._opens, start) - 1
        return self._minute(self._before[k] + start - self._opens[k] + self.work - 1) + 1

    def start_to_end_from(self, end: int) -> int:
        """The first start with which it is done at `end` or later; NEVER if there is none."""
        number = max(0, self._number(end - 1) - self.work + 1)
        return self._minute(number) if number <= self._total - self.work else NEVER

    def start_to_end_by(self, end: int) -> int:
        """The last start with which it is done by `end`; -NEVER if there is none."""
        number = self._number(end) - self.work
        return self._minute(number) if number >= 0 else -NEVER

    def longest(self) -> int:
        """The most minutes that lie between a start and its end; 0 if it fits nowhere.

        Between them lies most when it starts in the last minute of an opening or ends in the first of one.
        """
        last = self._total - self.work
        numbers = [before - 1 for before in self._before[1:]] + [before - self.work + 1 for before in self._before[:-1]]
        starts = [self._minute(number) for number in {*numbers, last} if 0 <= number <= last]
        return max((self.end(start) - start for start in starts), default=0)

    def _starts(self) -> Windows:
        last = self._total - self.work
        if last < 0:
            return [], []
        k = bisect_right(self._before, last) - 1
        highs = [closes - 1 for closes in self._closes[:k]]
        return self._opens[: k + 1], [*highs, self._opens[k] + last - self._before[k]]

    def _minute(self, number: int) -> int:
        k = bisect_right(self._before, number) - 1
        return self._opens[k] + number - self._before[k]

    def _number(self, minute: int) -> int:
        """How many open minutes are over at the beginning of a minute."""
        k = bisect_right(self._opens, minute) - 1
        if k < 0:
            return 0
        return self._before[k] + min(minute, self._closes[k]) - self._opens[k]


def first_in(windows: Windows, at: int) -> int:
    """The first minute from `at` on within windows, or NEVER."""
    lows, highs = windows
    k = bisect_left(highs, at)
    return max(at, lows[k]) if k < len(highs) else NEVER


def last_in(windows: Windows, at: int) -> int:
    """The last minute up to `at` within windows, or -NEVER."""
    lows, highs = windows
    k = bisect_right(lows, at) - 1
    return min(at, highs[k]) if k >= 0 else -NEVER


def calendar_of(hours: Hours, since: int, days: int = HORIZON_DAYS, busy: Iterable[tuple[int, int]] = ()) -> Calendar:
    """The calendar of a place from the day before a minute on; raises ValueError beyond HORIZON_DAYS.

    busy: minutes from and to at which it has no capacity.
    """
    if not 0 < days <= HORIZON_DAYS:
        raise ValueError(f"{days} days ahead: a calendar is known for 1 to {HORIZON_DAYS} days")
    week = tuple(sorted(hours.week.items()))
    first = moment_of(since).date() - timedelta(days=1)
    openings = _openings(hours.time_zone, week, hours.closed_on, first, days)
    taken = tuple(busy)
    return Calendar(openings, taken) if taken else _calendar(openings)


@lru_cache(maxsize=_WEEKS_KEPT)
def _openings(
    zone: str, week: tuple[tuple[Weekday, str], ...], closed_on: tuple[date, ...], first: date, days: int
) -> Openings:
    """The openings of a week's hours from midnight UTC of a day on; a later one is cut where the days end."""
    hours = Hours.model_construct(time_zone=zone, week=dict(week), closed_on=closed_on)
    begin = (first - date(1970, 1, 1)).days * _DAY
    until = begin + (days + 1) * _DAY
    spans = ((minute_from(a), minute_until(z)) for a, z in hours.openings(moment_of(begin)))
    return tuple((max(a, begin), min(z, until)) for a, z in spans if a < until)


@lru_cache(maxsize=_WEEKS_KEPT)
def _calendar(openings: Openings) -> Calendar:
    return Calendar(openings)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, without overlaps; those that touch are one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _without(openings: list[tuple[int, int]], busy: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of merged openings when merged busy spans are taken out."""
    free, k = [], 0
    for begin, end in openings:
        at = begin
        while k < len(busy) and busy[k][1] <= at:
            k += 1
        taken = k
        while taken < len(busy) and busy[taken][0] < end:
            if busy[taken][0] > at:
                free.append((at, busy[taken][0]))
            at = max(at, busy[taken][1])
            taken += 1
        if at < end:
            free.append((at, end))
    return free
