"""Who should take what: rounds of the couriers at hand for things to be fetched and brought; nothing is assigned by it.

What cannot be in time is tried again with some time more: then it is late, and by how much is told. What is left even
so is told with the reason. A thing and where it is to be have one stop each, HAND_OVER_MINUTES long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from shared.logistics.geo import Point
from shared.logistics.timechain.fleet import Rounds
from shared.logistics.timechain.minutes import NEVER, minute_from, minute_until, moment_of
from shared.logistics.timechain.route import Courier, Route, Stop, Ways, route_one
from shared.logistics.travel_table import ways_between
from shared.orders.rounds import HAND_OVER_MINUTES
from shared.ports import Fleet, Travel

COURIERS_MAX = 20
JOBS_MAX = 30
SHIFT_HOURS_MAX = 12
LATE_MINUTES_MAX = 120
"""What would come later than this is not brought at all: somebody has to talk to whoever waits for it."""
Kind = Literal["pickup", "delivery"]
Why = Literal["out_of_reach", "shifts_end", "too_late", "all_busy"]


@dataclass(frozen=True, slots=True)
class AtHand:
    """A courier where they are; until: when they must be done; capacity: how many things they take at once."""

    id: str
    at: Point
    until: datetime
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A thing to be fetched from a moment on, and to be brought until another."""

    id: str
    pickup: Point
    deliver: Point
    since: datetime
    until: datetime


class Visit(NamedTuple):
    """Where a courier goes next, and when they begin there."""

    job: str
    kind: Kind
    begins: datetime


class Round(NamedTuple):
    """What one courier should do, and when the last of it is done."""

    courier: str
    visits: tuple[Visit, ...]
    finish: datetime


class Late(NamedTuple):
    """A thing that somebody brings too late."""

    job: str
    minutes: int
    arrives: datetime


class Unserved(NamedTuple):
    """A thing that nobody brings; earliest: when it could be there if one who can did nothing else."""

    job: str
    why: Why
    earliest: datetime | None


class Dispatch(NamedTuple):
    """Rounds of those who have one; every job is in one of them or unserved."""

    rounds: tuple[Round, ...]
    late: tuple[Late, ...]
    unserved: tuple[Unserved, ...]


async def dispatched(
    hands: Sequence[AtHand], jobs: Sequence[Job], now: datetime, fleet: Fleet, travel: Travel
) -> Dispatch:
    """Rounds from now on; ids differ among couriers and among jobs. Raises BadRound, Unavailable."""
    couriers = [_courier(one, now) for one in hands]
    stops = [stop for job in jobs for stop in _stops(job)]
    ways = await _ways(hands, jobs, couriers, travel)
    found = await fleet.plan(couriers, stops, ways)
    if found.left:
        again = await fleet.plan(couriers, _with_more_time(stops, found.left), ways)
        found = min(found, again, key=lambda rounds: len(rounds.left))
    left = [job for job in jobs if _name("pickup", job.id) in found.left]
    return Dispatch(
        tuple(map(_round, found.routes)),
        tuple(_late(found, jobs)),
        tuple(_unserved(job, couriers, ways) for job in left),
    )


def _courier(one: AtHand, now: datetime) -> Courier:
    return Courier(_origin(one.id), minute_from(now), minute_until(one.until), one.capacity or NEVER)


def _stops(job: Job) -> tuple[Stop, Stop]:
    pickup, first, last = _name("pickup", job.id), minute_from(job.since), minute_until(job.until)
    return (
        Stop(pickup, HAND_OVER_MINUTES, first, last, load=1),
        Stop(_name("delivery", job.id), HAND_OVER_MINUTES, first, last, pickup, -1),
    )


async def _ways(hands: Sequence[AtHand], jobs: Sequence[Job], couriers: Sequence[Courier], travel: Travel) -> Ways:
    """From where couriers are, and from every stop, to every stop."""
    ends = {_name("pickup", job.id): job.pickup for job in jobs}
    ends |= {_name("delivery", job.id): job.deliver for job in jobs}
    begins = {_origin(one.id): one.at for one in hands} | ends
    start, until = min(one.start for one in couriers), max(one.until for one in couriers)
    known = await ways_between(travel, begins.values(), ends.values(), start, until)
    return {
        (here, there): way
        for here, origin in begins.items()
        for there, end in ends.items()
        if (way := known.get((origin, end))) is not None
    }


def _with_more_time(stops: Sequence[Stop], left: Sequence[str]) -> list[Stop]:
    return [replace(stop, last=stop.last + LATE_MINUTES_MAX) if stop.id in left else stop for stop in stops]


def _round(route: Route) -> Round:
    visits = [
        Visit(job, kind, moment_of(begins))
        for stop, begins in zip(route.stops, route.begins, strict=True)
        for kind, job in [_read(stop)]
    ]
    return Round(route.courier.partition(" ")[2], tuple(visits), moment_of(route.finish))


def _late(found: Rounds, jobs: Sequence[Job]) -> list[Late]:
    """In the order of the jobs."""
    arrives = {stop: at for route in found.routes for stop, at in zip(route.stops, route.begins, strict=True)}
    late = []
    for job in jobs:
        at = arrives.get(_name("delivery", job.id))
        if at is not None and at > minute_until(job.until):
            late.append(Late(job.id, at - minute_until(job.until), moment_of(at)))
    return late


def _unserved(job: Job, couriers: Sequence[Courier], ways: Ways) -> Unserved:
    """Why nobody brings a job: what would be if it were the only one."""
    stops = [replace(stop, last=NEVER) for stop in _stops(job)]
    alone = [route_one(replace(courier, until=NEVER), stops, ways) for courier in couriers]
    able = [(route, courier) for route, courier in zip(alone, couriers, strict=True) if route is not None]
    if not able:
        return Unserved(job.id, "out_of_reach", None)
    in_shift = [route.begins[-1] for route, courier in able if route.finish <= courier.until]
    earliest = min(in_shift or [route.begins[-1] for route, _ in able])
    is_too_late = earliest > minute_until(job.until) + LATE_MINUTES_MAX
    why: Why = "shifts_end" if not in_shift else "too_late" if is_too_late else "all_busy"
    return Unserved(job.id, why, moment_of(earliest))


def _origin(courier: str) -> str:
    """Where a courier begins, by a name that no stop has."""
    return f"courier {courier}"


def _name(kind: Kind, job: str) -> str:
    return f"{kind} {job}"


def _read(stop: str) -> tuple[Kind, str]:
    kind, _, job = stop.partition(" ")
    return ("pickup" if kind == "pickup" else "delivery"), job
