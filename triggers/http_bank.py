"""Routes: the page of a customer's bank, and its word on a chargeback, while nobody's money moves."""

from __future__ import annotations

from typing import Literal

import azure.durable_functions as df

from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.people.access import PUBLIC
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Routes
from triggers.parse import Input, Output

routes = Routes("embedded", is_embedded=True)


class AtTheBank(Input):
    """Whether the customer confirms the payment or does not get past."""

    outcome: Literal["succeed", "fail"]


class Verdict(Input):
    """Who keeps the money: we, or the customer."""

    outcome: Literal["won", "lost"]


class PaymentState(Output):
    """How the payment, or the chargeback of it, stands."""

    payment_id: str
    status: str


@routes.post("/api/v1/dev/payments/{payment_id}/confirm", need=PUBLIC, errors=(CONFLICT,))
async def confirm_payment(
    payment_id: str, body: AtTheBank, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> PaymentState:
    """In place of the bank's page: who has the link confirms a payment or fails to; the same again changes nothing."""
    from shared.money.news import News  # noqa: PLC0415  with the first payment that waits, not with the room
    from shared.money.payments import ImpossibleMove, UnknownPayment  # noqa: PLC0415
    from triggers.provider_news import payment_answered  # noqa: PLC0415

    if deps.bank is None:
        raise AppError(NOT_FOUND, "Payments are not the sandbox's here.")
    try:
        payment = await deps.bank.answer(payment_id, is_confirmed=body.outcome == "succeed")
    except UnknownPayment:
        raise AppError(NOT_FOUND, "There is no such payment.") from None
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    told = News(
        id=f"{payment.id}-{body.outcome}",
        type="payment_intent.amount_capturable_updated",
        at=about.now,
        is_live=False,
        about=payment.id,
        payment=payment.id,
    )
    await payment_answered(deps, client, told, about)
    return PaymentState(payment_id=payment.id, status=payment.state.value)


@routes.post("/api/v1/dev/payments/{payment_id}/chargeback", need=PUBLIC, errors=(CONFLICT,))
async def decide_chargeback(
    payment_id: str, body: Verdict, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> PaymentState:
    """In place of the bank: it decides on the chargeback of a payment; the same again changes nothing."""
    from shared.money.payments import ImpossibleMove, UnknownPayment  # noqa: PLC0415
    from triggers.bank_news import tell  # noqa: PLC0415

    if deps.bank is None:
        raise AppError(NOT_FOUND, "Payments are not the sandbox's here.")
    try:
        await deps.bank.decide(payment_id, is_won=body.outcome == "won")
    except UnknownPayment:
        raise AppError(NOT_FOUND, "Nobody has disputed such a payment.") from None
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    await tell(deps, client, about.now)
    return PaymentState(payment_id=payment_id, status=body.outcome)
