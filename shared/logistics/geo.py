"""Places on the globe, and how far they are from each other."""

from __future__ import annotations

from math import asin, cos, floor, radians, sin, sqrt
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

EARTH_METRES = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""


class Point(BaseModel):
    """Degrees, WGS 84: lat north, lng east."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)


class Cell(NamedTuple):
    """A square of a tenth of a degree, by its south-west corner in tenths."""

    lat_tenths: int
    lng_tenths: int

    @property
    def centre(self) -> Point:
        """The point in its middle."""
        return Point(lat=(self.lat_tenths + 0.5) / 10, lng=(self.lng_tenths + 0.5) / 10)


def cell_of(point: Point) -> Cell:
    """The cell of a point; the pole belongs to the last row, and 180° east is 180° west."""
    lat, lng = (floor(round(degrees * 10, 6)) for degrees in (point.lat, point.lng))
    return Cell(min(lat, 899), -1800 if lng == 1800 else lng)


def distance_metres(a: Point, b: Point) -> int:
    """The great circle between two points (haversine), in whole metres."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat, half_lng = (lat_b - lat_a) / 2, radians(b.lng - a.lng) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lng) ** 2
    return round(2 * EARTH_METRES * asin(min(1.0, sqrt(chord))))
