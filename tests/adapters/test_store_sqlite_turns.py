"""What waits for the embedded store is committed together: each all or nothing by itself, nobody answered before."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.clock import SystemClock
from shared.records import AlreadyThere, Container, NotThere, Query, Record, Unavailable, Write


class Jar(Record):
    shop: str = "a"
    text: str = ""


JARS = Container("jars", Jar, "shop")
LIDS = Container("lids", Jar, "shop")


@asynccontextmanager
async def held(store: SqliteStore, pages_left: int | None = None) -> AsyncIterator[list[str]]:
    """What is asked within waits until the end; the first word of every statement from then on."""
    said: list[str] = []
    gate = Event()
    await store.apply(JARS, "a", [Write("put", Jar(id="first"))])

    def hold() -> None:
        db = store._connection()
        if pages_left is not None:
            pages = db.execute("PRAGMA page_count").fetchone()[0] + pages_left
            db.execute(f"PRAGMA max_page_count = {pages}")
        db.set_trace_callback(lambda text: said.append(text.split()[0]))
        gate.wait()

    store._turns._thread.submit(hold)
    try:
        yield said
    finally:
        gate.set()


def put(store: SqliteStore, name: str, kind: Any = "create", text: str = "") -> Any:
    return asyncio.create_task(store.apply(JARS, "a", [Write(kind, Jar(id=name, text=text))]))


async def there(store: SqliteStore) -> set[str]:
    return {one.value.id for one in (await store.query(JARS, Query({}, "a", limit=100))).items}


def test_writes_that_wait_share_a_commit(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        async with held(store) as said:
            tasks = [put(store, f"jar-{number}") for number in range(20)]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert said.count("COMMIT") == 1
        assert len(await there(store)) == 21
        await store.close()

    asyncio.run(work())


def test_reads_that_wait_see_the_file_as_it_is_at_one_moment(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        async with held(store) as said:
            tasks = [asyncio.create_task(store.get(JARS, "a", "first")) for _ in range(20)]
            await asyncio.sleep(0)
        assert {one.value.id for one in await asyncio.gather(*tasks) if one} == {"first"}
        assert (said.count("BEGIN"), said.count("SELECT"), said.count("SAVEPOINT")) == (1, 20, 0)
        await store.close()

    asyncio.run(work())


def test_loops_in_many_threads_are_each_told_what_they_asked(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "records.db", SystemClock())

    async def crowd(thread: int) -> set[str]:
        names = [f"jar-{thread}-{number}" for number in range(40)]
        await asyncio.gather(*(store.apply(JARS, "a", [Write("create", Jar(id=name))]) for name in names))
        found = await asyncio.gather(*(store.get(JARS, "a", name) for name in names))
        assert [one.value.id for one in found if one] == names
        return set(names)

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda thread: asyncio.run(crowd(thread)), range(4)))
    assert sum(map(len, made)) == 160
    asyncio.run(store.close())


def test_who_asked_in_a_loop_that_has_ended_keeps_nobody_from_an_answer(tmp_path: Path) -> None:
    store, gate, loop = SqliteStore(tmp_path / "records.db", SystemClock()), Event(), asyncio.new_event_loop()
    loop.run_until_complete(store.apply(JARS, "a", [Write("put", Jar(id="first"))]))
    store._turns._thread.submit(gate.wait)
    asked = loop.create_task(store.apply(JARS, "a", [Write("put", Jar(id="second"))]))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()

    async def work() -> None:
        looking = asyncio.create_task(there(store))
        await asyncio.sleep(0)
        gate.set()
        assert await looking == {"first", "second"}
        await store.close()

    asyncio.run(work())
    assert not asked.done()


def test_a_refusal_undoes_itself_alone(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        async with held(store):
            before = put(store, "before")
            # The first of its two writes has been done by the time the second is refused.
            two = [Write("create", Jar(id="half")), Write("replace", Jar(id="nobody"))]
            refused = asyncio.create_task(store.apply(JARS, "a", two))
            again = put(store, "before")
            seen = asyncio.create_task(store.get(JARS, "a", "before"))
            after = put(store, "after")
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(before, refused, again, seen, after, return_exceptions=True)
        assert [type(one) for one in outcomes[1:3]] == [NotThere, AlreadyThere]
        found = outcomes[3]
        assert not isinstance(found, BaseException)
        assert found.etag == outcomes[0][0].etag
        assert await there(store) == {"first", "before", "after"}
        await store.close()

    asyncio.run(work())


def test_nobody_is_answered_before_others_can_see_it(tmp_path: Path) -> None:
    async def work() -> None:
        file = tmp_path / "records.db"
        store = SqliteStore(file, SystemClock())
        other = sqlite3.connect(file)

        async def write_and_look(number: int) -> int:
            await store.apply(JARS, "a", [Write("create", Jar(id=f"jar-{number}"))])
            sought = "SELECT count(*) FROM records_jars WHERE id = ?"
            return int(other.execute(sought, (f"jar-{number}",)).fetchone()[0])

        assert await asyncio.gather(*map(write_and_look, range(50))) == [1] * 50
        other.close()
        await store.close()

    asyncio.run(work())


def test_what_the_disk_has_no_room_for_takes_nothing_else_with_it(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        async with held(store, pages_left=20) as said:
            small, big = put(store, "small"), put(store, "big", text="x" * 400_000)
            last = put(store, "last")
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(small, big, last, return_exceptions=True)
        assert isinstance(outcomes[1], Unavailable)
        assert await there(store) == {"first", "small", "last"}
        assert said.count("COMMIT") >= 2, "one by one"
        await store.close()

    asyncio.run(work())


def test_a_table_stays_though_its_first_use_is_refused(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        async with held(store):
            one, two = put(store, "one"), put(store, "two")
            refused = asyncio.create_task(store.apply(LIDS, "a", [Write("replace", Jar(id="nobody"))]))
            await asyncio.sleep(0)
        await asyncio.gather(one, two)
        with pytest.raises(NotThere):
            await refused
        assert await store.get(LIDS, "a", "nobody") is None
        await store.close()

    asyncio.run(work())


def test_who_no_longer_waits_is_passed_over(tmp_path: Path) -> None:
    async def work() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        async with held(store):
            one, gone, two = put(store, "one"), put(store, "gone"), put(store, "two")
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(one, two)
        assert await there(store) == {"first", "one", "two"}
        await store.close()

    asyncio.run(work())
