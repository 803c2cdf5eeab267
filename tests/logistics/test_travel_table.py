"""Ways between many places by the travel port: nobody is there later than planned, and nobody overtakes."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.adapters.travel_great_circle import GreatCircleTravel
from shared.logistics.geo import Point
from shared.logistics.timechain.minutes import minute_from, moment_of
from shared.logistics.timechain.ways import Way
from shared.logistics.travel import travel_minutes
from shared.logistics.travel_table import ways_between

AUSTIN = ZoneInfo("America/Chicago")
PLACES = [Point(lat=30.2747, lng=-97.7404), Point(lat=30.5083, lng=-97.6789), Point(lat=30.2583, lng=-97.7826)]
TOKYO = Point(lat=35.68, lng=139.77)
START = minute_from(datetime(2026, 11, 23, 6, 20, tzinfo=AUSTIN))
UNTIL = START + 12 * 60


@pytest.fixture(scope="module")
def ways() -> dict[tuple[Point, Point], Way]:
    travel = GreatCircleTravel(AUSTIN)
    return asyncio.run(ways_between(travel, [*PLACES, TOKYO], [*PLACES, *PLACES, TOKYO], START, UNTIL))


def test_every_way_that_can_be_gone_is_there(ways: dict[tuple[Point, Point], Way]) -> None:
    assert set(ways) == {*((a, b) for a in PLACES for b in PLACES), (TOKYO, TOKYO)}


def test_no_way_takes_longer_than_planned_and_hardly_shorter(ways: dict[tuple[Point, Point], Way]) -> None:
    planned = true = 0
    for (here, there), way in ways.items():
        for depart in range(START, UNTIL, 7):
            minutes = travel_minutes(here, there, moment_of(depart), "car", AUSTIN)
            assert minutes is not None
            assert minutes <= way.arrive(depart) - depart + (0 if minutes < 60 else 3)
            assert way.arrive(depart) <= way.arrive(depart + 1)
            planned, true = planned + way.arrive(depart) - depart, true + minutes
    assert planned <= true * 1.15


def test_many_places_are_asked_for_in_several_turns() -> None:
    many = [Point(lat=30 + n / 1_000, lng=-97) for n in range(150)]
    noon = minute_from(datetime(2026, 11, 23, 12, 10, tzinfo=AUSTIN))
    found = asyncio.run(ways_between(GreatCircleTravel(AUSTIN), many[:1], many, noon, noon + 60))
    assert len(found) == 150
    assert [found[many[0], many[n]].arrive(noon) - noon for n in (0, 149)] == [
        travel_minutes(many[0], many[n], moment_of(noon), "car", AUSTIN) for n in (0, 149)
    ]
