"""Rate limits: a token bucket a caller, in the memory of one instance."""

from __future__ import annotations

from collections import OrderedDict

_BUCKETS_MAX = 10_000


class Limiter:
    """Lets each key through `per_minute` times a minute, in bursts up to a quarter of that."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, key: str, per_minute: int, now: float) -> float:
        """0 where the call may go on, else in how many seconds it may; now: seconds on a clock that only runs."""
        burst = max(1.0, per_minute / 4)
        level, since = self._buckets.pop(key, (burst, now))
        level = min(burst, level + max(0.0, now - since) * per_minute / 60)
        allowed = level >= 1
        self._buckets[key] = (level - 1 if allowed else level, max(now, since))
        if len(self._buckets) > _BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - level) * 60 / per_minute
