"""An order's record: read for a flow, and moved on as the flow goes."""

from __future__ import annotations

from collections.abc import Callable

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.orders.changes import ImpossibleMove, happened, moved, noted, with_all_legs, with_leg
from shared.orders.order import ORDERS, EscrowStatus, LegStatus, Order, OrderFact
from shared.records import ChangedMeanwhile, Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
TRIES_MAX = 20


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


@activity(blueprint, retry=QUICK)
async def read_order(deps: Deps, order: str) -> Order | Refusal:
    """The order as it is kept."""
    stored = await deps.store.get(ORDERS, order, order)
    return stored.value if stored else Refusal("no_such_order")


@activity(blueprint, retry=PATIENT)
async def tell_order(deps: Deps, told: Told, call: Call) -> Refusal | None:
    """Move an order on."""
    more = {name: value for name in ("payment", "reason") if (value := getattr(told, name)) is not None}
    happening = happened(call.key, call.at, told.what)
    return await _change(deps, told.order, lambda order: moved(order, told.fact, happening, **more))


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

    return await _change(deps, told.order, change)


async def _change(deps: Deps, order_id: str, change: Callable[[Order], Order]) -> Refusal | None:
    for _ in range(TRIES_MAX):
        stored = await deps.store.get(ORDERS, order_id, order_id)
        if stored is None:
            return Refusal("no_such_order")
        try:
            after = change(stored.value)
            if after is not stored.value:
                await deps.store.apply(ORDERS, order_id, [Write("replace", after, stored.etag)])
        except ImpossibleMove as no:
            return Refusal("impossible_move", str(no))
        except ChangedMeanwhile:
            continue
        return None
    raise ChangedMeanwhile(f"order {order_id} changes all the time")
