"""Every few minutes: what flows have not acknowledged is raised again."""

from __future__ import annotations

import azure.durable_functions as df
import azure.functions as func

from shared.inbox import sweep
from shared.wiring import deps

EVERY_FIVE_MINUTES = "0 */5 * * * *"

blueprint = df.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule=EVERY_FIVE_MINUTES)
@blueprint.durable_client_input(client_name="client")
async def sweep_inbox(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Raise again what is due."""
    house = deps()
    await sweep(house.store, client, house.clock.now())
