"""Sample apps that go wrong: what is reported, and that the host and everything beside it carries on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost.testing import DevHost

APPS = Path(__file__).parent / "apps"


@pytest.fixture
def faults() -> Iterator[DevHost]:
    with DevHost(APPS / "faults") as host:
        yield host


def ended(host: DevHost, name: str, given: object = None) -> tuple[str, str]:
    """How an orchestration ends, and its output as text."""
    instance = host.start(name, given)
    host.settle()
    status = host.status(instance) or {}
    return status["runtimeStatus"], str(status["output"])


@pytest.fixture(autouse=True)
def carries_on(faults: DevHost) -> Iterator[None]:
    yield
    assert ended(faults, "not_a_generator", 5) == ("Completed", "{'given': 5}")


@pytest.mark.parametrize("kind", ["activity", "orchestrator", "entity"])
def test_unknown_function_cannot_be_caught(faults: DevHost, kind: str) -> None:
    state, output = ended(faults, "calls_unknown", kind)
    assert state == "Failed"
    assert f"no_such_{kind}" in output


@pytest.mark.parametrize(
    ("drift", "differences"),
    [("other name", ["alpha", "beta"]), ("other kind", ["alpha", "timer"]), ("nothing", ["alpha"])],
)
def test_nondeterminism_is_reported(faults: DevHost, drift: str, differences: list[str]) -> None:
    state, output = ended(faults, "drifts", drift)
    assert state == "Failed"
    assert "drifts" in output, "the function"
    assert "step 2" in output.lower(), "the step"
    for word in differences:
        assert word in output.lower(), "what differed"


def test_orchestrator_that_does_not_drift(faults: DevHost) -> None:
    assert ended(faults, "drifts", "as before") == ("Completed", "finished")


@pytest.mark.parametrize(
    ("activity", "words"),
    [("raises", "nothing to be found"), ("exits", "9"), ("exits_async", "9"), ("gives_date", "json serializable")],
)
def test_activity_that_fails_can_be_caught(faults: DevHost, activity: str, words: str) -> None:
    state, output = ended(faults, "calls", activity)
    assert (state, output[:8]) == ("Completed", "caught: ")
    assert words in output
    assert activity in output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises_itself", "the flow itself gave up"),
        ("raises_at_once", "before anything was scheduled"),
        ("returns_date", "datetime is not JSON serializable"),
        ("exits_itself", "9"),
    ],
)
def test_orchestrator_that_fails(faults: DevHost, name: str, words: str) -> None:
    state, output = ended(faults, name)
    assert state == "Failed"
    assert words in output


def test_child_that_fails_can_be_caught(faults: DevHost) -> None:
    state, output = ended(faults, "catches_child")
    assert state == "Completed"
    assert "the flow itself gave up" in output


def test_child_that_is_terminated_fails_for_its_parent(faults: DevHost) -> None:
    faults.start("waits_for_child", instance_id="p")
    faults.settle()
    faults.terminate("p-child", "not needed")
    assert str(faults.result("p")).startswith("caught: ")


def test_termination_does_not_reach_children(faults: DevHost) -> None:
    faults.start("waits_for_child", instance_id="q")
    faults.settle()
    faults.terminate("q")
    faults.settle()
    assert (faults.status("q-child") or {})["runtimeStatus"] == "Running"
    faults.raise_event("q-child", "go", "on my own")
    assert faults.result("q-child") == "on my own"
    assert (faults.status("q") or {})["runtimeStatus"] == "Terminated"


@pytest.mark.parametrize("activity", ["sleeps", "blocks"])
def test_activity_that_takes_too_long(activity: str) -> None:
    with DevHost(APPS / "slow") as host:
        instance = host.start("outlasts", activity)
        output = str(host.result(instance))
        assert output.startswith("caught: ")
        assert f"Timeout value of 00:00:01 was exceeded by function: Functions.{activity}" in output
        assert host.result(host.start("outlasts", "quick")) == "x"
        host.http.get("/api/release")


def wait_for(host: DevHost, path: str, text: str) -> None:
    for _ in range(1_000):
        if host.http.get(path).text == text:
            return
        time.sleep(0.01)
    pytest.fail(f"{path} never says '{text}'")


def test_a_late_result_of_an_earlier_execution_does_not_count(faults: DevHost) -> None:
    faults.start("calls", "gated", instance_id="g")
    wait_for(faults, "/api/gates", "1 0")
    faults.terminate("g")
    wait_for(faults, "/api/state/g", "Terminated")
    faults.start("calls", "gated", instance_id="g")
    wait_for(faults, "/api/gates", "2 0")
    faults.http.post("/api/gates/0")
    wait_for(faults, "/api/gates", "2 1")
    faults.http.post("/api/gates/1")
    assert faults.result("g") == "attempt 1"


def test_activity_that_was_running_when_the_host_ended_runs_again(tmp_path: Path) -> None:
    with DevHost(APPS / "faults", data=tmp_path) as host:
        host.start("calls", "never_first", instance_id="i")
        wait_for(host, "/api/began", "1")
    with DevHost(APPS / "faults", data=tmp_path) as host:
        assert host.result("i") == "x"
        assert host.http.get("/api/began").text == "2"


def test_request_that_takes_too_long() -> None:
    with DevHost(APPS / "slow") as host:
        assert host.http.get("/api/never").status_code in {500, 504}
        assert host.http.get("/api/release").text == "released"
