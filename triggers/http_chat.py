"""Routes: the door for AI agents and chat windows: what a sentence means, and what there is for it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.dialogue.thread import THREADS, TRACES, Buying, Thread, Trace
from shared.discovery.hours import TimeZone
from shared.discovery.intent import Clarification, Intent
from shared.discovery.views import BundleView, LetGo, ProductView
from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.logistics.geo import Point
from shared.orders.order import Destination
from shared.people.access import PUBLIC, Caller, Need, Role, scopes_of
from shared.records import Query
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.order_talk import OrderInChat, OrderTalk, order_in_chat
from triggers.parse import Input, Output, Paging, When
from triggers.paying import Paying
from triggers.standing_chat import StandingInChat, paid_by, standing_in_chat

routes = Routes("chat")
TEXT_LENGTH_MAX = 2_000
_OURS = re.compile(r"th_[A-Za-z0-9_-]{22}")


class Message(Input):
    """What somebody said, and where they are; now: only while the app issues its own tokens, to try things out."""

    text: str = Field(min_length=1, max_length=TEXT_LENGTH_MAX)
    thread_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")] | None = Field(
        default=None, description="Of an earlier answer, or one of your own making; without it a conversation begins."
    )
    location: Point | None = None
    timezone: TimeZone | None = Field(default=None, description="IANA name; without it the city's own.")
    deliver_to: Destination | None = Field(default=None, description="Where things go; kept for the conversation.")
    payment: Paying | None = Field(default=None, description="How things are paid; kept for the conversation.")
    now: When | None = None


class Resolved(Output):
    """What a sentence means."""

    intent: Intent


class Next(Output):
    """Something that could be said next."""

    label: str
    text: str


class ChatAnswer(Output):
    """One answer. summary: to be spoken; reasoning: why, step by step.

    shown: the ids of bundles and products in the order they are shown in, which `the second one` counts by.
    """

    thread_id: str
    intent: Intent
    summary: str
    bundles: list[BundleView]
    products: list[ProductView]
    shown: list[str]
    clarification: Clarification | None
    standing_intent: StandingInChat | None
    order: OrderInChat | None
    chosen: str | None
    relaxed: list[LetGo]
    notes: list[str]
    reasoning: list[str]
    suggestions: list[Next]
    has_more: bool


class TurnView(Output):
    """What one side said."""

    by: Literal["customer", "platform"]
    text: str
    at: AwareDatetime


class ThreadView(Output):
    """A conversation so far."""

    thread_id: str
    turns: list[TurnView]
    intent: Intent | None
    chosen: str | None
    order: OrderInChat | None


class TraceList(Output):
    """How the answers of a conversation came about, newest first."""

    items: list[Trace]
    next: str | None


@routes.post(
    "/api/v1/chat",
    need=PUBLIC,
    action=AgentAction("chat", "Say what the customer wants, in their words; get offers, or the one question to ask."),
)
async def chat(
    body: Message, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Answer[ChatAnswer]:
    """Understand a sentence in its conversation, and find what fits it, or act on the order it is about."""
    from shared.dialogue.chat import Said  # noqa: PLC0415  with the first message, not with the app
    from shared.discovery.jsonld import item_list  # noqa: PLC0415

    now, zone = _when(body, deps, about)
    way = await paid_by(body.payment, caller, deps, about)
    thread = body.thread_id or f"th_{secrets.token_urlsafe(16)}"
    said = Said(
        text=body.text,
        thread=thread,
        owner=_owner(caller, thread, about),
        near=body.location,
        zone=zone,
        origin=about.origin,
        buying=Buying(deliver_to=body.deliver_to, method=way.method, mandate=way.mandate),
    )
    await deps.catalog_ready()
    orders = OrderTalk(caller, deps, about, client) if _has_orders(caller) else None
    reply = await deps.chat.answer(said, now, orders)
    told = reply.order
    order = await order_in_chat(deps, caller, told.order, told.begun) if told else None
    standing = await standing_in_chat(said, reply, caller, deps, about, client)
    answer = ChatAnswer(
        thread_id=thread,
        intent=reply.intent,
        summary=(standing and standing.question) or reply.summary,
        bundles=reply.bundles,
        products=reply.products,
        shown=[offer.id for offer in reply.offers],
        clarification=reply.clarification,
        standing_intent=standing,
        order=order,
        chosen=reply.chosen,
        relaxed=[LetGo(field=one.field, words=one.words) for found in reply.found for one in found.relaxed],
        notes=list(dict.fromkeys(note for found in reply.found for note in found.notes)),
        reasoning=reply.reasoning,
        suggestions=[Next(label=label, text=text) for label, text in reply.suggestions],
        has_more=reply.next is not None,
    )
    return Answer(answer, item_list(reply.summary, reply.offers), _card(answer, reply.offers))


@routes.post(
    "/api/v1/intents/resolve",
    need=PUBLIC,
    action=AgentAction("resolve_intent", "What a sentence means: items, occasion, deadline, budget, conditions."),
)
async def resolve_intent(body: Message, deps: Deps, about: About) -> Resolved:
    """What a sentence means, by itself; nothing is searched, remembered or started."""
    now, zone = _when(body, deps, about)
    await deps.catalog_ready()
    return Resolved(intent=await deps.understanding.read(body.text, now, zone, body.location))


@routes.get("/api/v1/threads/{thread_id}", need=PUBLIC)
async def get_thread(thread_id: str, caller: Caller, deps: Deps, about: About) -> ThreadView:
    """One's own conversation: what was said, and what was understood last."""
    stored = await deps.store.get(THREADS, _owner(caller, thread_id, about), thread_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such conversation, or it is not yours to see.")
    thread: Thread = stored.value
    turns = [TurnView(by=turn.by, text=turn.text, at=turn.at) for turn in thread.turns]
    order = await order_in_chat(deps, caller, thread.order) if thread.order else None
    return ThreadView(thread_id=thread.id, turns=turns, intent=thread.intent, chosen=thread.chosen, order=order)


@routes.get(
    "/api/v1/threads/{thread_id}/trace",
    need=Need(roles=frozenset({Role.ADMIN}), scopes=frozenset({"operations:read"})),
)
async def list_traces(thread_id: str, query: Paging, deps: Deps) -> TraceList:
    """How each answer of a conversation came about: understood, searched, dropped, and why. For staff."""
    wanted = Query({}, partition=thread_id, order="-at", limit=query.limit, after=query.after)
    page = await deps.store.query(TRACES, wanted)
    return TraceList(items=[stored.value for stored in page.items], next=page.next)


def _when(body: Message, deps: Deps, about: About) -> tuple[datetime, ZoneInfo]:
    """The time and the zone a sentence is read in; raises AppError."""
    if body.now is not None and deps.settings.identity != "own":
        message = "The time is not yours to set here; leave it out."
        raise AppError(INVALID, f"body.now: {message}", [FieldError("body.now", message)])
    return body.now or about.now, ZoneInfo(body.timezone or deps.settings.time_zone)


def _owner(caller: Caller, thread: str, about: About) -> str:
    """Whose a conversation is: the customer's; of those unknown, whoever has its unguessable id, or the address."""
    if not caller.is_anonymous:
        return f"customer:{caller.acting_for or caller.subject}"
    if _OURS.fullmatch(thread):
        return "anonymous"
    return f"address:{hashlib.sha256(about.address.encode()).hexdigest()[:32]}"


def _has_orders(caller: Caller) -> bool:
    """Whether somebody is signed in who may have orders, and show them."""
    is_buyer = caller.is_agent or Role.CUSTOMER in caller.roles
    return is_buyer and "orders:read" in scopes_of(caller)


def _card(answer: ChatAnswer, offers: Sequence[BundleView | ProductView]) -> dict[str, Any]:
    from shared.dialogue import cards  # noqa: PLC0415

    said = [(one.label, one.text) for one in answer.suggestions]
    if answer.order and answer.order.approvals and not answer.order.begun:
        return answer.order.approvals[0].card
    if offers:
        return cards.offers_card(answer.summary, offers, said)
    if answer.clarification:
        return cards.question_card(answer.clarification.question, said)
    if answer.standing_intent:
        return cards.watch_card(answer.summary, answer.standing_intent.logic, answer.intent.conditions)
    return cards.plain_card(answer.summary, said)
