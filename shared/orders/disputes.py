"""Disputes: a customer, or a customer's bank, says that something was not as it should be; the money waits.

open → responded (the party has answered) → decided. Whoever decides names what goes back, leg by leg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.money.amounts import Money
from shared.money.legs import AUTO_RELEASE_HOURS
from shared.nudges import Watched
from shared.orders.order import LEGS_MAX, Order, OrderLeg, PartyKind
from shared.records import Container
from shared.wire import Plain

REMIND_HOURS = 24
DECIDE_DAYS_MAX = 30
UNDECIDED_DAYS_MAX = 365
"""How long staff have before they are reminded, before it becomes urgent, and before the flow no longer waits."""
TEXT_LENGTH_MAX, PHOTOS_MAX, ANSWERS_MAX = 4_000, 5, 30

Reason = Literal[
    "not_delivered", "late", "damaged", "wrong_item", "incomplete", "poor_quality", "not_as_described", "overcharged",
    "unrecognised", "other",
]  # fmt: skip
Status = Literal["open", "responded", "decided"]
Fact = Literal["respond", "decide"]
Hold = Literal["unknown", "frozen", "passed_on", "elsewhere", "gone"]
"""Where a leg's money is meanwhile: frozen in escrow; with the payees already; in another dispute; given back."""
Verdict = Literal["refund", "deny", "partial"]

MOVES: dict[tuple[Status, Fact], Status] = {
    ("open", "respond"): "responded",
    ("open", "decide"): "decided",
    ("responded", "respond"): "responded",
    ("responded", "decide"): "decided",
}
"""Every other pair is refused."""

Text = Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH_MAX)]
Photo = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Photos = Annotated[tuple[Photo, ...], Field(max_length=PHOTOS_MAX)]


class ImpossibleMove(Exception):
    """The dispute does not go there from where it stands; the message says why."""


class DisputedLeg(Plain):
    """One leg that is disputed, as it was ordered."""

    id: str
    party: PartyKind
    partner: str
    partner_name: str
    role: str
    title: str
    price: Money
    shows_partner: bool = True
    hold: Hold = "unknown"


class PartyAnswer(Plain):
    """What a party says to it."""

    party: PartyKind
    partner: str
    text: Text
    photos: Photos = ()
    at: AwareDatetime


class Decision(Plain):
    """What was decided; amounts: leg → what goes back, for partial; by: who, `provider` for the customer's bank."""

    verdict: Verdict
    amounts: dict[str, Money] = Field(default_factory=dict)
    note: Annotated[str, Field(max_length=2_000)] = ""
    by: str
    at: AwareDatetime


class BankCase(Plain):
    """A dispute that the customer's bank has opened at the payment provider; amount: what the bank wants back."""

    id: Annotated[str, Field(max_length=255)]
    amount: Money


class Dispute(Watched):
    """One dispute. returned: what went back to the customer once it was carried out; escalations: of staff's queue."""

    order: str
    customer: str
    reason: Reason
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = ""
    photos: Photos = ()
    bank: BankCase | None = None
    legs: Annotated[tuple[DisputedLeg, ...], Field(min_length=1, max_length=LEGS_MAX)]
    status: Status = "open"
    answers: Annotated[tuple[PartyAnswer, ...], Field(max_length=ANSWERS_MAX)] = ()
    decision: Decision | None = None
    returned: Money | None = None
    escalations: tuple[str, ...] = ()
    created_at: AwareDatetime
    updated_at: AwareDatetime

    def leg(self, leg_id: str) -> DisputedLeg | None:
        """The leg of this id."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)


DISPUTES = Container(
    "disputes", Dispute, "id", indexes=("status,created_at", "created_at", "order,created_at", "stirred_at")
)


def disputed(leg: OrderLeg) -> DisputedLeg:
    """A leg of an order as a dispute keeps it."""
    title = leg.title or ", ".join(line.title for line in leg.lines) or leg.role
    return DisputedLeg(
        id=leg.id, party=leg.party, partner=leg.partner, partner_name=leg.partner_name, role=leg.role, title=title,
        price=leg.price, shows_partner=leg.shows_partner,
    )  # fmt: skip


def why_too_late(order: Order, now: datetime) -> str | None:
    """Why nothing of an order can be disputed any more, or yet; until 48 hours after delivery it can."""
    if order.status in {"placing", "awaiting_approval", "failed"}:
        return f"The order is {order.status}: nothing was paid yet."
    since = order.delivered_at or order.confirmed_at
    if since is None and order.status == "completed":
        since = order.updated_at
    until = since + timedelta(hours=AUTO_RELEASE_HOURS) if since else None
    if until is not None and now > until:
        return f"It was delivered more than {AUTO_RELEASE_HOURS} hours ago."
    return None


def open_about(disputes: Sequence[Dispute], legs: Sequence[str]) -> Dispute | None:
    """The dispute that is still open about one of the legs."""
    about = set(legs)
    return next((one for one in disputes if one.status != "decided" and about & {leg.id for leg in one.legs}), None)


def answered(dispute: Dispute, answer: PartyAnswer) -> Dispute:
    """The dispute with a party's answer, in place of its earlier one; raises ImpossibleMove."""
    others = tuple(one for one in dispute.answers if (one.party, one.partner) != (answer.party, answer.partner))
    return _moved(dispute, "respond", answer.at, answers=(*others, answer))


def decided(dispute: Dispute, decision: Decision) -> Dispute:
    """The dispute with its decision; the same again changes nothing. Raises ImpossibleMove."""
    known = dispute.decision
    if known is not None and known.model_copy(update={"at": decision.at}) == decision:
        return dispute
    return _moved(dispute, "decide", decision.at, decision=decision)


def problem_with(dispute: Dispute, verdict: Verdict, amounts: Mapping[str, Money]) -> tuple[str, str] | None:
    """What is wrong with a decision: the field and why."""
    if verdict != "partial":
        return ("amounts", "Only a partial decision names amounts.") if amounts else None
    if not amounts:
        return "amounts", "Name what goes back, leg by leg."
    for name, amount in amounts.items():
        leg = dispute.leg(name)
        if leg is None:
            return f"amounts.{name}", "The dispute is not about this leg."
        if amount.currency != leg.price.currency or not 0 <= amount.minor <= leg.price.minor:
            return f"amounts.{name}", f"It is between nothing and {leg.price}."
    if not any(amount.minor for amount in amounts.values()):
        return "amounts", "Nothing would go back: deny the claim, then."
    return None


def asked_back(decision: Decision, leg: DisputedLeg) -> Money | None:
    """What of a leg goes back by a decision; None: all there is."""
    if decision.verdict == "refund":
        return None
    return decision.amounts.get(leg.id, leg.price.zero()) if decision.verdict == "partial" else leg.price.zero()


def _moved(dispute: Dispute, fact: Fact, at: datetime, **news: object) -> Dispute:
    status = MOVES.get((dispute.status, fact))
    if status is None:
        raise ImpossibleMove("It has been decided.")
    return dispute.model_copy(update={"status": status, "updated_at": at, **news})
