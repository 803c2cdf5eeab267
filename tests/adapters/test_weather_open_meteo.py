"""Open-Meteo alone: how it is asked, how seldom, what it may answer, and what becomes of it when it does not."""

import asyncio
import gzip
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters import http_get
from shared.adapters.http_get import BODY_BYTES_MAX, SECONDS_MAX
from shared.adapters.weather_open_meteo import CELLS_MAX, OpenMeteoWeather, _table_of
from shared.logistics.geo import Point
from shared.logistics.weather import HOUR
from shared.records import Unavailable
from tests.peers import open_meteo_peer
from tests.peers.loopback import Fault
from tests.peers.open_meteo_peer import OpenMeteoPeer

NOW = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
AUSTIN = Point(lat=30.27, lng=-97.74)
ELSEWHERE = Point(lat=40.71, lng=-74.01)


class HandClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def peer() -> Iterator[OpenMeteoPeer]:
    with open_meteo_peer.running(NOW) as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def weather(peer: OpenMeteoPeer, clock: HandClock) -> OpenMeteoWeather:
    return OpenMeteoWeather(clock, peer.url, calls_per_day=20)


def hours(weather: OpenMeteoWeather, place: Point = AUSTIN, count: int = 3) -> list[int]:
    """The hours that a forecast tells of."""
    now = NOW.replace(minute=0)
    return [one.at.hour for one in asyncio.run(weather.forecast(place, now, now + count * HOUR)).hours]


def refusal(weather: OpenMeteoWeather, place: Point = AUSTIN) -> Unavailable:
    with pytest.raises(Unavailable) as refused:
        hours(weather, place)
    return refused.value


# --- how it is asked


def test_it_is_asked_for_the_middle_of_the_cell_and_for_all_that_it_knows(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather
) -> None:
    hours(weather)
    [asked] = peer.asked
    assert asked.path == "/v1/forecast"
    assert asked.query.pop("hourly").split(",") == [
        "weather_code", "cloud_cover", "precipitation_probability", "temperature_2m", "wind_speed_10m", "is_day",
    ]  # fmt: skip
    assert asked.query == {
        "latitude": "30.25",
        "longitude": "-97.75",
        "timezone": "GMT",
        "temperature_unit": "celsius",
        "wind_speed_unit": "kmh",
        "past_days": "1",
        "forecast_days": "16",
    }


def test_a_key_is_sent_where_there_is_one_and_told_to_nobody(peer: OpenMeteoPeer, clock: HandClock) -> None:
    peer.key = "very-secret"
    assert hours(OpenMeteoWeather(clock, peer.url, "very-secret")) == [12, 13, 14]
    refused = refusal(OpenMeteoWeather(clock, peer.url, "wrong-secret"))
    assert str(refused) == "Open-Meteo answered 400."
    unreachable = refusal(OpenMeteoWeather(clock, f"http://127.0.0.1:{free_port()}", "very-secret"))
    assert "secret" not in repr(unreachable)


def test_where_nobody_says_where_it_is_the_key_decides(clock: HandClock) -> None:
    assert OpenMeteoWeather(clock)._url == "https://api.open-meteo.com/v1/forecast"
    assert OpenMeteoWeather(clock, "", "key")._url == "https://customer-api.open-meteo.com/v1/forecast"


# --- how seldom


def test_one_call_a_cell_and_hour_however_many_ask(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, clock: HandClock
) -> None:
    peer.pause = 0.05

    async def crowd() -> None:
        points = [Point(lat=30.2 + n / 1000, lng=-97.71 - n / 2000) for n in range(100)] + [ELSEWHERE] * 50
        told = await asyncio.gather(*(weather.forecast(one, NOW, NOW + 24 * HOUR) for one in points))
        assert all(len(one.hours) == 25 for one in told)

    asyncio.run(crowd())
    asyncio.run(crowd())
    assert len(peer.asked) == 2
    clock.time = NOW + timedelta(minutes=29, seconds=59)
    asyncio.run(crowd())
    assert len(peer.asked) == 2
    clock.time = NOW + timedelta(minutes=30)
    asyncio.run(crowd())
    assert len(peer.asked) == 4


def test_one_who_gives_up_takes_nobody_elses_answer_away(peer: OpenMeteoPeer, weather: OpenMeteoWeather) -> None:
    peer.pause = 0.2

    async def run() -> int:
        first = asyncio.create_task(weather.forecast(AUSTIN, NOW, NOW))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(weather.forecast(AUSTIN, NOW, NOW))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return len((await second).hours)

    assert asyncio.run(run()) == 1
    assert len(peer.asked) == 1


def test_a_failure_is_told_to_all_who_wait_and_to_nobody_after(peer: OpenMeteoPeer, weather: OpenMeteoWeather) -> None:
    peer.faults = [Fault(400, seconds=0.1)]

    async def crowd() -> list[Any]:
        asking = (weather.forecast(AUSTIN, NOW, NOW) for _ in range(5))
        return await asyncio.gather(*asking, return_exceptions=True)

    assert [type(one) for one in asyncio.run(crowd())] == [Unavailable] * 5
    assert len(peer.asked) == 1
    assert [len(one.hours) for one in asyncio.run(crowd())] == [1] * 5
    assert len(peer.asked) == 2


def test_what_nobody_can_know_costs_no_call(peer: OpenMeteoPeer, weather: OpenMeteoWeather) -> None:
    far = [(NOW + timedelta(days=20), NOW + timedelta(days=21)), (NOW - timedelta(days=9), NOW - timedelta(days=8))]
    for start, end in far:
        assert asyncio.run(weather.forecast(AUSTIN, start, end)).hours == []
    assert peer.asked == []


def test_only_so_many_cells_are_kept(peer: OpenMeteoPeer, clock: HandClock) -> None:
    weather = OpenMeteoWeather(clock, peer.url)
    cells = [Point(lat=round(-50 + n / 10 + 0.05, 2), lng=10.05) for n in range(CELLS_MAX + 1)]

    async def ask(places: list[Point]) -> None:
        for place in places:
            await weather.forecast(place, NOW, NOW)

    asyncio.run(ask(cells[:12]))
    table = weather._kept[next(iter(weather._kept))]
    weather._kept.update({(0, n): table for n in range(CELLS_MAX - 12)})  # as if these had been asked for
    asyncio.run(ask(cells[:1] + cells[12:13]))
    assert len(weather._kept) == CELLS_MAX
    before = len(peer.asked)
    asyncio.run(ask(cells[:1]))  # asked for again just now, so another one had to go
    assert len(peer.asked) == before
    asyncio.run(ask(cells[1:2]))
    assert len(peer.asked) == before + 1


# --- the day's quota


def test_so_many_calls_a_day_and_then_none_until_midnight(
    peer: OpenMeteoPeer, clock: HandClock
) -> None:
    weather = OpenMeteoWeather(clock, peer.url, calls_per_day=2)
    peer.faults = [Fault(503)]
    assert hours(weather) == [12, 13, 14]  # two calls: what is refused is counted, too
    assert hours(weather) == [12, 13, 14]
    refused = refusal(weather, ELSEWHERE)
    assert "2 calls" in str(refused)
    assert refused.retry_seconds == 11.5 * 3600
    assert len(peer.asked) == 2
    clock.time = NOW + timedelta(hours=11, minutes=30)
    assert hours(weather, ELSEWHERE)
    assert len(peer.asked) == 3


@pytest.mark.parametrize(
    ("reason", "seconds"), [("Minutely", 60), ("Hourly", 1800), ("Daily", 11.5 * 3600), ("Monthly", 11.5 * 3600)]
)
def test_a_quota_of_the_service_is_waited_for_without_asking_on(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, clock: HandClock, reason: str, seconds: float
) -> None:
    said = {"error": True, "reason": f"{reason} API request limit exceeded. Please try again later."}
    peer.faults = [Fault(429, json.dumps(said).encode())]
    assert refusal(weather).retry_seconds == seconds
    assert len(peer.asked) == 1
    clock.time += timedelta(seconds=20)
    assert refusal(weather, ELSEWHERE).retry_seconds == seconds - 20
    assert len(peer.asked) == 1
    clock.time = NOW + timedelta(seconds=seconds)
    assert hours(weather, ELSEWHERE)


# --- when it does not answer


@pytest.mark.parametrize("fault", [Fault(429), Fault(500), Fault(502), Fault(503), Fault(is_cut=True)])
def test_what_passes_is_tried_again(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_get, "PAUSE_SECONDS", 0.01)
    each = 2 if fault.is_cut else 1  # the HTTP client itself asks once more where the connection breaks
    peer.faults = [fault] * 2 * each
    assert hours(weather) == [12, 13, 14]
    assert len(peer.asked) == 2 * each + 1
    peer.faults = [fault] * 3 * each
    refused = refusal(weather, ELSEWHERE)
    assert "Open-Meteo" in str(refused)
    assert refused.retry_seconds is None
    assert peer.faults == []
    assert hours(weather, ELSEWHERE) == [12, 13, 14]


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 414])
def test_what_does_not_pass_is_not(peer: OpenMeteoPeer, weather: OpenMeteoWeather, status: int) -> None:
    peer.faults = [Fault(status, headers={"Location": f"{peer.url}/v1/forecast"})]
    assert str(refusal(weather)) == f"Open-Meteo answered {status}."
    assert len(peer.asked) == 1


def test_retry_after_is_honoured(peer: OpenMeteoPeer, weather: OpenMeteoWeather, clock: HandClock) -> None:
    loop_seconds: list[float] = []

    async def timed() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await weather.forecast(AUSTIN, NOW, NOW)
        loop_seconds.append(loop.time() - begun)

    peer.faults = [Fault(503, headers={"Retry-After": "1"})]
    asyncio.run(timed())
    assert 1 <= loop_seconds[0] < 3
    peer.faults = [Fault(503, headers={"Retry-After": "120"})]
    assert refusal(weather, ELSEWHERE).retry_seconds == 120
    assert refusal(weather, ELSEWHERE).retry_seconds == 120
    assert len(peer.asked) == 3
    clock.time += timedelta(seconds=120)
    assert hours(weather, ELSEWHERE)


@pytest.mark.parametrize("said", ["-1", "1.5", "soon", "٣", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
def test_a_retry_after_that_cannot_be_read_is_none(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_get, "PAUSE_SECONDS", 0.01)
    peer.faults = [Fault(503, headers={"Retry-After": said})]
    assert hours(weather)


def test_a_retry_after_beyond_reason_is_a_day(peer: OpenMeteoPeer, weather: OpenMeteoWeather) -> None:
    peer.faults = [Fault(503, headers={"Retry-After": "9" * 5000})]
    assert refusal(weather).retry_seconds == 86_400


def test_an_answer_that_does_not_come_is_not_waited_for(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_get, "SECONDS_MAX", 0.2)
    peer.faults = [Fault(seconds=5)]
    assert "within 0.2 s" in str(refusal(weather))
    assert SECONDS_MAX <= 10


def test_nobody_there(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_get, "PAUSE_SECONDS", 0.01)
    assert "not to be reached" in str(refusal(OpenMeteoWeather(clock, f"http://127.0.0.1:{free_port()}")))


# --- what it answers


def test_an_hour_with_a_gap_is_left_out(peer: OpenMeteoPeer, weather: OpenMeteoWeather) -> None:
    peer.lacks = {NOW.replace(minute=0) + HOUR}
    assert hours(weather) == [12, 14]


def good() -> dict[str, Any]:
    """An answer of three hours."""
    return {
        "utc_offset_seconds": 0,
        "hourly_units": {"temperature_2m": "°C", "wind_speed_10m": "km/h", "time": "iso8601"},
        "hourly": {
            "time": ["2026-06-10T12:00", "2026-06-10T13:00", "2026-06-10T14:00"],
            "weather_code": [0, None, 95],
            "cloud_cover": [0, 0, 100],
            "precipitation_probability": [0, 0, 100],
            "temperature_2m": [24.5, 25, -3.5],
            "wind_speed_10m": [0.0, 1.5, 70],
            "is_day": [1, 1, 0],
        },
    }


def spoilt() -> Iterator[tuple[str, Any]]:
    def change(name: str, value: Any, row: int | None = None) -> Any:
        answer = good()
        if row is None:
            answer["hourly"][name] = value
        else:
            answer["hourly"][name][row] = value
        return answer

    yield "offset", good() | {"utc_offset_seconds": 3600}
    yield "fahrenheit", good() | {"hourly_units": {"temperature_2m": "°F", "wind_speed_10m": "km/h"}}
    yield "no units", {name: value for name, value in good().items() if name != "hourly_units"}
    yield "no hourly", {name: value for name, value in good().items() if name != "hourly"}
    yield "error", {"error": True, "reason": "no"}
    yield "list", [good()]
    yield "null", None
    yield "short column", change("cloud_cover", [0])
    yield "long column", change("is_day", [1] * 4)
    yield "no column", change("is_day", None)
    yield "no hours", {**good(), "hourly": {name: [] for name in good()["hourly"]}}
    yield "gap", change("time", ["2026-06-10T12:00", "2026-06-10T14:00", "2026-06-10T15:00"])
    yield "backwards", change("time", ["2026-06-10T14:00", "2026-06-10T13:00", "2026-06-10T12:00"])
    yield "half hours", change("time", ["2026-06-10T12:30", "2026-06-10T13:30", "2026-06-10T14:30"])
    yield "other zone", change("time", [f"2026-06-10T{n}:00+02:00" for n in (12, 13, 14)])
    yield "end of time", change("time", ["9999-12-31T23:00", "x", "y"])
    yield "no time", change("time", ["yesterday", "today", "tomorrow"])
    yield "hot", change("temperature_2m", 3000, 0)
    yield "text", change("cloud_cover", "many", 1)
    yield "code", change("weather_code", 100, 0)
    yield "cloud", change("cloud_cover", 101, 2)
    yield "rain", change("precipitation_probability", -1, 2)
    yield "wind", change("wind_speed_10m", -0.1, 2)
    yield "day", change("is_day", 2, 2)
    yield "nan", change("temperature_2m", float("nan"), 0)
    yield "infinity", change("wind_speed_10m", float("inf"), 0)


def test_the_good_answer_is_good() -> None:
    table = _table_of(json.dumps(good()).encode())
    first = NOW.replace(minute=0)
    assert [hour.at - first for hour in table.hours] == [0 * HOUR, 2 * HOUR]


@pytest.mark.parametrize("body", [pytest.param(answer, id=name) for name, answer in spoilt()])
def test_an_answer_that_cannot_be_is_refused_and_not_kept(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, body: Any
) -> None:
    peer.faults = [Fault(body=json.dumps(body).encode())]
    assert "cannot be read" in str(refusal(weather))
    assert hours(weather) == [12, 13, 14]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 200_000, b"\xff\xfe", b'{"hourly":' * 20_000])
def test_neither_is_what_is_no_json(peer: OpenMeteoPeer, weather: OpenMeteoWeather, body: bytes) -> None:
    peer.faults = [Fault(body=body)]
    assert "cannot be read" in str(refusal(weather))


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_without_end_is_not_read(peer: OpenMeteoPeer, weather: OpenMeteoWeather, is_packed: bool) -> None:
    body = b" " * (50 * BODY_BYTES_MAX)
    headers = {"Content-Encoding": "gzip"} if is_packed else {}
    peer.faults = [Fault(body=gzip.compress(body) if is_packed else body, headers=headers)]
    assert "larger than" in str(refusal(weather))


def test_an_answer_that_is_not_packed_as_it_says(
    peer: OpenMeteoPeer, weather: OpenMeteoWeather, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_get, "PAUSE_SECONDS", 0.01)
    peer.faults = [Fault(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})] * 3
    assert "not to be reached" in str(refusal(weather))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(st.data())
@settings(max_examples=300)
def test_no_answer_whatever_it_is_makes_it_fall(data: st.DataObject) -> None:
    answer = good()
    for _ in range(data.draw(st.integers(1, 3))):
        part = data.draw(st.sampled_from([answer, answer.get("hourly"), answer.get("hourly_units")]))
        if isinstance(part, dict) and part:
            part[data.draw(st.sampled_from(sorted(part)))] = data.draw(JSON)
    try:
        table = _table_of(json.dumps(answer).encode())
    except Unavailable:
        return
    assert len(table.hours) <= len(table.code) <= 3


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
