"""What a change would do to an order that runs: who comes later, whether the customer is late, and what else would do.

The order is rebuilt from its legs with what has begun and ended, before and after; nothing of it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared.dialogue.words import listed
from shared.logistics.timechain.conflict import Change, Impact, Separately, WayOut, simulate
from shared.logistics.timechain.minutes import minute_from, minute_until, moment_of
from shared.logistics.timechain.model import Chain, Leg, Precedence
from shared.logistics.timechain.schedule import Plan
from shared.logistics.timechain.schedule import plan as plan_of
from shared.logistics.timechain.suggestion import suggestion
from shared.money.amounts import Money
from shared.orders.arranging import made
from shared.orders.choosing import Arrangement
from shared.orders.chosen import Asked, Chosen, NotForSale
from shared.orders.couriers import Carrier, Load, Round, shortlist
from shared.orders.customizers import Customizer, customizers_for
from shared.orders.edits import ends_of, numbered_on, taken_out, with_legs
from shared.orders.joining import Joined, joined
from shared.orders.legs import live
from shared.orders.order import Order, OrderLeg
from shared.orders.planning import PASSES_MAX
from shared.orders.quote import Quoter, check
from shared.orders.running import chain_at, reckoned
from shared.orders.shape import Shape

SEPARATE_TRIED = 3
"""Couriers of their own that are tried for what is added."""
_THERE = "there"
Kind = Literal["proceed", "courier", "later", "drop"]


@dataclass(frozen=True)
class Edit:
    """A change that is tried: things that come, legs that go; with both, the first takes the place of the second.

    occasion: what the customer is to be in time for, in their own words.
    """

    adds: tuple[Chosen, ...] = ()
    removes: tuple[str, ...] = ()
    occasion: str = ""

    @property
    def field(self) -> str:
        """Of the request."""
        return ("replace" if self.removes else "add") if self.adds else "remove"


@dataclass(frozen=True)
class Moved:
    """A leg's end before and after, None where it is not there; late: minutes after the deadline."""

    leg: OrderLeg
    before: datetime | None
    after: datetime | None
    late: int


@dataclass(frozen=True)
class Option:
    """Something to do. price: what it adds to the order; more: than the change itself; arrives: the last of it."""

    kind: Kind
    words: str
    price: Money
    more: Money
    arrives: datetime
    courier: str | None = None


@dataclass(frozen=True)
class Simulation:
    """What came of it; late: minutes by which the customer is late for it; words: as one would ask them."""

    title: str
    is_possible: bool
    late: int
    legs: tuple[Moved, ...]
    words: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class _Try:
    """The order after a change, and what it adds to the price; courier: who brings the new things by themselves."""

    joined: Joined
    price_minor: int
    courier: OrderLeg | None = None


async def simulated(quoter: Quoter, order: Order, edit: Edit, now: datetime) -> Simulation:
    """What an edit would do to a running order; raises NotForSale for one that cannot be tried."""
    before = _plan(order, {}, edit, now)
    if before.finish is None:
        raise NotForSale(edit.field, f"The order cannot be reckoned any more: {before.why}.")
    change, *separately = await _tries(quoter, order, edit, now)
    after = _plan(change.joined.order, change.joined.longer, edit, now)
    others = [(one, _plan(one.joined.order, one.joined.longer, edit, now)) for one in separately]
    title = _title(order, edit)
    made_of = _difference(before.chain, after.chain, title, change.price_minor)
    to = order.deliver_to.address
    instead = [Separately(_difference(before.chain, plan.chain, title, one.price_minor), to) for one, plan in others]
    impact = simulate(before, made_of, instead)
    return Simulation(
        title=title,
        is_possible=impact.is_possible,
        late=impact.late.get(_THERE, 0),
        legs=_moved(order, change.joined.order, before, after),
        words=suggestion(_as_said(impact, edit), order.currency),
        options=_options(order, impact, (before, after), [change, *separately]),
    )


async def _tries(quoter: Quoter, order: Order, edit: Edit, now: datetime) -> list[_Try]:
    """The change itself, then the same with couriers of their own."""
    gone = -sum(leg.price.minor for leg in order.legs if leg.id in edit.removes)
    if not edit.adds:
        left = taken_out(order, edit.removes, edit.field)
        kept = {leg.id for leg in left.legs}
        return [_Try(Joined(left), -sum(leg.price.minor for leg in order.legs if leg.id not in kept))]
    asked = quoter.asked(edit.adds, None, order.deliver_to, order.deliver_by, now)
    check(asked)
    if asked.currency != order.currency:
        raise NotForSale(edit.field, f"The order is in {order.currency}; order it by itself.")
    shape = Shape(asked.goods, quoter.taxonomy)
    arranged = Arrangement(asked.goods, _customized(quoter, asked, shape))
    new = numbered_on(order, made(asked, shape, arranged).legs, now)
    if edit.removes:
        left = taken_out(order, edit.removes, edit.field, [leg.id for leg in ends_of(new)])
        return [_Try(Joined(with_legs(left, new)), _price(new) + gone)]
    if not shape.doors or shape.has_courier:
        return [_Try(Joined(with_legs(order, new)), _price(new))]
    return await _brought(quoter, order, asked, shape, arranged, new)


async def _brought(
    quoter: Quoter, order: Order, asked: Asked, shape: Shape, arranged: Arrangement, new: Sequence[OrderLeg]
) -> list[_Try]:
    """By whoever is to come anyway, if anybody is; and by couriers of their own, the cheapest first."""
    doors = tuple(leg.timing.point for leg in ends_of(new))
    load = Load(doors, asked.to.point, shape.pieces, shape.is_cold)
    carriers = await quoter.carriers(asked.to.point, asked.currency, asked.now, is_cold=shape.is_cold)
    along = joined(order, new, load, carriers, asked.now)
    ready, start = max(minute_from(leg.ends) for leg in new), minute_from(asked.now)
    few = shortlist(carriers, [Round(load, "delivery", ready, start)], SEPARATE_TRIED)
    own = [_by_itself(order, asked, shape, arranged, carrier, number) for number, carrier in enumerate(few)]
    own.sort(key=lambda one: one.price_minor)
    tries = [_Try(along, _price(new) + along.more_minor)] if along else []
    if not tries and not own:
        raise NotForSale("add", "Nobody brings it there.")
    return [*tries, *own]


def _by_itself(
    order: Order, asked: Asked, shape: Shape, arranged: Arrangement, carrier: Carrier, number: int
) -> _Try:
    """A courier of its own; each has another number, so that one can tell them apart."""
    *things, courier = numbered_on(order, made(asked, shape, replace(arranged, courier=carrier)).legs, asked.now)
    name = f"leg-{int(courier.id.removeprefix('leg-')) + number}"
    legs = (*things, courier.model_copy(update={"id": name}))
    return _Try(Joined(with_legs(order, legs)), _price(legs), legs[-1])


def _customized(quoter: Quoter, asked: Asked, shape: Shape) -> dict[int, Customizer]:
    """The cheapest for each thing that needs one."""
    partners = quoter.scout.partners.known.values()
    found = {}
    for number in shape.to_customize:
        able = customizers_for(asked.goods[number], partners, asked.to.point, f"lines[{number}].customization")
        found[number] = min(able, key=lambda one: (one.price_minor, one.capability.lead_minutes))
    return found


def _price(legs: Sequence[OrderLeg]) -> int:
    return sum(leg.price.minor for leg in legs)


# --- time


def _plan(order: Order, longer: Mapping[str, int], edit: Edit, now: datetime) -> Plan:
    """The plan of an order on its way, with couriers setting out when it says; it ends when the customer has all."""
    for _ in range(PASSES_MAX):
        later = reckoned(order, now)
        if later.legs == order.legs:
            break
        order = later
    chain = chain_at(order, now)
    due = minute_until(order.deliver_by)
    there = Leg(_THERE, "wait", 0, due=due, title=edit.occasion or _by_the_clock(order))
    legs = (replace(leg, minutes=leg.minutes + longer.get(leg.id, 0)) for leg in chain.legs)
    ends = (Precedence(leg.id, _THERE) for leg in ends_of(live(order)))
    return plan_of(replace(chain, legs=(*legs, there), precedences=(*chain.precedences, *ends), deadline=None))


def _by_the_clock(order: Order) -> str:
    """The deadline by the clock of where the order is made."""
    hours = order.legs[0].timing.hours
    by = order.deliver_by.astimezone(ZoneInfo(hours.time_zone)) if hours else order.deliver_by
    return f"{by:%H:%M} at {order.deliver_to.address}"


def _difference(before: Chain, after: Chain, title: str, price_minor: int) -> Change:
    """What makes one chain of another."""
    old, new = ({leg.id: leg for leg in chain.legs} for chain in (before, after))
    adds = tuple(leg for name, leg in new.items() if old.get(name) != leg)
    fresh = {leg.id for leg in adds if leg.id not in old}
    lags = {(one.before, one.after): (one.lag_min, one.lag_max) for one in before.precedences}
    return Change(
        title,
        adds,
        tuple(
            one
            for one in after.precedences
            if lags.get((one.before, one.after)) != (one.lag_min, one.lag_max) or {one.before, one.after} & fresh
        ),
        tuple(one for one in after.togethers if one not in before.togethers),
        tuple(name for name, leg in old.items() if new.get(name) != leg),
        price_minor,
    )


# --- words


def _title(order: Order, edit: Edit) -> str:
    """What is changed, as people call it."""
    if edit.adds:
        return listed([one.product.category.replace("-", " ") for one in edit.adds])
    return listed([leg.title for leg in order.legs if leg.id in edit.removes])


def _as_said(impact: Impact, edit: Edit) -> Impact:
    """What is added or taken out makes couriers' rounds others, too; nobody would say so."""
    change = impact.change
    adds, removes = (change.adds if edit.adds else ()), (change.removes if edit.removes else ())
    return replace(impact, change=replace(change, adds=adds, removes=removes))


def _moved(order: Order, changed: Order, before: Plan, after: Plan) -> tuple[Moved, ...]:
    """Every leg, as it was and as it would be."""
    legs = {leg.id: leg for leg in (*live(changed), *live(order))}
    due = minute_until(order.deliver_by)
    return tuple(
        Moved(
            leg=leg,
            before=moment_of(before.ends[name]) if name in before.ends else None,
            after=moment_of(after.ends[name]) if name in after.ends else None,
            late=max(after.ends.get(name, due) - due, 0),
        )
        for name, leg in sorted(legs.items(), key=lambda one: int(one[0].removeprefix("leg-")))
    )


def _options(order: Order, impact: Impact, plans: tuple[Plan, Plan], tries: Sequence[_Try]) -> tuple[Option, ...]:
    """To go on, and what else would do; each with its price and when all would be there."""
    (before, after), price = plans, impact.change.price_minor

    def option(kind: Kind, words: str, more: int, ends: Mapping[str, int], courier: OrderLeg | None = None) -> Option:
        adds, costs = (Money(minor=minor, currency=order.currency) for minor in (price + more, more))
        return Option(kind, words, adds, costs, moment_of(ends[_THERE]), courier.partner_name if courier else None)

    couriers = {one.courier.id: one.courier for one in tries if one.courier}
    found = [option("proceed", "Go on with it", 0, after.ends, tries[0].courier)] if impact.is_possible else []
    for way in impact.ways_out:
        courier = next((leg for name, leg in couriers.items() if name in way.ends), None)
        found.append(option(way.kind, _words(way, impact), way.more_minor, way.ends, courier))
    if not impact.ways_out:
        found.append(option("drop", "Leave the order as it is", -price, before.ends))
    return tuple(found)


def _words(way: WayOut, impact: Impact) -> str:
    match way.kind:
        case "courier":
            return f"Courier the {impact.change.title} separately"
        case "later":
            late = impact.late.get(_THERE, 0)
            return f"Agree on {late} minutes later"
        case "drop":
            return "Leave the order as it is"
