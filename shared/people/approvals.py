"""Approvals: one question to a customer that a flow waits for, what was answered, and until when it could be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from shared.nudges import Watched
from shared.records import Container

ApprovalKind = Literal["order", "counter_offer", "recovery", "standing_intent"]
Status = Literal["pending", "approved", "rejected", "expired", "withdrawn"]
Fact = Literal["approve", "reject", "expire", "withdraw"]
NOTE_LENGTH_MAX = 500
ANSWER_HOURS_MAX = 24
"""How long a customer has to answer, unless there is less time to spare."""
TTL_SECONDS = 400 * 86_400

MOVES: dict[tuple[Status, Fact], Status] = {
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("pending", "expire"): "expired",
    ("pending", "withdraw"): "withdrawn",
    # What was answered in the last moment counts, though the flow has just given up waiting.
    ("approved", "expire"): "approved",
    ("rejected", "expire"): "rejected",
    ("approved", "withdraw"): "approved",
    ("rejected", "withdraw"): "rejected",
}
"""Every other pair is refused; the same decision again changes nothing."""


class Approval(Watched):
    """One question. about: what it is about, such as `order:…`; facts: what its card shows; choices: labels of both.

    expires_at: after this the flow goes on without an answer, as it has said in text.
    """

    customer: str
    kind: ApprovalKind
    about: str
    title: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(max_length=2_000)]
    facts: dict[str, JsonValue] = Field(default_factory=dict)
    yes: str = "Yes, proceed"
    no: str = "No"
    status: Status = "pending"
    note: Annotated[str, Field(max_length=NOTE_LENGTH_MAX)] = ""
    created_at: AwareDatetime
    expires_at: AwareDatetime
    decided_at: AwareDatetime | None = None


APPROVALS = Container(
    "approvals",
    Approval,
    "customer",
    indexes=("created_at", "status,created_at", "stirred_at"),
    ttl_seconds=TTL_SECONDS,
)


def answer_until(now: datetime, spare: timedelta) -> datetime:
    """Until when an answer is waited for: a day, or as long as there is time to spare."""
    return now + min(timedelta(hours=ANSWER_HOURS_MAX), max(spare, timedelta(0)))


class ImpossibleMove(Exception):
    """The approval was decided otherwise, or is over; the message says how it stands."""


def decided(approval: Approval, fact: Fact, now: datetime, note: str = "") -> Approval:
    """The approval after a decision or its end; the same again changes nothing. Raises ImpossibleMove."""
    target = MOVES.get(("pending", fact))
    if approval.status == target:
        return approval
    status = MOVES.get((approval.status, fact))
    if status is None:
        raise ImpossibleMove(f"It is {approval.status} already.")
    if status == approval.status:
        return approval
    if fact in {"approve", "reject"} and now >= approval.expires_at:
        raise ImpossibleMove("The time to answer is over.")
    return approval.model_copy(update={"status": status, "decided_at": now, "note": note})
