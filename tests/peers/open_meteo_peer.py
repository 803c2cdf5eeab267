"""A loopback server in Open-Meteo's wire format: columns by the hour, WMO codes, nulls, and its refusals.

Format: https://open-meteo.com/en/docs. Like the service it answers for the nearest point of a grid, knows nothing
beyond sixteen days, counts a day from midnight, and refuses names and places that there are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from aiohttp import web

from shared.logistics.geo import Cell, Point, cell_of
from shared.logistics.weather import HOUR, Conditions, climate, hour_of, is_light
from tests.peers.loopback import Asked, Peer, serving

PAST_DAYS_MAX, FORECAST_DAYS_MAX = 92, 16
UNITS = {
    "time": "iso8601",
    "temperature_2m": "°C",
    "weather_code": "wmo code",
    "precipitation_probability": "%",
    "cloud_cover": "%",
    "wind_speed_10m": "km/h",
    "is_day": "",
}


class OpenMeteoPeer(Peer):
    """now: its time. key: the one that it wants, None where it takes anybody. lacks: hours without a probability."""

    def __init__(self, now: datetime) -> None:
        super().__init__(self._answer_of)
        self.now = now
        self.key: str | None = None
        self.lacks: set[datetime] = set()
        self._set: dict[tuple[Cell, datetime], Conditions] = {}

    def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None:
        """The weather of the place's cell for hours."""
        for at, conditions in hours.items():
            self._set[cell_of(place), hour_of(at)] = conditions

    def _answer_of(self, asked: Asked) -> web.Response:
        query = asked.query
        if asked.path != "/v1/forecast":
            return web.json_response({"error": True, "reason": "Not Found"}, status=404)
        if self.key is not None and query.get("apikey") != self.key:
            return refusal("The supplied API key is invalid.")
        try:
            place = Point(lat=float(query["latitude"]), lng=float(query["longitude"]))
            past, ahead = int(query.get("past_days", "0")), int(query.get("forecast_days", "7"))
        except (KeyError, ValueError):
            return refusal("Latitude must be in range of -90 to 90°.")
        if not 0 <= past <= PAST_DAYS_MAX or not 0 <= ahead <= FORECAST_DAYS_MAX:
            return refusal(f"Forecast days is invalid. Allowed range 0 to {FORECAST_DAYS_MAX}.")
        names = query.get("hourly", "").split(",")
        if unknown := [name for name in names if name not in UNITS or name == "time"]:
            return refusal(f"Cannot initialize VariableAndPreviousDay from invalid String value {unknown[0]}.")
        if query.get("timezone", "GMT") != "GMT" or query.get("timeformat", "iso8601") != "iso8601":
            return refusal("This peer speaks GMT and iso8601 alone.")
        return self._forecast(place, names, past, ahead)

    def _forecast(self, place: Point, names: list[str], past: int, ahead: int) -> web.Response:
        today = hour_of(self.now).replace(hour=0)
        first = today - timedelta(days=past)
        rows = [self._row(place, first + n * HOUR) for n in range(24 * (past + ahead))]
        return web.json_response(
            {
                "latitude": round(place.lat * 8) / 8,
                "longitude": round(place.lng * 8) / 8,
                "generationtime_ms": 0.0451,
                "utc_offset_seconds": 0,
                "timezone": "GMT",
                "timezone_abbreviation": "GMT",
                "elevation": 149.0,
                "hourly_units": {name: UNITS[name] for name in ("time", *names)},
                "hourly": {name: [row[name] for row in rows] for name in ("time", *names)},
            }
        )

    def _row(self, place: Point, at: datetime) -> dict[str, str | float | None]:
        cell = cell_of(place)
        hour = self._set.get((cell, at)) or climate(cell, at)
        return {
            "time": f"{at:%Y-%m-%dT%H:%M}",
            "weather_code": hour.code,
            "precipitation_probability": None if at in self.lacks else hour.rain_percent,
            "cloud_cover": hour.cloud_percent,
            "temperature_2m": hour.temperature_c,
            "wind_speed_10m": hour.wind_kmh,
            "is_day": int(is_light(place, at)),
        }


def refusal(reason: str, status: int = 400) -> web.Response:
    """An error as the service words it."""
    return web.json_response({"error": True, "reason": reason}, status=status)


@contextmanager
def running(now: datetime) -> Iterator[OpenMeteoPeer]:
    """A fresh peer on a free loopback port; it ends with the block."""
    peer = OpenMeteoPeer(now)
    with serving(peer):
        yield peer
