"""Car travel times of a router that speaks OSRM's HTTP: one row of its duration table a question, kept for an hour.

Format: https://project-osrm.org/docs/v5.24.0/api/#table-service. In the tests it runs against a server of this wire
format; it has not been run against a router. Such a router knows one way of moving, so bikes and feet are reckoned
without it; and it knows no traffic, so the time of leaving changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.http_get import HttpGet
from shared.logistics.geo import Point
from shared.logistics.travel import DESTINATIONS_MAX, Mode
from shared.logistics.weather import hour_of
from shared.ports import Clock, Travel
from shared.records import Unavailable

PATH = "/table/v1/driving/"
ASKED_MAX = 99
"""Routers take 100 places at once unless they are told otherwise, and the origin is one of them."""
WAYS_MAX = 20_000
"""How many ways are kept; the one that nobody has asked for longest goes first."""
SECONDS_MAX = 30 * 86_400
Seconds = Annotated[float, Field(ge=0, le=SECONDS_MAX, allow_inf_nan=False)]


class _Answer(BaseModel):
    model_config = ConfigDict(defer_build=True)

    code: Literal["Ok"]
    durations: list[list[Seconds | None]] = Field(min_length=1, max_length=1)


class _Way(NamedTuple):
    """How long a way takes, and the hour in which that was asked."""

    hour: datetime
    minutes: int | None


class OsrmTravel:
    """Satisfies shared.ports.Travel; otherwise: who answers for modes other than cars."""

    def __init__(self, clock: Clock, base_url: str, otherwise: Travel) -> None:
        """base_url: without path."""
        self._clock = clock
        self._url = base_url.rstrip("/") + PATH
        self._otherwise = otherwise
        self._http = HttpGet("The router", clock)
        self._ways: OrderedDict[tuple[str, str], _Way] = OrderedDict()

    async def minutes(
        self, origin: Point, destinations: Sequence[Point], depart: datetime, mode: Mode = "car"
    ) -> list[int | None]:
        """Whole minutes to each place, rounded up, None where no street leads; raises ValueError, Unavailable."""
        if mode != "car":
            return await self._otherwise.minutes(origin, destinations, depart, mode)
        if len(destinations) > DESTINATIONS_MAX:
            raise ValueError(f"{len(destinations)} destinations at once: ask for at most {DESTINATIONS_MAX}")
        if depart.tzinfo is None:
            raise ValueError("depart has no offset: give an aware time")
        hour, begin = hour_of(self._clock.now()), _told(origin)
        ends = [_told(one) for one in destinations]
        known = {end: way.minutes for end in ends if (way := self._ways.get((begin, end))) and way.hour == hour}
        unknown = [end for end in dict.fromkeys(ends) if end not in known]
        for first in range(0, len(unknown), ASKED_MAX):
            known |= await self._asked(begin, unknown[first : first + ASKED_MAX], hour)
        return [known[end] for end in ends]

    async def _asked(self, begin: str, ends: list[str], hour: datetime) -> dict[str, int | None]:
        query = {"sources": "0", "annotations": "duration"}
        body = await self._http.get(self._url + ";".join([begin, *ends]), query)
        found = dict(zip(ends, _minutes_of(body, len(ends)), strict=True))
        for end, minutes in found.items():
            self._ways[begin, end] = _Way(hour, minutes)
            self._ways.move_to_end((begin, end))
        while len(self._ways) > WAYS_MAX:
            self._ways.popitem(last=False)
        return found


def _told(place: Point) -> str:
    """A place as routers read it, to some ten metres: the longitude comes first."""
    return f"{place.lng:.4f},{place.lat:.4f}"


def _minutes_of(body: bytes, count: int) -> list[int | None]:
    """The row of the table without its first column, which is the way from the origin to itself; raises Unavailable."""
    try:
        [row] = _Answer.model_validate_json(body).durations
    except ValidationError as error:
        raise Unavailable("The answer of the router cannot be read.") from error
    if len(row) != count + 1:
        raise Unavailable(f"The router tells {len(row) - 1} ways where {count} were asked for.")
    return [None if seconds is None else -int(-seconds // 60) for seconds in row[1:]]
