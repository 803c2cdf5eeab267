"""Move an order's money: ask its escrow, write down what moved.

1. The escrow entity takes the command, or refuses it. A command that it knows gets the same answer again.
2. The sealed entries go to the ledger, where their ids make the write safe to repeat.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.ledger import Moved, write_ledger
from orchestrators.steps import Context, Flow, call_entity, input_of, step
from shared.money.commands import Command
from shared.money.legs import Outcome
from shared.wire import Plain, pack

blueprint = df.Blueprint()


class Movement(Plain):
    """What is asked of an order's escrow."""

    order: str
    customer: str
    currency: str
    command: Command


@blueprint.orchestration_trigger(context_name="context")
def move_money(context: Context) -> Flow[Any]:
    """Ask the escrow, write down what moved; the Outcome as plain JSON."""
    asked = input_of(context, Movement)
    command = {"customer": asked.customer, "currency": asked.currency, "command": asked.command}
    outcome = yield from call_entity(context, "escrow", asked.order, "command", command, Outcome)
    yield from step(context, write_ledger, Moved(order=asked.order, customer=asked.customer, entries=outcome.entries))
    return pack(outcome)
