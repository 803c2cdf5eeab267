"""What to let go when nothing fits: the filter that matters least first; exclusions, diets and parties never."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from shared.dialogue.words import money_words, time_words
from shared.discovery.wish import Wish

_ORDER = ("values", "within_km", "near", "deliver_by", "price_min", "price_max", "capabilities", "categories")
_NOTHING: Mapping[str, Any] = {name: getattr(Wish(), name) for name in _ORDER}
RELAXED = frozenset(_ORDER)


def looser(wish: Wish) -> Iterator[tuple[str, ...]]:
    """What to let go of a wish, nearest to it first: each filter alone, then one after the other."""
    held = [name for name in _ORDER if getattr(wish, name) != _NOTHING[name]]
    yield from ((name,) for name in held)
    yield from (tuple(held[:count]) for count in range(2, len(held) + 1))


def without(wish: Wish, fields: Iterable[str]) -> Wish:
    """The wish without these filters."""
    return replace(wish, **{name: _NOTHING[name] for name in fields})


def said(field: str, wish: Wish, facts: Mapping[str, Any]) -> str:
    """One sentence on a filter that was let go; facts: of what was found instead."""
    match field:
        case "values":
            values = ", ".join(sorted(value.partition(":")[2] for value in wish.values))
            return f"Nothing is to be had in {values}; these come closest."
        case "within_km":
            nearest = facts["nearest"]
            told = f"; the nearest is {nearest:.1f} km away" if nearest is not None else ""
            return f"Nothing fits within {wish.within_km:g} km{told}."
        case "near":
            return "Nobody who has it delivers to you; these are farther away."
        case "deliver_by":
            assert wish.deliver_by is not None
            return f"Nothing fits that can be there by {time_words(wish.deliver_by, facts['at'])}; these take longer."
        case "price_max":
            assert wish.price_max is not None
            cheapest = facts["cheapest"]
            told = f"; the least is {money_words(cheapest, wish.price_max.currency)}" if cheapest is not None else ""
            return f"Nothing fits under {money_words(wish.price_max.minor, wish.price_max.currency)}{told}."
        case "price_min":
            assert wish.price_min is not None
            return f"Nothing fits from {money_words(wish.price_min.minor, wish.price_min.currency)} up."
        case "capabilities":
            return f"Nobody offers it with {' and '.join(sorted(wish.capabilities)).replace('-', ' ')}."
        case _:
            return "Nothing of just this kind is to be had; these are related."
