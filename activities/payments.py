"""A customer's money at the provider: held, taken, and given back. Every call carries its step's key."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.money.amounts import Money
from shared.money.payments import ImpossibleMove, State, UnknownMethod
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
DECLINED = {
    "card_declined": "The card was declined.",
    "insufficient_funds": "There is not enough on the card.",
}


class Charge(Plain):
    """What is to be held for an order."""

    order: str
    amount: Money
    method: str


class Taking(Plain):
    """What is to be taken of a hold."""

    payment: str
    amount: Money


@activity(blueprint, retry=PATIENT)
async def authorise(deps: Deps, charge: Charge, call: Call) -> str | Refusal:
    """Hold the whole amount at once; the payment's id. An answer that was lost is asked for again by the same key."""
    try:
        payment = await deps.payments.authorise(charge.order, charge.amount, charge.method, call.key)
    except UnknownMethod:
        return Refusal("unknown_method", "This way of paying is not known.")
    if payment.state is State.DECLINED:
        reason = payment.decline or "card_declined"
        return Refusal(reason, DECLINED[reason])
    return payment.id


@activity(blueprint, retry=PATIENT)
async def capture(deps: Deps, taking: Taking, call: Call) -> Refusal | None:
    """Take what is held."""
    try:
        await deps.payments.capture(taking.payment, taking.amount, call.key)
    except ImpossibleMove as no:
        return Refusal("not_held", str(no))
    return None


@activity(blueprint, retry=QUICK)
async def give_back(deps: Deps, order: str, call: Call) -> None:
    """Let go of all that is held for an order, and give back what was taken and is not with a partner."""
    statement = await deps.payments.statement(order)
    for number, payment in enumerate(statement.payments):
        if payment.state is State.AUTHORISED:
            await deps.payments.void(payment.id, f"{call.key}:void:{number}")
        elif payment.state is State.CAPTURED and payment.left.minor > 0:
            await deps.payments.refund(payment.id, payment.left, f"{call.key}:refund:{number}")
