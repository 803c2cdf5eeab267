"""Lanes: work of one kind, one piece at a time for each key, at most so many keys at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

_log = logging.getLogger("devhost")
_RETRY_SECONDS = 1.0

K = TypeVar("K", bound=Hashable)


class Lane(Generic[K]):
    """Runs `work(key)` for every key that was woken; a key woken while it runs is run once more.

    A piece of work that raises is a fault of the host (the disk is full, say), not of the app: it is logged and tried
    again after a second, and nothing else waits for it.
    """

    def __init__(self, work: Callable[[K], Awaitable[None]], at_once_max: int, changed: asyncio.Event) -> None:
        self._work = work
        self._at_once_max = at_once_max
        self._changed = changed
        self._ready: deque[K] = deque()
        self._queued: set[K] = set()
        self._running: dict[K, asyncio.Task[None]] = {}
        self._resting: set[asyncio.TimerHandle] = set()
        self._is_closed = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits to run."""
        return not (self._queued or self._running or self._resting)

    def wake(self, key: K) -> None:
        """Have the key's work done, soon."""
        if key in self._queued or self._is_closed:
            return
        self._queued.add(key)
        if key not in self._running:
            self._ready.append(key)
            self._dispatch()

    async def close(self) -> None:
        """Start nothing more and cancel what runs."""
        self._is_closed = True
        for handle in self._resting:
            handle.cancel()
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _dispatch(self) -> None:
        while self._ready and len(self._running) < self._at_once_max and not self._is_closed:
            key = self._ready.popleft()
            self._queued.discard(key)
            self._running[key] = asyncio.get_running_loop().create_task(self._run(key))

    async def _run(self, key: K) -> None:
        try:
            await self._work(key)
        except Exception:  # noqa: BLE001  the last resort: what is stored is safe, and the host goes on
            _log.exception("the host itself failed at %s; it tries again in %g s", key, _RETRY_SECONDS)
            self._rest(key)
        finally:
            del self._running[key]
            if key in self._queued:
                self._ready.append(key)
            self._dispatch()
            self._changed.set()

    def _rest(self, key: K) -> None:
        def again() -> None:
            self._resting.discard(handle)
            self.wake(key)

        handle = asyncio.get_running_loop().call_later(_RETRY_SECONDS, again)
        self._resting.add(handle)
