"""Routes: orders: placed, looked at, answered by partners."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

import azure.durable_functions as df
from pydantic import Field

from shared.discovery.bundles import Bundle
from shared.discovery.partners import PartnerId
from shared.errors import CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, AppError, FieldError
from shared.orders.order import ORDERS, Destination, Order, reply_event
from shared.people.access import Caller, Need, Role, is_party
from shared.people.approvals import answer_until
from shared.records import AlreadyThere, Query, Write
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.flows import start
from triggers.idempotency import work_id
from triggers.order_views import OrderList, OrderView, narration_of, order_view, party_of, seen_order
from triggers.parse import Input, Paging, When
from triggers.paying import Paying, payment_of
from triggers.quoting import quoter_of

if TYPE_CHECKING:
    from shared.money.commission import Referral
    from shared.orders.chosen import Chosen

routes = Routes("orders")
BUYER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"orders:write"}))
READER = Need(scopes=frozenset({"orders:read"}))
SELLER = Need(roles=frozenset({Role.PARTNER, Role.HUB, Role.WORKER}), scopes=frozenset({"tasks:write"}))
LINES_MAX = 20


Colour = Annotated[str, Field(pattern=r"^[\w -]{1,20}$")]


class Customized(Input):
    """What is to be done to it: a capability such as engraving, the words, where on it; by: whom one wants for it."""

    kind: str = Field(min_length=1, max_length=41)
    text: str = Field(default="", max_length=500)
    position: str = Field(default="", max_length=40)
    colours: list[Colour] = Field(default_factory=list, max_length=20)
    by: PartnerId | None = None

    @property
    def options(self) -> dict[str, str]:
        """The same as the options of a line."""
        said = {"position": self.position.lower(), "colours": ",".join(self.colours), "customizer": self.by or ""}
        wishes = {name: value for name, value in said.items() if value}
        return {"customization": self.kind, "text": self.text, **wishes}


class NewLine(Input):
    """One product."""

    product_id: str = Field(min_length=1, max_length=144)
    quantity: int = Field(default=1, ge=1, le=1_000)
    customization: Customized | None = None


class PlaceOrder(Input):
    """Lines or a bundle; where to, and by when; meet_at_hub: null leaves it to how many vendors there are.

    referral: the tracking id of who brought the customer, the `via` of a product's link.
    """

    lines: list[NewLine] = Field(default_factory=list, max_length=LINES_MAX)
    bundle_id: str | None = Field(default=None, max_length=63)
    deliver_to: Destination
    deliver_by: When
    meet_at_hub: bool | None = None
    referral: str | None = Field(default=None, pattern=r"^[a-z0-9-]{4,40}$", description="An affiliate's tracking id.")
    payment: Paying


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
    from shared.orders.alternatives import instead_of, refusal_words  # noqa: PLC0415  with the first order
    from shared.orders.chosen import NotForSale  # noqa: PLC0415
    from shared.orders.placing import Buyer, merchants_of, order_of  # noqa: PLC0415

    customer = caller.acting_for or caller.subject
    order_id = work_id(about, customer, "order")
    await deps.catalog_open()
    await deps.scout.refresh()
    try:
        chosen, bundle = await chosen_of(body.lines, body.bundle_id, deps)
        quoter = quoter_of(deps, client, about.now)
        quote = await quoter.quote(
            chosen,
            bundle,
            body.deliver_to,
            body.deliver_by,
            about.now,
            meet_at_hub=body.meet_at_hub,
            referral=_brought_by(body.referral, deps),
        )
    except NotForSale as no:
        raise refused(no.field, no.reason) from None
    if not quote.plan.is_feasible:
        raise refused("deliver_by", refusal_words(quote, await instead_of(quoter, quote)))
    merchants = merchants_of(chosen)
    paying = await payment_of(body.payment, caller, merchants, quote.total, deps, about)
    agent = caller.subject if caller.is_agent else None
    asks_until = answer_until(about.now, body.deliver_by - quote.arrives) if paying.asks else None
    buyer = Buyer(customer, agent, paying.method, paying.mandate, asks_until)
    order = order_of(order_id, quote, merchants, buyer, about.now)
    await _begin(order, deps, client)
    return Answer(order_view(order, caller), location=f"/api/v1/orders/{order_id}")


@routes.get("/api/v1/orders", need=BUYER)
async def list_orders(query: Paging, caller: Caller, deps: Deps) -> OrderList:
    """One's own orders, newest first."""
    customer = caller.acting_for or caller.subject
    wanted = Query({"customer": customer}, order="-created_at", limit=query.limit, after=query.after)
    page = await deps.store.query(ORDERS, wanted)
    return OrderList(items=[order_view(stored.value, caller) for stored in page.items], next=page.next)


@routes.get("/api/v1/orders/{order_id}", need=READER)
async def get_order(order_id: str, caller: Caller, deps: Deps, about: About) -> Answer[OrderView]:
    """An order: for its customer, for a partner its own legs, for staff."""
    stored = await seen_order(order_id, caller, deps, about)
    return Answer(order_view(stored.value, caller, await narration_of(deps, stored.value, caller)))


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

    order = (await seen_order(order_id, caller, deps, about)).value
    leg = order.leg(leg_id)
    if leg is None or not is_party(caller, party_of(leg)):
        raise AppError(NOT_FOUND, "There is no such leg, or it is not yours.")
    said = await deps.store.get(inbox.INBOX, order_id, inbox.record_id(f"reply:{leg_id}"))
    if said is not None and isinstance(said.value.data, dict) and said.value.data["decision"] == body.decision:
        return order_view(order, caller)  # the same once more: its first answer was lost on the way
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
    return order_view(order, caller)


async def chosen_of(
    lines: list[NewLine], bundle_id: str | None, deps: Deps, field: str = "lines"
) -> tuple[list[Chosen], Bundle | None]:
    """What was chosen, as it is now; field: where the lines stand in the body. Raises AppError."""
    from shared.orders.chosen import NotForSale  # noqa: PLC0415
    from shared.orders.picking import Pick, picked, picked_bundle  # noqa: PLC0415

    if bool(lines) == (bundle_id is not None):
        raise refused("lines", "Send lines or a bundle_id, one of them.")
    picks = [
        Pick(line.product_id, line.quantity, line.customization.options if line.customization else {}) for line in lines
    ]
    try:
        if bundle_id is not None:
            return await picked_bundle(deps.scout, bundle_id)
        return await picked(deps.scout, picks, field), None
    except NotForSale as no:
        raise refused(no.field, no.reason) from None


def _brought_by(tracking_id: str | None, deps: Deps) -> Referral | None:
    """Who brought the customer; raises AppError for an id that nobody has."""
    from shared.orders.referring import referral_of  # noqa: PLC0415  with the first order

    if tracking_id is None:
        return None
    found = referral_of(tracking_id, deps.scout.partners.known.values())
    if found is None:
        raise refused("referral", "No affiliate has this tracking id: leave it out, or take the `via` of the link.")
    return found


async def _begin(order: Order, deps: Deps, client: df.DurableOrchestrationClient) -> None:
    """Keep the order and start its checkout; a repetition finds both."""
    with suppress(AlreadyThere):
        await deps.store.apply(ORDERS, order.id, [Write("create", order)])
    await start(client, "checkout", order.id, order.id)


def refused(field: str, message: str) -> AppError:
    """A field of the body that cannot be."""
    return AppError(INVALID, f"body.{field}: {message}", [FieldError(f"body.{field}", message)])

