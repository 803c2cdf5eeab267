"""What a party has been asked to do and has done: a copy of its legs, kept by party for its list of orders."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from shared.money.amounts import Money
from shared.orders.legs import is_courier, is_done, is_live
from shared.orders.order import LegStatus, Order, OrderLeg
from shared.orders.tasks import assignee_of, task_id
from shared.records import Container, Record

PartyState = Literal["asked", "running", "done", "over"]
"""Whether its yes is waited for, it has work to do, it has done it, or it came to nothing."""


class PartyOrder(Record):
    """One leg as its party sees it among its orders. assignee: `partner:rosie-and-thorn`; due: when it is to end."""

    assignee: str
    order: str
    leg: str
    title: str
    price: Money
    state: PartyState
    status: LegStatus
    placed_at: AwareDatetime
    starts: AwareDatetime
    due: AwareDatetime


PARTY_ORDERS = Container("party_orders", PartyOrder, "assignee", indexes=("placed_at", "state,placed_at"))


def party_order_of(order: Order, leg: OrderLeg) -> PartyOrder | None:
    """A leg among its party's orders; None while the party does not know of it, and if it came to nothing before."""
    state = _state(order, leg)
    if state is None:
        return None
    return PartyOrder(
        id=task_id(order.id, leg.id),
        assignee=assignee_of(leg.party, leg.partner),
        order=order.id,
        leg=leg.id,
        title=leg.title,
        price=leg.price,
        state=state,
        status=leg.status,
        placed_at=order.created_at,
        starts=leg.starts,
        due=leg.ends,
    )


def _state(order: Order, leg: OrderLeg) -> PartyState | None:
    was_asked = not leg.accepts_alone
    if order.status in {"placing", "awaiting_approval"}:
        return "asked" if was_asked and order.status == "placing" else None
    if order.status == "failed":
        return "over" if was_asked else None
    if not is_live(leg) or order.status == "cancelled":
        return "over"
    return "done" if leg.status == "delivered" or (is_done(leg) and not is_courier(leg)) else "running"
