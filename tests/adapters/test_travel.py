"""Travel times: distances that are known, hours of the day, and FIFO: who leaves later does not arrive earlier."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.adapters.travel_great_circle import GreatCircleTravel
from shared.logistics.geo import Cell, Point, cell_of, distance_metres
from shared.logistics.travel import DESTINATIONS_MAX, KM_MAX, SPEED_KMH, travel_minutes
from shared.ports import Travel

AUSTIN = ZoneInfo("America/Chicago")
CAPITOL = Point(lat=30.2747, lng=-97.7404)
AIRPORT = Point(lat=30.1945, lng=-97.6699)
# Clocks go forward at 8:00 UTC on 8 March 2026 and back at 7:00 UTC on 1 November.
DAYS = [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]


def ask(origin: Point, destinations: list[Point], depart: datetime, **more: Any) -> list[int | None]:
    travel: Travel = GreatCircleTravel(AUSTIN)
    return asyncio.run(travel.minutes(origin, destinations, depart, **more))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 10, hour, minute, tzinfo=AUSTIN)


def north_of(point: Point, metres: float) -> Point:
    return Point(lat=point.lat + metres / 111_195.08, lng=point.lng)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        (Point(lat=0, lng=0), Point(lat=0, lng=1), 111.195),  # a 360th of the equator of a sphere of 6,371 km
        (Point(lat=0, lng=179.5), Point(lat=0, lng=-179.5), 111.195),
        (Point(lat=90, lng=0), Point(lat=-90, lng=77), 20_015.1),
        (Point(lat=52.5200, lng=13.4050), Point(lat=48.8566, lng=2.3522), 877.5),  # Berlin to Paris
        (CAPITOL, CAPITOL, 0),
    ],
)
def test_distances_that_are_known(a: Point, b: Point, km: float) -> None:
    assert distance_metres(a, b) == pytest.approx(km * 1000, rel=0.0005)
    assert distance_metres(a, b) == distance_metres(b, a)


def test_a_way_by_hand() -> None:
    # 10 km of great circle are 13 km of street: at 32 km/h 24 min 22 s.
    assert ask(CAPITOL, [north_of(CAPITOL, 10_000)], at(12)) == [25]
    # From 6:50: 10 min at 32 km/h are 5.33 km, the other 7.67 km at 22 km/h take 20 min 54 s.
    assert ask(CAPITOL, [north_of(CAPITOL, 10_000)], at(6, 50)) == [31]
    assert ask(CAPITOL, [north_of(CAPITOL, 10_000)], at(3)) == [18]
    assert ask(CAPITOL, [CAPITOL], at(8)) == [0]


def test_a_mode_has_its_speed_and_its_reach() -> None:
    near, far = north_of(CAPITOL, 3_000), north_of(CAPITOL, 30_000)
    assert ask(CAPITOL, [near, far], at(12), mode="foot") == [47, None]
    assert ask(CAPITOL, [near, far], at(12), mode="bike") == [16, 156]
    for mode, reach in KM_MAX.items():
        edge = reach * 1_000 / 1.3
        inside, outside = ask(
            CAPITOL, [north_of(CAPITOL, edge * 0.99), north_of(CAPITOL, edge * 1.01)], at(3), mode=mode
        )
        assert inside is not None
        assert outside is None


def test_answers_stand_in_the_order_of_the_destinations() -> None:
    there = ask(CAPITOL, [AIRPORT, CAPITOL, north_of(CAPITOL, 100_000)], at(12))
    assert there == [*ask(CAPITOL, [AIRPORT], at(12)), 0, *ask(CAPITOL, [north_of(CAPITOL, 100_000)], at(12))]
    assert ask(CAPITOL, [], at(12)) == []


def test_the_hours_are_those_of_the_place_whatever_offset_the_time_is_told_in() -> None:
    assert (
        len({tuple(ask(CAPITOL, [AIRPORT], at(8).astimezone(zone))) for zone in (AUSTIN, UTC, ZoneInfo("Asia/Tokyo"))})
        == 1
    )
    assert ask(CAPITOL, [AIRPORT], at(8)) != ask(CAPITOL, [AIRPORT], at(8).replace(tzinfo=UTC))


@pytest.mark.parametrize("day", DAYS)
def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(day: datetime) -> None:
    leaves, there = day + timedelta(hours=6, minutes=30), [north_of(CAPITOL, 400_000)]
    assert ask(CAPITOL, there, leaves.astimezone(AUSTIN)) == ask(CAPITOL, there, leaves)


def test_too_many_destinations_and_times_without_offset_are_refused() -> None:
    assert len(ask(CAPITOL, [AIRPORT] * DESTINATIONS_MAX, at(12))) == DESTINATIONS_MAX
    with pytest.raises(ValueError, match="at most 100"):
        ask(CAPITOL, [AIRPORT] * (DESTINATIONS_MAX + 1), at(12))
    with pytest.raises(ValueError, match="offset"):
        ask(CAPITOL, [AIRPORT], datetime(2026, 6, 10, 12))


@given(
    day=st.sampled_from(DAYS),
    leaves=st.integers(0, 36 * 60),
    waits=st.integers(1, 180),
    metres=st.integers(0, 400_000),
    mode=st.sampled_from(sorted(SPEED_KMH)),
)
def test_who_leaves_later_does_not_arrive_earlier(
    day: datetime, leaves: int, waits: int, metres: int, mode: Any
) -> None:
    there = north_of(CAPITOL, metres)
    early = travel_minutes(CAPITOL, there, day + timedelta(minutes=leaves), mode, AUSTIN)
    late = travel_minutes(CAPITOL, there, day + timedelta(minutes=leaves + waits), mode, AUSTIN)
    if early is None:
        assert late is None
    else:
        assert late is not None
        assert leaves + early <= leaves + waits + late


@given(metres=st.integers(0, 200_000), more=st.integers(0, 5_000), leaves=st.integers(0, 24 * 60))
def test_a_longer_way_takes_no_less(metres: int, more: int, leaves: int) -> None:
    depart = DAYS[1] + timedelta(minutes=leaves)
    short, long = (
        travel_minutes(CAPITOL, north_of(CAPITOL, m), depart, "car", AUSTIN) for m in (metres, metres + more)
    )
    assert short is not None
    assert long is not None
    assert short <= long


@pytest.mark.parametrize(
    ("lat", "lng", "cell"),
    [
        (30.2747, -97.7404, Cell(302, -978)),
        (0, 0, Cell(0, 0)),
        (-0.01, -0.01, Cell(-1, -1)),
        (90, 180, Cell(899, -1800)),
        (-90, -180, Cell(-900, -1800)),
    ],
)
def test_cells(lat: float, lng: float, cell: Cell) -> None:
    assert cell_of(Point(lat=lat, lng=lng)) == cell
    assert cell_of(cell.centre) == cell


def test_every_tenth_of_a_degree_begins_its_own_cell() -> None:
    assert [cell_of(Point(lat=0, lng=tenths / 10)).lng_tenths for tenths in range(-1800, 1800)] == list(
        range(-1800, 1800)
    )


@pytest.mark.parametrize(("lat", "lng"), [(91, 0), (-97.74, 30.27), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_points_off_the_globe_cannot_be_made(lat: float, lng: float) -> None:
    with pytest.raises(ValidationError):
        Point(lat=lat, lng=lng)
