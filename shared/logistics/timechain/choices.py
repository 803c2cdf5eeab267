"""An order with open choices: who sells and who customizes each item, where it all meets, who brings it.

All times are whole minutes since 1970, all costs whole minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.logistics.timechain.calendar import Calendar, first_in, last_in
from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.model import Chain, Kind, Leg, Precedence
from shared.logistics.timechain.ways import Way

ITEMS_MAX = 50
CANDIDATES_MAX = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could do a leg: a vendor, a customizer, a hub for the assembly, a courier for the delivery.

    minutes: of work within one opening; for a courier those at the door, the way to it is a transfer.
    """

    id: str
    minutes: int
    cost: int
    buffer_minutes: int = 0
    calendar: Calendar | None = None
    ready_from: int | None = None

    def start(self, at: int) -> int:
        """When the work can begin for whoever is there at a minute; NEVER if at no time."""
        at = at if self.ready_from is None else max(at, self.ready_from)
        return at if self.calendar is None else first_in(self.calendar.windows(self.minutes), at)

    def end(self, at: int) -> int:
        """When work and buffer are over for whoever is there at a minute; NEVER or later if at no time."""
        return self.start(at) + self.minutes + self.buffer_minutes

    def start_by(self, end: int) -> int:
        """The last minute to be there for an end in time; below zero if there is none."""
        at = end - self.minutes - self.buffer_minutes
        at = at if self.calendar is None else last_in(self.calendar.windows(self.minutes), at)
        return -NEVER if self.ready_from is not None and at < self.ready_from else at


@dataclass(frozen=True, slots=True)
class Transfer:
    """Bringing something from one candidate to another: minutes, or a way by the hour, and what it costs."""

    minutes: int = 0
    cost: int = 0
    way: Way | None = None

    def arrive(self, depart: int) -> int:
        """When it is there."""
        return depart + self.minutes if self.way is None else self.way.arrive(depart) + self.minutes

    def depart_by(self, arrival: int) -> int:
        """The last minute to leave."""
        return arrival - self.minutes if self.way is None else self.way.depart_by(arrival - self.minutes)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to get: who could sell it, and who could customize it if it is to be customized."""

    id: str
    vendors: tuple[Candidate, ...]
    customizers: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """Items that meet at one of the hubs and go from there with one of the couriers.

    transfers: by the ids of both ends (vendor, customizer), (vendor or customizer, hub), (hub, courier); a pair that is
    not there cannot be. deadline: when it is delivered at the latest, None for no matter.
    """

    items: tuple[Item, ...]
    hubs: tuple[Candidate, ...]
    couriers: tuple[Candidate, ...]
    transfers: Mapping[tuple[str, str], Transfer]
    start: int = 0
    deadline: int | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """Who does an item; customizer: None where nothing is customized."""

    item: str
    vendor: str
    customizer: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who does what, when the delivery is done, and what it costs in all."""

    picks: tuple[Pick, ...]
    hub: str
    courier: str
    finish: int
    cost: int


class BadOrder(ValueError):
    """An order that cannot be chosen from: nothing in it, too much of it, or ids that are not there."""


def check(order: Order) -> None:
    """Raises BadOrder beyond ITEMS_MAX and CANDIDATES_MAX, or if there is nothing to choose from."""
    if not 0 < len(order.items) <= ITEMS_MAX:
        raise BadOrder(f"an order has 1 to {ITEMS_MAX} items")
    groups = [order.hubs, order.couriers, *(one.vendors for one in order.items)]
    if any(not 0 < len(group) <= CANDIDATES_MAX for group in groups):
        raise BadOrder(f"there must be 1 to {CANDIDATES_MAX} hubs, couriers, and vendors of every item")
    if any(len(one.customizers) > CANDIDATES_MAX for one in order.items):
        raise BadOrder(f"an item has at most {CANDIDATES_MAX} customizers to choose from")


def chain_of(order: Order, choice: Choice) -> Chain:
    """A choice as a chain: legs `item/vendor`, `item/customizer`, `hub`, `courier`. Raises BadOrder."""
    hub, courier = _found(order.hubs, choice.hub), _found(order.couriers, choice.courier)
    legs = [_leg("hub", "assembly", hub), _leg("courier", "delivery", courier)]
    precedences = [_after(order, "hub", hub.id, "courier", courier.id)]
    items = {one.id: one for one in order.items}
    for pick in choice.picks:
        if pick.item not in items:
            raise BadOrder(f"{pick.item!r} is no item of this order")
        item = items[pick.item]
        last, at = f"{item.id}/vendor", pick.vendor
        legs.append(_leg(last, "processing", _found(item.vendors, pick.vendor)))
        if pick.customizer is not None:
            name = f"{item.id}/customizer"
            legs.append(_leg(name, "customization", _found(item.customizers, pick.customizer)))
            precedences.append(_after(order, last, at, name, pick.customizer))
            last, at = name, pick.customizer
        precedences.append(_after(order, last, at, "hub", hub.id))
    return Chain(tuple(legs), tuple(precedences), (), order.start, order.deadline)


def _leg(name: str, kind: Kind, by: Candidate) -> Leg:
    return Leg(
        name, kind, by.minutes, by.buffer_minutes, by.calendar, ready_from=by.ready_from, title=f"{name} ({by.id})"
    )


def _after(order: Order, before: str, origin: str, after: str, target: str) -> Precedence:
    transfer = order.transfers.get((origin, target))
    if transfer is None:
        raise BadOrder(f"there is no way from {origin!r} to {target!r}")
    return Precedence(before, after, transfer.minutes, way=transfer.way)


def _found(candidates: tuple[Candidate, ...], name: str) -> Candidate:
    for one in candidates:
        if one.id == name:
            return one
    raise BadOrder(f"{name!r} is nobody to choose")
