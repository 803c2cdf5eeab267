"""The Omnichannel Broker: each message goes to the carrier of its channel, once, however often it is asked for.

What is to be sent is noted first and what became of it afterwards, so a second request finds the first one's outcome.
Where the outcome is not known (the process died, the answer was lost) the carrier is asked what it has; one that cannot
tell is given the message again under the same id, by which its receiver knows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, Protocol

from shared.adapters.messages_inbox import InboxMessages
from shared.dialogue.delivery import OUTGOING, DeliveryStatus, Outgoing, StatusNews, claim
from shared.dialogue.messages import Channel, MessageIdReused, OutboundMessage, Sent, Undeliverable
from shared.ports import Clock, Store
from shared.records import AlreadyThere, ChangedMeanwhile, Stored, Unavailable, Write

LEASE_SECONDS = 60
"""So long an attempt has to end: longer than any carrier waits. After it, whoever made it has died."""
DOUBT_SECONDS = 30
"""Before asking a carrier about an attempt whose answer was lost: its lists lag behind."""


class InDoubt(Unavailable):
    """The answer was lost: it may have been carried out."""


class Handed(NamedTuple):
    """A message as its provider has it."""

    provider_id: str
    status: DeliveryStatus


class Carrier(Protocol):
    """One provider."""

    @property
    def lease_seconds(self) -> int:
        """How long a second attempt waits for the end of one that may be running; 0 where repeating does no harm."""

    async def carry(self, message: OutboundMessage) -> Handed:
        """Hand it over; raises Undeliverable, InDoubt, Unavailable (nothing was done)."""

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:
        """What the provider has that may be this message, likeliest first; raises Unavailable."""


class InboxCarrier:
    """Messages that stay in the store: all of them while nothing real is set up, those of the web chat everywhere."""

    lease_seconds = 0

    def __init__(self, inbox: InboxMessages) -> None:
        self._inbox = inbox

    async def carry(self, message: OutboundMessage) -> Handed:
        """Put it into its inbox."""
        return Handed((await self._inbox.send(message)).provider_id, "delivered")

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:  # noqa: ARG002  a second time does no harm there
        """None."""
        return ()


class BrokerMessages:
    """Satisfies shared.ports.Messages; messages of a channel without a carrier are refused."""

    def __init__(self, store: Store, clock: Clock, carriers: Mapping[Channel, Carrier]) -> None:
        self._store = store
        self._clock = clock
        self._carriers = dict(carriers)

    async def send(self, message: OutboundMessage) -> Sent:
        """Hand a message over, once; raises MessageIdReused, Undeliverable, Unavailable."""
        carrier = self._carriers.get(message.channel)
        if carrier is None:
            raise Undeliverable("not_offered", f"nothing carries {message.channel} here")
        stored, is_new = await self._noted(message, carrier)
        known = stored.value
        if known.message != message:
            raise MessageIdReused(f"message {message.id} was sent with other content: make a new id for a new message")
        if known.refused:
            raise Undeliverable(known.refused, known.detail)
        if known.provider_id is not None:
            return _receipt(known)
        if is_new:
            return await self._handed_over(carrier, stored, is_in_doubt=False)
        return await self._handed_over(carrier, await self._begun(stored, carrier), is_in_doubt=known.is_in_doubt)

    async def _noted(self, message: OutboundMessage, carrier: Carrier) -> tuple[Stored[Outgoing], bool]:
        """The record of a message, and whether it is ours to carry: until the attempt has ended it is in doubt."""
        now = self._clock.now()
        fresh = Outgoing(
            id=message.id,
            box=message.box,
            thread=message.thread,
            at=now,
            message=message,
            tried_at=now,
            again_at=now + timedelta(seconds=carrier.lease_seconds),
            is_in_doubt=True,
        )
        try:
            (stored,) = await self._store.apply(OUTGOING, message.id, [Write("create", fresh)])
        except AlreadyThere:
            there = await self._store.get(OUTGOING, message.id, message.id)
            assert there is not None  # nobody takes them away
            return there, False
        assert stored is not None
        return stored, True

    async def _begun(self, stored: Stored[Outgoing], carrier: Carrier) -> Stored[Outgoing]:
        """The record with one more attempt in it; raises Unavailable while another may still run."""
        now, known = self._clock.now(), stored.value
        if now < known.again_at:
            raise _busy((known.again_at - now).total_seconds())
        begun = {
            # The time of an attempt in doubt stays: by it the carrier is asked.
            "tried_at": known.tried_at if known.is_in_doubt else now,
            "again_at": now + timedelta(seconds=carrier.lease_seconds),
            "is_in_doubt": True,
        }
        return await self._write(stored, known.model_copy(update=begun))

    async def _handed_over(self, carrier: Carrier, stored: Stored[Outgoing], *, is_in_doubt: bool) -> Sent:
        """is_in_doubt: whether an earlier attempt is."""
        handed = None
        try:
            if is_in_doubt:
                handed = await self._found(carrier, stored.value)
                is_in_doubt = False
            handed = handed or await carrier.carry(stored.value.message)
        except Undeliverable as no:
            raise await self._refused(stored, no) from None
        except InDoubt:
            await self._ended(stored, min(DOUBT_SECONDS, carrier.lease_seconds), is_in_doubt=True)
            raise
        except Unavailable:
            await self._ended(stored, 0, is_in_doubt=is_in_doubt)
            raise
        return await self._taken(stored, handed)

    async def _found(self, carrier: Carrier, outgoing: Outgoing) -> Handed | None:
        """What an earlier attempt has come to, if it has come to anything."""
        for trace in await carrier.traces(outgoing):
            if await claim(self._store, self._news(trace), outgoing):
                return trace
        return None

    def _news(self, handed: Handed) -> StatusNews:
        return StatusNews(provider_id=handed.provider_id, status=handed.status, at=self._clock.now())

    async def _taken(self, stored: Stored[Outgoing], handed: Handed) -> Sent:
        now = self._clock.now()
        told = await claim(self._store, self._news(handed), stored.value)
        if told is not None and told.status == "failed":  # the provider was quicker to say so than we to listen
            raise await self._refused(stored, Undeliverable("refused", f"the provider's code is {told.error}"))
        done = {"provider_id": handed.provider_id, "sent_at": now, "again_at": now, "is_in_doubt": False}
        after = stored.value.model_copy(update=done)
        try:
            await self._store.apply(OUTGOING, after.id, [Write("replace", after, stored.etag)])
        except ChangedMeanwhile:
            there = await self._store.get(OUTGOING, after.id, after.id)
            if there is None or there.value.provider_id is None:
                raise _busy(LEASE_SECONDS) from None
            return _receipt(there.value)
        return _receipt(after)

    async def _refused(self, stored: Stored[Outgoing], no: Undeliverable) -> Undeliverable:
        refused = {"refused": no.reason, "detail": no.detail, "is_in_doubt": False}
        await self._write(stored, stored.value.model_copy(update=refused))
        return no

    async def _ended(self, stored: Stored[Outgoing], pause_seconds: int, *, is_in_doubt: bool) -> None:
        again_at = self._clock.now() + timedelta(seconds=pause_seconds)
        await self._write(stored, stored.value.model_copy(update={"again_at": again_at, "is_in_doubt": is_in_doubt}))

    async def _write(self, stored: Stored[Outgoing], after: Outgoing) -> Stored[Outgoing]:
        """Raises Unavailable where somebody else is at it."""
        try:
            (written,) = await self._store.apply(OUTGOING, after.id, [Write("replace", after, stored.etag)])
        except ChangedMeanwhile:
            raise _busy(LEASE_SECONDS) from None
        assert written is not None
        return written


def _busy(seconds: float) -> Unavailable:
    return Unavailable("the message is just being sent", seconds)


def _receipt(outgoing: Outgoing) -> Sent:
    assert outgoing.provider_id is not None
    return Sent(message=outgoing.id, provider_id=outgoing.provider_id, at=outgoing.sent_at or outgoing.at)
