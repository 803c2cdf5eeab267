"""A change that a partner has agreed to: the leg as it becomes, and putting it into the order."""

from __future__ import annotations

from contextlib import suppress

import azure.durable_functions as df

from activities import Client, activity
from activities.orders import change_order
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.nudges import stir
from shared.orders.changes import happened, is_known, noted
from shared.orders.order import LEGS_MAX, ORDERS, Order, OrderLeg
from shared.records import PAGE_MAX, ChangedMeanwhile, Query
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Agreeing(Plain):
    """Which negotiation about which leg was agreed."""

    negotiation: str
    order: str
    leg: str


class AgreedLeg(Plain):
    """The leg as it becomes: the same one, or one in its place where the price is another."""

    leg: OrderLeg
    is_same_price: bool


class Altering(Plain):
    """A leg of an order as it becomes."""

    order: str
    leg: OrderLeg


@activity(blueprint, retry=QUICK)
async def agreed_leg(deps: Deps, agreeing: Agreeing, call: Call) -> AgreedLeg | Refusal:
    """The leg as it was agreed on."""
    from shared.dialogue.negotiation import NEGOTIATIONS  # noqa: PLC0415  with the first change, not with the app
    from shared.orders.agreed import altered, is_same_price, repriced  # noqa: PLC0415

    talk = await deps.store.get(NEGOTIATIONS, agreeing.negotiation, agreeing.negotiation)
    stored = await deps.store.get(ORDERS, agreeing.order, agreeing.order)
    leg = stored.value.leg(agreeing.leg) if stored else None
    if talk is None or stored is None or leg is None:
        return Refusal("no_such_order")
    if len(stored.value.legs) >= LEGS_MAX:
        return Refusal("too_many", f"An order has {LEGS_MAX} parts at most.")
    offer, wanted = talk.value.agreed, talk.value.wanted
    if offer is None or is_same_price(leg, offer):
        return AgreedLeg(leg=altered(leg, wanted, offer), is_same_price=True)
    return AgreedLeg(leg=repriced(stored.value, leg, wanted, offer, call.at), is_same_price=False)


@activity(blueprint, retry=PATIENT)
async def withdraw_questions(deps: Deps, order_id: str, call: Call, client: Client) -> None:
    """Take back whatever its customer and its partners are being asked about an order that is called off."""
    from shared.dialogue.negotiation import NEGOTIATIONS, moved  # noqa: PLC0415
    from shared.people.approvals import APPROVALS, decided  # noqa: PLC0415

    stored = await deps.store.get(ORDERS, order_id, order_id)
    if stored is None:
        return
    pending = Query({"status": "pending"}, stored.value.customer, "created_at", PAGE_MAX)
    for asked in (await deps.store.query(APPROVALS, pending)).items:
        if asked.value.about == f"order:{order_id}":
            with suppress(ChangedMeanwhile):  # it was answered just now: its flow sees that the order is over
                after = decided(asked.value, "withdraw", call.at)
                await stir(deps.store, client, APPROVALS, asked, after, call.at)
    talks = Query({"order": order_id}, None, "-created_at", PAGE_MAX)
    for talk in (await deps.store.query(NEGOTIATIONS, talks)).items:
        if not talk.value.is_over:
            with suppress(ChangedMeanwhile):
                over = moved(talk.value, "withdraw", call.at)
                await stir(deps.store, client, NEGOTIATIONS, talk, over, call.at)


@activity(blueprint, retry=PATIENT)
async def alter_leg(deps: Deps, altering: Altering, call: Call) -> Refusal | None:
    """Put what was agreed on into an order; its status and times stay as they are meanwhile."""
    from shared.orders.running import reckoned  # noqa: PLC0415

    new = altering.leg
    happening = happened(call.key, call.at, f"Changed to {new.title}, as agreed.", new.id)

    def alter(order: Order) -> Order:
        if is_known(order, happening):
            return order
        news = {"title": new.title, "lines": new.lines, "timing": new.timing}
        legs = tuple(leg.model_copy(update=news) if leg.id == new.id else leg for leg in order.legs)
        return noted(reckoned(order.model_copy(update={"legs": legs}), call.at), happening)

    return await change_order(deps, altering.order, alter)
