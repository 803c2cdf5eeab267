"""Atomic Multi-Checkout: all of an order, or nothing of it.

1. What an agent may not order alone, the customer approves in person.
2. Reserve every leg: stock, or a place in somebody's day.
3. Hold the whole amount once, by the customer's own method or by the mandate that an agent has; where their bank wants
   to hear from them first, they have a quarter of an hour.
4. Every partner confirms: by its own rule at once, or when asked, in time.
5. Keep what is reserved, take what is held; the shelves show what is left.
6. Escrow holds each leg's price; everyone is told, and the order's Time-Chain begins to run.

Whatever is refused, or late, or fails before the money is taken, takes everything back, last first; the customer learns
what failed, and what else would work.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import azure.durable_functions as df

from activities.alternatives import Failed, find_alternatives
from activities.approvals import Question
from activities.flows import Starting, start_flow
from activities.mandates import spend, unspend
from activities.notices import PartyNotice, tell_party
from activities.orders import LegTold, Told, begin_anew, read_order, tell_leg, tell_order
from activities.payments import Charge, Taking, capture, give_back
from activities.pro_agent import log_accepted
from activities.stock import StockLeft, show_stock
from activities.tasks import show_tasks
from orchestrators.approval import asked
from orchestrators.moving import moved, moving
from orchestrators.paying import held
from orchestrators.reserving import keep, reservation_of, reserve, unreserve
from orchestrators.steps import (
    Context,
    Flow,
    UndoStack,
    all_of,
    doing,
    input_of,
    must,
    step,
    wait_for_any,
)
from orchestrators.telling import telling, told
from shared.flows import Refusal, Refused, StepFailed, Stopped, TimedOut
from shared.money.commands import Charged
from shared.money.commands import Hold as HoldMoney
from shared.orders.order import Order, reply_event
from shared.people.mandates import Spending
from shared.wire import Plain, pack

blueprint = df.Blueprint()
CONFIRM_MINUTES_MAX = 15
"""How long everybody has who must still say yes, from the first reservation on: it does not live longer."""


class Reply(Plain):
    """A partner's answer about its leg."""

    leg: str
    decision: Literal["accept", "reject"]
    note: str = ""


class LegRefused(Refused):
    """One leg has failed, so that something else may do in its place."""

    def __init__(self, leg: str, no: Refusal) -> None:
        super().__init__(no)
        self.leg = leg


@blueprint.orchestration_trigger(context_name="context")
def checkout(context: Context) -> Flow[Any]:
    """Place an order, or take all of it back; its status as plain JSON."""
    order_id = input_of(context, str)
    order: Order = yield from must(step(context, read_order, order_id))
    undo = UndoStack(context)
    try:
        order = yield from _approved(context, order)
        until = context.current_utc_datetime + timedelta(minutes=CONFIRM_MINUTES_MAX)
        yield from _reserve(context, order, undo)
        method = yield from _way_to_pay(context, order, undo)
        undo.add(give_back, order.id)
        charge = Charge(order=order.id, amount=order.total, method=method)
        payment = yield from held(context, charge)
        yield from _confirmed_by_partners(context, order, until)
        left = yield from _keep_reserved(context, order)
        yield from must(step(context, capture, Taking(payment=payment, amount=order.total)))
    except Stopped as no:
        return (yield from _taken_back(context, order, undo, no))
    yield from _held_in_escrow(context, order)
    placed = Told(order=order.id, fact="confirm", what="The order is placed.", payment=payment)
    yield from step(context, tell_order, placed)
    yield from all_of(context, [doing(context, show_stock, one) for one in left])
    yield from _everyone_told(context, order)
    yield from step(context, log_accepted, order.id)
    running = Starting(flow="time_chain", instance=f"{order.id}:chain", given=order.id)
    yield from step(context, start_flow, running)
    return pack({"status": "placed"})


def _approved(context: Context, order: Order) -> Flow[Order]:
    """What needs the customer's own word gets it, and then begins anew; raises Refused."""
    if not order.asks:
        return order
    until = order.approval_until or context.current_utc_datetime
    question = Question(
        customer=order.customer,
        kind="order",
        about=f"order:{order.id}",
        title="Shall I order this?",
        text=f"Your assistant would like to order {order.legs[0].title} and the rest for {order.total}. Shall I?",
        facts={"total": order.total.model_dump(), "items": [leg.title for leg in order.legs]},
        expires_at=until,
    )
    waits = Told(order=order.id, fact="ask", what="It waits for the customer's word.")
    yield from must(step(context, tell_order, waits))
    answer = yield from asked(context, question)
    if not answer.is_yes:
        why = "You did not want it." if answer.status == "rejected" else "Nobody has said yes in time."
        raise Refused(Refusal("not_approved", why))
    agreed = Told(order=order.id, fact="approve", what="The customer has said yes.")
    yield from must(step(context, tell_order, agreed))
    yield from must(step(context, begin_anew, order.id))
    return (yield from must(step(context, read_order, order.id)))


def _way_to_pay(context: Context, order: Order, undo: UndoStack) -> Flow[str]:
    """The customer's method; where an agent pays by mandate, once it is counted against that. Raises Refused."""
    if order.mandate is None:
        return order.method
    spending = Spending(
        mandate=order.mandate,
        customer=order.customer,
        order=order.id,
        agent=order.agent,
        merchants=order.merchants,
        amount=order.total,
        scope="intents:write" if order.standing else "orders:write",
    )
    undo.add(unspend, spending)
    return (yield from must(step(context, spend, spending)))


def _reserve(context: Context, order: Order, undo: UndoStack) -> Flow[None]:
    """Every leg, one after the other; raises Refused."""
    for leg in order.legs:
        for hold in leg.holds:
            name = reservation_of(order.id, leg)
            undo.add_flow("unreserve", hold, partial(unreserve, context, hold, name))
            no = yield from reserve(context, leg, hold, name)
            if no is not None:
                raise LegRefused(leg.id, no)


def _confirmed_by_partners(context: Context, order: Order, until: datetime) -> Flow[None]:
    """Ask those who want to be asked, all at once, and wait for each; raises Refused."""
    open_legs = {leg.id: leg for leg in order.legs if not leg.accepts_alone}
    questions = [PartyNotice(order=order.id, leg=leg.id, kind="question") for leg in open_legs.values()]
    if questions:
        yield from step(context, show_tasks, order.id)
    yield from all_of(context, [doing(context, tell_party, question) for question in questions])
    while open_legs:
        left = max(until - context.current_utc_datetime, timedelta(0))
        events = {reply_event(leg_id): Reply for leg_id in open_legs}
        happened = yield from wait_for_any(context, events, left)
        if isinstance(happened, TimedOut):
            silent = next(iter(open_legs.values()))
            raise LegRefused(silent.id, Refusal("no_answer", f"{silent.partner_name} has not answered in time."))
        reply: Reply = happened.data
        leg = open_legs.pop(reply.leg)
        if reply.decision == "reject":
            no = Refusal("vendor_refused", f"{leg.partner_name} cannot do it. {reply.note}".strip())
            raise LegRefused(leg.id, no)


def _keep_reserved(context: Context, order: Order) -> Flow[list[StockLeft]]:
    """Turn reservations into sales, and what is left of each stock; raises Refused for one that has run out."""
    left = []
    for leg in order.legs:
        for hold in leg.holds:
            kept = yield from keep(context, leg, hold, reservation_of(order.id, leg))
            if isinstance(kept, Refusal):
                raise LegRefused(leg.id, kept)
            left += [kept] if kept else []
    return left


def _held_in_escrow(context: Context, order: Order) -> Flow[None]:
    """What was taken, and each leg's price; from here on there is no way back but a refund."""
    now = context.current_utc_datetime
    yield from moved(context, order, Charged(id="charged:checkout", at=now, amount=order.total, memo="Paid"))
    holds = [
        HoldMoney(id=f"checkout:{leg.id}", at=now, leg=leg.id, amount=leg.price, memo="Held") for leg in order.legs
    ]
    yield from all_of(context, [moving(context, order, hold) for hold in holds])
    told = LegTold(order=order.id, leg=None, what="The money is held.", status="accepted", escrow="held")
    yield from step(context, tell_leg, told)


def _everyone_told(context: Context, order: Order) -> Flow[None]:
    """The customer, and every partner what it has to do by when."""
    notices = [PartyNotice(order=order.id, leg=leg.id, kind="accepted") for leg in order.legs]
    tellings = [telling(context, order.id, "placed"), *(doing(context, tell_party, notice) for notice in notices)]
    yield from all_of(context, tellings)


def _taken_back(context: Context, order: Order, undo: UndoStack, no: Stopped) -> Flow[Any]:
    """Everything undone, last first; the customer learns what failed. What could not be undone is kept for staff."""
    failed = yield from undo.run()
    what = f"The order was taken back: {no.detail or no.reason}"
    yield from step(context, tell_order, Told(order=order.id, fact="fail", what=what, reason=no.detail or no.reason))
    yield from told(context, order.id, "failed", reason=no.detail or no.reason.replace("_", " "))
    yield from step(context, show_tasks, order.id)
    if isinstance(no, LegRefused):
        yield from _what_else(context, order, no.leg)
    return pack({"status": "failed", "reason": no.reason, "not_undone": [one._asdict() for one in failed]})


def _what_else(context: Context, order: Order, leg: str) -> Flow[None]:
    """Say what else would do; all is taken back already, so nothing depends on it."""
    try:
        yield from step(context, find_alternatives, Failed(order=order.id, leg=leg))
    except StepFailed:
        return
