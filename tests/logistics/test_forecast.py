"""A forecast in columns: its hours, its gaps, its end, and parts of it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.logistics.forecast import COLUMNS, UNKNOWN, Forecast, forecast_from, forecast_of
from shared.logistics.geo import Point
from shared.logistics.weather import HOUR, Conditions, is_light

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
AUSTIN = Point(lat=30.27, lng=-97.74)
SUNNY = Conditions(code=0, cloud_percent=5, rain_percent=0, temperature_c=24.5, wind_kmh=8)
STORM = Conditions(code=95, cloud_percent=100, rain_percent=95, temperature_c=18, wind_kmh=70)

any_hours = st.lists(st.sampled_from([SUNNY, STORM, None]), max_size=30)


@given(any_hours)
def test_every_hour_that_is_known_comes_back_in_its_place(told: list[Conditions | None]) -> None:
    forecast = forecast_of(AUSTIN, NOON, told)
    found = {(hour.at - NOON) // HOUR: hour for hour in forecast.hours}
    assert {row: Conditions(**hour.model_dump(exclude={"at", "is_day"})) for row, hour in found.items()} == {
        row: one for row, one in enumerate(told) if one
    }
    assert all(hour.is_day == is_light(AUSTIN, hour.at) for hour in found.values())


@given(any_hours)
def test_it_ends_with_the_last_hour_that_is_known_and_all_columns_are_as_long(told: list[Conditions | None]) -> None:
    forecast = forecast_of(AUSTIN, NOON, told)
    last = max((row for row, one in enumerate(told) if one), default=-1)
    assert {len(column) for column in forecast.columns} == {last + 1}
    assert forecast.is_empty == (last < 0)


@given(any_hours, st.integers(-5, 35), st.integers(-5, 35))
def test_a_part_has_the_hours_between_as_far_as_there_are_any(
    told: list[Conditions | None], first: int, last: int
) -> None:
    whole = forecast_of(AUSTIN, NOON, told)
    part = whole.part(NOON + first * HOUR, NOON + last * HOUR)
    assert part.hours == [hour for hour in whole.hours if NOON + first * HOUR <= hour.at <= NOON + last * HOUR]
    assert part.is_empty == (not part.hours)


def test_columns_are_in_the_order_in_which_rows_give_them() -> None:
    forecast = forecast_from(NOON, [(1, 20, 30, 4.5, 5.5, True), UNKNOWN, (2, 21, 31, 5.5, 6.5, False), UNKNOWN])
    assert dict(zip(COLUMNS, forecast.columns, strict=True)) == {
        "code": (1, None, 2),
        "cloud_percent": (20, None, 21),
        "rain_percent": (30, None, 31),
        "temperature_c": (4.5, None, 5.5),
        "wind_kmh": (5.5, None, 6.5),
        "is_day": (True, None, False),
    }
    assert Forecast(NOON).hours == []
