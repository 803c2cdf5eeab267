"""An order as each of those may see it who may see it; nobody else learns whether there is one."""

from __future__ import annotations

from pydantic import AwareDatetime

from shared.dialogue.support import veiled
from shared.errors import NOT_FOUND, AppError
from shared.money.amounts import Money
from shared.orders.legs import is_courier
from shared.orders.order import (
    ORDERS,
    Alternative,
    BundleRef,
    Destination,
    EscrowStatus,
    Happening,
    Lateness,
    LegStatus,
    Order,
    OrderLeg,
    OrderStatus,
    PartyKind,
)
from shared.people.access import Caller, Party, Role, is_party, may_see_order, owns, roles_of, scopes_of
from shared.records import Query, Stored
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.parse import Output

NARRATIONS_MAX = 100


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
    """One party's part; partner: None where the bundle hides it; why: it was chosen; proof: the blob of a photo."""

    id: str
    role: str
    party: PartyKind
    title: str
    partner: PartnerRef | None
    items: list[ItemView]
    status: LegStatus
    price: Money | None
    escrow_status: EscrowStatus
    after: list[str]
    starts: AwareDatetime
    ends: AwareDatetime
    began: AwareDatetime | None
    ended: AwareDatetime | None
    why: str
    proof: str | None


class HappeningView(Output):
    """Something that came to pass."""

    at: AwareDatetime
    what: str
    leg: str | None


class PaymentActionView(Output):
    """What the customer's bank asks of them before anything is paid, until when.

    url: a page; may be a path on this app. client_secret: where there is no page, for the provider's own form.
    """

    url: str | None
    client_secret: str | None
    expires_at: AwareDatetime


class NarrationView(Output):
    """What the customer was told, and what the assistant was thinking; before, after: the timeline, line by line."""

    at: AwareDatetime
    headline: str
    text: str
    reasoning: str
    before: list[str]
    after: list[str]


class AlternativeView(Output):
    """What would do in the place of a leg that could not be had; more: than that was to cost."""

    leg: str
    product_id: str
    title: str
    partner_name: str
    price: Money
    more: Money


class OrderView(Output):
    """An order as its customer sees it; arrives: as reckoned last, promised: as it was when it was placed.

    deliver_to: None for a party that does not go there.
    """

    id: str
    status: OrderStatus
    legs: list[LegView]
    total: Money
    deliver_to: Destination | None
    deliver_by: AwareDatetime
    arrives: AwareDatetime
    promised: AwareDatetime
    lateness: Lateness
    bundle: BundleRef | None
    reason: str | None
    payment_action: PaymentActionView | None
    alternatives: list[AlternativeView]
    timeline: list[HappeningView]
    narration: list[NarrationView]
    created_at: AwareDatetime


class OrderList(Output):
    """One's own orders, newest first."""

    items: list[OrderView]
    next: str | None


async def seen_order(order_id: str, caller: Caller, deps: Deps, about: About) -> Stored[Order]:
    """The order, if the caller may see it; raises AppError."""
    stored = await deps.store.get(ORDERS, order_id, order_id)
    if stored is not None:
        if may_see_order(caller, stored.value.customer, map(party_of, stored.value.legs)):
            return stored
        audit.refused_object(caller, f"order {order_id}", about)
    raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")


async def own_order(order_id: str, caller: Caller, deps: Deps, about: About) -> Stored[Order]:
    """The order, if the caller is its customer or acts for them; raises AppError."""
    stored = await seen_order(order_id, caller, deps, about)
    if not owns(caller, stored.value.customer):
        raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")
    return stored


def party_of(leg: OrderLeg) -> Party:
    """Who does a leg, as access knows them."""
    return Party(Role(leg.party), leg.partner)


async def narration_of(deps: Deps, order: Order, caller: Caller) -> list[NarrationView]:
    """What the customer was told of an order, oldest first; for them and for staff."""
    if not owns(caller, order.customer) and "operations:read" not in scopes_of(caller):
        return []
    from shared.dialogue.narration.record import NARRATIONS  # noqa: PLC0415  with the first order

    page = await deps.store.query(NARRATIONS, Query({}, order.id, "-at", NARRATIONS_MAX))
    shown = set(NarrationView.model_fields)
    told = [NarrationView.model_validate(stored.value.model_dump(include=shown)) for stored in page.items]
    return told[::-1]


def order_view(order: Order, caller: Caller, narration: list[NarrationView] | None = None) -> OrderView:
    """An order as the caller may see it: a partner, hub or worker its own legs alone."""
    mine = [leg for leg in order.legs if is_party(caller, party_of(leg))]
    legs = mine or order.legs
    is_inside = bool(mine) or Role.ADMIN in roles_of(caller)
    shown = {leg.id: leg for leg in legs}
    timeline = [one for one in order.timeline if not mine or one.leg is None or one.leg in shown]
    return OrderView(
        id=order.id,
        status=order.status,
        legs=[_leg_view(leg, shows_all=is_inside) for leg in legs],
        total=order.total if not mine else Money(minor=sum(leg.price.minor for leg in mine), currency=order.currency),
        deliver_to=order.deliver_to if not mine or any(map(is_courier, mine)) else None,
        deliver_by=order.deliver_by,
        arrives=order.expected or order.arrives,
        promised=order.arrives,
        lateness=order.lateness,
        bundle=order.bundle,
        reason=order.reason if is_inside or order.reason is None else veiled(order.reason, order),
        payment_action=_action_view(order) if owns(caller, order.customer) else None,
        alternatives=[] if mine else [_alternative_view(one) for one in order.alternatives],
        timeline=[_happening_view(one, shown.get(one.leg or ""), shows_all=is_inside) for one in timeline],
        narration=narration or [],
        created_at=order.created_at,
    )


def _action_view(order: Order) -> PaymentActionView | None:
    action = order.payment_action
    return PaymentActionView.model_validate(action.model_dump()) if action else None


def _alternative_view(one: Alternative) -> AlternativeView:
    return AlternativeView(product_id=one.product, **one.model_dump(exclude={"product"}))


def _leg_view(leg: OrderLeg, *, shows_all: bool) -> LegView:
    shown = shows_all or leg.shows_partner
    return LegView(
        id=leg.id,
        role=leg.role,
        party=leg.party,
        title=leg.title if shown else leg.role,
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
        began=leg.began,
        ended=leg.ended,
        why=leg.why if shown else "",
        proof=leg.proof.blob if leg.proof else None,
    )


def _happening_view(one: Happening, leg: OrderLeg | None, *, shows_all: bool) -> HappeningView:
    """What came to pass, with the name and the party's own words only where the leg may be seen."""
    if leg is None:
        return HappeningView(at=one.at, what=one.what, leg=one.leg)
    shown = shows_all or leg.shows_partner
    what = f"{leg.title if shown else leg.role.capitalize()}: {one.what}"
    return HappeningView(at=one.at, what=f"{what} {one.note}".strip() if shown else what, leg=one.leg)
