"""A leg takes another's place: its money goes over, only the difference moves, and then the order has it.

1. More: it is held on the customer's card and taken; one that says no stops the change.
2. Escrow moves what it holds from the old leg to the new one. Where it refuses, what was taken goes back.
3. The order has the new leg in the old one's place, and whoever is paid from it sees that.
4. Less: what is too much goes back to the card.
"""

from __future__ import annotations

from activities.ledger import LegRef, show_dues
from activities.orders import read_order
from activities.payments import Charge, Holding, Taking, capture, let_go_of
from activities.pro_agent import log_accepted
from activities.recovery import Swapping, swap_leg
from orchestrators.moving import moved
from orchestrators.paying import held
from orchestrators.refund import given_back
from orchestrators.steps import Context, Flow, must, step
from shared.flows import Refusal, Refused, Stopped
from shared.money.amounts import Money
from shared.money.commands import Charged, Reuse
from shared.orders.legs import next_number
from shared.orders.order import Order, OrderLeg

NUMBERS_TRIED_MAX = 5
"""Legs of an order that are exchanged at once may want the same number; escrow knows it first, and gives it once."""


def exchanged(context: Context, order: Order, old: OrderLeg, new: OrderLeg, change: str) -> Flow[OrderLeg]:
    """Let a new leg take an old one's place; change: its id. The leg as it was numbered.

    Raises Stopped, and then nothing has changed.
    """
    more = new.price - old.price
    if more.minor > 0:
        yield from _taken(context, order, more, change)
    try:
        placed = yield from _carried_over(context, order, old, new, change)
    except Stopped:
        if more.minor > 0:
            yield from given_back(context, order, more, f"{change}:undone")
        raise
    yield from must(step(context, swap_leg, Swapping(order=order.id, old=old.id, new=placed)))
    yield from step(context, show_dues, LegRef(order=order.id, leg=placed.id, currency=order.currency))
    yield from step(context, log_accepted, order.id)
    if more.minor < 0:
        yield from given_back(context, order, -more, change)
    return placed


def _taken(context: Context, order: Order, more: Money, change: str) -> Flow[None]:
    """The difference, from the card to the customer's account with us."""
    charge = Charge(order=order.id, amount=more, method=order.method)
    payment = yield from held(context, charge)
    try:
        yield from must(step(context, capture, Taking(payment=payment, amount=more)))
    except Stopped:
        yield from step(context, let_go_of, Holding(order=order.id, payment=payment))
        raise
    charged = Charged(id=f"charged:{change}", at=context.current_utc_datetime, amount=more, memo="A change")
    yield from moved(context, order, charged)


def _carried_over(context: Context, order: Order, old: OrderLeg, new: OrderLeg, change: str) -> Flow[OrderLeg]:
    """The money of the old leg under the new one's number; raises Refused."""
    number = ""
    for _ in range(NUMBERS_TRIED_MAX):
        now: Order = yield from must(step(context, read_order, order.id))
        leg = now.leg(old.id)
        if leg is None or leg.escrow != "held":
            break
        number = next_number(now, number)
        reuse = Reuse(
            id=f"reuse:{change}:{number}", at=context.current_utc_datetime, leg=old.id, new_leg=number,
            price=new.price, memo="Replaced",
        )  # fmt: skip
        outcome = yield from moved(context, order, reuse)
        if outcome.refusal is None:
            return new.model_copy(update={"id": number})
    raise Refused(Refusal("not_held", f"{old.title} can no longer be exchanged."))
