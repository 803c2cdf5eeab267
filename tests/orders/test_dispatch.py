"""Who should take what: what is late and what nobody can bring is told, with the reason."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from shared.adapters.fleet_heuristic import HeuristicFleet
from shared.adapters.fleet_pyvrp import PyVrpFleet
from shared.adapters.travel_great_circle import GreatCircleTravel
from shared.logistics.geo import Point
from shared.logistics.travel import travel_minutes
from shared.orders.dispatch import LATE_MINUTES_MAX, AtHand, Dispatch, Job, Unserved, dispatched
from shared.orders.rounds import HAND_OVER_MINUTES
from shared.ports import Fleet

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
"""A time at which the speed of the streets stays the same for hours, the hours of UTC being theirs."""
SHOP, HOME, HILL = Point(lat=30.27, lng=-97.74), Point(lat=30.25, lng=-97.78), Point(lat=30.33, lng=-97.70)
ISLAND = Point(lat=21.3, lng=-157.8)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def way(here: Point, there: Point) -> int:
    minutes = travel_minutes(here, there, NOW, "car", UTC)
    assert minutes is not None
    return minutes


def job(name: str = "roses", *, since: int = 0, until: int = 200, pickup: Point = SHOP, deliver: Point = HOME) -> Job:
    return Job(name, pickup, deliver, after(since), after(until))


def plan(hands: list[AtHand], jobs: list[Job], fleet: Fleet | None = None) -> Dispatch:
    return asyncio.run(dispatched(hands, jobs, NOW, fleet or HeuristicFleet(), GreatCircleTravel(UTC)))


ANN, BOB = AtHand("ann", HILL, after(400)), AtHand("bob", SHOP, after(400))


def test_the_nearer_one_goes_and_the_times_are_right() -> None:
    found = plan([ANN, BOB], [job()])
    [one] = found.rounds
    assert (one.courier, found.late, found.unserved) == ("bob", (), ())
    there = after(HAND_OVER_MINUTES + way(SHOP, HOME))
    assert [(visit.job, visit.kind, visit.begins) for visit in one.visits] == [
        ("roses", "pickup", NOW), ("roses", "delivery", there),
    ]  # fmt: skip
    assert one.finish == there + timedelta(minutes=HAND_OVER_MINUTES)


def test_what_comes_late_is_told_to_the_minute_and_makes_nothing_else_late() -> None:
    takes = HAND_OVER_MINUTES + way(SHOP, HOME)
    alone = plan([BOB], [job("late", until=takes - 7)])
    assert [(one.job, one.minutes, one.arrives) for one in alone.late] == [("late", 7, after(takes))]
    found = plan([BOB], [job("late", until=takes - 7), job("in time", until=takes + HAND_OVER_MINUTES)])
    [late] = found.late
    visits = {(visit.job, visit.kind): visit.begins for visit in found.rounds[0].visits}
    assert late.job == "late"
    assert visits["late", "delivery"] == late.arrives == after(takes - 7 + late.minutes)
    assert visits["in time", "delivery"] <= after(takes + HAND_OVER_MINUTES)
    assert found.unserved == ()


def test_why_nobody_brings_it() -> None:
    takes = HAND_OVER_MINUTES + way(SHOP, HOME)
    assert plan([BOB], [job(deliver=ISLAND)]).unserved == (Unserved("roses", "out_of_reach", None),)
    short = AtHand("bob", SHOP, after(takes + HAND_OVER_MINUTES - 1))
    assert plan([short], [job()]).unserved == (Unserved("roses", "shifts_end", after(takes)),)
    too_late = job(until=takes - LATE_MINUTES_MAX - 1)
    assert plan([BOB], [too_late]).unserved == (Unserved("roses", "too_late", after(takes)),)
    just = plan([BOB], [job(until=takes - LATE_MINUTES_MAX)])
    assert ([one.minutes for one in just.late], just.unserved) == ([LATE_MINUTES_MAX], ())
    busy = AtHand("bob", SHOP, after(takes + HAND_OVER_MINUTES), capacity=1)
    found = plan([busy], [job("a"), job("b")])
    assert [(one.why, one.earliest) for one in found.unserved] == [("all_busy", after(takes))]


def test_a_bag_for_one_thing_takes_one_at_a_time() -> None:
    jobs = [job("a"), job("b")]
    kinds = [
        [visit.kind for visit in plan([AtHand("bob", SHOP, after(400), bag)], jobs).rounds[0].visits] for bag in (1, 2)
    ]
    assert kinds == [["pickup", "delivery", "pickup", "delivery"], ["pickup", "pickup", "delivery", "delivery"]]


@pytest.mark.parametrize("fleet", [HeuristicFleet(), PyVrpFleet(0.05)], ids=lambda one: type(one).__name__)
def test_every_job_is_in_one_round_or_unserved(fleet: Fleet) -> None:
    random = Random(5)

    def somewhere() -> Point:
        return Point(lat=30.2 + random.random() / 5, lng=-97.8 + random.random() / 5)

    hands = [
        AtHand(f"c{n}", somewhere(), after(random.randint(60, 240)), random.choice((None, 1, 2))) for n in range(4)
    ]
    jobs = [
        Job(
            f"j{n}",
            somewhere(),
            somewhere(),
            after(since := random.randint(-30, 120)),
            after(since + random.randint(0, 90)),
        )
        for n in range(12)
    ]
    found = plan(hands, jobs, fleet)
    told = [visit.job for one in found.rounds for visit in one.visits if visit.kind == "delivery"]
    assert sorted([*told, *(one.job for one in found.unserved)]) == sorted(one.id for one in jobs)
    assert {one.job for one in found.late} <= set(told)
    assert found.late
    assert found.unserved
    until = {one.id: one.until for one in hands}
    assert all(one.finish <= until[one.courier] for one in found.rounds)
    due = {one.id: one.until for one in jobs}
    late = {one.job for one in found.late}
    for one in found.rounds:
        for visit in one.visits:
            assert visit.kind == "pickup" or (visit.begins > due[visit.job]) == (visit.job in late)
