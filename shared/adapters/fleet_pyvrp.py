"""Rounds by PyVRP's iterated local search, from the heuristic's as a start: never worse than these.

PyVRP (https://pyvrp.org, the extra `solver` of pyproject.toml) knows one duration a way, so ways by the hour count with
the longest that they take, and a job of more than two stops or whose load does not come out even is none for it. Its
orders are the start of another run of the heuristic, which reckons with the true ways and puts in what is missing.
It is imported with the first plan, not with the app: a solver costs every cold start a fifth of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.logistics.timechain.fleet import Job, Rounds, jobs_of, route_many
from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.route import Courier, Stop, Table, Ways
from shared.logistics.timechain.ways import Way

if TYPE_CHECKING:
    import pyvrp

SEARCH_SECONDS = 2.0
STALE_ROUNDS_MAX = 5_000
"""So many tries in a row that find nothing better end the search early."""
SEED = 1


class PyVrpFleet:
    """Satisfies shared.ports.Fleet; seconds: how long one search may take."""

    def __init__(self, seconds: float = SEARCH_SECONDS) -> None:
        self._seconds = seconds

    async def plan(self, couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways) -> Rounds:
        """Rounds for several couriers; beside the event loop, which goes on answering. Raises BadRound."""
        return await asyncio.to_thread(self._planned, couriers, stops, ways)

    def _planned(self, couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways) -> Rounds:
        first = route_many(couriers, stops, ways)
        problem = _problem(couriers, Table(stops, ways, [courier.id for courier in couriers]))
        if not problem.jobs:
            return first
        then = route_many(couriers, stops, ways, _searched(problem, first, self._seconds))
        return min(first, then, key=lambda rounds: rounds.cost(couriers, stops))


@dataclass(frozen=True, slots=True)
class _Problem:
    """What PyVRP is told; places: stops, where couriers begin, and nowhere, where every round may end at no cost.

    base: the minute that is its zero. far: later than any round ends, and what one more job is worth to it.
    """

    couriers: Sequence[Courier]
    table: Table
    jobs: Sequence[Job]
    base: int
    far: int

    @property
    def lone(self) -> list[Job]:
        """Its clients."""
        return [job for job in self.jobs if len(job) == 1]

    @property
    def pairs(self) -> list[Job]:
        """Its shipments."""
        return [job for job in self.jobs if len(job) > 1]


def _problem(couriers: Sequence[Courier], table: Table) -> _Problem:
    base = min(courier.start for courier in couriers)
    busy = sum(
        stop.minutes + max((_minutes(way) for way in ways if _minutes(way) < NEVER), default=0)
        for stop, ways in zip(table.stops, table.to, strict=True)
    )
    begins = [*(courier.start for courier in couriers), *(stop.first for stop in table.stops)]
    jobs = [job for job in jobs_of(table) if _is_known(job, table.stops)]
    return _Problem(couriers, table, jobs, base, max(begins) - base + busy + 1)


def _is_known(job: Job, stops: Sequence[Stop]) -> bool:
    """Whether PyVRP has a word for a job."""
    loads = [stops[number].load for number in job]
    return loads[0] >= 0 and (len(loads) == 1 or (len(loads) == 2 and sum(loads) == 0))


def _minutes(way: int | Way) -> int:
    return way.most if isinstance(way, Way) else way


def _searched(problem: _Problem, first: Rounds, seconds: float) -> dict[str, list[str]]:
    """The best orders of stops by courier that are found in time."""
    import pyvrp  # noqa: PLC0415  with the first plan, not with the app
    from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement  # noqa: PLC0415

    data = _data(problem)
    stop = MultipleCriteria([MaxRuntime(seconds), NoImprovement(STALE_ROUNDS_MAX)])
    start = _start(problem, data, first)
    found = pyvrp.solve(data, stop, SEED, collect_stats=False, display=False, initial_solution=start)
    return {
        problem.couriers[route.vehicle_type()].id: [
            problem.table.stops[number].id for one in route if (number := _number(problem, one)) is not None
        ]
        for route in found.best.routes()
    }


def _number(problem: _Problem, activity: pyvrp.Activity) -> int | None:
    """The stop behind an activity; None for where a round begins and ends."""
    if activity.is_client():
        return problem.lone[activity.idx][0]
    if activity.is_pickup() or activity.is_delivery():
        return problem.pairs[activity.idx][int(activity.is_delivery())]
    return None


def _start(problem: _Problem, data: pyvrp.ProblemData, first: Rounds) -> pyvrp.Solution:
    """The heuristic's rounds as PyVRP has them, without the jobs that it does not know."""
    import pyvrp  # noqa: PLC0415

    kinds = pyvrp.ActivityType
    activities = {job[0]: pyvrp.Activity(kinds.CLIENT, n) for n, job in enumerate(problem.lone)}
    for n, (pickup, delivery) in enumerate(problem.pairs):
        activities[pickup] = pyvrp.Activity(kinds.PICKUP, n)
        activities[delivery] = pyvrp.Activity(kinds.DELIVERY, n)
    vehicle = {courier.id: n for n, courier in enumerate(problem.couriers)}
    routes = []
    for route in first.routes:
        numbers = [problem.table.number[stop] for stop in route.stops]
        known = [activities[number] for number in numbers if number in activities]
        if known:
            routes.append(pyvrp.Route(data, known, vehicle[route.courier]))
    return pyvrp.Solution(data, routes)


def _data(problem: _Problem) -> pyvrp.ProblemData:
    import pyvrp  # noqa: PLC0415

    table, stops, couriers = problem.table, problem.table.stops, problem.couriers
    nowhere = len(stops) + len(couriers)
    bag_max = sum(max(stop.load, 0) for stop in stops)
    prize = problem.far * len(couriers)

    def clock(minute: int) -> int:
        return min(minute - problem.base, problem.far)

    def window(number: int, prefix: str = "") -> dict[str, Any]:
        stop = stops[number]
        early, late = max(clock(stop.first), 0), max(clock(stop.last), 0)
        return {
            f"{prefix}tw_early": min(early, late),
            f"{prefix}tw_late": late,
            f"{prefix}service_duration": stop.minutes,
        }

    clients = [
        pyvrp.Client(number, pickup=[stops[number].load], prize=prize, required=False, **window(number))
        for (number,) in problem.lone
    ]
    shipments = [
        pyvrp.Shipment(
            pickup, delivery, amount=[stops[pickup].load], prize=prize, required=False,
            **window(pickup, "pickup_"), **window(delivery, "delivery_"),
        )
        for pickup, delivery in problem.pairs
    ]  # fmt: skip
    vehicles = [
        pyvrp.VehicleType(
            capacity=[min(courier.load_max, bag_max)],
            start_depot=n,
            end_depot=len(couriers),
            tw_early=clock(courier.start),
            tw_late=max(clock(courier.until), clock(courier.start)),
            start_late=clock(courier.start),
            unit_distance_cost=0,
            unit_duration_cost=1,
        )
        for n, courier in enumerate(couriers)
    ]
    depots = [pyvrp.Depot(len(stops) + n) for n in range(len(couriers) + 1)]
    durations = _durations(table, nowhere, problem.far)
    places = [pyvrp.Location(0, 0) for _ in range(nowhere + 1)]
    return pyvrp.ProblemData(places, clients, depots, vehicles, [durations * 0], [durations], [], shipments)


def _durations(table: Table, nowhere: int, far: int) -> Any:
    """Minutes from row to column; far where there is no way."""
    import numpy as np  # noqa: PLC0415

    durations = np.full((nowhere + 1, nowhere + 1), far, dtype=np.int64)
    durations[:, nowhere] = 0
    for number, ways in enumerate(table.to):
        durations[:nowhere, number] = [min(_minutes(way), far) for way in ways]
    np.fill_diagonal(durations, 0)
    return durations
