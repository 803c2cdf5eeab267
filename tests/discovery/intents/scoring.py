"""How an understood sentence is held against its label, field by field; plurals and compounds count alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.discovery.conditions import Branch, CalendarLeaf, InventoryLeaf, PriceLeaf, WeatherLeaf
from shared.discovery.intent import Budget, Intent, Item
from shared.discovery.intents.words import key_of


def _keys(text: str) -> list[str]:
    return [key_of(word) for word in text.lower().replace("-", " ").split()]


def is_alike(said: str, wanted: str) -> bool:
    """`roses` is `rose`, `rose bouquet` is `bouquet`: one is the other, or its end, or its beginning."""
    a, b = sorted((_keys(said), _keys(wanted)), key=len)
    return bool(a) and (b[-len(a) :] == a or b[: len(a)] == a)


def _same_text(said: str | None, wanted: str | None, others: list[str]) -> bool:
    if wanted is None or said is None:
        return said == wanted
    return any(is_alike(said, one) for one in (wanted, *others))


def _item_fits(item: Item, wanted: Mapping[str, Any]) -> bool:
    names = (wanted["name"], *wanted.get("names_any", ()))
    attributes = wanted.get("attributes", {})
    return (
        any(is_alike(item.name, name) for name in names)
        and item.quantity == wanted.get("quantity", item.quantity)
        and (wanted.get("text") is None or (item.text or "").strip(" .") == wanted["text"].strip(" ."))
        and all(set(item.attributes.get(name, ())) == set(values) for name, values in attributes.items())
    )


def _items_fit(items: tuple[Item, ...], wanted: list[Mapping[str, Any]]) -> bool:
    return len(items) == len(wanted) and all(any(_item_fits(item, one) for item in items) for one in wanted)


def _budget_fits(budget: Budget | None, wanted: Mapping[str, Any] | None) -> bool:
    if wanted is None or budget is None:
        return budget is None and wanted is None
    money = {"max_minor": budget.max, "min_minor": budget.min, "around_minor": budget.around}
    held: dict[str, Any] = {name: amount.minor for name, amount in money.items() if amount}
    amounts = {name: value for name, value in wanted.items() if name.endswith("_minor")}
    currencies = {amount.currency for amount in money.values() if amount}
    return (
        held == amounts
        and currencies == {wanted.get("currency", "USD")}
        and budget.per == wanted.get("per", budget.per)
    )


def _exclude_fits(said: tuple[str, ...], wanted: list[str], others: list[list[str]]) -> bool:
    return any(
        len(said) == len(one) and all(any(is_alike(name, want) for name in said) for want in one)
        for one in (wanted, *others)
    )


def leaf_fits(leaf: object, wanted: Mapping[str, Any]) -> bool:
    """A condition against its label: operators and the main values of leaves."""
    if "op" in wanted:
        if not isinstance(leaf, Branch) or leaf.op != wanted["op"] or len(leaf.of) != len(wanted["of"]):
            return False
        return all(any(leaf_fits(one, want) for one in leaf.of) for want in wanted["of"])
    match leaf:
        case WeatherLeaf():
            near = all(
                _range_fits(getattr(leaf, name), wanted[name])
                for name in ("temperature_c", "wind_kmh")
                if name in wanted
            )
            return wanted["type"] == "weather" and leaf.is_ == wanted.get("is", leaf.is_) and near
        case CalendarLeaf():
            days = wanted.get("weekdays")
            fits = days is None or set(leaf.weekdays) == set(days)
            return (
                wanted["type"] == "calendar" and fits and leaf.recurrence == wanted.get("recurrence", leaf.recurrence)
            )
        case InventoryLeaf():
            counted = leaf.at_least == wanted.get("at_least", leaf.at_least)
            return wanted["type"] == "inventory" and is_alike(leaf.item, wanted.get("item", leaf.item)) and counted
        case PriceLeaf():
            below = leaf.below.minor if leaf.below else None
            fits = below == wanted.get("below_minor", below) and leaf.drop_percent == wanted.get(
                "drop_percent", leaf.drop_percent
            )
            return wanted["type"] == "price" and is_alike(leaf.item, wanted.get("item", leaf.item)) and fits
    return False


def _range_fits(held: Any, wanted: Mapping[str, float]) -> bool:
    return held is not None and all(abs((getattr(held, end) or 1e9) - value) < 0.6 for end, value in wanted.items())


def _moment_fits(said: datetime | None, wanted: str | None) -> bool:
    """In UTC, for an hour that comes twice equals no hour of another zone (PEP 495)."""
    if wanted is None or said is None:
        return said is wanted
    return said.astimezone(UTC) == datetime.fromisoformat(wanted).astimezone(UTC)


def field_fits(name: str, intent: Intent, expect: Mapping[str, Any]) -> bool:
    """Whether one field of a label is met."""
    held, wanted = intent.entities, expect[name]
    match name:
        case "kind":
            return intent.kind == wanted
        case "items":
            return _items_fit(held.items, wanted or [])
        case "occasion" | "recipient":
            return _same_text(getattr(held, name), wanted, expect.get(f"{name}_any", []))
        case "deliver_by" | "earliest":
            return _moment_fits(getattr(held, name), wanted)
        case "budget":
            return _budget_fits(held.budget, wanted)
        case "style":
            return set(held.style) == set(wanted or ())
        case "exclude":
            return _exclude_fits(held.exclude, wanted or [], expect.get("exclude_any", []))
        case "location":
            return _location_fits(intent, wanted)
        case "conditions":
            return any(leaf_fits(intent.conditions, one) for one in (wanted, *expect.get("conditions_any", [])))
        case "clarification":
            return (intent.clarification is not None) == wanted
        case _:
            return bool(getattr(held, name) == wanted)


def _location_fits(intent: Intent, wanted: Mapping[str, Any] | None) -> bool:
    location = intent.entities.location
    if wanted is None or location is None:
        return location is None and wanted is None
    if wanted.get("is_near_me"):
        return location.is_near_me
    return _plain(location.text) == _plain(wanted["text"])


def _plain(text: str | None) -> str:
    return (text or "").lower().removeprefix("the ").removeprefix("my ")
