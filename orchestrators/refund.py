"""A refund: money of a leg goes back to the customer, out of escrow or from those who have it already.

1. Escrow gives it back, where the leg is still held.
2. Where it was passed on: each payee gives back its part, first at the provider (what is not sent yet is kept), then in
   the ledger, then the customer's card. Neither order is atomic; each step is written down before the next, so that a
   flow that dies goes on where it was.
3. What payees no longer have is for a person to decide.
4. The customer and the party are told.
"""

from __future__ import annotations

from typing import Annotated, Any

import azure.durable_functions as df
from pydantic import Field

from activities.escalations import Escalating, escalate
from activities.ledger import LegMoney, LegRef, leg_money
from activities.notices import PartnerNotice, tell_partner
from activities.orders import LegTold, read_order, tell_leg
from activities.payments import GivingBack, refund_payment
from activities.refunds import Reclaiming, plan_reclaim
from activities.takings import Taking, take_back
from orchestrators.moving import moved
from orchestrators.steps import Context, Flow, input_of, must, step
from orchestrators.telling import told
from shared.flows import Refusal
from shared.money.accounts import OUTSIDE, account, parse
from shared.money.amounts import Money, PositiveMoney
from shared.money.commands import GivenBack, Reclaim, Refund, Share, TakenBack
from shared.money.legs import Outcome
from shared.orders.order import EscrowStatus, Order
from shared.wire import Plain, pack

blueprint = df.Blueprint()


class Refunding(Plain):
    """How much of a leg goes back, None for all of it, and why; id: of whoever asks, the same whenever it is asked.

    is_told: whether the customer and the party are told by this flow.
    """

    order: str
    leg: str
    amount: PositiveMoney | None = None
    reason: Annotated[str, Field(max_length=200)]
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,80}$")]
    is_told: bool = True


@blueprint.orchestration_trigger(context_name="context")
def refund(context: Context) -> Flow[Any]:
    """Give money of a leg back; how much went back, and why not if so, as plain JSON."""
    asked = input_of(context, Refunding)
    order: Order = yield from must(step(context, read_order, asked.order))
    command = Refund(
        id=f"refund:{asked.id}", at=context.current_utc_datetime, leg=asked.leg, amount=asked.amount,
        memo=asked.reason,
    )  # fmt: skip
    outcome = yield from moved(context, order, command)
    returned = to_customer(order, outcome)
    if outcome.refusal is not None and outcome.refusal.code == "impossible_move":
        returned = yield from _reclaimed(context, order, asked)
    if returned.minor == 0:
        return pack({"returned": returned, "why": outcome.refusal.reason if outcome.refusal else ""})
    yield from given_back(context, order, returned, asked.id)
    yield from leg_settled(context, order, asked.leg, f"{returned} went back to the customer. {asked.reason}".strip())
    if asked.is_told:
        yield from _told(context, order, asked, returned)
    return pack({"returned": returned})


def given_back(context: Context, order: Order, amount: Money, refund_id: str) -> Flow[bool]:
    """The way from the customer's account with us to their card; whether it was gone. Else a person sees to it."""
    asked = GivingBack(order=order.id, id=refund_id, amount=amount)
    no = yield from step(context, refund_payment, asked)
    if isinstance(no, Refusal):
        yield from _escalated(context, order, f"{amount} owed to the customer cannot be refunded: {no.detail}")
        return False
    return (yield from booked_back(context, order, amount, refund_id))


def booked_back(context: Context, order: Order, amount: Money, refund_id: str) -> Flow[bool]:
    """Write down that the customer has their money again; whether the ledger takes it."""
    command = GivenBack(
        id=f"given_back:{refund_id}", at=context.current_utc_datetime, amount=amount, memo="Refunded to the card"
    )
    outcome = yield from moved(context, order, command)
    if outcome.refusal is not None:
        yield from _escalated(context, order, f"A refund is not in the ledger: {outcome.refusal.reason}")
    return outcome.refusal is None


def leg_settled(context: Context, order: Order, leg_id: str, what: str) -> Flow[EscrowStatus]:
    """Note on the order how a leg's money stands now, by the ledger; the same."""
    money: LegMoney = yield from step(
        context, leg_money, LegRef(order=order.id, leg=leg_id, currency=order.currency)
    )
    stands: EscrowStatus = "held" if money.left.minor > 0 else "released" if money.passed_on else "refunded"
    yield from step(context, tell_leg, LegTold(order=order.id, leg=leg_id, what=what, escrow=stands))
    return stands


def to_customer(order: Order, outcome: Outcome) -> Money:
    """What a movement has brought the customer."""
    name = account("customer", order.customer)
    brought = [one.amount for one in outcome.transfers if one.credit == name and one.kind == "posted"]
    return sum(brought, start=Money(minor=0, currency=order.currency))


def _reclaimed(context: Context, order: Order, asked: Refunding) -> Flow[Money]:
    """What those who have it give back; the platform its part of the fee like everybody."""
    nothing = Money(minor=0, currency=order.currency)
    asked_for = Reclaiming(order=order.id, leg=asked.leg, amount=asked.amount, currency=order.currency, id=asked.id)
    plan = yield from step(context, plan_reclaim, asked_for)
    given: list[Share] = []
    for number, share in enumerate(plan.shares):
        amount = yield from _taken_back(context, order, asked, number, share)
        if amount.minor > 0:
            given.append(share.model_copy(update={"amount": amount}))
    short = sum((share.amount for share in plan.shares), start=nothing)
    for share in given:
        short -= share.amount
    if short.minor > 0:
        words = f"{short} of a refund of {asked.leg} could not be taken back from those who were paid."
        yield from _escalated(context, order, words)
    if not given:
        return nothing
    command = Reclaim(
        id=f"reclaim:{asked.id}", at=context.current_utc_datetime, leg=asked.leg, shares=tuple(given),
        memo=asked.reason,
    )  # fmt: skip
    outcome = yield from moved(context, order, command)
    if outcome.refusal is not None:
        yield from _escalated(context, order, f"A refund of {asked.leg} is stuck: {outcome.refusal.reason}")
    return to_customer(order, outcome)


def _taken_back(
    context: Context, order: Order, asked: Refunding, number: int, share: Share
) -> Flow[Money]:
    """How much of its share an account gives: at the provider first, and the ledger hears of it."""
    if parse(share.account).kind not in OUTSIDE:
        return share.amount
    taking = Taking(order=order.id, leg=asked.leg, account=share.account, amount=share.amount, key=asked.id)
    taken = yield from step(context, take_back, taking)
    if taken.reversed.minor > 0:
        command = TakenBack(
            id=f"taken_back:{asked.id}:{number}", at=context.current_utc_datetime, leg=asked.leg, of=share.account,
            amount=taken.reversed, memo="Taken back for a refund",
        )  # fmt: skip
        yield from moved(context, order, command)
    return taken.kept + taken.reversed


def _escalated(context: Context, order: Order, text: str) -> Flow[None]:
    matter = Escalating(
        about=f"order:{order.id}", order=order.id, reason="stuck", text=text, urgent_at=context.current_utc_datetime
    )
    yield from step(context, escalate, matter)


def _told(context: Context, order: Order, asked: Refunding, returned: Money) -> Flow[None]:
    yield from told(context, order.id, "refunded", leg=asked.leg, amount=returned)
    leg = order.leg(asked.leg)
    if leg is not None:
        words = f"{returned} of your part of order {order.id} went back to the customer. {asked.reason}".strip()
        notice = PartnerNotice(order=order.id, partner=leg.partner, party=leg.party, text=words)
        yield from step(context, tell_partner, notice)
