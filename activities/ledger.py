"""The ledger: writing down what an order's escrow has moved, and reading how a leg's money stands."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, QUICK, Call
from shared.money.amounts import Money
from shared.money.book import LEDGER, record_of, records_of, transfers_of
from shared.money.commands import Share
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


class LegRef(Plain):
    """One leg of an order; currency: the order's."""

    order: str
    leg: str
    currency: str


class LegMoney(Plain):
    """What of a leg is still in escrow, and who has got what of it."""

    left: Money
    passed_on: tuple[Share, ...]


@activity(blueprint, retry=PATIENT)
async def write_ledger(deps: Deps, moved: Moved) -> None:
    """Write entries, and what they mean to each payee; written again they are the very same."""
    if not moved.entries:
        return
    from activities.purses import follow  # noqa: PLC0415  with the first movement, not with the app

    writes = [Write("put", record_of(moved.order, moved.customer, entry)) for entry in moved.entries]
    await deps.store.apply(LEDGER, moved.order, writes)
    await follow(deps, moved.order, moved.customer, transfers_of(moved.entries))


@activity(blueprint, retry=QUICK)
async def leg_money(deps: Deps, leg: LegRef) -> LegMoney:
    """How a leg's money stands, by the ledger."""
    from shared.money.purses import left_of, passed_on  # noqa: PLC0415

    transfers = transfers_of([record.entry for record in await records_of(deps.store, leg.order)])
    return LegMoney(
        left=left_of(leg.order, leg.leg, transfers, leg.currency), passed_on=passed_on(leg.order, leg.leg, transfers)
    )


@activity(blueprint, retry=PATIENT)
async def show_dues(deps: Deps, leg: LegRef, call: Call) -> None:
    """Show payees what a leg is to bring them, where it has come into its order after its money."""
    from activities.purses import note_dues  # noqa: PLC0415

    await note_dues(deps.store, leg.order, leg.leg, call.at)
