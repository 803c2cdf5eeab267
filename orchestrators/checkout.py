"""Atomic Multi-Checkout: all of an order, or nothing of it.

1. Reserve every leg: stock, or a place in a partner's day.
2. Hold the whole amount once.
3. Every partner confirms: by its own rule at once, or when asked, in time.
4. Keep what is reserved, take what is held; the shelves show what is left.
5. Escrow holds each leg's price; everyone is told.

Whatever is refused, or late, or fails before the money is taken, takes everything back, last first.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Literal

import azure.durable_functions as df

from activities.notices import Notice, PartnerNotice, tell_customer, tell_partner
from activities.orders import LegTold, Told, read_order, tell_leg, tell_order
from activities.payments import Charge, Taking, authorise, capture, give_back
from activities.stock import StockLeft, show_stock
from orchestrators.move_money import Movement
from orchestrators.steps import (
    Context,
    Flow,
    UndoStack,
    all_of,
    call_entity,
    child,
    doing,
    input_of,
    must,
    step,
    wait_for_any,
)
from shared.flows import Refusal, Refused, Stopped, TimedOut
from shared.logistics.capacity import Confirm, Outcome, Release, Reserve, SetLimit
from shared.money.commands import Hold as HoldMoney
from shared.money.legs import Outcome as MoneyOutcome
from shared.orders.order import Hold, Order, OrderLeg, reply_event
from shared.wire import Plain, pack

blueprint = df.Blueprint()
CONFIRM_MINUTES_MAX = 15
"""How long a partner that wants to be asked has to answer: a reservation does not live longer."""
CONFIRMED = "confirmed"
FULL = {
    "full": "{title} is no longer to be had: somebody was quicker.",
    "not_offered": "{title} is not to be had on that day.",
}


class Reply(Plain):
    """A partner's answer about its leg."""

    leg: str
    decision: Literal["accept", "reject"]
    note: str = ""


@blueprint.orchestration_trigger(context_name="context")
def checkout(context: Context) -> Flow[Any]:
    """Place an order, or take all of it back; its status as plain JSON."""
    order_id = input_of(context, str)
    order: Order = yield from must(step(context, read_order, order_id))
    undo = UndoStack(context)
    try:
        yield from _reserve(context, order, undo)
        undo.add(give_back, order.id)
        charge = Charge(order=order.id, amount=order.total, method=order.method)
        payment = yield from must(step(context, authorise, charge))
        yield from _confirmed_by_partners(context, order)
        left = yield from _keep_reserved(context, order)
        yield from must(step(context, capture, Taking(payment=payment, amount=order.total)))
    except Stopped as no:
        return (yield from _taken_back(context, order, undo, no))
    yield from _held_in_escrow(context, order)
    placed = Told(order=order.id, fact="confirm", what="The order is placed.", payment=payment)
    yield from step(context, tell_order, placed)
    yield from all_of(context, [doing(context, show_stock, one) for one in left])
    yield from _everyone_told(context, order)
    return pack({"status": "placed"})


def _reserve(context: Context, order: Order, undo: UndoStack) -> Flow[None]:
    """Every leg, one after the other; raises Refused."""
    for leg in order.legs:
        for hold in leg.holds:
            name = _reservation(order, leg)
            undo.add_entity("capacity", hold.key, "release", partial(_release, context, name), Outcome)
            outcome = yield from _reserved(context, hold, name)
            if outcome.status == "refused":
                words = FULL.get(outcome.reason or "", FULL["full"])
                raise Refused(Refusal("not_available", words.format(title=leg.lines[0].title)))


def _reserved(context: Context, hold: Hold, name: str) -> Flow[Outcome]:
    """The reservation; where nobody has said yet how much there is, the catalog's figure is told first."""
    asked = Reserve(id=name, units=hold.units, at=context.current_utc_datetime)
    outcome = yield from call_entity(context, "capacity", hold.key, "reserve", asked, Outcome)
    if outcome.status == "refused" and outcome.reason == "not_offered":
        # Under the catalog's own time: whoever else tells the same figure meanwhile changes nothing.
        limit = SetLimit(limit=hold.limit, at=hold.limit_at)
        yield from call_entity(context, "capacity", hold.key, "set_limit", limit, Outcome)
        outcome = yield from call_entity(context, "capacity", hold.key, "reserve", asked, Outcome)
    return outcome


def _confirmed_by_partners(context: Context, order: Order) -> Flow[None]:
    """Ask those who want to be asked, all at once, and wait for each; raises Refused."""
    open_legs = {leg.id: leg for leg in order.legs if not leg.accepts_alone}
    asked = [PartnerNotice(order=order.id, partner=leg.partner, text=_question(leg)) for leg in open_legs.values()]
    yield from all_of(context, [doing(context, tell_partner, notice) for notice in asked])
    until = context.current_utc_datetime + timedelta(minutes=CONFIRM_MINUTES_MAX)
    while open_legs:
        left = max(until - context.current_utc_datetime, timedelta(0))
        events = {reply_event(leg_id): Reply for leg_id in open_legs}
        happened = yield from wait_for_any(context, events, left)
        if isinstance(happened, TimedOut):
            name = next(iter(open_legs.values())).partner_name
            raise Refused(Refusal("no_answer", f"{name} has not answered in time."))
        reply: Reply = happened.data
        leg = open_legs.pop(reply.leg)
        if reply.decision == "reject":
            raise Refused(Refusal("vendor_refused", f"{leg.partner_name} cannot do it. {reply.note}".strip()))


def _keep_reserved(context: Context, order: Order) -> Flow[list[StockLeft]]:
    """Turn reservations into sales, and what is left of each stock; raises Refused for one that has run out."""
    left = []
    for leg in order.legs:
        for hold in leg.holds:
            asked = Confirm(id=_reservation(order, leg), at=context.current_utc_datetime)
            outcome = yield from call_entity(context, "capacity", hold.key, "confirm", asked, Outcome)
            if outcome.status != CONFIRMED:
                raise Refused(Refusal("not_available", FULL["full"].format(title=leg.lines[0].title)))
            if outcome.left is not None:
                left.append(StockLeft(product=leg.lines[0].product, left=outcome.left))
    return left


def _held_in_escrow(context: Context, order: Order) -> Flow[None]:
    """Each leg's price; from here on there is no way back but a refund."""
    moves = [
        Movement(
            order=order.id,
            customer=order.customer,
            currency=order.currency,
            command=HoldMoney(
                id=f"checkout:{leg.id}", at=context.current_utc_datetime, leg=leg.id, amount=leg.price, memo="Paid"
            ),
        )
        for leg in order.legs
    ]
    yield from all_of(context, [child(context, "move_money", move, MoneyOutcome) for move in moves])
    told = LegTold(order=order.id, leg=None, what="The money is held.", status="accepted", escrow="held")
    yield from step(context, tell_leg, told)


def _everyone_told(context: Context, order: Order) -> Flow[None]:
    """The customer, and every partner what it has to do by when."""
    told = [doing(context, tell_customer, Notice(order=order.id, text=_placed_words(order)))]
    told += [
        doing(context, tell_partner, PartnerNotice(order=order.id, partner=leg.partner, text=_task_words(leg)))
        for leg in order.legs
    ]
    yield from all_of(context, told)


def _taken_back(context: Context, order: Order, undo: UndoStack, no: Stopped) -> Flow[Any]:
    """Everything undone, last first; the customer learns what failed. What could not be undone is kept for staff."""
    failed = yield from undo.run()
    what = f"The order was taken back: {no.detail or no.reason}"
    yield from step(context, tell_order, Told(order=order.id, fact="fail", what=what, reason=no.detail or no.reason))
    yield from step(context, tell_customer, Notice(order=order.id, text=f"{what} Nothing was charged."))
    return pack({"status": "failed", "reason": no.reason, "not_undone": [one._asdict() for one in failed]})


def _reservation(order: Order, leg: OrderLeg) -> str:
    return f"{order.id}:{leg.id}"


def _release(context: Context, name: str) -> Release:
    return Release(id=name, at=context.current_utc_datetime)


def _lines(leg: OrderLeg) -> str:
    return ", ".join(f"{line.quantity} of {line.title}" if line.quantity > 1 else line.title for line in leg.lines)


def _question(leg: OrderLeg) -> str:
    return f"New order: {_lines(leg)}, to be ready by {leg.ends:%A %b %d, %H:%M} UTC. Do you take it?"


def _task_words(leg: OrderLeg) -> str:
    details = "; ".join(f"{name}: {value}" for line in leg.lines for name, value in line.options.items())
    return f"Yours to do: {_lines(leg)}, ready by {leg.ends:%A %b %d, %H:%M} UTC." + (f" {details}." if details else "")


def _placed_words(order: Order) -> str:
    what = order.bundle.title if order.bundle else ", ".join(line.title for leg in order.legs for line in leg.lines)
    return f"Your order is placed: {what}. {order.total} are held until it has arrived."
