"""Sample apps at the edges: HTTP routes and keys, ASGI beside durable functions, durable HTTP calls, timers."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devhost.testing import DevHost

APPS = Path(__file__).parent / "apps"
WEDNESDAY = datetime(2024, 2, 28, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def web() -> Iterator[DevHost]:
    with DevHost(APPS / "web") as host:
        yield host


@pytest.fixture
def callouts() -> Iterator[DevHost]:
    with DevHost(APPS / "callouts") as host:
        yield host


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Iterator[DevHost]:
    monkeypatch.setenv("NIGHTLY", "0 0 3 * * *")
    with DevHost(APPS / "timers", start=WEDNESDAY) as host:
        host.settle()
        yield host


# HTTP


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/items/7", {"function": "item", "id": "7"}),
        ("GET", "/api/items/first", {"function": "first_item"}),
        ("GET", "/api/ITEMS/First", {"function": "first_item"}),
        ("GET", "/api/items/lamp", {"function": "named_item", "name": "lamp"}),
        ("GET", "/api/items/caf%C3%A9%20noir", {"function": "named_item", "name": "café noir"}),
        ("PUT", "/api/items/7", {"function": "change_item", "method": "PUT", "id": "7"}),
        ("DELETE", "/api/items/7", {"function": "change_item", "method": "DELETE", "id": "7"}),
        ("PATCH", "/api/files/a/b/c.txt", {"function": "files", "path": "a/b/c.txt", "method": "PATCH"}),
        ("GET", "/api/files", {"function": "files", "path": None, "method": "GET"}),
    ],
)
def test_routes(web: DevHost, method: str, path: str, expected: dict[str, object]) -> None:
    answer = web.http.request(method, path)
    assert (answer.status_code, answer.json()) == (200, expected)


@pytest.mark.parametrize("path", ["/api/nothing", "/items/7", "/api/items/7/parts"])
def test_no_route(web: DevHost, path: str) -> None:
    assert web.http.get(path).status_code == 404


def test_method_that_is_not_allowed(web: DevHost) -> None:
    assert web.http.post("/api/items/7").status_code in {404, 405}


def test_function_without_a_route(web: DevHost) -> None:
    assert web.http.get("/api/unrouted").text == "a route is the function's name unless told otherwise"


def test_what_a_function_sees(web: DevHost) -> None:
    answer = web.http.post("/api/mirror?a=1&b=%C3%BC&empty=", content="bödy", headers={"X-Mixed-Case": "Yes"})
    seen = answer.json()
    assert (seen["method"], seen["body"], seen["query"]) == ("POST", "bödy", {"a": "1", "b": "ü"})
    assert seen["headers"]["x-mixed-case"] == "Yes"
    assert seen["url"] == f"{web.url}/api/mirror?a=1&b=%C3%BC&empty="


def test_function_level_keys(web: DevHost) -> None:
    assert web.http.get("/api/guarded").status_code == 401
    assert web.http.get("/api/guarded?code=wrong").status_code == 401
    assert web.http.get("/api/guarded", headers={"x-functions-key": web.key("guarded_too")}).status_code == 401
    for key in (web.key(), web.key("guarded")):
        assert web.http.get("/api/guarded", params={"code": key}).status_code == 200
        assert web.http.get("/api/guarded", headers={"x-functions-key": key}).status_code == 200


def test_admin_level_takes_no_lesser_key(web: DevHost) -> None:
    assert web.http.get("/api/master").status_code == 401
    assert web.http.get("/api/master", params={"code": web.key("master")}).status_code == 401


def test_cookies_and_headers(web: DevHost) -> None:
    answer = web.http.get("/api/cookies")
    assert (answer.status_code, answer.headers["x-kind"]) == (201, "sweet")
    assert [cookie.split(";")[0] for cookie in answer.headers.get_list("set-cookie")] == ["a=1", "b=2"]


@pytest.mark.parametrize("path", ["/api/dict", "/api/raises", "/api/exits"])
def test_a_function_that_fails_leaves_the_host_alive(web: DevHost, path: str) -> None:
    assert [web.http.get(path).status_code for _ in range(3)] == [500, 500, 500]
    assert web.http.get("/api/items/7").status_code == 200


def test_context_of_a_call(web: DevHost) -> None:
    first, second = (web.http.get("/api/whoami").json() for _ in range(2))
    assert first["function"] == "whoami"
    assert first["invocation"] != second["invocation"]


# ASGI


def test_asgi_beside_durable_functions() -> None:
    with DevHost(APPS / "asgi") as host:
        assert host.http.get("/hello/Ada").text == "hello Ada"
        assert host.http.get("/hello/Ada").headers["x-marks"] == "started", "the lifespan starts once"
        assert host.http.post("/echo?x=1", json={"y": 2}).json() == {"method": "POST", "query": {"x": "1"}, "y": 2}
        assert host.http.get("/nowhere").status_code == 404
        assert host.http.get("/broken").status_code == 500
        answer = host.http.post("/orders/o1", json={"chair": 30, "table": 70})
        assert answer.status_code == 202, "a literal route wins over the catch-all"
        assert host.result("o1") == 100
        assert host.http.get(answer.json()["statusQueryGetUri"]).json()["runtimeStatus"] == "Completed"
    with DevHost(APPS / "asgi") as host:
        marks = host.http.get("/hello/Ada").headers["x-marks"]
        assert marks == "started ended", "what an app has running in the background ends with its host"


# Durable HTTP


def ask(host: DevHost, path: str, **more: object) -> str:
    return host.start("call", {"method": "GET", "uri": f"{host.url}/api/{path}", **more})


def test_call_http(callouts: DevHost) -> None:
    more = {"method": "POST", "content": {"a": 1}, "headers": {"X-Kind": "test"}}
    got = callouts.result(ask(callouts, "job/direct/0", **more))
    assert got["statusCode"] == 200
    assert {name.lower(): value for name, value in got["headers"].items()}["content-type"] == "application/json"
    assert got["content"] == '{"calls": 1, "body": "{\\"a\\": 1}", "kind": "test"}'


def test_call_http_passes_an_error_on_as_a_value(callouts: DevHost) -> None:
    got = callouts.result(ask(callouts, "missing"))
    assert (got["statusCode"], got["content"]) == (404, "not here")


def test_call_http_asks_again_after_202(callouts: DevHost) -> None:
    instance = ask(callouts, "job/polled/2")
    callouts.settle()
    callouts.advance(timedelta(seconds=119))
    assert (callouts.status(instance) or {})["runtimeStatus"] == "Running"
    callouts.advance(timedelta(seconds=1))
    got = callouts.result(instance)
    assert got["statusCode"] == 200
    assert '"calls": 3' in got["content"]


def test_call_http_goes_on_asking_after_a_restart(tmp_path: Path) -> None:
    """The second host listens elsewhere: what is asked again is where the answer said, and nobody is there."""
    with DevHost(APPS / "callouts", data=tmp_path) as host:
        instance = ask(host, "job/restarted/1")
        host.settle()
    with DevHost(APPS / "callouts", data=tmp_path) as host:
        assert (host.status(instance) or {})["runtimeStatus"] == "Running"
        host.advance(MINUTE)
        assert (host.status(instance) or {})["runtimeStatus"] == "Failed"


def test_call_http_to_nobody_fails(callouts: DevHost) -> None:
    instance = callouts.start("call", {"method": "GET", "uri": "http://127.0.0.1:9/"})
    callouts.settle()
    assert (callouts.status(instance) or {})["runtimeStatus"] == "Failed"


# Timers


def ran(host: DevHost) -> list[str]:
    return [name for name, _, _ in host.http.get("/api/runs").json()]


def test_timers_run_when_due(timers: DevHost) -> None:
    assert ran(timers) == ["nightly"], "runOnStartup"
    timers.advance(29 * MINUTE)
    assert ran(timers) == ["quarterly"]
    timers.advance(MINUTE)
    assert sorted(ran(timers)) == ["daily", "quarterly"]
    timers.advance(HOUR)
    assert ran(timers) == ["quarterly"] * 4


def test_timers_over_a_week(timers: DevHost) -> None:
    ran(timers)
    timers.advance(7 * DAY)
    names = ran(timers)
    counts = {name: names.count(name) for name in set(names)}
    assert counts == {"daily": 7, "quarterly": 7 * 96, "nightly": 7, "weekday_report": 5, "faulty": 7}


def test_timer_function_starts_an_orchestration(timers: DevHost) -> None:
    timers.advance(22 * HOUR)
    found = timers.http.get("/runtime/webhooks/durabletask/instances/?instanceIdPrefix=report-").json()
    assert [status["output"] for status in found] == ["2024-02-29T06:00:00+00:00"]


def test_timer_that_fails_runs_again(timers: DevHost) -> None:
    ran(timers)
    timers.advance(2 * DAY)
    assert ran(timers).count("faulty") == 2


def test_a_missed_timer_is_caught_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTLY", "0 0 3 * * *")
    with DevHost(APPS / "timers", data=tmp_path, start=WEDNESDAY) as host:
        host.settle()
        ran(host)
    with DevHost(APPS / "timers", data=tmp_path, start=WEDNESDAY + 3 * DAY + HOUR) as host:
        host.settle()
        runs = [(name, late) for name, late, _ in host.http.get("/api/runs").json()]
        assert runs.count(("daily", True)) == 1
        assert ("daily", False) not in runs
        host.advance(DAY)
        again = [late for name, late, _ in host.http.get("/api/runs").json() if name == "daily"]
        assert again == [False]


def test_setting_from_local_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTLY", raising=False)
    app = Path(shutil.copytree(APPS / "timers", tmp_path / "app"))
    text = '{"IsEncrypted": false, "Values": {"NIGHTLY": "0 45 9 * * *"}}'
    (app / "local.settings.json").write_text(text, encoding="utf-8")
    with DevHost(app, start=WEDNESDAY) as host:
        host.settle()
        ran(host)
        host.advance(HOUR)
        assert ran(host).count("nightly") == 1
