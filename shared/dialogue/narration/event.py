"""Something that came to pass and is told to the customer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.money.amounts import Money
from shared.wire import Plain

EventKind = Literal[
    "placed", "begun", "customized", "ready", "in_transit", "delivered", "late", "alert", "rejected",
    "recovery_proposed", "recovery_accepted", "recovery_declined", "replaced", "counter_offer", "escalated",
    "kept", "failed", "cancelled", "refunded", "released", "dispute_opened", "dispute_decided",
    "watch_waiting", "watch_changed", "watch_fired", "watch_expired",
]  # fmt: skip
Words = Annotated[str, Field(min_length=1, max_length=300)]


class Event(Plain):
    """One event; what does not belong to its kind is None.

    at: when it came to pass. leg: whose. minutes: how late, or later with an offer. reason: in words, without a full
    stop. offer: what is offered or comes instead; new_partner: from whom, None where that is not to be told;
    difference: to what was agreed; amount: what was given back or passed on. decision: of a dispute. watch: what a
    standing intent is to buy; waits: for what; forecast, day: what changed, and for when; check: when it looks next.
    until: the last moment to decide, or to wait. asks: the customer's yes is needed.
    """

    kind: EventKind
    at: AwareDatetime
    leg: str | None = None
    minutes: int | None = Field(default=None, ge=0)
    reason: Words | None = None
    offer: Words | None = None
    new_partner: Words | None = None
    difference: Money | None = None
    amount: Money | None = None
    decision: Words | None = None
    watch: Words | None = None
    waits: Words | None = None
    forecast: Words | None = None
    day: AwareDatetime | None = None
    check: AwareDatetime | None = None
    until: AwareDatetime | None = None
    asks: bool = False


class Narration(Plain):
    """What the customer is told. reasoning: what the agent is thinking; before, after: the timeline, line by line."""

    headline: str
    what: str
    means: str = ""
    doing: str = ""
    when: str = ""
    reasoning: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    language: str = "en"

    @property
    def text(self) -> str:
        """All of it as one message, without the reasoning."""
        return " ".join(part for part in (self.what, self.means, self.doing, self.when) if part)
