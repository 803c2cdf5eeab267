"""The cost meter: what an intent has used, and what that costs on each plan of Azure Functions.

Waiting costs nothing: an intent that sleeps runs nothing of its own. What the watcher runs for all of them is shared
out evenly, by an odometer: it adds up each tick's share of one intent, so an intent's part is the difference between
two of its readings, and no record is written for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, Field

from shared.records import Container, Record
from shared.wire import Plain

PlanName = Literal["consumption", "flex"]
BLOCK_MB = 128
"""Memory is billed in blocks of this size."""
GB_MB = 1024
USD_DIGITS = 9


class Price(NamedTuple):
    """A plan's rates, USD. seconds_min: billed for an execution at least; instance_mb: the size billed, if fixed."""

    million_executions: float
    gb_second: float
    seconds_min: float
    instance_mb: int | None = None


PRICES: Mapping[PlanName, Price] = {
    "consumption": Price(million_executions=0.20, gb_second=0.000016, seconds_min=0.1),
    "flex": Price(million_executions=0.40, gb_second=0.000026, seconds_min=1.0, instance_mb=2048),
}
"""Pay as you go, East US, without the monthly free grants, which cover far more than any intent uses.

Source: https://azure.microsoft.com/pricing/details/functions/; the rates of execution time as quoted in May 2025 by
https://modal.com/blog/azure-function-pricing-guide. Prices change: mend them here. Flex bills an instance while it is
busy, whatever runs on it at once, so what is reckoned here, each execution alone, is its upper bound.
"""

HEADLINE_SECONDS, HEADLINE_USD = 168.0, 0.0001
"""What the product promises for seven days of waiting (spec 6.7): one second an hour."""


class Meter(Plain):
    """What was used: executions (shares of shared ones, so no whole number), their seconds, and seconds x GB."""

    executions: float = Field(default=0.0, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    gb_seconds: float = Field(default=0.0, ge=0)

    def __add__(self, other: Meter) -> Meter:
        return Meter(
            executions=self.executions + other.executions,
            seconds=self.seconds + other.seconds,
            gb_seconds=self.gb_seconds + other.gb_seconds,
        )

    def since(self, before: Meter) -> Meter:
        """What was used after an earlier reading; a reading that is later only by mistake gives nothing."""
        return Meter(
            executions=max(0.0, self.executions - before.executions),
            seconds=max(0.0, self.seconds - before.seconds),
            gb_seconds=max(0.0, self.gb_seconds - before.gb_seconds),
        )

    def share(self, count: int) -> Meter:
        """One of `count` equal parts."""
        parts = max(1, count)
        return Meter(
            executions=self.executions / parts, seconds=self.seconds / parts, gb_seconds=self.gb_seconds / parts
        )


class Bill(Plain):
    """What a meter comes to on a plan: billed seconds are at least the plan's minimum an execution."""

    plan: PlanName
    executions: float
    billed_seconds: float
    usd: float


class Odometer(Record):
    """What all ticks together have cost one intent so far; id: of the watcher. last: what was added last."""

    total: Meter = Meter()
    last: str = ""
    updated_at: AwareDatetime


class CostDay(Record):
    """What a day, UTC, has cost in all. id: the day as well; intents: how many were watched at most; last: as above."""

    day: date
    total: Meter = Meter()
    intents: int = 0
    last: str = ""


class Tally(Record):
    """How many intents wait, each counted by one of these: so many write that one record would be in everybody's way.

    Whoever dies between its own record and this one is counted wrongly; it only sets how a tick's cost is shared.
    """

    count: int = 0


ODOMETERS = Container("standing_odometers", Odometer, "id")
COST_DAYS = Container("standing_cost_days", CostDay, "id", indexes=("day",))
TALLIES = Container("standing_tallies", Tally, "id")
TALLIES_MAX = 16
WATCHER = "watcher"
"""The one odometer that there is."""


def meter(before: Meter, executions: int, seconds: float, memory_mb: int) -> Meter:
    """A meter after more executions that took so many seconds together, in a process of so much memory."""
    blocks = -(-max(memory_mb, 1) // BLOCK_MB)
    return before + Meter(executions=executions, seconds=seconds, gb_seconds=seconds * blocks * BLOCK_MB / GB_MB)


def bill(used: Meter, plan: PlanName) -> Bill:
    """What it costs on a plan."""
    price = PRICES[plan]
    billed = max(used.seconds, used.executions * price.seconds_min)
    mean_gb = used.gb_seconds / used.seconds if used.seconds else BLOCK_MB / GB_MB
    size_gb = price.instance_mb / GB_MB if price.instance_mb else mean_gb
    usd = used.executions * price.million_executions / 1e6 + billed * size_gb * price.gb_second
    return Bill(plan=plan, executions=used.executions, billed_seconds=round(billed, 6), usd=round(usd, USD_DIGITS))


def spent(own: Meter, began: Meter, odometer: Meter) -> Meter:
    """All that an intent has used: its own executions, and its share of the ticks since it began."""
    return own + odometer.since(began)
