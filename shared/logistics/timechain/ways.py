"""How long a way takes by when one leaves: arrival functions in whole minutes that nobody can overtake on (FIFO)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import pairwise

from shared.logistics.geo import Point, distance_metres
from shared.logistics.timechain.minutes import moment_of
from shared.logistics.travel import DETOUR_PERCENT, SPEED_KMH, Mode, travel_minutes


class Way:
    """Minutes on the way by the minute of departure, remembered; least, most: between what they lie.

    Who leaves later must not arrive earlier: `minutes_at(t) + t` never falls.
    """

    __slots__ = ("_arrivals", "_departures", "_minutes_at", "least", "most")

    def __init__(self, minutes_at: Callable[[int], int], least: int, most: int) -> None:
        self._minutes_at, self.least, self.most = minutes_at, least, most
        self._arrivals: dict[int, int] = {}
        self._departures: dict[int, int] = {}

    def arrive(self, depart: int) -> int:
        """When one is there."""
        found = self._arrivals.get(depart)
        if found is None:
            found = self._arrivals[depart] = depart + self._minutes_at(depart)
        return found

    def depart_by(self, arrival: int) -> int:
        """The last minute to leave in order to be there in time."""
        found = self._departures.get(arrival)
        if found is None:
            found = self._departures[arrival] = self._last(arrival)
        return found

    def _last(self, arrival: int) -> int:
        early, late = arrival - self.most, arrival - self.least
        while early < late:
            middle = (early + late + 1) // 2
            if self.arrive(middle) <= arrival:
                early = middle
            else:
                late = middle - 1
        return early


def way_by_hour(origin: Point, destination: Point, mode: Mode, zone: tzinfo) -> Way | None:
    """The way between two points by the speeds of the hours (shared.logistics.travel); None if it is too far."""
    noon = moment_of(720)
    if travel_minutes(origin, destination, noon, mode, zone) is None:
        return None

    def minutes_at(depart: int) -> int:
        minutes = travel_minutes(origin, destination, moment_of(depart), mode, zone)
        assert minutes is not None
        return minutes

    metres = distance_metres(origin, destination) * DETOUR_PERCENT // 100
    least, most = (-(-metres * 60 // (kmh * 1_000)) for kmh in (max(SPEED_KMH[mode]), min(SPEED_KMH[mode])))
    return Way(minutes_at, least, most)


def way_by_samples(samples: Sequence[tuple[int, int]]) -> Way:
    """A way from what a router said: departures in order with minutes; between them evenly, before and behind as there.

    Raises ValueError without samples or if they are not in order. A sample that would let somebody overtake is raised.
    """
    departs = [depart for depart, _ in samples]
    if not departs or any(a >= b for a, b in pairwise(departs)):
        raise ValueError("a way needs samples, each later than the one before")
    arrivals = [departs[0] + samples[0][1]]
    for depart, minutes in samples[1:]:
        arrivals.append(max(arrivals[-1], depart + minutes))
    took = [arrive - depart for arrive, depart in zip(arrivals, departs, strict=True)]

    def minutes_at(depart: int) -> int:
        k = bisect_right(departs, depart) - 1
        if k < 0:
            return took[0]
        if k == len(departs) - 1:
            return took[-1]
        gone, span = depart - departs[k], departs[k + 1] - departs[k]
        return arrivals[k] + gone * (arrivals[k + 1] - arrivals[k]) // span - depart

    return Way(minutes_at, min(took), max(took))
