"""Routes: orders: placed, looked at, answered by partners, confirmed by customers."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.discovery.bundles import Bundle, Part
from shared.errors import CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, AppError, FieldError
from shared.money.amounts import Money
from shared.orders.order import (
    ORDERS,
    BundleRef,
    Destination,
    EscrowStatus,
    LegStatus,
    Order,
    OrderLeg,
    OrderStatus,
    reply_event,
)
from shared.people.access import (
    Caller,
    Need,
    Party,
    Role,
    Verdict,
    is_party,
    may_see_order,
    order_verdict,
    owns,
)
from shared.records import AlreadyThere, Query, Write
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Output, Paging, When

if TYPE_CHECKING:
    from shared.orders.planning import Chosen

routes = Routes("orders")
BUYER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"orders:write"}))
READER = Need(scopes=frozenset({"orders:read"}))
SELLER = Need(roles=frozenset({Role.PARTNER, Role.HUB}), scopes=frozenset({"tasks:write"}))
RECEIVER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"deliveries:write"}))
LINES_MAX = 20


class Customized(Input):
    """What is to be done to it: a capability such as engraving, and the words."""

    kind: str = Field(min_length=1, max_length=41)
    text: str = Field(default="", max_length=500)


class NewLine(Input):
    """One product."""

    product_id: str = Field(min_length=1, max_length=144)
    quantity: int = Field(default=1, ge=1, le=1_000)
    customization: Customized | None = None


class Paying(Input):
    """How it is paid: a method of the payment provider's."""

    method: str = Field(min_length=1, max_length=255)


class PlaceOrder(Input):
    """Lines or a bundle; where to, and by when."""

    lines: list[NewLine] = Field(default_factory=list, max_length=LINES_MAX)
    bundle_id: str | None = Field(default=None, max_length=63)
    deliver_to: Destination
    deliver_by: When
    payment: Paying


class PartnerRef(Output):
    """A partner, as far as the customer may see it."""

    id: str
    name: str


class ItemView(Output):
    """What is bought."""

    title: str
    quantity: int
    product_id: str | None
    options: dict[str, str]


class LegView(Output):
    """One partner's part; partner: None where the bundle hides it."""

    id: str
    role: str
    partner: PartnerRef | None
    items: list[ItemView]
    status: LegStatus
    price: Money | None
    escrow_status: EscrowStatus
    after: list[str]
    starts: AwareDatetime
    ends: AwareDatetime


class HappeningView(Output):
    """Something that came to pass."""

    at: AwareDatetime
    what: str
    leg: str | None


class OrderView(Output):
    """An order as its customer sees it."""

    id: str
    status: OrderStatus
    legs: list[LegView]
    total: Money
    deliver_to: Destination
    deliver_by: AwareDatetime
    arrives: AwareDatetime
    bundle: BundleRef | None
    reason: str | None
    timeline: list[HappeningView]
    created_at: AwareDatetime


class OrderList(Output):
    """One's own orders, newest first."""

    items: list[OrderView]
    next: str | None


class LegReply(Input):
    """A partner's answer."""

    decision: Literal["accept", "reject"]
    note: str = Field(default="", max_length=300)


@routes.post(
    "/api/v1/orders",
    need=BUYER,
    status=202,
    is_idempotent=True,
    errors=(CONFLICT, FORBIDDEN),
    action=AgentAction(
        "place_order",
        "Order products or a bundle: all partners at once, paid once, held until delivery.",
        requires_human_approval_over=20_000,
        max_order_value=1_000_000,
    ),
)
async def place_order(
    body: PlaceOrder, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Answer[OrderView]:
    """Place an order; it is placed, or taken back whole, within a minute or as soon as the partners have answered."""
    from shared.orders.quote import NotForSale, Quoter  # noqa: PLC0415  with the first order, not with the app

    customer = caller.acting_for or caller.subject
    order_id = work_id(about, customer, "order")
    await deps.catalog_ready()
    await deps.scout.refresh()
    try:
        chosen, bundle = await chosen_of(body.lines, body.bundle_id, deps)
        quote = await Quoter(deps.scout, deps.taxonomy).quote(
            chosen, bundle, body.deliver_to, body.deliver_by, about.now
        )
    except NotForSale as no:
        raise refused(no.field, no.reason) from None
    if not quote.plan.is_feasible:
        late = f"It would be there at {quote.arrives.isoformat()}, {quote.plan.misses_by} minutes late"
        raise refused("deliver_by", f"{late}: {quote.plan.why}.")
    _allow(caller, quote.total)
    order = Order(
        id=order_id,
        customer=customer,
        agent=caller.subject if caller.is_agent else None,
        legs=quote.legs,
        total=quote.total,
        currency=quote.total.currency,
        deliver_to=body.deliver_to,
        deliver_by=body.deliver_by,
        arrives=quote.arrives,
        method=body.payment.method,
        bundle=quote.bundle,
        created_at=about.now,
        updated_at=about.now,
    )
    await _begin(order, deps, client)
    return Answer(_view(order, caller), location=f"/api/v1/orders/{order_id}")


@routes.get("/api/v1/orders", need=BUYER)
async def list_orders(query: Paging, caller: Caller, deps: Deps) -> OrderList:
    """One's own orders, newest first."""
    customer = caller.acting_for or caller.subject
    wanted = Query({"customer": customer}, order="-created_at", limit=query.limit, after=query.after)
    page = await deps.store.query(ORDERS, wanted)
    return OrderList(items=[_view(stored.value, caller) for stored in page.items], next=page.next)


@routes.get("/api/v1/orders/{order_id}", need=READER)
async def get_order(order_id: str, caller: Caller, deps: Deps, about: About) -> Answer[OrderView]:
    """An order: for its customer, for a partner its own legs, for staff."""
    order = await _order(order_id, caller, deps, about)
    return Answer(_view(order, caller))


@routes.post("/api/v1/orders/{order_id}/legs/{leg_id}/reply", need=SELLER, errors=(CONFLICT,))
async def reply_to_leg(  # noqa: PLR0917  handed over by name
    order_id: str,
    leg_id: str,
    body: LegReply,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> OrderView:
    """Take an order or refuse it, while it is being placed; the first answer counts."""
    from shared import inbox  # noqa: PLC0415

    order = await _order(order_id, caller, deps, about)
    leg = order.leg(leg_id)
    if leg is None or leg.partner != caller.subject:
        raise AppError(NOT_FOUND, "There is no such leg, or it is not yours.")
    if order.status != "placing" or leg.accepts_alone:
        raise AppError(CONFLICT, f"The order is {order.status}; nobody waits for an answer about this leg.")
    received = await inbox.receive(
        deps.store,
        instance=order_id,
        name=f"{reply_event(leg_id)}-1",
        sender_id=f"reply:{leg_id}",
        data={"leg": leg_id, "decision": body.decision, "note": body.note},
        now=about.now,
    )
    await inbox.deliver(deps.store, client, received.event, about.now)
    return _view(order, caller)


@routes.post("/api/v1/orders/{order_id}/delivery-confirmation", need=RECEIVER, status=202, errors=(CONFLICT,))
async def confirm_delivery(
    order_id: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> OrderView:
    """Say that it has arrived: everyone is paid. A second time changes nothing."""
    order = await _order(order_id, caller, deps, about)
    if not owns(caller, order.customer):
        raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")
    if order.status not in {"placed", "in_progress", "delivered", "completed"}:
        raise AppError(CONFLICT, f"The order is {order.status}.")
    await _start(client, "release", f"{order_id}:release", order_id)
    return _view(order, caller)


async def chosen_of(
    lines: list[NewLine], bundle_id: str | None, deps: Deps
) -> tuple[list[Chosen], Bundle | None]:
    """What was chosen, as it is now; raises AppError."""
    from shared.orders.planning import Chosen, own_work  # noqa: PLC0415

    if bool(lines) == (bundle_id is not None):
        raise refused("lines", "Send lines or a bundle_id, one of them.")
    if bundle_id is not None:
        found = await deps.scout.bundle(bundle_id)
        if found is None:
            raise refused("bundle_id", "There is no such bundle, or a part of it is no longer offered.")
        bundle, parts = found
        pairs = zip(bundle.parts, parts, strict=True)
        return [Chosen(product, partner, part) for part, (product, partner) in pairs], bundle
    chosen: list[Chosen] = []
    for number, line in enumerate(lines):
        there = await deps.scout.product(line.product_id)
        if there is None:
            raise refused(f"lines[{number}].product_id", "There is no such product, or it is no longer offered.")
        asked = line.customization
        options = {"customization": asked.kind, "text": asked.text} if asked else {}
        own = own_work(there[0], asked.kind) if asked else None
        part = Part(
            product=line.product_id,
            quantity=line.quantity,
            options=options,
            extra_minor=own.minor_per_unit * line.quantity if own else 0,
        )
        chosen.append(Chosen(*there, part))
    return chosen, None


def _allow(caller: Caller, total: Money) -> None:
    verdict = order_verdict(caller, total.minor, total.currency)
    if verdict is Verdict.REFUSED:
        raise AppError(FORBIDDEN, f"{total} is more than an agent may order.")
    if verdict is Verdict.NEEDS_APPROVAL:
        raise AppError(FORBIDDEN, f"{total} is more than an agent may order alone; the customer orders it in person.")


async def _begin(order: Order, deps: Deps, client: df.DurableOrchestrationClient) -> None:
    """Keep the order and start its checkout; a repetition finds both."""
    with suppress(AlreadyThere):
        await deps.store.apply(ORDERS, order.id, [Write("create", order)])
    await _start(client, "checkout", order.id, order.id)


async def _start(client: df.DurableOrchestrationClient, flow: str, instance: str, given: str) -> None:
    """Start a flow, unless it has been started before."""
    status = await client.get_status(instance)
    if status is None or status.runtime_status is None:
        await client.start_new(flow, instance_id=instance, client_input=given)


async def _order(order_id: str, caller: Caller, deps: Deps, about: About) -> Order:
    """The order, if the caller may see it; else nobody learns whether there is one."""
    stored = await deps.store.get(ORDERS, order_id, order_id)
    if stored is not None:
        parties = [Party(Role.PARTNER, leg.partner) for leg in stored.value.legs]
        if may_see_order(caller, stored.value.customer, parties):
            return stored.value
        audit.refused_object(caller, f"order {order_id}", about)
    raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")


def _view(order: Order, caller: Caller) -> OrderView:
    """An order as the caller may see it: a partner its own legs alone."""
    mine = [leg for leg in order.legs if is_party(caller, Party(Role.PARTNER, leg.partner))]
    legs = mine or order.legs
    is_inside = bool(mine) or Role.ADMIN in caller.roles
    seen = {leg.id for leg in legs}
    timeline = [one for one in order.timeline if not mine or one.leg is None or one.leg in seen]
    return OrderView(
        id=order.id,
        status=order.status,
        legs=[_leg_view(leg, shows_all=is_inside) for leg in legs],
        total=order.total if not mine else Money(minor=sum(leg.price.minor for leg in mine), currency=order.currency),
        deliver_to=order.deliver_to,
        deliver_by=order.deliver_by,
        arrives=order.arrives,
        bundle=order.bundle,
        reason=order.reason,
        timeline=[HappeningView(at=one.at, what=one.what, leg=one.leg) for one in timeline],
        created_at=order.created_at,
    )


def _leg_view(leg: OrderLeg, *, shows_all: bool) -> LegView:
    shown = shows_all or leg.shows_partner
    return LegView(
        id=leg.id,
        role=leg.role,
        partner=PartnerRef(id=leg.partner, name=leg.partner_name) if shown else None,
        items=[
            ItemView(
                title=line.title if shown else leg.role,
                quantity=line.quantity,
                product_id=line.product if shown else None,
                options=line.options,
            )
            for line in leg.lines
        ],
        status=leg.status,
        price=leg.price if shown else None,
        escrow_status=leg.escrow,
        after=list(leg.after),
        starts=leg.starts,
        ends=leg.ends,
    )


def refused(field: str, message: str) -> AppError:
    """A field of the body that cannot be."""
    return AppError(INVALID, f"body.{field}: {message}", [FieldError(f"body.{field}", message)])

