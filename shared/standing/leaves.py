"""What is known of each leaf: true, false or unknown, with the last value, when it was read, and why it is unknown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime

from shared.discovery.conditions import InventoryLeaf, PriceLeaf, WeatherLeaf
from shared.money.amounts import Money
from shared.standing.frame import WAKING, Frame, part_span
from shared.standing.readings import (
    PriceReading,
    Readings,
    StockReading,
    Watch,
    WeatherReading,
    is_stale,
    weather_watch,
)
from shared.standing.skies import DayWeather, day_weather, is_met
from shared.wire import Plain

Known = bool | None
"""True, false, or None for unknown."""
Value = Literal["true", "false", "unknown"]
Why = Literal[
    "unread", "stale", "too_far", "in_part", "no_place", "no_product", "no_reference", "other_currency", "no_date"
]
"""Why something is unknown: nobody has read it yet, or long ago; the day lies beyond the forecast, or some of its hours
are missing; no place or product is known; no price to measure a drop from; nobody here knows the holiday's date."""


class Truth(Plain):
    """What is known of a leaf or branch.

    at: when its last value was read; day: which weather was judged for, or on which a calendar leaf is true next.
    weather, price, units (made_to_order: as many as one likes): the last value. children: of a branch, in its order.
    """

    value: Value
    why: Why | None = None
    at: AwareDatetime | None = None
    day: date | None = None
    weather: DayWeather | None = None
    price: Money | None = None
    units: int | None = None
    made_to_order: bool = False
    children: tuple[Truth, ...] = ()


def value_of(known: Known) -> Value:
    """A truth as it is written."""
    return "unknown" if known is None else "true" if known else "false"


def known_of(value: Value) -> Known:
    """The reverse of value_of."""
    return None if value == "unknown" else value == "true"


def stock_truth(leaf: InventoryLeaf, readings: Readings, now: datetime) -> Truth:
    """Whether so many are in stock."""
    if leaf.product is None:
        return Truth(value="unknown", why="no_product")
    reading = readings.get(Watch("stock", leaf.product))
    if not isinstance(reading, StockReading):
        return Truth(value="unknown", why="unread")
    value = value_of(reading.units is None or reading.units >= leaf.at_least)
    is_old = is_stale(reading, now)
    return Truth(
        value="unknown" if is_old else value,
        why="stale" if is_old else None,
        at=reading.at,
        units=reading.units,
        made_to_order=reading.units is None,
    )


def price_truth(leaf: PriceLeaf, readings: Readings, now: datetime) -> Truth:
    """Whether the price is where it is wanted: below an amount, so many percent below the reference, or both."""
    if leaf.product is None:
        return Truth(value="unknown", why="no_product")
    reading = readings.get(Watch("price", leaf.product))
    if not isinstance(reading, PriceReading):
        return Truth(value="unknown", why="unread")
    why = "stale" if is_stale(reading, now) else _why_no_price(leaf, reading.amount)
    value = "unknown" if why else value_of(_is_low(leaf, reading.amount))
    return Truth(value=value, why=why, at=reading.at, price=reading.amount)


def weather_value(leaf: WeatherLeaf, day: date, readings: Readings, now: datetime, frame: Frame) -> Known:
    """Whether a day's weather is what is asked for."""
    reading = _forecast(readings, frame)
    if reading is None or is_stale(reading, now) or day > frame.day_of(reading.end):
        return None
    return is_met(leaf, day_weather(reading, day, frame, leaf.daypart or frame.daypart), now)


def weather_truth(leaf: WeatherLeaf, day: date, readings: Readings, now: datetime, frame: Frame) -> Truth:
    """The same with what the day's weather is."""
    reading = _forecast(readings, frame)
    if reading is None:
        return Truth(value="unknown", why="unread" if frame.cell else "no_place", day=day)
    daypart = leaf.daypart or frame.daypart
    seen = day_weather(reading, day, frame, daypart)
    known = None if is_stale(reading, now) else is_met(leaf, seen, now)
    why: Why | None = None
    if known is None:
        is_beyond = frame.moment(day, part_span(daypart, WAKING)[0]) >= reading.end
        why = "stale" if is_stale(reading, now) else "too_far" if is_beyond else "in_part"
    return Truth(value=value_of(known), why=why, at=reading.at, day=day, weather=seen if seen.hours else None)


def _forecast(readings: Readings, frame: Frame) -> WeatherReading | None:
    reading = readings.get(weather_watch(frame.cell)) if frame.cell else None
    return reading if isinstance(reading, WeatherReading) else None


def _why_no_price(leaf: PriceLeaf, price: Money) -> Why | None:
    if leaf.drop_percent is not None and leaf.reference is None:
        return "no_reference"
    others = (leaf.below, leaf.reference if leaf.drop_percent is not None else None)
    is_other = any(amount is not None and amount.currency != price.currency for amount in others)
    return "other_currency" if is_other else None


def _is_low(leaf: PriceLeaf, price: Money) -> bool:
    is_below = leaf.below is None or price < leaf.below or (leaf.at_most and price == leaf.below)
    if leaf.drop_percent is None or leaf.reference is None:
        return is_below
    return is_below and price.minor * 100 <= leaf.reference.minor * (100 - leaf.drop_percent)
