"""What became of a message that was sent: our own record of it, and what its provider tells of it, in any order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.changing import kept
from shared.dialogue.messages import OutboundMessage, Reason
from shared.ports import Store
from shared.records import (
    Container,
    Query,
    Record,
)
from shared.wire import Plain

ERROR_LENGTH_MAX = 40

DeliveryStatus = Literal["queued", "sent", "failed", "delivered", "read"]
RANKS: dict[DeliveryStatus, int] = {"queued": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}
"""What is known last is the highest that was ever told: news come doubled and out of order, and a message that was
delivered has not failed."""


class Outgoing(Record):
    """A message that is to be sent, once; id: the message's own.

    box: channel and recipient. at: when it was first asked for. provider_id: by which its provider speaks of it, once
    it has it. tried_at: of the last attempt; again_at: when the next may be made; is_in_doubt: whether the last may
    have been carried out without our hearing of it. refused, detail: why it will not arrive.
    """

    box: str
    thread: str | None
    at: AwareDatetime
    message: OutboundMessage
    provider_id: str | None = None
    sent_at: AwareDatetime | None = None
    tried_at: AwareDatetime
    again_at: AwareDatetime
    is_in_doubt: bool = False
    refused: Reason | None = None
    detail: str = ""


# A message is its own partition: its id is unique among all, whoever it goes to.
OUTGOING = Container("messages_outgoing", Outgoing, "id", indexes=("box,at", "thread,at", "refused,at"))


class Delivery(Record):
    """What a provider has told of one message; id: the provider's.

    message: whose it is, None while only the provider has spoken of it. at: when the status was told. error: the
    provider's code.
    """

    message: str | None = None
    thread: str | None = None
    box: str = ""
    status: DeliveryStatus = "queued"
    at: AwareDatetime
    error: Annotated[str, Field(max_length=ERROR_LENGTH_MAX)] = ""


DELIVERIES = Container("messages_deliveries", Delivery, "id", indexes=("thread,at", "status,at"))


class StatusNews(Plain):
    """One thing that a provider tells of a message."""

    provider_id: Annotated[str, Field(min_length=1, max_length=200)]
    status: DeliveryStatus
    at: AwareDatetime
    error: Annotated[str, Field(max_length=ERROR_LENGTH_MAX)] = ""


def advanced(delivery: Delivery, news: StatusNews) -> Delivery:
    """The delivery after some news; what ranks no higher than what is known changes nothing."""
    if RANKS[news.status] <= RANKS[delivery.status]:
        return delivery
    return delivery.model_copy(update={"status": news.status, "at": news.at, "error": news.error})


async def note(store: Store, news: StatusNews) -> Delivery:
    """Keep news of a message, also before we know that it is ours; raises Unavailable."""
    name = news.provider_id
    after = await kept(store, DELIVERIES, name, name, lambda known: advanced(known or _unknown(news), news))
    assert after is not None
    return after


async def claim(store: Store, news: StatusNews, outgoing: Outgoing) -> Delivery | None:
    """Note that the provider's message is this one of ours, with its status; None if it is another.

    Raises Unavailable.
    """
    ours = {"message": outgoing.id, "thread": outgoing.thread, "box": outgoing.box}

    def claimed(known: Delivery | None) -> Delivery | None:
        before = known or _unknown(news)
        if before.message is not None:
            return before if before.message == outgoing.id else None
        return advanced(before.model_copy(update=ours), news)

    return await kept(store, DELIVERIES, news.provider_id, news.provider_id, claimed)


async def delivery_of(store: Store, message: str) -> Delivery | None:
    """How far a message of ours has come; None where it was never taken over."""
    stored = await store.get(OUTGOING, message, message)
    if stored is None or stored.value.provider_id is None:
        return None
    found = await store.get(DELIVERIES, stored.value.provider_id, stored.value.provider_id)
    return found.value if found else None


async def deliveries_of(store: Store, thread: str, limit: int = 50) -> list[Delivery]:
    """The newest deliveries of a thread."""
    page = await store.query(DELIVERIES, Query({"thread": thread}, order="-at", limit=limit))
    return [stored.value for stored in page.items]


async def answered(store: Store, provider_id: str) -> Outgoing | None:
    """The message of ours that a provider's id stands for."""
    stored = await store.get(DELIVERIES, provider_id, provider_id)
    if stored is None or stored.value.message is None:
        return None
    found = await store.get(OUTGOING, stored.value.message, stored.value.message)
    return found.value if found else None


async def sent_to(store: Store, box: str, limit: int) -> list[Outgoing]:
    """What was sent to somebody on a channel, newest first."""
    page = await store.query(OUTGOING, Query({"box": box}, order="-at", limit=limit))
    return [stored.value for stored in page.items]


def _unknown(news: StatusNews) -> Delivery:
    """A message of a provider that we do not know yet."""
    return Delivery(id=news.provider_id, at=news.at)
