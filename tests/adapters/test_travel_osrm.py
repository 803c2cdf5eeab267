"""A router over HTTP: its row read in order, few questions, and what becomes of it when it does not answer."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.adapters import http_get
from shared.adapters.travel_great_circle import GreatCircleTravel
from shared.adapters.travel_osrm import ASKED_MAX, WAYS_MAX, OsrmTravel, _Way
from shared.logistics.geo import Point
from shared.logistics.travel import DESTINATIONS_MAX
from shared.ports import Travel
from shared.records import Unavailable
from tests.peers import osrm_peer
from tests.peers.loopback import Fault
from tests.peers.osrm_peer import OsrmPeer, seconds

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
RECKONED = GreatCircleTravel(ZoneInfo("America/Chicago"))
CAPITOL = Point(lat=30.2747, lng=-97.7404)
AIRPORT = Point(lat=30.1945, lng=-97.6699)
AT_SEA = Point(lat=-10, lng=-97.7)


class HandClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def peer() -> Iterator[OsrmPeer]:
    with osrm_peer.running() as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def travel(peer: OsrmPeer, clock: HandClock) -> OsrmTravel:
    return OsrmTravel(clock, peer.url, otherwise=RECKONED)


def ask(travel: Travel, destinations: list[Point], depart: datetime = NOW, **more: Any) -> list[int | None]:
    return asyncio.run(travel.minutes(CAPITOL, destinations, depart, **more))


def north(thousandths: int) -> Point:
    return Point(lat=round(CAPITOL.lat + thousandths / 1000, 4), lng=CAPITOL.lng)


def test_minutes_stand_in_the_order_of_the_places_rounded_up(peer: OsrmPeer, travel: OsrmTravel) -> None:
    way = seconds(CAPITOL, AIRPORT)
    assert way is not None
    assert way % 60
    assert ask(travel, [AIRPORT, CAPITOL, AT_SEA, AIRPORT]) == [int(way // 60) + 1, 0, None, int(way // 60) + 1]
    [asked] = peer.asked
    assert asked.path == "/table/v1/driving/-97.7404,30.2747;-97.6699,30.1945;-97.7404,30.2747;-97.7000,-10.0000"
    assert asked.query == {"sources": "0", "annotations": "duration"}
    assert ask(travel, []) == []


def test_a_way_is_asked_for_once_an_hour(peer: OsrmPeer, travel: OsrmTravel, clock: HandClock) -> None:
    first = ask(travel, [AIRPORT, AT_SEA])
    assert ask(travel, [AT_SEA, AIRPORT], NOW + timedelta(days=3)) == first[::-1]
    assert len(peer.asked) == 1
    ask(travel, [AIRPORT, north(5)])
    assert peer.asked[1].path.endswith(f"/-97.7404,30.2747;-97.7404,{north(5).lat}")
    clock.time += timedelta(minutes=30)
    ask(travel, [AIRPORT])
    assert len(peer.asked) == 3


def test_as_many_places_as_the_port_takes_are_more_than_a_router_takes(peer: OsrmPeer, travel: OsrmTravel) -> None:
    places = [north(n) for n in range(DESTINATIONS_MAX)]
    told = ask(travel, places)
    assert told == [-int(-(seconds(CAPITOL, one) or 0) // 60) for one in places]
    assert len(peer.asked) == 2
    assert DESTINATIONS_MAX > ASKED_MAX


def test_what_cannot_be_asked_is_refused(travel: OsrmTravel, peer: OsrmPeer) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        ask(travel, [AIRPORT] * (DESTINATIONS_MAX + 1))
    with pytest.raises(ValueError, match="offset"):
        ask(travel, [AIRPORT], datetime(2026, 6, 10, 12))
    assert peer.asked == []


def test_bikes_and_feet_do_not_ask_a_router_of_cars(travel: OsrmTravel, peer: OsrmPeer) -> None:
    for mode in ("bike", "foot"):
        assert ask(travel, [AIRPORT], mode=mode) == ask(RECKONED, [AIRPORT], mode=mode)
    assert peer.asked == []


def test_only_so_many_ways_are_kept(travel: OsrmTravel) -> None:
    travel._ways.update({("0,0", str(n)): _Way(NOW, 1) for n in range(WAYS_MAX)})
    ask(travel, [AIRPORT, AT_SEA])
    assert len(travel._ways) == WAYS_MAX
    assert ("0,0", "1") not in travel._ways


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"code": "NoTable", "durations": [[0, 1]]},
        {"code": "Ok"},
        {"code": "Ok", "durations": None},
        {"code": "Ok", "durations": []},
        {"code": "Ok", "durations": [[0, 1], [1, 0]]},
        {"code": "Ok", "durations": [[0]]},
        {"code": "Ok", "durations": [[0, 1, 2]]},
        {"code": "Ok", "durations": [[0, -1]]},
        {"code": "Ok", "durations": [[0, "long"]]},
        {"code": "Ok", "durations": [[0, float("nan")]]},
        {"code": "Ok", "durations": [[0, 1e30]]},
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_not_kept(peer: OsrmPeer, travel: OsrmTravel, body: Any) -> None:
    peer.faults = [Fault(body=json.dumps(body).encode())]
    with pytest.raises(Unavailable, match="router"):
        ask(travel, [AIRPORT])
    assert ask(travel, [AIRPORT])[0]


def test_a_router_that_is_down_is_said_and_not_guessed_around(
    peer: OsrmPeer, travel: OsrmTravel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_get, "PAUSE_SECONDS", 0.01)
    peer.faults = [Fault(502)]
    assert ask(travel, [AIRPORT])[0]
    peer.faults = [Fault(502)] * 3
    with pytest.raises(Unavailable, match="The router answered 502"):
        ask(travel, [north(7)])
    peer.faults = [Fault(400, b'{"code":"InvalidUrl"}')]
    with pytest.raises(Unavailable, match="The router answered 400"):
        ask(travel, [north(8)])
