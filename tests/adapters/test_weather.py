"""Weather: what is set comes back, the rest is a climate that could be, and nobody knows beyond sixteen days."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.weather_file import FileWeather
from shared.logistics.geo import Point, cell_of
from shared.logistics.weather import (
    FORECAST_DAYS_MAX,
    HOURS_MAX,
    Conditions,
    climate,
    hour_at,
    hours_of,
    sun_degrees,
)
from shared.ports import Weather

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
AUSTIN = Point(lat=30.27, lng=-97.74)
SUNNY = Conditions(code=0, cloud_percent=0, rain_percent=0, temperature_c=24.5, wind_kmh=8)
STORM = Conditions(code=95, cloud_percent=100, rain_percent=95, temperature_c=18, wind_kmh=70)


class StandingClock:
    def now(self) -> datetime:
        return NOW


def play(folder: Path, scenario: Callable[[FileWeather], Awaitable[None]]) -> None:
    """Run a scenario on the forecast as a process would that starts on the same file."""

    async def run() -> None:
        store = SqliteStore(folder / "records.db", StandingClock())
        try:
            await scenario(FileWeather(store, StandingClock()))
        finally:
            await store.close()

    asyncio.run(run())


async def conditions(weather: Weather, place: Point, start: datetime, hours: int) -> list[Conditions]:
    """What a forecast says, without the hours and the daylight."""
    said = await weather.forecast(place, start, start + hours * HOUR)
    return [Conditions(**one.model_dump(exclude={"at", "is_day"})) for one in said]


def test_what_is_set_comes_back_for_all_of_its_cell_and_no_other(tmp_path: Path) -> None:
    noon = NOW.replace(minute=0)

    async def change(weather: FileWeather) -> None:
        await weather.set(AUSTIN, {noon + HOUR: STORM, noon + 2 * HOUR + timedelta(minutes=59): STORM})
        await weather.set(AUSTIN, {noon + HOUR: SUNNY})

    async def read(weather: FileWeather) -> None:
        made_up = climate(cell_of(AUSTIN), noon), climate(cell_of(AUSTIN), noon + 3 * HOUR)
        assert await conditions(weather, AUSTIN, noon, 4) == [made_up[0], SUNNY, STORM, made_up[1]]
        assert await conditions(weather, Point(lat=30.21, lng=-97.79), noon + HOUR, 1) == [SUNNY]
        assert await conditions(weather, Point(lat=30.19, lng=-97.79), noon + HOUR, 1) != [SUNNY]

    async def clear(weather: FileWeather) -> None:
        await weather.clear(AUSTIN)
        assert SUNNY not in await conditions(weather, AUSTIN, noon, 4)

    play(tmp_path, change)
    play(tmp_path, read)
    play(tmp_path, clear)


def test_as_many_hours_as_can_be_asked_for_can_be_set_and_forgotten(tmp_path: Path) -> None:
    start = NOW.replace(minute=0) - HOUR * 24
    hours = [start + n * HOUR for n in range(HOURS_MAX)]

    async def scenario(weather: FileWeather) -> None:
        await weather.set(AUSTIN, dict.fromkeys(hours, STORM))
        assert await conditions(weather, AUSTIN, start, HOURS_MAX) == [STORM] * HOURS_MAX
        await weather.clear(AUSTIN)
        assert STORM not in await conditions(weather, AUSTIN, start, HOURS_MAX)
        with pytest.raises(ValueError, match=str(HOURS_MAX)):
            await weather.set(AUSTIN, dict.fromkeys([*hours, start - HOUR], STORM))

    play(tmp_path, scenario)


def test_nobody_knows_what_is_farther_than_sixteen_days_ahead(tmp_path: Path) -> None:
    edge = NOW + timedelta(days=FORECAST_DAYS_MAX)

    async def scenario(weather: FileWeather) -> None:
        await weather.set(AUSTIN, {edge + HOUR: SUNNY})
        said = await weather.forecast(AUSTIN, edge - 2 * HOUR, edge + 5 * HOUR)
        assert [one.at for one in said] == [edge.replace(minute=0) - n * HOUR for n in (2, 1, 0)]
        assert await weather.forecast(AUSTIN, edge + HOUR, edge + 2 * HOUR) == []

    play(tmp_path, scenario)


def test_a_span_is_every_hour_that_it_touches(tmp_path: Path) -> None:
    async def scenario(weather: FileWeather) -> None:
        said = await weather.forecast(AUSTIN, NOW, NOW + HOUR)
        assert [one.at.hour for one in said] == [12, 13]
        assert [one.at.hour for one in await weather.forecast(AUSTIN, NOW, NOW)] == [12]
        elsewhere = datetime.fromisoformat("2026-06-10T12:30:00+05:30")
        [first] = await weather.forecast(AUSTIN, elsewhere, elsewhere)
        assert first.at == NOW.replace(hour=7, minute=0)

    play(tmp_path, scenario)


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
    assert not any(hour_at(tromso, winter + n * HOUR, SUNNY).is_day for n in range(24))
    assert all(hour_at(tromso, summer + n * HOUR, SUNNY).is_day for n in range(24))


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
