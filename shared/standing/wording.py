"""Conditions in words: one sentence, the logic map of the spec, and a few words for each leaf."""

from __future__ import annotations

from datetime import date, datetime

from shared.dialogue.words import listed, money_words
from shared.discovery.conditions import (
    AnyLeaf,
    Branch,
    CalendarLeaf,
    Condition,
    InventoryLeaf,
    PriceLeaf,
    Range,
    WeatherLeaf,
    leaves,
)
from shared.discovery.hours import Weekday

DAY_NAMES: dict[Weekday, str] = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip


def watch_words(conditions: Condition | None, then: str) -> str:
    """The logic map: `IF (Weather == Sunny) AND (Day == Thursday) → THEN (Order flowers)`."""
    return f"IF {_logic(conditions) or '(Now)'} → THEN ({then})"


def watched(conditions: Condition | None) -> list[str]:
    """What is being watched, one line each, as it was said."""
    return [leaf.text for leaf in leaves(conditions)]


def sentence(condition: Condition, thing: str | None = None) -> str:
    """All of it in one sentence: `when Thursday is sunny and it costs less than $60`; thing: what is meant by *it*."""
    parts = condition.of if isinstance(condition, Branch) and condition.op == "and" else (condition,)
    again = [part for part in parts if isinstance(part, CalendarLeaf) and part.recurrence]
    days = [_days(part) for part in parts if isinstance(part, CalendarLeaf) and not part.recurrence]
    skies = [sky for part in parts if (sky := _sky_of(part))]
    rest = [part for part in parts if not isinstance(part, CalendarLeaf) and not _sky_of(part)]
    others = [_grouped(part, thing) if len(parts) > 1 else _clause(part, thing) for part in rest]
    if skies:
        subject, days = (days[0], days[1:]) if days else ("it", [])
        skies = [f"{subject} {listed(skies)}"]
    said = [*skies, *(f"it is {day}" for day in days), *others]
    when = f"when {listed(said)}" if said else ""
    return " ".join([*(_days(one) for one in again), when]).strip()


def leaf_words(leaf: AnyLeaf) -> str:
    """A few words for a leaf that brought none of its own."""
    match leaf:
        case WeatherLeaf():
            return _sky(leaf).removeprefix("is ")
        case CalendarLeaf():
            return _days(leaf)
        case InventoryLeaf() | PriceLeaf():
            return _clause(leaf, None)


def date_words(day: date | datetime, today: date | None = None) -> str:
    """`Thursday, Nov 26`, with the year where it is not this one."""
    year = "" if today is not None and day.year == today.year else f", {day.year}"
    return f"{day:%A}, {day:%b} {day.day}{year}"


def _clause(condition: Condition, thing: str | None) -> str:
    match condition:
        case Branch(op="not"):
            sky = _sky_of(condition)
            return f"it {sky}" if sky else f"not ({_clause(condition.of[0], thing)})"
        case Branch():
            return listed([_grouped(child, thing) for child in condition.of], condition.op)
        case WeatherLeaf():
            return f"it {_sky(condition)}"
        case CalendarLeaf():
            return f"it is {_days(condition)}"
        case InventoryLeaf():
            return _stock(condition, thing)
        case PriceLeaf():
            return _price(condition, thing)


def _grouped(condition: Condition, thing: str | None) -> str:
    said = _clause(condition, thing)
    return f"({said})" if isinstance(condition, Branch) and condition.op != "not" else said


def _sky_of(condition: Condition) -> str:
    """What a weather leaf, or one that must not be so, says of a day; empty for anything else."""
    if isinstance(condition, WeatherLeaf):
        return _sky(condition)
    inner = condition.of[0] if isinstance(condition, Branch) and condition.op == "not" else None
    if not isinstance(inner, WeatherLeaf) or inner.is_ is None or inner.temperature_c or inner.wind_kmh:
        return ""
    return _sky(inner).replace("is ", "is not ", 1)


def _sky(leaf: WeatherLeaf) -> str:
    said = [f"is {leaf.is_}"] if leaf.is_ else []
    said += [f"reaches {_range(leaf.temperature_c, '°C')}"] if leaf.temperature_c else []
    said += [f"has wind of {_range(leaf.wind_kmh, 'km/h')}"] if leaf.wind_kmh else []
    part = f" in the {leaf.daypart}" if leaf.daypart else ""
    return (listed(said) or "is so") + part


def _range(bounds: Range, unit: str) -> str:
    match bounds.min, bounds.max:
        case None, None:
            return f"any {unit}"
        case least, None:
            return f"at least {least:g} {unit}"
        case None, most:
            return f"no more than {most:g} {unit}"
        case least, most:
            return f"{least:g} to {most:g} {unit}"


def _days(leaf: CalendarLeaf) -> str:
    """`Thursday`, `Saturday or Sunday`, `Nov 26, 2026`, `christmas day`, `every Friday`, `from … until …`."""
    if leaf.recurrence:
        return leaf.text or leaf.recurrence
    said = [listed([DAY_NAMES[day] for day in leaf.weekdays], "or")] if leaf.weekdays else []
    said += [date_words(leaf.date)] if leaf.date else []
    said += [leaf.holiday] if leaf.holiday else []
    if leaf.date and (leaf.weekdays or leaf.holiday):  # the date says it all
        said = [date_words(leaf.date)]
    edges = [f"from {_edge(leaf.from_)}"] if leaf.from_ else []
    edges += [f"until {_edge(leaf.to)}"] if leaf.to else []
    return " ".join([*said, *edges]) or leaf.text


def _edge(moment: datetime) -> str:
    is_bare = (moment.hour, moment.minute) in {(0, 0), (23, 59)}
    return date_words(moment) if is_bare else f"{date_words(moment)}, {moment:%H:%M}"


def _stock(leaf: InventoryLeaf, thing: str | None) -> str:
    name = _named(leaf.item, thing)
    if leaf.at_least > 1:
        of = "" if name == "it" else f" {name}"
        return f"at least {leaf.at_least}{of} are in stock"
    return f"{name} {'are' if name.endswith('s') else 'is'} in stock"


def _price(leaf: PriceLeaf, thing: str | None) -> str:
    name = _named(leaf.item, thing)
    costs = "cost" if name.endswith("s") else "costs"
    said = []
    if leaf.below:
        how = "at most" if leaf.at_most else "less than"
        said.append(f"{costs} {how} {money_words(leaf.below.minor, leaf.below.currency)}")
    if leaf.drop_percent is not None:
        said.append(f"{costs} at least {leaf.drop_percent} % less")
    return f"{name} {listed(said)}"


def _named(item: str, thing: str | None) -> str:
    return "it" if not item or item == thing else item


def _logic(condition: Condition | None, *, is_inner: bool = False) -> str:
    if condition is None:
        return ""
    if not isinstance(condition, Branch):
        terms = [f"({term})" for term in _terms(condition)]
        return " AND ".join(terms) if len(terms) < 2 or not is_inner else f"({' AND '.join(terms)})"
    if condition.op == "not":
        return f"NOT {_logic(condition.of[0], is_inner=True)}"
    inner = [_logic(one, is_inner=isinstance(one, Branch) or condition.op == "or") for one in condition.of]
    whole = f" {condition.op.upper()} ".join(inner)
    return f"({whole})" if is_inner else whole


def _terms(leaf: AnyLeaf) -> list[str]:
    match leaf:
        case WeatherLeaf():
            sky = [f"Weather == {leaf.is_.capitalize()}"] if leaf.is_ else []
            part = [f"Time == {leaf.daypart.capitalize()}"] if leaf.daypart else []
            heat, wind = _bounds("Temperature", leaf.temperature_c, "°C"), _bounds("Wind", leaf.wind_kmh, "km/h")
            return [*sky, *heat, *wind, *part] or ["Weather"]
        case CalendarLeaf():
            days = _days(leaf)
            return [f"Day == {days[:1].upper()}{days[1:]}"]
        case InventoryLeaf():
            return [f"Stock{_of(leaf.item)} ≥ {leaf.at_least}"]
        case PriceLeaf():
            name = f"Price{_of(leaf.item)}"
            sign = "≤" if leaf.at_most else "<"
            below = [f"{name} {sign} {money_words(leaf.below.minor, leaf.below.currency)}"] if leaf.below else []
            return below + ([f"{name} down {leaf.drop_percent} %"] if leaf.drop_percent is not None else [])


def _bounds(name: str, bounds: Range | None, unit: str) -> list[str]:
    if bounds is None:
        return []
    edges = [("≥", bounds.min), ("≤", bounds.max)]
    return [f"{name} {sign} {edge:g} {unit}" for sign, edge in edges if edge is not None]


def _of(item: str) -> str:
    return f" of {item}" if item else ""
