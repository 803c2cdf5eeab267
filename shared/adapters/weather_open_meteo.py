"""Forecasts of Open-Meteo: one call for each cell of a tenth of a degree and hour, however many ask.

A call brings all that is known of a cell: yesterday, today, and the fifteen days after. Format, units and quotas:
https://open-meteo.com/en/docs and …/en/terms. In the tests it runs against a server of this wire format; it has not
been run against the service.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters.http_get import HttpGet, seconds_to_midnight
from shared.logistics.forecast import UNKNOWN, Forecast, Row, forecast_from
from shared.logistics.geo import Cell, Point, cell_of
from shared.logistics.weather import FORECAST_DAYS_MAX, HOUR, Celsius, Code, Kmh, Percent, hour_of, hours_of
from shared.ports import Clock
from shared.records import Unavailable

FREE_URL, CUSTOMER_URL = "https://api.open-meteo.com", "https://customer-api.open-meteo.com"
PATH = "/v1/forecast"
PAST_DAYS = 1
"""A day that has begun somewhere on the globe began yesterday at the earliest, UTC."""
CELLS_MAX = 1_000
"""How many cells are kept, about 45 kB each; the one that nobody has asked for longest goes first."""


class _Units(BaseModel):
    model_config = ConfigDict(defer_build=True)

    temperature_2m: Literal["°C"]
    wind_speed_10m: Literal["km/h"]


class _Hourly(BaseModel):
    """One list a variable, all of one length; null where the model behind it has no value."""

    model_config = ConfigDict(defer_build=True, allow_inf_nan=False)

    time: list[str] = Field(min_length=1)
    weather_code: list[Code | None]
    cloud_cover: list[Percent | None]
    precipitation_probability: list[Percent | None]
    temperature_2m: list[Celsius | None]
    wind_speed_10m: list[Kmh | None]
    is_day: list[Literal[0, 1] | None]


_columns = attrgetter(
    "weather_code", "cloud_cover", "precipitation_probability", "temperature_2m", "wind_speed_10m", "is_day"
)
"""Their values in the order of a forecast's columns."""


class _Answer(BaseModel):
    model_config = ConfigDict(defer_build=True)

    utc_offset_seconds: Literal[0]
    hourly_units: _Units
    hourly: _Hourly


class _Kept(NamedTuple):
    """A cell's table and the hour in which it was fetched."""

    hour: datetime
    table: Forecast


class OpenMeteoWeather:
    """Satisfies shared.ports.Weather, from yesterday on; an hour of which the service lacks a value is left out."""

    def __init__(self, clock: Clock, base_url: str = "", api_key: str = "", calls_per_day: int = 8_000) -> None:
        """base_url: without path, empty for the service's own. calls_per_day: of this process."""
        self._clock = clock
        self._url = (base_url or (CUSTOMER_URL if api_key else FREE_URL)).rstrip("/") + PATH
        self._api_key = api_key
        self._http = HttpGet("Open-Meteo", clock, calls_per_day, _quota_wait)
        self._kept: OrderedDict[Cell, _Kept] = OrderedDict()
        # A task belongs to one event loop; a process may run several, one after the other.
        self._asking: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Cell, asyncio.Task[Forecast]]]
        self._asking = WeakKeyDictionary()

    async def forecast(self, place: Point, start: datetime, end: datetime) -> Forecast:
        """Every hour that the span touches and that is known, in order; raises ValueError for a span, Unavailable."""
        wanted = hours_of(start, end)
        now = self._clock.now().astimezone(UTC)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        known_from, known_until = today - timedelta(days=PAST_DAYS), today + timedelta(days=FORECAST_DAYS_MAX)
        if wanted[-1] < known_from or wanted[0] >= known_until:
            return Forecast(wanted[0])
        table = await self._table(cell_of(place), hour_of(now))
        return table.part(wanted[0], wanted[-1])

    async def _table(self, cell: Cell, hour: datetime) -> Forecast:
        """The cell's table of this hour; who asks while it is being fetched waits for the same one."""
        kept = self._kept.get(cell)
        if kept is not None and kept.hour == hour:
            self._kept.move_to_end(cell)
            return kept.table
        loop = asyncio.get_running_loop()
        asking = self._asking.setdefault(loop, {})
        if cell not in asking:
            asking[cell] = loop.create_task(self._renew(cell, hour))
            asking[cell].add_done_callback(lambda task: _let_go(asking, cell, task))
        return await asyncio.shield(asking[cell])  # who gives up takes nobody else's answer away

    async def _renew(self, cell: Cell, hour: datetime) -> Forecast:
        table = _table_of(await self._http.get(self._url, self._query(cell)))
        self._kept[cell] = _Kept(hour, table)
        self._kept.move_to_end(cell)
        if len(self._kept) > CELLS_MAX:
            self._kept.popitem(last=False)
        return table

    def _query(self, cell: Cell) -> dict[str, str]:
        place = cell.centre
        query = {
            "latitude": f"{place.lat:.2f}",
            "longitude": f"{place.lng:.2f}",
            "hourly": ",".join(name for name in _Hourly.model_fields if name != "time"),
            "timezone": "GMT",
            "temperature_unit": "celsius",
            "wind_speed_unit": "kmh",
            "past_days": str(PAST_DAYS),
            "forecast_days": str(FORECAST_DAYS_MAX),
        }
        return {**query, "apikey": self._api_key} if self._api_key else query


def _let_go(asking: dict[Cell, asyncio.Task[Forecast]], cell: Cell, task: asyncio.Task[Forecast]) -> None:
    """Forget a call that has ended; its error was told to those who waited, if there still were any."""
    asking.pop(cell, None)
    if not task.cancelled():
        task.exception()


def _quota_wait(body: bytes, now: datetime) -> float | None:
    """Seconds until a quota is filled again: the service tells which one by the first word of its reason."""
    if b"Minutely" in body:
        return 60
    if b"Hourly" in body:
        return (hour_of(now) + HOUR - now).total_seconds()
    return seconds_to_midnight(now) if b"Daily" in body or b"Monthly" in body else None


def _table_of(body: bytes) -> Forecast:
    """The answer, checked through: an hour of which any value is missing is not known; raises Unavailable."""
    try:
        hourly = _Answer.model_validate_json(body).hourly
        first = _first_of(hourly)
    except (ValueError, OverflowError) as error:
        raise Unavailable(f"The answer of Open-Meteo cannot be read ({type(error).__name__}).") from error
    return forecast_from(first, map(_row, zip(*_columns(hourly), strict=True)))


def _row(figures: Row) -> Row:
    return UNKNOWN if None in figures else (*figures[:-1], figures[-1] == 1)


def _first_of(hourly: _Hourly) -> datetime:
    """The first hour, UTC; raises ValueError unless whole hours follow each other, with a value in every column."""
    first = datetime.fromisoformat(hourly.time[0])
    expected = [f"{first + row * HOUR:%Y-%m-%dT%H}:00" for row in range(len(hourly.time))]
    if hourly.time != expected or {len(column) for _, column in hourly} != {len(expected)}:
        raise ValueError("hours with gaps")
    return first.replace(tzinfo=UTC)
