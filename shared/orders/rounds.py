"""A courier's round: every door once and then where it is brought, in the order that makes the way shortest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from functools import lru_cache
from itertools import pairwise

from shared.logistics.geo import Point, distance_metres
from shared.logistics.timechain.minutes import moment_of
from shared.logistics.timechain.route import Courier, Stop, route_one
from shared.logistics.travel import DETOUR_PERCENT, SPEED_KMH, Mode, travel_minutes

HAND_OVER_MINUTES = 10
"""What a courier, or whoever brings something, needs for each thing that is taken up and handed over."""
DOORS_EXACT_MAX = 8
"""So many doors are put in their best order; of more, the nearest is always next, from the end backwards."""
TOO_FAR_MINUTES = 1_440
"""A way that nobody goes in one go is no way within a day."""
RUSH_KMH = min(SPEED_KMH["car"])
_ROUNDS_KEPT = 8_192
"""The same rounds are asked for many times while an order is chosen."""
Path = tuple[Point, ...]
"""Doors in their order, and where they lead to last."""


def path_of(doors: Iterable[Point], to: Point) -> Path:
    """The shortest way through all doors that ends at a place; a door that comes twice is one."""
    return _shortest(tuple(dict.fromkeys(doors)), to)


def street_metres(path: Path) -> int:
    """How long the streets of a path are."""
    return sum(distance_metres(here, there) * DETOUR_PERCENT // 100 for here, there in pairwise(path))


@lru_cache(maxsize=_ROUNDS_KEPT)
def whole_km(path: Path) -> int:
    """The same in kilometres that are begun."""
    return -(-street_metres(path) // 1_000)


@lru_cache(maxsize=_ROUNDS_KEPT)
def ride_minutes(path: Path, depart: int, mode: Mode, zone: tzinfo) -> int:
    """How long a round takes that leaves the first door at a minute, handing over included."""
    minutes = 0
    for here, there in pairwise(path):
        way = travel_minutes(here, there, moment_of(depart + minutes), mode, zone)
        minutes += (TOO_FAR_MINUTES if way is None else way) + HAND_OVER_MINUTES
    return max(minutes, HAND_OVER_MINUTES)


def slowest_minutes(here: Point, there: Point, mode: Mode) -> int:
    """How long a way takes at the hour when it takes longest."""
    return -(-street_metres((here, there)) * 60 // (min(SPEED_KMH[mode]) * 1_000))


def quickest_minutes(path: Path, mode: Mode) -> int:
    """How long a round takes at the hour when it takes least, handing over included; never more than it takes."""
    ways = sum(-(-street_metres(pair) * 60 // (max(SPEED_KMH[mode]) * 1_000)) for pair in pairwise(path))
    return max(ways + HAND_OVER_MINUTES * (len(path) - 1), HAND_OVER_MINUTES)


def is_rush(minute: int, zone: tzinfo) -> bool:
    """Whether the streets are full at a minute."""
    return SPEED_KMH["car"][moment_of(minute).astimezone(zone).hour] == RUSH_KMH


@lru_cache(maxsize=_ROUNDS_KEPT)
def _shortest(doors: tuple[Point, ...], to: Point) -> Path:
    """Ways are as long in both directions: the best round to a place is the best one from there, turned around."""
    if len(doors) < 2:
        return (*doors, to)
    if len(doors) > DOORS_EXACT_MAX:
        return _nearest_first(doors, to)
    names = {str(number): door for number, door in enumerate(doors)}
    places = {"to": to, **names}
    ways = {
        (here, there): distance_metres(places[here], places[there])
        for here in places
        for there in names
        if here != there
    }
    route = route_one(Courier("to", 0), [Stop(name, 0) for name in names], ways)
    assert route is not None  # nothing is late in a round without windows
    return (*(names[name] for name in reversed(route.stops)), to)


def _nearest_first(doors: tuple[Point, ...], to: Point) -> Path:
    left, path = list(doors), [to]
    while left:
        path.append(min(left, key=lambda door: distance_metres(path[-1], door)))
        left.remove(path[-1])
    return tuple(reversed(path))
