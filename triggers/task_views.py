"""One task in full, as plain fields: what its party may know of the order around it, and no more."""

from __future__ import annotations

from typing import Any

from shared.discovery.products import PRODUCTS, partner_of
from shared.logistics.hubs import HUBS
from shared.money.accounts import account
from shared.orders.legs import is_courier, is_live
from shared.orders.order import Line, Order, OrderLeg
from shared.people.customers import CUSTOMERS
from shared.wiring import Deps

_PAYEE = {"partner": "vendor", "hub": "hub", "worker": "worker"}


async def detail_of(deps: Deps, order: Order, leg: OrderLeg, state: dict[str, Any]) -> dict[str, Any]:
    """The fields of a task's detail; state: those of its state."""
    brings = is_courier(leg)
    before = [one for one in order.legs if one.id in leg.after and is_live(one)]
    after = [one for one in order.legs if leg.id in one.after and is_live(one)]
    payee = account(_PAYEE[leg.party], leg.partner)
    pay = sum(share.amount.minor for share in leg.shares if share.account == payee)
    return {
        **state,
        "role": leg.role,
        "title": leg.title,
        "things": [await _thing(deps, line) for line in leg.lines],
        "price": leg.price,
        "pay": leg.price.model_copy(update={"minor": pay}),
        "opened_at": leg.opened,
        "before": [await _neighbour(deps, one, shows_address=brings) for one in before],
        "after": [await _neighbour(deps, one, shows_address=False) for one in after],
        "drop_off": await _drop_off(deps, order, leg, after) if brings else None,
    }


async def _thing(deps: Deps, line: Line) -> dict[str, Any]:
    """With the product's words, where it is one of the catalog and not work alone."""
    stored = await deps.store.get(PRODUCTS, partner_of(line.product), line.product)
    product = stored.value if stored else None
    return {
        "title": line.title,
        "quantity": line.quantity,
        "product_id": line.product,
        "options": line.options,
        "description": product.description if product else "",
        "specs": {name: list(values) for name, values in product.attributes.items()} if product else {},
    }


async def _neighbour(deps: Deps, leg: OrderLeg, *, shows_address: bool) -> dict[str, Any]:
    return {
        "leg": leg.id,
        "title": leg.title,
        "party": leg.partner_name,
        "status": leg.status,
        "starts": leg.starts,
        "ends": leg.ends,
        "address": await _address(deps, leg) if shows_address else None,
    }


async def _address(deps: Deps, leg: OrderLeg) -> str | None:
    """Where a leg's work is done; nobody goes to a worker."""
    if leg.party == "hub":
        hub = await deps.store.get(HUBS, leg.partner, leg.partner)
        return hub.value.place.address if hub else None
    if leg.party == "partner":
        partner = (await deps.scout.partners.refresh()).get(leg.partner)
        return partner.place.address if partner else None
    return None


async def _drop_off(deps: Deps, order: Order, leg: OrderLeg, after: list[OrderLeg]) -> dict[str, Any]:
    """A hub for who brings it there, the customer's door for who brings it home."""
    hub = next((one for one in after if one.party == "hub"), None)
    if hub is not None and leg.timing.kind == "pickup":
        point, address = hub.timing.point, await _address(deps, hub)
        return {"name": hub.partner_name, "address": address or hub.partner_name, "lat": point.lat, "lng": point.lng}
    customer = await deps.store.get(CUSTOMERS, order.customer, order.customer)
    to = order.deliver_to
    return {"name": customer.value.name if customer else "", "address": to.address, "lat": to.lat, "lng": to.lng}
