"""Several couriers: who takes which stops, and in which order; good, not proved best.

Every job (a delivery with its pickup, or a lone stop) goes where it costs least, the one that would regret waiting most
first; then jobs that are near each other are taken out together and put in again, as long as that helps; short rounds
are put in their best order. After S. Ropke, D. Pisinger, An adaptive large neighborhood search heuristic for the pickup
and delivery problem with time windows, Transportation Science 40 (2006); without chance, so the answer is always the
same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.route import BadRound, Courier, Route, Stop, Table, Ways, best_order
from shared.logistics.timechain.ways import Way

STOPS_MAX = 200
COURIERS_MAX = 50
PASSES_MAX = 8
TAKEN_OUT = (1, 3, 6, 12)
"""How many jobs are taken out together, pass by pass from the start."""
SORTED_STOPS_MAX = 8
Job = tuple[int, ...]
"""Numbers of stops, each after the one before it."""
Cost = tuple[int, int]
"""Jobs that nobody takes, minutes that couriers are out."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """A route for every courier who has one; left: stops that nobody can take in time."""

    routes: tuple[Route, ...]
    left: tuple[str, ...]

    def cost(self, couriers: Sequence[Courier], stops: Sequence[Stop]) -> Cost:
        """What is the less the better: jobs that nobody takes, then minutes that these couriers are out."""
        starts = {courier.id: courier.start for courier in couriers}
        jobs_left = {stop.id for stop in stops if stop.after is None}.intersection(self.left)
        return len(jobs_left), sum(route.finish - starts[route.courier] for route in self.routes)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a job goes: the courier, the whole new order, and when it ends."""

    more: int
    courier: int
    order: list[int]
    end: int


class _Fleet:
    """Orders of stops, a courier each, with the places that jobs could take in them."""

    def __init__(self, couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways) -> None:
        self.couriers = couriers
        self.table = Table(stops, ways, [courier.id for courier in couriers])
        self.jobs = jobs_of(self.table)
        self.orders: list[list[int]] = [[] for _ in couriers]
        self.ends = [courier.start for courier in couriers]
        self.left: set[Job] = set()
        self._places: dict[tuple[int, tuple[int, ...], Job], _Place | None] = {}

    def begin(self, begun: Mapping[str, Sequence[str]]) -> None:
        """Start from orders by courier; of one that does not hold the last jobs are taken out until it does."""
        job_of = {number: job for job in self.jobs for number in job}
        for n, courier in enumerate(self.couriers):
            order = [self.table.number[stop] for stop in begun.get(courier.id, ())]
            while order and not (self._fits(n, order) and self._end(n, self._origin(n), courier.start, order) < NEVER):
                gone = job_of[order[-1]]
                order = [number for number in order if number not in gone]
            self._keep(n, order)

    def cost(self) -> Cost:
        """Less is better."""
        return len(self.left), sum(end - one.start for end, one in zip(self.ends, self.couriers, strict=True))

    def insert(self, jobs: Sequence[Job]) -> None:
        """Put jobs in, the one first that loses most if its best courier is taken by another; left if none can."""
        open_jobs = list(jobs)
        while open_jobs:
            ranked = []
            for job in open_jobs:
                places = [found for n in range(len(self.couriers)) if (found := self._place(n, job)) is not None]
                if not places:
                    continue
                places.sort(key=lambda place: place.more)
                second = places[1].more if len(places) > 1 else NEVER
                ranked.append((places[0].more - second, places[0].more, job, places[0]))
            if not ranked:
                self.left.update(open_jobs)
                return
            _, _, job, place = min(ranked, key=lambda one: one[:3])
            self.orders[place.courier], self.ends[place.courier] = place.order, place.end
            open_jobs.remove(job)

    def remove(self, jobs: Sequence[Job]) -> None:
        """Take jobs out, those that are left as well."""
        gone = {number for job in jobs for number in job}
        self.left.difference_update(jobs)
        for n, order in enumerate(self.orders):
            if not gone.isdisjoint(order):
                self._keep(n, [number for number in order if number not in gone])

    def sort(self) -> None:
        """Put short rounds in their best order."""
        for n, order in enumerate(self.orders):
            if 1 < len(order) <= SORTED_STOPS_MAX:
                self._keep(n, best_order(self.table, self.couriers[n], self._origin(n), order) or order)

    def state(self) -> tuple[list[list[int]], list[int], set[Job]]:
        """What `restore` takes."""
        return [list(order) for order in self.orders], list(self.ends), set(self.left)

    def restore(self, state: tuple[list[list[int]], list[int], set[Job]]) -> None:
        """Be as before."""
        self.orders, self.ends, self.left = state

    def routes(self) -> tuple[Route, ...]:
        """Those with stops."""
        made = zip(self.couriers, self.orders, strict=True)
        return tuple(self.table.route(one, self._origin(n), order) for n, (one, order) in enumerate(made) if order)

    def _origin(self, courier: int) -> int:
        return len(self.table.stops) + courier

    def _keep(self, courier: int, order: list[int]) -> None:
        end = self._end(courier, self._origin(courier), self.couriers[courier].start, order)
        self.orders[courier], self.ends[courier] = order, end

    def _end(self, courier: int, place: int, now: int, order: Sequence[int]) -> int:
        """When an order is done from a place and minute on; NEVER if it does not hold."""
        end = self.table.end
        for number in order:
            now = end(place, now, number)
            if now >= NEVER:
                return NEVER
            place = number
        return now if now <= self.couriers[courier].until else NEVER

    def _place(self, courier: int, job: Job) -> _Place | None:
        """The best place for a job in a courier's order, remembered."""
        key = courier, tuple(self.orders[courier]), job
        if key not in self._places:
            self._places[key] = self._searched(courier, self.orders[courier], job)
        return self._places[key]

    def _searched(self, courier: int, order: list[int], job: Job) -> _Place | None:
        """Every place for the first stop, then for the others behind it."""
        best, end = None, NEVER
        partial: list[tuple[list[int], int]] = [(order, 0)]
        for number in job:
            partial = [
                ([*one[:at], number, *one[at:]], at + 1) for one, since in partial for at in range(since, len(one) + 1)
            ]
        for one, _ in partial:
            if self._fits(courier, one):
                then = self._end(courier, self._origin(courier), self.couriers[courier].start, one)
                if then < end:
                    best, end = one, then
        return None if best is None else _Place(end - self.ends[courier], courier, best, end)

    def _fits(self, courier: int, order: Sequence[int]) -> bool:
        room, load = self.couriers[courier].load_max, 0
        if room == NEVER:
            return True
        for number in order:
            load += self.table.stops[number].load
            if load > room:
                return False
        return True


def route_many(
    couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways, begun: Mapping[str, Sequence[str]] | None = None
) -> Rounds:
    """Rounds that leave as few jobs as can be, then keep couriers out for as few minutes. Raises BadRound.

    begun: orders of whole jobs by courier to start from, such as another planner's.
    """
    if len(stops) > STOPS_MAX or not 0 < len(couriers) <= COURIERS_MAX:
        raise BadRound(f"rounds are planned for at most {STOPS_MAX} stops and 1 to {COURIERS_MAX} couriers")
    fleet = _Fleet(couriers, stops, ways)
    fleet.begin(begun or {})
    taken = {number for order in fleet.orders for number in order}
    fleet.insert([job for job in fleet.jobs if taken.isdisjoint(job)])
    near = {job: _nearest(fleet, job) for job in fleet.jobs}
    for _ in range(PASSES_MAX):
        before = fleet.cost()
        for count in TAKEN_OUT:
            for job in fleet.jobs:
                _tried(fleet, near[job][:count])
        fleet.sort()
        if fleet.cost() == before:
            break
    return Rounds(fleet.routes(), tuple(fleet.table.stops[n].id for job in sorted(fleet.left) for n in job))


def _tried(fleet: _Fleet, jobs: Sequence[Job]) -> None:
    """Take jobs out and put them in again, if that is better."""
    state, before = fleet.state(), fleet.cost()
    fleet.remove(jobs)
    fleet.insert(jobs)
    if fleet.cost() >= before:
        fleet.restore(state)


def jobs_of(table: Table) -> list[Job]:
    """Stops that one courier must take, in their order. Raises BadRound for two after the same one, or a circle."""
    next_of: dict[int, int] = {}
    for number, before in enumerate(table.after):
        if before >= 0 and next_of.setdefault(before, number) != number:
            raise BadRound(f"two stops come after {table.stops[before].id!r}")
    jobs = []
    for number, before in enumerate(table.after):
        if before < 0:
            job = [number]
            while job[-1] in next_of:
                job.append(next_of[job[-1]])
            jobs.append(tuple(job))
    if sum(map(len, jobs)) < len(table.stops):
        raise BadRound("some stops come after each other in a circle")
    return jobs


def _nearest(fleet: _Fleet, job: Job) -> list[Job]:
    """All jobs, those first that lie near a job in place and time, itself above all."""
    stops, to = fleet.table.stops, fleet.table.to

    def minutes(way: int | Way) -> int:
        return way.least if isinstance(way, Way) else min(way, 10_000)

    def far(other: Job) -> int:
        ways = sum(min(minutes(to[a][b]), minutes(to[b][a])) for a, b in zip(job, other, strict=False))
        return ways + abs(stops[job[0]].first - stops[other[0]].first) // 4

    return [job, *sorted((other for other in fleet.jobs if other != job), key=far)]
