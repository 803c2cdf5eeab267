"""Routes: the escalation queue: what needs a person, the most pressing first; taken on, noted, resolved."""

from __future__ import annotations

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.dialogue.escalations import (
    ESCALATIONS,
    Escalation,
    ImpossibleMove,
    Note,
    Reason,
    Severity,
    Status,
    assigned,
    noted,
    resolved,
    severity,
)
from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.nudges import stir
from shared.people.access import Caller, Need
from shared.records import Query, Stored
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Routes
from triggers.parse import Input, Output, Paging

routes = Routes("escalations")
READER = Need(scopes=frozenset({"operations:read"}))
STAFF = Need(scopes=frozenset({"operations:write"}))


class EscalationQuery(Paging):
    """Which of them; without a status the unresolved ones that nobody has taken on."""

    status: Status = "open"
    about: str | None = Field(default=None, max_length=200)


class NoteView(Output):
    """What somebody wrote down."""

    by: str
    at: AwareDatetime
    text: str


class EscalationView(Output):
    """One matter; urgent_at: when it will be too late."""

    id: str
    about: str
    order: str | None
    reason: Reason
    text: str
    severity: Severity
    urgent_at: AwareDatetime
    status: Status
    assigned_to: str | None
    notes: list[NoteView]
    resolution: str | None
    created_at: AwareDatetime


class EscalationList(Output):
    """The queue, the most pressing first."""

    items: list[EscalationView]
    next: str | None


class Assigning(Input):
    """To whom; oneself where nobody is named."""

    to: str | None = Field(default=None, min_length=1, max_length=100)
    priority: Severity | None = None


class Writing(Input):
    """A note."""

    text: str = Field(min_length=1, max_length=2_000)


@routes.get("/api/v1/escalations", need=READER)
async def list_escalations(query: EscalationQuery, deps: Deps, about: About) -> EscalationList:
    """What needs a person, the most pressing first."""
    where: dict[str, object] = {"about": query.about} if query.about else {"status": query.status}
    order = "-created_at" if query.about else "urgent_at"
    page = await deps.store.query(ESCALATIONS, Query(where, None, order, query.limit, query.after))
    return EscalationList(items=[_view(stored.value, about) for stored in page.items], next=page.next)


@routes.get("/api/v1/escalations/{escalation_id}", need=READER)
async def get_escalation(escalation_id: str, deps: Deps, about: About) -> EscalationView:
    """One matter."""
    return _view((await _found(escalation_id, deps)).value, about)


@routes.post("/api/v1/escalations/{escalation_id}/assign", need=STAFF, errors=(CONFLICT,))
async def assign_escalation(
    escalation_id: str,
    body: Assigning,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> EscalationView:
    """Take it on, or give it to somebody."""
    stored = await _found(escalation_id, deps)
    try:
        after = assigned(stored.value, body.to or caller.subject, body.priority, about.now)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    return await _changed(stored, after, deps, about, client)


@routes.post("/api/v1/escalations/{escalation_id}/notes", need=STAFF)
async def note_escalation(
    escalation_id: str,
    body: Writing,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> EscalationView:
    """Write something down."""
    stored = await _found(escalation_id, deps)
    note = Note(by=caller.subject, at=about.now, text=body.text)
    return await _changed(stored, noted(stored.value, note), deps, about, client)


@routes.post("/api/v1/escalations/{escalation_id}/resolve", need=STAFF, errors=(CONFLICT,))
async def resolve_escalation(
    escalation_id: str, body: Writing, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> EscalationView:
    """Say that it is done with, and how."""
    stored = await _found(escalation_id, deps)
    try:
        after = resolved(stored.value, body.text, about.now)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    return await _changed(stored, after, deps, about, client)


async def _found(escalation_id: str, deps: Deps) -> Stored[Escalation]:
    stored = await deps.store.get(ESCALATIONS, escalation_id, escalation_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such escalation.")
    return stored


async def _changed(
    stored: Stored[Escalation],
    after: Escalation,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> EscalationView:
    """Keep a change, and wake the flow that waits for it, if any."""
    return _view((await stir(deps.store, client, ESCALATIONS, stored, after, about.now)).value, about)


def _view(escalation: Escalation, about: About) -> EscalationView:
    shown = set(EscalationView.model_fields) - {"severity"}
    pressing = severity(escalation, about.now)
    return EscalationView.model_validate({**escalation.model_dump(include=shown), "severity": pressing})
