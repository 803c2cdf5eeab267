"""An order's record: read for a flow, and moved on as the flow goes."""

from __future__ import annotations

from collections.abc import Callable

import azure.durable_functions as df

from activities import activity
from shared.changing import changed
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.orders.changes import ImpossibleMove, happened, is_known, moved, noted, with_all_legs, with_leg
from shared.orders.legs import can_be_cancelled
from shared.orders.order import ORDERS, EscrowStatus, LegStatus, Order, OrderFact
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Told(Plain):
    """What has become of an order, in words for its timeline."""

    order: str
    fact: OrderFact
    what: str
    payment: str | None = None
    reason: str | None = None


class LegTold(Plain):
    """What has become of one leg, or of all of them (leg None)."""

    order: str
    leg: str | None
    what: str
    status: LegStatus | None = None
    escrow: EscrowStatus | None = None


@activity(blueprint, retry=PATIENT)
async def begin_anew(deps: Deps, order_id: str, call: Call) -> Refusal | None:
    """Let an order's chain run from now on; refused where it would come too late."""
    from shared.orders.running import begun_anew  # noqa: PLC0415  rare, so not with the app

    refusals: list[Refusal] = []

    def anew(order: Order) -> Order:
        later = begun_anew(order, call.at)
        if later is None:
            refusals.append(Refusal("too_late", "By now it could not be there in time any more."))
        return later or order

    refusal = await change_order(deps, order_id, anew)
    return refusal or next(iter(refusals), None)


class Cancelling(Plain):
    """Which order is to be called off, and why."""

    order: str
    reason: str = ""


@activity(blueprint, retry=PATIENT)
async def cancel_record(deps: Deps, asked: Cancelling, call: Call) -> Refusal | None:
    """Cancel an order and all its legs; refused once somebody has begun."""
    happening = happened(call.key, call.at, f"The customer has cancelled the order. {asked.reason}".strip())

    def cancelled(order: Order) -> Order:
        if is_known(order, happening):
            return order
        if not can_be_cancelled(order):
            raise ImpossibleMove("Somebody has begun: ask for a change, or open a dispute.")
        after = moved(order, "cancel", happening, reason=asked.reason or "You have cancelled it.")
        return with_all_legs(after, status="cancelled")

    return await change_order(deps, asked.order, cancelled)


class Delivered(Plain):
    """Which order has arrived as a whole."""

    order: str


@activity(blueprint, retry=QUICK)
async def read_order(deps: Deps, order: str) -> Order | Refusal:
    """The order as flows need it: without what has come to pass, which may be long."""
    stored = await deps.store.get(ORDERS, order, order)
    if stored is None:
        return Refusal("no_such_order")
    return stored.value.model_copy(update={"timeline": (), "payment_action": None})


@activity(blueprint, retry=PATIENT)
async def tell_order(deps: Deps, told: Told, call: Call) -> Refusal | None:
    """Move an order on."""
    more = {name: value for name in ("payment", "reason") if (value := getattr(told, name)) is not None}
    happening = happened(call.key, call.at, told.what)
    return await change_order(deps, told.order, lambda order: moved(order, told.fact, happening, **more))


@activity(blueprint, retry=PATIENT)
async def tell_leg(deps: Deps, told: LegTold, call: Call) -> Refusal | None:
    """Note what has become of a leg; here the flow knows, so the table of moves is not asked."""
    news = {name: value for name in ("status", "escrow") if (value := getattr(told, name)) is not None}
    happening = happened(call.key, call.at, told.what, told.leg)

    def change(order: Order) -> Order:
        if any(one.id == happening.id for one in order.timeline):
            return order
        after = noted(order, happening)
        return with_leg(after, told.leg, **news) if told.leg else with_all_legs(after, **news)

    return await change_order(deps, told.order, change)


@activity(blueprint, retry=PATIENT)
async def note_delivered(deps: Deps, delivered: Delivered, call: Call) -> Refusal | None:
    """Note that everything has arrived: from now on the customer's silence counts."""
    happening = happened(call.key, call.at, "Everything has been delivered.")
    return await change_order(
        deps, delivered.order, lambda order: moved(order, "deliver", happening, delivered_at=call.at)
    )


async def change_order(deps: Deps, order_id: str, change: Callable[[Order], Order]) -> Refusal | None:
    """Change an order as it stands."""
    try:
        after = await changed(deps.store, ORDERS, order_id, order_id, change)
    except ImpossibleMove as no:
        return Refusal("impossible_move", str(no))
    return None if after else Refusal("no_such_order")
