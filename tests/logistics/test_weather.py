"""Weather by the hour: spans, the sun, and a climate that could be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logistics.geo import Point, cell_of
from shared.logistics.weather import HOUR, HOURS_MAX, climate, hours_of, is_light, sun_degrees

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
AUSTIN = Point(lat=30.27, lng=-97.74)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOW, NOW - HOUR),
        (NOW, NOW - timedelta(minutes=1)),
        (NOW, NOW + (HOURS_MAX + 1) * HOUR),
        (datetime(2026, 6, 10), NOW),
    ],
)
def test_spans_that_cannot_be_are_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="`start`"):
        hours_of(start, end)


# Civil sunrise and sunset in UTC, to the quarter of an hour that the equation of time allows.
@pytest.mark.parametrize(
    ("place", "rise", "set_"),
    [
        (AUSTIN, datetime(2026, 6, 21, 11, 30, tzinfo=UTC), datetime(2026, 6, 22, 1, 36, tzinfo=UTC)),
        (AUSTIN, datetime(2026, 12, 21, 13, 23, tzinfo=UTC), datetime(2026, 12, 21, 23, 35, tzinfo=UTC)),
        (Point(lat=51.48, lng=0), datetime(2026, 3, 20, 6, 4, tzinfo=UTC), datetime(2026, 3, 20, 18, 13, tzinfo=UTC)),
    ],
)
def test_the_sun_rises_and_sets_when_almanacs_say(place: Point, rise: datetime, set_: datetime) -> None:
    slack = timedelta(minutes=25)
    assert sun_degrees(place, rise - slack) < 0 < sun_degrees(place, rise + slack)
    assert sun_degrees(place, set_ + slack) < 0 < sun_degrees(place, set_ - slack)


def test_the_polar_night_is_dark_and_the_polar_day_is_light() -> None:
    tromso = Point(lat=69.65, lng=18.96)
    winter, summer = datetime(2026, 12, 21, tzinfo=UTC), datetime(2026, 6, 21, tzinfo=UTC)
    assert not any(is_light(tromso, winter + n * HOUR) for n in range(24))
    assert all(is_light(tromso, summer + n * HOUR) for n in range(24))


@given(
    st.builds(Point, lat=st.floats(-90, 90), lng=st.floats(-180, 180)),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_the_climate_is_always_the_same_and_holds_together(place: Point, at: datetime) -> None:
    said = climate(cell_of(place), at)
    assert said == climate(cell_of(place), at)
    assert (said.code >= 61) == (said.rain_percent >= 40)
    assert said.rain_percent == 0 or said.cloud_percent > 45
    assert (said.code >= 71) <= (said.temperature_c <= 0)


def test_the_climate_is_one_that_could_be() -> None:
    def mean(place: Point, month: int) -> float:
        hours = [datetime(2026, month, 1 + n // 24, n % 24, tzinfo=UTC) for n in range(24 * 28)]
        return sum(climate(cell_of(place), hour).temperature_c for hour in hours) / len(hours)

    berlin, sydney = Point(lat=52.52, lng=13.4), Point(lat=-33.87, lng=151.21)
    assert 25 < mean(AUSTIN, 7) < 35
    assert mean(berlin, 1) < 5 < 15 < mean(berlin, 7) < 28
    assert mean(sydney, 7) < mean(sydney, 1) - 5
    year = [climate(cell_of(AUSTIN), datetime(2026, 1, 1, tzinfo=UTC) + n * HOUR) for n in range(24 * 365)]
    sunny = sum(hour.cloud_percent <= 30 and hour.rain_percent <= 20 for hour in year) / len(year)
    rainy = sum(hour.rain_percent >= 40 for hour in year) / len(year)
    assert 0.15 < sunny < 0.6
    assert 0.05 < rainy < 0.3
