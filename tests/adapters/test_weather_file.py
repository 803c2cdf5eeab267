"""The embedded forecast alone: setting it in bulk, forgetting it, and its edge of sixteen days to the hour."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.weather_file import FileWeather
from shared.logistics.geo import Point, cell_of
from shared.logistics.weather import FORECAST_DAYS_MAX, HOUR, HOURS_MAX, Conditions, climate

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
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


async def conditions(weather: FileWeather, start: datetime, hours: int) -> list[Conditions]:
    said = await weather.forecast(AUSTIN, start, start + hours * HOUR)
    return [Conditions(**one.model_dump(exclude={"at", "is_day"})) for one in said.hours]


def test_what_was_set_is_kept_can_be_changed_and_forgotten(tmp_path: Path) -> None:
    noon = NOW.replace(minute=0)

    async def change(weather: FileWeather) -> None:
        await weather.set(AUSTIN, {noon: STORM, noon + HOUR: STORM})
        await weather.set(AUSTIN, {noon: SUNNY})

    async def read_and_clear(weather: FileWeather) -> None:
        assert await conditions(weather, noon, 3) == [SUNNY, STORM, climate(cell_of(AUSTIN), noon + 2 * HOUR)]
        await weather.clear(AUSTIN)

    async def read(weather: FileWeather) -> None:
        assert SUNNY not in await conditions(weather, noon, 3)

    for scenario in (change, read_and_clear, read):
        play(tmp_path, scenario)


def test_as_many_hours_as_can_be_asked_for_can_be_set_and_forgotten(tmp_path: Path) -> None:
    start = NOW.replace(minute=0) - HOUR * 24
    hours = [start + n * HOUR for n in range(HOURS_MAX)]

    async def scenario(weather: FileWeather) -> None:
        await weather.set(AUSTIN, dict.fromkeys(hours, STORM))
        assert await conditions(weather, start, HOURS_MAX) == [STORM] * HOURS_MAX
        await weather.clear(AUSTIN)
        assert STORM not in await conditions(weather, start, HOURS_MAX)
        with pytest.raises(ValueError, match=str(HOURS_MAX)):
            await weather.set(AUSTIN, dict.fromkeys([*hours, start - HOUR], STORM))

    play(tmp_path, scenario)


def test_the_last_hour_that_is_known_begins_within_sixteen_days(tmp_path: Path) -> None:
    edge = NOW + timedelta(days=FORECAST_DAYS_MAX)

    async def scenario(weather: FileWeather) -> None:
        await weather.set(AUSTIN, {edge + HOUR: SUNNY})
        said = await weather.forecast(AUSTIN, edge - 2 * HOUR, edge + 5 * HOUR)
        assert [one.at for one in said.hours] == [edge.replace(minute=0) - n * HOUR for n in (2, 1, 0)]

    play(tmp_path, scenario)
