"""The embedded messenger: every message lands in its recipient's inbox, kept in the store, and goes no farther."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime

from shared.dialogue.messages import Channel, MessageIdReused, OutboundMessage, Sent
from shared.ports import Clock, Store
from shared.records import AlreadyThere, Container, Query, Record, Write

TICK = timedelta(microseconds=1)


class Delivered(Record):
    """A message in an inbox; id: the message's own; box: channel and recipient."""

    box: str
    at: AwareDatetime
    message: OutboundMessage


# A message is its own partition: its id is unique among all, whoever it goes to.
DELIVERED = Container("messages_inbox", Delivered, "id", indexes=("box,at",))


@dataclass(frozen=True)
class InboxPage:
    """Some messages of an inbox, and the token of the next ones."""

    items: list[Delivered]
    next: str | None


class InboxMessages:
    """Satisfies shared.ports.Messages on any Store; `inbox` shows what arrived."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)

    async def send(self, message: OutboundMessage) -> Sent:
        """Put a message into its inbox, once; raises MessageIdReused, Unavailable."""
        delivered = Delivered(id=message.id, box=_box(message.channel, message.to), at=self._moment(), message=message)
        try:
            await self._store.apply(DELIVERED, message.id, [Write("create", delivered)])
        except AlreadyThere:
            delivered = await self._known(message)
        return Sent(message=message.id, provider_id=f"inbox_{message.id}", at=delivered.at)

    async def inbox(self, channel: Channel, to: str, limit: int = 50, after: str | None = None) -> InboxPage:
        """What a recipient got, newest first; raises ValueError for a limit or a token that cannot be."""
        query = Query({"box": _box(channel, to)}, order="-at", limit=limit, after=after)
        page = await self._store.query(DELIVERED, query)
        return InboxPage([stored.value for stored in page.items], page.next)

    async def _known(self, message: OutboundMessage) -> Delivered:
        stored = await self._store.get(DELIVERED, message.id, message.id)
        if stored is None or stored.value.message != message:
            raise MessageIdReused(f"message {message.id} was sent with other content: make a new id for a new message")
        return stored.value

    def _moment(self) -> datetime:
        """Now, or a tick after the last: messages keep their order while the clock stands still."""
        self._last = max(self._clock.now(), self._last + TICK)
        return self._last


def _box(channel: Channel, to: str) -> str:
    return f"{channel}:{to}"
