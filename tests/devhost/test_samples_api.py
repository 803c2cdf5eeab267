"""The HTTP management API, as clients of any language use it: addresses, statuses, filters, pages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devhost.testing import DevHost

APPS = Path(__file__).parent / "apps"
START = datetime(2024, 2, 28, 9, 0, tzinfo=UTC)
ROOTS = ["/runtime/webhooks/durabletask", "/durabletask"]
API = ROOTS[0]
HOUR = timedelta(hours=1)


@pytest.fixture
def host() -> Iterator[DevHost]:
    with DevHost(APPS / "flows", start=START) as host:
        yield host


@pytest.fixture
def ended(host: DevHost) -> str:
    instance = host.start("chain", instance_id="ended")
    host.result(instance)
    return instance


@pytest.fixture
def waiting(host: DevHost) -> str:
    instance = host.start("approval", {"of": "leave"}, instance_id="waiting")
    host.settle()
    return instance


@pytest.mark.parametrize("root", ROOTS)
def test_life_of_an_instance(host: DevHost, root: str) -> None:
    answer = host.http.post(f"{root}/orchestrators/approval/i1", json={"of": "leave"})
    assert answer.status_code == 202
    urls = answer.json()
    assert urls["id"] == "i1"
    host.settle()
    status = host.http.get(urls["statusQueryGetUri"])
    assert (status.status_code, status.json()["runtimeStatus"]) == (202, "Running")
    assert status.json()["input"] == {"of": "leave"}
    raised = host.http.post(urls["sendEventPostUri"].replace("{eventName}", "Approval"), json="yes")
    assert raised.status_code == 202
    host.settle()
    status = host.http.get(urls["statusQueryGetUri"])
    assert (status.status_code, status.json()["output"]) == (200, {"approved": "yes"})
    purged = host.http.delete(urls["purgeHistoryDeleteUri"])
    assert (purged.status_code, purged.json()) == (200, {"instancesDeleted": 1})
    assert host.http.get(urls["statusQueryGetUri"]).status_code == 404


def test_start_without_an_id(host: DevHost) -> None:
    first, second = (host.http.post(f"{API}/orchestrators/chain").json()["id"] for _ in range(2))
    assert first != second
    assert host.result(first) == host.result(second)


def test_start_of_an_unknown_orchestrator(host: DevHost) -> None:
    answer = host.http.post(f"{API}/orchestrators/no_such")
    assert answer.status_code == 400
    assert "no_such" in answer.json()["ExceptionMessage"]


def test_start_under_an_id_that_is_taken(host: DevHost, waiting: str, ended: str) -> None:
    assert host.http.post(f"{API}/orchestrators/approval/{waiting}").status_code == 500
    assert host.http.post(f"{API}/orchestrators/fan_out/{ended}", content=b'"3"').status_code == 202
    assert host.result(ended) == 5


def test_status_carries_what_the_sdk_reads(host: DevHost, ended: str) -> None:
    status = host.http.get(f"{API}/instances/{ended}").json()
    assert {"name", "instanceId", "runtimeStatus", "input", "customStatus", "output", "createdTime"} <= set(status)
    assert (status["name"], status["instanceId"], status["customStatus"]) == ("chain", ended, None)
    for key in ("createdTime", "lastUpdatedTime"):
        assert re.fullmatch(r"2024-02-28T09:00:00(Z|\+00:00)", status[key]), "times are to whole seconds"
    assert not status.get("historyEvents")


def test_status_without_the_input(host: DevHost, waiting: str) -> None:
    shown = host.http.get(f"{API}/instances/{waiting}").json()
    hidden = host.http.get(f"{API}/instances/{waiting}?showInput=false").json()
    assert "leave" in str(shown["input"])
    assert hidden["input"] is None


def test_status_with_history(host: DevHost, ended: str) -> None:
    def history(query: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = host.http.get(f"{API}/instances/{ended}?{query}").json()["historyEvents"]
        return events

    plain, full = history("showHistory=true"), history("showHistory=true&showHistoryOutput=true")
    assert len(plain) == len(full) >= 5
    assert "Hello Tokyo!" in str(full)
    assert "Hello Tokyo!" not in str(plain)


OPERATIONS = [
    ("POST", "raiseEvent/Approval"),
    ("POST", "terminate?reason=x"),
    ("POST", "suspend?reason=x"),
    ("POST", "resume?reason=x"),
]


@pytest.mark.parametrize(("method", "operation"), [*OPERATIONS, ("POST", "restart"), ("DELETE", ""), ("GET", "")])
def test_operations_on_an_instance_that_never_was(host: DevHost, method: str, operation: str) -> None:
    assert host.http.request(method, f"{API}/instances/nobody/{operation}".rstrip("/")).status_code == 404


@pytest.mark.parametrize(("method", "operation"), OPERATIONS)
def test_operations_on_an_instance_that_has_ended(host: DevHost, ended: str, method: str, operation: str) -> None:
    assert host.http.request(method, f"{API}/instances/{ended}/{operation}").status_code == 410


@pytest.mark.parametrize(("method", "operation"), OPERATIONS)
def test_operations_on_an_instance_that_waits(host: DevHost, waiting: str, method: str, operation: str) -> None:
    assert host.http.request(method, f"{API}/instances/{waiting}/{operation}").status_code == 202


def test_event_that_is_not_json(host: DevHost, waiting: str) -> None:
    answer = host.http.post(f"{API}/instances/{waiting}/raiseEvent/Approval", content=b"{not json")
    assert answer.status_code == 400
    host.settle()
    assert (host.status(waiting) or {})["runtimeStatus"] == "Running"


def test_rewind_is_not_offered(host: DevHost, ended: str) -> None:
    answer = host.http.post(f"{API}/instances/{ended}/rewind?reason=x")
    assert answer.status_code == 501
    assert "ewind" in answer.text


def test_restart_keeps_or_changes_the_id(host: DevHost, ended: str) -> None:
    fresh = host.http.post(f"{API}/instances/{ended}/restart?restartWithNewInstanceId=true")
    assert (fresh.status_code, fresh.json()["id"] != ended) == (202, True)
    host.advance(HOUR)
    same = host.http.post(f"{API}/instances/{ended}/restart?restartWithNewInstanceId=false")
    assert (same.status_code, same.json()["id"]) == (202, ended)
    assert host.result(ended) == host.result(fresh.json()["id"])
    assert (host.status(ended) or {})["createdTime"].startswith("2024-02-28T10:00:00")


@pytest.fixture
def crowd(host: DevHost) -> DevHost:
    """Ten at nine o'clock, ten at ten; the odd ones wait, one is terminated and one suspended."""
    for number in range(20):
        if number == 10:
            host.settle()
            host.advance(HOUR)
        host.start("approval" if number % 2 else "chain", instance_id=f"{'ab'[number // 10]}{number:02}")
    host.settle()
    host.terminate("a01")
    host.suspend("a03")
    host.settle()
    return host


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 20),
        ("instanceIdPrefix=a", 10),
        ("runtimeStatus=Completed", 10),
        ("runtimeStatus=Running", 8),
        ("runtimeStatus=Terminated,Suspended", 2),
        ("runtimeStatus=Running,Suspended&instanceIdPrefix=a", 4),
        ("createdTimeFrom=2024-02-28T09:30:00.000000Z", 10),
        ("createdTimeTo=2024-02-28T09:30:00.000000Z", 10),
        ("createdTimeFrom=2024-02-28T09:30:00Z&runtimeStatus=Completed", 5),
        ("createdTimeFrom=2024-02-28T10:30:00Z", 0),
        ("instanceIdPrefix=zzz", 0),
    ],
)
def test_lists(crowd: DevHost, query: str, number: int) -> None:
    answer = crowd.http.get(f"{API}/instances/?{query}")
    assert answer.status_code == 200
    found = [status["instanceId"] for status in answer.json()]
    assert len(set(found)) == len(found) == number


def test_pages(crowd: DevHost) -> None:
    found, token, pages = [], "", 0
    while pages == 0 or token:
        answer = crowd.http.get(f"{API}/instances/?top=8", headers={"x-ms-continuation-token": token})
        found += [status["instanceId"] for status in answer.json()]
        token, pages = answer.headers.get("x-ms-continuation-token", ""), pages + 1
    assert (len(set(found)), len(found), pages) == (20, 20, 3)


def test_purge_by_filter(crowd: DevHost) -> None:
    query = "createdTimeFrom=2024-02-28T00:00:00Z&createdTimeTo=2024-02-28T09:30:00Z&runtimeStatus=Completed"
    answer = crowd.http.delete(f"{API}/instances/?{query}")
    assert (answer.status_code, answer.json()) == (200, {"instancesDeleted": 5})
    assert len(crowd.http.get(f"{API}/instances/").json()) == 15
    assert crowd.http.delete(f"{API}/instances/?{query}").status_code == 404


@pytest.mark.parametrize("query", ["runtimeStatus=Nonsense", "createdTimeFrom=yesterday", "top=many"])
def test_filters_that_make_no_sense(host: DevHost, query: str) -> None:
    assert host.http.get(f"{API}/instances/?{query}").status_code == 400


def test_entities_by_http() -> None:
    with DevHost(APPS / "entities") as host:
        address = f"{API}/entities/Counter/k"
        assert host.http.get(address).status_code == 404
        assert host.http.post(f"{address}?op=add", content=b'"5"').status_code == 202
        host.settle()
        answer = host.http.get(address)
        assert (answer.status_code, answer.json()) == (200, 5)


def test_lists_of_entities() -> None:
    with DevHost(APPS / "entities") as host:
        for key in ("a", "b", "c"):
            host.signal("counter", key, "add", 1)
        host.signal("journal", "a", "write", "line")
        host.settle()
        found = host.http.get(f"{API}/entities/Counter").json()
        assert sorted(item["entityId"]["key"] for item in found) == ["a", "b", "c"]
        assert len(host.http.get(f"{API}/entities/").json()) == 4
        states = host.http.get(f"{API}/entities/counter?fetchState=true").json()
        assert [item["state"] for item in states] == [1, 1, 1]
        instances = host.http.get(f"{API}/instances/").json()
        assert instances == [], "entities are no orchestrations"


def test_clock_by_http(host: DevHost, waiting: str) -> None:
    answer = host.http.post("/admin/host/clock", json={"advance": 3 * 86_400})
    assert answer.status_code == 200
    assert host.now == START + timedelta(days=3)
    assert (host.status(waiting) or {})["output"] == "Hello manager!"


@pytest.mark.parametrize("body", [{"advance": -1}, {"advance": "soon"}, {}, [], "x"])
def test_clock_refuses_nonsense(host: DevHost, body: Any) -> None:
    assert host.http.post("/admin/host/clock", json=body).status_code == 400
    assert host.now == START


def test_a_real_clock_cannot_be_moved() -> None:
    with DevHost(APPS / "flows", clock="real") as host:
        assert host.http.post("/admin/host/clock", json={"advance": 60}).status_code == 409
        assert host.result(host.start("fan_out", 3)) == 5


def test_meter_by_http(host: DevHost, ended: str) -> None:
    parent = host.start("ship_order", {"id": "m", "items": ["0:chair"]})
    host.result(parent)
    meter = host.http.get("/admin/host/meter").json()
    assert meter == host.meter()
    assert set(meter["instances"]) == {ended, parent}, "children count for their root"
    assert meter["instances"][parent]["executions"] == 2 + 2 + 1
    assert meter["functions"]["book_carrier"]["executions"] == 1
    for used in (*meter["functions"].values(), *meter["instances"].values()):
        assert used["wall_ms"] > 0
        assert used["bytes_in"] > 0
        assert used["bytes_out"] > 0


def test_a_child_can_be_addressed(host: DevHost) -> None:
    host.result(host.start("identities", instance_id="p"))
    assert host.http.get(f"{API}/instances/p-kid").json()["output"] == "p"
