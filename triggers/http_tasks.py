"""Routes: the task queue of partners, hubs and workers: what is to do now, how it stands, and proof of hand-over."""

from __future__ import annotations

from typing import Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.blobs import BlobTooLarge, ContentMismatch, MediaTypeRefused
from shared.errors import CONFLICT, INVALID, MEDIA_TYPE, NOT_FOUND, TOO_LARGE, AppError, FieldError
from shared.nudges import stir
from shared.orders.changes import ImpossibleMove, given_up, happened, leg_moved, with_leg
from shared.orders.legs import is_due
from shared.orders.order import LEG_MOVES, ORDERS, GivenUp, LegStatus, Order, OrderLeg, Proof
from shared.orders.tasks import TASKS, Task
from shared.people.access import Caller, Need, Party, Role, is_party
from shared.records import Query, Stored
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Raw, Routes
from triggers.parse import Input, Output, Paging

routes = Routes("tasks")
DOERS = frozenset({Role.PARTNER, Role.HUB, Role.WORKER})
READER = Need(roles=DOERS, scopes=frozenset({"tasks:read"}))
DOER = Need(roles=DOERS, scopes=frozenset({"tasks:write"}))
PROOF_BYTES_MAX = 8_000_000
PROOF_TYPES = ("image/jpeg", "image/png", "image/webp")


class TaskQuery(Paging):
    """Open ones, the first due first; or all, the newest first."""

    status: Literal["open", "all"] = "open"


class TaskView(Output):
    """One task in a list."""

    id: str
    order: str
    leg: str
    title: str
    pieces: int
    status: LegStatus
    opened_at: AwareDatetime
    starts: AwareDatetime
    due: AwareDatetime


class TaskList(Output):
    """One's own tasks."""

    items: list[TaskView]
    next: str | None


class Step(Input):
    """How far a task has come."""

    status: Literal[
        "in_progress", "customization_started", "customization_complete", "ready_for_pickup", "in_transit", "delivered"
    ]
    note: str = Field(default="", max_length=300)


class GivingUp(Input):
    """Why it will not be done; damaged: what has come is not as it should be."""

    reason: GivenUp
    note: str = Field(default="", max_length=300)


class TaskState(Output):
    """A task after a step; may: where it can go from here."""

    order: str
    leg: str
    status: LegStatus
    may: list[LegStatus]
    starts: AwareDatetime
    due: AwareDatetime
    proof: str | None


@routes.get("/api/v1/tasks", need=READER)
async def list_tasks(query: TaskQuery, caller: Caller, deps: Deps) -> TaskList:
    """What one has to do: a task is there once all that comes before it is done."""
    is_open = query.status == "open"
    where, order = ({"is_open": True}, "due") if is_open else ({}, "-opened_at")
    wanted = Query(where, _assignee(caller), order, query.limit, query.after)
    page = await deps.store.query(TASKS, wanted)
    return TaskList(items=[_task_view(stored.value) for stored in page.items], next=page.next)


@routes.post("/api/v1/orders/{order_id}/legs/{leg_id}/status", need=DOER, errors=(CONFLICT,))
async def move_leg(  # noqa: PLR0917  handed over by name
    order_id: str,
    leg_id: str,
    body: Step,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> TaskState:
    """Say how far one's task has come; the same again changes nothing."""
    stored, leg = await mine(order_id, leg_id, caller, deps, about)
    if leg.status == body.status:
        return state_of(order_id, leg)
    if not is_due(stored.value, leg):
        raise AppError(CONFLICT, "It cannot begin yet: what comes before it is not done. You will be told.")
    what = f"{body.status.replace('_', ' ').capitalize()}."
    happening = happened(f"{leg_id}:{body.status}", about.now, what, leg_id, body.note)
    try:
        after = leg_moved(stored.value, leg_id, body.status, happening)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    kept = (await stir(deps.store, client, ORDERS, stored, after, about.now)).value
    return state_of(order_id, _leg(kept, leg_id))


@routes.post("/api/v1/orders/{order_id}/legs/{leg_id}/give-up", need=DOER, status=202, errors=(CONFLICT,))
async def give_up_leg(  # noqa: PLR0917  handed over by name
    order_id: str,
    leg_id: str,
    body: GivingUp,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> TaskState:
    """Say that a task cannot be done after all, or that what came to you is damaged: somebody else is found for it."""
    stored, leg = await _given_up_by(order_id, leg_id, body.reason, caller, deps, about)
    what = f"{body.reason.capitalize()}."
    happening = happened(f"{leg_id}:given-up", about.now, what, leg_id, body.note)
    try:
        after = given_up(stored.value, leg.id, body.reason, happening)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    kept = (await stir(deps.store, client, ORDERS, stored, after, about.now)).value
    return state_of(order_id, _leg(kept, leg_id))


@routes.put(
    "/api/v1/orders/{order_id}/legs/{leg_id}/proof/{kind}",
    need=DOER,
    media_types=PROOF_TYPES,
    body_bytes_max=PROOF_BYTES_MAX,
    errors=(CONFLICT,),
)
async def prove_leg(  # noqa: PLR0917  handed over by name
    order_id: str,
    leg_id: str,
    kind: str,
    raw: Raw,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> TaskState:
    """A photo or the customer's signature, as proof of what was handed over; the last one counts."""
    if kind not in {"photo", "signature"}:
        message = "It is photo or signature."
        raise AppError(INVALID, message, [FieldError("path.kind", message)])
    stored, leg = await mine(order_id, leg_id, caller, deps, about)
    if leg.began is None and leg.ended is None:
        raise AppError(CONFLICT, "There is nothing to prove yet: the task has not begun.")
    try:
        blob = await deps.blobs.put(raw.data, raw.media_type)
    except BlobTooLarge as error:
        raise AppError(TOO_LARGE, str(error)) from None
    except (MediaTypeRefused, ContentMismatch) as error:
        raise AppError(MEDIA_TYPE, str(error)) from None
    proof = Proof(kind="photo" if kind == "photo" else "signature", blob=blob.name, at=about.now)
    after = with_leg(stored.value, leg_id, proof=proof)
    kept = (await stir(deps.store, client, ORDERS, stored, after, about.now)).value
    return state_of(order_id, _leg(kept, leg_id))


async def mine(
    order_id: str, leg_id: str, caller: Caller, deps: Deps, about: About
) -> tuple[Stored[Order], OrderLeg]:
    """The order and the caller's own leg of it; else nobody learns whether there is one. Raises AppError."""
    stored = await deps.store.get(ORDERS, order_id, order_id)
    leg = stored.value.leg(leg_id) if stored else None
    if stored is not None and leg is not None and is_party(caller, Party(Role(leg.party), leg.partner)):
        return stored, leg
    if stored is not None:
        audit.refused_object(caller, f"{leg_id} of order {order_id}", about)
    raise AppError(NOT_FOUND, "There is no such task, or it is not yours.")


async def _given_up_by(
    order_id: str, leg_id: str, reason: GivenUp, caller: Caller, deps: Deps, about: About
) -> tuple[Stored[Order], OrderLeg]:
    """One's own leg; what is damaged, whoever comes after it may say, too."""
    stored = await deps.store.get(ORDERS, order_id, order_id)
    leg = stored.value.leg(leg_id) if stored else None
    if stored is not None and leg is not None and reason == "damaged":
        later = (one for one in stored.value.legs if leg_id in one.after)
        if any(is_party(caller, Party(Role(one.party), one.partner)) for one in later):
            return stored, leg
    return await mine(order_id, leg_id, caller, deps, about)


def _assignee(caller: Caller) -> str:
    role = next(role for role in (Role.PARTNER, Role.HUB, Role.WORKER) if role in caller.roles)
    return f"{role}:{caller.subject}"


def _leg(order: Order, leg_id: str) -> OrderLeg:
    leg = order.leg(leg_id)
    assert leg is not None
    return leg


def _task_view(task: Task) -> TaskView:
    return TaskView.model_validate(task.model_dump(include=set(TaskView.model_fields)))


def state_of(order_id: str, leg: OrderLeg) -> TaskState:
    """How a task stands."""
    return TaskState(
        order=order_id,
        leg=leg.id,
        status=leg.status,
        may=sorted(LEG_MOVES[leg.status]),
        starts=leg.starts,
        due=leg.ends,
        proof=leg.proof.blob if leg.proof else None,
    )
