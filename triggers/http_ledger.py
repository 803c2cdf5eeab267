"""Routes: the ledger of an order's money, for its customer and for staff."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df
from pydantic import AwareDatetime

from shared.errors import NOT_FOUND, AppError
from shared.money.amounts import Money
from shared.money.book import balances_of, records_of
from shared.money.legs import EscrowState
from shared.money.trail import Entry, verify
from shared.people.access import Caller, Need, Role, may_see_order
from shared.wire import unpack
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Routes
from triggers.parse import Output

routes = Routes("orders")


class LedgerLine(Output):
    """One movement; hash seals it together with the one before."""

    id: str
    kind: str
    debit: str
    credit: str
    amount: Money
    at: AwareDatetime
    memo: str
    prev_hash: str
    hash: str


class LedgerView(Output):
    """All movements of an order's money, oldest first; broken names the first entry that does not hold."""

    entries: list[LedgerLine]
    balances: dict[str, list[Money]]
    verified: bool
    broken: str | None


@routes.get(
    "/api/v1/orders/{order_id}/ledger",
    need=Need(roles=frozenset({Role.CUSTOMER, Role.AGENT, Role.ADMIN}), scopes=frozenset({"orders:read"})),
)
async def order_ledger(
    order_id: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> LedgerView:
    """Every movement of an order's money, checked against the seal that the escrow keeps."""
    records = await records_of(deps.store, order_id)
    may_see = bool(records) and may_see_order(caller, records[0].customer)
    if records and not may_see:
        audit.refused_object(caller, f"order {order_id}", about)
    if not may_see:
        raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")
    entries = [record.entry for record in records]
    kept = await client.read_entity_state(df.EntityId("escrow", order_id))
    found = verify(entries, unpack(EscrowState, kept.entity_state).head) if kept.entity_exists else None
    return LedgerView(
        entries=[_line(entry) for entry in entries],
        balances={
            account: [Money(minor=minor, currency=currency) for currency, minor in moneys.items()]
            for account, moneys in balances_of(entries).items()
        },
        verified=kept.entity_exists and found is None,
        broken=f"{found.fault} at {found.position}: {found.entry_id}" if found else None,
    )


def _line(entry: Entry) -> LedgerLine:
    content: dict[str, Any] = entry.content
    shown = {name: content[name] for name in ("id", "kind", "debit", "credit", "amount", "at", "memo")}
    return LedgerLine.model_validate({**shown, "prev_hash": entry.prev_hash, "hash": entry.hash})
