"""Conditions that can never come true, refused with the reason: Thursday and Friday, a past date, dry and rainy.

A tree is taken apart into the ways in which it could hold, each a list of leaves that must all be true, or not. A way
is barred if its calendar leaves no moment before the intent gives up, or its figures exclude each other. What is only
unlikely, as snow in July, may wait.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from itertools import combinations, product
from operator import and_
from typing import NamedTuple

from shared.discovery.conditions import AnyLeaf, Branch, CalendarLeaf, Condition, InventoryLeaf, PriceLeaf, WeatherLeaf
from shared.errors import FieldError
from shared.standing.calendar_days import DayRule, day_rule
from shared.standing.frame import Frame
from shared.standing.limits import flaws
from shared.standing.skies import Bound, Figure, bounds_of
from shared.standing.truth import Look
from shared.standing.wording import date_words, leaf_words

_AT_MOST: frozenset[tuple[Figure, Figure]] = frozenset({
    ("light_cloud_max", "cloud_max"), ("light_cloud_mean", "light_cloud_max"), ("light_cloud_mean", "cloud_max"),
    ("light_rain_max", "rain_max"), ("wet_max", "rain_max"), ("snow_max", "rain_max"),
})  # fmt: skip
"""Of a day's figures the first is never above the second."""


class Atom(NamedTuple):
    """A leaf that must be true, or must not."""

    path: str
    leaf: AnyLeaf
    is_wanted: bool


Way = tuple[Atom, ...]
Masks = Mapping[int, tuple[int, int]]
"""By leaf: the moments at which it is true, and at which it is false, as bits."""


def refused(condition: Condition, now: datetime, frame: Frame, path: str = "conditions") -> tuple[FieldError, ...]:
    """Why a condition cannot be waited for, by field; empty if it can."""
    found = flaws(condition, path)
    if found:
        return tuple(found)
    never = _never(condition, path, now, frame)
    return (never,) if never else ()


def _never(condition: Condition, path: str, now: datetime, frame: Frame) -> FieldError | None:
    """The reason against the first way, where every way has one."""
    ways = _ways(condition, path, is_wanted=True)
    look = Look(condition, {}, now, frame)
    moments = list(look.instants())
    if not moments:
        return FieldError(path, f"Nothing could arrive any more before the wait ends on {_until(frame, now)}.")
    masks: dict[int, tuple[int, int]] = {}
    for leaf in {id(atom.leaf): atom.leaf for way in ways for atom in way}.values():
        if isinstance(leaf, CalendarLeaf):
            values = [look.value(leaf, at) for at in moments if at.is_in_hours]
            masks[id(leaf)] = _bits(values, wanted=True), _bits(values, wanted=False)
    first: FieldError | None = None
    for way in ways:
        reason = _calendar_reason(way, masks, path, now, frame) or _reason(way, path)
        if reason is None:
            return None
        first = first or reason
    return first


def _bits(values: Sequence[bool | None], *, wanted: bool) -> int:
    return sum(1 << place for place, value in enumerate(values) if value is wanted)


def _ways(condition: Condition, path: str, *, is_wanted: bool) -> list[Way]:
    if not isinstance(condition, Branch):
        return [(Atom(path, condition, is_wanted),)]
    is_opposite = condition.op == "not"
    parts = [
        _ways(child, f"{path}.of[{index}]", is_wanted=is_wanted is not is_opposite)
        for index, child in enumerate(condition.of)
    ]
    if (condition.op == "or") is is_wanted:
        return [way for part in parts for way in part]
    return [tuple(atom for way in chosen for atom in way) for chosen in product(*parts)]


def _calendar_reason(way: Way, masks: Masks, path: str, now: datetime, frame: Frame) -> FieldError | None:
    days = [atom for atom in way if isinstance(atom.leaf, CalendarLeaf)]
    left = {atom: masks[id(atom.leaf)][0 if atom.is_wanted else 1] for atom in days}
    for atom, mask in left.items():
        if not mask:
            return FieldError(atom.path, _why_no_day(atom, now, frame))
    for one, other in combinations(days, 2):
        if not left[one] & left[other]:
            return FieldError(path, f"{_told(one)} and {_told(other)} never come together before {_until(frame, now)}.")
    if days and not reduce(and_, left.values()):
        return FieldError(path, f"{', '.join(map(_told, days))} never come together before {_until(frame, now)}.")
    return None


def _reason(way: Way, path: str) -> FieldError | None:
    """Two leaves of which one excludes the other."""
    for one, other in combinations(way, 2):
        if _exclude(one, other) or _exclude(other, one):
            return FieldError(path, f"{_told(one)} and {_told(other)} exclude each other.")
    return None


def _exclude(one: Atom, other: Atom) -> bool:
    if _plain(one.leaf) == _plain(other.leaf) and one.is_wanted is not other.is_wanted:
        return True
    match one.leaf, other.leaf:
        case WeatherLeaf() as first, WeatherLeaf() as second if first.daypart == second.daypart:
            return any(_is_above(a, b) for a in _bounds(one, first) for b in _bounds(other, second))
        case InventoryLeaf() as first, InventoryLeaf() as second if _thing(first) == _thing(second):
            return one.is_wanted and not other.is_wanted and first.at_least >= second.at_least
        case PriceLeaf() as first, PriceLeaf() as second if _thing(first) == _thing(second):
            return one.is_wanted and not other.is_wanted and _is_below(first, second)
    return False


def _plain(leaf: AnyLeaf) -> AnyLeaf:
    return leaf.model_copy(update={"text": ""})


def _thing(leaf: InventoryLeaf | PriceLeaf) -> str:
    return leaf.product or leaf.item


def _bounds(atom: Atom, leaf: WeatherLeaf) -> Iterator[Bound]:
    """What a leaf asks; and where it must not be true, the opposite, if it asks for one thing alone."""
    bounds = bounds_of(leaf)
    if atom.is_wanted:
        yield from bounds
    elif len(bounds) == 1 and bounds[0].most is None and bounds[0].least is not None:
        yield Bound(bounds[0].figure, most=math.nextafter(bounds[0].least, -math.inf))
    elif len(bounds) == 1 and bounds[0].least is None and bounds[0].most is not None:
        yield Bound(bounds[0].figure, least=math.nextafter(bounds[0].most, math.inf))


def _is_above(low: Bound, high: Bound) -> bool:
    """Whether `low` is to be more than `high` may be, though it never is."""
    is_ordered = low.figure == high.figure or (low.figure, high.figure) in _AT_MOST
    return is_ordered and low.least is not None and high.most is not None and low.least > high.most


def _is_below(wanted: PriceLeaf, unwanted: PriceLeaf) -> bool:
    """Whether every price that the first allows is one that the second has, too."""
    if wanted.below is None or unwanted.below is None or unwanted.drop_percent is not None:
        return False
    if wanted.below.currency != unwanted.below.currency:
        return False
    is_equal_enough = unwanted.at_most or not wanted.at_most
    return wanted.below < unwanted.below or (wanted.below == unwanted.below and is_equal_enough)


def _why_no_day(atom: Atom, now: datetime, frame: Frame) -> str:
    leaf = atom.leaf
    assert isinstance(leaf, CalendarLeaf)
    until = _until(frame, now)
    if not atom.is_wanted:
        return f"It is always {leaf_words(leaf)} until {until}, so `not` is never true."
    return _why_past(leaf, day_rule(leaf, frame), now, frame) or f"{_told(atom)} does not come before {until}."


def _why_past(leaf: CalendarLeaf, rule: DayRule, now: datetime, frame: Frame) -> str | None:
    today, last = frame.day_of(now), frame.day_of(frame.last)
    day = leaf.date
    if day is not None and day < today:
        return f"{date_words(day)} is past."
    if day is not None and day > last:
        return f"{date_words(day)} comes after the wait ends on {_until(frame, now)}: set `max_wait_days` higher."
    if day is not None and rule.on(day) is False:
        return f"{date_words(day)} is not {leaf_words(leaf.model_copy(update={'date': None}))}."
    if day == today or (rule.ends and rule.ends > now >= rule.ends - frame.lead):
        return f"It is too late for {leaf_words(leaf)}: nothing ordered now would arrive in time."
    if rule.ends is not None and rule.ends <= now:
        return f"{date_words(frame.day_of(rule.ends))} is past."
    if rule.begins is not None and rule.begins > frame.last:
        return f"It begins after the wait ends on {_until(frame, now)}: set `max_wait_days` higher."
    if rule.holiday is not None and rule.holiday.on(last.year) is None:
        return f"The date of {rule.holiday.name} in {last.year} is not known here: give it as `date`."
    return None


def _told(atom: Atom) -> str:
    words = atom.leaf.text or leaf_words(atom.leaf)
    return f"“{words}”" if atom.is_wanted else f"not “{words}”"


def _until(frame: Frame, now: datetime) -> str:
    return date_words(frame.day_of(frame.until), frame.day_of(now))
