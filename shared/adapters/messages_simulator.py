"""The channel of simulated partners: what they are told is kept as a request, and never leaves the house."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from shared.adapters.messages_broker import Carrier, Handed
from shared.dialogue.delivery import Outgoing
from shared.dialogue.messages import Channel, MessageIdReused, OutboundMessage, Sent, Undeliverable
from shared.ports import Clock, Store
from shared.records import AlreadyThere, Unavailable, Write
from shared.simulator.partners import PLAYED, partner_at
from shared.simulator.queue import REQUESTS, SimulatedRequest, received

PROVIDER_ID_MAX = 200
TICK = timedelta(microseconds=1)


class SimulatorMessages:
    """Satisfies shared.ports.Messages, and the broker's Carrier, for recipients that are simulated; refuses others."""

    lease_seconds = 0

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)

    async def plays(self, message: OutboundMessage) -> bool:
        """Whether the message goes to a simulated partner; raises Unavailable."""
        return await partner_at(self._store, message.channel, message.to) is not None

    async def send(self, message: OutboundMessage) -> Sent:
        """Keep a message as a request, once; raises MessageIdReused, Undeliverable, Unavailable."""
        partner = await partner_at(self._store, message.channel, message.to)
        if partner is None:
            raise Undeliverable("bad_recipient", f"no simulated partner is reached by {message.channel} there")
        request = received(message, partner, _provider_id(message.id), self._moment())
        try:
            await self._store.apply(REQUESTS, request.id, [Write("create", request)])
        except AlreadyThere:
            request = await self._known(request)
        return Sent(message=message.id, provider_id=request.provider_id, at=request.received_at)

    async def carry(self, message: OutboundMessage) -> Handed:
        """The same, for the broker."""
        return Handed((await self.send(message)).provider_id, "delivered")

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:  # noqa: ARG002
        """None: it may be kept again."""
        return ()

    async def _known(self, request: SimulatedRequest) -> SimulatedRequest:
        stored = await self._store.get(REQUESTS, request.id, request.id)
        if stored is None:
            raise Unavailable("a request was taken away while it was being kept")
        if _what(stored.value) != _what(request):
            raise MessageIdReused(f"message {request.id} was sent with other content: make a new id for a new message")
        return stored.value

    def _moment(self) -> datetime:
        """Now, or a tick after the last: requests keep their order while the clock stands still."""
        self._last = max(self._clock.now(), self._last + TICK)
        return self._last


class PlayedFirst:
    """A Carrier: what goes to a simulated partner is played, all else goes to the real carrier, where there is one."""

    def __init__(self, simulator: SimulatorMessages, otherwise: Carrier | None) -> None:
        self._simulator = simulator
        self._otherwise = otherwise

    @property
    def lease_seconds(self) -> int:
        """As the real carrier needs it."""
        return 0 if self._otherwise is None else self._otherwise.lease_seconds

    async def carry(self, message: OutboundMessage) -> Handed:
        """Hand it over; raises what the carrier raises."""
        return await (await self._carrier(message)).carry(message)

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:
        """What the carrier has of it; raises Unavailable."""
        return await (await self._carrier(outgoing.message)).traces(outgoing)

    async def _carrier(self, message: OutboundMessage) -> Carrier:
        if await self._simulator.plays(message):
            return self._simulator
        if self._otherwise is None:
            raise Undeliverable("not_offered", f"nothing carries {message.channel} here")
        return self._otherwise


def played_first(carriers: Mapping[Channel, Carrier], store: Store, clock: Clock) -> dict[Channel, Carrier]:
    """The carriers with the simulator before each; partners can be played on channels that nothing else carries."""
    simulator = SimulatorMessages(store, clock)
    return {**carriers, **{channel: PlayedFirst(simulator, carriers.get(channel)) for channel in PLAYED}}


def _provider_id(message: str) -> str:
    """The name under which the broker knows it; no longer than what providers call theirs."""
    name = f"sim_{message}"
    return name if len(name) <= PROVIDER_ID_MAX else f"sim_{hashlib.sha256(message.encode()).hexdigest()}"


def _what(request: SimulatedRequest) -> tuple[object, ...]:
    kept = {"partner", "channel", "sender", "thread", "text", "facts", "buttons"}
    return tuple(request.model_dump(include=kept).items())
