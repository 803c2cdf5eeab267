"""What can be said of an order's legs by their status alone: what is done, what is due, what moves along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared.orders.order import LegStatus, Order, OrderLeg, OrderStatus

_OVER: frozenset[LegStatus] = frozenset({"rejected", "cancelled"})
_HANDED_OVER: frozenset[LegStatus] = frozenset({"ready_for_pickup", "in_transit", "delivered"})
_COURIERS = frozenset({"pickup", "delivery"})
RUNNING: frozenset[OrderStatus] = frozenset({"placed", "in_progress"})
"""While an order is so, its legs can still become others."""


def is_courier(leg: OrderLeg) -> bool:
    """Whether the leg brings what others make."""
    return leg.timing is not None and leg.timing.kind in _COURIERS


def is_live(leg: OrderLeg) -> bool:
    """Whether the leg is still part of what is to be done or was done."""
    return leg.status not in _OVER


def is_done(leg: OrderLeg) -> bool:
    """Whether what comes after the leg can begin: a maker's work is ready, a courier's load is there."""
    return leg.status == "delivered" or (leg.status in _HANDED_OVER and not is_courier(leg))


def live(order: Order) -> tuple[OrderLeg, ...]:
    """The legs that are neither rejected nor cancelled."""
    return tuple(leg for leg in order.legs if is_live(leg))


def is_due(order: Order, leg: OrderLeg) -> bool:
    """Whether a leg can be done now: it is taken on, and all before it are done."""
    before = {one.id: one for one in live(order)}
    is_ours = is_live(leg) and leg.status != "planned"
    waits = {one.id for one in to_recover(order)}
    is_free = not waits.intersection(leg.after)
    return is_ours and is_free and all(is_done(before[name]) for name in leg.after if name in before)


def to_recover(order: Order) -> tuple[OrderLeg, ...]:
    """The legs that their parties have given up, whose money waits for somebody else to take them on."""
    return tuple(leg for leg in order.legs if leg.status == "rejected" and leg.escrow == "held")


def left_with_nothing(order: Order, gone: str) -> tuple[OrderLeg, ...]:
    """The legs that have nothing left to bring or to work on once a leg is gone."""
    names = {gone} | {leg.id for leg in order.legs if not is_live(leg)}
    found: list[OrderLeg] = []
    for leg in live(order):
        if leg.after and names.issuperset(leg.after) and leg.ended is None:
            found.append(leg)
            names.add(leg.id)
    return tuple(found)


def stalled(order: Order, now: datetime) -> OrderLeg | None:
    """The first leg that should have begun by now and has not: what a late order waits for."""
    late = [leg for leg in to_do(order) if leg.opened and leg.starts <= now and not leg.began]
    return min(late, key=lambda leg: (leg.starts, leg.id), default=None)


def to_do(order: Order) -> tuple[OrderLeg, ...]:
    """The legs that can be done now and are not done yet."""
    return tuple(leg for leg in order.legs if is_due(order, leg) and not is_done(leg))


def to_open(order: Order) -> tuple[OrderLeg, ...]:
    """The legs whose tasks are to be shown to their parties now."""
    return tuple(leg for leg in to_do(order) if leg.opened is None)


def is_all_delivered(order: Order) -> bool:
    """Whether nothing is left to be done."""
    if to_recover(order):
        return False
    legs = live(order)
    ends = {leg.id for leg in legs} - {name for leg in legs for name in leg.after}
    has_come = all(leg.status == "delivered" for leg in legs if leg.id in ends)
    return bool(legs) and has_come and all(is_done(leg) for leg in legs)


def is_void(order: Order) -> bool:
    """Whether a running order has nothing left that anybody is to do or has done: all of it was given back."""
    is_open = any(leg.escrow in {"held", "disputed"} for leg in order.legs)
    return order.status in RUNNING and not is_open and not live(order)


def carried_along(order: Order, leg: OrderLeg, status: LegStatus) -> Iterator[tuple[str, LegStatus]]:
    """The legs that move with a courier's: what it takes is on the way, what it brings is delivered."""
    if not is_courier(leg) or status not in {"in_transit", "delivered"}:
        return
    before = {one.id: one for one in order.legs}
    waiting = list(leg.after)
    while waiting:
        one = before[waiting.pop()]
        if one.status in {"ready_for_pickup", "in_transit"} and one.status != status:
            yield one.id, status
        if status == "delivered":
            waiting += one.after


def is_settled(order: Order) -> bool:
    """Whether no leg's money is held or disputed any more."""
    return all(leg.escrow in {"released", "refunded"} for leg in live(order))


def can_be_cancelled(order: Order) -> bool:
    """Whether the customer can still call it off: it is placed and nobody has begun."""
    return order.status == "placed" and all(leg.began is None and leg.ended is None for leg in order.legs)


def can_be_replaced(order: Order, leg_id: str) -> bool:
    """Whether another may still take a leg's place: the order runs, its money is held, and nobody has begun it.

    What its party has given up can be replaced, however far it had come.
    """
    leg = order.leg(leg_id)
    if leg is None or order.status not in RUNNING or leg.escrow != "held":
        return False
    return leg.status == "rejected" or (is_live(leg) and leg.began is None and leg.ended is None)


def next_number(order: Order, taken: str = "") -> str:
    """The id of one more leg: behind all that the order has, and behind one that is taken already."""
    names = [leg.id for leg in order.legs] + [taken] * bool(taken)
    return f"leg-{max(int(name.removeprefix('leg-')) for name in names) + 1}"
