"""The progress ledger: what has turned since the last look, one entry each, and nothing where nothing has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from shared.dialogue.words import money_words
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
from shared.standing.frame import Frame
from shared.standing.leaves import Truth
from shared.standing.reasons import Turn, sky_word
from shared.standing.wording import date_words
from shared.wire import Plain

ENTRIES_MAX = 100
WORDS_LENGTH_MAX = 500
EntryKind = Literal["status", "forecast", "price", "stock", "day", "trouble", "change"]


class Entry(Plain):
    """One line of the ledger. id: of the step that tells it, so that told again it is one."""

    id: Annotated[str, Field(max_length=120)]
    at: AwareDatetime
    kind: EntryKind
    words: Annotated[str, Field(max_length=WORDS_LENGTH_MAX)]


class News(NamedTuple):
    """Something that has turned; turn: of a forecast, what is told of it while its day is waited for."""

    kind: EntryKind
    words: str
    turn: Turn | None = None


def entered(entries: Sequence[Entry], entry: Entry) -> tuple[Entry, ...]:
    """The ledger with one more line; the same line again, and what was said last of its kind, change nothing.

    Of ENTRIES_MAX lines the first stays, as the beginning of the story; the oldest after it gives way.
    """
    same_kind = next((one for one in reversed(entries) if one.kind == entry.kind), None)
    is_known = any(one.id == entry.id for one in entries)
    if is_known or (same_kind is not None and same_kind.words == entry.words):
        return tuple(entries)
    cut = entry.model_copy(update={"words": entry.words[:WORDS_LENGTH_MAX]})
    whole = (*entries, cut)
    return whole if len(whole) <= ENTRIES_MAX else (whole[0], *whole[-(ENTRIES_MAX - 1) :])


def news(condition: Condition, before: Truth | None, after: Truth, now: datetime, frame: Frame) -> list[News]:
    """What has turned between two looks at the same condition; the passing of days is news only where one was lost."""
    has_days = any(isinstance(leaf, CalendarLeaf) for leaf in leaves(condition))
    found: list[News] = []
    for leaf, was, is_now in _pairs(condition, before, after):
        if isinstance(leaf, WeatherLeaf):
            found += _weather_news(leaf, was, is_now, now, frame, has_days=has_days)
        elif isinstance(leaf, InventoryLeaf | PriceLeaf) and (was is None or was.value != is_now.value):
            found += _shop_news(leaf, was, is_now)
    return list(dict.fromkeys(found))


def _pairs(condition: Condition, before: Truth | None, after: Truth) -> Iterator[tuple[AnyLeaf, Truth | None, Truth]]:
    if not isinstance(condition, Branch):
        yield condition, before, after
        return
    befores = before.children if before and len(before.children) == len(condition.of) else [None] * len(condition.of)
    for child, was, is_now in zip(condition.of, befores, after.children, strict=True):
        yield from _pairs(child, was, is_now)


def _weather_news(
    leaf: WeatherLeaf, was: Truth | None, is_now: Truth, now: datetime, frame: Frame, *, has_days: bool
) -> Iterator[News]:
    day, today = is_now.day, frame.day_of(now)
    if day is None:
        return
    is_other_day = was is not None and was.day is not None and was.day != day
    if was and was.day and is_other_day and has_days and was.day < day and was.value != "true":
        yield News("day", f"{date_words(was.day, today)} went by; the next chance is {date_words(day, today)}.")
    if is_now.why in {"stale", "unread"} and was is not None and was.why != is_now.why:
        yield News("trouble", "The forecast could not be read; I go on trying.")
    if is_now.weather is None or is_now.value == "unknown":
        return
    word = sky_word(leaf, is_now.weather)
    turn = Turn(at=is_now.at or now, day=day, to=word)
    told = date_words(day, today)
    if was is None or is_other_day or was.value == "unknown":
        if was is None or was.value != is_now.value:
            yield News("forecast", f"The forecast for {told} says {word}.", None)
    elif was.value != is_now.value:
        yield News("forecast", f"The forecast for {told} turned to {word}.", turn)


def _shop_news(leaf: InventoryLeaf | PriceLeaf, was: Truth | None, is_now: Truth) -> Iterator[News]:
    if is_now.value == "unknown":
        if was is not None and is_now.why in {"stale", "unread"}:
            what = "price" if isinstance(leaf, PriceLeaf) else "stock"
            yield News("trouble", f"The {what} of {leaf.item or 'it'} could not be read; I go on trying.")
        return
    name = leaf.item[:1].upper() + leaf.item[1:] if leaf.item else "It"
    if isinstance(leaf, PriceLeaf) and is_now.price is not None:
        price = money_words(is_now.price.minor, is_now.price.currency)
        yield News("price", f"{name}: {price} now{', as you wanted' if is_now.value == 'true' else ''}.")
    elif is_now.made_to_order or is_now.units is not None:
        stock = (
            "made as ordered" if is_now.made_to_order else f"{is_now.units} in stock" if is_now.units else "sold out"
        )
        yield News("stock", f"{name}: {stock}.")
