"""What a standing intent waits for: a tree of AND, OR, NOT over weather, calendar, inventory and price."""

from __future__ import annotations

from datetime import date as calendar_date
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from shared.discovery.hours import Weekday
from shared.money.amounts import Money
from shared.wire import Plain

BRANCHES_MAX = 10
Sky = Literal["sunny", "dry", "rainy", "cloudy", "snowy", "windy", "warm", "cold", "clear"]


class Range(Plain):
    """At least, at most; None where there is no bound."""

    min: float | None = None
    max: float | None = None


class WeatherLeaf(Plain):
    """The weather of the day that the calendar leaves name, or of any day: its sky, temperature and wind."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["weather"] = "weather"
    is_: Sky | None = Field(default=None, alias="is", serialization_alias="is")
    temperature_c: Range | None = None
    wind_kmh: Range | None = None
    daypart: str | None = None
    text: str


class CalendarLeaf(Plain):
    """A day: on weekdays, a date, between from and to, a holiday, or by a rule (RFC 5545 RRULE)."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["calendar"] = "calendar"
    weekdays: tuple[Weekday, ...] = ()
    date: calendar_date | None = None
    from_: AwareDatetime | None = Field(default=None, alias="from", serialization_alias="from")
    to: AwareDatetime | None = None
    holiday: str | None = None
    recurrence: str | None = None
    text: str


class InventoryLeaf(Plain):
    """So many of an item in stock; product: the id of the one that is watched, once it is known."""

    type: Literal["inventory"] = "inventory"
    item: str
    at_least: int = 1
    product: str | None = None
    text: str


class PriceLeaf(Plain):
    """An item's price below an amount, or dropped by percents.

    at_most: the amount itself will do, too. product: the id of the one that is watched, once it is known; reference:
    what it cost then, which a drop is measured from.
    """

    type: Literal["price"] = "price"
    item: str
    below: Money | None = None
    at_most: bool = False
    drop_percent: int | None = Field(default=None, ge=1, le=99)
    product: str | None = None
    reference: Money | None = None
    text: str


AnyLeaf = WeatherLeaf | CalendarLeaf | InventoryLeaf | PriceLeaf
Leaf = Annotated[AnyLeaf, Field(discriminator="type")]


class Branch(Plain):
    """All of, one of, or none of; `not` has exactly one."""

    op: Literal["and", "or", "not"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=BRANCHES_MAX)]


Condition = Branch | WeatherLeaf | CalendarLeaf | InventoryLeaf | PriceLeaf


def leaves(condition: Condition | None) -> list[AnyLeaf]:
    """The leaves of a tree, left to right."""
    if condition is None:
        return []
    return [leaf for one in condition.of for leaf in leaves(one)] if isinstance(condition, Branch) else [condition]
