"""The watcher's cost, shared out: once a run, among those who wait, and by the day."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.records import Query
from shared.standing import intent_book, odometer
from shared.standing.cost import COST_DAYS, TALLIES, Meter
from tests.standing.worlds import MONDAY
from tests.stores import run

TICK = Meter(executions=1, seconds=2.0, gb_seconds=1.0)


def test_each_pays_its_share_and_a_run_told_twice_is_one() -> None:
    async def steps(store: SqliteStore) -> None:
        for number in range(4):
            await intent_book.count(store, f"i{number}", 1)
        for _ in range(2):
            await odometer.share_out(store, TICK, "tick-1", MONDAY)
        assert await odometer.total(store) == TICK.share(4)
        await intent_book.count(store, "i0", -1)
        await intent_book.count(store, "i1", -1)
        later = MONDAY + timedelta(days=1)
        await odometer.share_out(store, TICK, "tick-2", later)
        assert await odometer.total(store) == TICK.share(4) + TICK.share(2)
        page = await store.query(COST_DAYS, Query({}, order="day"))
        assert [(one.value.id, one.value.total, one.value.intents) for one in page.items] == [
            ("2026-11-23", TICK, 4),
            ("2026-11-24", TICK, 2),
        ]

    run(steps)


def test_nobody_is_charged_where_nobody_waits() -> None:
    async def steps(store: SqliteStore) -> None:
        await odometer.share_out(store, TICK, "tick-1", MONDAY)
        assert await odometer.total(store) == Meter()
        assert (await store.query(COST_DAYS, Query({}))).items == []

    run(steps)


@pytest.mark.parametrize("count", [1, 200])
def test_all_are_counted_though_all_come_at_once(count: int) -> None:
    async def steps(store: SqliteStore) -> None:
        await asyncio.gather(*(intent_book.count(store, f"i{number}", 1) for number in range(count)))
        assert await intent_book.counted(store) == count
        await asyncio.gather(*(intent_book.count(store, f"i{number}", -1) for number in range(count)))
        await intent_book.count(store, "i0", -1)
        assert await intent_book.counted(store) == 0
        assert len((await store.query(TALLIES, Query({}))).items) <= 16

    run(steps)
