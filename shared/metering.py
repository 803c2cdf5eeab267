"""How much an execution uses, as it would be billed: its time, and the memory of this process."""

from __future__ import annotations

import resource
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.standing.cost import Meter

_UNIT = 1 if sys.platform == "darwin" else 1024


class Stopwatch:
    """Runs from its making."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.perf_counter() - self._began

    def added(self, before: Meter, executions: int) -> Meter:
        """A meter with what has been used so far, by so many executions together."""
        from shared.standing.cost import meter  # noqa: PLC0415  with the first one that is metered, not with the app

        return meter(before, executions, self.seconds, memory_mb())


def memory_mb() -> int:
    """The most that this process has held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT // 1_000_000
