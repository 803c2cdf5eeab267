"""What else would work where a checkout has failed: found in little time, or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import azure.durable_functions as df

from activities import activity
from activities.orders import change_order
from activities.speaking import say_to_customer
from shared.flows import QUICK, Call, Refusal
from shared.orders.order import ALTERNATIVES_MAX, ORDERS, Alternative, Order, OrderLeg
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.orders.replacement import Candidate

blueprint = df.Blueprint()
SECONDS_MAX = 5


class Failed(Plain):
    """Which leg of which order could not be had."""

    order: str
    leg: str


@activity(blueprint, retry=QUICK)
async def find_alternatives(deps: Deps, failed: Failed, call: Call) -> Refusal | None:
    """Show in the order what would do in a leg's place, and tell the customer; refused where it takes too long."""
    stored = await deps.store.get(ORDERS, failed.order, failed.order)
    leg = stored.value.leg(failed.leg) if stored else None
    if stored is None or leg is None or not leg.lines or not leg.shows_partner:
        return None  # where partners are hidden, so are those who would do instead
    try:
        found = await asyncio.wait_for(_found(deps, stored.value, leg, call), SECONDS_MAX)
    except TimeoutError:
        return Refusal("too_slow", "Nothing else was found in time.")
    if not found:
        return None
    others = tuple(_alternative(leg, one) for one in found[:ALTERNATIVES_MAX])
    refusal = await change_order(deps, failed.order, lambda order: order.model_copy(update={"alternatives": others}))
    if refusal is None:
        words = "; ".join(one.words for one in others)
        text = f"In place of {leg.title} this would work: {words}."
        await say_to_customer(deps, stored.value.customer, f"order:{failed.order}", text, call)
    return refusal


async def _found(deps: Deps, order: Order, leg: OrderLeg, call: Call) -> list[Candidate]:
    """Others' offers of the same kind at about the same price that would be there in time, the best first."""
    from shared.orders.replacement import REPLACEABLE, candidates, wish_for  # noqa: PLC0415  with the first failure
    from shared.orders.wanted import Wanted  # noqa: PLC0415

    if leg.role not in REPLACEABLE:
        return []
    await deps.catalog_ready()
    wanted = Wanted(kind="replace", leg=leg.id)
    wish = wish_for(order, leg, wanted, frozenset(), deps.taxonomy)
    found = await deps.scout.find(wish, call.at)
    offers = [(one.product, one.partner) for one in found.offers if one.product and one.partner and not found.relaxed]
    original = deps.scout.partners.known.get(leg.partner)
    is_played = original is not None and original.is_simulated
    return candidates(order, leg, offers, wanted, deps.taxonomy, call.at, is_played=is_played)


def _alternative(leg: OrderLeg, one: Candidate) -> Alternative:
    return Alternative(
        leg=leg.id,
        product=one.leg.lines[0].product,
        title=one.leg.title,
        partner_name=one.leg.partner_name,
        price=one.leg.price,
        more=one.more,
    )
