"""Waiting: in time, too late, early, doubled, as text; what loses is taken back; nothing is lost between two waits."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from orchestrators.steps import wait_for
from shared.flows import TimedOut

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def waiting(flows: Any, *events: str, **more: Any) -> str:
    instance = flows.host.start("waits", {"events": events, **more})
    flows.host.settle()
    return str(instance)


def test_in_time(flows: Any) -> None:
    instance = waiting(flows, "approved")
    flows.host.raise_event(instance, "approved-1", {"yes": True})
    assert flows.host.result(instance) == [["approved-1", {"yes": True}]]


def test_the_timer_is_taken_back_so_the_flow_ends_at_once(flows: Any) -> None:
    instance = waiting(flows, "approved", minutes=60 * 24 * 30)
    began = flows.host.now
    flows.host.raise_event(instance, "approved-1", 1)
    flows.host.result(instance)
    assert flows.host.now == began


def test_too_late(flows: Any) -> None:
    instance = waiting(flows, "approved", minutes=10)
    flows.host.advance(9 * MINUTE)
    assert flows.host.status(instance)["runtimeStatus"] == "Running"
    flows.host.advance(MINUTE)
    assert flows.host.result(instance) == [["approved-1", "timed out"]]


def test_what_comes_after_its_time_answers_no_later_wait(flows: Any) -> None:
    instance = waiting(flows, "reply", "reply", minutes=10)
    flows.host.advance(11 * MINUTE)
    flows.host.raise_event(instance, "reply-1", "late")
    flows.host.settle()
    flows.host.raise_event(instance, "reply-2", "in time")
    assert flows.host.result(instance) == [["reply-1", "timed out"], ["reply-2", "in time"]]


def test_early_ones_reach_the_wait_they_are_meant_for(flows: Any) -> None:
    instance = waiting(flows, "reply", "reply", pause_minutes=5)
    flows.host.raise_event(instance, "reply-2", "two")
    flows.host.raise_event(instance, "reply-1", "one")
    flows.host.settle()
    flows.host.advance(11 * MINUTE)
    assert flows.host.result(instance) == [["reply-1", "one"], ["reply-2", "two"]]


def test_doubled_ones_answer_once(flows: Any) -> None:
    instance = waiting(flows, "reply", "reply", pause_minutes=5)
    for _ in range(2):
        flows.host.raise_event(instance, "reply-1", "one")
    flows.host.settle()
    flows.host.advance(6 * MINUTE)
    flows.host.raise_event(instance, "reply-1", "one")
    flows.host.settle()
    flows.host.advance(5 * MINUTE)
    assert flows.host.status(instance)["runtimeStatus"] == "Running"
    flows.host.raise_event(instance, "reply-2", "two")
    assert flows.host.result(instance) == [["reply-1", "one"], ["reply-2", "two"]]


@pytest.mark.parametrize("send", [lambda data: data, json.dumps])
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("Work", {"what": "a", "faults": 0, "refuse": None}),
        ("str", "4242"),
        ("int", 4242),
        ("bool", False),
        ("date", "2026-11-22"),
    ],
)
def test_data_may_have_been_encoded_twice(flows: Any, kind: str, data: Any, send: Any) -> None:
    instance = waiting(flows, "reply", kind=kind)
    flows.host.raise_event(instance, "reply-1", send(data))
    assert flows.host.result(instance) == [["reply-1", data]]


def test_data_of_another_type_stops_the_flow_by_a_name_it_can_undo_upon(flows: Any) -> None:
    instance = waiting(flows, "reply", kind="int")
    flows.host.raise_event(instance, "reply-1", {"not": "a number"})
    assert flows.host.result(instance) == [["reply-1", "step_failed"]]


def test_a_wait_beyond_measure_is_refused(flows: Any) -> None:
    instance = flows.host.start("long_wait")
    flows.host.settle()
    assert "366 days is the most" in flows.host.status(instance)["output"]


@pytest.mark.parametrize("event", ["Reply", "reply-1", "reply1", ""])
def test_names_of_events_are_plain_words(flows: Any, event: str) -> None:
    instance = waiting(flows, event)
    assert "name it in lower case" in flows.host.status(instance)["output"]


# --- the first of several


def test_the_first_of_two_and_the_other_stays_open(flows: Any) -> None:
    instance = flows.host.start("races", 3)
    flows.host.settle()
    flows.host.raise_event(instance, "reply-1", "a")
    flows.host.settle()
    flows.host.raise_event(instance, "cancel-1", 7)
    flows.host.settle()
    flows.host.raise_event(instance, "reply-2", "b")
    assert flows.host.result(instance) == [["reply", "a"], ["cancel", 7], ["reply", "b"]]


def test_what_comes_between_two_waits_is_not_lost(flows: Any) -> None:
    instance = flows.host.start("races", 2)
    flows.host.settle()
    flows.host.suspend(instance)
    flows.host.raise_event(instance, "reply-1", "a")
    flows.host.raise_event(instance, "cancel-1", 7)  # comes while the step between the waits runs
    flows.host.resume(instance)
    assert flows.host.result(instance) == [["reply", "a"], ["cancel", 7]]


def test_a_round_can_be_closed_while_the_other_stays_open(flows: Any) -> None:
    instance = flows.host.start("races", 3)
    flows.host.settle()
    flows.host.advance(HOUR)
    flows.host.raise_event(instance, "reply-1", "late")
    flows.host.settle()
    flows.host.raise_event(instance, "cancel-1", 7)
    flows.host.settle()
    flows.host.raise_event(instance, "reply-2", "b")
    assert flows.host.result(instance) == ["timed out", ["cancel", 7], ["reply", "b"]]


# --- continuing as new


def test_rounds_go_on_counting_after_continuing_as_new(flows: Any) -> None:
    instance = flows.host.start("rounds", [])
    flows.host.settle()
    for number in (1, 2):
        flows.host.raise_event(instance, f"reply-{number}", f"r{number}")
        flows.host.settle()
    flows.host.advance(HOUR)
    assert flows.host.result(instance) == ["r1", "r2", "timed out"]
    assert len(flows.host.status(instance, history=True)["historyEvents"]) < 12


# --- long timers, which the SDK chains where the host asks it to


def chained_turns(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Replay one wait of thirty days on a host that wants timers of three."""

    def flow(context: df.DurableOrchestrationContext) -> Any:
        data = yield from wait_for(context, "reply", timedelta(days=30), str)
        return "timed out" if isinstance(data, TimedOut) else data

    started = {"EventType": 12, "EventId": -1, "IsPlayed": False, "Timestamp": "2026-11-01T00:00:00Z"}
    history = [started, {**started, "EventType": 0, "Name": "flow", "Input": None, "Version": None}]
    body = {
        "history": [*history, *({**started, **event} for event in events)],
        "input": None, "instanceId": "x", "isReplaying": False, "parentInstanceId": None,
        "upperSchemaVersion": 1, "upperSchemaVersionNew": 2,
        "maximumShortTimerDuration": "6.00:00:00", "longRunningTimerIntervalDuration": "3.00:00:00",
    }  # fmt: skip
    state: dict[str, Any] = json.loads(df.Orchestrator.create(flow)(json.dumps(body)))
    return state


def timers_of(state: dict[str, Any]) -> list[bool]:
    """Whether each timer of the actions is taken back."""
    todo, found = list(state["actions"]), []
    while todo:
        one = todo.pop(0)
        if isinstance(one, list):
            todo[:0] = one
        elif "fireAt" in one:
            found.append(one["isCanceled"])
        else:
            todo[:0] = one.get("compoundActions", [])
    return found


REPLY = {"EventType": 15, "Name": "reply-1", "Input": '"yes"', "Timestamp": "2026-11-05T00:00:00Z"}
FIRST_FIRED = [
    {"EventType": 10, "EventId": 0, "FireAt": "2026-11-04T00:00:00Z"},
    {"EventType": 13},
    {"EventType": 12, "Timestamp": "2026-11-04T00:00:00Z"},
    {"EventType": 11, "TimerId": 0, "FireAt": "2026-11-04T00:00:00Z", "Timestamp": "2026-11-04T00:00:00Z"},
    {"EventType": 10, "EventId": 1, "FireAt": "2026-11-07T00:00:00Z"},
    {"EventType": 13},
    {"EventType": 12, "Timestamp": "2026-11-05T00:00:00Z"},
]


def test_the_parts_of_a_long_timer_are_taken_back_with_it() -> None:
    assert timers_of(chained_turns([])) == [False]
    answered = chained_turns([REPLY])
    assert (answered["output"], timers_of(answered)) == ("yes", [True])
    later = chained_turns([*FIRST_FIRED, REPLY])
    assert (later["output"], timers_of(later)) == ("yes", [False, True])
