"""The tree that a standing intent waits for, put together from the leaves that were read and the words between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.discovery.conditions import (
    BRANCHES_MAX,
    Branch,
    CalendarLeaf,
    Condition,
    InventoryLeaf,
    PriceLeaf,
    WeatherLeaf,
)
from shared.discovery.intent import Item, Span
from shared.discovery.intents.triggers import Trigger
from shared.discovery.intents.weather import Found, merged

_OR = re.compile(r"\bor\b")
_UNLESS = re.compile(
    r"\b(?:unless|except (?:if|when)|as long as it (?:does not|doesn't|is not|isn't)"
    r"|provided it (?:does not|doesn't))\b"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A condition and where in the text it stands."""

    condition: Condition
    span: Span


def tree(
    text: str,
    weather: Sequence[Found],
    triggers: Sequence[Trigger],
    calendar: CalendarLeaf | None,
    items: Sequence[tuple[Item, Span]],
) -> Condition | None:
    """All of them; `or` between two makes them alternatives, `unless` before one its opposite. None without a leaf."""
    placed = [Placed(_not(text, one.condition, one.span), one.span) for one in merged(list(weather))]
    placed += [Placed(_not(text, _named(one, items), one.span), one.span) for one in triggers]
    placed = sorted(placed, key=lambda one: one.span)[:BRANCHES_MAX]
    whole = _alternatives(text, placed)
    parts = [*whole, calendar] if calendar else whole
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Branch(op="and", of=tuple(parts[:BRANCHES_MAX]))


def _alternatives(text: str, placed: Sequence[Placed]) -> list[Condition]:
    """Neighbours with `or` between them, made one."""
    groups: list[list[Placed]] = []
    for one in placed:
        if groups and _OR.search(text, groups[-1][-1].span[1], one.span[0]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return [
        group[0].condition if len(group) == 1 else Branch(op="or", of=tuple(one.condition for one in group))
        for group in groups
    ]


def _not(text: str, condition: Condition, span: Span) -> Condition:
    said = [match for match in _UNLESS.finditer(text, 0, span[0]) if span[0] - match.end() < 40]
    is_not = isinstance(condition, Branch) and condition.op == "not"
    return Branch(op="not", of=(condition,)) if said and not is_not else condition


def _named(trigger: Trigger, items: Sequence[tuple[Item, Span]]) -> WeatherLeaf | InventoryLeaf | PriceLeaf:
    """The leaf with its item: the last one named before it, else the first one behind."""
    before = [item for item, span in items if span[0] < trigger.span[0]]
    behind = [item for item, span in items if span[0] >= trigger.span[0]]
    named = behind[:1] if isinstance(trigger.leaf, InventoryLeaf) and not before else before[-1:] or behind[:1]
    return trigger.leaf.model_copy(update={"item": named[0].name if named else ""})
