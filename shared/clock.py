"""The time outside of flows."""

from __future__ import annotations

import os
from datetime import UTC, datetime

FROZEN = "FROZEN_NOW"


class SystemClock:
    """Wall time; on a local host whose clock is frozen, the time at which that stands (it says so in FROZEN_NOW)."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        frozen = os.environ.get(FROZEN)
        return datetime.fromisoformat(frozen) if frozen else datetime.now(UTC)
