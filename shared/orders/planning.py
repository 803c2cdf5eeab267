"""From the legs of an order to its Time-Chain: when each can happen, what decides it, and whether it holds.

A leg is its notice (no clock but the wall's) and then its work, in the partner's opening hours. A product's lead holds
its work; a service's lead is the notice alone. Who works on what others bring counts its notice from when that arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.discovery.bundles import Part
from shared.discovery.partners import Partner
from shared.discovery.products import Customization, Product
from shared.discovery.terms import NodeKind
from shared.logistics.geo import Point
from shared.logistics.timechain.buffers import Reliability, buffer_minutes
from shared.logistics.timechain.calendar import calendar_of
from shared.logistics.timechain.minutes import minute_from, minute_until, moment_of
from shared.logistics.timechain.model import Chain, Kind, Leg, Precedence
from shared.logistics.timechain.schedule import Plan
from shared.logistics.timechain.schedule import plan as plan_of_chain
from shared.logistics.timechain.ways import way_by_hour
from shared.logistics.travel import travel_minutes

HAND_OVER_MINUTES = 10
"""What a courier, or whoever brings something, needs at each door."""
INTERRUPTED_FROM_MINUTES = 240
"""Work longer than this rests over closing time; shorter work is done in one go."""
RELIABLE_FROM, FAIR_FROM = 9_500, 8_800
"""On time so often, in basis points, is highly reliable; and fairly."""
KNOWN_FROM_ORDERS = 20
"""Before so many orders nobody is more than fairly reliable."""
KINDS: Mapping[NodeKind, Kind] = {
    "product": "processing", "customization": "customization", "packaging": "assembly", "assembly": "assembly",
    "delivery": "delivery", "transport": "delivery", "venue": "processing",
}  # fmt: skip
_WORKS_ON_OTHERS = frozenset({"customization", "packaging", "assembly"})


@dataclass(frozen=True)
class Chosen:
    """One product with its quantity and customization, as asked for; part: where it stands among the others."""

    product: Product
    partner: Partner
    part: Part


def leg_id(number: int) -> str:
    """The id of a part's leg, the first being 1."""
    return f"leg-{number + 1}"


def planned(chosen: Sequence[Chosen], to: Point, by: datetime, now: datetime) -> Plan:
    """The plan: a first one tells when couriers set out, the second knows how long they then take."""
    first = plan_of_chain(_chain(chosen, by, now, {}))
    rides = {
        number: _ride_minutes(number, chosen, to, first.starts.get(leg_id(number), minute_from(now)))
        for number, one in enumerate(chosen)
        if one.part.role == "delivery"
    }
    return plan_of_chain(_chain(chosen, by, now, rides))


def latest_starts(plan: Plan) -> Mapping[str, int]:
    """Leg → the last start that delays nothing of a plan."""
    return plan_of_chain(replace(plan.chain, deadline=plan.finish)).latest


def own_work(product: Product, tag: str | None) -> Customization | None:
    """The seller's own way of a customization, if it has one."""
    return next((one for one in product.customizations if one.tag == tag and one.is_by_partner), None)


def _chain(chosen: Sequence[Chosen], by: datetime, now: datetime, rides: Mapping[int, int]) -> Chain:
    legs: list[Leg] = []
    order: list[Precedence] = []
    start = minute_from(now)
    for number, one in enumerate(chosen):
        name, notice = leg_id(number), f"{leg_id(number)}:notice"
        legs.append(Leg(notice, "wait", _notice_minutes(one), title=f"notice for {one.product.title}"))
        legs.append(_work(name, one, start, rides.get(number)))
        order.append(Precedence(notice, name))
        begins = notice if one.part.role in _WORKS_ON_OTHERS else name
        order += [_after(leg_id(before), begins, chosen[before], one) for before in one.part.after]
    return Chain(tuple(legs), tuple(order), start=start, deadline=minute_until(by))


def _work(name: str, one: Chosen, start: int, ride: int | None) -> Leg:
    minutes = one.product.work_minutes if ride is None else ride
    kind = KINDS[one.part.role]
    return Leg(
        name,
        kind,
        minutes,
        buffer_minutes=buffer_minutes(kind, minutes, reliability_of(one.partner)),
        calendar=calendar_of(one.partner.hours, start),
        is_interruptible=minutes > INTERRUPTED_FROM_MINUTES,
        title=one.product.title,
    )


def _notice_minutes(one: Chosen) -> int:
    own = own_work(one.product, one.part.options.get("customization"))
    lead = one.product.lead_minutes + (own.lead_minutes if own else 0)
    is_service = one.product.kind in {"service", "experience"}
    return lead if is_service else max(lead - one.product.work_minutes, 0)


def _after(before: str, name: str, from_: Chosen, to: Chosen) -> Precedence:
    """One after the other, with the way between; couriers come to the door themselves, and their ride counts it."""
    if to.part.role == "delivery" or from_.partner.id == to.partner.id:
        return Precedence(before, name)
    way = way_by_hour(from_.partner.place.point, to.partner.place.point, "car", _zone(from_.partner))
    return Precedence(before, name, lag_min=HAND_OVER_MINUTES, way=way)


def reliability_of(partner: Partner) -> Reliability:
    """How far a partner's word can be built on, from its record."""
    trust = partner.trust
    if trust.on_time >= RELIABLE_FROM and trust.orders >= KNOWN_FROM_ORDERS:
        return "high"
    return "medium" if trust.on_time >= FAIR_FROM or trust.orders < KNOWN_FROM_ORDERS else "low"


def _ride_minutes(number: int, chosen: Sequence[Chosen], to: Point, start: int) -> int:
    """A courier's round: every door in turn, then the customer's."""
    zone = _zone(chosen[number].partner)
    doors = [one.partner.place.point for one in chosen if one.part.role != "delivery"]
    stops = list(dict.fromkeys(doors))
    minutes = 0
    for here, there in zip(stops, [*stops[1:], to], strict=True):
        way = travel_minutes(here, there, moment_of(start + minutes), "car", zone)
        minutes += (way or 0) + HAND_OVER_MINUTES
    return minutes


def _zone(partner: Partner) -> ZoneInfo:
    return ZoneInfo(partner.hours.time_zone)
