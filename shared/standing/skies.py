"""Weather leaves: what a day's weather comes to, and whether it is sunny, dry, warm, windy …

Bounds are held against the figures of one local day: its waking hours, or the part of the day that is named. A figure
of which hours are still missing is judged where what is known decides already: one cloudy hour is not sunny.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, cast

from pydantic import AwareDatetime

from shared.discovery.conditions import Range, Sky, WeatherLeaf
from shared.logistics.weather import HOUR, hour_of
from shared.standing.frame import WAKING, Frame, part_span
from shared.standing.readings import WeatherReading
from shared.wire import Plain

SNOW_CODES = frozenset({71, 73, 75, 77, 85, 86})
"""Snow among the WMO codes as Open-Meteo has them."""

Figure = Literal[
    "cloud_max", "rain_max", "light_cloud_max", "light_cloud_mean", "light_rain_max", "wet_max", "snow_max", "wind_max",
    "high_c",
]  # fmt: skip


class Bound(NamedTuple):
    """A figure of a day that is to be at least, or at most, so much."""

    figure: Figure
    least: float | None = None
    most: float | None = None


SKIES: dict[Sky, tuple[Bound, ...]] = {
    "sunny": (Bound("light_cloud_max", most=30), Bound("light_rain_max", most=20)),
    "clear": (Bound("cloud_max", most=30), Bound("rain_max", most=20)),
    "dry": (Bound("rain_max", most=20),),
    "cloudy": (Bound("light_cloud_mean", least=60),),
    "rainy": (Bound("wet_max", least=50),),
    "snowy": (Bound("snow_max", least=50),),
    "windy": (Bound("wind_max", least=30),),
    "warm": (Bound("high_c", least=22),),
    "cold": (Bound("high_c", most=10),),
}
"""What each sky asks of a day: percent of cloud and of the chance of rain, km/h, °C. Sunny looks at daylight alone."""


class DayWeather(Plain):
    """What a day's weather comes to.

    Percents: cloud_* how much of the sky is covered, rain_* the chance of rain or snow, wet_max that of rain, snow_max
    that of snow; light_*: in daylight. wind_max: km/h; high_c: °C. hours, light_hours: how many are known.
    missing_until: the end of the last hour that is not, None if all are.
    """

    hours: int
    light_hours: int
    cloud_max: float | None = None
    rain_max: float | None = None
    light_cloud_max: float | None = None
    light_cloud_mean: float | None = None
    light_rain_max: float | None = None
    wet_max: float | None = None
    snow_max: float | None = None
    wind_max: float | None = None
    high_c: float | None = None
    missing_until: AwareDatetime | None = None

    def is_complete(self, now: datetime) -> bool:
        """Whether every hour that is still to come is known; those that are over are not missed."""
        return self.missing_until is None or self.missing_until <= hour_of(now)


def bounds_of(leaf: WeatherLeaf) -> tuple[Bound, ...]:
    """All that a leaf asks of a day: its warmest hour and its strongest wind are held against the ranges."""
    sky = SKIES[leaf.is_] if leaf.is_ else ()
    return (*sky, *_range("high_c", leaf.temperature_c), *_range("wind_max", leaf.wind_kmh))


def is_met(leaf: WeatherLeaf, day: DayWeather, now: datetime) -> bool | None:
    """Whether a day's weather is what a leaf asks for; None where that is not known yet."""
    is_complete = day.is_complete(now)
    met: bool | None = True
    for bound in bounds_of(leaf):
        value = is_within(bound, day, is_complete=is_complete)
        if value is False:
            return False
        met = met if value else None
    return met


def is_within(bound: Bound, day: DayWeather, *, is_complete: bool) -> bool | None:
    """Whether a figure is within its bound. is_complete: no more hours are to come that could raise it."""
    figure: float | None = getattr(day, bound.figure)
    if figure is None:  # no such hour at all, as daylight at night
        return False if is_complete and day.hours else None
    if not is_complete and bound.figure == "light_cloud_mean":
        return None
    if bound.most is not None and figure > bound.most:
        return False
    is_enough = bound.least is None or figure >= bound.least
    if is_complete:
        return is_enough
    return True if is_enough and bound.most is None else None


def day_weather(reading: WeatherReading, day: date, frame: Frame, daypart: str | None) -> DayWeather:
    """What a reading says of a local day, or a part of it; reckoned once for all who ask."""
    span = part_span(daypart, WAKING)
    key = (frame.zone.key, day, span)
    kept = reading.days.get(key)
    if kept is None:
        kept = reading.days[key] = _reckoned(reading, frame.moment(day, span[0]), frame.moment(day, span[1]))
    return cast(DayWeather, kept)


def _reckoned(reading: WeatherReading, start: datetime, end: datetime) -> DayWeather:
    """The figures of all hours that a span touches."""
    first = (hour_of(start) - reading.first) // HOUR
    last = -((reading.first - end) // HOUR)
    wanted = range(first, max(last, first + 1))
    known = [row for row in wanted if 0 <= row < len(reading.code) and reading.code[row] is not None]
    missing = [row for row in wanted if row not in known]
    light = [row for row in known if reading.is_day[row]]
    snow = [row for row in known if reading.code[row] in SNOW_CODES]
    wet = [row for row in known if row not in snow]
    cloud, rain = reading.cloud_percent, reading.rain_percent
    return DayWeather(
        hours=len(known),
        light_hours=len(light),
        cloud_max=_most(cloud, known),
        rain_max=_most(rain, known),
        light_cloud_max=_most(cloud, light),
        light_cloud_mean=_mean(cloud, light),
        light_rain_max=_most(rain, light),
        wet_max=_most(rain, wet, 0 if known else None),
        snow_max=_most(rain, snow, 0 if known else None),
        wind_max=_most(reading.wind_kmh, known),
        high_c=_most(reading.temperature_c, known),
        missing_until=reading.first + (missing[-1] + 1) * HOUR if missing else None,
    )


def _range(figure: Figure, bounds: Range | None) -> tuple[Bound, ...]:
    return (Bound(figure, bounds.min, bounds.max),) if bounds else ()


def _values(column: Sequence[float | None], rows: Iterable[int]) -> list[float]:
    return [value for row in rows if (value := column[row]) is not None]


def _most(column: Sequence[float | None], rows: Iterable[int], default: float | None = None) -> float | None:
    return max(_values(column, rows), default=default)


def _mean(column: Sequence[float | None], rows: Iterable[int]) -> int | None:
    values = _values(column, rows)
    return round(sum(values) / len(values)) if values else None
