"""What partners' Pro-Agents have accepted, written down for them to look through."""

from __future__ import annotations

from contextlib import suppress

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, Call
from shared.orders.order import ORDERS
from shared.records import AlreadyThere, Write
from shared.wiring import Deps

blueprint = df.Blueprint()


@activity(blueprint, retry=PATIENT)
async def log_accepted(deps: Deps, order_id: str, call: Call) -> None:
    """Note each leg of a placed order that its partner was not asked about, once."""
    from shared.people.pro_agent import ACCEPTED, Accepted  # noqa: PLC0415  with the first order, not with the app

    stored = await deps.store.get(ORDERS, order_id, order_id)
    for leg in stored.value.legs if stored else ():
        if leg.party != "partner" or not leg.accepted_by:
            continue
        one = Accepted(
            id=f"{order_id}:{leg.id}",
            partner=leg.partner,
            order=order_id,
            leg=leg.id,
            title=leg.title,
            price=leg.price,
            rule=leg.accepted_by,
            starts=leg.starts,
            at=call.at,
        )
        with suppress(AlreadyThere):
            await deps.store.apply(ACCEPTED, leg.partner, [Write("create", one)])
