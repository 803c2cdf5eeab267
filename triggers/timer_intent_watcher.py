"""Every hour: what standing intents wait for is looked at, each thing once for all of them."""

from __future__ import annotations

import azure.durable_functions as df
import azure.functions as func

from shared.wiring import deps

EVERY_HOUR = "0 0 * * * *"
SECONDS_MAX = 60.0
"""After this a flow goes on; the host ends a function after 5 minutes."""

blueprint = df.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule=EVERY_HOUR)
@blueprint.durable_client_input(client_name="client")
async def watch_intents(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Watch once; for what is too much a flow is started. What is left undone by a fall, the next hour makes up for."""
    from shared.metering import Stopwatch  # noqa: PLC0415  with the first tick, not with the app
    from shared.standing.cost import Meter  # noqa: PLC0415
    from shared.standing.odometer import share_out  # noqa: PLC0415
    from shared.standing.tick import House, watch_once  # noqa: PLC0415
    from shared.wire import pack  # noqa: PLC0415
    from triggers.flows import start  # noqa: PLC0415

    watch = Stopwatch()
    parts = deps()
    now = parts.clock.now()
    key = f"watch-{now:%Y%m%dT%H%M}"
    house = House(parts.store, parts.weather, client, key, now, lambda: watch.seconds > SECONDS_MAX)
    left = await watch_once(house)
    if left.is_all:
        await start(client, "intent_watcher", key, {})
    elif left.keys:
        await start(client, "intent_watcher", key, pack({"keys": left.keys}))
    await share_out(parts.store, watch.added(Meter(), 1), key, now)
