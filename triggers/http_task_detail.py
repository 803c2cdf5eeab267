"""Routes: one task with all that its party needs to do it, its yes or no, and a partner's list of orders."""

from __future__ import annotations

from typing import Annotated, Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.money.amounts import Money
from shared.orders.order import LegStatus
from shared.orders.party_orders import PARTY_ORDERS, PartyState
from shared.orders.tasks import assignee_of
from shared.people.access import Caller, Need, Role
from shared.records import Query
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Routes
from triggers.http_tasks import DOER, READER, GivingUp, TaskState, give_up_leg, mine, state_of
from triggers.parse import Input, Output, Paging

routes = Routes("tasks")
PARTNER = Need(roles=frozenset({Role.PARTNER}), scopes=frozenset({"tasks:read"}))


class Thing(Output):
    """What is to be made or done. options: wishes, such as the words of a customization; specs: of the product."""

    title: str
    quantity: int
    product_id: str
    options: dict[str, str]
    description: str
    specs: dict[str, list[str]]


class Neighbour(Output):
    """A leg before or after one's own; address: where to fetch it, for who brings it."""

    leg: str
    title: str
    party: str
    status: LegStatus
    starts: AwareDatetime
    ends: AwareDatetime
    address: str | None


class DropOff(Output):
    """Where it goes; name: whom it is for, unless it is a hub."""

    name: str
    address: str
    lat: float
    lng: float


class TaskDetail(TaskState):
    """A task with all that its party needs. pay: its own share of the price; drop_off: for who brings it alone."""

    role: str
    title: str
    things: list[Thing]
    price: Money
    pay: Money
    opened_at: AwareDatetime | None
    before: list[Neighbour]
    after: list[Neighbour]
    drop_off: DropOff | None


class TaskAnswer(Input):
    """Whether one takes a task on; a no finds somebody else for it."""

    decision: Literal["accept", "decline"]
    note: Annotated[str, Field(max_length=300)] = ""


class PartnerOrderQuery(Paging):
    """asked: one's yes is waited for; running, done; over: it came to nothing."""

    status: PartyState | None = None


class PartnerOrderView(Output):
    """One's part of an order."""

    order: str
    leg: str
    title: str
    price: Money
    state: PartyState
    status: LegStatus
    placed_at: AwareDatetime
    starts: AwareDatetime
    due: AwareDatetime


class PartnerOrderList(Output):
    """The newest first."""

    items: list[PartnerOrderView]
    next: str | None


@routes.get("/api/v1/tasks/{order_id}/{leg_id}", need=READER)
async def get_task(order_id: str, leg_id: str, caller: Caller, deps: Deps, about: About) -> TaskDetail:
    """One's own task: what is to be done by when, what comes before and after it, and for couriers where it goes."""
    from triggers.task_views import detail_of  # noqa: PLC0415  with the first look

    stored, leg = await mine(order_id, leg_id, caller, deps, about)
    return TaskDetail.model_validate(await detail_of(deps, stored.value, leg, state_of(order_id, leg).model_dump()))


@routes.post("/api/v1/tasks/{order_id}/{leg_id}/answer", need=DOER, status=202, errors=(CONFLICT,))
async def answer_task(  # noqa: PLR0917  handed over by name
    order_id: str,
    leg_id: str,
    body: TaskAnswer,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> TaskState:
    """Take a task on, or decline it so that somebody else is found; the same again changes nothing."""
    if body.decision == "decline":
        reason = GivingUp(reason="rejected", note=body.note)
        return await give_up_leg(order_id, leg_id, reason, caller, deps, about, client)
    from shared.nudges import stir  # noqa: PLC0415
    from shared.orders.changes import happened, is_known, noted  # noqa: PLC0415
    from shared.orders.order import ORDERS  # noqa: PLC0415

    stored, leg = await mine(order_id, leg_id, caller, deps, about)
    if leg.status == "planned" or leg.given_up is not None or not state_of(order_id, leg).may:
        raise AppError(CONFLICT, f"It is {leg.status}: there is nothing to take on.")
    happening = happened(f"{leg_id}:taken-on", about.now, "Taken on.", leg_id, body.note)
    if not is_known(stored.value, happening):
        await stir(deps.store, client, ORDERS, stored, noted(stored.value, happening), about.now)
    return state_of(order_id, leg)


@routes.get("/api/v1/partners/{partner_id}/orders", need=PARTNER)
async def list_partner_orders(
    partner_id: str, query: PartnerOrderQuery, caller: Caller, deps: Deps, about: About
) -> PartnerOrderList:
    """A partner's own part of every order it knows of, the newest first."""
    if caller.subject != partner_id:
        audit.refused_object(caller, f"orders of partner {partner_id}", about)
        raise AppError(NOT_FOUND, "There is no such partner, or it is not you.")
    where = {"state": query.status} if query.status else {}
    wanted = Query(where, assignee_of("partner", partner_id), "-placed_at", query.limit, query.after)
    page = await deps.store.query(PARTY_ORDERS, wanted)
    fields = set(PartnerOrderView.model_fields)
    items = [PartnerOrderView.model_validate(one.value.model_dump(include=fields)) for one in page.items]
    return PartnerOrderList(items=items, next=page.next)
