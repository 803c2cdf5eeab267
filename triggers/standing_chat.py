"""A standing sentence in chat: whoever is signed in and has said enough has it begun; others see what is missing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import azure.durable_functions as df

from shared.dialogue.thread import Buying
from shared.people.access import Caller, decide
from shared.standing.intent import STANDING_INTENTS, StandingIntent
from shared.standing.moves import ENDED
from shared.wiring import Deps
from triggers.about import About
from triggers.parse import Output
from triggers.paying import Paying
from triggers.standing_setup import WRITER, WayToPay, asked_by, begin, way_to_pay

if TYPE_CHECKING:
    from shared.dialogue.chat import Reply, Said

SIGN_IN = "sign_in"
TIMES_MAX = 50


class StandingInChat(Output):
    """What will be watched; id: of the standing intent, None until it has begun.

    missing: what has to be known before it can, and the question to ask for it; proposal: what to send to
    /api/v1/standing-intents together with that.
    """

    id: str | None
    status: str
    logic: str
    watching: list[str]
    missing: list[str]
    question: str | None
    proposal: dict[str, Any] | None


async def paid_by(paying: Paying | None, caller: Caller, deps: Deps, about: About) -> WayToPay:
    """How somebody wants to pay, as far as they have said; raises AppError."""
    return WayToPay(None, None) if caller.is_anonymous else await way_to_pay(paying, caller, None, deps, about)


async def standing_in_chat(
    said: Said, reply: Reply, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> StandingInChat | None:
    """What has become of a standing sentence; None for any other."""
    from shared.standing.drafting import Unclear, drafted  # noqa: PLC0415  with the first one, not with the room

    if not reply.watching:
        return None
    logic, *leaves = reply.watching
    waits = StandingInChat(
        id=None, status="understood", logic=logic, watching=leaves, missing=[], question=None, proposal=None
    )
    buying, zone = reply.buying, str(said.zone)
    proposal = _proposal(said.text, zone, buying)
    if not decide(caller, WRITER).allowed:
        missing = [SIGN_IN, *(name for name, value in _needed(buying).items() if value is None)]
        return waits.model_copy(update={"missing": missing, "proposal": proposal})
    way = WayToPay(buying.method, buying.mandate)
    asked = replace(asked_by(caller, way, zone), text=said.text, deliver_to=buying.deliver_to)
    try:
        draft = drafted(await _free_id(asked.customer, said, deps), asked, reply.intent, about.now)
    except Unclear as unclear:
        told = {"missing": list(unclear.missing), "question": str(unclear), "proposal": proposal}
        return waits.model_copy(update=told)
    begun = await begin(draft, deps, client)
    return waits.model_copy(update={"id": begun.id, "status": begun.status})


async def _free_id(customer: str, said: Said, deps: Deps) -> str:
    """The same for the same sentence in the same conversation, until what it began has ended."""
    for number in range(TIMES_MAX):
        told = "\n".join((customer, said.thread, said.text, str(number)))
        name = hashlib.sha256(told.encode()).hexdigest()[:24]
        stored = await deps.store.get(STANDING_INTENTS, name, name)
        if stored is None or not _is_over(stored.value):
            return name
    return name


def _is_over(intent: StandingIntent) -> bool:
    return intent.status in ENDED


def _needed(buying: Buying) -> dict[str, object]:
    return {"deliver_to": buying.deliver_to, "payment": buying.method}


def _proposal(text: str, zone: str, buying: Buying) -> dict[str, Any]:
    """What can be sent as it is, once what is missing stands in it."""
    there = buying.deliver_to.model_dump() if buying.deliver_to else None
    return {"text": text, "timezone": zone, "deliver_to": there, "payment": None}
