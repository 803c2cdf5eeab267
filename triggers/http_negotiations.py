"""Routes: negotiations: looked at by those in them, watched over and taken in hand by staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.dialogue.messages import Channel
from shared.dialogue.negotiation import (
    NEGOTIATIONS,
    EscalationReason,
    ImpossibleMove,
    Negotiation,
    Resolution,
    Status,
    moved,
)
from shared.dialogue.reply.counter import Offer
from shared.dialogue.reply.sentiment import Mood
from shared.dialogue.terms import Heard, NegotiationFact
from shared.errors import CONFLICT, INVALID, NOT_FOUND, AppError, FieldError
from shared.money.amounts import Money
from shared.nudges import stir
from shared.people.access import Caller, Need, Role, owns, scopes_of
from shared.records import Query, Stored
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Routes
from triggers.parse import Input, Output, Paging

routes = Routes("negotiations")
READER = Need(scopes=frozenset({"negotiations:read"}))
STAFF_READER = Need(scopes=frozenset({"operations:read"}))
STAFF = Need(scopes=frozenset({"operations:write"}))


class NegotiationQuery(Paging):
    """Which of them; without anything all, the last changed first."""

    status: Status | None = None
    order: str | None = Field(default=None, max_length=100)
    partner: str | None = Field(default=None, max_length=63)


class RoundView(Output):
    """One question and its answer; mood: how the answer sounds, for staff."""

    number: int
    asked: str
    asked_at: AwareDatetime
    due_at: AwareDatetime
    said: str
    said_at: AwareDatetime | None
    kind: Heard | None
    mood: Mood | None
    offer: Offer | None
    verdict: str | None


class EscalationRef(Output):
    """That a person was called, and why."""

    id: str | None
    reason: EscalationReason | None
    taken_by: str | None


class NegotiationView(Output):
    """One negotiation; elapsed_minutes: since it began, or how long it took."""

    id: str
    order: str
    leg: str
    partner: str | None
    channel: Channel
    status: Status
    wanted: str
    ordered: str
    price: Money
    is_jit: bool
    counter_offers: int
    rounds: list[RoundView]
    escalation: EscalationRef | None
    elapsed_minutes: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class NegotiationList(Output):
    """Negotiations, the last changed first."""

    items: list[NegotiationView]
    next: str | None


class Settling(Input):
    """What a person has settled on; offer: what the partner does instead, where it is not what was asked for."""

    outcome: Literal["agreed", "declined"]
    title: str | None = Field(default=None, min_length=1, max_length=200)
    price: Money | None = None
    delay_minutes: int = Field(default=0, ge=0, le=100_000)
    note: str = Field(default="", max_length=1_000)


@routes.get("/api/v1/negotiations/{negotiation_id}", need=READER)
async def get_negotiation(negotiation_id: str, caller: Caller, deps: Deps, about: About) -> NegotiationView:
    """A negotiation: for the customer, the partner in it, and staff."""
    return _view((await _seen(negotiation_id, caller, deps, about)).value, caller, about)


@routes.get("/api/v1/negotiations", need=STAFF_READER)
async def list_negotiations(query: NegotiationQuery, caller: Caller, deps: Deps, about: About) -> NegotiationList:
    """All negotiations, by status, order or partner; nobody in them notices."""
    where: dict[str, object] = {}
    order = "-updated_at"
    if query.order is not None:
        where, order = {"order": query.order}, "-created_at"
    elif query.partner is not None:
        where, order = {"partner": query.partner}, "-created_at"
    elif query.status is not None:
        where = {"status": query.status}
    page = await deps.store.query(NEGOTIATIONS, Query(where, None, order, query.limit, query.after))
    return NegotiationList(items=[_view(stored.value, caller, about) for stored in page.items], next=page.next)


@routes.post("/api/v1/negotiations/{negotiation_id}/take-over", need=STAFF, errors=(CONFLICT,))
async def take_over_negotiation(
    negotiation_id: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> NegotiationView:
    """Take it in hand: the assistant says nothing in it until it is settled or handed back."""
    stored = await _found(negotiation_id, deps)
    news = {"taken_by": caller.subject, "escalated_for": stored.value.escalated_for or "human_asked"}
    return await _changed(stored, "escalate", news, caller, deps, about, client)


@routes.post("/api/v1/negotiations/{negotiation_id}/hand-back", need=STAFF, errors=(CONFLICT,))
async def hand_back_negotiation(
    negotiation_id: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> NegotiationView:
    """Let the assistant go on with it."""
    stored = await _found(negotiation_id, deps)
    return await _changed(stored, "hand_back", {"taken_by": None}, caller, deps, about, client)


@routes.post("/api/v1/negotiations/{negotiation_id}/resolve", need=STAFF, errors=(CONFLICT,))
async def resolve_negotiation(
    negotiation_id: str,
    body: Settling,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> NegotiationView:
    """Settle it in the customer's name: as asked, as offered, or not at all; the order follows."""
    stored = await _found(negotiation_id, deps)
    offer = _offer(body, stored.value) if body.outcome == "agreed" and body.title else None
    resolution = Resolution(by=caller.subject, at=about.now, outcome=body.outcome, offer=offer, note=body.note)
    fact: NegotiationFact = "agree" if body.outcome == "agreed" else "decline"
    news: dict[str, object] = {"resolution": resolution, "agreed": offer, "taken_by": caller.subject}
    return await _changed(stored, fact, news, caller, deps, about, client)


async def _changed(  # noqa: PLR0917  handed over by name
    stored: Stored[Negotiation],
    fact: NegotiationFact,
    news: Mapping[str, object],
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> NegotiationView:
    try:
        after = moved(stored.value, fact, about.now, **news)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    kept = await stir(deps.store, client, NEGOTIATIONS, stored, after, about.now)
    return _view(kept.value, caller, about)


async def _found(negotiation_id: str, deps: Deps) -> Stored[Negotiation]:
    stored = await deps.store.get(NEGOTIATIONS, negotiation_id, negotiation_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such negotiation, or it is not yours to see.")
    return stored


async def _seen(negotiation_id: str, caller: Caller, deps: Deps, about: About) -> Stored[Negotiation]:
    stored = await _found(negotiation_id, deps)
    is_partner = Role.PARTNER in caller.roles and caller.subject == stored.value.partner
    if owns(caller, stored.value.customer) or is_partner or "operations:read" in scopes_of(caller):
        return stored
    audit.refused_object(caller, f"negotiation {negotiation_id}", about)
    raise AppError(NOT_FOUND, "There is no such negotiation, or it is not yours to see.")


def _offer(body: Settling, negotiation: Negotiation) -> Offer:
    price = body.price or negotiation.price
    if price.currency != negotiation.price.currency or price.minor <= 0:
        message = f"It must be above zero, in {negotiation.price.currency}."
        raise AppError(INVALID, f"body.price: {message}", [FieldError("body.price", message)])
    difference = price - negotiation.price
    return Offer(
        title=body.title or negotiation.wanted,
        quantity=negotiation.quantity,
        price=price,
        difference=difference,
        basis="said",
        delay_minutes=body.delay_minutes or None,
        says=body.note,
    )


def _view(negotiation: Negotiation, caller: Caller, about: About) -> NegotiationView:
    is_staff = "operations:read" in scopes_of(caller)
    end = negotiation.updated_at if negotiation.is_over else about.now
    called = negotiation.escalated_for is not None
    shown = {"id", "order", "leg", "channel", "status", "wanted", "ordered", "price", "is_jit", "counter_offers"}
    return NegotiationView(
        **{name: getattr(negotiation, name) for name in shown},
        partner=negotiation.partner if is_staff or Role.PARTNER in caller.roles else None,
        rounds=[_round(one.model_dump(), is_staff=is_staff) for one in negotiation.rounds],
        escalation=EscalationRef(
            id=negotiation.escalation, reason=negotiation.escalated_for, taken_by=negotiation.taken_by
        )
        if called
        else None,
        elapsed_minutes=int((end - negotiation.created_at).total_seconds()) // 60,
        created_at=negotiation.created_at,
        updated_at=negotiation.updated_at,
    )


def _round(one: dict[str, object], *, is_staff: bool) -> RoundView:
    shown = {name: one[name] for name in RoundView.model_fields}
    return RoundView.model_validate({**shown, "mood": one["mood"] if is_staff else None})
