"""Steps, refusals, undo, fan-out, children and keys, as whole flows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.flows import FAULT_LENGTH_MAX, PATIENT, QUICK

MINUTE = timedelta(minutes=1)


def work(what: str, **more: Any) -> dict[str, Any]:
    return {"what": what, **more}


def test_a_step_takes_and_gives_models_and_knows_its_key_and_the_flows_time(flows: Any) -> None:
    done = flows.run("one", work("bake"), instance_id="order-1")
    assert done == {
        "what": "bake",
        "key": "order-1:0:do:1",
        "at": flows.host.now.isoformat().replace("+00:00", "Z"),
        "attempt": 1,
    }


def test_a_step_may_take_and_give_plain_values(flows: Any) -> None:
    assert flows.run("plain", ["a", "b"]) == 2


def test_a_refusal_is_a_value_and_not_tried_again(flows: Any) -> None:
    assert flows.run("one", work("bake", refuse="sold_out")) == {
        "refusal": {"reason": "sold_out", "detail": "no bake today"}
    }
    assert flows.log() == ["bake"]


def test_a_fault_is_tried_again_under_the_same_key(flows: Any) -> None:
    instance = flows.host.start("one", work("bake", faults=QUICK.attempts_max - 1), instance_id="order-1")
    flows.host.settle()
    assert flows.log() == ["bake"]
    flows.host.advance(timedelta(seconds=QUICK.pause_seconds * QUICK.attempts_max))
    assert flows.host.result(instance)["attempt"] == QUICK.attempts_max
    assert flows.host.result(instance)["key"] == "order-1:0:do:1"


def test_a_fault_that_stays_fails_the_flow_by_name(flows: Any) -> None:
    instance = flows.host.start("one", work("bake", faults=99))
    flows.host.settle()
    flows.host.advance(MINUTE)
    status = flows.host.status(instance)
    assert status["runtimeStatus"] == "Failed"
    assert "step_failed: do: " in status["output"]
    assert flows.log() == ["bake"] * QUICK.attempts_max


def test_input_of_another_shape_fails_the_flow_by_field(flows: Any) -> None:
    instance = flows.host.start("one", {"faults": 1})
    flows.host.settle()
    assert "what: Field required" in flows.host.status(instance)["output"]


# --- undo


def test_a_refusal_takes_everything_back_last_first(flows: Any) -> None:
    works = [work("a"), work("b"), work("c", refuse="sold_out"), work("d")]
    assert flows.run("saga", [works, {}]) == ["sold_out", "no c today", []]
    assert flows.log() == ["a", "b", "c", "undo c", "undo b", "undo a"]


def test_a_fault_takes_everything_back_too(flows: Any) -> None:
    reason, detail, failed = flows.run("saga", [[work("a"), work("b", faults=9)], {}])
    assert (reason, failed) == ("step_failed", [])
    assert "b is at fault" in detail
    assert flows.log() == ["a", "b", "undo b", "undo a"]


def test_where_nothing_stops_nothing_is_undone(flows: Any) -> None:
    assert flows.run("saga", [[work("a"), work("b")], {}]) == "all done"
    assert flows.log() == ["a", "b"]


def test_an_undo_is_tried_patiently(flows: Any) -> None:
    instance = flows.host.start("saga", [[work("a"), work("b", refuse="no")], {"a": PATIENT.attempts_max - 1}])
    flows.host.settle()
    flows.host.advance(PATIENT.attempts_max * PATIENT.pause_seconds * timedelta(seconds=1))
    assert flows.host.result(instance)[2] == []
    assert flows.log() == ["a", "b", "undo b", *["undo a"] * PATIENT.attempts_max]


def test_an_undo_that_stays_at_fault_is_told_and_the_rest_still_runs(flows: Any) -> None:
    works = [work("a"), work("b"), work("c", refuse="no")]
    instance = flows.host.start("saga", [works, {"b": 99}])
    flows.host.settle()
    flows.host.advance(PATIENT.attempts_max * PATIENT.pause_seconds * timedelta(seconds=1))
    (failed,) = flows.host.result(instance)[2]
    assert failed[:2] == ["take_back", "undo b"]
    assert "undo b is at fault" in failed[2]
    assert flows.log() == ["a", "b", "c", "undo c", *["undo b"] * PATIENT.attempts_max, "undo a"]


def test_an_undo_that_is_refused_has_failed_and_runs_once(flows: Any) -> None:
    assert flows.run("saga_refused_undo") == [["too_late: no b today"], []]
    assert flows.log() == ["b", "a"]


# --- at once


def test_all_at_once_answer_in_order(flows: Any) -> None:
    assert flows.run("fan", [work(one) for one in "abc"]) == ["a", "b", "c", "last"]
    assert flows.run("fan", []) == ["last"]


def test_a_refusal_among_many_stops_the_flow(flows: Any) -> None:
    assert flows.run("fan", [work("a"), work("b", refuse="sold_out"), work("c")]) == ["sold_out", "last"]


def test_a_fault_among_many_is_raised_once_all_have_ended(flows: Any) -> None:
    works = [work("a", faults=99), work("b", faults=1), work("c"), work("d", faults=99)]
    instance = flows.host.start("fan", works)
    flows.host.settle()
    flows.host.advance(MINUTE)
    assert flows.host.result(instance) == ["step_failed", "last"]
    counts = {one: flows.log().count(one) for one in "abcd"}
    assert counts == {"a": QUICK.attempts_max, "b": 2, "c": 1, "d": QUICK.attempts_max}
    assert flows.log()[-1] == "last"


def test_too_many_at_once_are_refused(flows: Any) -> None:
    instance = flows.host.start("fan", [work("a")] * 201)
    flows.host.settle()
    assert "200 is the most" in flows.host.status(instance)["output"]
    assert flows.log() == []


def test_children_answer_typed_under_ids_of_their_own(flows: Any) -> None:
    assert flows.run("parent", instance_id="p") == [1, 2, 3, "step_failed"]
    assert flows.host.status("p:0:plain:3")["output"] == 3


# --- keys and faults


def test_keys_differ_within_a_round_and_across_rounds(flows: Any) -> None:
    assert flows.run("keys", [], instance_id="k") == [
        "k:0:a:1", "k:0:a:2", "k:0:b:1", "k:0:do:1",
        "k:1:a:1", "k:1:a:2", "k:1:b:1", "k:1:do:1",
    ]  # fmt: skip


@pytest.mark.parametrize("length", [FAULT_LENGTH_MAX // 2, 500_000])
def test_a_long_fault_is_cut(flows: Any, length: int) -> None:
    size, text = flows.run("loud", ["shout", length])
    assert size <= FAULT_LENGTH_MAX
    assert "aaa" in text


def test_an_answer_that_is_too_large_is_a_fault_that_says_what_to_do(flows: Any) -> None:
    _, text = flows.run("loud", ["overflow", 100_000])
    assert "send its id" in text
