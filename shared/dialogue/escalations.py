"""Escalations: what needs a person, why, and by when; one queue for orders, negotiations, disputes, conversations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.nudges import Watched
from shared.records import Container
from shared.wire import Plain

Reason = Literal[
    "sla_breach", "no_answer", "frustration", "deadlock", "urgency", "no_replacement", "dispute", "photo",
    "human_asked",
    "complaint", "unclear", "stuck", "payout_failed",
]  # fmt: skip
Status = Literal["open", "assigned", "resolved"]
Severity = Literal["critical", "high", "normal"]
Fact = Literal["assign", "resolve"]
NOTES_MAX = 50
CRITICAL_WITHIN, HIGH_WITHIN = timedelta(minutes=30), timedelta(hours=2)
"""How near the moment must be at which it is too late."""

MOVES: dict[tuple[Status, Fact], Status] = {
    ("open", "assign"): "assigned",
    ("assigned", "assign"): "assigned",
    ("open", "resolve"): "resolved",
    ("assigned", "resolve"): "resolved",
}
"""Every other pair is refused."""


class Note(Plain):
    """What a member of staff wrote down."""

    by: str
    at: AwareDatetime
    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class Escalation(Watched):
    """One matter for a person. about: `order:…`, `negotiation:…`, `dispute:…`; urgent_at: when it will be too late."""

    about: str
    order: str | None = None
    reason: Reason
    text: str
    urgent_at: AwareDatetime
    status: Status = "open"
    assigned_to: str | None = None
    priority: Severity | None = None
    notes: Annotated[tuple[Note, ...], Field(max_length=NOTES_MAX)] = ()
    resolution: str | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime


ESCALATIONS = Container(
    "escalations", Escalation, "id", indexes=("status,urgent_at", "urgent_at", "about,created_at", "stirred_at")
)


class ImpossibleMove(Exception):
    """The escalation is resolved: nothing more is to be done."""


def severity(escalation: Escalation, now: datetime) -> Severity:
    """How pressing it is: as somebody has set it, else by the time that is left."""
    if escalation.priority:
        return escalation.priority
    left = escalation.urgent_at - now
    return "critical" if left <= CRITICAL_WITHIN else "high" if left <= HIGH_WITHIN else "normal"


def assigned(escalation: Escalation, to: str, priority: Severity | None, now: datetime) -> Escalation:
    """The escalation in somebody's hands; raises ImpossibleMove."""
    more = {"assigned_to": to, "priority": priority or escalation.priority}
    return _moved(escalation, "assign", now).model_copy(update=more)


def resolved(escalation: Escalation, resolution: str, now: datetime) -> Escalation:
    """The escalation as done with; raises ImpossibleMove."""
    return _moved(escalation, "resolve", now).model_copy(update={"resolution": resolution})


def noted(escalation: Escalation, note: Note) -> Escalation:
    """The escalation with one more note, the oldest forgotten."""
    return escalation.model_copy(update={"notes": (*escalation.notes, note)[-NOTES_MAX:], "updated_at": note.at})


def _moved(escalation: Escalation, fact: Fact, now: datetime) -> Escalation:
    status = MOVES.get((escalation.status, fact))
    if status is None:
        raise ImpossibleMove(f"The escalation is {escalation.status}: there is nothing left to {fact}.")
    return escalation.model_copy(update={"status": status, "updated_at": now})
