"""The ledger as it is kept: one record a sealed entry, in its order's partition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.money.ledger import Ledger, Transfer
from shared.money.trail import Entry
from shared.records import PAGE_MAX, Container, Query, Record

if TYPE_CHECKING:
    from shared.ports import Store


class LedgerRecord(Record):
    """One movement of an order's money; id: the transfer's, seq: its place in the order's trail."""

    order: str
    customer: str
    seq: int
    entry: Entry


LEDGER = Container("ledger", LedgerRecord, "order", indexes=("seq",))


def record_of(order: str, customer: str, entry: Entry) -> LedgerRecord:
    """The record of an entry; written again it is the very same."""
    return LedgerRecord(id=entry.content["id"], order=order, customer=customer, seq=entry.seq, entry=entry)


async def records_of(store: Store, order: str) -> list[LedgerRecord]:
    """All that is kept of an order's trail, oldest first."""
    records: list[LedgerRecord] = []
    after = None
    while True:
        page = await store.query(LEDGER, Query({}, partition=order, order="seq", limit=PAGE_MAX, after=after))
        records += [stored.value for stored in page.items]
        after = page.next
        if after is None:
            return records


def transfers_of(entries: Sequence[Entry]) -> list[Transfer]:
    """The movements that entries seal."""
    return [Transfer.model_validate(entry.content) for entry in entries]


def balances_of(entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    """Account → currency → minor units, over all entries; together they are zero in each currency."""
    transfers = transfers_of(entries)
    ledger = Ledger(transfers)
    balances: dict[str, dict[str, int]] = {}
    for currency in sorted({transfer.amount.currency for transfer in transfers}):
        for account, money in ledger.balances(currency).items():
            balances.setdefault(account, {})[currency] = money.minor
    return balances
