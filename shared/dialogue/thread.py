"""A conversation: what was understood last, what was shown and said; and the trace of how each answer came about."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from shared.dialogue.asked_back import Open
from shared.discovery.intent import Intent
from shared.logistics.geo import Point
from shared.orders.order import Destination
from shared.records import Container, Record
from shared.wire import Plain

THREAD_DAYS = 30
TURNS_MAX = 40
"""Older turns are forgotten; the intent carries what they said."""
SHOWN_MAX = 50
SEEN_MAX = 300


class Shown(Plain):
    """One offer as it was shown: enough to say `the second one` and `cheaper`."""

    id: str
    kind: Literal["product", "bundle"]
    title: str
    minor: int
    currency: str
    distance_km: float | None = None


class Turn(Plain):
    """What one side said."""

    by: Literal["customer", "platform"]
    text: Annotated[str, Field(max_length=4_000)]
    at: AwareDatetime


class Buying(Plain):
    """Where things go and how they are paid, once the customer has said so; mandate: what a method counts against."""

    deliver_to: Destination | None = None
    method: str | None = None
    mandate: str | None = None

    def over(self, before: Buying) -> Buying:
        """This, with what was said before of what is not said now."""
        pays = self if self.method else before
        return Buying(
            deliver_to=self.deliver_to or before.deliver_to, method=pays.method, mandate=pays.mandate
        )


class Thread(Record):
    """One conversation. owner: the customer, or where an anonymous one comes from; intent: None before the first.

    shown: the offers of the last answer; seen: the ids of those before, too, since the wish last changed.
    order: the one that was spoken of last; is_about_order: by the last answer. open: what that asked back.
    """

    owner: str
    intent: Intent | None = None
    near: Point | None = None
    shown: Annotated[tuple[Shown, ...], Field(max_length=SHOWN_MAX)] = ()
    seen: Annotated[tuple[str, ...], Field(max_length=SEEN_MAX)] = ()
    next: str | None = None
    chosen: str | None = None
    order: str | None = None
    is_about_order: bool = False
    open: Open | None = None
    buying: Buying = Buying()
    turns: Annotated[tuple[Turn, ...], Field(max_length=TURNS_MAX)] = ()
    updated_at: AwareDatetime

    def with_turns(self, *turns: Turn) -> tuple[Turn, ...]:
        """The turns with these at their end, the oldest forgotten."""
        return (*self.turns, *turns)[-TURNS_MAX:]


THREADS = Container("threads", Thread, "owner", ttl_seconds=THREAD_DAYS * 24 * 3600)


class Step(Plain):
    """One step on the way to an answer: what was done, and its facts."""

    name: str
    facts: dict[str, Any] = Field(default_factory=dict)


class Trace(Record):
    """How one answer came about, for staff to see: what was understood, searched, dropped, and why."""

    thread: str
    at: AwareDatetime
    text: str
    steps: tuple[Step, ...]


TRACES = Container("traces", Trace, "thread", indexes=("at",), ttl_seconds=THREAD_DAYS * 24 * 3600)
