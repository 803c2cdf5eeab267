"""Starting flows from triggers, once however often the same is asked."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df


async def start(client: df.DurableOrchestrationClient, flow: str, instance: str, given: Any) -> None:
    """Start a flow, unless it has been started before."""
    status = await client.get_status(instance)
    if status is None or status.runtime_status is None:
        await client.start_new(flow, instance_id=instance, client_input=given)
