"""Simulated partners: what they answer is decided, and said as an outside partner would say it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import azure.durable_functions as df

from activities import Client, activity
from shared.flows import PATIENT, Call
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.dialogue.inbound import Inbound

blueprint = df.Blueprint()


class Due(Plain):
    """When an answer is to be said; None where it waits for a person, or for ever."""

    at: datetime | None


@activity(blueprint, retry=PATIENT)
async def decide_reply(deps: Deps, message: str, call: Call) -> Due:
    """Decide, once, how a simulated partner answers a message."""
    from shared.simulator.answering import plan  # noqa: PLC0415  with the first request, not with the app

    return Due(at=await plan(deps.store, message, call.at))


@activity(blueprint, retry=PATIENT)
async def say_reply(deps: Deps, message: str, call: Call, client: Client) -> None:
    """Say the answer to a message; said again, the other side hears it once."""
    from shared.simulator import queue  # noqa: PLC0415

    request = await queue.change(deps.store, message, lambda one: queue.said(one, call.at))
    inbound = queue.inbound_of(request) if request else None
    if inbound is not None:
        await speak(deps, client, inbound, call.at)


async def speak(deps: Deps, client: Client, inbound: Inbound, at: datetime) -> None:
    """Let a message of a simulated partner come in as those of outside partners do; raises Unavailable."""
    from shared.dialogue.receiving import take  # noqa: PLC0415

    await take(deps.store, client, inbound, at)


async def begin_reply(deps: Deps, client: Client, message: str) -> None:
    """Let a simulated partner answer a message that was sent; for others, and for mere notices, nothing happens.

    For steps that send: again after the same message it changes nothing.
    """
    from shared.simulator.answering import begin  # noqa: PLC0415
    from shared.simulator.queue import REQUESTS  # noqa: PLC0415

    stored = await deps.store.get(REQUESTS, message, message)
    if stored is not None and stored.value.type != "notice":
        await begin(client, message)
