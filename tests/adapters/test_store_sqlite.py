"""What the embedded store does beyond the suite that all stores share: batches, expiry, changes, files, processes."""

import asyncio
import multiprocessing
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.store_queries import plan_of
from shared.adapters.store_records import shape_of
from shared.adapters.store_sqlite import SWEPT_PER_WRITE_MAX, SqliteStore, select_of
from shared.clock import SystemClock
from shared.page_tokens import pack_token, unpack_token
from shared.records import (
    AlreadyThere,
    BadPageToken,
    ChangedMeanwhile,
    Container,
    NotThere,
    Query,
    Record,
    Unavailable,
    Write,
)

PROCESSES, STEPS, NEW_FILES = 4, 30, 60
WAIT_SECONDS_MAX = 60
TTL_SECONDS = 60


class Count(Record):
    shop: str = "a"
    value: int = 0


COUNTS = Container("counts", Count, "shop", ("value",))
BRIEF = Container("brief", Count, "shop", ("value",), ttl_seconds=TTL_SECONDS)


class SetClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime(2025, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def rows_of(file: Path, table: str) -> int:
    """How many rows the file has, whether they are still to be seen or not."""
    with sqlite3.connect(file) as db:
        (count,) = db.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    db.close()
    return int(count)


# --- batches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "refusal"),
    [
        (Write("create", Count(id="there")), AlreadyThere),
        (Write("replace", Count(id="missing")), NotThere),
        (Write("delete", Count(id="missing")), NotThere),
        (Write("replace", Count(id="there"), "stale"), ChangedMeanwhile),
        (Write("delete", Count(id="there"), "stale"), ChangedMeanwhile),
    ],
)
def test_a_batch_that_fails_at_its_end_has_done_nothing(last: Write[Count], refusal: type[Exception]) -> None:
    async def scenario() -> None:
        store = SqliteStore(":memory:", SystemClock())
        await store.apply(COUNTS, "a", [Write("create", Count(id=name)) for name in ("there", "doomed")])
        before = [await store.get(COUNTS, "a", name) for name in ("there", "doomed", "new")]
        token = (await store.changes(COUNTS, None)).token
        batch = [
            Write("create", Count(id="new")),
            Write("put", Count(id="there", value=1)),
            Write("delete", Count(id="doomed")),
            Write("create", Count(id="doomed", value=2)),
            last,
        ]
        with pytest.raises(refusal, match=f"'{last.record.id}'"):
            await store.apply(COUNTS, "a", batch)
        assert [await store.get(COUNTS, "a", name) for name in ("there", "doomed", "new")] == before
        assert (await store.changes(COUNTS, token)).items == []
        await store.close()

    asyncio.run(scenario())


def test_a_batch_sees_its_own_writes() -> None:
    async def scenario() -> None:
        store = SqliteStore(":memory:", SystemClock())
        batch = [
            Write("create", Count(id="1", value=1)),
            Write("replace", Count(id="1", value=2)),
            Write("delete", Count(id="1")),
            Write("create", Count(id="1", value=3)),
        ]
        answers = await store.apply(COUNTS, "a", batch)
        assert [answer and answer.value.value for answer in answers] == [1, 2, None, 3]
        assert await store.get(COUNTS, "a", "1") == answers[-1]
        await store.close()

    asyncio.run(scenario())


# --- expiry -----------------------------------------------------------------------------------------------------------


def test_an_expired_record_is_not_there() -> None:
    async def scenario() -> None:
        clock = SetClock()
        store = SqliteStore(":memory:", clock)
        for container in (BRIEF, COUNTS):
            await store.apply(container, "a", [Write("create", Count(id=name)) for name in ("1", "2")])
        clock.wait(TTL_SECONDS - 1)
        await store.apply(BRIEF, "a", [Write("put", Count(id="2", value=7))])
        assert len((await store.query(BRIEF, Query({}))).items) == 2

        clock.wait(1)
        assert await store.get(BRIEF, "a", "1") is None
        assert [found.value.value for found in (await store.query(BRIEF, Query({}))).items] == [7]
        assert [found.value.value for found in (await store.changes(BRIEF, None)).items] == [7]
        for kind in ("replace", "delete"):
            with pytest.raises(NotThere):
                await store.apply(BRIEF, "a", [Write(kind, Count(id="1"))])
        assert await store.apply(BRIEF, "a", [Write("create", Count(id="1"))]) != [None]
        assert len((await store.query(COUNTS, Query({}))).items) == 2
        await store.close()

    asyncio.run(scenario())


def test_writes_sweep_what_has_expired(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock, file = SetClock(), tmp_path / "records.db"
        store = SqliteStore(file, clock)
        for start in (0, 100):
            await store.apply(BRIEF, "a", [Write("create", Count(id=f"{start + n}")) for n in range(100)])
        clock.wait(TTL_SECONDS)
        for left in (200 - SWEPT_PER_WRITE_MAX + 1, 2, 3):
            await store.apply(BRIEF, "a", [Write("create", Count(id=f"new{left}"))])
            assert rows_of(file, "records_brief") == left
        await store.close()

    asyncio.run(scenario())


# --- changes ----------------------------------------------------------------------------------------------------------


def test_changes_tell_each_record_once_in_its_newest_state() -> None:
    async def scenario() -> None:
        store = SqliteStore(":memory:", SystemClock())
        nothing = await store.changes(COUNTS, None)
        assert nothing.items == []
        for name, value in (("1", 1), ("2", 2), ("3", 3), ("1", 4)):
            await store.apply(COUNTS, "a", [Write("put", Count(id=name, value=value))])
        await store.apply(COUNTS, "a", [Write("delete", Count(id="3"))])
        for since in (None, nothing.token):
            assert [found.value.value for found in (await store.changes(COUNTS, since)).items] == [2, 4]
        first = await store.changes(COUNTS, None, limit=1)
        second = await store.changes(COUNTS, first.token, limit=1)
        assert [found.value.value for found in first.items + second.items] == [2, 4]
        third = await store.changes(COUNTS, second.token)
        assert third.items == []
        await store.apply(COUNTS, "b", [Write("create", Count(id="1", shop="b", value=5))])
        assert [found.value.value for found in (await store.changes(COUNTS, third.token)).items] == [5]
        await store.close()

    asyncio.run(scenario())


def test_a_token_survives_the_store_and_the_deletion_of_the_newest(tmp_path: Path) -> None:
    async def scenario() -> None:
        file = tmp_path / "records.db"
        store = SqliteStore(file, SystemClock())
        await store.apply(COUNTS, "a", [Write("create", Count(id="1"))])
        token = (await store.changes(COUNTS, None)).token
        await store.apply(COUNTS, "a", [Write("delete", Count(id="1"))])
        await store.close()

        again = SqliteStore(file, SystemClock())
        await again.apply(COUNTS, "a", [Write("create", Count(id="2"))])
        assert [found.value.id for found in (await again.changes(COUNTS, token)).items] == ["2"]
        await again.close()

    asyncio.run(scenario())


def test_a_token_of_another_container_or_store_is_refused() -> None:
    async def scenario() -> None:
        store, other = SqliteStore(":memory:", SystemClock()), SqliteStore(":memory:", SystemClock())
        token = (await store.changes(COUNTS, None)).token
        store_id, name, _ = unpack_token(token, 3)
        for container, where, since in (
            (BRIEF, store, token),
            (COUNTS, other, token),
            (COUNTS, store, pack_token([store_id, name, 2**70])),
            (COUNTS, store, pack_token([store_id, name, "1"])),
        ):
            with pytest.raises(BadPageToken, match="does not belong"):
                await where.changes(container, since)
        await store.close()
        await other.close()

    asyncio.run(scenario())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["put", "delete", "read"])), max_size=25))
def test_who_follows_the_changes_knows_the_last_state(steps: list[tuple[str, str]]) -> None:
    """Whatever was put last is what a follower holds, however the reads fall between the writes."""

    async def scenario() -> None:
        store, token = SqliteStore(":memory:", SystemClock()), None
        held: dict[str, int] = {}
        there: dict[str, int] = {}
        for number, (name, step) in enumerate([*steps, ("", "read")]):
            if step == "put":
                await store.apply(COUNTS, "a", [Write("put", Count(id=name, value=number))])
                there[name] = number
            elif step == "delete" and name in there:
                await store.apply(COUNTS, "a", [Write("delete", Count(id=name))])
                del there[name]
            elif step == "read":
                changes = await store.changes(COUNTS, token)
                token = changes.token
                held |= {found.value.id: found.value.value for found in changes.items}
        assert {name: held[name] for name in there} == there
        await store.close()

    asyncio.run(scenario())


# --- files, processes, loops ------------------------------------------------------------------------------------------


def test_what_was_written_is_there_after_opening_the_file_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        file = tmp_path / "new" / "folder" / "records.db"
        store = SqliteStore(file, SystemClock())
        written = await store.apply(COUNTS, "a", [Write("create", Count(id="1", value=3))])
        await store.close()
        again = SqliteStore(file, SystemClock())
        assert [await again.get(COUNTS, "a", "1")] == written
        await again.close()

    asyncio.run(scenario())


def whole(work: Any, argument: Any, together: "multiprocessing.synchronize.Barrier") -> None:
    """Do it; where it fails, nobody waits for the others."""
    try:
        asyncio.run(work(argument, together))
    except BaseException:
        together.abort()
        raise


def run_together(work: Any, argument: Any) -> None:
    """Run it in several processes with one barrier for all; each must end well."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(PROCESSES, timeout=WAIT_SECONDS_MAX)
    everyone = [context.Process(target=whole, args=(work, argument, together), daemon=True) for _ in range(PROCESSES)]
    for process in everyone:
        process.start()
    for process in everyone:
        process.join(WAIT_SECONDS_MAX)
    assert [process.exitcode for process in everyone] == [0] * PROCESSES


async def increment(file: str, together: "multiprocessing.synchronize.Barrier") -> None:
    store = SqliteStore(file, SystemClock())
    together.wait()
    done = 0
    while done < STEPS:
        found = await store.get(COUNTS, "a", "total")
        value, kind, etag = (found.value.value, "replace", found.etag) if found else (0, "create", None)
        try:
            await store.apply(COUNTS, "a", [Write(kind, Count(id="total", value=value + 1), etag)])
        except (ChangedMeanwhile, AlreadyThere):
            continue
        done += 1
    await store.close()


def test_processes_that_share_a_new_file_lose_no_increment(tmp_path: Path) -> None:
    file = str(tmp_path / "records.db")
    run_together(increment, file)

    async def total() -> int:
        store = SqliteStore(file, SystemClock())
        found = await store.get(COUNTS, "a", "total")
        await store.close()
        assert found is not None
        return found.value.value

    assert asyncio.run(total()) == PROCESSES * STEPS


async def open_all(files: list[str], together: "multiprocessing.synchronize.Barrier") -> None:
    for file in files:
        store = SqliteStore(file, SystemClock())
        together.wait()
        assert await store.get(COUNTS, "a", "1") is None
        await store.close()


def test_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    run_together(open_all, [str(tmp_path / f"{number}.db") for number in range(NEW_FILES)])


def test_a_file_that_cannot_be_opened_is_a_part_that_does_not_answer(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = SqliteStore(tmp_path, SystemClock())
        with pytest.raises(Unavailable, match="unable to open") as refusal:
            await store.get(COUNTS, "a", "1")
        assert refusal.value.retry_seconds is not None
        await store.close()

    asyncio.run(scenario())


def explained(file: Path, query: Query) -> list[str]:
    """What SQLite says it would do for a query."""
    text, values = select_of(plan_of(shape_of(COUNTS), query), '"records_counts"', 0.0)
    db = sqlite3.connect(file)
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    db.close()
    return steps


def test_no_write_looks_through_what_has_not_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def heard(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.set_trace_callback(said.append)
        return db

    async def scenario() -> None:
        store = SqliteStore(tmp_path / "records.db", SystemClock())
        await store.apply(BRIEF, "a", [Write("create", Count(id="1"))])
        said.clear()
        await store.apply(BRIEF, "a", [Write("create", Count(id="2")), Write("put", Count(id="1"))])
        await store.close()

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", heard)
    asyncio.run(scenario())
    with closing(connect(tmp_path / "records.db")) as db:
        asked = [one for one in said if one.startswith(("DELETE", "SELECT"))]
        steps = [row[3] for one in asked for row in db.execute(f"EXPLAIN QUERY PLAN {one}")]
    assert len(asked) == 3
    assert not [one for one in steps if one.startswith("SCAN")], steps


def test_queries_seek_in_an_index(tmp_path: Path) -> None:
    """Each way to ask has an index that finds the first record of a page without sorting or reading the others."""

    async def scenario() -> None:
        file = tmp_path / "records.db"
        store = SqliteStore(file, SystemClock())
        await store.apply(COUNTS, "a", [Write("create", Count(id=f"{n:03}", value=n // 2)) for n in range(100)])
        queries = [
            Query({}, limit=5),
            Query({}, "a", limit=5),
            Query({"value": 3}, limit=1),
            Query({"value": 3}, "a", limit=1),
            Query({"value": {"ge": 3}}, order="value", limit=5),
            Query({"value": {"ge": 3}}, "a", order="value", limit=5),
        ]
        for query in queries:
            token = (await store.query(COUNTS, query)).next
            for after in (None, token):
                asked = Query(query.where, query.partition, query.order, query.limit, after)
                steps = explained(file, asked)
                assert len(steps) == 1, asked
                assert re.match("(SEARCH|SCAN) records_counts USING (COVERING )?INDEX", steps[0]), asked
                if after is not None:
                    assert steps[0].startswith("SEARCH"), asked
        await store.close()

    asyncio.run(scenario())
