"""Routes: everything that is said in a negotiation, for staff to watch without joining; and their own words in it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.dialogue.delivery import DELIVERIES, OUTGOING, RANKS, DeliveryStatus, Outgoing
from shared.dialogue.events import negotiation_thread
from shared.dialogue.inbound import INBOUND, Received
from shared.dialogue.messages import Channel
from shared.dialogue.negotiation import NEGOTIATIONS, Negotiation
from shared.dialogue.reply.sentiment import Mood
from shared.dialogue.saying import TEXT_LENGTH_MAX, Said
from shared.dialogue.support import MESSAGES, SupportMessage
from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.people.access import Caller, Need
from shared.records import PAGE_MAX, Query
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.flows import start
from triggers.http_support import say
from triggers.idempotency import work_id
from triggers.parse import Input, Output

routes = Routes("negotiations")
READER = Need(scopes=frozenset({"operations:read"}))
STAFF = Need(scopes=frozenset({"operations:write"}))


class SpokenQuery(Input):
    """How much of it; before: only what was said earlier than that."""

    limit: int = Field(100, ge=1, le=PAGE_MAX)
    before: AwareDatetime | None = None


class SpokenView(Output):
    """One message, in or out. by: who speaks, to: who hears it; mood: how a partner's words sound.

    state: how far ours has come, `received` for what came in; attachments: their media types.
    """

    id: str
    direction: Literal["in", "out"]
    by: Literal["assistant", "staff", "partner", "customer"]
    to: Literal["partner", "customer", "platform"]
    channel: Channel
    text: str
    round: int | None
    choice: str | None
    mood: Mood | None
    state: str
    attachments: list[str]
    at: AwareDatetime


class SpokenList(Output):
    """Everything that was said, newest first; before: of what comes earlier, None at the end."""

    items: list[SpokenView]
    before: AwareDatetime | None


class StaffMessage(Input):
    """What staff write, and to whom."""

    to: Literal["partner", "customer"]
    text: str = Field(min_length=1, max_length=TEXT_LENGTH_MAX)


class Written(Output):
    """That it is on its way."""

    id: str
    to: Literal["partner", "customer"]


@routes.get("/api/v1/negotiations/{negotiation_id}/messages", need=READER)
async def list_negotiation_messages(negotiation_id: str, query: SpokenQuery, deps: Deps) -> SpokenList:
    """Everything said in a negotiation on all channels, in and out; nobody in it notices."""
    negotiation = await _found(negotiation_id, deps)
    said = [
        *await _sent(deps, negotiation, query),
        *await _heard(deps, negotiation, query),
        *await _to_customer(deps, negotiation, query),
    ]
    said.sort(key=lambda one: (one.at, one.id), reverse=True)
    items = said[: query.limit]
    return SpokenList(items=items, before=items[-1].at if len(said) > query.limit else None)


@routes.post("/api/v1/negotiations/{negotiation_id}/messages", need=STAFF, status=202, errors=(CONFLICT,))
async def write_in_negotiation(
    negotiation_id: str,
    body: StaffMessage,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Answer[Written]:
    """Write to the partner or the customer of a negotiation that one has taken over."""
    negotiation = await _found(negotiation_id, deps)
    if negotiation.taken_by != caller.subject or not negotiation.is_silent:
        raise AppError(CONFLICT, "Take the negotiation over first: until then the assistant speaks in it.")
    name = work_id(about, caller.subject, f"words:{negotiation_id}")
    if body.to == "customer":
        said = Said(
            id=f"staff-{name}", order=negotiation.order, by="staff", who=caller.subject, ref="staff", text=body.text,
            is_private=True, negotiation=negotiation_id,
        )  # fmt: skip
        await say(deps, client, said, about)
    else:
        given = {"id": name, "negotiation": negotiation_id, "by": caller.subject, "text": body.text}
        await start(client, "staff_words", f"words:{negotiation_id}:{name}", given)
    return Answer(Written(id=name, to=body.to), location=f"/api/v1/negotiations/{negotiation_id}/messages")


async def _found(negotiation_id: str, deps: Deps) -> Negotiation:
    stored = await deps.store.get(NEGOTIATIONS, negotiation_id, negotiation_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such negotiation.")
    return stored.value


async def _sent(deps: Deps, negotiation: Negotiation, query: SpokenQuery) -> list[SpokenView]:
    """What we have said to the partner, with how far each has come."""
    where = _where(negotiation_thread(negotiation.id), "at", query.before)
    sent = await deps.store.query(OUTGOING, Query(where, order="-at", limit=_most(query)))
    told = await deps.store.query(DELIVERIES, Query({"thread": where["thread"]}, order="-at", limit=PAGE_MAX))
    known: dict[str, DeliveryStatus] = {one.value.message: one.value.status for one in told.items if one.value.message}
    return [_sent_view(stored.value, known.get(stored.value.id)) for stored in sent.items]


async def _heard(deps: Deps, negotiation: Negotiation, query: SpokenQuery) -> list[SpokenView]:
    where = _where(negotiation_thread(negotiation.id), "received_at", query.before)
    page = await deps.store.query(INBOUND, Query(where, order="-received_at", limit=_most(query)))
    return [_heard_view(stored.value, _mood(deps, negotiation, stored.value)) for stored in page.items]


async def _to_customer(deps: Deps, negotiation: Negotiation, query: SpokenQuery) -> list[SpokenView]:
    """What staff have said to the customer in it."""
    where: dict[str, object] = {"negotiation": negotiation.id}
    where |= {"at": {"lt": query.before}} if query.before else {}
    page = await deps.store.query(MESSAGES, Query(where, negotiation.order, "-at", _most(query)))
    return [_customer_view(stored.value) for stored in page.items]


def _most(query: SpokenQuery) -> int:
    """One more than is shown, to know whether there is more."""
    return min(query.limit + 1, PAGE_MAX)


def _where(thread: str, field: str, before: datetime | None) -> dict[str, object]:
    return {"thread": thread, field: {"lt": before}} if before else {"thread": thread}


def _sent_view(one: Outgoing, status: DeliveryStatus | None) -> SpokenView:
    state: DeliveryStatus = "failed" if one.refused else "sent" if one.provider_id else "queued"
    if status is not None and RANKS[status] > RANKS[state]:
        state = status
    return SpokenView(
        id=one.id,
        direction="out",
        by="staff" if (one.message.facts or {}).get("by") else "assistant",
        to="partner",
        channel=one.message.channel,
        text=one.message.text,
        round=one.message.round,
        choice=None,
        mood=None,
        state=state,
        attachments=[file.media_type for file in one.message.attachments],
        at=one.at,
    )


def _heard_view(one: Received, mood: Mood) -> SpokenView:
    return SpokenView(
        id=one.id,
        direction="in",
        by="partner",
        to="platform",
        channel=one.message.channel,
        text=one.message.text,
        round=one.round,
        choice=one.payload.rsplit(":", 1)[-1] if one.payload else None,
        mood=mood,
        state="received",
        attachments=[file.media_type for file in one.message.media],
        at=one.received_at,
    )


def _customer_view(one: SupportMessage) -> SpokenView:
    return SpokenView(
        id=one.id,
        direction="out",
        by="staff",
        to="customer",
        channel=one.channel,
        text=one.text,
        round=None,
        choice=None,
        mood=None,
        state="sent",
        attachments=[file.media_type for file in one.attachments],
        at=one.at,
    )


def _mood(deps: Deps, negotiation: Negotiation, one: Received) -> Mood:
    """As it was read in its round; what belongs to none is read here."""
    read = next((found.mood for found in negotiation.rounds if found.number == one.round and found.said_at), None)
    return read or deps.moods.read(one.message.text).mood
