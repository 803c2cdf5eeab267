"""Waking up by ourselves when the next thing is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from devhost.clock import Clock, seconds_between

_SLEEP_SECONDS_MAX = 3600.0


class WakeUp:
    """With a real clock, calls `ring` at the moment that `next_due` tells; a frozen clock is moved by others."""

    def __init__(self, clock: Clock, next_due: Callable[[], datetime | None], ring: Callable[[], None]) -> None:
        self._clock = clock
        self._next_due = next_due
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Set it anew, after what is due has changed."""
        self.cancel()
        due = None if self._clock.is_frozen else self._next_due()
        if due is not None:
            delay = min(seconds_between(self._clock.now(), due), _SLEEP_SECONDS_MAX)
            self._handle = asyncio.get_running_loop().call_later(delay, self._go_off)

    def cancel(self) -> None:
        """Sleep on."""
        if self._handle:
            self._handle.cancel()
            self._handle = None

    def _go_off(self) -> None:
        self._ring()
        self.set()
