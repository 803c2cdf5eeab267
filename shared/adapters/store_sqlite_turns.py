"""Turns of the embedded store: what waits for the file's thread is done in its order, in one transaction.

What a commit costs is the wait for the disk. Nobody is answered before it, so what one was told is there is there; each
work is all or nothing by itself. Where the file has something against doing them together, they are done one by one.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar

TOGETHER_MAX = 64
"""Reads and writes that share one commit."""

R = TypeVar("R")
Work = Callable[[sqlite3.Connection], R]
Connect = Callable[[], sqlite3.Connection]


class _Asked(NamedTuple):
    """What is to be done, and who waits for it; is_alone: it shares no commit."""

    work: Work[Any]
    is_write: bool
    is_alone: bool
    answer: asyncio.Future[Any]


class _Outcome(NamedTuple):
    """What came of it: a value, or the error that whoever waits is told."""

    value: Any = None
    error: Exception | None = None


class Turns:
    """The queue before one thread, the only one that uses the file."""

    def __init__(self, connect: Connect, alone: Callable[[Work[Any]], Any]) -> None:
        """connect: gives the connection, in the thread; alone: does one work by itself."""
        self._connect = connect
        self._alone = alone
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-store")
        self._queue: SimpleQueue[_Asked] = SimpleQueue()

    async def run(self, work: Work[R], *, is_write: bool, is_alone: bool) -> R:
        """Do it in its turn; raises what it raises. is_alone: for what must stand though a part of it is refused."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._queue.put(_Asked(work, is_write, is_alone, answer))
        self._thread.submit(self._serve)
        return await answer

    async def end(self, last: Callable[[], None]) -> None:
        """Do what waits, then the last thing; nothing is taken on any more."""
        await asyncio.wrap_future(self._thread.submit(last))
        self._thread.shutdown()

    def _serve(self) -> None:
        """Do what waits; that is nothing where an earlier call has done it along with its own."""
        waiting = list(self._waiting())
        pays = len(waiting) > 1 and sum(one.is_write for one in waiting) != 1
        outcomes = self._done_together(waiting) if pays and not any(one.is_alone for one in waiting) else None
        if outcomes is None:
            outcomes = [_outcome(partial(self._alone, one.work)) for one in waiting]
        _tell(waiting, outcomes)

    def _waiting(self) -> Iterator[_Asked]:
        for _ in range(TOGETHER_MAX):
            try:
                one = self._queue.get_nowait()
            except Empty:
                return
            if not one.answer.cancelled():
                yield one

    def _done_together(self, waiting: Sequence[_Asked]) -> list[_Outcome] | None:
        """Do all in one transaction; None, and nothing done, where the file had something against it."""
        try:
            db = self._connect()
            with transaction(db, is_write=any(one.is_write for one in waiting)):
                return [_outcome(partial(_part, db, one), sqlite3.Error) for one in waiting]
        except sqlite3.Error:
            return None


@contextmanager
def transaction(db: sqlite3.Connection, *, is_write: bool = True) -> Iterator[None]:
    """All or nothing; to write, the lock is taken first, so that what is read cannot change before it is written.

    Within another one it is a part of that, undone by itself.
    """
    is_part = db.in_transaction
    db.execute("SAVEPOINT part" if is_part else "BEGIN IMMEDIATE" if is_write else "BEGIN")
    try:
        yield
        db.execute("RELEASE part" if is_part else "COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk, for one, has undone it all by itself
            db.execute("ROLLBACK TO part" if is_part else "ROLLBACK")
            if is_part:
                db.execute("RELEASE part")
        raise


def _part(db: sqlite3.Connection, asked: _Asked) -> Any:
    if not asked.is_write:
        return asked.work(db)
    with transaction(db):
        return asked.work(db)


def _outcome(call: Callable[[], Any], *passing: type[Exception]) -> _Outcome:
    """What came of a call; passing: errors that are no outcome."""
    try:
        return _Outcome(call())
    except passing:
        raise
    except Exception as error:  # noqa: BLE001  whoever waits is told
        return _Outcome(error=error)


def _tell(waiting: Sequence[_Asked], outcomes: Sequence[_Outcome]) -> None:
    """Wake each loop once for all who wait in it; one that has ended meanwhile waits for nothing."""
    told: dict[asyncio.AbstractEventLoop, list[tuple[_Asked, _Outcome]]] = defaultdict(list)
    for asked, outcome in zip(waiting, outcomes, strict=True):
        told[asked.answer.get_loop()].append((asked, outcome))
    for loop, answers in told.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_answer, answers)


def _answer(told: Sequence[tuple[_Asked, _Outcome]]) -> None:
    for asked, outcome in told:
        if asked.answer.done():
            continue  # whoever asked has given up
        if outcome.error is None:
            asked.answer.set_result(outcome.value)
        else:
            asked.answer.set_exception(outcome.error)
