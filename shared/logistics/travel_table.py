"""Ways between many places as the travel port tells them for every full hour of a time.

Between two hours a way counts with the slower of this hour and the one before: whoever plans by it is not later than
planned, as far as the port is right; on ways longer than an hour by a few minutes at the most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import pairwise

from shared.logistics.geo import Point
from shared.logistics.timechain.minutes import moment_of
from shared.logistics.timechain.ways import Way, way_by_samples
from shared.logistics.travel import DESTINATIONS_MAX
from shared.ports import Travel

_HOUR = 60


async def ways_between(
    travel: Travel, origins: Iterable[Point], destinations: Iterable[Point], start: int, until: int
) -> dict[tuple[Point, Point], Way]:
    """Ways by car from each origin to each destination, minutes by minute; without those that cannot be gone.

    start, until: minutes between which one leaves. Raises Unavailable.
    """
    ends = list(dict.fromkeys(destinations))
    hours = range(start - start % _HOUR - _HOUR, until + _HOUR + 1, _HOUR)
    found = {}
    for origin in dict.fromkeys(origins):
        rows = [await _row(travel, origin, ends, hour) for hour in hours]
        for end, took in zip(ends, zip(*rows, strict=True), strict=True):
            minutes = [one for one in took if one is not None]
            if len(minutes) == len(took):
                found[origin, end] = way_by_samples(list(zip(hours[1:], map(max, pairwise(minutes)), strict=True)))
        await asyncio.sleep(0)  # reckoning is no waiting: others have their turn
    return found


async def _row(travel: Travel, origin: Point, ends: Sequence[Point], depart: int) -> list[int | None]:
    """Minutes from one place to all others."""
    row: list[int | None] = []
    for first in range(0, len(ends), DESTINATIONS_MAX):
        row += await travel.minutes(origin, ends[first : first + DESTINATIONS_MAX], moment_of(depart))
    return row
