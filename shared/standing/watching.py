"""Which distinct things have to be looked at for a condition, and whether a new reading can have changed its truth.

Thousands of intents that wait for the same thing share one watch, and those of one group share the verdict, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

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
from shared.logistics.weather import FORECAST_DAYS_MAX
from shared.money.amounts import Money
from shared.standing.frame import Frame
from shared.standing.leaves import price_truth, stock_truth, weather_value
from shared.standing.readings import Reading, Watch, is_stale, weather_watch

_FINGERPRINT = 24


def watches(condition: Condition, frame: Frame) -> frozenset[Watch]:
    """All that a condition depends on; what has no place or product yet depends on nothing that could be looked at."""
    found = (_watch(leaf, frame) for leaf in leaves(condition))
    return frozenset(watch for watch in found if watch)


def bound(condition: Condition, products: Mapping[str, str], prices: Mapping[str, Money]) -> Condition:
    """The condition once it is known what is meant: item → product, product → what it costs now; what stands stays."""
    match condition:
        case Branch():
            return condition.model_copy(update={"of": tuple(bound(child, products, prices) for child in condition.of)})
        case InventoryLeaf() if condition.product is None:
            return condition.model_copy(update={"product": products.get(condition.item)})
        case PriceLeaf():
            product = condition.product or products.get(condition.item)
            known = prices.get(product) if product else None
            reference = condition.reference or (known if condition.drop_percent is not None else None)
            return condition.model_copy(update={"product": product, "reference": reference})
        case _:
            return condition


def in_daypart(condition: Condition, daypart: str | None) -> Condition:
    """The condition with its weather judged for a part of the day, where a leaf names none itself."""
    if isinstance(condition, Branch):
        return condition.model_copy(update={"of": tuple(in_daypart(child, daypart) for child in condition.of)})
    if isinstance(condition, WeatherLeaf) and condition.daypart is None:
        return condition.model_copy(update={"daypart": daypart})
    return condition


def affected(
    condition: Condition, watch: Watch, before: Reading | None, after: Reading, now: datetime, frame: Frame
) -> bool:
    """Whether any leaf that a watch belongs to can have another truth by a new reading than by the one before.

    False is sure; now: the time for both, so the mere passing of time changes nothing here.
    """
    if before is None or is_stale(before, now) != is_stale(after, now):
        return watch in watches(condition, frame)
    return any(
        _watch(leaf, frame) == watch and _differs(leaf, watch, before, after, now, frame) for leaf in leaves(condition)
    )


class Told(NamedTuple):
    """The reading by which all whom it concerns were looked at last, and whether it was too old to go by then."""

    reading: Reading
    is_stale: bool


def turns(
    condition: Condition, watch: Watch, told: Told | None, reading: Reading, now: datetime, frame: Frame
) -> bool:
    """Whether those who were looked at by one reading have to be looked at by another now.

    As `affected`, and where a reading has become too old to go by in the meantime. False is sure, but for what comes to
    pass by itself: see polls.look_again_at.
    """
    if told is not None and told.is_stale == is_stale(reading, now):
        return affected(condition, watch, told.reading, reading, now, frame)
    return watch in watches(condition, frame)


def aspect_of(condition: Condition, watch: Watch, frame: Frame) -> str:
    """A fingerprint of all that `turns` asks about for a watch: whoever shares it is turned by the same readings."""
    mine = [leaf for leaf in leaves(condition) if _watch(leaf, frame) == watch]
    told = sorted(leaf.model_dump_json(exclude={"text", "item"}, exclude_defaults=True) for leaf in mine)
    return _fingerprint([told, frame.zone.key, frame.daypart])


def group_of(condition: Condition, frame: Frame) -> str:
    """A fingerprint: intents that share it have the same verdict at any moment, until the first of them gives up."""
    recurs = any(isinstance(leaf, CalendarLeaf) and leaf.recurrence for leaf in leaves(condition))
    told = [
        condition.model_dump(mode="json", exclude_none=True),
        frame.zone.key,
        frame.cell,
        frame.lead.total_seconds(),
        frame.daypart,
        frame.after.isoformat() if frame.after else None,
        frame.day_of(frame.since).isoformat() if recurs else None,
    ]
    return _fingerprint(told)


def _watch(leaf: AnyLeaf, frame: Frame) -> Watch | None:
    match leaf:
        case WeatherLeaf():
            return weather_watch(frame.cell) if frame.cell else None
        case InventoryLeaf():
            return Watch("stock", leaf.product) if leaf.product else None
        case PriceLeaf():
            return Watch("price", leaf.product) if leaf.product else None
        case CalendarLeaf():
            since = frame.day_of(frame.since).isoformat() if leaf.recurrence and not leaf.from_ else None
            days = leaf.model_dump(mode="json", exclude={"text"}, exclude_defaults=True)
            return Watch("calendar", _fingerprint([days, frame.zone.key, since]))


def _differs(
    leaf: AnyLeaf,
    watch: Watch,
    before: Reading,
    after: Reading,
    now: datetime,
    frame: Frame,
) -> bool:
    match leaf:
        case InventoryLeaf():
            return stock_truth(leaf, {watch: before}, now).value != stock_truth(leaf, {watch: after}, now).value
        case PriceLeaf():
            return price_truth(leaf, {watch: before}, now).value != price_truth(leaf, {watch: after}, now).value
        case WeatherLeaf():
            first = frame.day_of(now)
            days = [first + timedelta(days=step) for step in range(FORECAST_DAYS_MAX + 2)]
            return any(
                weather_value(leaf, day, {watch: before}, now, frame)
                != weather_value(leaf, day, {watch: after}, now, frame)
                for day in days
            )
        case CalendarLeaf():
            return False


def _fingerprint(told: object) -> str:
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:_FINGERPRINT]
