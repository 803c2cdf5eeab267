"""Who does what at the least cost in time: exact, by fronts of (arrival, cost) along every item's branch.

Leaving earlier never arrives later, so of two ways to a place only those count that are earlier or cheaper. Items meet
at one hub alone, so for each hub and courier every item takes its cheapest way that is there in time. Who is capable of
one job at a time is not seen here: a calendar has what other orders take, not what this one does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from shared.logistics.timechain.choices import Candidate, Choice, Item, Order, Pick, Transfer, check
from shared.logistics.timechain.minutes import NEVER

ALTERNATIVES_MAX = 20
Label = tuple[int, int, int, int]
"""Minute, cost, number of the vendor, number of the customizer or -1."""
_Branch = tuple[str, list[Label]]
"""The id of a place, and how an item can be ready there."""


@dataclass(frozen=True, slots=True)
class _Front:
    """How an item can be at a hub: ever later, ever cheaper."""

    times: list[int]
    costs: list[int]
    labels: list[Label]

    def cheapest(self, by: int) -> int:
        """The place of the cheapest that is there by a minute, -1 if none is."""
        return bisect_right(self.times, by) - 1


@dataclass(frozen=True, slots=True)
class _Ending:
    """A hub with a courier; by: the last minute at which everything must be at the hub."""

    hub: Candidate
    courier: Candidate
    way: Transfer
    by: int

    @property
    def cost(self) -> int:
        """Of hub, courier and the way between."""
        return self.hub.cost + self.courier.cost + self.way.cost

    def finish(self, at: int) -> int:
        """When it is delivered if everything is at the hub at a minute."""
        return self.courier.end(self.way.arrive(self.hub.end(at)))


def select(order: Order) -> Choice | None:
    """The cheapest choice that is in time, of several the earliest; None if there is none. Raises BadOrder."""
    check(order)
    best: tuple[int, int, _Ending, list[Label]] | None = None
    branches = [_branches(order, item, _pruned) for item in order.items]
    for hub, endings in _endings(order):
        fronts = [_front(_at_hub(order, branch, hub)) for branch in branches]
        for ending in endings:
            places = [front.cheapest(ending.by) for front in fronts]
            if min(places) < 0:
                continue
            cost = ending.cost + sum([front.costs[k] for front, k in zip(fronts, places, strict=True)])
            if best is not None and cost > best[0]:
                continue
            finish = ending.finish(max([front.times[k] for front, k in zip(fronts, places, strict=True)]))
            if best is None or (cost, finish) < best[:2]:
                best = cost, finish, ending, [front.labels[k] for front, k in zip(fronts, places, strict=True)]
    return None if best is None else _choice(order, best[2], best[3])


def frontier(order: Order) -> list[Choice]:
    """Every choice that none other is both earlier and cheaper than, the earliest first, whatever the deadline.

    Raises BadOrder.
    """
    check(order)
    points: list[tuple[int, int, _Ending, list[Label]]] = []
    branches = [_branches(order, item, _pruned) for item in order.items]
    for hub, endings in _endings(order, has_deadline=False):
        fronts = [_front(_at_hub(order, branch, hub)) for branch in branches]
        if any(not front.times for front in fronts):
            continue
        first = max(front.times[0] for front in fronts)
        for by in sorted({first, *(time for front in fronts for time in front.times if time > first)}):
            labels = [front.labels[front.cheapest(by)] for front in fronts]
            cost = sum(label[1] for label in labels)
            points += [(ending.finish(by), ending.cost + cost, ending, labels) for ending in endings]
    points.sort(key=lambda point: point[:2])
    found, least = [], NEVER
    for finish, cost, ending, labels in points:
        if cost < least and finish < NEVER:
            least = cost
            found.append(_choice(order, ending, labels))
    return found


def next_best(order: Order, count: int) -> list[Choice]:
    """The cheapest choices in time, the best first: at most `count`, and ALTERNATIVES_MAX. Raises BadOrder."""
    check(order)
    branches = [_branches(order, item, list) for item in order.items]
    ranked: list[tuple[_Ending, list[list[Label]]]] = []
    heap: list[tuple[int, int, int, tuple[int, ...]]] = []
    for hub, endings in _endings(order):
        labels = [sorted(_at_hub(order, branch, hub), key=lambda one: (one[1], one[0])) for branch in branches]
        for ending in endings:
            in_time = [[label for label in item if label[0] <= ending.by] for item in labels]
            if all(in_time):
                cost = ending.cost + sum(item[0][1] for item in in_time)
                heap.append((cost, len(ranked), 0, (0,) * len(in_time)))
                ranked.append((ending, in_time))
    heapify(heap)
    found: list[Choice] = []
    while heap and len(found) < min(count, ALTERNATIVES_MAX):
        cost, number, since, places = heappop(heap)
        ending, items = ranked[number]
        found.append(_choice(order, ending, [item[k] for item, k in zip(items, places, strict=True)]))
        # Places grow from the left to the right only, so that every combination comes up once.
        for n in range(since, len(items)):
            k = places[n]
            if k + 1 < len(items[n]):
                more = items[n][k + 1][1] - items[n][k][1]
                heappush(heap, (cost + more, number, n, (*places[:n], k + 1, *places[n + 1 :])))
    return found


def _endings(order: Order, *, has_deadline: bool = True) -> Iterator[tuple[Candidate, list[_Ending]]]:
    """Every hub with the couriers that fetch from it."""
    deadline = order.deadline if has_deadline else None
    for hub in order.hubs:
        found = []
        for courier in order.couriers:
            way = order.transfers.get((hub.id, courier.id))
            if way is not None:
                by = NEVER - 1
                if deadline is not None:
                    by = hub.start_by(way.depart_by(courier.start_by(deadline)))
                found.append(_Ending(hub, courier, way, by))
        yield hub, found


def _branches(order: Order, item: Item, kept: Callable[[list[Label]], list[Label]]) -> list[_Branch]:
    """Where an item can be when it is ready to go to a hub, and when; kept: which labels of one place to go on with."""
    sold = [(one.end(order.start), one.cost, number, -1) for number, one in enumerate(item.vendors)]
    sold = [label for label in sold if label[0] < NEVER]
    if not item.customizers:
        return [(item.vendors[label[2]].id, [label]) for label in sold]
    found = []
    for number, customizer in enumerate(item.customizers):
        brought = []
        for time, cost, vendor, _ in sold:
            way = order.transfers.get((item.vendors[vendor].id, customizer.id))
            if way is not None:
                brought.append((way.arrive(time), cost + way.cost + customizer.cost, vendor, number))
        done = [(customizer.end(time), cost, vendor, number) for time, cost, vendor, number in kept(brought)]
        found.append((customizer.id, kept([label for label in done if label[0] < NEVER])))
    return found


def _at_hub(order: Order, branches: list[_Branch], hub: Candidate) -> list[Label]:
    """The same at a hub, in any order."""
    found: list[Label] = []
    for place, labels in branches:
        way = order.transfers.get((place, hub.id))
        if way is not None:
            found += [(way.arrive(time), cost + way.cost, vendor, number) for time, cost, vendor, number in labels]
    return found


def _pruned(labels: list[Label]) -> list[Label]:
    """Those that none other is both earlier and cheaper than, in order of time."""
    kept, least = [], NEVER
    for label in sorted(labels):
        if label[1] < least:
            least = label[1]
            kept.append(label)
    return kept


def _front(labels: list[Label]) -> _Front:
    kept = _pruned(labels)
    return _Front([label[0] for label in kept], [label[1] for label in kept], kept)


def _choice(order: Order, ending: _Ending, labels: Sequence[Label]) -> Choice:
    picks = tuple(
        Pick(item.id, item.vendors[vendor].id, item.customizers[number].id if number >= 0 else None)
        for item, (_, _, vendor, number) in zip(order.items, labels, strict=True)
    )
    finish = ending.finish(max(label[0] for label in labels))
    cost = ending.cost + sum(label[1] for label in labels)
    return Choice(picks, ending.hub.id, ending.courier.id, finish, cost)
