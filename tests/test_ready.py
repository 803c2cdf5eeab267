"""Readiness: the truth about each port, told soon, and asked for seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import ready
from shared.ready import KEPT_SECONDS, NEEDED, PROBE_SECONDS_MAX, Check, checks
from shared.records import Unavailable
from shared.settings import Settings
from shared.wiring import PORTS, Deps, deps

ASKED = {"store", "blobs", "identity", "payments", "weather", "travel", "index"}


class Down:
    """A part that fails in one way, whatever is asked of it; counts how often."""

    def __init__(self, fault: BaseException | None, seconds: float = 0.0) -> None:
        self.fault = fault
        self.seconds = seconds
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: Any, **__: Any) -> None:
            self.asked += 1
            await asyncio.sleep(self.seconds)
            if self.fault is not None:
                raise self.fault

        return fail


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Deps]:
    parts = Deps(Settings(data_dir=str(tmp_path)))
    yield parts
    asyncio.run(parts.store.close())


def test_every_port_is_told_of(house: Deps) -> None:
    found = asyncio.run(checks(house))
    assert set(found) == set(PORTS)
    assert {port for port, check in found.items() if check.status == "ok"} == ASKED
    assert {check.status for port, check in found.items() if port not in ASKED} == {"unchecked"}
    assert found["store"] == Check("SqliteStore", "ok")


@pytest.mark.parametrize("port", sorted(ASKED))
@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Unavailable("Provider answered 503 to ann@example.com"), "Provider answered 503 to [email]"),
        (RuntimeError("held 1200 Barton Hills Dr"), "RuntimeError"),
        (OSError(111, "refused"), "ConnectionRefusedError"),
    ],
)
def test_a_part_that_fails_is_told_with_why_and_the_others_are_not(
    house: Deps, port: str, fault: Exception, why: str
) -> None:
    _ = house.store  # what is asked through it has it already
    for other in ASKED:
        getattr(house, other)
    there = vars(house)[port]
    vars(house)[port] = Down(fault)
    found = asyncio.run(checks(house))
    assert found[port] == Check("Down", "failing", why)
    assert {other for other, check in found.items() if check.status == "failing"} == {port}
    vars(house)[port] = there


def test_a_part_that_does_not_answer_is_not_waited_for(house: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "PROBE_SECONDS_MAX", 0.1)
    vars(house).update(blobs=Down(None, 30), payments=Down(None, 30))

    async def timed() -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        found = await checks(house)
        assert found["blobs"].why == found["payments"].why == "no answer within 0.1 s"
        return loop.time() - begun

    assert asyncio.run(timed()) < 5
    assert PROBE_SECONDS_MAX <= 5


def test_a_part_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    broken = Deps(Settings(data_dir=str(file / "data"), traces="otlp", otlp_endpoint="http://127.0.0.1:9/v1/traces"))
    found = asyncio.run(checks(broken))
    assert found["store"] == Check("none: NotADirectoryError", "failing", "NotADirectoryError")


def test_asking_wears_nothing_out(house: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Down(None, 0.05)
    vars(house)["blobs"] = part

    async def crowd() -> None:
        told = await asyncio.gather(*(checks(house) for _ in range(50)))
        assert all(one == told[0] for one in told)

    asyncio.run(crowd())
    asyncio.run(crowd())
    assert part.asked == 1
    assert 1 <= KEPT_SECONDS <= 30
    monkeypatch.setattr(ready, "KEPT_SECONDS", 0.0)
    asyncio.run(crowd())
    assert part.asked > 1


def test_over_http(run_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "KEPT_SECONDS", 0.0)
    with run_app() as house:
        answer = house.http.get("/api/v1/ready")
        told = answer.json()["data"]
        assert (answer.status_code, told["status"], told["problems"]) == (200, "ready", [])
        assert set(told["ports"]) == set(told["checks"]) == set(PORTS)
        assert told["ports"]["store"] == "SqliteStore"
        assert told["checks"]["store"] == {"status": "ok", "why": ""}

        parts = vars(deps())
        real = dict(parts)
        parts["blobs"] = Down(Unavailable("Azure Blob Storage does not answer"))
        answer = house.http.get("/api/v1/ready")
        told = answer.json()["data"]
        assert (answer.status_code, told["status"]) == (200, "degraded")
        assert told["problems"] == ["blobs: Azure Blob Storage does not answer"]
        assert told["checks"]["blobs"]["status"] == "failing"

        assert {"store"} == NEEDED
        parts["store"] = Down(Unavailable("Cosmos DB does not answer"))
        answer = house.http.get("/api/v1/ready")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unavailable"
        failing = {one["field"]: one["message"] for one in answer.json()["errors"]}
        assert failing["ports.store"] == "Cosmos DB does not answer"
        assert failing["ports.blobs"] == "Azure Blob Storage does not answer"
        assert house.http.get("/api/v1/health").status_code == 200, "alive, though not ready"
        parts.update(real)
        assert house.http.get("/api/v1/ready").json()["data"]["status"] == "ready"
