"""Noticing what becomes durable: all that counts is in two SQLite files, so it does with their commits and not between.

    python -m tests.commits NUMBER FOLDER PORT    the host on a folder, until it kills itself at its NUMBER-th commit
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
BEGIN = "begin"
"""The file by which a process learns that its commits count from now on."""

METERS = {"meter"}
"""What was used is written down with what was done, or alone; alone it tells nobody anything."""
_TABLES = re.compile(r"(?:INTO|(?<!DO )UPDATE|DELETE FROM) \"?(\w+)")


class Kind(StrEnum):
    """What was made durable last."""

    EFFECT = "effect"
    """A record: an activity's effect, its result not stored yet; or what a request does before it is answered."""
    RESULT = "result"
    """An activity's result; its orchestrator has not had its turn."""
    OPERATION = "operation"
    """An entity's state and answer."""
    TURN = "turn"
    """An orchestrator's turn; what it asked for is not dispatched."""
    OTHER = "other"
    """Starts, events, timers, the clock."""


class Boundary(NamedTuple):
    """number: from 1; tables: what was written, in order."""

    number: int
    kind: Kind
    tables: tuple[str, ...]

    def __str__(self) -> str:
        return f"boundary {self.number} ({self.kind}: {', '.join(self.tables)})"


class Commits:
    """Numbers the commits of every SQLite file that is opened meanwhile, one after the other."""

    def __init__(self, counts: Callable[[], bool], reached: Callable[[Boundary], None]) -> None:
        """counts: whether it does by now; reached: called behind each commit, before there can be another one."""
        self.boundaries: list[Boundary] = []
        self._counts = counts
        self._reached = reached
        self._lock = threading.Lock()

    @contextmanager
    def watched(self) -> Iterator[Commits]:
        """Have all connections that are opened inside watched."""
        connect = sqlite3.connect
        sqlite3.connect = partial(connect, factory=partial(_Watched, commits=self))
        try:
            yield self
        finally:
            sqlite3.connect = connect

    def commit(self, connection: _Watched, work: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        """Do what may commit, and count it if it has changed anything."""
        with self._lock:
            before = connection.total_changes if not connection.in_transaction else connection.began
            cursor = work()
            if connection.in_transaction:
                connection.began = before
            elif connection.total_changes != before and set(connection.tables) != METERS and self._counts():
                boundary = _boundary(len(self.boundaries) + 1, connection.tables)
                self.boundaries.append(boundary)
                self._reached(boundary)
            return cursor


class _Watched(sqlite3.Connection):
    """A connection whose commits are numbered; began: its changes before the present transaction."""

    def __init__(self, *args: Any, commits: Commits, **named: Any) -> None:
        super().__init__(*args, **named)
        self.commits = commits
        self.began = 0
        self.tables: list[str] = []

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if not self.in_transaction:
            self.tables = []
        self.tables += _TABLES.findall(sql)
        do = partial(super().execute, sql, parameters)
        return do() if self.in_transaction and sql != "COMMIT" else self.commits.commit(self, do)


def _boundary(number: int, tables: Sequence[str]) -> Boundary:
    names = tuple(dict.fromkeys(name.removeprefix("records_") for name in tables))
    if any(name.startswith("records_") for name in tables):
        return Boundary(number, Kind.EFFECT, names)
    kinds = {"history": Kind.TURN, "entity": Kind.OPERATION, "activity": Kind.RESULT}
    return Boundary(number, next((kinds[name] for name in kinds if name in names), Kind.OTHER), names)


def _serve_until(number: int, folder: Path, port: int) -> None:
    """Run the host as users start it, until it has come to a boundary."""
    from devhost.__main__ import main

    def reached(boundary: Boundary) -> None:
        if boundary.number == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with Commits((folder / BEGIN).exists, reached).watched():
        main(["--app", str(ROOT), "--data", str(folder / "hub"), "--clock", "frozen", "--port", str(port)])


if __name__ == "__main__":
    _serve_until(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
