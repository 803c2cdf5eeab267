"""The embedded forecast: what somebody has set for a cell and hour, kept in the store; elsewhere a made-up climate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from shared.changing import kept
from shared.logistics.forecast import Forecast, forecast_of
from shared.logistics.geo import Cell, Point, cell_of
from shared.logistics.weather import (
    FORECAST_DAYS_MAX,
    HOURS_MAX,
    Conditions,
    climate,
    hour_of,
    hours_of,
)
from shared.ports import Clock, Store
from shared.records import BATCH_MAX, PAGE_MAX, Container, Query, Record, Stored, Write


class SetDay(Record):
    """A day, UTC, of a cell, with the weather that somebody has set: of all 24 hours, None where nobody has."""

    cell: str
    at: AwareDatetime
    hours: tuple[Conditions | None, ...] = Field(min_length=24, max_length=24)


SET_DAYS = Container("weather_days", SetDay, "cell", indexes=("at",))
_UNSET: tuple[None, ...] = (None,) * 24


class FileWeather:
    """Satisfies shared.ports.Weather on any Store; `set` and `clear` are for whoever plays the weather."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def forecast(self, place: Point, start: datetime, end: datetime) -> Forecast:
        """Every hour that the span touches and that can be known, in order; raises ValueError for a span too long."""
        known_until = self._clock.now() + timedelta(days=FORECAST_DAYS_MAX)
        hours = [hour for hour in hours_of(start, end) if hour < known_until]
        if not hours:
            return Forecast(hour_of(start))
        cell = cell_of(place)
        found = await self._kept(cell, {"at": {"ge": _day_of(hours[0]), "le": hours[-1]}})
        days = {stored.value.at.date(): stored.value.hours for stored in found}
        chosen = (days.get(hour.date(), _UNSET)[hour.hour] for hour in hours)
        told = (one or climate(cell, hour) for hour, one in zip(hours, chosen, strict=True))
        return forecast_of(place, hours[0], told)

    async def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None:
        """Set the weather of the place's cell for hours, by any moment within each; raises ValueError for too many."""
        if len(hours) > HOURS_MAX:
            raise ValueError(f"{len(hours)} hours at once: set at most {HOURS_MAX}")
        days: dict[datetime, dict[int, Conditions]] = defaultdict(dict)
        for at, conditions in hours.items():
            days[_day_of(at)][hour_of(at).hour] = conditions
        for day, chosen in days.items():
            await self._set(_name(cell_of(place)), day, chosen)

    async def clear(self, place: Point) -> None:
        """Forget everything that was set for the place's cell."""
        cell = cell_of(place)
        writes = [Write("delete", stored.value) for stored in await self._kept(cell, {})]
        for first in range(0, len(writes), BATCH_MAX):
            await self._store.apply(SET_DAYS, _name(cell), writes[first : first + BATCH_MAX])

    async def _set(self, cell: str, day: datetime, chosen: Mapping[int, Conditions]) -> None:
        name = f"{day:%Y-%m-%d}"

        def after(known: SetDay | None) -> SetDay:
            before = known or SetDay(id=name, cell=cell, at=day, hours=_UNSET)
            hours = tuple(chosen.get(hour, now) for hour, now in enumerate(before.hours))
            return before.model_copy(update={"hours": hours})

        await kept(self._store, SET_DAYS, cell, name, after)

    async def _kept(self, cell: Cell, where: Mapping[str, object]) -> list[Stored[SetDay]]:
        found: list[Stored[SetDay]] = []
        after: str | None = None
        while True:
            page = await self._store.query(SET_DAYS, Query(where, _name(cell), "at", PAGE_MAX, after))
            found.extend(page.items)
            after = page.next
            if after is None:
                return found


def _day_of(moment: datetime) -> datetime:
    """The beginning of the day, UTC."""
    return hour_of(moment).replace(hour=0)


def _name(cell: Cell) -> str:
    return f"{cell.lat_tenths}:{cell.lng_tenths}"
