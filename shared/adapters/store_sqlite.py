# ruff: noqa: S608  (names of tables and fields are checked ones; every value is a parameter)
"""The embedded store: one SQLite file, or `:memory:`, written and read by one thread of its own.

A table per container holds the records as JSON; the declared indexes are expression indexes over that JSON, so a new
one covers what was written before. `seq` grows with every write: it is the change token, and as the rows' own key it
makes reading changes a plain scan. Other processes may share the file.
"""

from __future__ import annotations

import math
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from shared.adapters.store_queries import (
    Cursor,
    Dialect,
    Plan,
    Scalar,
    is_number,
    plan_of,
    token_of,
    where_of,
)
from shared.adapters.store_records import (
    Prepared,
    Shape,
    check_changes_limit,
    is_partition,
    prepare,
    restore,
    shape_of,
)
from shared.adapters.store_sqlite_turns import Turns, transaction
from shared.page_tokens import pack_token, unpack_token
from shared.ports import Clock
from shared.records import (
    AlreadyThere,
    BadPageToken,
    ChangedMeanwhile,
    Changes,
    Container,
    D,
    NotThere,
    Page,
    Query,
    Stored,
    Unavailable,
    Write,
    is_id,
)

BUSY_SECONDS_MAX = 10.0
BUSY_RETRY_SECONDS = 1.0
OPEN_TRIES_MAX = 100
OPEN_TRY_SECONDS = 0.02
SWEPT_PER_WRITE_MAX = 100
# Full disks and busy or vanished files pass, or are mended outside; everything else is a fault of ours.
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}

ALIVE = "written > :expired"
"""A condition that leaves out expired records; the same text always, for a statement is prepared once a text."""

R = TypeVar("R")


class SqliteStore:
    """Records in one SQLite file; satisfies shared.ports.Store from any event loop."""

    def __init__(self, path: str | Path, clock: Clock) -> None:
        """path: the file, made with its folder on first use, or `:memory:`; clock: by which records expire."""
        self._path = str(path)
        self._clock = clock
        self._opened: sqlite3.Connection | None = None
        self._closed = False
        self._store_id = ""
        self._ready: set[Container[Any]] = set()
        self._turns = Turns(self._connection, self._guarded)

    async def get(self, container: Container[D], partition: str, record_id: str) -> Stored[D] | None:
        """One record, or None; an id that no record can have is simply not there."""
        shape = shape_of(container)
        if not is_id(record_id) or not is_partition(partition):
            return None
        return await self._run(shape, lambda db: self._get(db, shape, partition, record_id))

    async def apply(
        self, container: Container[D], partition: str, writes: Sequence[Write[D]]
    ) -> list[Stored[D] | None]:
        """Do all writes or none; raises AlreadyThere, NotThere, ChangedMeanwhile, Unavailable, and ValueError for a
        record that no store could keep."""
        shape = shape_of(container)
        prepared = prepare(shape, partition, writes)
        return await self._run(shape, lambda db: self._apply(db, shape, partition, prepared), is_write=True)

    async def query(self, container: Container[D], query: Query) -> Page[D]:
        """A page of records; raises ValueError for what is not indexed, BadPageToken for a token of another query."""
        shape = shape_of(container)
        plan = plan_of(shape, query)
        return await self._run(shape, lambda db: self._query(db, shape, plan))

    async def changes(self, container: Container[D], since: str | None, limit: int = 100) -> Changes[D]:
        """What was written since a token, oldest first; raises BadPageToken for a token of another store."""
        shape = shape_of(container)
        check_changes_limit(container, limit)
        return await self._run(shape, lambda db: self._changes(db, shape, since, limit))

    async def close(self) -> None:
        """Close the file; twice does no harm."""
        if not self._closed:
            self._closed = True
            await self._turns.end(self._close_file)

    def _close_file(self) -> None:
        if self._opened is not None:
            self._opened.close()

    async def _run(self, shape: Shape[D], work: Callable[[sqlite3.Connection], R], *, is_write: bool = False) -> R:
        """The first use of a container makes its table, which stays even where the use is refused."""
        return await self._turns.run(work, is_write=is_write, is_alone=shape.container not in self._ready)

    def _guarded(self, work: Callable[[sqlite3.Connection], R]) -> R:
        try:
            return work(self._connection())
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _PASSING:
                raise
            raise Unavailable(f"The store's file is not to be used now: {error}.", BUSY_RETRY_SECONDS) from error

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            if self._path != ":memory:":
                Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=BUSY_SECONDS_MAX, isolation_level=None)
            with _closed_on_failure(db):
                _use_write_ahead_log(db)
                self._store_id = _identify(db)
            self._opened = db
        return self._opened

    def _prepare(self, db: sqlite3.Connection, shape: Shape[D]) -> str:
        """The quoted name of the container's table, which is made on first use."""
        table = f'"records_{shape.container.name}"'
        if shape.container not in self._ready:
            with transaction(db):
                for statement in _schema(shape, table):
                    db.execute(statement)
            self._ready.add(shape.container)
        return table

    def _expired(self, shape: Shape[D]) -> float:
        """What was written then, or before, has expired: the parameter of ALIVE."""
        ttl_seconds = shape.container.ttl_seconds
        return -math.inf if ttl_seconds is None else self._clock.now().timestamp() - ttl_seconds

    def _get(self, db: sqlite3.Connection, shape: Shape[D], partition: str, record_id: str) -> Stored[D] | None:
        table = self._prepare(db, shape)
        row = db.execute(
            f"SELECT record, etag FROM {table} WHERE partition = :partition AND id = :id AND {ALIVE}",
            {"partition": partition, "id": record_id, "expired": self._expired(shape)},
        ).fetchone()
        return None if row is None else Stored(restore(shape, row[0]), row[1])

    def _apply(
        self, db: sqlite3.Connection, shape: Shape[D], partition: str, prepared: list[Prepared[D]]
    ) -> list[Stored[D] | None]:
        table = self._prepare(db, shape)
        with transaction(db):
            if shape.container.ttl_seconds is not None:
                self._sweep(db, shape, table)
            return [self._write(db, shape, table, partition, one) for one in prepared]

    def _sweep(self, db: sqlite3.Connection, shape: Shape[D], table: str) -> None:
        db.execute(
            f"DELETE FROM {table} WHERE seq IN"
            f" (SELECT seq FROM {table} WHERE written <= ? LIMIT {SWEPT_PER_WRITE_MAX})",
            (self._expired(shape),),
        )

    def _write(
        self, db: sqlite3.Connection, shape: Shape[D], table: str, partition: str, prepared: Prepared[D]
    ) -> Stored[D] | None:
        key = (partition, prepared.record.id)
        row = db.execute(
            f"SELECT etag FROM {table} WHERE partition = :partition AND id = :id AND {ALIVE}",
            {"partition": partition, "id": prepared.record.id, "expired": self._expired(shape)},
        ).fetchone()
        _check(shape.container.name, prepared.write, None if row is None else row[0])
        if prepared.write.kind == "delete":
            db.execute(f"DELETE FROM {table} WHERE partition = ? AND id = ?", key)
            return None
        etag = secrets.token_hex(8)
        db.execute(
            f"INSERT OR REPLACE INTO {table}(partition, id, record, etag, written) VALUES (?, ?, ?, ?, ?)",
            (*key, prepared.text, etag, self._clock.now().timestamp()),
        )
        return Stored(prepared.record, etag)

    def _query(self, db: sqlite3.Connection, shape: Shape[D], plan: Plan) -> Page[D]:
        table = self._prepare(db, shape)
        rows = db.execute(*select_of(plan, table, self._expired(shape))).fetchall()
        page, more = rows[: plan.limit], len(rows) > plan.limit
        items = [Stored(restore(shape, row[0]), row[1]) for row in page]
        return Page(items, token_of(plan, Cursor(*page[-1][2:])) if more else None)

    def _changes(self, db: sqlite3.Connection, shape: Shape[D], since: str | None, limit: int) -> Changes[D]:
        table = self._prepare(db, shape)
        seq = 0 if since is None else self._seq_of(shape.container.name, since)
        rows = db.execute(
            f"SELECT record, etag, seq FROM {table} WHERE seq > :seq AND {ALIVE} ORDER BY seq LIMIT :limit",
            {"seq": seq, "expired": self._expired(shape), "limit": limit},
        ).fetchall()
        token = pack_token([self._store_id, shape.container.name, rows[-1][2] if rows else seq])
        return Changes([Stored(restore(shape, row[0]), row[1]) for row in rows], token)

    def _seq_of(self, name: str, token: str) -> int:
        store_id, container_name, seq = unpack_token(token, 3)
        own = (store_id, container_name) == (self._store_id, name)
        if not own or not isinstance(seq, int) or not is_number(seq):
            raise BadPageToken(f"The token does not belong to the changes of {name} here: start again without it.")
        return seq


def _field(path: str) -> str:
    """The expression that reads a field; written in one way only, for an index is found by its text."""
    names = "".join(f'."{name}"' for name in path.split("."))
    return f"json_extract(record, '${names}')"


def select_of(plan: Plan, table: str, expired: float) -> tuple[str, dict[str, Scalar]]:
    """The text and the parameters of a page's query, one record longer than the page."""
    where, values = where_of(plan, _DIALECT)
    key = _field(plan.order) if plan.order else "NULL"
    order = f"{key} {'DESC' if plan.descending else 'ASC'}, " if plan.order else ""
    text = (
        f"SELECT record, etag, {key}, id, partition FROM {table} WHERE {where or '1 = 1'} AND {ALIVE}"
        f" ORDER BY {order}id, partition LIMIT {plan.limit + 1}"
    )
    return text, {**{f"p{number}": value for number, value in enumerate(values)}, "expired": expired}


_DIALECT = Dialect(
    field=_field,
    is_null=lambda field: f"({field} IS NULL)",
    parameter=lambda number: f":p{number}",
    id="id",
    partition="partition",
)


def _schema(shape: Shape[D], table: str) -> Iterator[str]:
    yield (
        f"CREATE TABLE IF NOT EXISTS {table}(seq INTEGER PRIMARY KEY AUTOINCREMENT, partition TEXT NOT NULL,"
        " id TEXT NOT NULL, record TEXT NOT NULL, etag TEXT NOT NULL, written REAL NOT NULL, UNIQUE(partition, id))"
    )
    name = shape.container.name
    yield f'CREATE INDEX IF NOT EXISTS "{name} by id" ON {table}(id, partition)'
    if shape.container.ttl_seconds is not None:
        yield f'CREATE INDEX IF NOT EXISTS "{name} by written" ON {table}(written)'
    for index in shape.indexes:
        fields, title = ", ".join(_field(path) for path in index), ", ".join(index)
        yield f'CREATE INDEX IF NOT EXISTS "{name} by {title}" ON {table}({fields}, id, partition)'
        yield f'CREATE INDEX IF NOT EXISTS "{name} within by {title}" ON {table}(partition, {fields}, id)'


def _check(name: str, write: Write[D], etag: str | None) -> None:
    """Whether the write may be done over what is there now; etag None: nothing is."""
    if write.kind == "create" and etag is not None:
        raise AlreadyThere(f"{write.record.id!r} is in {name} already.")
    if write.kind in {"replace", "delete"} and etag is None:
        raise NotThere(f"{write.record.id!r} is not in {name}.")
    if write.etag is not None and write.etag != etag:
        raise ChangedMeanwhile(f"{write.record.id!r} of {name} was changed meanwhile: read it again.")


def _use_write_ahead_log(db: sqlite3.Connection) -> None:
    """Readers and the writer do not block each other, and what is committed survives a power cut.

    SQLite does not wait by itself while another process does the same on a new file.
    """
    db.execute("PRAGMA synchronous=FULL")
    for tries_left in reversed(range(OPEN_TRIES_MAX)):
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            time.sleep(OPEN_TRY_SECONDS)
        else:
            return


def _identify(db: sqlite3.Connection) -> str:
    """A random name of this file, so that a token of another one is known as foreign."""
    with transaction(db):
        db.execute("CREATE TABLE IF NOT EXISTS store(id TEXT NOT NULL)")
        db.execute("INSERT INTO store SELECT ? WHERE NOT EXISTS (SELECT 1 FROM store)", (secrets.token_hex(8),))
        return str(db.execute("SELECT id FROM store").fetchone()[0])


@contextmanager
def _closed_on_failure(db: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        db.close()
        raise
