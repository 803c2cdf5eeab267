"""What each leaf and the whole tree may hold: what is out of bounds is named with its field and what to write."""

from __future__ import annotations

import math
from collections.abc import Iterator

from shared.discovery.conditions import (
    BRANCHES_MAX,
    AnyLeaf,
    Branch,
    CalendarLeaf,
    Condition,
    InventoryLeaf,
    PriceLeaf,
    Range,
    WeatherLeaf,
)
from shared.discovery.intents.clock_words import PARTS
from shared.errors import FieldError
from shared.records import is_id
from shared.standing.calendar_days import holiday_of
from shared.standing.recurrences import YEARS, BadRule, rule_of

DEPTH_MAX = 5
LEAVES_MAX = 20
TEXT_LENGTH_MAX, ITEM_LENGTH_MAX, ID_LENGTH_MAX = 500, 100, 144
AT_LEAST_MAX = 1_000_000
EARTH_C, EARTH_KMH = (-90.0, 60.0), (0.0, 400.0)
"""What the Earth's surface has seen, with some room."""


def flaws(condition: Condition, path: str) -> list[FieldError]:
    """All that is out of bounds in a tree; path: of its root, as the caller knows it."""
    found = list(leaves_at(condition, path))
    if _depth(condition) > DEPTH_MAX:
        return [FieldError(path, f"Branches stand {DEPTH_MAX} deep at most: write it flatter.")]
    if len(found) > LEAVES_MAX:
        return [FieldError(path, f"There are {len(found)} leaves: {LEAVES_MAX} are the most.")]
    said = [error for at, branch in _branches(condition, path) for error in _branch_flaws(branch, at)]
    return said + [error for at, leaf in found for error in _leaf_flaws(leaf, at)]


def leaves_at(condition: Condition, path: str) -> Iterator[tuple[str, AnyLeaf]]:
    """Every leaf with its path, left to right."""
    if not isinstance(condition, Branch):
        yield path, condition
        return
    for index, child in enumerate(condition.of):
        yield from leaves_at(child, f"{path}.of[{index}]")


def _branches(condition: Condition, path: str) -> Iterator[tuple[str, Branch]]:
    if isinstance(condition, Branch):
        yield path, condition
        for index, child in enumerate(condition.of):
            yield from _branches(child, f"{path}.of[{index}]")


def _depth(condition: Condition) -> int:
    return 1 + max(map(_depth, condition.of)) if isinstance(condition, Branch) else 0


def _branch_flaws(branch: Branch, path: str) -> Iterator[FieldError]:
    if branch.op == "not" and len(branch.of) != 1:
        yield FieldError(f"{path}.of", "`not` has exactly one condition: put an `and` or `or` between for more.")
    if not 1 <= len(branch.of) <= BRANCHES_MAX:
        yield FieldError(f"{path}.of", f"A branch has 1 to {BRANCHES_MAX} conditions.")


def _leaf_flaws(leaf: AnyLeaf, path: str) -> Iterator[FieldError]:
    if len(leaf.text) > TEXT_LENGTH_MAX:
        yield FieldError(f"{path}.text", f"It has at most {TEXT_LENGTH_MAX} characters.")
    match leaf:
        case WeatherLeaf():
            yield from _weather_flaws(leaf, path)
        case CalendarLeaf():
            yield from _calendar_flaws(leaf, path)
        case InventoryLeaf():
            yield from _thing_flaws(leaf, path)
            if not 1 <= leaf.at_least <= AT_LEAST_MAX:
                yield FieldError(f"{path}.at_least", f"It is a number from 1 to {AT_LEAST_MAX}.")
        case PriceLeaf():
            yield from _thing_flaws(leaf, path)
            yield from _price_flaws(leaf, path)


def _weather_flaws(leaf: WeatherLeaf, path: str) -> Iterator[FieldError]:
    if leaf.is_ is None and leaf.temperature_c is None and leaf.wind_kmh is None:
        yield FieldError(path, "It asks for no weather: give `is`, `temperature_c` or `wind_kmh`.")
    if leaf.daypart is not None and leaf.daypart not in PARTS:
        yield FieldError(f"{path}.daypart", f"It is one of {', '.join(PARTS)}.")
    yield from _range_flaws(leaf.temperature_c, f"{path}.temperature_c", EARTH_C, "°C")
    yield from _range_flaws(leaf.wind_kmh, f"{path}.wind_kmh", EARTH_KMH, "km/h")


def _range_flaws(bounds: Range | None, path: str, earth: tuple[float, float], unit: str) -> Iterator[FieldError]:
    if bounds is None:
        return
    edges = [edge for edge in (bounds.min, bounds.max) if edge is not None]
    if not edges:
        yield FieldError(path, "It has no bound: give `min`, `max` or both.")
    elif not all(math.isfinite(edge) for edge in edges):
        yield FieldError(path, "Its bounds are plain numbers.")
    elif bounds.min is not None and bounds.max is not None and bounds.min > bounds.max:
        yield FieldError(path, f"Nothing is at least {bounds.min:g} and at most {bounds.max:g} {unit}.")
    elif not all(earth[0] <= edge <= earth[1] for edge in edges):
        yield FieldError(path, f"On Earth it is between {earth[0]:g} and {earth[1]:g} {unit}.")


def _calendar_flaws(leaf: CalendarLeaf, path: str) -> Iterator[FieldError]:
    if not (leaf.weekdays or leaf.date or leaf.from_ or leaf.to or leaf.holiday or leaf.recurrence):
        names = "`weekdays`, `date`, `from`, `to`, `holiday` or `recurrence`"
        yield FieldError(path, f"It names no day: give {names}.")
    for name, day in (("date", leaf.date), ("from", leaf.from_), ("to", leaf.to)):
        if day is not None and day.year not in YEARS:
            yield FieldError(f"{path}.{name}", f"Its year is from {YEARS.start} to {YEARS.stop - 1}.")
    if leaf.from_ and leaf.to and not leaf.recurrence and leaf.from_ > leaf.to:
        yield FieldError(f"{path}.to", "It lies before `from`: nothing is between them.")
    if leaf.holiday is not None:
        try:
            holiday_of(leaf.holiday[:ITEM_LENGTH_MAX])
        except ValueError as error:
            yield FieldError(f"{path}.holiday", str(error))
    if leaf.recurrence is not None:
        try:
            rule_of(leaf.recurrence)
        except BadRule as error:
            yield FieldError(f"{path}.recurrence", str(error))


def _thing_flaws(leaf: InventoryLeaf | PriceLeaf, path: str) -> Iterator[FieldError]:
    if len(leaf.item) > ITEM_LENGTH_MAX or not (leaf.item.strip() or leaf.product):
        yield FieldError(f"{path}.item", f"It names what is watched, in 1 to {ITEM_LENGTH_MAX} characters.")
    if leaf.product is not None and not (is_id(leaf.product) and len(leaf.product) <= ID_LENGTH_MAX):
        yield FieldError(f"{path}.product", f"It is a product's id, of 1 to {ID_LENGTH_MAX} characters.")


def _price_flaws(leaf: PriceLeaf, path: str) -> Iterator[FieldError]:
    if leaf.below is None and leaf.drop_percent is None:
        yield FieldError(path, "It asks for no price: give `below` or `drop_percent`.")
    if leaf.below is not None and leaf.below.minor <= 0:
        yield FieldError(f"{path}.below", f"Nothing costs less than {leaf.below}: give an amount above zero.")
    if leaf.reference is not None and leaf.reference.minor <= 0:
        yield FieldError(f"{path}.reference", "From nothing no price can drop: give an amount above zero.")
