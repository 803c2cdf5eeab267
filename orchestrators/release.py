"""Escrow released: legs that are done are passed on to those who did them, and everyone is told.

1. Escrow releases leg by leg; a leg in dispute stays where it is.
2. Where nothing is held any more, the order is completed.
3. The customer is thanked.
4. Payees are sent what they have earned, as each wants it: at once, or on their payout day.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import azure.durable_functions as df

from activities.orders import LegTold, Told, read_order, tell_leg, tell_order
from orchestrators.moving import moved
from orchestrators.payout import paid_on, payees_of
from orchestrators.steps import Context, Flow, input_of, must, step
from orchestrators.telling import told
from shared.money.commands import Release
from shared.money.legs import Outcome
from shared.orders.order import Order, OrderLeg
from shared.wire import Plain, pack

blueprint = df.Blueprint()
SETTLED = frozenset({"released", "refunded", "replaced"})


class Releasing(Plain):
    """Which legs of an order are to be released; None: all that are held."""

    order: str
    legs: tuple[str, ...] | None = None


@blueprint.orchestration_trigger(context_name="context")
def release(context: Context) -> Flow[Any]:
    """Pay those who worked on an order; which legs were released, as plain JSON. Takes an order's id, or Releasing."""
    given = input_of(context, str | Releasing)  # type: ignore[arg-type]  # a union is as good as a type here
    asked = Releasing(order=given) if isinstance(given, str) else given
    order: Order = yield from must(step(context, read_order, asked.order))
    released: list[str] = []
    payees: list[str] = []
    for leg in order.legs:
        if leg.escrow != "held" or (asked.legs is not None and leg.id not in asked.legs):
            continue
        outcome = yield from _released(context, order, leg)
        if outcome.refusal is None:
            released.append(leg.id)
            payees += payees_of(outcome)
    if released:
        is_over = yield from completed_if_settled(context, order.id)
        if is_over:
            yield from told(context, order.id, "released")
        yield from paid_on(context, payees)
    return pack({"released": released})


def completed_if_settled(context: Context, order_id: str) -> Flow[bool]:
    """Complete an order of which no leg's money is held or disputed any more; whether it is so."""
    order: Order = yield from must(step(context, read_order, order_id))
    live = [leg for leg in order.legs if leg.escrow != "none"]
    if not live or not all(leg.escrow in SETTLED for leg in live):
        return False
    is_done = order.status == "delivered" or any(leg.escrow == "released" for leg in live)
    told = Told(order=order_id, fact="complete", what="Delivered and paid.")
    if not is_done:
        told = Told(order=order_id, fact="cancel", what="Everything was refunded.", reason="Everything was refunded.")
    yield from step(context, tell_order, told)
    return True


def _released(context: Context, order: Order, leg: OrderLeg) -> Flow[Outcome]:
    """One leg. The command is this run's own: what is refused during a dispute may be asked for again after it."""
    run = sha256(context.instance_id.encode()).hexdigest()[:12]
    command = Release(
        id=f"release:{leg.id}:{run}", at=context.current_utc_datetime, leg=leg.id, shares=leg.shares, memo="Delivered"
    )
    outcome = yield from moved(context, order, command)
    if outcome.refusal is None:
        told = LegTold(order=order.id, leg=leg.id, what="Paid out.", status="delivered", escrow="released")
        yield from step(context, tell_leg, told)
    return outcome
