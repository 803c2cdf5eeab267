"""The task queue: opening what can be done, and showing each party how its tasks stand."""

from __future__ import annotations

from typing import TypeVar

import azure.durable_functions as df

from activities import activity
from activities.orders import change_order
from shared.flows import PATIENT, Call, Refusal
from shared.orders.changes import happened, noted, with_leg
from shared.orders.order import ORDERS, Order
from shared.records import Container, Record, Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
R = TypeVar("R", bound=Record)


class Opening(Plain):
    """Which leg of which order can be done now."""

    order: str
    leg: str


@activity(blueprint, retry=PATIENT)
async def open_task(deps: Deps, opening: Opening, call: Call) -> Refusal | None:
    """Let a leg begin: its task is there to be done from now on."""

    def opened(order: Order) -> Order:
        leg = order.leg(opening.leg)
        if leg is None or leg.opened is not None:
            return order
        return with_leg(noted(order, happened(call.key, call.at, "Can be done now.", leg.id)), leg.id, opened=call.at)

    return await change_order(deps, opening.order, opened)


@activity(blueprint, retry=PATIENT)
async def show_tasks(deps: Deps, order_id: str) -> None:
    """Bring the parties' lists in step with an order's legs; what they show already is not written again."""
    from shared.orders.party_orders import PARTY_ORDERS, party_order_of  # noqa: PLC0415  with the first order that runs
    from shared.orders.tasks import TASKS, task_of  # noqa: PLC0415

    stored = await deps.store.get(ORDERS, order_id, order_id)
    for leg in stored.value.legs if stored else ():
        assert stored is not None
        await _shown(deps, TASKS, task_of(stored.value, leg))
        await _shown(deps, PARTY_ORDERS, party_order_of(stored.value, leg))


async def _shown(deps: Deps, container: Container[R], record: R | None) -> None:
    if record is None:
        return
    partition = container.partition_of(record)
    shown = await deps.store.get(container, partition, record.id)
    if shown is None or shown.value != record:
        await deps.store.apply(container, partition, [Write("put", record)])
