"""How something more could come along with what is on its way already, and by how much that is longer.

A round that has not begun goes to one door more. Who is under way, or drives somebody, makes a detour where it costs
least; it waits there until the thing is ready.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shared.logistics.geo import Point
from shared.logistics.timechain.calendar import HORIZON_DAYS
from shared.logistics.timechain.detour import detour
from shared.logistics.timechain.minutes import minute_from
from shared.logistics.timechain.route import Courier, Stop
from shared.logistics.timechain.ways import Way, way_by_hour
from shared.orders.couriers import Carrier, Load
from shared.orders.edits import ends_of, with_legs
from shared.orders.legs import live
from shared.orders.order import Order, OrderLeg
from shared.orders.planning import is_round, round_of
from shared.orders.rounds import HAND_OVER_MINUTES, ride_minutes

_HERE, _NEW = "here", "new"
_HORIZON_MINUTES = HORIZON_DAYS * 1_440
"""Nothing of a way on has a window; the room behind its stops is reckoned from here back."""


@dataclass(frozen=True)
class Joined:
    """The order with it; longer: leg → minutes that its way takes more; more_minor: what that costs."""

    order: Order
    longer: Mapping[str, int] = field(default_factory=dict)
    more_minor: int = 0


def joined(
    order: Order, new: Sequence[OrderLeg], load: Load, carriers: Sequence[Carrier], now: datetime
) -> Joined | None:
    """The order with new legs whose last ones are fetched by whoever is to come anyway; None where nobody is."""
    doors = ends_of(new)
    whole = with_legs(order, new)
    legs = live(order)
    for leg in sorted(legs, key=lambda one: one.timing.kind != "pickup"):
        if is_round(leg) and not leg.began and not leg.ended and _is_able(leg, load, carriers):
            return _longer_round(whole, leg, doors, carriers)
    for leg in legs:
        if not leg.ended and (_drives(leg) or (is_round(leg) and leg.began and _is_able(leg, load, carriers))):
            more = _detour(leg, [one for one in legs if one.id in leg.after], doors, now)
            if more is not None:
                return Joined(whole, {leg.id: more})
    return None


def carrier_of(leg: OrderLeg, carriers: Sequence[Carrier]) -> Carrier | None:
    """Who does a round, as one of those who could be chosen."""
    products = {line.product for line in leg.lines}
    mine = (one for one in carriers if (one.party, one.partner) == (leg.party, leg.partner))
    return next((one for one in mine if one.offer is None or one.id in products), None)


def _drives(leg: OrderLeg) -> bool:
    """Whether a leg is somebody's drive, who has things with them as they like."""
    return leg.role == "transport" and not is_round(leg)


def _is_able(leg: OrderLeg, load: Load, carriers: Sequence[Carrier]) -> bool:
    """What must stay cold goes only with who is known to keep it so."""
    carrier = carrier_of(leg, carriers)
    return load.fits(carrier) if carrier else not load.is_cold


def _longer_round(whole: Order, leg: OrderLeg, doors: Sequence[OrderLeg], carriers: Sequence[Carrier]) -> Joined:
    longer = leg.model_copy(update={"after": (*leg.after, *(one.id for one in doors))})
    order = whole.model_copy(update={"legs": tuple(longer if one.id == leg.id else one for one in whole.legs)})
    carrier, more = carrier_of(leg, carriers), 0
    if carrier is not None:
        before, after = ([one for one in whole.legs if one.id in names] for names in (leg.after, longer.after))
        more = carrier.price_minor(round_of(leg, after)) - carrier.price_minor(round_of(leg, before))
    return Joined(order, more_minor=max(more, 0))


def _detour(leg: OrderLeg, before: Sequence[OrderLeg], doors: Sequence[OrderLeg], now: datetime) -> int | None:
    """Minutes by which a way is longer that goes by new doors, one after the other; None where no road leads there."""
    start, here, stops, places = _left(leg, before, minute_from(now))
    until, total = start + _HORIZON_MINUTES, 0
    for number, door in enumerate(doors):
        new = Stop(f"{_NEW}{number}", HAND_OVER_MINUTES, first=minute_from(door.ends), last=until)
        ways = _ways({_HERE: here, **places}, new.id, door.timing.point, stops, leg)
        found = detour(Courier(_HERE, start, until), stops, new, ways)
        if found is None:
            return None
        total += found.more
        stops.insert(found.place, new)
        places[new.id] = door.timing.point
    return total


def _left(
    leg: OrderLeg, before: Sequence[OrderLeg], now: int
) -> tuple[int, Point, list[Stop], dict[str, Point]]:
    """When and from where a way goes on, and what is left of it; somebody's drive is one stop as long as all of it."""
    begun = minute_from(leg.began or leg.starts)
    if _drives(leg):
        point = leg.timing.point
        return max(now, begun), point, [_stop("rest", leg.timing.minutes, now)], {"rest": point}
    path, zone = round_of(leg, before), _zone(leg)
    at, passed = begun, 0
    while passed + 2 < len(path) and at < now:
        at += ride_minutes(path[passed : passed + 2], at, leg.timing.mode, zone)
        passed += 1
    left = path[passed + 1 :] or path[-1:]
    stops = [_stop(str(number), HAND_OVER_MINUTES, now) for number in range(len(left))]
    return max(now, at), path[passed], stops, {str(number): point for number, point in enumerate(left)}


def _stop(name: str, minutes: int, now: int) -> Stop:
    return Stop(name, minutes, last=now + _HORIZON_MINUTES)


def _ways(
    places: Mapping[str, Point], new: str, door: Point, stops: Sequence[Stop], leg: OrderLeg
) -> dict[tuple[str, str], int | Way]:
    """All ways but the one on from the last stop: what is fetched must be there before it."""
    points = {**places, new: door}
    last = stops[-1].id
    found: dict[tuple[str, str], int | Way] = {}
    for here, origin in points.items():
        for there, target in points.items():
            way = way_by_hour(origin, target, leg.timing.mode, _zone(leg))
            if here != there and (here, there) != (last, new) and way is not None:
                found[here, there] = way
    return found


def _zone(leg: OrderLeg) -> ZoneInfo:
    return ZoneInfo(leg.timing.hours.time_zone if leg.timing.hours else str(UTC))
