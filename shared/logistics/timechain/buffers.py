"""Minutes kept in reserve for a leg: one table and one formula.

base x (rate of the kind + rate of the reliability), x 1.20 in rush hours, x 1.15 in bad weather, rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from shared.logistics.timechain.model import Kind

Reliability = Literal["high", "medium", "low"]

KIND_PERCENT: Mapping[Kind, int] = {"customization": 25, "assembly": 20, "delivery": 15, "pickup": 10, "processing": 0}
"""A wait is not here: nothing of it can take longer."""
RELIABILITY_PERCENT: Mapping[Reliability, int] = {"high": 10, "medium": 25, "low": 50}
RUSH_PERCENT = 120
BAD_WEATHER_PERCENT = 115


def buffer_minutes(
    kind: Kind, minutes: int, reliability: Reliability, *, is_rush: bool = False, is_bad_weather: bool = False
) -> int:
    """Whole minutes of reserve for a leg that takes `minutes` if all goes well."""
    if kind not in KIND_PERCENT:
        return 0
    percent = KIND_PERCENT[kind] + RELIABILITY_PERCENT[reliability]
    millionths = percent * (RUSH_PERCENT if is_rush else 100) * (BAD_WEATHER_PERCENT if is_bad_weather else 100)
    return -(-minutes * millionths // 1_000_000)
