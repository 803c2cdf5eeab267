"""What an agent's mandate pays for: taken from what the customer has granted, and given back."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, Call, Refusal
from shared.people.mandates import Spending
from shared.wiring import Deps

blueprint = df.Blueprint()


@activity(blueprint, retry=PATIENT)
async def spend(deps: Deps, spending: Spending, call: Call) -> str | Refusal:
    """Take an order's amount from its mandate; the way of paying that the mandate stands for. Once an order."""
    from shared.people import mandate_book  # noqa: PLC0415  with the first order that is paid so, not with the app

    paid = await mandate_book.spend(deps.store, spending, call.at)
    return paid if isinstance(paid, Refusal) else paid.method


@activity(blueprint, retry=PATIENT)
async def unspend(deps: Deps, spending: Spending, call: Call) -> None:
    """Give an order's amount back to its mandate; one that was not taken will not be."""
    from shared.people import mandate_book  # noqa: PLC0415  as above

    await mandate_book.unspend(deps.store, spending, call.at)
