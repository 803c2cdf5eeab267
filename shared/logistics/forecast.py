"""A forecast in columns: hundreds of hours of a place, read, compared and kept in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from shared.logistics.geo import Point
from shared.logistics.weather import HOUR, Conditions, WeatherHour, is_light

COLUMNS = ("code", "cloud_percent", "rain_percent", "temperature_c", "wind_kmh", "is_day")
"""What is told of an hour, as WeatherHour names it."""
UNKNOWN = (None,) * len(COLUMNS)
Row = tuple[Any, ...]
"""An hour's figures in the order of COLUMNS: all, or UNKNOWN."""

_columns = attrgetter(*COLUMNS)
_conditions = attrgetter(*COLUMNS[:-1])


@dataclass(frozen=True, slots=True)
class Forecast:
    """A place's hours in a row from `first` (UTC) on; None in every column where nothing is known of one."""

    first: datetime
    code: tuple[int | None, ...] = ()
    cloud_percent: tuple[int | None, ...] = ()
    rain_percent: tuple[int | None, ...] = ()
    temperature_c: tuple[float | None, ...] = ()
    wind_kmh: tuple[float | None, ...] = ()
    is_day: tuple[bool | None, ...] = ()

    @property
    def columns(self) -> tuple[tuple[Any, ...], ...]:
        """In the order of COLUMNS."""
        columns: tuple[tuple[Any, ...], ...] = _columns(self)
        return columns

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of any hour."""
        return all(code is None for code in self.code)

    @property
    def hours(self) -> list[WeatherHour]:
        """Those that are known, in order."""
        rows = enumerate(zip(*self.columns, strict=True))
        return [
            WeatherHour(at=self.first + n * HOUR, **dict(zip(COLUMNS, row, strict=True)))
            for n, row in rows
            if row != UNKNOWN
        ]

    def part(self, first: datetime, last: datetime) -> Forecast:
        """From one hour to another, both included, as far as it reaches."""
        begin = max(0, (first - self.first) // HOUR)
        end = max(begin, (last - self.first) // HOUR + 1)
        return Forecast(self.first + begin * HOUR, *(column[begin:end] for column in self.columns))


def forecast_from(first: datetime, rows: Iterable[Row]) -> Forecast:
    """The forecast of hours in a row; it ends with the last that is known."""
    table = list(rows)
    while table and table[-1] == UNKNOWN:
        table.pop()
    return Forecast(first, *zip(*table, strict=True))


def forecast_of(place: Point, first: datetime, hours: Iterable[Conditions | None]) -> Forecast:
    """The same by their conditions, None where these are not known, with the daylight that belongs to the place."""
    rows = (
        UNKNOWN if known is None else (*_conditions(known), is_light(place, first + n * HOUR))
        for n, known in enumerate(hours)
    )
    return forecast_from(first, rows)
