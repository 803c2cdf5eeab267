"""What happens to an order, as changes of its record that do no harm when told twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.orders.legs import carried_along, is_done, is_live, live
from shared.orders.order import LEG_MOVES, ORDER_MOVES, GivenUp, Happening, LegStatus, Order, OrderFact, OrderLeg


class ImpossibleMove(Exception):
    """An order or a leg does not go there from where it stands; the message says from where to where."""


def moved(order: Order, fact: OrderFact, happening: Happening, **more: Any) -> Order:
    """The order after a fact; the same happening again changes nothing. Raises ImpossibleMove."""
    if is_known(order, happening):
        return order
    status = ORDER_MOVES.get((order.status, fact))
    if status is None:
        raise ImpossibleMove(f"Order {order.id} is {order.status}: it cannot {fact}.")
    return noted(order, happening, status=status, **more)


def leg_moved(order: Order, leg_id: str, status: LegStatus, happening: Happening) -> Order:
    """The order after one leg has moved; raises ImpossibleMove, also for a leg that is not there."""
    if is_known(order, happening):
        return order
    leg = order.leg(leg_id)
    if leg is None:
        raise ImpossibleMove(f"Order {order.id} has no {leg_id}.")
    if status not in LEG_MOVES[leg.status]:
        allowed = " or ".join(sorted(LEG_MOVES[leg.status])) or "nothing more"
        raise ImpossibleMove(f"{leg_id} is {leg.status}: it can become {allowed}, not {status}.")
    after = with_leg(noted(order, happening), leg_id, **_times(leg, status, happening.at), status=status)
    for name, along in carried_along(order, leg, status):
        after = with_leg(after, name, status=along)
    return after


def given_up(order: Order, leg_id: str, why: GivenUp, happening: Happening) -> Order:
    """The order with a leg that will not be done after all, be it ready or on its way; raises ImpossibleMove."""
    if is_known(order, happening):
        return order
    leg = order.leg(leg_id)
    if leg is None or not is_live(leg) or leg.escrow != "held":
        raise ImpossibleMove(f"{leg_id} is {leg.status if leg else 'not there'}: it cannot be given up now.")
    return with_leg(noted(order, happening), leg_id, status="rejected", given_up=why)


def all_delivered(order: Order, happening: Happening) -> Order:
    """The order as its customer has it in hands, whatever its parties have said of it."""
    after = order
    for leg in live(order):
        if leg.status != "delivered":
            times = {"began": leg.began or happening.at, "ended": leg.ended or happening.at}
            after = with_leg(after, leg.id, **times, status="delivered")
    return noted(after, happening, confirmed_at=happening.at)


def _times(leg: OrderLeg, status: LegStatus, at: datetime) -> dict[str, datetime]:
    """When a leg began and ended, as its moves tell."""
    times = {}
    if leg.began is None and status not in {"accepted", "rejected", "cancelled"}:
        times["began"] = at
    moved = leg.model_copy(update={"status": status})
    if leg.ended is None and is_done(moved):
        times["ended"] = at
    return times


def with_leg(order: Order, leg_id: str, **news: Any) -> Order:
    """The order with one leg changed."""
    legs = tuple(leg.model_copy(update=news) if leg.id == leg_id else leg for leg in order.legs)
    return order.model_copy(update={"legs": legs})


def with_all_legs(order: Order, **news: Any) -> Order:
    """The order with all legs changed alike."""
    return order.model_copy(update={"legs": tuple(leg.model_copy(update=news) for leg in order.legs)})


def noted(order: Order, happening: Happening, **more: Any) -> Order:
    """The order with something written into its timeline."""
    timeline = (*order.timeline, happening)
    return order.model_copy(update={"timeline": timeline, "updated_at": happening.at, **more})


def happened(key: str, at: datetime, what: str, leg: str | None = None, note: str = "") -> Happening:
    """A happening; key: of the step that tells it."""
    return Happening(id=key, at=at, what=what, leg=leg, note=note)


def is_known(order: Order, happening: Happening) -> bool:
    """Whether it was told before."""
    return any(one.id == happening.id for one in order.timeline)
