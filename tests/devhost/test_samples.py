"""Sample apps of the usual patterns, run through DevHost: flows, external events and entities."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devhost.testing import DevHost

APPS = Path(__file__).parent / "apps"
START = datetime(2024, 2, 28, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def flows() -> Iterator[DevHost]:
    with DevHost(APPS / "flows", start=START) as host:
        yield host


@pytest.fixture
def events() -> Iterator[DevHost]:
    with DevHost(APPS / "events", start=START) as host:
        yield host


@pytest.fixture
def entities() -> Iterator[DevHost]:
    with DevHost(APPS / "entities", start=START) as host:
        yield host


def state_of(host: DevHost, instance: str) -> str:
    host.settle()
    return str((host.status(instance) or {"runtimeStatus": "none"})["runtimeStatus"])


# Flows


def test_chain(flows: DevHost) -> None:
    instance = flows.start("chain")
    assert flows.result(instance) == ["Hello Tokyo!", "Hello Seattle!", "Hello London!"]
    history = (flows.status(instance, history=True) or {})["historyEvents"]
    assert sum("TaskCompleted" in str(event["EventType"]) for event in history) == 3


def test_start_through_the_app_and_look_where_it_says(flows: DevHost) -> None:
    answer = flows.http.post("/api/start/chain/c1")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["id"]) == (202, "10", "c1")
    assert answer.headers["location"] == answer.json()["statusQueryGetUri"]
    flows.settle()
    status = flows.http.get(answer.headers["location"])
    assert (status.status_code, status.json()["runtimeStatus"]) == (200, "Completed")


def test_fan_out_and_in(flows: DevHost) -> None:
    assert flows.result(flows.start("fan_out", 60)) == sum(n * n for n in range(60))


def test_sub_orchestrations_are_tried_again(flows: DevHost) -> None:
    instance = flows.start("ship_order", {"id": "o1", "items": ["0:chair", "2:lamp", "1:vase"]})
    assert state_of(flows, instance) == "Running"
    flows.advance(5 * MINUTE)
    assert state_of(flows, instance) == "Running"
    flows.advance(5 * MINUTE)
    assert flows.result(instance) == ["chair at attempt 1", "lamp at attempt 3", "vase at attempt 2"]


def test_sub_orchestration_that_fails_for_good_fails_its_parent(flows: DevHost) -> None:
    instance = flows.start("ship_order", {"id": "o2", "items": ["9:piano"]})
    flows.settle()
    flows.advance(10 * MINUTE)
    status = flows.status(instance) or {}
    assert status["runtimeStatus"] == "Failed"
    assert "no carrier for piano" in status["output"]


def test_activity_is_tried_again(flows: DevHost) -> None:
    instances = [flows.start("book_with_retry", item, instance_id=f"retry-{item[0]}") for item in ("1:box", "9:box")]
    flows.settle()
    assert [state_of(flows, instance) for instance in instances] == ["Running", "Running"]
    flows.advance(5 * MINUTE)
    assert flows.result(instances[0]) == "box at attempt 2"
    flows.advance(5 * MINUTE)
    assert str(flows.result(instances[1])).startswith("gave up: ")
    assert "no carrier for box" in flows.result(instances[1])


def test_monitor_continues_as_new_for_a_week(flows: DevHost) -> None:
    instance = flows.start("monitor", {"checks": 0, "target": 168})
    flows.settle()
    flows.advance(3 * DAY)
    status = flows.status(instance, history=True) or {}
    assert status["customStatus"] == {"checks": 72, "reading": 72 * 72}
    assert len(status["historyEvents"]) < 20, "every execution has a history of its own"
    flows.advance(4 * DAY)
    assert flows.result(instance) == {"checks": 168, "at": "2024-03-06T09:00:00+00:00"}


def test_approval_in_time(flows: DevHost) -> None:
    instance = flows.start("approval")
    flows.settle()
    flows.advance(2 * DAY)
    flows.raise_event(instance, "Approval", {"by": "Ada"})
    assert flows.result(instance) == {"approved": {"by": "Ada"}}
    assert flows.now == START + 2 * DAY, "a cancelled timer holds nothing up"


def test_approval_too_late(flows: DevHost) -> None:
    instance = flows.start("approval")
    flows.settle()
    flows.advance(3 * DAY - timedelta(seconds=1))
    assert state_of(flows, instance) == "Running"
    flows.advance(timedelta(seconds=1))
    assert flows.result(instance) == "Hello manager!"
    assert flows.http.post(f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/Approval").status_code == 410


@pytest.mark.parametrize(("word", "end"), [("yes", "Completed"), ("fail", "Failed")])
def test_completion_waits_for_an_open_timer(flows: DevHost, word: str, end: str) -> None:
    instance = flows.start("forgets_timer")
    flows.settle()
    flows.raise_event(instance, "Approval", word)
    assert state_of(flows, instance) == "Running"
    flows.advance(3 * DAY - timedelta(seconds=1))
    assert state_of(flows, instance) == "Running"
    flows.advance(timedelta(seconds=1))
    assert state_of(flows, instance) == end


def test_timer_of_many_days(flows: DevHost) -> None:
    instance = flows.start("long_wait", 45)
    flows.settle()
    flows.advance(60 * DAY)
    assert flows.result(instance) == "2024-04-13T09:00:00+00:00"


def test_clock_stops_at_every_due_moment(flows: DevHost) -> None:
    instances = [flows.start("long_wait", days) for days in (5, 1, 3)]
    flows.settle()
    flows.advance(10 * DAY)
    woke = [datetime.fromisoformat(flows.result(instance)) for instance in instances]
    assert woke == [START + 5 * DAY, START + DAY, START + 3 * DAY]
    assert flows.now == START + 10 * DAY


def test_custom_status(flows: DevHost) -> None:
    instance = flows.start("progress")
    for stage in ("packed", "loaded", "delivered"):
        assert state_of(flows, instance) == "Running"
        assert (flows.status(instance) or {})["customStatus"] == {"stage": stage}
        flows.raise_event(instance, f"after-{stage}")
    assert flows.result(instance) == "done"
    assert (flows.status(instance) or {})["customStatus"] == {"stage": "delivered"}


def test_versions(flows: DevHost) -> None:
    assert flows.result(flows.start("versions")) == ["1.0", "1.0", "7.5"]
    assert flows.result(flows.start("versions", version="2.5"))[0] == "2.5"
    answer = flows.http.post("/runtime/webhooks/durabletask/orchestrators/versions/v3?version=3.0")
    assert answer.status_code == 202
    assert flows.result("v3")[0] == "3.0"


def test_ids_made_in_an_orchestrator_stay(flows: DevHost) -> None:
    got = flows.result(flows.start("identities", instance_id="one"))
    assert got["made"] == got["echoed"]
    assert len(set(got["made"])) == 3
    assert got["parent"] == "one"
    other = flows.result(flows.start("identities", instance_id="two"))
    assert not set(other["made"]) & set(got["made"])


def test_values_arrive_as_they_were_sent(flows: DevHost) -> None:
    values = [None, True, 0, "", "7", '"quoted"', "ünïcode ✓", 1.5, [], {}, {"a": [1, {"b": None}]}, "x" * 100_000]
    assert flows.result(flows.start("echo_all", values)) == [[value, value] for value in values]


def test_suspend_and_resume(flows: DevHost) -> None:
    instance = flows.start("approval")
    flows.settle()
    flows.suspend(instance, "lunch")
    assert state_of(flows, instance) == "Suspended"
    flows.raise_event(instance, "Approval", "while away")
    flows.advance(HOUR)
    assert state_of(flows, instance) == "Suspended"
    flows.resume(instance)
    assert flows.result(instance) == {"approved": "while away"}


def test_suspended_past_a_deadline(flows: DevHost) -> None:
    instance = flows.start("approval")
    flows.settle()
    flows.suspend(instance)
    flows.advance(5 * DAY)
    assert state_of(flows, instance) == "Suspended"
    flows.resume(instance)
    assert flows.result(instance) == "Hello manager!"


def test_terminate(flows: DevHost) -> None:
    instance = flows.start("approval")
    flows.settle()
    flows.terminate(instance, "no longer wanted")
    assert state_of(flows, instance) == "Terminated"
    assert (flows.status(instance) or {})["output"] == "no longer wanted"
    flows.advance(4 * DAY)
    assert state_of(flows, instance) == "Terminated"


def test_purge(flows: DevHost) -> None:
    instance = flows.start("chain")
    flows.result(instance)
    flows.purge(instance)
    assert flows.status(instance) is None
    assert flows.result(flows.start("chain", instance_id=instance))[0] == "Hello Tokyo!"


def test_restart(flows: DevHost) -> None:
    instance = flows.start("fan_out", 5)
    assert flows.result(instance) == 30
    again = flows.restart(instance)
    assert again != instance
    assert flows.result(again) == 30
    assert (flows.status(again) or {})["name"] == "fan_out"


def test_waiting_instances_are_taken_up_by_the_next_host(tmp_path: Path) -> None:
    """One waits for a person, one is suspended with its answer in the inbox, one sleeps."""
    with DevHost(APPS / "flows", data=tmp_path, start=START) as host:
        for name in ("waiting", "held"):
            host.start("approval", instance_id=name)
        host.start("long_wait", 2, instance_id="sleeping")
        host.settle()
        host.suspend("held")
        host.settle()
        host.raise_event("held", "Approval", "kept")
        host.advance(DAY)
    with DevHost(APPS / "flows", data=tmp_path) as host:
        assert host.now == START + DAY
        states = [state_of(host, name) for name in ("waiting", "held", "sleeping")]
        assert states == ["Running", "Suspended", "Running"]
        host.advance(DAY)
        assert host.result("sleeping") == "2024-03-01T09:00:00+00:00"
        host.resume("held")
        assert host.result("held") == {"approved": "kept"}
        host.advance(DAY)
        assert host.result("waiting") == "Hello manager!"


def test_operations_through_the_client_of_the_sdk(flows: DevHost) -> None:
    def operate(op: str, instance: str) -> str:
        answer = flows.http.post(f"/api/operate/{op}/{instance}")
        assert answer.status_code == 200, answer.text
        flows.settle()
        return answer.text

    flows.http.post("/api/start/approval/a1")
    flows.settle()
    operate("suspend", "a1")
    assert state_of(flows, "a1") == "Suspended"
    operate("resume", "a1")
    assert state_of(flows, "a1") == "Running"
    operate("terminate", "a1")
    assert state_of(flows, "a1") == "Terminated"
    assert "'id':" in operate("restart", "a1"), "the SDK gives the payload, not the id"
    assert operate("purge", "a1") == "1"
    assert operate("purge", "a1") == "0"


def test_status_through_the_client_of_the_sdk(flows: DevHost) -> None:
    for number in range(3):
        flows.http.post(f"/api/start/fan_out/sum-{number}", json=4)
    flows.http.post("/api/start/approval/sum-open")
    flows.http.post("/api/start/fan_out/other", json=4)
    flows.settle()
    assert flows.http.get("/api/list/sum-").text == "sum-0,sum-1,sum-2"
    assert flows.http.get("/api/look/sum-1").text == "Completed 14 None True"
    assert flows.http.get("/api/look/nobody").status_code == 404


def test_meter(flows: DevHost) -> None:
    instance = flows.start("chain")
    flows.result(instance)
    meter = flows.meter()
    assert meter["functions"]["hello"]["executions"] == 3
    assert meter["functions"]["chain"]["executions"] == 4
    assert meter["instances"][instance]["executions"] == 7


# External events


def test_event_posted_raw_arrives_typed(events: DevHost) -> None:
    for value, kind in (({"a": 1}, "dict"), (4242, "int"), ("4242", "str"), (None, "NoneType"), ([1], "list")):
        instance = events.start("wait_one")
        events.settle()
        answer = events.http.post(f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/word", json=value)
        assert answer.status_code == 202
        assert events.result(instance) == [kind, value]


def test_event_raised_by_the_sdk_arrives_as_text(events: DevHost) -> None:
    for value, text in (({"a": 1}, '{"a": 1}'), (4242, "4242"), ("4242", '"4242"'), ([1], "[1]")):
        instance = events.start("wait_one")
        events.settle()
        assert events.http.post(f"/api/raise/{instance}/word", json=value).status_code == 202
        assert events.result(instance) == ["str", text]


def test_events_in_time_go_to_one_wait_each(events: DevHost) -> None:
    instance = events.start("wait_twice")
    events.settle()
    events.raise_event(instance, "word", "one")
    assert state_of(events, instance) == "Running"
    events.raise_event(instance, "word", "two")
    assert events.result(instance) == ["one", "two"]


def test_a_doubled_event_satisfies_both_waits(events: DevHost) -> None:
    instance = events.start("wait_twice")
    events.settle()
    for _ in range(2):
        events.raise_event(instance, "word", "same")
    assert events.result(instance) == ["same", "same"]


def test_one_early_event_satisfies_every_later_wait(events: DevHost) -> None:
    instance = events.start("wait_twice_late")
    events.settle()
    events.raise_event(instance, "word", "one")
    events.settle()
    events.advance(HOUR)
    assert events.result(instance) == ["one", "one"]


def test_the_second_early_event_overwrites_the_first(events: DevHost) -> None:
    instance = events.start("wait_twice_late")
    events.settle()
    events.raise_event(instance, "word", "one")
    events.raise_event(instance, "word", "two")
    events.settle()
    events.advance(HOUR)
    assert events.result(instance) == ["two", "two"]


def test_early_and_late_together(events: DevHost) -> None:
    instance = events.start("wait_sleep_wait")
    events.settle()
    for word in ("one", "two", "three"):
        events.raise_event(instance, "word", word)
    events.settle()
    events.advance(HOUR)
    assert events.result(instance) == ["one", "three", "three"]


def test_event_before_the_first_turn_is_kept(events: DevHost) -> None:
    instance = events.start("wait_one")
    events.raise_event(instance, "word", "early bird")
    assert events.result(instance) == ["str", "early bird"]


def test_events_of_two_names_in_any_order(events: DevHost) -> None:
    for names in (("left", "right"), ("right", "left")):
        instance = events.start("wait_for_both")
        events.settle()
        for name in names:
            events.raise_event(instance, name, name.upper())
        assert events.result(instance) == ["LEFT", "RIGHT"]


def test_a_burst_of_events_over_continue_as_new_loses_none(events: DevHost) -> None:
    instance = events.start("collect", {"got": [], "wanted": 20})
    for number in range(20):
        events.raise_event(instance, "word", number)
    assert events.result(instance) == list(range(20))


@pytest.mark.parametrize(("body", "end"), [({"a": 1}, "Completed"), (7, "Failed"), ([1], "Failed"), ("x", "Failed")])
def test_raw_start_with_anything_but_an_object_cannot_be_read(events: DevHost, body: Any, end: str) -> None:
    answer = events.http.post("/runtime/webhooks/durabletask/orchestrators/read_input", json=body)
    assert state_of(events, answer.json()["id"]) == end


@pytest.mark.parametrize("value", [{"a": 1}, 7, [1], "x", None])
def test_start_by_the_client_takes_any_input(events: DevHost, value: Any) -> None:
    assert events.result(events.start("read_input", value)) == value


# Entities


def test_entity_called_and_signalled(entities: DevHost) -> None:
    assert entities.result(entities.start("tally", "t")) == [5, 42]
    assert entities.entity("counter", "t") == 42
    assert entities.entity("COUNTER", "t") == 42, "names are compared without case"
    assert entities.entity("counter", "T") is None, "keys are not"


def test_entity_errors_reach_the_caller_and_the_state_stays(entities: DevHost) -> None:
    said, value = entities.result(entities.start("tally_errors", "e"))
    assert ["spoilt on purpose" in said[0], "no operation nonsense" in said[1]] == [True, True]
    assert value == 3


def test_entity_operations_keep_their_order(entities: DevHost) -> None:
    assert entities.result(entities.start("write_many")) == list(range(20))


def test_entity_with_a_state_that_cannot_be_stored(entities: DevHost) -> None:
    instance = entities.start("break_state", instance_id="b")
    assert entities.result(instance) == "kept"
    entities.signal("unstorable", "b", "set", "still alive")
    entities.settle()
    assert entities.entity("unstorable", "b") == "still alive"


def test_entity_signalled_and_read_through_the_client(entities: DevHost) -> None:
    assert entities.http.get("/api/counter/c").json() == {"exists": False, "state": None}
    for number in (1, 2, 3):
        assert entities.http.post("/api/counter/c/add", json=number).status_code == 202
    entities.settle()
    assert entities.http.get("/api/counter/c").json() == {"exists": True, "state": 6}
    entities.http.post("/api/counter/c/add", json=0)
    entities.settle()
    assert entities.entity("counter", "c") == 6, "the SDK drops a falsy input, and the operation fails"
    entities.http.post("/api/counter/c/delete")
    entities.settle()
    assert entities.http.get("/api/counter/c").json() == {"exists": False, "state": None}


def test_many_signals_are_counted_exactly(entities: DevHost) -> None:
    for _ in range(300):
        entities.signal("counter", "many", "add", 1)
    entities.settle()
    assert entities.entity("counter", "many") == 300
