"""How long a way takes when nobody asks a router: distance, detour, and a speed for every hour of the day.

FIFO holds: the speed depends on the moment alone, so whoever leaves later cannot overtake. All of it is reckoned in
whole numbers, so that no rounding breaks this.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from shared.logistics.geo import Point, distance_metres

Mode = Literal["car", "bike", "foot"]

DESTINATIONS_MAX = 100
DETOUR_PERCENT = 130
"""How much longer streets are than the great circle."""
KM_MAX: dict[Mode, int] = {"car": 1_000, "bike": 60, "foot": 20}
"""Farther than this along the streets nobody goes: no answer."""
_NIGHT, _DAY, _RUSH = 45, 32, 22
SPEED_KMH: dict[Mode, tuple[int, ...]] = {
    "car": (*[_NIGHT] * 6, _DAY, *[_RUSH] * 3, *[_DAY] * 6, *[_RUSH] * 3, *[_DAY] * 3, *[_NIGHT] * 2),
    "bike": (15,) * 24,
    "foot": (5,) * 24,
}
"""Speed in each local hour of the day, 0 to 23."""


def travel_minutes(origin: Point, destination: Point, depart: datetime, mode: Mode, zone: tzinfo) -> int | None:
    """Whole minutes from one point to another, rounded up; None if it is too far for the mode.

    depart: aware; its seconds are dropped. Leaving in a later minute never arrives earlier.
    """
    metres = distance_metres(origin, destination) * DETOUR_PERCENT // 100
    if metres > KM_MAX[mode] * 1_000:
        return None
    left = metres * 60  # in sixtieths of a metre, of which a minute at 1 km/h has 1,000
    # In UTC: what is added to a time with a zone moves its clock face, not the moment.
    now, minutes = depart.astimezone(UTC).replace(second=0, microsecond=0), 0
    while True:
        local = (now + timedelta(minutes=minutes)).astimezone(zone)
        pace = SPEED_KMH[mode][local.hour] * 1_000
        hour_left = 60 - local.minute
        if left <= pace * hour_left:
            return minutes - (-left // pace)
        left -= pace * hour_left
        minutes += hour_left
