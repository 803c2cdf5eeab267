"""The task queue: what each party has to do; a copy of legs that are open, kept by party for their lists."""

from __future__ import annotations

from pydantic import AwareDatetime

from shared.orders.legs import is_courier, is_done, is_live
from shared.orders.order import LegStatus, Order, OrderLeg, PartyKind
from shared.records import Container, Record


class Task(Record):
    """One leg as its party sees it in a list. assignee: `partner:rosie-and-thorn`; due: when it is to be done."""

    assignee: str
    order: str
    leg: str
    title: str
    pieces: int
    status: LegStatus
    is_open: bool
    opened_at: AwareDatetime
    starts: AwareDatetime
    due: AwareDatetime


TASKS = Container("tasks", Task, "assignee", indexes=("opened_at", "is_open,due"))


def assignee_of(party: PartyKind, party_id: str) -> str:
    """Whose queue a task stands in."""
    return f"{party}:{party_id}"


def task_id(order: str, leg: str) -> str:
    """The id of a leg's task."""
    return f"{order}:{leg}"


def task_of(order: Order, leg: OrderLeg) -> Task | None:
    """The task of a leg, once it has been opened."""
    if leg.opened is None:
        return None
    is_over = leg.status == "delivered" or not is_live(leg) or (is_done(leg) and not is_courier(leg))
    return Task(
        id=task_id(order.id, leg.id),
        assignee=assignee_of(leg.party, leg.partner),
        order=order.id,
        leg=leg.id,
        title=leg.title,
        pieces=sum(line.quantity for line in leg.lines) or 1,
        status=leg.status,
        is_open=not is_over,
        opened_at=leg.opened,
        starts=leg.starts,
        due=leg.ends,
    )
