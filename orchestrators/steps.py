"""The few words that all flows are written in; each is used with `yield from`, but for those that say otherwise.

step · must · must_all · all_of (doing, asking, child) · call_entity · call_flow · wait_for · wait_for_any · UndoStack
wait_for_nudge (a record that the flow watches has changed: shared/nudges.py)
plain calls: input_of · continue_as_new · step_key · event_name · next_round · wakes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, cast

import azure.durable_functions as df

from activities.inbox import Consumed, acknowledge
from shared.flows import (
    PATIENT,
    Call,
    Happened,
    In,
    Out,
    Refusal,
    Refused,
    Retry,
    Step,
    StepFailed,
    Stopped,
    TimedOut,
    pack_call,
    unpack_answer,
)
from shared.inbox import opened
from shared.nudges import Wakes
from shared.wire import Unexpected, pack, unpack, unpack_text

T = TypeVar("T")
Context: TypeAlias = df.DurableOrchestrationContext
Flow: TypeAlias = Generator[Any, Any, T]

FAN_OUT_MAX = 200
WAIT_DAYS_MAX = 366
STIRRED = "stirred"

_EVENT = re.compile(r"[a-z]+(_[a-z]+)*")  # without digits, so that names with their number never meet


# --- what a flow has used up: numbers for its keys and its waits


@dataclass
class _Progress:
    """Kept on the context, built anew by every replay; generation and waits travel through continue_as_new."""

    generation: int = 0
    waits: dict[str, int] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    listening: dict[str, Any] = field(default_factory=dict)


_CARRIED, _STATE = "$carried", "state"


def input_of(context: Context, kind: type[T]) -> T:
    """The flow's input, or the state it has continued with; raises wire.Unexpected. A plain call."""
    given = _given(context)
    return unpack_text(kind, given[_STATE] if _is_carried(given) else given)


def continue_as_new(context: Context, state: object) -> None:
    """Begin anew with this state and a short history; return right after. A plain call."""
    progress = _progress(context)
    carried = {"generation": progress.generation + 1, "waits": progress.waits}
    context.continue_as_new(pack({_CARRIED: carried, _STATE: state}))


def step_key(context: Context, name: str) -> str:
    """`instance:generation:name:number`, the same on every replay and never given twice. A plain call."""
    progress = _progress(context)
    number = progress.steps[name] = progress.steps.get(name, 0) + 1
    return f"{context.instance_id}:{progress.generation}:{name}:{number}"


def event_name(context: Context, event: str) -> str:
    """The name under which the next wait for this event listens, such as `reply-3`; for the sender. A plain call."""
    if not _EVENT.fullmatch(event):
        raise ValueError(f"event {event!r}: name it in lower case letters and single underscores")
    return f"{event}-{_progress(context).waits.get(event, 0) + 1}"


def next_round(context: Context, event: str) -> str:
    """Let go of the present name of an event, and with it of what still comes to it; the new one. A plain call."""
    _done_with(context, event)
    return event_name(context, event)


def _progress(context: Context) -> _Progress:
    kept = vars(context).get("_progress")
    if kept is None:
        given = _given(context)
        kept = vars(context)["_progress"] = _Progress(**(given[_CARRIED] if _is_carried(given) else {}))
    return cast(_Progress, kept)


def _given(context: Context) -> Any:
    return context.get_input()


def _is_carried(given: Any) -> bool:
    return isinstance(given, dict) and given.keys() == {_CARRIED, _STATE}


# --- doing something


class Pending(NamedTuple, Generic[T]):
    """Something that runs, and how its answer is read; for all_of."""

    name: str
    task: Any
    gives: Any
    is_step: bool = False


def doing(context: Context, activity: Step[In, Out], given: In, *, retry: Retry | None = None) -> Pending[Out]:
    """Let a step begin when it is first waited for; retry in place of its own policy. A plain call."""
    attempts_max, pause_seconds = retry or activity.retry
    plain = pack_call(Call(step_key(context, activity.name), context.current_utc_datetime), given)
    if attempts_max == 1:
        task = context.call_activity(activity.name, plain)
    else:
        options = df.RetryOptions(pause_seconds * 1000, attempts_max)
        task = context.call_activity_with_retry(activity.name, options, plain)
    return Pending(activity.name, task, activity.gives, is_step=True)


def asking(context: Context, entity: str, key: str, operation: str, given: object, gives: type[T]) -> Pending[T]:
    """The same for an operation of an entity; ValueError for a key with @ in it. A plain call."""
    if "@" in key:
        raise ValueError(f"entity {entity}: the key {key!r} must not hold an @, by which hosts take ids apart")
    task = context.call_entity(df.EntityId(entity, key), operation, pack(given))
    return Pending(f"{entity}.{operation}", task, gives)


def child(
    context: Context, flow: str, given: object, gives: type[T], *, instance: str | None = None
) -> Pending[T]:
    """The same for a flow of its own, under an id that follows from this one's, or a known one. A plain call."""
    name = instance or step_key(context, flow)
    return Pending(flow, context.call_sub_orchestrator(flow, pack(given), name), gives)


def step(context: Context, activity: Step[In, Out], given: In) -> Flow[Out]:
    """Do one step; its answer, perhaps a Refusal. Raises StepFailed after the last attempt."""
    return (yield from _answer(doing(context, activity, given)))


def call_entity(context: Context, entity: str, key: str, operation: str, given: object, gives: type[T]) -> Flow[T]:
    """Ask an entity; raises StepFailed if the operation raised."""
    return (yield from _answer(asking(context, entity, key, operation, given, gives)))


def call_flow(
    context: Context, flow: str, given: object, gives: type[T], *, instance: str | None = None
) -> Flow[T]:
    """Run another flow and wait for what it returns; raises StepFailed if it failed."""
    return (yield from _answer(child(context, flow, given, gives, instance=instance)))


def all_of(context: Context, pending: Sequence[Pending[T]]) -> Flow[list[T]]:
    """All at once, FAN_OUT_MAX at most: the answers in order. Raises the first StepFailed once every one has ended.

    None may be left open: hosts and the SDK number what comes after a step that is still being retried differently.
    """
    if len(pending) > FAN_OUT_MAX:
        raise ValueError(f"{len(pending)} at once are too many: {FAN_OUT_MAX} is the most")
    if pending:
        yield from _settled(context.task_all([one.task for one in pending]))
    answers: list[T] = []
    faults: list[StepFailed] = []
    for one in pending:
        outcome = yield from _outcome(one)
        if isinstance(outcome, StepFailed):
            faults.append(outcome)
        else:
            answers.append(outcome)
    if faults:
        raise faults[0]
    return answers


def must(answer: Flow[T | Refusal]) -> Flow[T]:
    """The answer of a step that the flow cannot do without; raises Refused."""
    given = yield from answer
    if isinstance(given, Refusal):
        raise Refused(given)
    return given


def must_all(answers: Flow[list[T | Refusal]]) -> Flow[list[T]]:
    """The same for all_of; raises Refused for the first."""
    kept = []
    for given in (yield from answers):
        if isinstance(given, Refusal):
            raise Refused(given)
        kept.append(given)
    return kept


def _answer(one: Pending[T]) -> Flow[T]:
    outcome = yield from _outcome(one)
    if isinstance(outcome, StepFailed):
        raise outcome
    return outcome


def _outcome(one: Pending[T]) -> Flow[T | StepFailed]:
    plain = yield from _settled(one.task)
    try:
        if isinstance(plain, Exception):
            return StepFailed(one.name, plain)
        return cast(T, unpack_answer(one.gives, plain) if one.is_step else unpack(one.gives, plain))
    except Unexpected as error:
        return StepFailed(one.name, error)


def _settled(task: Any) -> Flow[Any]:
    """What a task came to, be it an exception; the SDK raises a bare Exception for any fault."""
    if task.is_completed:
        return task.result
    try:
        return (yield task)
    except Exception as fault:  # noqa: BLE001 - it becomes a StepFailed
        return fault


# --- waiting


def wait_for(context: Context, event: str, at_most: timedelta, data_type: type[T]) -> Flow[T | TimedOut]:
    """Wait for an event under a name of its own (see event_name), no longer than at_most; its data, or TimedOut.

    The number moves on either way, so what comes late answers no later wait. Raises StepFailed for other data.
    """
    happened = yield from wait_for_any(context, {event: data_type}, at_most)
    if isinstance(happened, TimedOut):
        _done_with(context, event)
        return happened
    return cast(T, happened.data)


def wait_for_any(context: Context, events: Mapping[str, type[Any]], at_most: timedelta) -> Flow[Happened | TimedOut]:
    """Wait for the first of several events (event → type of its data).

    Only the one that came moves on to its next number; to the others one goes on listening, so that nothing is lost
    between two waits. Raises StepFailed for data of another type.
    """
    if at_most > timedelta(days=WAIT_DAYS_MAX):
        raise ValueError(f"a wait of {at_most} is too long: {WAIT_DAYS_MAX} days is the most")
    heard = {event: _listen(context, event) for event in events}
    if not any(task.is_completed for task in heard.values()):
        timer = context.create_timer(context.current_utc_datetime + at_most)
        winner = yield context.task_any([*heard.values(), timer])
        if winner is timer:
            return TimedOut(context.current_utc_datetime)
        _cancel(timer)
    event = next(event for event, task in heard.items() if task.is_completed)
    name = event_name(context, event)
    _done_with(context, event)
    return Happened(event, (yield from _read(context, name, heard[event].result, events[event])))


def wakes(context: Context) -> Wakes:
    """What is to stand in a record that this flow watches, before it waits for a nudge. A plain call."""
    return Wakes(instance=context.instance_id, event=event_name(context, STIRRED))


def wait_for_nudge(context: Context, until: datetime) -> Flow[bool]:
    """Wait until a watched record is changed, or for the moment; whether it was changed."""
    at_most = max(until - context.current_utc_datetime, timedelta(0))
    happened = yield from wait_for_any(context, {STIRRED: object}, at_most)
    if isinstance(happened, TimedOut):
        _done_with(context, STIRRED)
    return not isinstance(happened, TimedOut)


def _listen(context: Context, event: str) -> Any:
    """The task of the event's present name: the one that an earlier wait has left open, if any."""
    listening = _progress(context).listening
    if event not in listening:
        listening[event] = context.wait_for_external_event(event_name(context, event))
    return listening[event]


def _done_with(context: Context, event: str) -> None:
    progress = _progress(context)
    progress.waits[event] = progress.waits.get(event, 0) + 1
    progress.listening.pop(event, None)


def _cancel(timer: Any) -> None:
    """Take a timer back, lest it keeps the instance running; the SDK's own cancel forgets the parts of a long one."""
    for part in getattr(timer, "pending_tasks", [timer]):
        part.cancel()


def _read(context: Context, name: str, data: Any, data_type: type[T]) -> Flow[T]:
    """The data of an event; what came through the inbox is acknowledged, so that it is not raised again."""
    inbox_id, plain = opened(data)
    if inbox_id is not None:
        consumed = Consumed(instance=context.instance_id, id=inbox_id)
        yield from _settled(doing(context, acknowledge, consumed).task)  # failed: raised again, to no harm
    try:
        return unpack_text(data_type, plain) if inbox_id is None else unpack(data_type, plain)
    except Unexpected as error:
        raise StepFailed(name, error) from error


# --- taking back


class UndoFailed(NamedTuple):
    """An undo that could not be done, for a person to see to: which step, on what, and why."""

    step: str
    given: Any
    reason: str


class UndoStack:
    """What takes a flow back. An undo is added before its step, and must do no harm where nothing had happened."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._undos: list[tuple[str, Any, Callable[[], Flow[Any]]]] = []

    def add(self, activity: Step[In, Any], given: In) -> None:
        """Remember what takes the next step back. A plain call."""
        again = partial(doing, self._context, activity, given, retry=PATIENT)
        self._undos.append((activity.name, given, lambda: _answer(again())))

    def add_flow(self, name: str, given: object, flow: Callable[[], Flow[Any]]) -> None:
        """The same for what takes more than a step; name, given: to be shown where it fails. A plain call."""
        self._undos.append((name, given, flow))

    def run(self) -> Flow[list[UndoFailed]]:
        """Undo everything, last first, each tried patiently; those that failed nevertheless, to be kept and shown."""
        failed = []
        while self._undos:
            name, given, again = self._undos.pop()
            try:
                yield from must(again())
            except Stopped as stopped:
                failed.append(UndoFailed(name, pack(given), str(stopped)))
        return failed
