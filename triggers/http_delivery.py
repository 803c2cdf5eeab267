"""Routes: the end of an order: it has arrived, or it is called off before anybody has begun."""

from __future__ import annotations

import azure.durable_functions as df
from pydantic import Field

from shared.errors import CONFLICT, AppError
from shared.nudges import stir
from shared.orders.changes import all_delivered, happened
from shared.orders.legs import can_be_cancelled
from shared.orders.order import ORDERS
from shared.people.access import Caller, Need, Role
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Routes
from triggers.flows import start
from triggers.order_views import OrderView, order_view, own_order
from triggers.parse import Input

routes = Routes("orders")
RECEIVER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"deliveries:write"}))
BUYER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"orders:write"}))
RUNNING = frozenset({"placed", "in_progress", "delivered", "completed"})


class Cancelling(Input):
    """Why."""

    reason: str = Field(default="", max_length=300)


@routes.post("/api/v1/orders/{order_id}/delivery-confirmation", need=RECEIVER, status=202, errors=(CONFLICT,))
async def confirm_delivery(
    order_id: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> OrderView:
    """Say that it has arrived: everyone is paid. A second time changes nothing."""
    stored = await own_order(order_id, caller, deps, about)
    if stored.value.status not in RUNNING:
        raise AppError(CONFLICT, f"The order is {stored.value.status}.")
    if stored.value.confirmed_at is None:
        happening = happened("confirmed", about.now, "The customer has confirmed the delivery.")
        after = all_delivered(stored.value, happening)
        stored = await stir(deps.store, client, ORDERS, stored, after, about.now)
    return order_view(stored.value, caller)


@routes.post(
    "/api/v1/orders/{order_id}/cancel",
    need=BUYER,
    status=202,
    errors=(CONFLICT,),
    action=AgentAction("cancel_order", "Call an order off while nobody has begun; all of the money goes back."),
)
async def cancel_order(
    order_id: str,
    body: Cancelling,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> OrderView:
    """Call an order off while nobody has begun: everything is given back. A second time changes nothing."""
    stored = await own_order(order_id, caller, deps, about)
    if stored.value.status != "cancelled":
        if not can_be_cancelled(stored.value):
            raise AppError(
                CONFLICT, f"The order is {stored.value.status.replace('_', ' ')}: ask for a change, or open a dispute."
            )
        given = {"order": order_id, "reason": body.reason}
        await start(client, "cancellation", f"{order_id}:cancel", given)
    return order_view(stored.value, caller)
