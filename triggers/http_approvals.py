"""Routes: what waits for a customer's word, and saying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field, JsonValue

from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.nudges import nudge, stir
from shared.people.access import Caller, Need, Role
from shared.people.approvals import (
    APPROVALS,
    NOTE_LENGTH_MAX,
    Approval,
    ApprovalKind,
    ImpossibleMove,
    Status,
    decided,
)
from shared.records import Query, Stored
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.parse import Input, Output, Paging

if TYPE_CHECKING:
    from collections.abc import Sequence

routes = Routes("approvals")
READER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"approvals:read"}))
DECIDER = Need(roles=frozenset({Role.CUSTOMER}), scopes=frozenset({"approvals:write"}))


class ApprovalQuery(Paging):
    """Which of them."""

    status: Status | None = None


class ApprovalView(Output):
    """One question; facts: what is decided on, such as a price difference or the times before and after."""

    id: str
    kind: ApprovalKind
    about: str
    title: str
    text: str
    facts: dict[str, JsonValue]
    yes: str
    no: str
    status: Status
    note: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    decided_at: AwareDatetime | None


class ApprovalList(Output):
    """One's own, newest first; summary: to be spoken."""

    items: list[ApprovalView]
    next: str | None
    summary: str


class Decision(Input):
    """The customer's word."""

    decision: Literal["approve", "reject"]
    note: str = Field(default="", max_length=NOTE_LENGTH_MAX)


@routes.get(
    "/api/v1/approvals",
    need=READER,
    action=AgentAction("list_approvals", "What waits for the customer's own word; an agent may show, never decide."),
)
async def list_approvals(query: ApprovalQuery, caller: Caller, deps: Deps) -> Answer[ApprovalList]:
    """What one has been asked, newest first."""
    where = {"status": query.status} if query.status else {}
    wanted = Query(where, caller.acting_for or caller.subject, "-created_at", query.limit, query.after)
    page = await deps.store.query(APPROVALS, wanted)
    items = [_view(stored.value) for stored in page.items]
    waiting = [item for item in items if item.status == "pending"]
    words = " ".join(item.text for item in waiting[:3]) or "Nothing waits for your word."
    return Answer(
        ApprovalList(items=items, next=page.next, summary=words),
        machine_readable=_list_ld(items),
        adaptive_card=_card(waiting[0]) if waiting else None,
    )


@routes.get("/api/v1/approvals/{approval_id}", need=READER)
async def get_approval(approval_id: str, caller: Caller, deps: Deps) -> Answer[ApprovalView]:
    """One question."""
    view = _view((await _approval(approval_id, caller, deps)).value)
    return Answer(view, adaptive_card=_card(view) if view.status == "pending" else None)


@routes.post("/api/v1/approvals/{approval_id}", need=DECIDER, errors=(CONFLICT,))
async def decide_approval(
    approval_id: str,
    body: Decision,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> ApprovalView:
    """Say yes or no; the same again changes nothing, another word comes too late."""
    stored = await _approval(approval_id, caller, deps)
    try:
        after = decided(stored.value, body.decision, about.now, body.note)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    if after is not stored.value:
        after = (await stir(deps.store, client, APPROVALS, stored, after, about.now)).value
    elif after.stirred_at is not None:  # decided before, and its flow has not looked since: it may not have been woken
        await nudge(client, after)
    return _view(after)


async def _approval(approval_id: str, caller: Caller, deps: Deps) -> Stored[Approval]:
    stored = await deps.store.get(APPROVALS, caller.acting_for or caller.subject, approval_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such approval, or it is not yours to see.")
    return stored


def _view(approval: Approval) -> ApprovalView:
    return ApprovalView.model_validate(approval.model_dump(include=set(ApprovalView.model_fields)))


def _card(view: ApprovalView) -> dict[str, Any]:
    from shared.dialogue.cards import approval_card  # noqa: PLC0415

    return approval_card(view.title, view.text, view.facts, view.id, yes=view.yes, no=view.no)


def _list_ld(items: Sequence[ApprovalView]) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ChooseAction", "identifier": item.id, "name": item.title, "description": item.text}
            for item in items
        ],
    }
