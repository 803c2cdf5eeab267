"""What can be had of one thing, one command after the other; rules and keys in shared/logistics/capacity.py.

Key: `partner|capability|2026-11-22` or `stock|product`. Operations: `reserve`, `confirm`, `release`, `set_limit`, each
with its command's fields; the answer is `{"status", "reason", "until"}`.
"""

from __future__ import annotations

import azure.durable_functions as df

from shared.logistics.capacity import Capacity, Command, Confirm, Release, Reserve, SetLimit, decide, empty
from shared.wire import pack, unpack

NAME = "capacity"
OPERATIONS: dict[str, type[Command]] = {
    "reserve": Reserve,
    "confirm": Confirm,
    "release": Release,
    "set_limit": SetLimit,
}

blueprint = df.Blueprint()


@blueprint.entity_trigger(context_name="context")
def capacity(context: df.DurableEntityContext) -> None:
    """Take one command."""
    kind = OPERATIONS.get(context.operation_name)
    if kind is None:
        raise NotImplementedError(f"capacity knows {', '.join(OPERATIONS)}, not `{context.operation_name}`")
    command = unpack(kind, context.get_input())
    kept = context.get_state()
    state = empty(context.entity_key) if kept is None else unpack(Capacity, kept)
    state, outcome = decide(state, command)
    context.set_state(state.model_dump(mode="json"))
    context.set_result(pack(outcome))
