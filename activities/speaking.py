"""How steps speak to people: to a customer wherever they want news, to a party on the first of its ways that works."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from shared.flows import Call

if TYPE_CHECKING:
    from pydantic import JsonValue

    from activities import Client
    from shared.blobs import BlobRef
    from shared.dialogue.messages import Channel, OutboundMessage, Reply, TemplateUse
    from shared.dialogue.reaching import Urgency
    from shared.discovery.partners import Contact
    from shared.orders.order import Order, OrderLeg, PartyKind, PartyWord
    from shared.wiring import Deps


class Saying(NamedTuple):
    """What is to be said to a party; round: of the question it asks; facts: for whoever plays a partner."""

    thread: str
    text: str
    urgency: Urgency = "normal"
    replies: tuple[Reply, ...] = ()
    attachments: tuple[BlobRef, ...] = ()
    round: int | None = None
    template: TemplateUse | None = None
    facts: dict[str, JsonValue] | None = None


async def say_to_customer(  # noqa: PLR0917  what is said, and how
    deps: Deps,
    customer_id: str,
    thread: str,
    text: str,
    call: Call,
    replies: tuple[Reply, ...] = (),
    subject: str = "Your order",
    without: frozenset[Channel] = frozenset(),
) -> None:
    """Say something to a customer wherever they want to hear it; each channel once, one that fails is passed over.

    subject: of an email; without: channels on which they have heard it already.
    """
    from shared.dialogue.messages import OutboundMessage, Undeliverable  # noqa: PLC0415  with the first notice
    from shared.people.customers import CUSTOMERS, newcomer, reached_by  # noqa: PLC0415

    stored = await deps.store.get(CUSTOMERS, customer_id, customer_id)
    for channel, to in reached_by(stored.value if stored else newcomer(customer_id)).items():
        if channel in without:
            continue
        message = OutboundMessage(
            id=f"{message_id(call)}:{channel}",
            channel=channel,
            to=to,
            thread=thread,
            text=text,
            subject=subject if channel == "email" else None,
            replies=replies,
        )
        if channel == "whatsapp" and not replies:
            message = _with_status(message)
        try:
            await deps.messages.send(message)
        except Undeliverable:
            continue  # the web has it in any case


async def say_to_party(
    deps: Deps, client: Client, party: PartyKind, party_id: str, saying: Saying, call: Call
) -> Channel:
    """Say something to a partner, hub or worker: by the first of its ways that works, else in its inbox here."""
    from activities.simulator import begin_reply  # noqa: PLC0415
    from shared.dialogue.messages import Undeliverable  # noqa: PLC0415
    from shared.dialogue.reaching import Hold, route, to_of  # noqa: PLC0415

    contact = await contact_of(deps, party, party_id)
    failed: list[Channel] = []
    while contact is not None:
        way = route(contact, saying.urgency, call.at, deps.settings.time_zone, failed)
        if way is None or isinstance(way, Hold):
            break
        message = _message(saying, call, way.channel, to_of(way, party_id))
        try:
            await deps.messages.send(message)
        except Undeliverable:
            failed.append(way.channel)
            continue
        await begin_reply(deps, client, message.id)
        return way.channel
    await deps.messages.send(_message(saying, call, "web", party_id))
    return "web"


async def contact_of(deps: Deps, party: PartyKind, party_id: str) -> Contact | None:
    """How a partner, hub or worker wants to be reached."""
    from shared.discovery.partners import PARTNERS  # noqa: PLC0415
    from shared.logistics.hubs import HUBS  # noqa: PLC0415
    from shared.people.workers import WORKERS  # noqa: PLC0415

    if party == "hub":
        hub = await deps.store.get(HUBS, party_id, party_id)
        return hub.value.contact if hub else None
    if party == "worker":
        worker = await deps.store.get(WORKERS, party_id, party_id)
        return worker.value.contact if worker else None
    partner = await deps.store.get(PARTNERS, party_id, party_id)
    return partner.value.contact if partner else None


def about_leg(order: Order, leg: OrderLeg, kind: PartyWord, time_zone: str) -> Saying:
    """What a party is told of its leg; a question comes with its answers to tap."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from shared.dialogue.events import leg_payload  # noqa: PLC0415
    from shared.dialogue.messages import Reply, TemplateUse  # noqa: PLC0415
    from shared.dialogue.templates import NEWS_LENGTH_MAX  # noqa: PLC0415
    from shared.orders.words import party_words  # noqa: PLC0415

    words = party_words(order, leg, kind, ZoneInfo(time_zone))
    is_question = kind == "question"
    replies = (
        Reply(label="Accept", payload=leg_payload(order.id, leg.id, "accept")),
        Reply(label="Decline", payload=leg_payload(order.id, leg.id, "reject")),
    )
    return Saying(
        thread=f"order:{order.id}",
        text=words,
        urgency="urgent",
        replies=replies if is_question else (),
        template=TemplateUse(
            name="order_request" if is_question else "partner_notice",
            variables=(leg.partner_name, order.id, words[:NEWS_LENGTH_MAX]),
        ),
        facts={
            "request_type": "order_request" if is_question else "notice",
            "product": leg.title,
            "order_value": order.total.model_dump(),
            "customer": order.customer,
        },
    )


def message_id(call: Call, part: str = "notice") -> str:
    """The id of the message that a step sends, the same at every attempt."""
    return f"{part}:{hashlib.sha256(call.key.encode()).hexdigest()[:40]}"


def _message(saying: Saying, call: Call, channel: Channel, to: str) -> OutboundMessage:
    from shared.dialogue.messages import OutboundMessage  # noqa: PLC0415

    return OutboundMessage(
        id=f"{message_id(call)}:{channel}",
        channel=channel,
        to=to,
        thread=saying.thread,
        round=saying.round,
        text=saying.text,
        subject=f"Order {saying.thread.partition(':')[2]}" if channel == "email" else None,
        replies=saying.replies,
        attachments=saying.attachments if channel != "sms" else (),
        template=saying.template if channel == "whatsapp" else None,
        facts=saying.facts,
    )


def _with_status(message: OutboundMessage) -> OutboundMessage:
    """The same as WhatsApp takes it at any time, with what a customer may want next."""
    from shared.dialogue.messages import Reply, TemplateUse  # noqa: PLC0415
    from shared.dialogue.templates import NEWS_LENGTH_MAX  # noqa: PLC0415

    thread = message.thread or "order:"
    order = thread.partition(":")[2]
    return message.model_copy(
        update={
            "template": TemplateUse(name="order_status", variables=(order, message.text[:NEWS_LENGTH_MAX])),
            "replies": (
                Reply(label="Track Order", payload=f"{thread}:track"),
                Reply(label="Contact Support", payload=f"{thread}:support"),
            ),
        }
    )
