"""Ways by the hour: nobody overtakes, and leaving at the last minute is in time while one later is not."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logistics.geo import Point
from shared.logistics.timechain.minutes import minute_from, moment_of
from shared.logistics.timechain.ways import Way, way_by_hour, way_by_samples
from shared.logistics.travel import travel_minutes

AUSTIN = ZoneInfo("America/Chicago")
CAPITOL = Point(lat=30.2747, lng=-97.7404)
ROUND_ROCK = Point(lat=30.5083, lng=-97.6789)
MIDNIGHT = minute_from(datetime(2026, 11, 20, tzinfo=AUSTIN))
samples = st.lists(st.integers(0, 90), min_size=1, max_size=12).map(
    lambda minutes: [(60 * n, one) for n, one in enumerate(minutes)]
)


def is_sound(way: Way, depart: int) -> None:
    arrival = way.arrive(depart)
    assert way.least <= arrival - depart <= way.most
    assert arrival <= way.arrive(depart + 1)
    last = way.depart_by(arrival)
    assert last >= depart
    assert way.arrive(last) <= arrival < way.arrive(last + 1)


@given(samples, st.integers(-100, 900))
def test_by_samples(taken: list[tuple[int, int]], depart: int) -> None:
    is_sound(way_by_samples(taken), depart)


@given(st.integers(0, 3 * 1_440))
def test_by_the_speeds_of_the_hours(offset: int) -> None:
    way = way_by_hour(CAPITOL, ROUND_ROCK, "car", AUSTIN)
    assert way is not None
    is_sound(way, MIDNIGHT + offset)
    minutes = travel_minutes(CAPITOL, ROUND_ROCK, moment_of(MIDNIGHT + offset), "car", AUSTIN)
    assert way.arrive(MIDNIGHT + offset) == MIDNIGHT + offset + (minutes or 0)


def test_samples_are_kept_where_nobody_overtakes() -> None:
    way = way_by_samples([(0, 30), (60, 50), (120, 20)])
    assert [way.arrive(depart) for depart in (-10, 0, 30, 60, 120, 500)] == [20, 30, 70, 110, 140, 520]
    assert way_by_samples([(0, 100), (60, 10)]).arrive(60) == 100


def test_too_far_and_no_samples() -> None:
    assert way_by_hour(CAPITOL, Point(lat=0, lng=0), "car", AUSTIN) is None
    with pytest.raises(ValueError, match="needs samples"):
        way_by_samples([])
    with pytest.raises(ValueError, match="each later"):
        way_by_samples([(60, 5), (60, 6)])
