"""Whether a condition holds: now, and if not, on which day it would come true by all that is known.

Truth has three values (Kleene's strong logic): a branch is unknown only where its unknown leaves could turn it. *Sunny
on Thursday* means Thursday's own weather, so the tree is held against moments: at each of them calendar leaves are true
or not, and weather leaves tell of that moment's day. What is bought arrives `lead` later, and that moment counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime

from shared.discovery.conditions import (
    AnyLeaf,
    Branch,
    CalendarLeaf,
    Condition,
    InventoryLeaf,
    PriceLeaf,
    WeatherLeaf,
    leaves,
)
from shared.standing.calendar_days import LOOK_DAYS_MAX, DayRule, day_rule, next_day
from shared.standing.frame import BUYING, DAY_MINUTES, Frame, Span, part_span
from shared.standing.leaves import (
    Known,
    Truth,
    known_of,
    price_truth,
    stock_truth,
    value_of,
    weather_truth,
    weather_value,
)
from shared.standing.readings import Readings, weather_watch
from shared.wire import Plain

Judge = Callable[[AnyLeaf], Known]


class Verdict(Plain):
    """What a look at a condition brings.

    truth: of the next moment at which it could be bought for, whose day is `day`, each leaf with its last value. holds:
    it may be bought now. next: when it may, by all that is known, and next_day the day it is for; possible and
    possible_day: the same, where forecasts, stocks and prices to come are not against it. needs_forecast: that next day
    is chosen by a forecast, which was read at forecast_at.
    """

    truth: Truth
    day: date
    holds: bool
    next: AwareDatetime | None = None
    next_day: date | None = None
    possible: AwareDatetime | None = None
    possible_day: date | None = None
    needs_forecast: bool = False
    forecast_at: AwareDatetime | None = None


def evaluate(condition: Condition, readings: Readings, now: datetime, frame: Frame) -> Verdict:
    """Hold a condition against readings; raises ValueError for a leaf that was not checked (see contradictions.py)."""
    return Look(condition, readings, now, frame).verdict()


def last_chance(condition: Condition, now: datetime, frame: Frame) -> date | None:
    """The last day by the calendar on which a condition could come true; None where none is named, or none is left."""
    if not any(isinstance(leaf, CalendarLeaf) for leaf in leaves(condition)):
        return None
    look = Look(condition, {}, now, frame)
    days = [at.day for at in look.instants() if at.is_in_hours and look.value(condition, at) is not False]
    return max(days, default=None)


def joined(op: str, values: Iterable[Known]) -> Known:
    """The truth of a branch from those of its children: None is unknown."""
    if op == "not":
        inner = next(iter(values))
        return None if inner is None else not inner
    decides = op == "or"
    whole: Known = not decides
    for value in values:
        if value is decides:
            return decides
        whole = whole if value is not None else None
    return whole


def folded(condition: Condition, judge: Judge) -> Known:
    """The truth of a tree from that of its leaves."""
    if isinstance(condition, Branch):
        return joined(condition.op, (folded(child, judge) for child in condition.of))
    return judge(condition)


def hours_for(rules: Iterable[DayRule], frame: Frame, *, is_day_bound: bool) -> Span:
    """The minutes of a day in which things are bought for it: the part of it that is wanted, or by day.

    All of it where a leaf names the hour itself, and where nothing but stocks and prices is waited for.
    """
    if not is_day_bound or any(rule.has_hours for rule in rules):
        return 0, DAY_MINUTES
    return part_span(frame.daypart, BUYING)


def leaf_truths(condition: Condition, truth: Truth) -> Iterator[tuple[AnyLeaf, Truth]]:
    """Every leaf with what is known of it, left to right."""
    if not isinstance(condition, Branch):
        yield condition, truth
        return
    for child, told in zip(condition.of, truth.children, strict=True):
        yield from leaf_truths(child, told)


class Instant(NamedTuple):
    """A moment, its local day, and whether it lies within the hours for which things are bought."""

    moment: datetime
    day: date
    is_in_hours: bool


Guard = tuple[Condition, bool]
"""A neighbour of a leaf, and the value with which it would decide without the leaf."""


class Look:
    """One look at one condition."""

    def __init__(self, condition: Condition, readings: Readings, now: datetime, frame: Frame) -> None:
        self._condition = condition
        self._readings = readings
        self._now = now
        self._frame = frame
        found = leaves(condition)
        self._rules = {id(leaf): day_rule(leaf, frame) for leaf in found if isinstance(leaf, CalendarLeaf)}
        self._shop = {id(leaf): self._in_shop(leaf) for leaf in found if isinstance(leaf, InventoryLeaf | PriceLeaf)}
        self._skies: dict[tuple[int, date], Known] = {}
        self._has_weather = any(isinstance(leaf, WeatherLeaf) for leaf in found)
        is_day_bound = bool(self._rules) or self._has_weather
        self._hours = hours_for(self._rules.values(), frame, is_day_bound=is_day_bound)
        self._start = max(frame.arrives(now), frame.after or frame.arrives(now))

    def verdict(self) -> Verdict:
        """All that is to be said."""
        at = self._instant(self._start)
        following = self._following()
        first, possible = self._firsts()
        cell = self._frame.cell
        forecast = self._readings.get(weather_watch(cell)) if cell and self._has_weather else None
        return Verdict(
            truth=self._told(self._condition, following, ()),
            day=following.day,
            holds=self._is_time and self.value(self._condition, at) is True,
            next=first and first.moment - self._frame.lead,
            next_day=first and first.day,
            possible=possible and possible.moment - self._frame.lead,
            possible_day=possible and possible.day,
            needs_forecast=first is not None and self.value(self._condition, first, has_forecast=False) is not True,
            forecast_at=forecast.at if forecast else None,
        )

    @property
    def _is_time(self) -> bool:
        """Whether anything may be bought now at all."""
        return self._start == self._frame.arrives(self._now) and self._now <= self._frame.until

    def value(self, condition: Condition, at: Instant, *, has_forecast: bool = True, has_shop: bool = True) -> Known:
        """The truth of a condition at a moment; without forecast or shop, what these say counts as unknown."""

        def judge(leaf: AnyLeaf) -> Known:
            if isinstance(leaf, InventoryLeaf | PriceLeaf):
                return known_of(self._shop[id(leaf)].value) if has_shop else None
            if not at.is_in_hours:
                return None
            if isinstance(leaf, CalendarLeaf):
                return self._rules[id(leaf)].at(at.moment)
            return self._weather(leaf, at.day) if has_forecast else None

        return folded(condition, judge)

    def instants(self) -> Iterator[Instant]:
        """Now, and the moments at which the truth may change by itself, as far as anything may still arrive.

        Out of hours only stocks and prices count, and these are as they are, so such moments need not be looked at.
        """
        frame, start = self._frame, self._instant(self._start)
        if self._start <= frame.last:
            yield start
        if not self._rules and not self._has_weather:
            return
        for step in range(min((frame.day_of(frame.last) - start.day).days, LOOK_DAYS_MAX) + 1):
            day = start.day + timedelta(days=step)
            begins, ends = (frame.moment(day, minute) for minute in self._hours)
            edges = {edge for rule in self._rules.values() for edge in rule.breaks(day) if begins < edge < ends}
            for moment in (begins, *sorted(edges)):
                if self._start < moment <= frame.last:
                    yield Instant(moment, day, is_in_hours=True)

    def _instant(self, moment: datetime) -> Instant:
        day = self._frame.day_of(moment)
        begins, ends = (self._frame.moment(day, minute) for minute in self._hours)
        return Instant(moment, day, begins <= moment < ends)

    def _following(self) -> Instant:
        """Now, or when the hours for buying begin next."""
        now = self._instant(self._start)
        return now if now.is_in_hours else next((at for at in self.instants() if at.is_in_hours), now)

    def _firsts(self) -> tuple[Instant | None, Instant | None]:
        """The first moment at which it holds, and the first at which nothing is against it."""
        possible: Instant | None = None
        for at in self.instants():
            value = self.value(self._condition, at)
            if possible is None:
                may_be = self.value(self._condition, at, has_shop=False) if self._shop else value
                possible = at if may_be or (may_be is None and at.is_in_hours) else None
            if value:
                return at, possible or at
        return None, possible

    def _told(self, condition: Condition, at: Instant, guards: tuple[Guard, ...]) -> Truth:
        """The truth with its leaves; guards: what else must be so, and so chooses the day whose weather counts."""
        match condition:
            case Branch():
                return self._branch(condition, at, guards)
            case CalendarLeaf():
                rule = self._rules[id(condition)]
                known = rule.at(at.moment)
                day = at.day if known else next_day(rule, at.day, self._frame.day_of(self._frame.last))
                return Truth(value=value_of(known), why="no_date" if known is None else None, day=day)
            case WeatherLeaf():
                return weather_truth(condition, self._day_for(guards, at), self._readings, self._now, self._frame)
            case _:
                return self._shop[id(condition)]

    def _branch(self, branch: Branch, at: Instant, guards: tuple[Guard, ...]) -> Truth:
        decides = branch.op == "or"
        told = []
        for index, child in enumerate(branch.of):
            others = tuple((other, decides) for place, other in enumerate(branch.of) if place != index)
            told.append(self._told(child, at, (*guards, *others)))
        whole = joined(branch.op, (known_of(one.value) for one in told))
        return Truth(value=value_of(whole), children=tuple(told))

    def _day_for(self, guards: tuple[Guard, ...], at: Instant) -> date:
        """The first day on which a leaf's neighbours leave it the last word, by all but the weather.

        A stock or price that is against every day tells of none: then the calendar alone chooses.
        """
        if not self._rules or not guards:
            return at.day
        at_night = at._replace(is_in_hours=False)
        has_shop = all(self.value(other, at_night) is not decided for other, decided in guards)
        for instant in self.instants():
            if instant.is_in_hours and all(
                self.value(other, instant, has_forecast=False, has_shop=has_shop) is not decided
                for other, decided in guards
            ):
                return instant.day
        return at.day

    def _weather(self, leaf: WeatherLeaf, day: date) -> Known:
        key = (id(leaf), day)
        if key not in self._skies:
            self._skies[key] = weather_value(leaf, day, self._readings, self._now, self._frame)
        return self._skies[key]

    def _in_shop(self, leaf: InventoryLeaf | PriceLeaf) -> Truth:
        if isinstance(leaf, InventoryLeaf):
            return stock_truth(leaf, self._readings, self._now)
        return price_truth(leaf, self._readings, self._now)
