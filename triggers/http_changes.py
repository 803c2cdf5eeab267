"""Routes: changes of a placed order: asked for in words or by line, followed through the talk with the partner."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.orders.changing import (
    CHANGE_FLOW,
    Beginning,
    Cannot,
    beginning,
    change_given,
    negotiation_of,
)
from shared.orders.one_at_a_time import BUSY, is_busy
from shared.orders.order import Order
from shared.orders.recoveries import RECOVERIES, RecoveryStatus
from shared.orders.replacement import Reason
from shared.orders.wanted import Unclear, shown_title
from shared.people.access import Caller, Need, Role, owns, scopes_of
from shared.records import Query
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.flows import start
from triggers.http_orders import refused
from triggers.idempotency import work_id
from triggers.order_views import own_order, seen_order
from triggers.parse import Input, Output, Paging

routes = Routes("orders")
BUYER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"orders:write"}))
READER = Need(scopes=frozenset({"orders:read"}))


class Changing(Input):
    """In words, such as `pink flowers instead of red`; or a leg and what it is to become."""

    text: str | None = Field(default=None, min_length=1, max_length=1_000)
    line_id: str | None = Field(default=None, max_length=20, description="The leg's id, with replacement.")
    replacement: str | None = Field(default=None, min_length=1, max_length=200)


class ChangeView(Output):
    """What was begun; understood: as it will be asked of the partner. Where to follow it: the negotiation."""

    change_id: str
    negotiation_id: str
    leg: str
    understood: str
    summary: str


class RecoveryStepView(Output):
    """One step of a recovery."""

    at: AwareDatetime
    what: str


class RecoveryView(Output):
    """A recovery: why, for what, how it stands, and every step of it."""

    id: str
    leg: str
    reason: Reason
    wanted: str
    status: RecoveryStatus
    new_leg: str | None
    steps: list[RecoveryStepView]
    created_at: AwareDatetime


class RecoveryList(Output):
    """The recoveries of an order, newest first."""

    items: list[RecoveryView]
    next: str | None


@routes.post(
    "/api/v1/orders/{order_id}/changes",
    need=BUYER,
    status=202,
    is_idempotent=True,
    errors=(CONFLICT,),
    action=AgentAction("change_order", "Ask for something else in a placed order; the partner is asked at once."),
)
async def change_order(
    order_id: str,
    body: Changing,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Answer[ChangeView]:
    """Ask for a change: its partner is asked, and if that says no, somebody else is found; the customer decides."""
    order = (await own_order(order_id, caller, deps, about)).value
    wanted, leg, words = await _beginning(body, order, deps, about)
    change = work_id(about, order.customer, f"change:{order_id}")
    if await is_busy(deps.store, order_id, leg.id, change):
        raise AppError(CONFLICT, BUSY.format(title=shown_title(leg)))
    await start(client, CHANGE_FLOW, change, change_given(change, order_id, wanted))
    negotiation = negotiation_of(change)
    view = ChangeView(
        change_id=change, negotiation_id=negotiation, leg=leg.id, understood=wanted.words, summary=words
    )
    return Answer(view, location=f"/api/v1/negotiations/{negotiation}")


@routes.get("/api/v1/orders/{order_id}/recoveries", need=READER)
async def list_recoveries(
    order_id: str, query: Paging, caller: Caller, deps: Deps, about: About
) -> RecoveryList:
    """How an order has helped itself, step by step; for its customer and for staff."""
    order = (await seen_order(order_id, caller, deps, about)).value
    if not owns(caller, order.customer) and "operations:read" not in scopes_of(caller):
        raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")
    page = await deps.store.query(RECOVERIES, Query({}, order_id, "-created_at", query.limit, query.after))
    items = [_recovery_view(stored.value.model_dump()) for stored in page.items]
    return RecoveryList(items=items, next=page.next)


async def _beginning(body: Changing, order: Order, deps: Deps, about: About) -> Beginning:
    """What is to be begun, from words or from a leg; raises AppError with the question to ask."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    if (body.text is None) == (body.replacement is None):
        raise refused("text", "Send text, or line_id with replacement.")
    await deps.catalog_ready()
    text = body.text or f"I want {body.replacement} instead"
    intent = await deps.understanding.read(text, about.now, ZoneInfo(deps.settings.time_zone), order.deliver_to.point)
    found = beginning(order, intent, text, deps.taxonomy, leg_id=body.line_id)
    if isinstance(found, Unclear):
        raise refused("text" if body.text else "replacement", found.question)
    if isinstance(found, Cannot):
        raise AppError(CONFLICT, found.reason)
    if found is None:
        raise refused("text", "Only what takes the place of something can be asked for here; see POST …/simulate.")
    return found


def _recovery_view(recovery: dict[str, Any]) -> RecoveryView:
    steps = [RecoveryStepView(at=step["at"], what=step["what"]) for step in recovery["steps"]]
    shown = {name: recovery[name] for name in RecoveryView.model_fields if name != "steps"}
    return RecoveryView(**shown, steps=steps)
