"""Other flows: one started that lives on by itself, an order's flow woken after its record was changed."""

from __future__ import annotations

import azure.durable_functions as df
from pydantic import JsonValue

from activities import Client, activity
from shared.flows import PATIENT, QUICK
from shared.nudges import nudge
from shared.orders.order import ORDERS
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Starting(Plain):
    """Which flow, under which id, with what."""

    flow: str
    instance: str
    given: JsonValue


@activity(blueprint, retry=PATIENT)
async def start_flow(deps: Deps, starting: Starting, client: Client) -> None:  # noqa: ARG001
    """Start a flow of its own, unless it has been started before."""
    status = await client.get_status(starting.instance)
    if status is None or status.runtime_status is None:
        await client.start_new(starting.flow, starting.instance, starting.given)


@activity(blueprint, retry=QUICK)
async def wake_order(deps: Deps, order: str, client: Client) -> None:
    """Let an order's flow look at it now; it would come to it by itself, later."""
    stored = await deps.store.get(ORDERS, order, order)
    if stored is not None:
        await nudge(client, stored.value)
