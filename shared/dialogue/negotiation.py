"""A negotiation: what is asked of a partner, round by round, what came back, and how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from shared.dialogue.messages import Channel
from shared.dialogue.reply.counter import Offer
from shared.dialogue.reply.sentiment import Mood
from shared.dialogue.terms import Heard, NegotiationFact
from shared.money.amounts import Money
from shared.nudges import Watched
from shared.records import Container
from shared.wire import Plain

Status = Literal["awaiting_partner", "awaiting_customer", "escalated", "agreed", "declined", "unresolved", "withdrawn"]
EscalationReason = Literal["no_answer", "frustration", "deadlock", "urgency", "photo", "unclear", "human_asked"]

JIT_MINUTES, STANDARD_MINUTES = 15, 60
"""How long a partner has to answer: where its leg begins soon, and else."""
JIT_WITHIN = timedelta(hours=4)
ROUNDS_MAX = 30
"""More than a flow ever asks (orchestrators/negotiation.py)."""

MOVES: dict[tuple[Status, NegotiationFact], Status] = {
    ("awaiting_partner", "ask"): "awaiting_partner",
    ("awaiting_partner", "offer"): "awaiting_customer",
    ("awaiting_partner", "escalate"): "escalated",
    ("awaiting_partner", "agree"): "agreed",
    ("awaiting_partner", "decline"): "declined",
    ("awaiting_partner", "give_up"): "unresolved",
    ("awaiting_partner", "withdraw"): "withdrawn",
    ("awaiting_customer", "ask"): "awaiting_partner",
    ("awaiting_customer", "escalate"): "escalated",
    ("awaiting_customer", "agree"): "agreed",
    ("awaiting_customer", "decline"): "declined",
    ("awaiting_customer", "give_up"): "unresolved",
    ("awaiting_customer", "withdraw"): "withdrawn",
    ("escalated", "ask"): "escalated",
    ("escalated", "escalate"): "escalated",
    ("escalated", "hand_back"): "awaiting_partner",
    ("escalated", "agree"): "agreed",
    ("escalated", "decline"): "declined",
    ("escalated", "give_up"): "unresolved",
    ("escalated", "withdraw"): "withdrawn",
}
"""Every other pair is refused."""


class Round(Plain):
    """One question to the partner and its answer; key: of the step that asked; verdict: of the customer on an offer.

    photo_words: what another photo must be like, where this one is refused; why a person looks at it, where one does.
    """

    number: int
    key: str
    asked: Annotated[str, Field(max_length=1_600)]
    asked_at: AwareDatetime
    due_at: AwareDatetime
    said: Annotated[str, Field(max_length=2_000)] = ""
    said_at: AwareDatetime | None = None
    kind: Heard | None = None
    mood: Mood = "calm"
    photo: str | None = None
    photo_words: Annotated[str, Field(max_length=500)] = ""
    offer: Offer | None = None
    verdict: Literal["approved", "rejected", "expired"] | None = None


class Resolution(Plain):
    """What a person has settled on: as asked, as offered, or not at all."""

    by: str
    at: AwareDatetime
    outcome: Literal["agreed", "declined"]
    offer: Offer | None = None
    note: Annotated[str, Field(max_length=1_000)] = ""


class Negotiation(Watched):
    """One negotiation about a leg of an order. wanted: in words; ordered: what it would replace.

    leg_starts: when the work on it begins; is_jit: asked for with little time; resolution: of the person who took over.
    """

    order: str
    leg: str
    change: str
    customer: str
    partner: str
    partner_name: str
    channel: Channel
    wanted: Annotated[str, Field(max_length=400)]
    ordered: Annotated[str, Field(max_length=400)]
    quantity: int = 1
    price: Money
    leg_starts: AwareDatetime
    leg_ends: AwareDatetime
    status: Status = "awaiting_partner"
    is_jit: bool = False
    rounds: Annotated[tuple[Round, ...], Field(max_length=ROUNDS_MAX)] = ()
    counter_offers: int = 0
    escalation: str | None = None
    escalated_for: EscalationReason | None = None
    taken_by: str | None = None
    resolution: Resolution | None = None
    agreed: Offer | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def is_silent(self) -> bool:
        """Whether a person has it in hand, so that the assistant says nothing in it."""
        return self.status == "escalated"

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end."""
        return self.status in {"agreed", "declined", "unresolved", "withdrawn"}


NEGOTIATIONS = Container(
    "negotiations",
    Negotiation,
    "id",
    indexes=("status,updated_at", "updated_at", "order,created_at", "partner,created_at", "stirred_at"),
)


class ImpossibleMove(Exception):
    """A negotiation does not go there from where it stands."""


def moved(negotiation: Negotiation, fact: NegotiationFact, now: datetime, **more: Any) -> Negotiation:
    """The negotiation after a fact; raises ImpossibleMove."""
    status = MOVES.get((negotiation.status, fact))
    if status is None:
        raise ImpossibleMove(f"The negotiation is {negotiation.status.replace('_', ' ')}: it cannot {fact}.")
    return negotiation.model_copy(update={"status": status, "updated_at": now, **more})


def with_round(negotiation: Negotiation, number: int, **news: Any) -> Negotiation:
    """The negotiation with one round changed."""
    rounds = tuple(one.model_copy(update=news) if one.number == number else one for one in negotiation.rounds)
    return negotiation.model_copy(update={"rounds": rounds})


def round_of(negotiation: Negotiation, number: int) -> Round:
    """One round; raises LookupError."""
    for one in negotiation.rounds:
        if one.number == number:
            return one
    raise LookupError(f"negotiation {negotiation.id} has no round {number}")


def answer_minutes(*, is_jit: bool) -> int:
    """How long a partner has to answer."""
    return JIT_MINUTES if is_jit else STANDARD_MINUTES


def is_jit(leg_starts: datetime, now: datetime) -> bool:
    """Whether there is little time."""
    return leg_starts - now < JIT_WITHIN


def open_offer(negotiation: Negotiation) -> tuple[Offer, str | None] | None:
    """The offer whose price the partner was asked for last, and the photo that came with it; None where none waits."""
    said = [one for one in negotiation.rounds if one.said_at is not None]
    last = said[-1] if said else None
    return (last.offer, last.photo) if last and last.offer and last.offer.asks else None


def completed(offer: Offer, said: Offer) -> Offer:
    """An offer with the price that came in an answer of its own, and what else that says."""
    news = {name: getattr(said, name) for name in ("price", "difference", "basis", "says", "asks")}
    later = {name: value for name in ("ready_at", "delay_minutes", "condition") if (value := getattr(said, name))}
    return offer.model_copy(update={**news, **later})
