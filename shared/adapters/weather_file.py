"""The embedded forecast: what somebody has set for a cell and hour, kept in the store; elsewhere a made-up climate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from shared.logistics.geo import Cell, Point, cell_of
from shared.logistics.weather import (
    FORECAST_DAYS_MAX,
    HOURS_MAX,
    Conditions,
    WeatherHour,
    climate,
    hour_at,
    hour_of,
    hours_of,
)
from shared.ports import Clock, Store
from shared.records import BATCH_MAX, PAGE_MAX, Container, Query, Record, Stored, Write


class SetHour(Record):
    """An hour whose weather somebody has set."""

    cell: str
    at: AwareDatetime
    conditions: Conditions


SET_HOURS = Container("weather_set", SetHour, "cell", indexes=("at",))


class FileWeather:
    """Satisfies shared.ports.Weather on any Store; `set` and `clear` are for whoever plays the weather."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def forecast(self, place: Point, start: datetime, end: datetime) -> list[WeatherHour]:
        """Every hour that the span touches and that can be known, in order; raises ValueError for a span too long."""
        known_until = self._clock.now() + timedelta(days=FORECAST_DAYS_MAX)
        hours = [hour for hour in hours_of(start, end) if hour < known_until]
        if not hours:
            return []
        cell = cell_of(place)
        kept = await self._kept(cell, {"at": {"ge": hours[0], "le": hours[-1]}})
        chosen = {stored.value.at: stored.value.conditions for stored in kept}
        return [hour_at(place, hour, chosen.get(hour) or climate(cell, hour)) for hour in hours]

    async def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None:
        """Set the weather of the place's cell for hours, by any moment within each; raises ValueError for too many."""
        if len(hours) > HOURS_MAX:
            raise ValueError(f"{len(hours)} hours at once: set at most {HOURS_MAX}")
        cell = _name(cell_of(place))
        records = [
            SetHour(id=f"{hour_of(at):%Y-%m-%dT%H}", cell=cell, at=hour_of(at), conditions=conditions)
            for at, conditions in hours.items()
        ]
        await self._write(cell, [Write("put", record) for record in records])

    async def clear(self, place: Point) -> None:
        """Forget everything that was set for the place's cell."""
        cell = cell_of(place)
        kept = await self._kept(cell, {})
        await self._write(_name(cell), [Write("delete", stored.value) for stored in kept])

    async def _kept(self, cell: Cell, where: Mapping[str, object]) -> list[Stored[SetHour]]:
        kept: list[Stored[SetHour]] = []
        after: str | None = None
        while True:
            page = await self._store.query(SET_HOURS, Query(where, _name(cell), "at", PAGE_MAX, after))
            kept.extend(page.items)
            after = page.next
            if after is None:
                return kept

    async def _write(self, cell: str, writes: list[Write[SetHour]]) -> None:
        for first in range(0, len(writes), BATCH_MAX):
            await self._store.apply(SET_HOURS, cell, writes[first : first + BATCH_MAX])


def _name(cell: Cell) -> str:
    return f"{cell.lat_tenths}:{cell.lng_tenths}"
