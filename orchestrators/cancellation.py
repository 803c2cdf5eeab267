"""An order called off by its customer while nobody has begun.

1. The order is cancelled with all its legs, unless somebody has just begun.
2. What was reserved is free again; the whole price of every leg goes back.
3. Everyone is told.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.change import withdraw_questions
from activities.notices import PartyNotice, tell_party
from activities.orders import Cancelling, cancel_record, read_order
from orchestrators.refund import Refunding
from orchestrators.reserving import let_go, reservation_of
from orchestrators.steps import Context, Flow, all_of, call_flow, doing, input_of, must, step
from orchestrators.telling import telling
from shared.flows import Refusal
from shared.orders.legs import live
from shared.orders.order import Order
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def cancellation(context: Context) -> Flow[Any]:
    """Call an order off and give everything back; whether it was, as plain JSON."""
    asked = input_of(context, Cancelling)
    before: Order = yield from must(step(context, read_order, asked.order))
    no = yield from step(context, cancel_record, asked)
    if isinstance(no, Refusal):
        return pack({"status": "refused", "reason": no.detail})
    yield from step(context, withdraw_questions, asked.order)
    order: Order = yield from must(step(context, read_order, asked.order))
    for leg in order.legs:
        yield from let_go(context, leg, reservation_of(order.id, leg))
        refund = Refunding(order=order.id, leg=leg.id, reason="Cancelled.", id=f"cancel:{leg.id}", is_told=False)
        yield from call_flow(context, "refund", refund, dict)
    told = [telling(context, order.id, "cancelled", amount=order.total)]
    stops = [PartyNotice(order=order.id, leg=leg.id, kind="cancelled") for leg in live(before)]
    told += [doing(context, tell_party, stop) for stop in stops]
    yield from all_of(context, told)
    return pack({"status": "cancelled"})
