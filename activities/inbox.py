"""The inbox: noting that a flow has consumed an event."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared import inbox
from shared.flows import QUICK, Call
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Consumed(Plain):
    """Which event of which flow."""

    instance: str
    id: str


@activity(blueprint, retry=QUICK)
async def acknowledge(deps: Deps, consumed: Consumed, call: Call) -> None:
    """Let the sweeper raise this event no more."""
    await inbox.acknowledge(deps.store, consumed.instance, consumed.id, call.at)
