"""The embedded router: great circles and speeds by hour, without a map."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from shared.logistics.geo import Point
from shared.logistics.travel import DESTINATIONS_MAX, Mode, travel_minutes


class GreatCircleTravel:
    """Satisfies shared.ports.Travel; zone: by whose hours the streets are full."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    async def minutes(
        self, origin: Point, destinations: Sequence[Point], depart: datetime, mode: Mode = "car"
    ) -> list[int | None]:
        """Minutes to each destination in their order, None where one is out of reach; raises ValueError."""
        if len(destinations) > DESTINATIONS_MAX:
            raise ValueError(f"{len(destinations)} destinations at once: ask for at most {DESTINATIONS_MAX}")
        if depart.tzinfo is None:
            raise ValueError("depart has no offset: give an aware time")
        return [travel_minutes(origin, one, depart, mode, self._zone) for one in destinations]
