"""One turn as a pure function: which messages make it up, which ids it takes, when an execution ends."""

import json
from datetime import UTC, datetime, timedelta

from devhost import turn
from devhost.events import Decision, Event, Kind, Message, Outcome, RetryPolicy, Status, Step, StepKind
from devhost.execution import Execution
from devhost.turn import Known

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KNOWN = Known(frozenset({"work"}), frozenset({"child"}), frozenset({"counter"}))


def message(number: int, kind: Kind, task: int = -1, name: str = "") -> Message:
    return Message(number, None, Event(kind, task=task, name=name))


def begun(*steps: Step) -> Execution:
    """An execution whose first turn has asked for these steps."""
    execution = Execution("e", turns=1)
    turn.apply(execution, Decision(list(steps)), KNOWN, "flow", turn.close(execution, [], NOW))
    return execution


def work(payload: str = "1", retry: RetryPolicy | None = None) -> Step:
    return Step(StepKind.ACTIVITY, "work", payload, retry=retry)


def timer(seconds: int, *, is_cancelled: bool = False) -> Step:
    return Step(StepKind.TIMER, fire_at=NOW + timedelta(seconds=seconds), is_cancelled=is_cancelled)


def test_nothing_comes_before_the_start() -> None:
    inbox = [message(1, Kind.RAISED, name="early"), message(2, Kind.STARTED)]
    assert turn.choose(Execution("e"), inbox) == [inbox[1]]
    assert turn.choose(Execution("e"), inbox[:1]) == []


def test_completions_share_a_turn_and_events_have_their_own() -> None:
    inbox = [
        message(1, Kind.TASK_COMPLETED, 0),
        message(2, Kind.TASK_COMPLETED, 1),
        message(3, Kind.RAISED, name="a"),
        message(4, Kind.RAISED, name="b"),
    ]
    execution = begun(work(), work())
    assert turn.choose(execution, inbox) == inbox[:2]
    assert turn.choose(execution, inbox[2:]) == inbox[2:3]


def test_a_wait_takes_no_id_and_everything_else_does() -> None:
    steps = [
        work(),
        Step(StepKind.WAIT, "word"),
        Step(StepKind.SIGNAL, "@counter@k", operation="add"),
        timer(5),
        Step(StepKind.CHILD, "child"),
    ]
    execution = begun(*steps)
    assert execution.next_id == 4
    assert execution.open == {0, 2, 3}, "a signal is answered by nobody"


def test_every_failure_and_every_new_attempt_takes_a_hidden_id() -> None:
    execution = begun(work(retry=RetryPolicy(1000, 2)))
    failed = [message(1, Kind.TASK_FAILED, 0)]
    assert turn.choose(execution, [*failed, message(2, Kind.TASK_COMPLETED, 9)]) == failed, "it stands alone"
    effects = turn.close(execution, failed, NOW)
    assert effects.timers == [(1, NOW + timedelta(seconds=1))]
    effects = turn.close(execution, [message(2, Kind.TIMER_FIRED, 1)], NOW)
    assert [work.task for work in effects.activities] == [2]
    effects = turn.close(execution, [message(3, Kind.TASK_FAILED, 2)], NOW)
    assert effects.timers == [(3, NOW)], "the pause after the last attempt is over at once"
    effects = turn.close(execution, [message(4, Kind.TIMER_FIRED, 3)], NOW)
    assert (effects.activities, execution.next_id, execution.open) == ([], 4, set())


def test_an_execution_ends_when_nothing_it_started_is_open() -> None:
    execution = begun(timer(60))
    done = Decision([timer(60)], is_done=True, output="1")
    effects = turn.conclude(execution, turn.apply(execution, done, KNOWN, "flow", turn.close(execution, [], NOW)))
    assert effects.finished is None
    fired = [message(1, Kind.TIMER_FIRED, 0)]
    effects = turn.conclude(execution, turn.close(execution, fired, NOW))
    assert effects.finished == Outcome(Status.COMPLETED, "1")


def test_a_cancelled_timer_is_not_waited_for() -> None:
    execution = begun(timer(60))
    done = Decision([timer(60, is_cancelled=True)], is_done=True)
    effects = turn.conclude(execution, turn.apply(execution, done, KNOWN, "flow", turn.close(execution, [], NOW)))
    assert effects.cancelled == [0]
    assert effects.finished == Outcome(Status.COMPLETED, None)


def test_events_wait_for_the_next_execution() -> None:
    execution = begun(timer(60))
    again = Decision([timer(60), Step(StepKind.CONTINUE, payload="2")], is_done=True)
    turn.apply(execution, again, KNOWN, "flow", turn.close(execution, [], NOW))
    inbox = [message(1, Kind.RAISED, name="word"), message(2, Kind.TIMER_FIRED, 0)]
    assert turn.choose(execution, inbox) == inbox[1:]


def test_what_differs_on_replay_is_said() -> None:
    def difference(now: list[Step]) -> str:
        return turn.difference_between([turn.signature(work()), turn.signature(timer(5))], now) or ""

    assert difference([work(), timer(5)]) == ""
    assert "step 1 was activity 'work' and is now sub-orchestration 'child'" in difference(
        [Step(StepKind.CHILD, "child")]
    )
    assert "step 1, activity 'work', is asked for again but its input differs" in difference([work("2"), timer(5)])
    assert "step 2" in difference([work(), timer(6)])
    assert "the time it fires differs" in difference([work(), timer(6)])
    assert "step 2 was timer, and now the code ends" in difference([work()])


def test_a_function_that_is_not_there_fails_the_execution_and_starts_nothing() -> None:
    execution = Execution("e", turns=1)
    decision = Decision([work(), Step(StepKind.ACTIVITY, "missing")])
    effects = turn.conclude(execution, turn.apply(execution, decision, KNOWN, "flow", turn.close(execution, [], NOW)))
    assert effects.activities == []
    assert effects.finished is not None
    assert "'missing' doesn't exist" in (effects.finished.payload or "")


def test_an_execution_survives_being_stored() -> None:
    child = Step(StepKind.CHILD, "child", retry=RetryPolicy(1000, 3))
    execution = begun(work(retry=RetryPolicy(1000, 3)), timer(5), child)
    turn.close(execution, [message(1, Kind.TASK_FAILED, 0)], NOW)
    execution.outcome = Outcome(Status.RUNNING, "1", continues=True)
    execution.turn_at = NOW
    restored = Execution.from_plain(json.loads(json.dumps(execution.to_plain())))
    assert restored == execution
    assert {type(retry.kind) for retry in restored.retries.values()} == {StepKind}
