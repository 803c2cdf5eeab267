"""Routes: disputes: a customer complains, the parties answer, staff decide; the money waits meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Annotated

import azure.durable_functions as df
from pydantic import Field

from shared.blobs import BYTES_MAX
from shared.errors import CONFLICT, INVALID, NOT_FOUND, AppError, FieldError
from shared.money.amounts import Money
from shared.nudges import stir
from shared.orders.disputes import (
    DISPUTES,
    PHOTOS_MAX,
    TEXT_LENGTH_MAX,
    Decision,
    Dispute,
    DisputedLeg,
    ImpossibleMove,
    PartyAnswer,
    Photo,
    Reason,
    Status,
    Verdict,
    answered,
    decided,
    disputed,
    open_about,
    problem_with,
    why_too_late,
)
from shared.orders.order import LEGS_MAX, Order
from shared.people.access import Caller, Need, Role
from shared.records import PAGE_MAX, AlreadyThere, Query, Stored, Write
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.dispute_views import DisputeList, DisputeView, dispute_view, may_see_dispute, own_legs
from triggers.endpoint import AgentAction, Answer, Raw, Routes
from triggers.idempotency import work_id
from triggers.order_views import own_order, seen_order
from triggers.parse import Input, Output, Paging
from triggers.provider_news import start_dispute

routes = Routes("disputes")
BUYER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"orders:write"}))
SENDER = Need(
    roles=frozenset({Role.CUSTOMER, Role.AGENT, Role.PARTNER, Role.HUB, Role.WORKER}),
    scopes=frozenset({"orders:read"}),
)
READER = Need(scopes=frozenset({"orders:read"}))
SELLER = Need(roles=frozenset({Role.PARTNER, Role.HUB, Role.WORKER}), scopes=frozenset({"tasks:write"}))
STAFF_READER = Need(scopes=frozenset({"operations:read"}))
STAFF = Need(roles=frozenset({Role.ADMIN}), scopes=frozenset({"operations:write"}))
REASONS_OF_CUSTOMERS = frozenset(Reason.__args__) - {"unrecognised"}  # type: ignore[attr-defined]
PHOTO_TYPES = ("image/png", "image/jpeg", "image/webp")
PHOTO_BYTES_MAX = max(BYTES_MAX[one] for one in PHOTO_TYPES)
NOWHERE = "There is no such dispute, or it is not yours to see."

Photos = Annotated[list[Photo], Field(max_length=PHOTOS_MAX, description="Names of blobs.")]


class NewDispute(Input):
    """What is wrong, with which legs of the order; none named: all of them."""

    legs: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, max_length=LEGS_MAX)
    reason: Reason
    text: str = Field(min_length=1, max_length=TEXT_LENGTH_MAX)
    photos: Photos = Field(default_factory=list)


class PhotoView(Output):
    """A photo that was sent; name: by which a dispute or a response names it."""

    name: str


class PartyResponse(Input):
    """A party's side of it."""

    text: str = Field(min_length=1, max_length=TEXT_LENGTH_MAX)
    photos: Photos = Field(default_factory=list)


class NewDecision(Input):
    """refund: everything back; deny: nothing; partial: amounts by leg. note: what everybody is told about it."""

    decision: Verdict
    amounts: dict[str, Money] = Field(default_factory=dict, max_length=LEGS_MAX)
    note: str = Field(min_length=1, max_length=2_000)


class DisputeQuery(Paging):
    """Which of them, the oldest first; without a status all."""

    status: Status | None = None


@routes.post(
    "/api/v1/orders/{order_id}/disputes",
    need=BUYER,
    status=201,
    is_idempotent=True,
    errors=(CONFLICT,),
    action=AgentAction("open_dispute", "Complain about parts of an order; their money waits until staff have decided."),
)
async def open_dispute(
    order_id: str, body: NewDispute, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Answer[DisputeView]:
    """Complain about an order: before delivery, and until 48 hours after it."""
    order = (await own_order(order_id, caller, deps, about)).value
    if why := why_too_late(order, about.now):
        raise AppError(CONFLICT, why)
    legs = _legs(order, body)
    await _check_photos(body.photos, deps)
    dispute = Dispute(
        id=work_id(about, caller.acting_for or caller.subject, f"dispute {order_id}"),
        order=order_id,
        customer=order.customer,
        reason=body.reason,
        text=body.text,
        photos=tuple(body.photos),
        legs=legs,
        created_at=about.now,
        updated_at=about.now,
    )
    already = open_about([one for one in await _of_order(order_id, deps) if one.id != dispute.id], [x.id for x in legs])
    if already is not None:
        raise AppError(CONFLICT, f"Dispute {already.id} about it is open.")
    with suppress(AlreadyThere):
        await deps.store.apply(DISPUTES, dispute.id, [Write("create", dispute)])
    await start_dispute(client, dispute, about)
    kept = await deps.store.get(DISPUTES, dispute.id, dispute.id)
    return Answer(dispute_view(kept.value if kept else dispute, caller), location=f"/api/v1/disputes/{dispute.id}")


@routes.post(
    "/api/v1/dispute-photos", need=SENDER, status=201, media_types=PHOTO_TYPES, body_bytes_max=PHOTO_BYTES_MAX
)
async def add_dispute_photo(raw: Raw, deps: Deps) -> PhotoView:
    """Send a photo that is to go with a dispute or a response; the same photo has the same name."""
    return PhotoView(name=(await deps.blobs.put(raw.data, raw.media_type)).name)


@routes.get("/api/v1/orders/{order_id}/disputes", need=READER)
async def list_order_disputes(order_id: str, caller: Caller, deps: Deps, about: About) -> DisputeList:
    """The disputes of an order: for its customer, for a party those about its own legs, for staff."""
    await seen_order(order_id, caller, deps, about)
    seen = [one for one in await _of_order(order_id, deps) if may_see_dispute(one, caller)]
    return DisputeList(items=[dispute_view(one, caller) for one in seen], next=None)


@routes.get("/api/v1/disputes", need=STAFF_READER)
async def list_disputes(query: DisputeQuery, caller: Caller, deps: Deps) -> DisputeList:
    """All disputes, the oldest first."""
    where = {"status": query.status} if query.status else {}
    page = await deps.store.query(DISPUTES, Query(where, None, "created_at", query.limit, query.after))
    return DisputeList(items=[dispute_view(stored.value, caller) for stored in page.items], next=page.next)


@routes.get("/api/v1/disputes/{dispute_id}", need=READER)
async def get_dispute(dispute_id: str, caller: Caller, deps: Deps, about: About) -> DisputeView:
    """One dispute."""
    return dispute_view((await _seen(dispute_id, caller, deps, about)).value, caller)


@routes.post("/api/v1/disputes/{dispute_id}/response", need=SELLER, errors=(CONFLICT,))
async def respond_to_dispute(
    dispute_id: str,
    body: PartyResponse,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> DisputeView:
    """Give one's side of it, while nothing is decided; the last word of each party counts."""
    stored = await _seen(dispute_id, caller, deps, about)
    leg = next(iter(own_legs(stored.value, caller)), None)
    if leg is None:
        raise AppError(NOT_FOUND, NOWHERE)
    await _check_photos(body.photos, deps)
    answer = PartyAnswer(
        party=leg.party, partner=leg.partner, text=body.text, photos=tuple(body.photos), at=about.now
    )
    return dispute_view(await _changed(stored, lambda dispute: answered(dispute, answer), deps, about, client), caller)


@routes.post("/api/v1/disputes/{dispute_id}/decision", need=STAFF, errors=(CONFLICT,))
async def decide_dispute(
    dispute_id: str,
    body: NewDecision,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> DisputeView:
    """Decide it; it is carried out and everybody told. The same again changes nothing."""
    stored = await _seen(dispute_id, caller, deps, about)
    if stored.value.bank is not None:
        raise AppError(CONFLICT, "The customer's bank decides this one; send it the evidence at the payment provider.")
    if wrong := problem_with(stored.value, body.decision, body.amounts):
        raise _invalid(*wrong)
    decision = Decision(
        verdict=body.decision, amounts=body.amounts, note=body.note, by=caller.subject, at=about.now
    )
    after = await _changed(stored, lambda dispute: decided(dispute, decision), deps, about, client)
    await start_dispute(client, after, about)
    return dispute_view(after, caller)


def _legs(order: Order, body: NewDispute) -> tuple[DisputedLeg, ...]:
    if body.reason not in REASONS_OF_CUSTOMERS:
        raise _invalid("reason", f"It is one of {', '.join(sorted(REASONS_OF_CUSTOMERS))}.")
    for number, name in enumerate(body.legs):
        leg = order.leg(name)
        if leg is None or leg.escrow == "none":
            raise _invalid(f"legs[{number}]", f"Order {order.id} has no such leg that was paid.")
    found = [leg for leg in order.legs if leg.escrow in {"held", "released"} and (not body.legs or leg.id in body.legs)]
    if not found:
        raise AppError(CONFLICT, "Its money has gone back already, or is in dispute.")
    return tuple(disputed(leg) for leg in found)


async def _check_photos(photos: Iterable[str], deps: Deps) -> None:
    for number, name in enumerate(photos):
        if await deps.blobs.get(name) is None:
            raise _invalid(f"photos[{number}]", "There is no such file: send it first.")


async def _of_order(order_id: str, deps: Deps) -> list[Dispute]:
    query = Query({"order": order_id}, order="created_at", limit=PAGE_MAX)
    return [stored.value for stored in (await deps.store.query(DISPUTES, query)).items]


async def _seen(dispute_id: str, caller: Caller, deps: Deps, about: About) -> Stored[Dispute]:
    """The dispute, if the caller may see it; else nobody learns whether there is one."""
    stored = await deps.store.get(DISPUTES, dispute_id, dispute_id)
    if stored is not None:
        if may_see_dispute(stored.value, caller):
            return stored
        audit.refused_object(caller, f"dispute {dispute_id}", about)
    raise AppError(NOT_FOUND, NOWHERE)


async def _changed(
    stored: Stored[Dispute],
    change: Callable[[Dispute], Dispute],
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Dispute:
    """The dispute after a change of which its flow hears; raises ChangedMeanwhile."""
    try:
        after = change(stored.value)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    if after is stored.value:
        return after
    return (await stir(deps.store, client, DISPUTES, stored, after, about.now)).value


def _invalid(field: str, message: str) -> AppError:
    return AppError(INVALID, f"body.{field}: {message}", [FieldError(f"body.{field}", message)])
