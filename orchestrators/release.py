"""Delivered: every leg that is still held is paid out by its shares, and everyone is told.

1. The customer confirms, or has said nothing for AUTO_RELEASE_HOURS.
2. Escrow releases leg by leg; a leg in dispute stays where it is.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.notices import Notice, tell_customer
from activities.orders import LegTold, Told, read_order, tell_leg, tell_order
from orchestrators.move_money import Movement
from orchestrators.steps import Context, Flow, call_flow, input_of, must, step
from shared.money.commands import Release
from shared.money.legs import Outcome
from shared.orders.order import Order
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def release(context: Context) -> Flow[Any]:
    """Pay an order's partners; which legs were released, as plain JSON."""
    order: Order = yield from must(step(context, read_order, input_of(context, str)))
    released = []
    for leg in order.legs:
        if leg.escrow != "held":
            continue
        command = Release(
            id=f"release:{leg.id}", at=context.current_utc_datetime, leg=leg.id, shares=leg.shares, memo="Delivered"
        )
        move = Movement(order=order.id, customer=order.customer, currency=order.currency, command=command)
        outcome = yield from call_flow(context, "move_money", move, Outcome)
        if outcome.refusal is None:
            released.append(leg.id)
            told = LegTold(order=order.id, leg=leg.id, what="Paid out.", status="delivered", escrow="released")
            yield from step(context, tell_leg, told)
    if len(released) == sum(leg.escrow == "held" for leg in order.legs):
        yield from step(context, tell_order, Told(order=order.id, fact="complete", what="Delivered and paid."))
    yield from step(context, tell_customer, Notice(order=order.id, text="Thank you: everyone has been paid."))
    return pack({"released": released})
