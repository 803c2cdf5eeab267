"""Records that many change at once: each change is made of what is there then, and none is lost or made twice."""

from __future__ import annotations

import asyncio

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.changing import TRIES_MAX, changed, kept
from shared.clock import SystemClock
from shared.records import Container, Record, Unavailable, Write
from tests.stores import run


class Count(Record):
    value: int = 0


COUNTS = Container("counts", Count, "id")


def one_more(count: Count) -> Count:
    return count.model_copy(update={"value": count.value + 1})


def test_many_at_once_lose_nothing() -> None:
    async def steps(store: SqliteStore) -> None:
        more = (kept(store, COUNTS, "a", "a", lambda one: one_more(one or Count(id="a"))) for _ in range(8))
        await asyncio.gather(*more)
        found = await changed(store, COUNTS, "a", "a", one_more)
        assert found is not None
        assert found.value == 9

    run(steps)


def test_what_is_not_there_or_not_wanted_is_none() -> None:
    async def steps(store: SqliteStore) -> None:
        assert await changed(store, COUNTS, "a", "a", one_more) is None
        assert await kept(store, COUNTS, "a", "a", lambda _: None) is None
        assert await store.get(COUNTS, "a", "a") is None

    run(steps)


def test_the_same_is_not_written() -> None:
    async def steps(store: SqliteStore) -> None:
        await store.apply(COUNTS, "a", [Write("create", Count(id="a"))])
        before = await store.get(COUNTS, "a", "a")
        assert await changed(store, COUNTS, "a", "a", lambda one: one.model_copy()) == Count(id="a")
        assert await store.get(COUNTS, "a", "a") == before

    run(steps)


def test_who_is_never_quick_enough_gives_up() -> None:
    async def steps(store: SqliteStore) -> None:
        await store.apply(COUNTS, "a", [Write("create", Count(id="a"))])
        tries = 0

        class Busy(SqliteStore):
            async def get(self, *given: object) -> object:  # type: ignore[override]
                nonlocal tries
                tries += 1
                found = await store.get(*given)  # type: ignore[arg-type]
                await store.apply(COUNTS, "a", [Write("put", Count(id="a", value=-tries))])
                return found

            async def apply(self, *given: object) -> object:  # type: ignore[override]
                return await store.apply(*given)  # type: ignore[arg-type]

        with pytest.raises(Unavailable, match="counts a changes all the time"):
            await changed(Busy(":memory:", SystemClock()), COUNTS, "a", "a", one_more)
        assert tries == TRIES_MAX

    run(steps)
