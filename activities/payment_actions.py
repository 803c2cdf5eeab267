"""What a customer's bank asks of them before a payment is held: shown in the order, told, and looked up again."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from activities.orders import change_order
from activities.payments import DECLINED
from activities.speaking import say_to_customer
from shared.changing import changed
from shared.flows import PATIENT, Call, Refusal
from shared.money.payments import ACTION_MINUTES_MAX, PAYMENTS, Action, Payment, State
from shared.nudges import Wakes, heard
from shared.orders.order import ORDERS
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Waiting(Plain):
    """Which payment of which order waits for its customer."""

    order: str
    payment: str


class LookingUp(Waiting):
    """The same, and how its flow is woken from now on."""

    wakes: Wakes


@activity(blueprint, retry=PATIENT)
async def show_action(deps: Deps, waiting: Waiting, call: Call) -> Refusal | None:
    """Show in the order what the customer is to do at their bank, and tell them."""
    payment = await _payment(deps, waiting)
    stored = await deps.store.get(ORDERS, waiting.order, waiting.order)
    if payment is None or payment.action is None or stored is None:
        return None  # it has been done meanwhile
    action = payment.action
    refusal = await change_order(deps, waiting.order, lambda order: order.model_copy(update={"payment_action": action}))
    if refusal is None:
        text = _words(payment, action, deps.settings.public_url)
        await say_to_customer(deps, stored.value.customer, f"order:{waiting.order}", text, call)
    return refusal


@activity(blueprint, retry=PATIENT)
async def hide_action(deps: Deps, order_id: str) -> Refusal | None:
    """Show nothing to be done any more."""
    return await change_order(
        deps,
        order_id,
        lambda order: order.model_copy(update={"payment_action": None}) if order.payment_action else order,
    )


@activity(blueprint, retry=PATIENT)
async def look_up(deps: Deps, looking: LookingUp) -> bool | Refusal:
    """Whether it is held by now, as the provider says, listening for news of it first; refused where it never will."""
    await _listen(deps, looking)
    payment = await _payment(deps, looking)
    if payment is not None and payment.state is State.NEEDS_ACTION:
        return False
    if payment is not None and payment.state is State.AUTHORISED:
        return True
    reason = payment.decline if payment and payment.decline else "not_held"
    return Refusal(reason, DECLINED.get(reason, "The payment was not confirmed in time."))


async def _listen(deps: Deps, looking: LookingUp) -> None:
    name = looking.payment
    found = await changed(deps.store, PAYMENTS, name, name, lambda payment: heard(payment, looking.wakes))
    assert found is not None, "it was noted when it was asked for"


async def _payment(deps: Deps, waiting: Waiting) -> Payment | None:
    said = await deps.payments.statement(waiting.order)
    return next((one for one in said.payments if one.id == waiting.payment), None)


def _words(payment: Payment, action: Action, origin: str) -> str:
    asks = f"Your bank wants you to confirm the payment of {payment.amount}"
    where = "in your order" if action.url is None else f"here: {origin if action.url[:1] == '/' else ''}{action.url}"
    return f"{asks} {where} . Everything is held for you for {ACTION_MINUTES_MAX} minutes."
