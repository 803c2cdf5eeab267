"""Everything that must outlive the process, in one SQLite file; nothing here but SQL.

All calls come from the host's loop. Writes happen inside `transaction()`, one per unit of work.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from devhost.events import (
    Activity,
    Alarm,
    Event,
    Instance,
    Kind,
    Message,
    Operation,
    Parent,
    Status,
)
from devhost.tables import SCHEMA

_INSTANCE = "id, name, version, input, created, updated, root, parent, status, output, custom_status"
_MESSAGE = "id, execution, kind, task, name, payload, reason, details, fire_at"


class StoreBusy(Exception):
    """Another host has the folder open."""


class TriggerState(NamedTuple):
    """Where a timer trigger stands; last is the last run that ended."""

    schedule: str
    last: datetime | None
    next: datetime
    updated: datetime


class Usage(NamedTuple):
    """What one function or one root instance has used so far; scope is `function` or `instance`."""

    scope: str
    name: str
    executions: int
    failures: int
    wall_us: int
    bytes_in: int
    bytes_out: int


class Page(NamedTuple):
    """A page of instances, and where the next one begins."""

    items: list[Instance]
    after: str | None


class Store:
    """The host's tables; `folder=None` keeps them in memory."""

    def __init__(self, folder: Path | None, *, survives_power_loss: bool = False) -> None:
        self._lock = _lock(folder) if folder else None
        self._sql = sqlite3.connect(
            folder / "devhost.db" if folder else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._run = self._sql.execute
        self._run("PRAGMA journal_mode=WAL")
        self._run(f"PRAGMA synchronous={'FULL' if survives_power_loss else 'NORMAL'}")
        self._sql.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file and let another host have the folder."""
        self._sql.close()
        if self._lock:
            self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written inside, or none of it."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    # meta

    def get_meta(self, key: str) -> str | None:
        row = self._run("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, value))

    # instances

    def put_instance(self, one: Instance, execution: dict[str, Any]) -> None:
        """Create or overwrite an instance together with its running state."""
        parent = json.dumps(one.parent) if one.parent else None
        self._run(
            f"INSERT OR REPLACE INTO instance({_INSTANCE}, execution) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                one.id, one.name, one.version, one.input, _text(one.created), _text(one.updated), one.root, parent,
                one.status, one.output, one.custom_status, json.dumps(execution, separators=(",", ":")),
            ),
        )  # fmt: skip

    def get_instance(self, instance: str) -> Instance | None:
        row = self._run(f"SELECT {_INSTANCE} FROM instance WHERE id=?", (instance,)).fetchone()
        return _instance(row) if row else None

    def get_execution(self, instance: str) -> dict[str, Any]:
        row = self._run("SELECT execution FROM instance WHERE id=?", (instance,)).fetchone()
        plain: dict[str, Any] = json.loads(row[0])
        return plain

    def list_instances(
        self,
        *,
        prefix: str = "",
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        statuses: Sequence[Status] = (),
        limit: int,
        after: str | None = None,
    ) -> Page:
        """Instances in the order of their creation, filtered; after is the page mark of the page before."""
        where, values = ["1"], []
        if prefix:
            where.append("substr(id, 1, ?)=?")
            values += [len(prefix), prefix]
        if created_from:
            where.append("created>=?")
            values.append(_text(created_from))
        if created_to:
            where.append("created<=?")
            values.append(_text(created_to))
        if statuses:
            where.append(f"status IN ({','.join('?' * len(statuses))})")
            values += statuses
        if after:
            where.append("(created, id)>(?, ?)")
            values += after.split(" ", 1)
        rows = self._run(
            f"SELECT {_INSTANCE} FROM instance WHERE {' AND '.join(where)} ORDER BY created, id LIMIT ?",
            (*values, limit + 1),
        ).fetchall()
        items = [_instance(row) for row in rows[:limit]]
        more = len(rows) > limit
        return Page(items, f"{_text(items[-1].created)} {items[-1].id}" if more else None)

    def delete_instance(self, instance: str) -> None:
        """Forget an instance and whatever was still meant for it."""
        self._run("DELETE FROM instance WHERE id=?", (instance,))
        self.delete_history(instance)
        self._run("DELETE FROM message WHERE instance=?", (instance,))
        self._run("DELETE FROM activity WHERE instance=?", (instance,))
        self.delete_alarms(instance)

    # history

    def add_history(self, instance: str, turn: int, events: str) -> None:
        """The events of one turn, as JSON objects joined by commas."""
        self._run("INSERT INTO history VALUES(?,?,?)", (instance, turn, events))

    def get_history(self, instance: str) -> list[str]:
        """One text a turn, oldest first."""
        rows = self._run("SELECT events FROM history WHERE instance=? ORDER BY turn", (instance,))
        return [row[0] for row in rows]

    def delete_history(self, instance: str) -> None:
        self._run("DELETE FROM history WHERE instance=?", (instance,))

    # messages to orchestrations

    def add_message(self, instance: str, execution: str | None, event: Event) -> Message:
        cursor = self._run(
            "INSERT INTO message(instance, execution, kind, task, name, payload, reason, details, fire_at) "
            "VALUES(?,?,?,?,?,?,?,?,?)",
            (
                instance, execution, event.kind, event.task, event.name, event.payload, event.reason, event.details,
                _text(event.fire_at) if event.fire_at else None,
            ),
        )  # fmt: skip
        return Message(cursor.lastrowid or 0, execution, event)

    def get_messages(self, instance: str) -> list[Message]:
        rows = self._run(f"SELECT {_MESSAGE} FROM message WHERE instance=? ORDER BY id", (instance,))
        return [_message(row) for row in rows]

    def delete_messages(self, messages: Iterable[Message]) -> None:
        self._sql.executemany("DELETE FROM message WHERE id=?", [(m.id,) for m in messages])

    def waiting_instances(self) -> list[str]:
        """Every instance that a message waits for."""
        return [row[0] for row in self._run("SELECT DISTINCT instance FROM message ORDER BY id")]

    # activities

    def add_activity(
        self, instance: str, execution: str, task: int, name: str, payload: str | None, root: str
    ) -> Activity:
        cursor = self._run(
            "INSERT INTO activity(instance, execution, task, name, input, root) VALUES(?,?,?,?,?,?)",
            (instance, execution, task, name, payload, root),
        )
        return Activity(cursor.lastrowid or 0, instance, execution, task, name, payload, root, None)

    def postpone_activity(self, activity: Activity) -> None:
        """Keep an activity for later, with what it needs then."""
        assert activity.due is not None
        self._run("UPDATE activity SET input=?, due=? WHERE id=?", (activity.input, _text(activity.due), activity.id))

    def delete_activity(self, activity: Activity) -> None:
        self._run("DELETE FROM activity WHERE id=?", (activity.id,))

    def delete_activities(self, instance: str) -> None:
        self._run("DELETE FROM activity WHERE instance=?", (instance,))

    def list_activities(self) -> list[Activity]:
        rows = self._run("SELECT id, instance, execution, task, name, input, root, due FROM activity ORDER BY id")
        return [Activity._make((*row[:7], _moment(row[7]))) for row in rows]

    # durable timers

    def add_alarm(self, alarm: Alarm) -> None:
        self._run(
            "INSERT OR REPLACE INTO alarm VALUES(?,?,?,?)",
            (alarm.instance, alarm.execution, alarm.task, _text(alarm.fire_at)),
        )

    def delete_alarm(self, instance: str, execution: str, task: int) -> bool:
        """Whether it was still there."""
        cursor = self._run("DELETE FROM alarm WHERE instance=? AND execution=? AND task=?", (instance, execution, task))
        return cursor.rowcount == 1

    def delete_alarms(self, instance: str) -> None:
        self._run("DELETE FROM alarm WHERE instance=?", (instance,))

    def list_alarms(self) -> list[Alarm]:
        rows = self._run("SELECT fire_at, instance, execution, task FROM alarm")
        return [Alarm(datetime.fromisoformat(row[0]), row[1], row[2], row[3]) for row in rows]

    # entities

    def get_entity(self, entity: str) -> str | None:
        """The state as JSON text."""
        row = self._run("SELECT state FROM entity WHERE id=?", (entity,)).fetchone()
        return row[0] if row else None

    def put_entity(self, entity: str, state: str | None, now: datetime) -> None:
        """Set the state; None takes the entity away."""
        if state is None:
            self._run("DELETE FROM entity WHERE id=?", (entity,))
        else:
            self._run("INSERT OR REPLACE INTO entity VALUES(?,?,?)", (entity, state, _text(now)))

    def list_entities(self, prefix: str, limit: int, after: str | None) -> list[tuple[str, str, str]]:
        """Rows of id, state, time of the last operation, in the order of ids."""
        return self._run(
            "SELECT id, state, updated FROM entity WHERE substr(id, 1, ?)=? AND id>? ORDER BY id LIMIT ?",
            (len(prefix), prefix, after or "", limit),
        ).fetchall()

    def add_operation(
        self, entity: str, name: str, payload: str | None, caller: Parent | None, guid: str, root: str
    ) -> Operation:
        cursor = self._run(
            "INSERT INTO operation(entity, name, input, caller, guid, root) VALUES(?,?,?,?,?,?)",
            (entity, name, payload, json.dumps(caller) if caller else None, guid, root),
        )
        return Operation(cursor.lastrowid or 0, entity, name, payload, caller, guid, root)

    def list_operations(self) -> list[Operation]:
        rows = self._run("SELECT id, entity, name, input, caller, guid, root FROM operation ORDER BY id")
        return [Operation._make((*row[:4], _parent(row[4]), *row[5:])) for row in rows]

    def delete_operations(self, operations: Iterable[Operation]) -> None:
        self._sql.executemany("DELETE FROM operation WHERE id=?", [(o.id,) for o in operations])

    # timer triggers

    def get_trigger(self, name: str) -> TriggerState | None:
        row = self._run("SELECT schedule, last, next, updated FROM timer_trigger WHERE name=?", (name,)).fetchone()
        if not row:
            return None
        return TriggerState(row[0], _moment(row[1]), datetime.fromisoformat(row[2]), datetime.fromisoformat(row[3]))

    def put_trigger(self, name: str, state: TriggerState) -> None:
        last = _text(state.last) if state.last else None
        self._run(
            "INSERT OR REPLACE INTO timer_trigger VALUES(?,?,?,?,?)",
            (name, state.schedule, last, _text(state.next), _text(state.updated)),
        )

    # meter

    def add_usage(self, usage: Usage) -> None:
        """Add to what a function or an instance has used."""
        self._run(
            "INSERT INTO meter VALUES(?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
            "executions=executions+excluded.executions, failures=failures+excluded.failures, "
            "wall_us=wall_us+excluded.wall_us, "
            "bytes_in=bytes_in+excluded.bytes_in, bytes_out=bytes_out+excluded.bytes_out",
            usage,
        )

    def get_usage(self, scope: str, name: str) -> Usage | None:
        row = self._run("SELECT * FROM meter WHERE scope=? AND name=?", (scope, name)).fetchone()
        return Usage(*row) if row else None

    def list_usage(self, scope: str, limit: int, after: str = "") -> list[Usage]:
        rows = self._run("SELECT * FROM meter WHERE scope=? AND name>? ORDER BY name LIMIT ?", (scope, after, limit))
        return [Usage(*row) for row in rows]

    def delete_usage(self, scope: str, name: str) -> None:
        self._run("DELETE FROM meter WHERE scope=? AND name=?", (scope, name))


def _lock(folder: Path) -> IO[str]:
    """Take the folder for this process; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = (folder / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise StoreBusy(
            f"{folder} is in use by another host (process {owner}). Stop that one, or give this one another --data."
        ) from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def _text(moment: datetime) -> str:
    """Fixed width, so that text order is time order."""
    return moment.isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _parent(text: str | None) -> Parent | None:
    return Parent(*json.loads(text)) if text else None


def _instance(row: Sequence[Any]) -> Instance:
    return Instance(
        id=row[0],
        name=row[1],
        version=row[2],
        input=row[3],
        created=datetime.fromisoformat(row[4]),
        updated=datetime.fromisoformat(row[5]),
        root=row[6],
        parent=_parent(row[7]),
        status=Status(row[8]),
        output=row[9],
        custom_status=row[10],
    )


def _message(row: Sequence[Any]) -> Message:
    event = Event(
        kind=Kind(row[2]),
        task=row[3],
        name=row[4],
        payload=row[5],
        reason=row[6],
        details=row[7],
        fire_at=_moment(row[8]),
    )
    return Message(row[0], row[1], event)
