"""Calling a person: an escalation in the queue of staff, once however often it is asked for."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import activity
from shared.flows import PATIENT, QUICK, Call
from shared.records import AlreadyThere, ChangedMeanwhile, NotThere, Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
STAFF = "staff"
"""Who is told in the inbox of the house."""


class Escalating(Plain):
    """What needs a person; reason: one of shared.dialogue.escalations.Reason; urgent_at: when it will be too late."""

    about: str
    order: str | None = None
    reason: str
    text: str
    urgent_at: AwareDatetime


@activity(blueprint, retry=PATIENT)
async def escalate(deps: Deps, asked: Escalating, call: Call) -> str:
    """Put a matter into the queue of staff and tell them; the escalation's id."""
    from shared.dialogue.escalations import ESCALATIONS, Escalation  # noqa: PLC0415  rare, so not with the app
    from shared.dialogue.messages import OutboundMessage  # noqa: PLC0415

    name = hashlib.sha256(call.key.encode()).hexdigest()[:24]
    record = Escalation.model_validate(
        {**asked.model_dump(), "id": name, "created_at": call.at, "updated_at": call.at}
    )
    with suppress(AlreadyThere):
        await deps.store.apply(ESCALATIONS, name, [Write("create", record)])
    words = f"{asked.reason.replace('_', ' ').capitalize()}: {asked.text}"
    await deps.messages.send(
        OutboundMessage(id=f"escalation:{name}", channel="web", to=STAFF, thread=asked.about, text=words)
    )
    return name


@activity(blueprint, retry=QUICK)
async def settle(deps: Deps, escalation: str, call: Call) -> None:
    """Close an escalation that has settled itself; one that a person has closed stays theirs."""
    from shared.dialogue.escalations import ESCALATIONS, ImpossibleMove, resolved  # noqa: PLC0415

    stored = await deps.store.get(ESCALATIONS, escalation, escalation)
    if stored is None:
        return
    with suppress(ImpossibleMove, ChangedMeanwhile, NotThere):
        after = resolved(stored.value, "It settled itself.", call.at)
        await deps.store.apply(ESCALATIONS, escalation, [Write("replace", after, stored.etag)])
