"""From declared flows, steps and entities to Azure Functions; a file is imported with the first of its own that runs.

A host wants the name and kind of each at start, and nothing else. These few facts stand in flows.json, written by
`make routes` from the declarations and held equal to them by a test; so a cold start does not pay for flows that nobody
has begun yet, however many there are.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import azure.durable_functions as df
import azure.functions as func

TABLE = Path(__file__).with_name("flows.json")
ROOMS = (
    "activities.alternatives",
    "activities.approvals",
    "activities.change",
    "activities.costs",
    "activities.decisions",
    "activities.disputes",
    "activities.escalations",
    "activities.flows",
    "activities.inbox",
    "activities.ledger",
    "activities.mandates",
    "activities.narration",
    "activities.negotiation",
    "activities.negotiation_words",
    "activities.notices",
    "activities.orders",
    "activities.payment_actions",
    "activities.payments",
    "activities.payouts",
    "activities.pro_agent",
    "activities.purchases",
    "activities.recovery",
    "activities.refunds",
    "activities.running",
    "activities.scouting",
    "activities.simulator",
    "activities.standing",
    "activities.stock",
    "activities.support",
    "activities.takings",
    "activities.tasks",
    "activities.watching",
    "entities.capacity",
    "entities.escrow",
    "orchestrators.cancellation",
    "orchestrators.change",
    "orchestrators.checkout",
    "orchestrators.customer_word",
    "orchestrators.dispute",
    "orchestrators.intent_watcher",
    "orchestrators.move_money",
    "orchestrators.negotiation",
    "orchestrators.payout",
    "orchestrators.recovery",
    "orchestrators.refund",
    "orchestrators.release",
    "orchestrators.simulated_reply",
    "orchestrators.staff_words",
    "orchestrators.standing_intent",
    "orchestrators.support_message",
    "orchestrators.time_chain",
)
"""Every file of activities, orchestrators and entities."""
Kind = Literal["activityTrigger", "orchestrationTrigger", "entityTrigger"]


class Row(NamedTuple):
    """What a host needs of a function; is_durable: it is given the durable client."""

    room: str
    name: str
    kind: Kind
    is_durable: bool


def rows_of(*rooms: str) -> list[Row]:
    """The rows of some files, from their declarations."""
    return [
        Row(room, name, one.get_trigger().get_binding_name(), "durableClient" in _bindings(one))
        for room in rooms
        for name, one in _declared(room).items()
    ]


def table() -> list[Row]:
    """The rows of every file, as they are kept."""
    return [Row(*row) for row in json.loads(TABLE.read_text("utf-8"))]


def blueprint(rows: Iterable[Row]) -> df.Blueprint:
    """All of them as Azure Functions."""
    bp = df.Blueprint()
    for row in rows:
        if row.kind == "activityTrigger":
            _add_activity(bp, row)
        elif row.kind == "orchestrationTrigger":
            bp.orchestration_trigger(context_name="context")(_named(row, lambda fn: fn.orchestrator_function))
        else:
            bp.entity_trigger(context_name="context")(_named(row, lambda fn: fn.entity_function))
    return bp


def _add_activity(bp: df.Blueprint, row: Row) -> None:
    async def plain(given: Any, context: func.Context) -> Any:
        return await _function(row)(given, context)

    async def durable(given: Any, context: func.Context, client: str) -> Any:
        return await _function(row).client_function(given, context, client)

    function = durable if row.is_durable else plain
    function.__name__ = row.name
    bound = bp.durable_client_input(client_name="client")(function) if row.is_durable else function
    bp.activity_trigger(input_name="given")(bound)


def _named(row: Row, inner: Callable[[Any], Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """A function of the row's name that does what the declared one does; inner: without what the SDK wraps it in."""

    def run(context: Any) -> Any:
        return inner(_function(row))(context)

    run.__name__ = row.name
    return run


def _function(row: Row) -> Any:
    return _declared(row.room)[row.name].get_user_function()


@lru_cache(maxsize=1_000)
def _declared(room: str) -> dict[str, Any]:
    """The functions of a file by name, in their order; DFApp.get_functions() would warn that none is a route."""
    builders = vars(importlib.import_module(room).blueprint)["_function_builders"]
    functions = [one.build(func.AuthLevel.ANONYMOUS) for one in builders]
    return {one.get_function_name(): one for one in functions}


def _bindings(function: Any) -> set[str]:
    return {one.get_binding_name() for one in function.get_bindings()}


if __name__ == "__main__":
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows_of(*ROOMS))
    TABLE.write_text(f"[\n{lines}\n]\n", "utf-8")
