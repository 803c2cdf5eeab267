"""One turn of an orchestration, as a pure function: messages and the code's decision in, effects out.

Task ids must be those that the SDK counts for itself while it replays: every step takes the next one in the order it
was asked for, except a wait for an event; every failure of a step with a retry policy takes one for the pause, every
new attempt one more. So that this order needs no guess, what can take such a hidden id is a turn of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from devhost.events import (
    Decision,
    Event,
    Instance,
    Kind,
    Message,
    Outcome,
    Status,
    Step,
    StepKind,
)
from devhost.execution import Execution, Retry

MESSAGES_PER_TURN_MAX = 1_000

_FAILURES = (Kind.TASK_FAILED, Kind.CHILD_FAILED)


class NewActivity(NamedTuple):
    """Work to hand out."""

    task: int
    name: str
    payload: str | None
    is_http: bool


class NewChild(NamedTuple):
    """A sub-orchestration to start."""

    task: int
    name: str
    instance: str
    payload: str | None
    version: str | None


class NewOperation(NamedTuple):
    """An entity operation to send; guid names the answer, empty for a signal."""

    task: int
    entity: str
    operation: str
    payload: str | None
    guid: str


@dataclass(slots=True)
class Effects:
    """Everything that a turn changes, to be committed as one."""

    events: list[Event] = field(default_factory=list)
    activities: list[NewActivity] = field(default_factory=list)
    children: list[NewChild] = field(default_factory=list)
    operations: list[NewOperation] = field(default_factory=list)
    timers: list[tuple[int, datetime]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    finished: Outcome | None = None


class Known(NamedTuple):
    """The names that can be called, in lower case."""

    activities: frozenset[str]
    orchestrators: frozenset[str]
    entities: frozenset[str]


def choose(execution: Execution, inbox: Iterable[Message]) -> list[Message]:
    """The messages of the next turn, in their order; none where there is nothing to do yet."""
    if execution.turns == 0:
        return [message for message in inbox if message.event.kind is Kind.STARTED][:1]
    batch: list[Message] = []
    for message in inbox:
        if _must_wait(execution, message.event):
            continue
        if _stands_alone(execution, message.event):
            return batch or [message]
        batch.append(message)
        if len(batch) == MESSAGES_PER_TURN_MAX:
            break
    return batch


def _must_wait(execution: Execution, event: Event) -> bool:
    """An event from outside that comes while the next execution is due belongs to that one."""
    return event.kind is Kind.RAISED and execution.outcome is not None and execution.outcome.continues


def _stands_alone(execution: Execution, event: Event) -> bool:
    if event.kind is Kind.RAISED:
        return True
    return event.task in execution.retries and (event.kind in _FAILURES or event.kind is Kind.TIMER_FIRED)


def moment_of(execution: Execution, batch: Iterable[Message], now: datetime) -> datetime:
    """The time that the turn carries: never before the last turn, never before a timer that it brings."""
    fired = [m.event.fire_at for m in batch if m.event.fire_at is not None]
    return max([now, *fired] + ([execution.turn_at] if execution.turn_at else []))


def opening(instance: Instance, batch: Iterable[Message]) -> list[Event]:
    """The events that the code is shown anew in this turn."""
    begun = Event(Kind.STARTED, name=instance.name, payload=instance.input, version=instance.version)
    return [
        Event(Kind.TURN_STARTED),
        *(begun if m.event.kind is Kind.STARTED else m.event for m in batch),
    ]


def close(execution: Execution, batch: Iterable[Message], now: datetime) -> Effects:
    """Close what the batch has ended, and give each failed step with a retry policy its pause or its next attempt."""
    effects = Effects()
    for message in batch:
        task = message.event.task
        execution.open.discard(task)
        for step in [step for step, timer in execution.timers.items() if timer == task]:
            del execution.timers[step]
        retry = execution.retries.pop(task, None)
        if retry is None:
            continue
        if message.event.kind in _FAILURES:
            _pause(execution, retry, now, effects)
        elif message.event.kind is Kind.TIMER_FIRED and retry.attempts < retry.attempts_max:
            retry.attempts += 1
            _attempt(execution, retry, effects)
    return effects


def _pause(execution: Execution, retry: Retry, now: datetime, effects: Effects) -> None:
    """The pause after a failure; after the last one it is over at once, as in the Durable Task Framework."""
    timer = execution.take_id()
    more = retry.attempts < retry.attempts_max
    fire_at = now + timedelta(milliseconds=retry.interval_ms) if more else now
    execution.retries[timer] = retry
    _set_timer(execution, timer, fire_at, effects)


def _attempt(execution: Execution, retry: Retry, effects: Effects) -> None:
    task = execution.take_id()
    execution.retries[task] = retry
    if retry.kind is StepKind.CHILD:
        _start_child(execution, task, retry, effects)
    else:
        _start_activity(execution, task, retry.name, retry.payload, effects)


def apply(
    execution: Execution,
    decision: Decision,
    known: Known,
    function: str,
    effects: Effects,
) -> Effects:
    """Add what the code has decided to the effects: new steps, cancelled timers, the outcome."""
    if decision.error is not None and not decision.steps:
        execution.outcome = _outcome(decision)  # it crashed, and could not say what it had asked for
        return effects
    difference = difference_between(execution.steps, decision.steps)
    if difference:
        _fail_hard(execution, f"Non-deterministic orchestrator '{function}': {difference}", effects)
        return effects
    for step in decision.steps[len(execution.steps) :]:
        problem = _unknown(step, known)
        if problem:
            _fail_hard(execution, problem, effects)
            return effects
        _schedule(execution, step, effects)
    _cancel(execution, decision.steps, effects)
    if execution.outcome is None:
        execution.outcome = _outcome(decision)
    return effects


def conclude(execution: Execution, effects: Effects) -> Effects:
    """End the execution once nothing that it started is open; until then its outcome waits."""
    if execution.outcome is not None and not execution.open:
        effects.finished = execution.outcome
        effects.events.append(_ending(execution.outcome))
    effects.events.append(Event(Kind.TURN_COMPLETED))
    return effects


def _ending(outcome: Outcome) -> Event:
    kind = Kind.CONTINUED if outcome.continues else Kind.COMPLETED
    return Event(kind, name=outcome.status, payload=outcome.payload)


def _outcome(decision: Decision) -> Outcome | None:
    if decision.error is not None:
        return Outcome(Status.FAILED, decision.error)
    last = decision.steps[-1] if decision.steps else None
    if last is not None and last.kind is StepKind.CONTINUE:
        return Outcome(Status.RUNNING, last.payload, continues=True)
    return Outcome(Status.COMPLETED, decision.output) if decision.is_done else None


def _fail_hard(execution: Execution, message: str, effects: Effects) -> None:
    """A fault of the program itself: no code can catch it, and nothing open is waited for."""
    execution.outcome = Outcome(Status.FAILED, message)
    execution.open.clear()
    effects.activities.clear()
    effects.children.clear()
    effects.operations.clear()
    effects.timers.clear()


def _schedule(execution: Execution, step: Step, effects: Effects) -> None:
    position = len(execution.steps)
    execution.steps.append(signature(step))
    if step.kind is StepKind.WAIT:
        return
    task = execution.take_id()
    if step.retry is not None:
        execution.retries[task] = Retry(
            step.kind,
            step.name,
            step.payload,
            step.instance,
            step.version,
            step.retry.interval_ms,
            step.retry.attempts_max,
        )
    match step.kind:
        case StepKind.ACTIVITY:
            _start_activity(execution, task, step.name, step.payload, effects)
        case StepKind.HTTP:
            _start_activity(execution, task, step.name, step.payload, effects, is_http=True)
        case StepKind.CHILD:
            _start_child(execution, task, step, effects)
        case StepKind.TIMER:
            assert step.fire_at is not None
            execution.timers[position] = task
            _set_timer(execution, task, step.fire_at, effects)
        case StepKind.CALL | StepKind.SIGNAL:
            _operate(execution, task, step, effects)
        case _:
            pass


def _start_activity(
    execution: Execution,
    task: int,
    name: str,
    payload: str | None,
    effects: Effects,
    *,
    is_http: bool = False,
) -> None:
    execution.open.add(task)
    effects.events.append(Event(Kind.TASK_SCHEDULED, id=task, name=name, payload=payload))
    effects.activities.append(NewActivity(task, name, payload, is_http))


def _start_child(execution: Execution, task: int, step: Step | Retry, effects: Effects) -> None:
    execution.open.add(task)
    instance = step.instance or f"{execution.id}:{task:x}"
    effects.events.append(Event(Kind.CHILD_CREATED, id=task, name=step.name, instance=instance, payload=step.payload))
    effects.children.append(NewChild(task, step.name, instance, step.payload, step.version))


def _set_timer(execution: Execution, task: int, fire_at: datetime, effects: Effects) -> None:
    execution.open.add(task)
    effects.events.append(Event(Kind.TIMER_CREATED, id=task, fire_at=fire_at))
    effects.timers.append((task, fire_at))


def _operate(execution: Execution, task: int, step: Step, effects: Effects) -> None:
    """Entity calls are answered by an event that carries the call's own id, so they are not open tasks."""
    guid = str(uuid5(NAMESPACE_OID, f"{execution.id}:{task}")) if step.kind is StepKind.CALL else ""
    effects.events.append(Event(Kind.SENT, id=task, instance=step.name, name=step.operation, payload=guid))
    effects.operations.append(NewOperation(task, step.name, step.operation, step.payload, guid))


def _cancel(execution: Execution, steps: list[Step], effects: Effects) -> None:
    for position, task in list(execution.timers.items()):
        if steps[position].is_cancelled:
            del execution.timers[position]
            execution.open.discard(task)
            effects.cancelled.append(task)


def _unknown(step: Step, known: Known) -> str | None:
    match step.kind:
        case StepKind.ACTIVITY:
            noun, names = "activity", known.activities
        case StepKind.CHILD:
            noun, names = "orchestrator", known.orchestrators
        case StepKind.CALL | StepKind.SIGNAL:
            noun, names = "entity", known.entities
        case _:
            return None
    name = step.name.split("@")[1] if noun == "entity" else step.name
    return None if name.lower() in names else unknown_function(name, noun, names)


def unknown_function(name: str, noun: str, names: Iterable[str]) -> str:
    """The sentence for a call of a function that is not there."""
    there = ", ".join(sorted(names)) or "none"
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an {noun} function. "
        f"The following are the known {noun} functions: {there}."
    )


def signature(step: Step) -> str:
    """What of a step must be the same at every replay: its kind, its aim, and a checksum of the rest."""
    aim = f" '{step.name}.{step.operation}'" if step.operation else f" '{step.name}'" if step.name else ""
    rest = step.fire_at.isoformat() if step.fire_at else f"{step.payload} {step.instance}"
    return f"{step.kind}{aim} {zlib.crc32(rest.encode()):08x}"


def difference_between(before: list[str], now: list[Step]) -> str | None:
    """The first place where a replay asked for something else than before, in words; None where there is none."""
    for number, was in enumerate(before):
        if number >= len(now):
            return f"step {number + 1} was {_aim(was)}, and now the code ends before it. {_ADVICE}"
        new = signature(now[number])
        if new == was:
            continue
        if _aim(new) == _aim(was):
            what = "the time it fires" if now[number].kind is StepKind.TIMER else "its input"
            return f"step {number + 1}, {_aim(was)}, is asked for again but {what} differs. {_ADVICE}"
        return f"step {number + 1} was {_aim(was)} and is now {_aim(new)}. {_ADVICE}"
    return None


def _aim(text: str) -> str:
    return text.rsplit(" ", 1)[0]


_ADVICE = (
    "Orchestrator code must do the same at every replay: take time and ids from the context, "
    "and do I/O and anything random in activities."
)
