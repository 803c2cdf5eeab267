"""Routes: the Support Hub: the conversation of an order, for everybody in it and for staff."""

from __future__ import annotations

from contextlib import suppress

import azure.durable_functions as df
from pydantic import Field

from shared.blobs import BlobRef
from shared.changing import changed
from shared.dialogue.saying import MENTIONS_MAX, SUPPORT_FLOW, TEXT_LENGTH_MAX, Bringing, MessageName, Ref, Said
from shared.dialogue.support import (
    FREE,
    MESSAGES,
    READINGS,
    STAFF,
    THREADS,
    Reading,
    Seat,
    SupportMessage,
    SupportThread,
    is_with_person,
    message_of,
    read_to,
    seat_of,
    seats_of,
)
from shared.errors import CONFLICT, FORBIDDEN, NOT_FOUND, AppError, FieldError
from shared.orders.order import ORDERS, Order
from shared.people.access import PARTY_ROLES, Caller, Need, Role, owns, scopes_of
from shared.records import AlreadyThere, ChangedMeanwhile, Query, Write
from shared.wire import pack
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Download, Routes
from triggers.flows import start
from triggers.http_orders import refused
from triggers.idempotency import work_id
from triggers.order_views import seen_order
from triggers.parse import Input, Output, Paging
from triggers.support_views import (
    MessageView,
    ParticipantView,
    ThreadLine,
    conversation,
    message_view,
    participants,
)

routes = Routes("support")
READER = Need(scopes=frozenset({"orders:read"}))
STAFF_WRITER = Need(scopes=frozenset({"operations:write"}))
WRITES = frozenset({"orders:write", "tasks:write", "operations:write"})
"""One of these lets somebody who is in a conversation speak in it."""


class MessageQuery(Paging):
    """Which of them; q: words that stand in them."""

    q: str | None = Field(default=None, min_length=1, max_length=100)


class Writing(Input):
    """What is said. mentions: refs of those it is for; private: for the customer, their assistant and staff alone."""

    text: str = Field(min_length=1, max_length=TEXT_LENGTH_MAX)
    mentions: list[Ref] = Field(default_factory=list, max_length=MENTIONS_MAX)
    private: bool = False


class ReadUpTo(Input):
    """Up to which message one has read; without one, all there is."""

    message_id: MessageName | None = None


class MessageList(Output):
    """A conversation, newest first; with_person: a person has it, and the assistant is silent."""

    items: list[MessageView]
    next: str | None
    participants: list[ParticipantView]
    with_person: bool


class ReadView(Output):
    """How far one has read."""

    order: str
    unread: bool


class ThreadQuery(Paging):
    """Which of them, for staff."""

    with_person: bool | None = None


class ThreadList(Output):
    """Conversations, the last spoken in first."""

    items: list[ThreadLine]
    next: str | None


class ThreadState(Output):
    """Who has a conversation."""

    order: str
    with_person: bool
    taken_by: str | None
    escalation: str | None


@routes.get("/api/v1/orders/{order_id}/messages", need=READER)
async def list_messages(order_id: str, query: MessageQuery, caller: Caller, deps: Deps, about: About) -> MessageList:
    """What was said about an order by everybody in it, newest first."""
    order, seat = await _seated(order_id, caller, deps, about)
    page = await conversation(deps, order, seat, Query({}, order.id, "-at", query.limit, query.after), query.q)
    thread = await deps.store.get(THREADS, order.id, order.id)
    return MessageList(
        items=page.items,
        next=page.next,
        participants=participants(order, seat),
        with_person=thread is not None and await is_with_person(deps.store, thread.value),
    )


@routes.post(
    "/api/v1/orders/{order_id}/messages",
    need=READER,
    status=202,
    errors=(FORBIDDEN,),
    action=AgentAction("write_message", "Ask or tell something about an order; the answer comes in its conversation."),
)
async def write_message(
    order_id: str,
    body: Writing,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Answer[MessageView]:
    """Say something to everybody in an order; it is found out who answers, and a person called where one is needed."""
    order, seat = await _seated(order_id, caller, deps, about)
    if not WRITES & scopes_of(caller):
        raise AppError(FORBIDDEN, "Your token lets you read this conversation, not speak in it.")
    if body.private and seat.by not in {"customer", "staff"}:
        raise refused("private", "Only the customer and staff speak in private; leave it out.")
    _check_mentions(body.mentions, order)
    said = Said(
        id=f"web-{work_id(about, f'{seat.key}:{caller.subject}', f'message:{order.id}')}",
        order=order.id,
        by=seat.by,
        who=seat.id,
        ref=seat.ref,
        text=body.text,
        mentions=tuple(body.mentions),
        is_private=body.private,
        is_agents=caller.is_agent,
    )
    message = await say(deps, client, said, about)
    return Answer(message_view(message, order, seat), location=f"/api/v1/orders/{order.id}/messages")


@routes.post("/api/v1/orders/{order_id}/messages/read", need=READER)
async def read_messages(
    order_id: str, body: ReadUpTo, caller: Caller, deps: Deps, about: About
) -> ReadView:
    """Say how far one has read; the others see it."""
    order, seat = await _seated(order_id, caller, deps, about)
    until = about.now
    if body.message_id is not None:
        stored = await deps.store.get(MESSAGES, order.id, body.message_id)
        if stored is None:
            raise refused("message_id", "There is no such message in this conversation.")
        until = stored.value.at
    after = await changed(deps.store, READINGS, seat.key, order.id, lambda one: read_to(one, one.last_at, until))
    return ReadView(order=order.id, unread=after is not None and _is_unread(after))


@routes.get("/api/v1/orders/{order_id}/messages/{message_id}/files/{number}", need=READER)
async def get_message_file(
    order_id: str, message_id: str, number: str, caller: Caller, deps: Deps, about: About
) -> Download:
    """A file that came with a message."""
    order, seat = await _seated(order_id, caller, deps, about)
    stored = await deps.store.get(MESSAGES, order.id, message_id)
    files: tuple[BlobRef, ...] = ()
    if stored is not None and (not stored.value.is_private or seat.by in {"customer", "staff"}):
        files = stored.value.attachments
    if not number.isascii() or not number.isdecimal() or not 0 < int(number[:4]) <= len(files):
        raise AppError(NOT_FOUND, "There is no such file in this conversation.")
    file = files[int(number) - 1]
    blob = await deps.blobs.get(file.name)
    if blob is None:
        raise AppError(NOT_FOUND, "The file is no longer kept.")
    return Download(blob.data, file.media_type, etag=file.name)


@routes.get("/api/v1/support/threads", need=READER)
async def list_threads(query: ThreadQuery, caller: Caller, deps: Deps) -> ThreadList:
    """Conversations, the last spoken in first: all of them for staff, for everybody else their own orders'."""
    if "operations:read" in scopes_of(caller):
        where = {} if query.with_person is None else {"is_with_person": query.with_person}
        found = await deps.store.query(THREADS, Query(where, None, "-last_at", query.limit, query.after))
        lines = [_thread_line(stored.value) for stored in found.items]
        return ThreadList(items=lines, next=found.next)
    page = await deps.store.query(READINGS, Query({}, _own_key(caller), "-last_at", query.limit, query.after))
    own = [await _own_line(deps, stored.value, caller) for stored in page.items]
    return ThreadList(items=[line for line in own if line is not None], next=page.next)


@routes.post("/api/v1/orders/{order_id}/support/take-over", need=STAFF_WRITER, errors=(CONFLICT,))
async def take_over_support(order_id: str, caller: Caller, deps: Deps, about: About) -> ThreadState:
    """Take a conversation in hand: the assistant is silent in it until it is handed back."""
    return await _changed(order_id, deps, about, {"taken_by": caller.subject, "is_with_person": True})


@routes.post("/api/v1/orders/{order_id}/support/hand-back", need=STAFF_WRITER, errors=(CONFLICT,))
async def hand_back_support(
    order_id: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> ThreadState:
    """Let the assistant answer again; the matter that a person was called for is settled with it."""
    from shared.dialogue.escalations import ESCALATIONS, ImpossibleMove, resolved  # noqa: PLC0415
    from shared.nudges import stir  # noqa: PLC0415

    before = await deps.store.get(THREADS, order_id, order_id)
    state = await _changed(order_id, deps, about, FREE)
    name = before.value.escalation if before else None
    matter = await deps.store.get(ESCALATIONS, name, name) if name else None
    if matter is not None:
        with suppress(ImpossibleMove, ChangedMeanwhile):
            after = resolved(matter.value, f"Handed back by {caller.subject}.", about.now)
            await stir(deps.store, client, ESCALATIONS, matter, after, about.now)
    return state


async def say(
    deps: Deps, client: df.DurableOrchestrationClient, said: Said, about: About
) -> SupportMessage:
    """Bring a message into the conversation of its order; said again it is the same."""
    message = message_of(said, about.now)
    await start(client, SUPPORT_FLOW, f"said:{said.order}:{said.id}", pack(Bringing(said=said)))
    with suppress(AlreadyThere):
        await deps.store.apply(MESSAGES, said.order, [Write("create", message)])
    stored = await deps.store.get(MESSAGES, said.order, said.id)
    return stored.value if stored else message


async def _seated(order_id: str, caller: Caller, deps: Deps, about: About) -> tuple[Order, Seat]:
    """The order, and as what the caller takes part in its conversation; raises AppError."""
    order = (await seen_order(order_id, caller, deps, about)).value
    seat = seat_for(order, caller)
    if seat is None:
        raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")
    return order, seat


def seat_for(order: Order, caller: Caller) -> Seat | None:
    """As what somebody takes part; who has lost their leg to another is no longer in it."""
    seats = seats_of(order)
    if owns(caller, order.customer):
        return seat_of(seats, order, "customer")
    own = next((seat for seat in seats if seat.id == caller.subject and seat.by in caller.roles & PARTY_ROLES), None)
    if own is None and "operations:read" in scopes_of(caller):
        return Seat("staff", caller.subject, STAFF, "Support")
    return own


def _own_key(caller: Caller) -> str:
    if caller.is_agent or Role.CUSTOMER in caller.roles:
        return f"customer:{caller.acting_for or caller.subject}"
    role = min(caller.roles & PARTY_ROLES, default=None)
    return f"{role}:{caller.subject}"


async def _own_line(deps: Deps, reading: Reading, caller: Caller) -> ThreadLine | None:
    """One's own conversation in a list, while one is in it."""
    thread = await deps.store.get(THREADS, reading.id, reading.id)
    order = await deps.store.get(ORDERS, reading.id, reading.id)
    if thread is None or order is None or seat_for(order.value, caller) is None:
        return None
    line = _thread_line(thread.value)
    return line.model_copy(
        update={"last_at": reading.last_at, "unread": _is_unread(reading), "taken_by": None, "escalation": None}
    )


def _thread_line(thread: SupportThread) -> ThreadLine:
    return ThreadLine(
        order=thread.id,
        last_at=thread.last_at,
        unread=None,
        with_person=thread.is_with_person,
        taken_by=thread.taken_by,
        escalation=thread.escalation,
    )


def _is_unread(reading: Reading) -> bool:
    return reading.read_at is None or reading.read_at < reading.last_at


def _check_mentions(mentions: list[Ref], order: Order) -> None:
    seats = seats_of(order)
    for number, ref in enumerate(mentions):
        if seat_of(seats, order, ref) is None:
            refs = ", ".join(seat.ref for seat in seats)
            message = f"Nobody in this conversation is known as {ref}: they are {refs}."
            field = f"body.mentions[{number}]"
            raise AppError(refused("mentions", message).code, f"{field}: {message}", [FieldError(field, message)])


async def _changed(order_id: str, deps: Deps, about: About, news: dict[str, object]) -> ThreadState:
    """Keep who has a conversation; opened by this where nobody has spoken yet."""
    order = await deps.store.get(ORDERS, order_id, order_id)
    if order is None:
        raise AppError(NOT_FOUND, "There is no such order.")
    fresh = SupportThread(id=order_id, customer=order.value.customer, last_at=about.now)
    with suppress(AlreadyThere):
        await deps.store.apply(THREADS, order_id, [Write("create", fresh)])
    after = await changed(deps.store, THREADS, order_id, order_id, lambda one: one.model_copy(update=news))
    assert after is not None
    return ThreadState(
        order=order_id, with_person=after.is_with_person, taken_by=after.taken_by, escalation=after.escalation
    )
