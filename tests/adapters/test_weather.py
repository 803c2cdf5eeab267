"""What every forecast does, whoever stands behind it: hours of a span, by the cell, as far as anybody can know."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.weather_file import FileWeather
from shared.adapters.weather_open_meteo import OpenMeteoWeather
from shared.logistics.geo import Point, cell_of
from shared.logistics.weather import (
    FORECAST_DAYS_MAX,
    HOUR,
    HOURS_MAX,
    Conditions,
    WeatherHour,
    climate,
)
from tests.peers import open_meteo_peer
from tests.peers.open_meteo_peer import OpenMeteoPeer

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
NOON = NOW.replace(minute=0)
AUSTIN = Point(lat=30.27, lng=-97.74)
SUNNY = Conditions(code=0, cloud_percent=0, rain_percent=0, temperature_c=24.5, wind_kmh=8)
STORM = Conditions(code=95, cloud_percent=100, rain_percent=95, temperature_c=18, wind_kmh=70)


class StandingClock:
    def now(self) -> datetime:
        return NOW


class Sky(Protocol):
    """A forecast and what makes the weather behind it; each question comes from a process of its own."""

    def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None: ...

    def ask(self, place: Point, start: datetime, end: datetime) -> list[WeatherHour]: ...


class FileSky:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "records.db"

    def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None:
        async def work() -> None:
            store = SqliteStore(self._file, StandingClock())
            await FileWeather(store, StandingClock()).set(place, hours)
            await store.close()

        asyncio.run(work())

    def ask(self, place: Point, start: datetime, end: datetime) -> list[WeatherHour]:
        async def work() -> list[WeatherHour]:
            store = SqliteStore(self._file, StandingClock())
            try:
                return (await FileWeather(store, StandingClock()).forecast(place, start, end)).hours
            finally:
                await store.close()

        return asyncio.run(work())


class OpenMeteoSky:
    def __init__(self, peer: OpenMeteoPeer) -> None:
        self._peer = peer

    def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None:
        self._peer.set(place, hours)

    def ask(self, place: Point, start: datetime, end: datetime) -> list[WeatherHour]:
        return asyncio.run(OpenMeteoWeather(StandingClock(), self._peer.url).forecast(place, start, end)).hours


@pytest.fixture(params=["file", "open_meteo"])
def sky(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sky]:
    if request.param == "file":
        yield FileSky(tmp_path)
        return
    with open_meteo_peer.running(NOW) as peer:
        yield OpenMeteoSky(peer)


def conditions(sky: Sky, place: Point, start: datetime, hours: int) -> list[Conditions]:
    """What a forecast says, without the hours and the daylight."""
    said = sky.ask(place, start, start + hours * HOUR)
    return [Conditions(**one.model_dump(exclude={"at", "is_day"})) for one in said]


def test_what_is_set_comes_back_for_all_of_its_cell_and_no_other(sky: Sky) -> None:
    sky.set(AUSTIN, {NOON + HOUR: STORM, NOON + 2 * HOUR + timedelta(minutes=59): STORM})
    sky.set(AUSTIN, {NOON + HOUR: SUNNY})
    made_up = climate(cell_of(AUSTIN), NOON), climate(cell_of(AUSTIN), NOON + 3 * HOUR)
    assert conditions(sky, AUSTIN, NOON, 4) == [made_up[0], SUNNY, STORM, made_up[1]]
    assert conditions(sky, Point(lat=30.21, lng=-97.79), NOON + HOUR, 1) == [SUNNY]
    assert conditions(sky, Point(lat=30.19, lng=-97.79), NOON + HOUR, 1) != [SUNNY]


@pytest.mark.parametrize(
    "place", [Point(lat=90, lng=180), Point(lat=-90, lng=-180), Point(lat=0, lng=0), Point(lat=-33.87, lng=151.21)]
)
def test_there_is_weather_everywhere(sky: Sky, place: Point) -> None:
    sky.set(place, {NOON: STORM})
    assert conditions(sky, place, NOON, 1) == [STORM]


def test_a_span_is_every_hour_that_it_touches(sky: Sky) -> None:
    assert [one.at.hour for one in sky.ask(AUSTIN, NOW, NOW + HOUR)] == [12, 13]
    assert [one.at.hour for one in sky.ask(AUSTIN, NOW, NOW)] == [12]
    elsewhere = datetime.fromisoformat("2026-06-10T12:30:00+05:30")
    [first] = sky.ask(AUSTIN, elsewhere, elsewhere)
    assert first.at == NOW.replace(hour=7, minute=0)
    assert first.at.utcoffset() == timedelta(0)


def test_a_whole_span_begins_yesterday_and_ends_with_what_can_be_known(sky: Sky) -> None:
    start = NOON.replace(hour=0) - timedelta(days=1)
    said = sky.ask(AUSTIN, start, start + HOURS_MAX * HOUR)
    assert [one.at for one in said] == [start + n * HOUR for n in range(HOURS_MAX)]


def test_nobody_knows_what_is_farther_than_sixteen_days_ahead(sky: Sky) -> None:
    edge = NOW + timedelta(days=FORECAST_DAYS_MAX)
    sky.set(AUSTIN, {edge + HOUR: SUNNY})
    assert sky.ask(AUSTIN, edge + HOUR, edge + 2 * HOUR) == []
    said = [one.at for one in sky.ask(AUSTIN, edge - timedelta(days=2), edge + timedelta(days=2))]
    assert said == sorted(said)
    assert said[-1] < edge
    assert said[-1] >= edge - timedelta(days=1)


def test_the_sun_is_up_by_day(sky: Sky) -> None:
    start = datetime(2026, 6, 11, 5, tzinfo=UTC)  # midnight of Austin
    is_day = [one.is_day for one in sky.ask(AUSTIN, start, start + 23 * HOUR)]
    assert not any(is_day[:6])  # the sun rises at half past six
    assert all(is_day[7:20])
    assert not any(is_day[21:])


@pytest.mark.parametrize(
    ("start", "end"), [(NOW, NOW - HOUR), (NOW, NOW + (HOURS_MAX + 1) * HOUR), (datetime(2026, 6, 10), NOW)]
)
def test_spans_that_cannot_be_are_refused(sky: Sky, start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="`start`"):
        sky.ask(AUSTIN, start, end)
