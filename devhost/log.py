"""What the host says while it runs: one line an execution."""

from __future__ import annotations

import logging
import time
from typing import Any

LOG = logging.getLogger("devhost")


class Stopwatch:
    """Wall time since it was made."""

    def __init__(self) -> None:
        self._from = time.perf_counter_ns()

    @property
    def us(self) -> int:
        """Whole microseconds so far."""
        return (time.perf_counter_ns() - self._from) // 1_000


def execution(function: str, instance: str, wall_us: int, outcome: str) -> None:
    """One line for one execution of one function."""
    if LOG.isEnabledFor(logging.INFO):
        LOG.info("%-28s %-38s %8.1f ms  %s", function, instance or "-", wall_us / 1000, outcome)


def one_line(text: Any, width: int = 200) -> str:
    """A text cut to one line."""
    line = " ".join(str(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"
