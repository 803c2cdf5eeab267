"""Threads for sync functions: daemons, so that one that never returns can be given up and replaced."""

import asyncio
import contextlib
import contextvars
import ctypes
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CLOSE_SECONDS_MAX = 2.0
"""How long close() waits for running functions, half before interrupting them and half after."""

logger = logging.getLogger(__name__)


class Overran(Exception):
    """The call took longer than it may and was given up."""


class _Interrupt(BaseException):
    """Raised inside a thread whose call was given up, at its next bytecode."""


@dataclass(eq=False)
class _Job:
    name: str
    call: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    thread: threading.Thread | None = None
    given_up: bool = False

    def deliver(self, outcome: Any) -> None:
        if not self.done.done():
            self.done.set_result(outcome)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def on_loop(self, action: Callable[..., Any], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(action, *arguments)


class Pool:
    """At most `size` threads, started as needed; queued calls are taken in order."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._given_up: set[threading.Thread] = set()
        self._running: dict[threading.Thread, _Job] = {}
        self._unfinished = 0
        self._is_closed = False

    async def run(self, name: str, call: Callable[[], Any], seconds_max: float | None) -> Any:
        """The result of `call()`, made in a thread with the caller's contextvars; raises Overran.

        The time counts from now, waiting for a thread included. A call that is given up before a
        thread took it never runs; a running one is interrupted where Python can, and its thread replaced.
        """
        loop = asyncio.get_running_loop()
        job = _Job(name, call, loop, loop.create_future())
        self._submit(job)
        timer = loop.call_later(seconds_max, self._expire, job) if seconds_max is not None else None
        try:
            return await job.done
        except asyncio.CancelledError:
            self._give_up(job)
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """End every thread: idle ones at once, busy ones when their call returns or can be interrupted.

        Whoever still waits for a call is cancelled.
        """
        with self._lock:
            self._is_closed = True
            threads = self._threads | self._given_up
            for _ in self._threads:
                self._jobs.put(None)
        _join(threads, CLOSE_SECONDS_MAX / 2)
        with self._lock:
            for thread, job in self._running.items():
                job.on_loop(job.done.cancel)
                _interrupt(thread)
        _join(threads, CLOSE_SECONDS_MAX / 2)
        with self._lock:
            stuck = [job.name for job in self._running.values()]
        for name in stuck:
            logger.warning("function %s is stuck outside of Python code and cannot be ended", name)

    def _submit(self, job: _Job) -> None:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the host is closed and runs no more functions")
            self._unfinished += 1
            if self._unfinished > len(self._threads) < self._size:
                self._start_thread()
        self._jobs.put(job)

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def _expire(self, job: _Job) -> None:
        self._give_up(job)
        job.fail(Overran())

    def _give_up(self, job: _Job) -> None:
        with self._lock:
            job.given_up = True
            if job.thread is None or self._running.get(job.thread) is not job:
                return
            self._threads.discard(job.thread)
            self._given_up.add(job.thread)
            self._unfinished -= 1
            _interrupt(job.thread)
            if self._unfinished > len(self._threads) and not self._is_closed:
                self._start_thread()

    def _work(self) -> None:
        me = threading.current_thread()
        try:
            while (job := self._jobs.get()) is not None:
                if self._take(job, me):
                    _attempt(job)
                    if not self._finish(job, me):
                        break
        except _Interrupt:  # arrived after its call had returned
            pass
        finally:
            with self._lock:
                self._running.pop(me, None)
                self._threads.discard(me)
                self._given_up.discard(me)

    def _take(self, job: _Job, me: threading.Thread) -> bool:
        with self._lock:
            if job.given_up or self._is_closed:
                self._unfinished -= 1
                job.on_loop(job.done.cancel)
                return False
            job.thread = me
            self._running[me] = job
            return True

    def _finish(self, job: _Job, me: threading.Thread) -> bool:
        """Whether the thread may take another job."""
        with self._lock:
            self._running.pop(me, None)
            if job.given_up:
                return False
            self._unfinished -= 1
            return True


def _attempt(job: _Job) -> None:
    try:
        outcome = job.context.run(job.call)
    except BaseException as error:  # noqa: BLE001  it is the caller's, whatever it is
        job.on_loop(job.fail, error)
    else:
        job.on_loop(job.deliver, outcome)


def _interrupt(thread: threading.Thread) -> None:
    """Raise _Interrupt in `thread`; code outside of Python (a sleep, a C call) meets it on its return."""
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Interrupt))


def _join(threads: set[threading.Thread], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
