"""The ledger: writing down what an order's escrow has moved."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT
from shared.money.book import LEDGER, record_of
from shared.money.trail import Entry
from shared.records import Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Moved(Plain):
    """Sealed entries of one order."""

    order: str
    customer: str
    entries: tuple[Entry, ...]


@activity(blueprint, retry=PATIENT)
async def write_ledger(deps: Deps, moved: Moved) -> None:
    """Write entries; written again they are the very same."""
    writes = [Write("put", record_of(moved.order, moved.customer, entry)) for entry in moved.entries]
    if writes:
        await deps.store.apply(LEDGER, moved.order, writes)
