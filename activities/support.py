"""The conversation of an order: what is said is kept, answered or given to a person, and brought to everybody in it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import azure.durable_functions as df

from activities import Client, activity
from activities.answering import Answering, answer_of_customer, answer_of_party
from activities.speaking import Saying, message_id, say_to_customer, say_to_party
from shared.changing import changed
from shared.dialogue.saying import Bringing, Said
from shared.flows import PATIENT, Call, Refusal
from shared.orders.order import ORDERS, Order
from shared.records import AlreadyThere, Record, Write
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:

    from shared.blobs import BlobRef
    from shared.dialogue.messages import OutboundMessage
    from shared.dialogue.support import Seat, SupportMessage, SupportThread

blueprint = df.Blueprint()
AFTER = timedelta(milliseconds=1)
"""How much later than a message its answer is at the least, so that they stay in their order."""
R = TypeVar("R", bound=Record)


class Kept(Plain):
    """A message that is in its conversation; tells: the refs of those who are to hear of it."""

    order: str
    message: str
    tells: tuple[str, ...]


class Sending(Plain):
    """Which message, to whom, by ref."""

    order: str
    message: str
    ref: str


class Called(Plain):
    """That a person was called into a conversation."""

    order: str
    escalation: str


@activity(blueprint, retry=PATIENT)
async def keep_said(deps: Deps, bringing: Bringing, call: Call) -> Kept | Refusal:
    """Keep a message in the conversation of its order; kept again it is the same. Refused where it has no place."""
    from activities.hearing import said_of  # noqa: PLC0415  with the first message, not with the app
    from shared.dialogue.support import MESSAGES, is_for, message_of, seats_of  # noqa: PLC0415

    said = bringing.said
    files: tuple[BlobRef, ...] = ()
    if bringing.heard is not None:
        found = await said_of(deps, bringing.heard)
        if isinstance(found, Refusal):
            return found
        said, files = found
    order = await _order(deps, said.order) if said else None
    if said is None or order is None:
        return Refusal("no_such_order")
    news = {"attachments": files, "inbound": bringing.heard.inbound if bringing.heard else None}
    message = message_of(said, await _moment(deps, said, call)).model_copy(update=news)
    with suppress(AlreadyThere):
        await deps.store.apply(MESSAGES, order.id, [Write("create", message)])
    stored = await deps.store.get(MESSAGES, order.id, message.id)
    message = stored.value if stored else message
    thread = await _thread_moved(deps, order, message)
    seats = [seat for seat in seats_of(order) if is_for(message, seat)]
    await _readings_moved(deps, message, seats)
    tells = [seat.ref for seat in seats if seat.by != "staff" or _concerns_staff(message, thread)]
    return Kept(order=order.id, message=message.id, tells=tuple(tells))


@activity(blueprint, retry=PATIENT)
async def answer_said(deps: Deps, kept: Kept, call: Call, client: Client) -> Answering:
    """Who answers a message, and what, where the assistant does; it is silent while a person has the conversation."""
    from shared.dialogue.support import FREE, MESSAGES, THREADS, is_with_person  # noqa: PLC0415

    message, order = await _message(deps, kept.order, kept.message), await _order(deps, kept.order)
    if message is None or order is None or message.by in {"ai", "staff"}:
        return Answering()
    thread = await _thread(deps, kept.order)
    if thread is not None and await is_with_person(deps.store, thread):
        return Answering()
    if thread is not None and thread.is_with_person:
        await changed(deps.store, THREADS, order.id, order.id, lambda one: one.model_copy(update=FREE))
    of = answer_of_customer if message.by == "customer" else answer_of_party
    answering, routing = await of(deps, message, order, call, client)
    await changed(deps.store, MESSAGES, order.id, message.id, lambda one: one.model_copy(update=routing))
    return answering


@activity(blueprint, retry=PATIENT)
async def send_said(deps: Deps, sending: Sending, call: Call, client: Client) -> None:
    """Bring a message to one of those in the conversation, wherever they are to be reached."""
    from shared.dialogue.support import seat_of, seats_of, sending_key  # noqa: PLC0415

    message, order = await _message(deps, sending.order, sending.message), await _order(deps, sending.order)
    seat = seat_of(seats_of(order), order, sending.ref) if order else None
    if message is None or order is None or seat is None:
        return
    own = Call(sending_key(message.id, seat), call.at)
    if seat.by == "customer":
        await say_to_customer(deps, order.customer, f"order:{order.id}", _to_customer(message, order), own)
    elif seat.by == "staff":
        await deps.messages.send(_to_staff(message, order, own))
    elif seat.by != "ai":
        await say_to_party(deps, client, seat.by, seat.id, _to_party(message, order, seat), own)


@activity(blueprint, retry=PATIENT)
async def note_called(deps: Deps, called: Called) -> None:
    """Note that a person is called: the assistant is silent until they hand it back, or have settled it."""
    from shared.dialogue.support import THREADS  # noqa: PLC0415

    news = {"escalation": called.escalation, "is_with_person": True}
    await changed(deps.store, THREADS, called.order, called.order, lambda one: one.model_copy(update=news))


async def _moment(deps: Deps, said: Said, call: Call) -> datetime:
    """Now; for an answer, after what it answers."""
    answered = await _message(deps, said.order, said.answers) if said.answers else None
    return max(call.at, answered.at + AFTER) if answered else call.at


def _concerns_staff(message: SupportMessage, thread: SupportThread) -> bool:
    return thread.is_with_person or "staff" in message.mentions


def _to_customer(message: SupportMessage, order: Order) -> str:
    from shared.dialogue.support import forwarded, name_of, veiled  # noqa: PLC0415

    words = forwarded(veiled(message.text, order))
    return words if message.by == "ai" else f"{name_of(message, order, is_customer=True)}: {words}{_files(message)}"


def _to_party(message: SupportMessage, order: Order, seat: Seat) -> Saying:
    """What a party is told; at once where it is asked, else not at night."""
    from shared.dialogue.messages import TemplateUse  # noqa: PLC0415
    from shared.dialogue.support import forwarded, name_of  # noqa: PLC0415
    from shared.dialogue.templates import NEWS_LENGTH_MAX  # noqa: PLC0415

    said = f"{name_of(message, order, is_customer=False)}: {forwarded(message.text)}{_files(message)}"
    is_asked = seat.ref in {message.asked, *message.mentions}
    pictures = [one for one in message.attachments if one.media_type.startswith("image/")][:1]
    return Saying(
        thread=f"order:{order.id}",
        text=f"Order {order.id}. {said}",
        urgency="urgent" if is_asked else "normal",
        attachments=tuple(pictures),
        template=TemplateUse(name="partner_notice", variables=(seat.name, order.id, said[:NEWS_LENGTH_MAX])),
        facts={"request_type": "notice"},
    )


def _to_staff(message: SupportMessage, order: Order, call: Call) -> OutboundMessage:
    from activities.escalations import STAFF  # noqa: PLC0415
    from shared.dialogue.messages import OutboundMessage  # noqa: PLC0415
    from shared.dialogue.support import forwarded, name_of  # noqa: PLC0415

    words = f"{name_of(message, order, is_customer=False)}: {forwarded(message.text)}{_files(message)}"
    return OutboundMessage(
        id=f"{message_id(call)}:web", channel="web", to=STAFF, thread=f"order:{order.id}", text=words
    )


def _files(message: SupportMessage) -> str:
    count = len(message.attachments)
    return f" (with {count} {'file' if count == 1 else 'files'})" if count else ""


async def _thread_moved(deps: Deps, order: Order, message: SupportMessage) -> SupportThread:
    """The conversation with its newest message, opened by the first."""
    from shared.dialogue.support import THREADS, SupportThread  # noqa: PLC0415

    fresh = SupportThread(id=order.id, customer=order.customer, last_at=message.at)
    with suppress(AlreadyThere):
        await deps.store.apply(THREADS, order.id, [Write("create", fresh)])
    later = {"last_at": message.at}
    moved = await changed(
        deps.store, THREADS, order.id, order.id,
        lambda one: one if one.last_at >= message.at else one.model_copy(update=later),
    )  # fmt: skip
    return moved or fresh


async def _readings_moved(deps: Deps, message: SupportMessage, seats: list[Seat]) -> None:
    """Everybody who can see a message has something to read; its author has read it."""
    from shared.dialogue.support import seat_key  # noqa: PLC0415

    for seat in seats:
        await read_on(deps, seat.key, message.order, last_at=message.at)
    if message.by != "ai":
        author = seat_key(message.by, message.who)
        await read_on(deps, author, message.order, last_at=message.at, read_at=message.at)


async def read_on(deps: Deps, seat: str, order: str, **moments: Any) -> None:
    """Move the moments of somebody's reading on, never back."""
    from shared.dialogue.support import READINGS, Reading, read_to  # noqa: PLC0415

    fresh = Reading.model_validate({"id": order, "seat": seat, **moments})
    with suppress(AlreadyThere):
        await deps.store.apply(READINGS, seat, [Write("create", fresh)])
        return
    await changed(deps.store, READINGS, seat, order, lambda one: read_to(one, **moments))


async def _order(deps: Deps, order: str) -> Order | None:
    stored = await deps.store.get(ORDERS, order, order)
    return stored.value if stored else None


async def _message(deps: Deps, order: str, message: str) -> SupportMessage | None:
    from shared.dialogue.support import MESSAGES  # noqa: PLC0415

    stored = await deps.store.get(MESSAGES, order, message)
    return stored.value if stored else None


async def _thread(deps: Deps, order: str) -> SupportThread | None:
    from shared.dialogue.support import THREADS  # noqa: PLC0415

    stored = await deps.store.get(THREADS, order, order)
    return stored.value if stored else None
