"""One courier's round: the order of a few stops that ends earliest, exactly.

Held and Karp's dynamic programme over sets of visited stops, with time windows and pickups before their deliveries:
leaving earlier never arrives later (FIFO), so of all orders of a set that end at one stop only the earliest counts.
M. Held, R. M. Karp, A dynamic programming approach to sequencing problems, J. SIAM 10 (1962).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.ways import Way

STOPS_EXACT_MAX = 16
"""Eight pickups with their deliveries."""
Ways = Mapping[tuple[str, str], int | Way]
"""Minutes, or a way by the hour, from a stop or a courier's place to a stop; a pair that is not there cannot be."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Somewhere to be for some minutes, beginning between first and last.

    after: the stop that the same courier must have visited before, such as the pickup of what is delivered here. load:
    what is taken on, below zero what is left.
    """

    id: str
    minutes: int
    first: int = 0
    last: int = NEVER
    after: str | None = None
    load: int = 0


@dataclass(frozen=True, slots=True)
class Courier:
    """Who goes; id also names where the round begins. start, until: minutes of the shift; load_max: what fits in."""

    id: str
    start: int
    until: int = NEVER
    load_max: int = NEVER


@dataclass(frozen=True, slots=True)
class Route:
    """Stops in their order with the minute at which each begins; finish: when the last one is done."""

    courier: str
    stops: tuple[str, ...]
    begins: tuple[int, ...]
    finish: int


class BadRound(ValueError):
    """Stops that make no round: too many for what is asked, an id twice, or a stop after one that is not there."""


class Table:
    """Stops and ways by number; row n, behind all stops, is where the courier begins. Raises BadRound."""

    def __init__(self, stops: Sequence[Stop], ways: Ways, origins: Sequence[str]) -> None:
        self.stops = stops
        self.number = {stop.id: n for n, stop in enumerate(stops)}
        if len(self.number) < len(stops):
            raise BadRound("two stops have the same id")
        missing = [stop.after for stop in stops if stop.after is not None and stop.after not in self.number]
        if missing:
            raise BadRound(f"{missing[0]!r} is no stop of this round")
        self.after = [-1 if stop.after is None else self.number[stop.after] for stop in stops]
        names = [*(stop.id for stop in stops), *origins]
        self.to: list[list[int | Way]] = [[ways.get((name, stop.id), NEVER) for name in names] for stop in stops]

    def end(self, place: int, depart: int, number: int) -> int:
        """When a stop is done for who leaves a place at a minute; NEVER if it is too late for it."""
        way = self.to[number][place]
        arrival = depart + way if way.__class__ is int else way.arrive(depart)  # type: ignore[union-attr]
        stop = self.stops[number]
        if arrival > stop.last:
            return NEVER
        return max(arrival, stop.first) + stop.minutes

    def route(self, courier: Courier, origin: int, order: Sequence[int]) -> Route:
        """An order that is known to hold, with its times."""
        place, now, begins = origin, courier.start, []
        for number in order:
            now = self.end(place, now, number)
            begins.append(now - self.stops[number].minutes)
            place = number
        return Route(courier.id, tuple(self.stops[number].id for number in order), tuple(begins), now)


def route_one(courier: Courier, stops: Sequence[Stop], ways: Ways) -> Route | None:
    """The round through all stops that ends earliest; None if none keeps every window. Raises BadRound."""
    if len(stops) > STOPS_EXACT_MAX:
        raise BadRound(f"{len(stops)} stops: the best order is looked for among at most {STOPS_EXACT_MAX}")
    table = Table(stops, ways, [courier.id])
    order = best_order(table, courier, len(stops), range(len(stops)))
    return None if order is None else table.route(courier, len(stops), order)


def best_order(table: Table, courier: Courier, origin: int, chosen: Sequence[int]) -> list[int] | None:
    """The order of some stops of a table that ends earliest, from a row of it; None if there is none."""
    bits = {number: 1 << k for k, number in enumerate(chosen)}
    needs = {number: bits.get(table.after[number], 0) for number in chosen}
    ends: dict[int, dict[int, tuple[int, int]]] = {0: {origin: (courier.start, origin)}}
    loads, layer = {0: 0}, [0]
    for _ in chosen:
        reached: set[int] = set()
        for mask in layer:
            for number, bit in bits.items():
                if mask & bit or needs[number] & ~mask or loads[mask] + table.stops[number].load > courier.load_max:
                    continue
                end, place = _earliest(table, ends[mask], number)
                if end <= courier.until and end < NEVER:
                    ends.setdefault(mask | bit, {})[number] = end, place
                    loads[mask | bit] = loads[mask] + table.stops[number].load
                    reached.add(mask | bit)
        layer = list(reached)
    return _walked_back(ends, bits, origin)


def _earliest(table: Table, ends: Mapping[int, tuple[int, int]], number: int) -> tuple[int, int]:
    """When a stop is done at the earliest after one of some last stops, and after which."""
    to, best, after = table.to[number], NEVER, -1
    for place, (depart, _) in ends.items():
        way = to[place]
        arrival = depart + way if way.__class__ is int else way.arrive(depart)  # type: ignore[union-attr]
        if arrival < best:
            best, after = arrival, place
    stop = table.stops[number]
    return (NEVER, after) if best > stop.last else (max(best, stop.first) + stop.minutes, after)


def _walked_back(
    ends: Mapping[int, Mapping[int, tuple[int, int]]], bits: Mapping[int, int], origin: int
) -> list[int] | None:
    mask = sum(bits.values())
    if mask not in ends:
        return None
    order: list[int] = []
    place = min(ends[mask], key=lambda number: ends[mask][number][0])
    while place != origin:
        order.append(place)
        mask, place = mask ^ bits[place], ends[mask][place][1]
    return order[::-1]
