"""A partner's Pro-Agent: rules by which orders are accepted on its behalf, any of which is enough. (Spec 2.4.)

Whatever no rule accepts, the partner is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from shared.discovery.hours import WEEKDAYS, Weekday, spans_of, spans_written
from shared.logistics.geo import Point, distance_metres
from shared.money.amounts import Money, NotNegativeMoney
from shared.records import Container, Record
from shared.wire import Plain

RULES_MAX = 20
CATEGORIES_MAX = 20
LEAD_HOURS_MAX = 24 * 365
EVERY = "every order"
_METRES = 1_000

Category = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]


class Rule(Plain):
    """All of what it says must be true of an order; at least one thing is said.

    min_total, max_total: of the partner's own part, both included; within_km: of where it goes, as the crow flies;
    lead_hours_min: from now until the work begins; categories: of all that is bought, kinds above them count too;
    weekdays, hours (such as `9:00-13:00, 14:00-18:00`): on which the work begins, in the partner's own time.
    """

    min_total: NotNegativeMoney | None = None
    max_total: NotNegativeMoney | None = None
    within_km: float | None = Field(default=None, gt=0, le=20_000, allow_inf_nan=False)
    lead_hours_min: int | None = Field(default=None, ge=0, le=LEAD_HOURS_MAX)
    categories: Annotated[tuple[Category, ...], Field(max_length=CATEGORIES_MAX)] = ()
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    hours: Annotated[str, Field(max_length=100), AfterValidator(spans_written)] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self == type(self).model_construct():
            raise ValueError("a rule says at least one thing; to accept everything, send accepts_all")
        low, high = self.min_total, self.max_total
        if low and high and (low.currency != high.currency or low.minor > high.minor):
            raise ValueError("min_total is not above max_total, and in the same currency")
        return self

    @property
    def words(self) -> str:
        """The same for people."""
        said = (
            (self.min_total, f"at least {self.min_total}"),
            (self.max_total, f"at most {self.max_total}"),
            (self.within_km, f"within {self.within_km or 0:g} km"),
            (self.lead_hours_min, f"{self.lead_hours_min} hours ahead or more"),
            (self.categories or None, f"of {', '.join(self.categories)}"),
            (self.weekdays or None, f"on {', '.join(self.weekdays)}"),
            (self.hours or None, f"at {self.hours}"),
        )
        return f"orders {', '.join(words for value, words in said if value is not None)}"


class Offered(NamedTuple):
    """A partner's part of an order. categories: of each thing, with all kinds above it; begins: the work."""

    price: Money
    to: Point
    begins: datetime
    now: datetime
    categories: tuple[frozenset[str], ...]


def accepts(rule: Rule, offered: Offered, at: Point, zone: ZoneInfo) -> bool:
    """Whether a rule of a partner at a place accepts an order; an amount in another currency is not its own."""
    begins = offered.begins.astimezone(zone)
    return (
        _is_within(rule, offered.price)
        and (rule.within_km is None or distance_metres(at, offered.to) <= rule.within_km * _METRES)
        and (rule.lead_hours_min is None or offered.begins - offered.now >= timedelta(hours=rule.lead_hours_min))
        and (not rule.categories or _are_of(rule.categories, offered.categories))
        and (not rule.weekdays or WEEKDAYS[begins.weekday()] in rule.weekdays)
        and (not rule.hours or _is_at(rule.hours, begins))
    )


def first_accepting(rules: Iterable[Rule], offered: Offered, at: Point, zone: ZoneInfo) -> Rule | None:
    """The first rule that accepts an order."""
    return next((rule for rule in rules if accepts(rule, offered, at, zone)), None)


def _is_within(rule: Rule, price: Money) -> bool:
    bounds = [one for one in (rule.min_total, rule.max_total) if one is not None]
    if any(one.currency != price.currency for one in bounds):
        return False
    is_enough = rule.min_total is None or price.minor >= rule.min_total.minor
    return is_enough and (rule.max_total is None or price.minor <= rule.max_total.minor)


def _are_of(wanted: tuple[str, ...], found: tuple[frozenset[str], ...]) -> bool:
    return bool(found) and all(kinds.intersection(wanted) for kinds in found)


def _is_at(hours: str, begins: datetime) -> bool:
    """Whether it begins within a span; those into the night reach over from the day before."""
    minute = begins.hour * 60 + begins.minute
    return any(low <= minute < high or low <= minute + 24 * 60 < high for low, high in spans_of(hours))


class Accepted(Record):
    """An order that a partner's Pro-Agent has accepted; rule: by which, in words as they were then."""

    partner: str
    order: str
    leg: str
    title: str
    price: Money
    rule: str
    starts: AwareDatetime
    at: AwareDatetime


ACCEPTED = Container("pro_agent_activity", Accepted, "partner", indexes=("at",))
