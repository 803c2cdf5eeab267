"""A customer's money at the provider: held, taken, and given back. Every call carries its step's key."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import activity
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.money.amounts import Money
from shared.money.payments import PAYMENTS, ImpossibleMove, PaymentError, PaymentOf, State, UnknownMethod
from shared.records import AlreadyThere, Stored, Write
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.money.refunds import RefundRecord

blueprint = df.Blueprint()
DECLINED = {
    "card_declined": "The card was declined.",
    "insufficient_funds": "There is not enough on the card.",
    "not_authenticated": "Your bank has not confirmed the payment.",
}

OPEN = frozenset({State.AUTHORISED, State.NEEDS_ACTION})
"""Held, or about to be: what is let go of."""


class Charge(Plain):
    """What is to be held for an order."""

    order: str
    amount: Money
    method: str


class Asked(Plain):
    """What came of it: the payment's id; waits_until: how long its customer may take to confirm it, if they must."""

    payment: str
    waits_until: AwareDatetime | None = None


class Taking(Plain):
    """What is to be taken of a hold."""

    payment: str
    amount: Money


class Holding(Plain):
    """One payment of an order."""

    order: str
    payment: str


class GivingBack(Plain):
    """What is to go back to the customer; id: of the refund, the same whenever it is asked for."""

    order: str
    id: str
    amount: Money


@activity(blueprint, retry=PATIENT)
async def authorise(deps: Deps, charge: Charge, call: Call) -> Asked | Refusal:
    """Hold the whole amount at once. An answer that was lost is asked for again by the same key, never charged anew."""
    try:
        payment = await deps.payments.authorise(charge.order, charge.amount, charge.method, call.key)
    except UnknownMethod:
        return Refusal("unknown_method", "This way of paying is not known.")
    await _note(deps, payment.id, charge.order, call)
    if payment.state is State.DECLINED:
        reason = payment.decline or "card_declined"
        return Refusal(reason, DECLINED[reason])
    return Asked(payment=payment.id, waits_until=payment.action.expires_at if payment.action else None)


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
        if payment.state in OPEN:
            await deps.payments.void(payment.id, f"{call.key}:void:{number}")
        elif payment.state is State.CAPTURED and payment.left.minor > 0:
            await deps.payments.refund(payment.id, payment.left, f"{call.key}:refund:{number}")


@activity(blueprint, retry=PATIENT)
async def let_go_of(deps: Deps, holding: Holding, call: Call) -> None:
    """Let go of what is held and was not taken; where nothing is held, nothing changes."""
    statement = await deps.payments.statement(holding.order)
    for payment in statement.payments:
        if payment.id == holding.payment and payment.state in OPEN:
            await deps.payments.void(payment.id, call.key)


@activity(blueprint, retry=PATIENT)
async def refund_payment(deps: Deps, back: GivingBack, call: Call) -> Refusal | None:
    """Give back what was taken and is not with a payee; how it divides over the order's payments is written down first.

    Refused where the payments do not have so much left, or the provider says no.
    """
    from shared.money.refunds import REFUNDS  # noqa: PLC0415  with the first refund, not with the app

    stored = await deps.store.get(REFUNDS, back.order, back.id) or await _planned(deps, back, call)
    if stored is None:
        return Refusal("not_enough", "The payments of the order do not have so much left.")
    for number, part in enumerate(stored.value.parts):
        if part.refund is not None:
            continue
        try:
            made = await deps.payments.refund(part.payment, part.amount, f"refund:{back.order}:{back.id}:{number}")
        except PaymentError as no:
            return Refusal("refused", str(no))
        parts = list(stored.value.parts)
        parts[number] = part.model_copy(update={"refund": made.id})
        is_done = all(one.refund for one in parts)
        news = {"parts": tuple(parts), "made_at": call.at if is_done else None}
        write = Write("replace", stored.value.model_copy(update=news), stored.etag)
        (stored,) = await deps.store.apply(REFUNDS, back.order, [write])
        assert stored is not None
    return None


async def _planned(deps: Deps, back: GivingBack, call: Call) -> Stored[RefundRecord] | None:
    from shared.money.payouts import split_over  # noqa: PLC0415
    from shared.money.refunds import REFUNDS, RefundPart, RefundRecord  # noqa: PLC0415

    found = split_over((await deps.payments.statement(back.order)).payments, back.amount)
    if found is None:
        return None
    parts = tuple(RefundPart(payment=payment, amount=amount) for payment, amount in found)
    record = RefundRecord(id=back.id, order=back.order, amount=back.amount, parts=parts, created_at=call.at)
    (stored,) = await deps.store.apply(REFUNDS, back.order, [Write("create", record)])
    return stored


async def _note(deps: Deps, payment: str, order: str, call: Call) -> None:
    """Whose payment it is: the provider's news name the payment alone, and may come before anybody else knows it."""
    with suppress(AlreadyThere):
        await deps.store.apply(PAYMENTS, payment, [Write("create", PaymentOf(id=payment, order=order, at=call.at))])
