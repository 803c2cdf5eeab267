"""The conversation of an order as each of those may see it who are in it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import AwareDatetime

from shared.dialogue.delivery import DELIVERIES, OUTGOING, RANKS, DeliveryStatus
from shared.dialogue.messages import Channel
from shared.dialogue.saying import By
from shared.dialogue.support import (
    MESSAGES,
    READINGS,
    Seat,
    SupportMessage,
    is_for,
    name_of,
    role_words,
    seats_of,
    sent_ids,
    veiled,
)
from shared.orders.order import Order
from shared.records import PAGE_MAX, Query
from shared.wiring import Deps
from triggers.parse import Output

PAGES_MAX = 10
"""How many pages are looked through for one that has something to show."""

State = Literal["pending", "queued", "sent", "failed", "delivered", "read"]


class DeliveryView(Output):
    """How far a message has come to somebody, and on which channel it came farthest."""

    ref: str
    name: str
    state: State
    channel: Channel | None


class FileView(Output):
    """A file that came with a message."""

    media_type: str
    url: str


class MessageView(Output):
    """One message; ref: of whoever wrote it, by which they can be mentioned; asked: of who is to answer."""

    id: str
    by: By
    ref: str
    name: str
    text: str
    mentions: list[str]
    files: list[FileView]
    channel: Channel
    private: bool
    topic: str | None
    asked: str | None
    answers: str | None
    is_mine: bool
    delivery: list[DeliveryView]
    at: AwareDatetime


class ParticipantView(Output):
    """Somebody in a conversation."""

    ref: str
    by: By
    name: str


class ThreadLine(Output):
    """A conversation in a list; unread: None for staff; taken_by, escalation: for staff alone."""

    order: str
    last_at: AwareDatetime
    unread: bool | None
    with_person: bool
    taken_by: str | None
    escalation: str | None


class MessagePage(NamedTuple):
    """Some messages, and the token of the next ones."""

    items: list[MessageView]
    next: str | None


async def conversation(deps: Deps, order: Order, seat: Seat, query: Query, words: str | None = None) -> MessagePage:
    """A page of what somebody may see, with how far each has come; words: that stand in it, as they may see it."""
    after, items = query.after, list[SupportMessage]()
    for _ in range(PAGES_MAX):
        page = await deps.store.query(MESSAGES, Query(query.where, query.partition, query.order, query.limit, after))
        items = [stored.value for stored in page.items if _is_seen(stored.value, order, seat, words)]
        after = page.next
        if items or after is None:
            break
    told = await _told(deps, order, items) if items else {}
    read = await _read(deps, order)
    views = [message_view(one, order, seat, _deliveries(one, order, seat, told, read)) for one in items]
    return MessagePage(views, after)


def message_view(
    message: SupportMessage, order: Order, seat: Seat, delivery: list[DeliveryView] | None = None
) -> MessageView:
    """A message as somebody may see it: the customer learns no more of a hidden party than its role."""
    files = enumerate(message.attachments, 1)
    path = f"/api/v1/orders/{order.id}/messages/{message.id}/files"
    return MessageView(
        id=message.id,
        by=message.by,
        ref=message.ref,
        name=name_of(message, order, is_customer=seat.by == "customer"),
        text=_text(message, order, seat),
        mentions=list(message.mentions),
        files=[FileView(media_type=one.media_type, url=f"{path}/{number}") for number, one in files],
        channel=message.channel,
        private=message.is_private,
        topic=message.topic,
        asked=message.asked,
        answers=message.answers,
        is_mine=(message.by, message.who) == (seat.by, seat.id),
        delivery=delivery or [],
        at=message.at,
    )


def participants(order: Order, seat: Seat) -> list[ParticipantView]:
    """Everybody in a conversation, by the names under which somebody may know them."""
    return [ParticipantView(ref=one.ref, by=one.by, name=_name(one, order, seat)) for one in seats_of(order)]


def _name(one: Seat, order: Order, seat: Seat) -> str:
    leg = order.leg(one.ref)
    if leg is None or one.is_shown or seat.by != "customer":
        return one.name
    return role_words(leg)


def _text(message: SupportMessage, order: Order, seat: Seat) -> str:
    return veiled(message.text, order) if seat.by == "customer" else message.text


def _is_seen(message: SupportMessage, order: Order, seat: Seat, words: str | None) -> bool:
    """Words are looked for in what is shown: a search must not find what is hidden."""
    if message.is_private and seat.by not in {"customer", "staff"}:
        return False
    return words is None or words.casefold() in _text(message, order, seat).casefold()


async def _told(deps: Deps, order: Order, items: list[SupportMessage]) -> dict[str, DeliveryStatus]:
    """Message that was sent → how far it has come, for all that went out since the oldest of some messages."""
    since = {"thread": f"order:{order.id}", "at": {"ge": min(one.at for one in items)}}
    sent = await deps.store.query(OUTGOING, Query(since, order="-at", limit=PAGE_MAX))
    known: dict[str, DeliveryStatus] = {
        one.value.id: "failed" if one.value.refused else "sent" if one.value.provider_id else "queued"
        for one in sent.items
    }
    news = await deps.store.query(DELIVERIES, Query(since, order="-at", limit=PAGE_MAX))
    for one in news.items:
        if one.value.message and RANKS[one.value.status] > RANKS.get(known.get(one.value.message, "queued"), 0):
            known[one.value.message] = one.value.status
    return known


async def _read(deps: Deps, order: Order) -> dict[str, AwareDatetime]:
    """Seat → until when they have read, for those who have."""
    found = {}
    for seat in seats_of(order):
        stored = await deps.store.get(READINGS, seat.key, order.id) if seat.by != "ai" else None
        if stored is not None and stored.value.read_at is not None:
            found[seat.key] = stored.value.read_at
    return found


def _deliveries(
    message: SupportMessage,
    order: Order,
    seat: Seat,
    told: dict[str, DeliveryStatus],
    read: dict[str, AwareDatetime],
) -> list[DeliveryView]:
    """How far a message has come to each of those it is for."""
    views = []
    for one in seats_of(order):
        if not is_for(message, one):
            continue
        ways = [(RANKS[told[name]], channel) for name, channel in sent_ids(message.id, one).items() if name in told]
        rank, channel = max(ways, default=(-1, None))
        state: State = next((status for status, number in RANKS.items() if number == rank), "pending")
        if one.key in read and read[one.key] >= message.at:
            state = "read"
        if state != "pending" or one.by != "staff":
            views.append(DeliveryView(ref=one.ref, name=_name(one, order, seat), state=state, channel=channel))
    return views
