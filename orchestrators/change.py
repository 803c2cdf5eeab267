"""A customer wants something else in a placed order: `pink flowers instead of red` (spec 1.6, 6.3).

1. The partner is asked, on its own channel (negotiation).
2. Yes: the leg is changed; where the price is another one, only the difference moves.
3. No, or silence: somebody else is found who can (recovery); the original stays until that is certain.
4. The order, its times and everyone in it learn of it.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.change import AgreedLeg, Agreeing, Altering, agreed_leg, alter_leg
from activities.flows import wake_order
from activities.negotiation import Opening, open_negotiation
from activities.notices import Notice, PartnerNotice, tell_customer, tell_partner
from activities.orders import read_order
from activities.recovery import Case
from orchestrators.difference import exchanged
from orchestrators.negotiation import Ended
from orchestrators.steps import Context, Flow, call_flow, input_of, must, step
from orchestrators.telling import told
from shared.flows import Refusal, Refused
from shared.orders.legs import RUNNING, is_live
from shared.orders.order import Order, OrderLeg
from shared.orders.wanted import Wanted
from shared.orders.words import offered_words
from shared.wire import Plain, pack

blueprint = df.Blueprint()


class Change(Plain):
    """What is to be changed in an order; id: of the change, negotiation: of the talk about it."""

    id: str
    negotiation: str
    order: str
    wanted: Wanted


@blueprint.orchestration_trigger(context_name="context")
def change(context: Context) -> Flow[Any]:
    """Change a leg of an order; how it ended as plain JSON."""
    asked = input_of(context, Change)
    leg_id = asked.wanted.leg or ""
    opening = Opening(
        id=asked.negotiation, change=asked.id, order=asked.order, leg=leg_id, wanted=asked.wanted.words,
        quantity=asked.wanted.quantity,
    )  # fmt: skip
    no = yield from step(context, open_negotiation, opening)
    if isinstance(no, Refusal):
        yield from step(context, tell_customer, Notice(order=asked.order, text=no.detail or no.reason))
        return pack({"status": no.reason})
    ended = yield from call_flow(context, "negotiation", asked.negotiation, Ended, instance=asked.negotiation)
    order: Order = yield from must(step(context, read_order, asked.order))
    leg = order.leg(leg_id)
    if leg is None or not is_live(leg) or order.status not in RUNNING or ended.status == "withdrawn":
        return pack({"status": "withdrawn"})
    if ended.status == "agreed":
        return (yield from _agreed(context, order, leg, asked))
    if ended.status == "declined":
        case = Case(
            id=asked.id, order=order.id, leg=leg.id, wanted=asked.wanted, is_standing=True,
            reason="silent" if ended.reason == "no_answer" else "rejected",
        )  # fmt: skip
        return pack((yield from call_flow(context, "recovery", case, dict)))
    words = "You have not answered" if ended.status == "unanswered" else "I could not settle it with the partner"
    yield from told(context, order.id, "kept", leg=leg.id, reason=words)
    return pack({"status": ended.status})


def _agreed(context: Context, order: Order, leg: OrderLeg, asked: Change) -> Flow[Any]:
    """Put into the order what was agreed on; where its price is another, the leg's money goes over to a new one."""
    agreeing = Agreeing(negotiation=asked.negotiation, order=order.id, leg=leg.id)
    try:
        agreed: AgreedLeg = yield from must(step(context, agreed_leg, agreeing))
        new = agreed.leg
        if agreed.is_same_price:
            yield from must(step(context, alter_leg, Altering(order=order.id, leg=new)))
        else:
            new = yield from exchanged(context, order, leg, new, asked.id)
    except Refused as no:
        yield from told(context, order.id, "kept", leg=leg.id, reason=no.detail or "It could not be changed")
        yield from _partner_told(context, order, leg, f"Sorry, it stays {leg.title} after all.")
        return pack({"status": "not_paid", "reason": no.reason})
    yield from _partner_told(context, order, leg, f"Agreed, thank you: {new.title} instead of {leg.title}.")
    yield from step(context, wake_order, order.id)
    offered = {"offer": offered_words(new)["offer"], "difference": new.price - leg.price}
    yield from told(context, order.id, "recovery_accepted", leg=leg.id, **offered)
    return pack({"status": "agreed", "leg": new.id})


def _partner_told(context: Context, order: Order, leg: OrderLeg, words: str) -> Flow[None]:
    text = f"{words} Order {order.id}."
    notice = PartnerNotice(order=order.id, partner=leg.partner, party=leg.party, text=text)
    yield from step(context, tell_partner, notice)
