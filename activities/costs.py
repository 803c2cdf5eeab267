"""What a run of the watcher has used, noted."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared.flows import QUICK, Call
from shared.metering import memory_mb
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
EXECUTIONS = 2
"""A step is an execution, and so is the turn of the flow that asked for it."""


class Tick(Plain):
    """What a run of the watcher has used."""

    executions: int
    seconds: float


@activity(blueprint, retry=QUICK)
async def note_cost(deps: Deps, tick: Tick, call: Call) -> None:
    """Share the cost of a run out among all that wait, and add it to the day's."""
    from shared.standing.cost import Meter, meter  # noqa: PLC0415  with the first run, not with the app
    from shared.standing.odometer import share_out  # noqa: PLC0415

    used = meter(Meter(), tick.executions, tick.seconds, memory_mb())
    await share_out(deps.store, used, call.key, call.at)
