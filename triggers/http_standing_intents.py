"""Routes: standing intents: set up in words or field by field, followed, changed, cancelled; and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import azure.durable_functions as df
from pydantic import AwareDatetime, Field, JsonValue

from shared.discovery.conditions import Condition
from shared.discovery.hours import TimeZone
from shared.discovery.intent import Intent
from shared.errors import CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, AppError, FieldError
from shared.logistics.geo import Point
from shared.money.amounts import PositiveMoney
from shared.nudges import stir
from shared.orders.order import Destination
from shared.people.access import Caller, Need, Role, owns, scopes_of
from shared.records import Query, Stored
from shared.standing.changes import ImpossibleMove
from shared.standing.intent import (
    STANDING_INTENTS,
    WAIT_DAYS_MAX,
    ApprovalPolicy,
    Purchase,
    StandingIntent,
    Wanted,
)
from shared.standing.polls import GOOD_POLLS_MAX
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.http_orders import LINES_MAX, NewLine
from triggers.idempotency import work_id
from triggers.parse import Input, Output, Paging
from triggers.paying import Paying
from triggers.standing_setup import WRITER, asked_by, begin, way_to_pay
from triggers.standing_views import (
    CostView,
    StandingList,
    StandingView,
    cost_view,
    question_view,
    standing_item,
    standing_view,
)

routes = Routes("standing intents")
PATH = "/api/v1/standing-intents"
READER = Need(scopes=frozenset({"intents:read"}))
OWNER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"intents:read"}))
STAFF = Need(roles=frozenset({Role.ADMIN}), scopes=frozenset({"operations:read"}))
Tree = dict[str, JsonValue]
Days = Annotated[int, Field(ge=1, le=WAIT_DAYS_MAX)]


class NewStandingIntent(Input):
    """In words (text), or field by field; what is sent goes before what the words say.

    wanted: what to buy, in words; else lines or a bundle_id. conditions: a tree of `{"op", "of"}` and leaves. Where and
    how it is paid cannot be said in words: without deliver_to or payment the answer is a question, and nothing begins.
    """

    text: str | None = Field(default=None, min_length=1, max_length=2_000)
    location: Point | None = None
    timezone: TimeZone | None = Field(default=None, description="IANA name; without it the city's own.")
    wanted: str | None = Field(default=None, min_length=1, max_length=2_000)
    lines: list[NewLine] = Field(default_factory=list, max_length=LINES_MAX)
    bundle_id: str | None = Field(default=None, min_length=1, max_length=63)
    conditions: Tree | None = None
    deliver_to: Destination | None = None
    payment: Paying | None = None
    budget: PositiveMoney | None = None
    approval: ApprovalPolicy | None = None
    max_wait_days: Days | None = None
    good_polls: int | None = Field(default=None, ge=1, le=GOOD_POLLS_MAX, description="Forecasts that must agree.")
    is_recurring: bool | None = None
    daypart: Literal["morning", "lunchtime", "afternoon", "evening", "night"] | None = None


class StandingChange(Input):
    """What becomes of it; what is left out stays. is_paused: nothing is looked at until it is resumed."""

    conditions: Tree | None = None
    budget: PositiveMoney | None = None
    approval: ApprovalPolicy | None = None
    max_wait_days: Days | None = None
    is_paused: bool | None = None


class Cancelling(Input):
    """Why, if one wants to say so."""

    reason: str = Field(default="", max_length=300)


class CostDayView(Output):
    """What a day, UTC, has cost in all, and how many were watched at most."""

    day: str
    intents: int
    cost: CostView


class StandingCosts(Output):
    """What standing intents cost. each: what one has cost that has waited since the beginning; items: newest first."""

    waiting: int
    each: CostView
    items: list[CostDayView]
    next: str | None
    as_of: AwareDatetime


@routes.post(
    PATH,
    need=WRITER,
    status=202,
    is_idempotent=True,
    errors=(FORBIDDEN,),
    action=AgentAction(
        "set_up_standing_intent",
        "Buy once a condition holds: a sunny Thursday, a price, a return to stock. Waiting costs nothing.",
        requires_human_approval_over=20_000,
        max_order_value=1_000_000,
    ),
)
async def set_up_standing_intent(
    body: NewStandingIntent, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Answer[StandingView]:
    """Begin to wait for a moment; where something is missing, the answer is the question to ask, and nothing begins."""
    from shared.standing.drafting import Never, Unclear, drafted  # noqa: PLC0415  with the first intent

    way = await way_to_pay(body.payment, caller, body.budget, deps, about)
    zone = body.timezone or deps.settings.time_zone
    conditions = _tree(body.conditions) if body.conditions is not None else None
    asked = replace(
        asked_by(caller, way, zone),
        text=body.text,
        purchase=_purchase(body),
        conditions=conditions,
        deliver_to=body.deliver_to,
        budget=body.budget,
        asking=body.approval,
        max_wait_days=body.max_wait_days,
        good_polls=body.good_polls,
        is_recurring=body.is_recurring,
        daypart=body.daypart,
    )
    read = await _read(body, zone, deps, about)
    try:
        intent = drafted(work_id(about, asked.customer, "standing"), asked, read, about.now)
    except Unclear as unclear:
        return question_view(unclear.clarification, unclear.missing, body.text or "")
    except Never as never:
        raise _refused(never.errors) from None
    return await standing_view(await begin(intent, deps, client), deps, about.now, about.origin)


@routes.get(PATH, need=OWNER, action=AgentAction("list_standing_intents", "What is being waited for, and why."))
async def list_standing_intents(query: Paging, caller: Caller, deps: Deps, about: About) -> StandingList:
    """One's own, newest first."""
    customer = caller.acting_for or caller.subject
    wanted = Query({"customer": customer}, None, "-created_at", query.limit, query.after)
    page = await deps.store.query(STANDING_INTENTS, wanted)
    items = [standing_item(stored.value, about.now) for stored in page.items]
    waiting = [item.reasoning for item in items if item.status in {"waiting", "awaiting_approval"}]
    words = " ".join(waiting[:3]) or "You wait for nothing at the moment."
    return StandingList(items=items, next=page.next, summary=words)


@routes.get(f"{PATH}/costs", need=STAFF)
async def get_standing_costs(query: Paging, deps: Deps, about: About) -> StandingCosts:
    """What standing intents cost, in all and by the day; for staff."""
    from shared.standing.cost import COST_DAYS  # noqa: PLC0415
    from shared.standing.intent_book import counted  # noqa: PLC0415
    from shared.standing.odometer import total  # noqa: PLC0415

    page = await deps.store.query(COST_DAYS, Query({}, None, "-day", query.limit, query.after))
    days = [
        CostDayView(day=one.value.id, intents=one.value.intents, cost=cost_view(one.value.total)) for one in page.items
    ]
    each = cost_view(await total(deps.store))
    waiting = await counted(deps.store)
    return StandingCosts(waiting=waiting, each=each, items=days, next=page.next, as_of=about.now)


@routes.get(f"{PATH}/{{intent_id}}", need=READER, action=AgentAction("get_standing_intent", "How one stands, and why."))
async def get_standing_intent(intent_id: str, caller: Caller, deps: Deps, about: About) -> Answer[StandingView]:
    """One standing intent with its progress ledger; for its customer and for staff."""
    stored = await _seen(intent_id, caller, deps, about)
    return await standing_view(stored.value, deps, about.now, about.origin)


@routes.post(f"{PATH}/{{intent_id}}/cancel", need=WRITER, errors=(CONFLICT,))
async def cancel_standing_intent(
    intent_id: str,
    body: Cancelling,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Answer[StandingView]:
    """Wait no longer; what is being bought at this moment can be cancelled as an order only."""
    from shared.standing.revising import cancelled  # noqa: PLC0415

    after = await _change(
        intent_id,
        lambda intent: cancelled(intent, about.now, f"cancel:{about.request_id}", body.reason),
        caller,
        deps,
        about,
        client,
    )
    return await standing_view(after, deps, about.now, about.origin)


@routes.patch(f"{PATH}/{{intent_id}}", need=WRITER, errors=(CONFLICT,))
async def change_standing_intent(
    intent_id: str,
    body: StandingChange,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Answer[StandingView]:
    """Change conditions, budget, approval or the time to wait; pause it, or resume it."""
    from shared.standing.drafting import Never  # noqa: PLC0415
    from shared.standing.revising import Revision, revised  # noqa: PLC0415

    revision = Revision(
        conditions=_tree(body.conditions) if body.conditions is not None else None,
        budget=body.budget,
        asking=body.approval,
        max_wait_days=body.max_wait_days,
        is_paused=body.is_paused,
        agent=caller.subject if caller.is_agent else None,
        limits=caller.limits,
    )
    key = f"change:{about.request_id}"
    try:
        after = await _change(
            intent_id, lambda intent: revised(intent, revision, about.now, key), caller, deps, about, client
        )
    except Never as never:
        raise _refused(never.errors) from None
    return await standing_view(after, deps, about.now, about.origin)


async def _change(
    intent_id: str,
    rule: Callable[[StandingIntent], StandingIntent],
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> StandingIntent:
    """Change one's own intent as it stands, and wake its flow; raises AppError, ChangedMeanwhile."""
    stored = await _seen(intent_id, caller, deps, about)
    if not owns(caller, stored.value.customer):
        raise _nothing()
    try:
        after = rule(stored.value)
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    if after is stored.value:
        return after
    return (await stir(deps.store, client, STANDING_INTENTS, stored, after, about.now)).value


async def _seen(intent_id: str, caller: Caller, deps: Deps, about: About) -> Stored[StandingIntent]:
    """The intent, if the caller may see it; raises AppError."""
    stored = await deps.store.get(STANDING_INTENTS, intent_id, intent_id)
    if stored is not None:
        if owns(caller, stored.value.customer) or "operations:read" in scopes_of(caller):
            return stored
        audit.refused_object(caller, f"standing intent {intent_id}", about)
    raise _nothing()


def _nothing() -> AppError:
    return AppError(NOT_FOUND, "There is no such standing intent, or it is not yours to see.")


async def _read(body: NewStandingIntent, zone: str, deps: Deps, about: About) -> Intent | None:
    """What the words mean."""
    if body.text is None:
        return None
    await deps.catalog_ready()
    near = body.location or (body.deliver_to.point if body.deliver_to else None)
    return await deps.understanding.read(body.text, about.now, ZoneInfo(zone), near)


def _purchase(body: NewStandingIntent) -> Purchase | None:
    """What is named to be bought; raises AppError for more than one way of naming it."""
    named = [name for name in ("wanted", "lines", "bundle_id") if getattr(body, name)]
    if len(named) > 1:
        raise _refused([FieldError(named[1], "Send wanted, lines or a bundle_id: one of them.")])
    if body.wanted:
        return Purchase(wish=body.wanted, thing=body.wanted[:100])
    lines = tuple(
        Wanted(
            product=line.product_id,
            quantity=line.quantity,
            options=line.customization.options if line.customization else {},
        )
        for line in body.lines
    )
    return Purchase(lines=lines, bundle=body.bundle_id) if lines or body.bundle_id else None


def _tree(raw: Tree) -> Condition:
    """A tree that was sent; raises AppError, each problem with its path."""
    from shared.standing.trees import BadConditions, parsed  # noqa: PLC0415

    try:
        return parsed(raw)
    except BadConditions as bad:
        raise _refused(bad.errors) from None


def _refused(errors: tuple[FieldError, ...] | list[FieldError]) -> AppError:
    fields = [FieldError(f"body.{error.field}", error.message) for error in errors]
    return AppError(INVALID, f"{fields[0].field}: {fields[0].message}", fields)
