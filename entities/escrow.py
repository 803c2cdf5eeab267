"""The escrow of an order: takes commands one after the other and answers with the ledger entries they made.

Entity key: the order's id. Operation `command`: `{"customer", "currency", "command"}` → an Outcome. The entries are
written to the store by the flow that asked; a repeated command gets the same entries again, so none can be lost.
"""

from __future__ import annotations

import azure.durable_functions as df

from shared.money.commands import COMMAND
from shared.money.escrow import apply
from shared.money.legs import EscrowState, open_escrow
from shared.wire import pack, unpack

blueprint = df.Blueprint()
COMMAND_OPERATION = "command"


class WrongOrder(Exception):
    """The customer or currency is not that of the order's escrow."""


@blueprint.entity_trigger(context_name="context")
def escrow(context: df.DurableEntityContext) -> None:
    """Take one command."""
    if context.operation_name != COMMAND_OPERATION:
        raise NotImplementedError(f"escrow knows `{COMMAND_OPERATION}`, not `{context.operation_name}`")
    asked = context.get_input()
    state = _state(context, asked["customer"], asked["currency"])
    state, outcome = apply(state, COMMAND.validate_python(asked["command"]))
    context.set_state(state.model_dump(mode="json"))
    context.set_result(pack(outcome))


def _state(context: df.DurableEntityContext, customer: str, currency: str) -> EscrowState:
    """The order's escrow, opened by its first command."""
    kept = context.get_state()
    if kept is None:
        return open_escrow(context.entity_key, customer, currency)
    state = unpack(EscrowState, kept)
    if (state.customer, state.currency) != (customer, currency):
        raise WrongOrder(f"the escrow of order {state.order} is another customer's, or in another currency")
    return state
