"""From what somebody asks for to the legs of an order: who does it, for how much, and whether it is there in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.discovery.bundles import Bundle
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import Point
from shared.logistics.timechain.choices import Choice
from shared.logistics.timechain.minutes import NEVER, minute_from, minute_until, moment_of
from shared.logistics.timechain.schedule import Plan
from shared.money.amounts import Money
from shared.money.commission import Referral
from shared.orders.arranging import Made, made
from shared.orders.choosing import Arrangement, Choosing, Meeting, Open, customized_at
from shared.orders.chosen import Asked, Chosen, NotForSale
from shared.orders.couriers import CARRIERS_TRIED, Carrier, Load, Round, offers, shortlist, workers_for
from shared.orders.customizers import Customizer, check_limits, customizers_for
from shared.orders.hubs import Bid, Day, able_hubs, bids, key_of
from shared.orders.order import BundleRef, Destination, OrderLeg
from shared.orders.roster import Roster
from shared.orders.rounds import DOORS_EXACT_MAX
from shared.orders.shape import Shape

PICKUPS_TRIED = 5
"""Couriers that are chosen from for what is fetched to each hub; as many for what is brought from it."""
FULL_DAYS_MAX = 5
"""How often others are looked for because the day of those who were chosen is full."""
_MOVED_BY_ITSELF = frozenset({"delivery", "transport", "venue"})
Days = Callable[[str], Awaitable[Day]]
"""How full a day is, by the key of its capacity."""


@dataclass(frozen=True)
class Market:
    """Who there is for what is open: customizers by the thing's number, and every way in which all can meet.

    hub_meetings first, as far as it is to meet at a hub; ready: thing → the minute at which it is there to be fetched.
    """

    customizers: Mapping[int, tuple[Customizer, ...]]
    hub_meetings: tuple[Meeting, ...]
    meetings: tuple[Meeting, ...]
    bids: tuple[Bid, ...]
    ready: Mapping[int, int]

    @property
    def is_open(self) -> bool:
        """Whether anything is to be chosen."""
        return bool(self.customizers or self.hub_meetings or self.meetings)

    def without(self, names: Collection[str]) -> Market | None:
        """The same without some; None if then nobody is left for something."""
        customizers = {
            number: tuple(who for who in some if who.partner.id not in names)
            for number, some in self.customizers.items()
        }
        at_hubs, direct = (
            tuple(one for meeting in meetings if (one := meeting.without(names)) is not None)
            for meetings in (self.hub_meetings, self.meetings)
        )
        if not all(customizers.values()) or not (at_hubs or direct):
            return None
        return replace(self, customizers=customizers, hub_meetings=at_hubs, meetings=direct)


@dataclass(frozen=True)
class Quote:
    """Legs in an order that keeps `after`, what all costs, when it arrives; plan: the time-chain behind it.

    asked, shape, market, choice: what it came from, for whoever looks for something else.
    """

    legs: tuple[OrderLeg, ...]
    total: Money
    arrives: datetime
    bundle: BundleRef | None
    plan: Plan
    asked: Asked
    shape: Shape
    market: Market
    choice: Choice | None


class Quoter:
    """Makes quotes from the catalog as it is now."""

    def __init__(self, scout: Scout, taxonomy: Taxonomy, roster: Roster, days: Days) -> None:
        self.scout = scout
        self.taxonomy = taxonomy
        self._roster = roster
        self._days = days

    async def quote(
        self,
        chosen: Sequence[Chosen],
        bundle: Bundle | None,
        to: Destination,
        by: datetime,
        now: datetime,
        *,
        meet_at_hub: bool | None = None,
        referral: Referral | None = None,
    ) -> Quote:
        """The order that this would be; raises NotForSale."""
        return await self.ask(self.asked(chosen, bundle, to, by, now, meet_at_hub=meet_at_hub, referral=referral))

    def asked(
        self,
        chosen: Sequence[Chosen],
        bundle: Bundle | None,
        to: Destination,
        by: datetime,
        now: datetime,
        *,
        meet_at_hub: bool | None = None,
        referral: Referral | None = None,
    ) -> Asked:
        """What is asked for, with everything in its role."""
        goods = tuple(chosen) if bundle else tuple(map(self._in_its_role, chosen))
        return Asked(goods, bundle, to, by, now, meet_at_hub, referral)

    async def ask(self, asked: Asked) -> Quote:
        """The same; goods: in their roles. Raises NotForSale."""
        check(asked)
        shape = Shape(asked.goods, self.taxonomy)
        bare = made(asked, shape, Arrangement(asked.goods, {}))
        if bare.plan.finish is None:
            raise NotForSale("deliver_by", f"There is no time at which it could be done: {bare.plan.why}.")
        market = await self._market(asked, shape, bare)
        if not market.is_open:
            return quoted(asked, shape, market, bare, None)
        for _ in range(FULL_DAYS_MAX):
            quote = self._best(asked, shape, market)
            full = await self._full(quote)
            left = market.without(full)
            if not full or left is None:
                break
            market = left
        return quote

    async def carriers(self, to: Point, currency: str, now: datetime, *, is_cold: bool) -> tuple[Carrier, ...]:
        """Everybody who might bring something to a place."""
        found = await offers(self.scout, self.taxonomy, to, currency, is_cold=is_cold, now=minute_from(now))
        workers, _ = await self._roster.now()
        return (*found, *workers_for(workers.values(), currency))

    def choosings(self, asked: Asked, market: Market, things: Sequence[Open]) -> Iterator[Choosing]:
        """What is open, to be chosen from: with a hub if it is to be one, then without."""
        start, deadline = minute_from(asked.now), minute_until(asked.by)
        for meetings in (market.hub_meetings, market.meetings):
            if meetings:
                yield Choosing(asked.goods, things, meetings, start, deadline)

    def _best(self, asked: Asked, shape: Shape, market: Market) -> Quote:
        """The least dear that the Time-Chain bears out; else what is there first."""
        things = open_things(asked, shape, market)
        choosings = list(self.choosings(asked, market, things))
        late: list[Quote] = []
        for choosing in choosings:
            for choice in choosing.in_time():
                found = self._planned(asked, shape, market, choosing, choice)
                if found is not None and found.plan.is_feasible:
                    return found
                late += [found] if found else []
        for choosing in choosings:
            quickest = choosing.quickest()
            found = self._planned(asked, shape, market, choosing, quickest) if quickest else None
            late += [found] if found else []
        if not late:
            raise NotForSale("deliver_by", "There is no time at which it could be brought there.")
        return min(late, key=lambda quote: quote.arrives)

    def _planned(
        self, asked: Asked, shape: Shape, market: Market, choosing: Choosing, choice: Choice
    ) -> Quote | None:
        found = made(asked, shape, choosing.arranged(choice), market.bids)
        return None if found.plan.finish is None else quoted(asked, shape, market, found, choice)

    async def _market(self, asked: Asked, shape: Shape, bare: Made) -> Market:
        ready, to = _ready(shape, bare), asked.to.point
        customizers = {number: self._customizers(asked, number, ready[number]) for number in shape.to_customize}
        if not shape.doors or shape.has_courier:
            if asked.meet_at_hub:
                raise NotForSale("meet_at_hub", "Nothing of it is fetched by couriers of ours, so nothing can meet.")
            alone = (Meeting(to),) if customizers else ()
            return Market(customizers, (), alone, (), ready)
        carriers = await self.carriers(to, asked.currency, asked.now, is_cold=shape.is_cold)
        loads = _loads(asked, shape, customizers, ready)
        found = await self._bids(asked, *loads[0]) if _meets_at_hub(asked, shape, customizers) else ()
        at_hubs = [meeting for bid in found for meeting in _at_hub(bid, carriers, loads, minute_from(asked.now))]
        rounds = [Round(load, "delivery", there, minute_from(asked.now)) for load, there in loads]
        direct = tuple(Meeting(to, one) for one in shortlist(carriers, rounds, CARRIERS_TRIED))
        if not direct and not at_hubs:
            raise NotForSale("deliver_to", "Nobody brings it there.")
        return Market(customizers, tuple(at_hubs), direct, found, ready)

    def _customizers(self, asked: Asked, number: int, ready: int) -> tuple[Customizer, ...]:
        """Who can customize a thing that is ready at a minute, and is ever open for it. Raises NotForSale."""
        one, field = asked.goods[number], f"lines[{number}].customization"
        able = customizers_for(one, self.scout.partners.known.values(), asked.to.point, field)
        start = minute_from(asked.now)
        found = tuple(who for who in able if customized_at(one, ready, who, start) < NEVER)
        if not found:
            raise NotForSale(field, f"Nobody who can do it on {one.product.title} is open in the next weeks.")
        return found

    async def _full(self, quote: Quote) -> frozenset[str]:
        """Whom we have chosen though their day is full."""
        things = {one.product.id for one in quote.asked.goods}
        ours = [leg for leg in quote.legs if leg.lines[0].product not in things]
        holds = [(leg.partner, hold) for leg in ours for hold in leg.holds]
        days = await asyncio.gather(*(self._days(hold.key) for _, hold in holds))
        return frozenset(name for (name, hold), day in zip(holds, days, strict=True) if not day.has_room(hold))

    async def _bids(self, asked: Asked, load: Load, ready: int) -> tuple[Bid, ...]:
        """What hubs bid for the day on which everything could be there."""
        _, hubs = await self._roster.now()
        able = able_hubs(hubs.values(), load, asked.currency)
        keys = [key_of(hub, hub.hours.day_of(moment_of(ready))) for hub in able]
        days = await asyncio.gather(*map(self._days, keys))
        return bids(able, load, {hub.id: found for hub, found in zip(able, days, strict=True)})

    def _in_its_role(self, one: Chosen) -> Chosen:
        """A car or a courier that is ordered like a product is one all the same."""
        category = self.taxonomy.categories.get(one.product.category)
        if category is None or category.node not in _MOVED_BY_ITSELF:
            return one
        return replace(one, part=one.part.model_copy(update={"role": category.node}))


def open_things(
    asked: Asked, shape: Shape, market: Market, vendors: Mapping[int, Sequence[tuple[Chosen, int]]] | None = None
) -> tuple[Open, ...]:
    """What is to be chosen for each thing; vendors: others who could sell it, and from which minute it is there."""
    found = []
    upstream = {shape.last_of(number) for number in market.customizers}
    for number, one in enumerate(asked.goods):
        is_door = number in shape.doors and number not in upstream
        if number not in market.customizers and not is_door:
            continue
        last = shape.last_of(number)
        found.append(
            Open(
                number=number,
                vendors=((one, market.ready[number]), *(vendors or {}).get(number, ())),
                customizers=market.customizers.get(number, ()),
                door=asked.goods[last].partner.place.point if last != number else None,
                is_brought=number in shape.brought and not shape.has_courier,
            )
        )
    return tuple(found)


def quoted(asked: Asked, shape: Shape, market: Market, found: Made, choice: Choice | None) -> Quote:
    """A quote of legs that have times."""
    assert found.plan.finish is not None
    total = Money(minor=sum(leg.price.minor for leg in found.legs), currency=asked.currency)
    bundle = asked.bundle
    ref = BundleRef(id=bundle.id, title=bundle.title, visibility=bundle.visibility) if bundle else None
    return Quote(found.legs, total, moment_of(found.plan.finish), ref, found.plan, asked, shape, market, choice)


def _ready(shape: Shape, bare: Made) -> dict[int, int]:
    """Thing → the minute at which it is there; the first legs are the things, one each."""
    ends = [bare.plan.ends[leg.id] for leg in bare.legs[: len(shape.goods)]]
    return {number: ends[number] for number in {*shape.doors, *shape.to_customize}}


def _loads(
    asked: Asked, shape: Shape, customizers: Mapping[int, Sequence[Customizer]], ready: Mapping[int, int]
) -> list[tuple[Load, int]]:
    """What couriers fetch, and when all of it is there: with the quickest customizers, and with the cheapest."""
    start = minute_from(asked.now)

    def done(number: int, who: Customizer) -> int:
        return customized_at(asked.goods[number], ready[number], who, start)

    quickest = {n: min(some, key=partial(done, n)) for n, some in customizers.items()}
    cheapest = {n: min(some, key=lambda who: who.price_minor) for n, some in customizers.items()}
    found = []
    for chosen in (quickest, cheapest):
        points = [chosen[n] if n in chosen else asked.goods[n] for n in shape.doors]
        doors = tuple(one.partner.place.point for one in points)
        times = [done(n, chosen[n]) if n in chosen else at for n, at in ready.items()]
        found.append((Load(doors, asked.to.point, shape.pieces, shape.is_cold), max(times)))
    return found if customizers else found[:1]


def _meets_at_hub(asked: Asked, shape: Shape, customizers: Mapping[int, Sequence[Customizer]]) -> bool:
    if asked.meet_at_hub is not None:
        return asked.meet_at_hub
    return shape.wants_hub([some[0].partner.id for some in customizers.values()])


def _at_hub(bid: Bid, carriers: Sequence[Carrier], loads: Sequence[tuple[Load, int]], start: int) -> list[Meeting]:
    """The ways in which all can come to a hub and on to the door; none where too few could fetch it."""
    hub = bid.hub.place.point
    fetched = [Round(replace(load, to=hub), "pickup", ready, start) for load, ready in loads]
    pickups = shortlist(carriers, fetched, PICKUPS_TRIED)
    if len(set(loads[0][0].doors)) > DOORS_EXACT_MAX * len(pickups):
        return []
    brought = []
    for (load, _), one in zip(loads, fetched, strict=True):
        there = min((one.ends(pickup) for pickup in pickups), default=one.ready)
        brought.append(Round(replace(load, doors=(hub,)), "delivery", there, start))
    onward = shortlist(carriers, brought, PICKUPS_TRIED)
    return [Meeting(loads[0][0].to, pickup, bid, onward) for pickup in pickups] if onward else []


def check(asked: Asked) -> None:
    """Whether there is enough of it, and within its limits; raises NotForSale."""
    for number, one in enumerate(asked.goods):
        product, left = one.product, one.product.stock
        if left is not None and left < one.part.quantity:
            words = f"Only {left} are left" if left else "It is sold out"
            raise NotForSale(f"lines[{number}].quantity", f"{words}: {product.title}.")
        check_limits(one, f"lines[{number}].customization")
    if len({one.product.price.currency for one in asked.goods}) > 1:
        raise NotForSale("lines", "They are in different currencies; order them one by one.")
