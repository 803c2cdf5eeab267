"""Weather by the hour: its shape, whether the sun is up, and a plausible climate for where nothing better is known."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import asin, cos, degrees, pi, radians, sin
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.logistics.geo import Cell, Point

FORECAST_DAYS_MAX = 16
"""Nobody knows the weather farther ahead."""
HOURS_MAX = 24 * (FORECAST_DAYS_MAX + 1)
"""How many hours may be asked for, or set, at once."""
HOUR = timedelta(hours=1)
_KEPT = 8_192
"""Hours that were reckoned last: neighbours, and whoever asks again in an hour, ask for the same."""

Code = Annotated[int, Field(ge=0, le=99)]
Percent = Annotated[int, Field(ge=0, le=100)]
Celsius = Annotated[float, Field(ge=-90, le=60)]
Kmh = Annotated[float, Field(ge=0, le=400)]


class Conditions(BaseModel):
    """What the sky does in an hour.

    code: WMO 4677 as Open-Meteo has it (0 clear, 1 mainly clear, 2 partly cloudy, 3 overcast, 61 and 63 rain, 71 and 73
    snow); cloud_percent: how much of the sky is covered; rain_percent: how probable rain or snow is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    code: Code
    cloud_percent: Percent
    rain_percent: Percent
    temperature_c: Celsius
    wind_kmh: Kmh


class WeatherHour(Conditions):
    """One hour at one place; at: its beginning, UTC; is_day: whether the sun is up at its middle."""

    at: AwareDatetime
    is_day: bool


def hours_of(start: datetime, end: datetime) -> list[datetime]:
    """The beginnings, UTC, of all hours that a span touches, one at least; raises ValueError, naming start or end."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("`start` and `end` must have an offset: give aware times")
    hour = hour_of(start)
    count = max(1, -((hour - end.astimezone(UTC)) // HOUR))
    if end < start or count > HOURS_MAX:
        raise ValueError(f"`end` must lie after `start`, by {HOURS_MAX} hours at most: ask for less at once")
    return [hour + n * HOUR for n in range(count)]


def hour_of(moment: datetime) -> datetime:
    """The beginning, UTC, of the hour that a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def is_light(place: Point, hour: datetime) -> bool:
    """Whether the sun is up in the middle of an hour."""
    return _is_light(place.lat, place.lng, hour)


@lru_cache(_KEPT)
def _is_light(lat: float, lng: float, hour: datetime) -> bool:
    return sun_degrees(Point(lat=lat, lng=lng), hour + HOUR / 2) > 0


def sun_degrees(place: Point, at: datetime) -> float:
    """How high the sun stands, below zero at night; the equation of time is left out, so it is up to 16 minutes off.

    Declination after P. I. Cooper, The absorption of radiation in solar stills, Solar Energy 12 (1969).
    """
    moment = at.astimezone(UTC)
    declination = radians(23.45) * sin(2 * pi * (284 + moment.timetuple().tm_yday) / 365)
    hour_angle = radians(15 * (_solar_hour(place, moment) - 12))
    lat = radians(place.lat)
    return degrees(asin(sin(lat) * sin(declination) + cos(lat) * cos(declination) * cos(hour_angle)))


@lru_cache(_KEPT)
def climate(cell: Cell, at: datetime) -> Conditions:
    """What the weather of a cell could well be in an hour: always the same for the same cell and hour.

    Warm near the equator, in summer and in the afternoon; clouds drift over a whole degree from one day to the next,
    and the rain is where they are.
    """
    cloud = round(_drifting(cell, at, "cloud") * 100)
    rain = max(0, round((cloud - 45) * 1.7) - 5)
    temperature = round(_temperature(cell.centre, at) + 8 * _drifting(cell, at, "warmth") - 4, 1)
    wind = round(3 + 27 * _drifting(cell, at, "wind") ** 2, 1)
    code = _code(cloud, rain, temperature)
    return Conditions(code=code, cloud_percent=cloud, rain_percent=rain, temperature_c=temperature, wind_kmh=wind)


def _code(cloud: int, rain: int, temperature: float) -> int:
    if rain >= 40:
        return (61 if rain < 65 else 63) + (10 if temperature <= 0 else 0)
    return next(code for code, most in enumerate((10, 30, 75, 100)) if cloud <= most)


def _temperature(place: Point, at: datetime) -> float:
    """The mean of the latitude, the season and the time of day, °C."""
    moment = at.astimezone(UTC)
    mean = 28 - 0.006 * place.lat**2
    season = 0.25 * place.lat * cos(2 * pi * (moment.timetuple().tm_yday - 200) / 365)
    afternoon = 5 * cos(2 * pi * (_solar_hour(place, moment) - 15) / 24)
    return mean + season + afternoon


def _solar_hour(place: Point, moment: datetime) -> float:
    return (moment.hour + moment.minute / 60 + place.lng / 15) % 24


def _drifting(cell: Cell, at: datetime, what: str) -> float:
    """From 0 to 1, moving evenly from day to day over a square degree, with a little flicker by cell and hour."""
    region = (cell.lat_tenths // 10, cell.lng_tenths // 10)
    moment = at.astimezone(UTC)
    day, share = moment.date().toordinal(), moment.hour / 24
    even = (1 - share) * _chance(what, *region, day) + share * _chance(what, *region, day + 1)
    flicker = 0.1 * (_chance(what, *cell, day, moment.hour) - 0.5)
    return min(1.0, max(0.0, even + flicker))


def _chance(*parts: str | int) -> float:
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
