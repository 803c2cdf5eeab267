"""Hubs that bid for putting an order together: by their workload of the day, how near they are, and their price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.discovery.partners import Capability
from shared.logistics.capacity import slots_key
from shared.logistics.geo import distance_metres
from shared.logistics.hubs import Hub
from shared.logistics.timechain.buffers import buffer_minutes
from shared.money.amounts import Money
from shared.orders.couriers import LITRES_A_PIECE, Load
from shared.orders.order import Hold
from shared.orders.pricing import work_price
from shared.orders.timings import reliability_of

ASSEMBLY = "assembly"
ASKED_MAX = 4
"""Hubs that are asked for a bid: the cheapest for their distance."""
HUBS_CURRENCY = "USD"
"""What hubs are paid in."""
MINOR_A_KM = 50
"""What being a kilometre nearer is worth when hubs are compared before couriers are known."""
FULL_DAY_MINOR = 400
"""How much dearer a hub counts whose day is full than one whose day is empty."""


@dataclass(frozen=True)
class Day:
    """How full somebody's day is: jobs that are taken, and how many there are at most, None if nobody has said yet."""

    taken: int = 0
    limit: int | None = None

    def has_room(self, hold: Hold) -> bool:
        """Whether something more can be held."""
        return self.taken + hold.units <= (hold.limit if self.limit is None else self.limit)


@dataclass(frozen=True)
class Bid:
    """A hub's bid. price_minor: what it asks; jobs, jobs_max: of that day; metres: to the customer's door."""

    hub: Hub
    capability: Capability
    price_minor: int
    metres: int
    jobs: int
    jobs_max: int

    @property
    def minutes(self) -> int:
        """Taking in, putting together, handing out."""
        return self.hub.handling_minutes + self.capability.lead_minutes

    @property
    def buffer_minutes(self) -> int:
        """The reserve behind it."""
        return buffer_minutes("assembly", self.minutes, reliability_of(self.hub.trust))

    @property
    def counts_minor(self) -> int:
        """The price with what a busy day counts."""
        return self.price_minor + FULL_DAY_MINOR * self.jobs // self.jobs_max


def key_of(hub: Hub, day: date) -> str:
    """Whose capacity a job of a hub takes on a day."""
    return slots_key(hub.id, ASSEMBLY, day)


def able_hubs(hubs: Iterable[Hub], load: Load, currency: str) -> tuple[Hub, ...]:
    """The hubs that are asked: in range, able, with room for it; the nearest and cheapest first."""
    if currency != HUBS_CURRENCY:
        return ()
    able = [(_price(hub, load), hub) for hub in hubs if _is_able(hub, load)]
    counted = sorted(
        (price + MINOR_A_KM * distance_metres(hub.place.point, load.to) // 1_000, hub.id, hub) for price, hub in able
    )
    return tuple(hub for _, _, hub in counted[:ASKED_MAX])


def bids(hubs: Sequence[Hub], load: Load, days: Mapping[str, Day]) -> tuple[Bid, ...]:
    """What hubs bid that have a job free; days: hub → how full its day is."""
    found = []
    for hub in hubs:
        capability, day = _capability(hub), days.get(hub.id, Day())
        most = min(hub.jobs_per_day, capability.per_day) if day.limit is None else day.limit
        if day.taken < most:
            metres = distance_metres(hub.place.point, load.to)
            found.append(Bid(hub, capability, _price(hub, load), metres, day.taken, most))
    return tuple(found)


def why(bid: Bid, others: Sequence[Bid], currency: str) -> str:
    """The reasons for a winner, in words."""
    price = Money(minor=bid.price_minor, currency=currency)
    facts = f"{bid.metres / 1_000:.1f} km from the door, {bid.jobs} of {bid.jobs_max} jobs that day, {price}"
    rivals = ", ".join(
        f"{one.hub.name} ({one.metres / 1_000:.1f} km, {one.jobs} of {one.jobs_max}, "
        f"{Money(minor=one.price_minor, currency=currency)})"
        for one in others
        if one.hub.id != bid.hub.id
    )
    return f"{facts}; with its couriers the least dear in time" + (f", before {rivals}." if rivals else ".")


def _is_able(hub: Hub, load: Load) -> bool:
    if not any(one.tag == ASSEMBLY for one in hub.capabilities) or _price(hub, load) <= 0:
        return False
    room = hub.cold_litres if load.is_cold else hub.shelf_litres
    metres = hub.reach_km * 1_000
    is_near = all(distance_metres(hub.place.point, point) <= metres for point in (*load.doors, load.to))
    return is_near and room >= load.pieces * LITRES_A_PIECE


def _price(hub: Hub, load: Load) -> int:
    capability = _capability(hub)
    minutes = hub.handling_minutes + capability.lead_minutes
    return hub.minor_per_job + work_price(capability, load.pieces, "", minutes)


def _capability(hub: Hub) -> Capability:
    return next(one for one in hub.capabilities if one.tag == ASSEMBLY)
