"""A loopback server in OSRM's wire format: the duration table of a made-up map, and its refusals.

Format: https://project-osrm.org/docs/v5.24.0/api/#table-service. Ways follow the great circle at 36 km/h; places in the
sea (south of the equator, here) are not to be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from pydantic import ValidationError

from shared.logistics.geo import Point, distance_metres
from tests.peers.loopback import Asked, Peer, serving

METRES_A_SECOND = 10
PLACES_MAX = 100


def seconds(a: Point, b: Point) -> float | None:
    """How long a way takes on this map."""
    return None if min(a.lat, b.lat) < 0 else round(distance_metres(a, b) / METRES_A_SECOND, 1)


class OsrmPeer(Peer):
    """Serves /table/v1/driving alone."""

    def __init__(self) -> None:
        super().__init__(table)


def table(asked: Asked) -> web.Response:
    """Durations from the sources to every place, in seconds."""
    parts = asked.path.split("/")
    if parts[1:4] != ["table", "v1", "driving"] or len(parts) != 5:
        return refusal("InvalidUrl", "URL string malformed close to position 1")
    try:
        pairs = [[float(number) for number in one.split(",")] for one in parts[4].split(";")]
        places = [Point(lng=lng, lat=lat) for lng, lat in pairs]
    except (ValueError, ValidationError):
        return refusal("InvalidQuery", "Query string malformed close to position 1")
    if len(places) > PLACES_MAX:
        return refusal("TooBig", "Too many table coordinates")
    if len(places) < 2 or asked.query.get("annotations", "duration") != "duration":
        return refusal("InvalidOptions", "Number of coordinates needs to be at least two.")
    sources = [places[int(one)] for one in asked.query["sources"].split(";")] if "sources" in asked.query else places
    rows = [[seconds(source, one) for one in places] for source in sources]
    waypoints = [{"hint": "", "distance": 0.0, "name": "", "location": [one.lng, one.lat]} for one in places]
    return web.json_response(
        {"code": "Ok", "durations": rows, "sources": waypoints[: len(sources)], "destinations": waypoints}
    )


def refusal(code: str, message: str) -> web.Response:
    """An error as a router words it."""
    return web.json_response({"code": code, "message": message}, status=400)


@contextmanager
def running() -> Iterator[OsrmPeer]:
    """A fresh peer on a free loopback port; it ends with the block."""
    peer = OsrmPeer()
    with serving(peer):
        yield peer
