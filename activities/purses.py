"""Purses: the ledger by account, kept in step with it; and each sum that is earned lined up for its payout.

Written after the ledger and out of it alone, in any order and as often as it happens: a line counts once, for it is
written together with the totals; what a leg is to bring is reckoned anew from the whole ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.changing import kept
from shared.money.book import records_of, transfers_of
from shared.money.ledger import Transfer
from shared.money.payees import PAYEES, Payee, expecting
from shared.money.payouts import PAYOUTS, Payout
from shared.money.purses import (
    PURSES,
    TOTALS,
    Figures,
    PurseRecord,
    due_record,
    dues,
    escrow_legs,
    lines_of,
)
from shared.orders.order import ORDERS
from shared.ports import Store
from shared.records import AlreadyThere, ChangedMeanwhile, Stored, Write
from shared.wiring import Deps

TRIES_MAX = 30


async def follow(deps: Deps, order: str, customer: str, transfers: Sequence[Transfer]) -> None:
    """Bring the purses of all accounts that transfers touch into step with the ledger."""
    zone = ZoneInfo(deps.settings.time_zone)
    for line in lines_of(order, transfers):
        await _note_line(deps.store, line)
        if line.what == "earned":
            await _line_up(deps.store, line, customer, zone)
    for leg in sorted(escrow_legs(order, transfers)):
        await note_dues(deps.store, order, leg, transfers[-1].at)


async def _note_line(store: Store, line: PurseRecord) -> None:
    assert line.what is not None
    assert line.amount is not None
    for _ in range(TRIES_MAX):
        totals = await store.get(PURSES, line.account, TOTALS)
        after = _figures(totals).plus(line.what, line.amount.minor, line.amount.currency)
        writes = [Write("create", line), _totals(totals, line.account, after, line.at)]
        try:
            await store.apply(PURSES, line.account, writes)
        except (AlreadyThere, ChangedMeanwhile):
            if await store.get(PURSES, line.account, line.id) is not None:
                return
            continue
        return
    raise ChangedMeanwhile(f"the purse of {line.account} changes all the time")


async def note_dues(store: Store, order_id: str, leg_id: str, at: datetime) -> None:
    """What the leg is now to bring each payee; an order that is not kept, or has no such leg, brings nothing."""
    stored = await store.get(ORDERS, order_id, order_id)
    leg = stored.value.leg(leg_id) if stored else None
    for share in leg.shares if leg else ():
        for _ in range(TRIES_MAX):
            # The due before the ledger: one that was written meanwhile from a newer ledger is not written over.
            known = await store.get(PURSES, share.account, f"due:{order_id}:{leg_id}")
            transfers = transfers_of([record.entry for record in await records_of(store, order_id)])
            amount = dues(order_id, leg_id, leg.shares if leg else (), transfers).get(share.account)
            if amount is None or await _note_due(store, known, due_record(order_id, leg_id, share.account, amount, at)):
                break
        else:
            raise ChangedMeanwhile(f"the purse of {share.account} changes all the time")


async def _note_due(store: Store, known: Stored[PurseRecord] | None, due: PurseRecord) -> bool:
    """Whether it is written as it is to be."""
    assert due.amount is not None
    before = known.value.amount if known else None
    if before == due.amount:
        return True
    totals = await store.get(PURSES, due.account, TOTALS)
    change = due.amount - (before or due.amount.zero())
    after = _figures(totals).plus("pending", change.minor, change.currency)
    write = Write("replace", due, known.etag) if known else Write("create", due)
    try:
        await store.apply(PURSES, due.account, [write, _totals(totals, due.account, after, due.at)])
    except (AlreadyThere, ChangedMeanwhile):
        return False
    return True


async def _line_up(store: Store, line: PurseRecord, customer: str, zone: ZoneInfo) -> None:
    """A payout for what was earned, and the day on which it is looked at."""
    assert line.amount is not None
    assert line.order is not None
    assert line.leg is not None
    payout = Payout(
        id=line.id.removeprefix("line:"),
        account=line.account,
        order=line.order,
        customer=customer,
        leg=line.leg,
        amount=line.amount,
        kept=line.amount.zero(),
        created_at=line.at,
    )
    with suppress(AlreadyThere):
        await store.apply(PAYOUTS, line.account, [Write("create", payout)])
    await _expect(store, line.account, line.at, zone)


async def _expect(store: Store, account: str, at: datetime, zone: ZoneInfo) -> None:
    def expect(known: Payee | None) -> Payee:
        return expecting(known or Payee(id=account, updated_at=at), at, zone)

    await kept(store, PAYEES, account, account, expect)


def _figures(totals: Stored[PurseRecord] | None) -> Figures:
    return (totals.value.figures if totals else None) or Figures()


def _totals(known: Stored[PurseRecord] | None, account: str, figures: Figures, at: datetime) -> Write[PurseRecord]:
    record = PurseRecord(id=TOTALS, account=account, kind="totals", at=at, figures=figures)
    return Write("replace", record, known.etag) if known else Write("create", record)


