"""A leg that nobody is to do any more; a word for flows, used with `yield from`."""

from __future__ import annotations

from activities.notices import PartyNotice, tell_party
from activities.orders import LegTold, tell_leg
from orchestrators.reserving import let_go, reservation_of
from orchestrators.steps import Context, Flow, step
from shared.orders.order import OrderLeg


def called_off(context: Context, order: str, leg: OrderLeg) -> Flow[None]:
    """Call a leg off: what was kept for it is free again, and its party hears that it is to stop."""
    yield from step(context, tell_leg, LegTold(order=order, leg=leg.id, what="Called off.", status="cancelled"))
    yield from let_go(context, leg, reservation_of(order, leg))
    yield from step(context, tell_party, PartyNotice(order=order, leg=leg.id, kind="cancelled"))
