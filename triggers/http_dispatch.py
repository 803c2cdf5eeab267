"""Routes: who of the couriers at hand should take what; nothing is assigned, kept or told to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.logistics.geo import Point
from shared.orders.dispatch import COURIERS_MAX, JOBS_MAX, SHIFT_HOURS_MAX, AtHand, Job, Kind, Why, dispatched
from shared.people.access import Need
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Routes
from triggers.http_orders import refused
from triggers.parse import Input, Output, When

if TYPE_CHECKING:
    from shared.orders.dispatch import Dispatch

routes = Routes("dispatch")
READER = Need(scopes=frozenset({"operations:read"}))
CAPACITY_MAX = 1_000
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]


class CourierAtHand(Input):
    """Where somebody is, until when they are there for it, and how many things they take at once."""

    id: Id
    at: Point
    until: When
    capacity: int | None = Field(default=None, ge=1, le=CAPACITY_MAX)


class JobToDo(Input):
    """Something to be fetched, not before `from`, and to be brought until `until`."""

    id: Id
    pickup: Point
    deliver: Point
    since: When = Field(alias="from")
    until: When


class DispatchWish(Input):
    """Couriers and jobs; every id once in its list."""

    couriers: list[CourierAtHand] = Field(min_length=1, max_length=COURIERS_MAX)
    jobs: list[JobToDo] = Field(min_length=1, max_length=JOBS_MAX)


class VisitView(Output):
    """Where a courier goes next; begins: when they are there and it is time."""

    job_id: str
    kind: Kind
    begins: AwareDatetime


class RoundView(Output):
    """What one courier should do."""

    courier_id: str
    visits: list[VisitView]
    finish: AwareDatetime


class LateView(Output):
    """A job that somebody does too late."""

    job_id: str
    late_minutes: int
    arrives: AwareDatetime


class UnservedView(Output):
    """A job that nobody does; earliest: when it could be there if one who can did nothing else."""

    job_id: str
    why: Why
    earliest: AwareDatetime | None


class DispatchView(Output):
    """Rounds from now on, of those couriers who have one."""

    rounds: list[RoundView]
    late: list[LateView]
    unserved: list[UnservedView]


@routes.post("/api/v1/dispatch/plan", need=READER)
async def plan_dispatch(body: DispatchWish, deps: Deps, about: About) -> DispatchView:
    """Rounds for couriers at hand: as many jobs in time as can be, then as little time on the way."""
    _check(body, about)
    hands = [AtHand(one.id, one.at, one.until, one.capacity) for one in body.couriers]
    jobs = [Job(one.id, one.pickup, one.deliver, one.since, one.until) for one in body.jobs]
    return _view(await dispatched(hands, jobs, about.now, deps.fleet, deps.travel))


def _check(body: DispatchWish, about: About) -> None:
    """Raises AppError for what cannot be planned, by the name of its field."""
    for number, courier in enumerate(body.couriers):
        if not about.now <= courier.until <= about.now + timedelta(hours=SHIFT_HOURS_MAX):
            raise refused(f"couriers[{number}].until", f"It lies between now and {SHIFT_HOURS_MAX} hours from now.")
    for number, job in enumerate(body.jobs):
        if job.since > job.until:
            raise refused(f"jobs[{number}].until", "It is not before `from`.")
    _check_ids("couriers", [one.id for one in body.couriers])
    _check_ids("jobs", [one.id for one in body.jobs])


def _check_ids(name: Literal["couriers", "jobs"], ids: Sequence[str]) -> None:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            raise refused(f"{name}[{number}].id", "Another one has this id.")


def _view(found: Dispatch) -> DispatchView:
    return DispatchView(
        rounds=[
            RoundView(
                courier_id=one.courier,
                visits=[VisitView(job_id=visit.job, kind=visit.kind, begins=visit.begins) for visit in one.visits],
                finish=one.finish,
            )
            for one in found.rounds
        ],
        late=[LateView(job_id=one.job, late_minutes=one.minutes, arrives=one.arrives) for one in found.late],
        unserved=[UnservedView(job_id=one.job, why=one.why, earliest=one.earliest) for one in found.unserved],
    )
