"""From who was chosen to the legs of an order, in an order that keeps `after`, with their times and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.logistics.geo import Point
from shared.logistics.timechain.minutes import minute_from, minute_until
from shared.logistics.timechain.schedule import Plan
from shared.money.amounts import Money
from shared.money.commission import Cpa, Referral
from shared.orders import drafts
from shared.orders.alone import answered
from shared.orders.choosing import Arrangement
from shared.orders.chosen import Asked, Chosen, NotForSale
from shared.orders.couriers import Carrier
from shared.orders.drafts import Draft, Spot
from shared.orders.hubs import Bid, why
from shared.orders.order import LEGS_MAX, OrderLeg
from shared.orders.planning import planned
from shared.orders.pricing import goods_prices
from shared.orders.rounds import DOORS_EXACT_MAX, path_of
from shared.orders.shape import Shape
from shared.orders.timings import timing_of


class Made(NamedTuple):
    """Legs with their times, and the plan behind them."""

    legs: tuple[OrderLeg, ...]
    plan: Plan


def made(asked: Asked, shape: Shape, chosen: Arrangement, bids: Sequence[Bid] = ()) -> Made:
    """The legs of an arrangement; bids: all of those that the winner was chosen from. Raises NotForSale."""
    found = list(_Maker(asked, shape, chosen, bids).drafts())
    if len(found) > LEGS_MAX:
        raise NotForSale("lines", f"That makes {len(found)} parts; an order has {LEGS_MAX} at most.")
    couriers = {one.leg.id: one.courier for one in found if one.courier is not None}
    start, deadline = minute_from(asked.now), minute_until(asked.by)
    legs, plan = planned([one.leg for one in found], start, deadline, couriers)
    held = (_held(asked, shape, one, leg) for one, leg in zip(found, legs, strict=True))
    return Made(tuple(held), plan)


def _held(asked: Asked, shape: Shape, draft: Draft, leg: OrderLeg) -> OrderLeg:
    """A leg once its times are known: what it holds of that day, and whether its partner is to be asked."""
    held = leg.model_copy(update={"holds": (draft.hold(leg.day),)})
    return answered(held, draft.partner, asked.to.point, shape.taxonomy, asked.now) if draft.partner else held


class _Maker:
    """Makes drafts one after the other; ids are known before, so that what comes later can be named."""

    def __init__(self, asked: Asked, shape: Shape, chosen: Arrangement, bids: Sequence[Bid]) -> None:
        self._asked = asked
        self._shape = shape
        self._chosen = chosen
        self._bids = bids
        self._count = 0
        self._first: dict[int, str] = {}
        self._last: dict[int, str] = {}
        for number in range(len(chosen.goods)):
            self._first[number] = self._last[number] = self._next()
            if number in chosen.customizers:
                self._last[number] = self._next()

    def drafts(self) -> Iterator[Draft]:
        """What was chosen, who customizes it, and how it comes to the door."""
        for number, price in enumerate(goods_prices(self._chosen.goods, self._asked.bundle)):
            yield from self._good(number, price)
        doors = [self._last[number] for number in self._shape.doors]
        if self._chosen.bid is not None:
            pickups = list(self._pickups(self._chosen.bid))
            yield from pickups
            spot = self._spot(self._next(), [one.leg.id for one in pickups])
            reasons = why(self._chosen.bid, self._bids, self._asked.currency)
            yield drafts.assembly(self._chosen.bid, self._asked.currency, reasons, spot)
            doors = [spot.id]
        if self._chosen.courier is not None:
            yield self._delivery(self._chosen.courier, doors)

    def _good(self, number: int, price_minor: int) -> Iterator[Draft]:
        one, who = self._chosen.goods[number], self._chosen.customizers.get(number)
        if price_minor <= 0:
            raise NotForSale(f"lines[{number}].product_id", f"{one.product.title} has no price yet.")
        fresh = self._shape.fresh_minutes_max(number)
        if fresh is not None and who is not None:
            fresh += who.notice_minutes + who.minutes
        yield drafts.good(
            one,
            timing_of(one, self._asked.to.point, self._shape.taxonomy, fresh),
            Money(minor=price_minor, currency=self._asked.currency),
            self._spot(self._first[number], [self._last[before] for before in self._before(one)], one),
            self._referral(number),
            is_bare=who is not None,
        )
        if who is not None:
            spot = self._spot(self._last[number], [self._first[number]], one)
            yield drafts.customization(one, who, spot, self._referral(number))

    def _before(self, one: Chosen) -> Sequence[int]:
        """A courier that was chosen like a product brings all of it."""
        is_courier = one.part.role == "delivery" and self._asked.bundle is None
        return self._shape.doors if is_courier else one.part.after

    def _referral(self, number: int) -> Referral | None:
        """An order is won once, so a fixed commission is paid once."""
        referral = self._asked.referral
        return None if referral is not None and isinstance(referral.rate, Cpa) and number else referral

    def _pickups(self, bid: Bid) -> Iterator[Draft]:
        """A round for every few doors that lie together."""
        points = {number: self._point(number) for number in self._shape.doors}
        path = path_of(points.values(), bid.hub.place.point)
        numbers = sorted(points, key=lambda number: path.index(points[number]))
        doors = list(dict.fromkeys(points[number] for number in numbers))
        for round_, carrier in enumerate(self._chosen.pickups):
            here = set(doors[round_ * DOORS_EXACT_MAX : (round_ + 1) * DOORS_EXACT_MAX])
            mine = [number for number in self._shape.doors if points[number] in here]
            way = path_of([points[number] for number in mine], bid.hub.place.point)
            spot = self._spot(self._next(), [self._last[number] for number in mine])
            yield drafts.courier(carrier, "pickup", way, self._asked.currency, spot)

    def _delivery(self, carrier: Carrier, doors: Sequence[str]) -> Draft:
        bid = self._chosen.bid
        points = [bid.hub.place.point] if bid else [self._point(number) for number in self._shape.doors]
        path = path_of(points, self._asked.to.point)
        return drafts.courier(carrier, "delivery", path, self._asked.currency, self._spot(self._next(), doors))

    def _point(self, number: int) -> Point:
        who = self._chosen.customizers.get(number)
        return (who or self._chosen.goods[number]).partner.place.point

    def _spot(self, name: str, after: Sequence[str], one: Chosen | None = None) -> Spot:
        visibility = self._asked.bundle.visibility if self._asked.bundle else "transparent"
        shows = visibility == "transparent" or (visibility == "hybrid" and one is not None and one.part.shows_partner)
        return Spot(name, after, self._asked.now, shows)

    def _next(self) -> str:
        self._count += 1
        return f"leg-{self._count}"
