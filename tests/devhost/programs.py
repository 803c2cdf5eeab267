"""Orchestrator programs as plain data, and what each must come to, worked out without any host.

A program is `{entity, generations: [[step, …], …]}`: one list of steps for each execution between which it
continues as new. `apps/programs/function_app.py` runs it, `evaluate` computes the same from the data alone,
and `generator.py` writes programs whose result does not hang on the order of simultaneous things.

Time is counted in ticks of half a minute. Activities and entities take none. Timers and retry intervals last
whole minutes (an even number of ticks) and events arrive at odd ticks, so most ties cannot arise; a program
with a tie that would matter is refused as ambiguous.

Steps (`do`)                                     Tasks (`is`)
task    yield `task`; `catch` or fail            echo · fail · flaky: fails `failures` times, then succeeds
race    task_any of `of`; then the `losers`      timer of `ticks` · event `name` that arrives `at` a tick
drain   task_any of what is left until none is   entity `op` on the ledger of this very instance
try     `steps` until one fails                  sub with a `program` of its own · retry of an activity or sub
signal · status · uuid · raise                   all · any, nested
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

NEVER = math.inf
Data = dict[str, Any]


class AmbiguousError(Exception):
    """The result would hang on the order of simultaneous events, or on what the SDK does not survive."""


class BoomError(Exception):
    """A step failed; the token says which."""


@dataclass(frozen=True)
class End:
    """When and how a task ends, and what the instance must know of the leaves below it."""

    at: float
    value: Any = None
    error: str | None = None
    busy: float = 0  # until then it holds up the completion of its instance
    leaves: tuple[float, ...] = ()
    retries: tuple[float, ...] = ()
    events: tuple[tuple[float, str], ...] = ()
    early: bool = False  # may resolve while leaves are open

    @property
    def outcome(self) -> Any:
        return self.value if self.error is None else {"error": self.error}


@dataclass(frozen=True)
class Event:
    """An external event that the driver has to raise."""

    instance: str
    name: str
    value: Any
    at: int
    twice: bool


@dataclass
class World:
    """What outlives a single task: attempts made, entity states, and the events to raise."""

    attempts: Counter[str] = field(default_factory=Counter)
    ledgers: dict[str, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    retries_stay_open: bool = False


@dataclass(frozen=True)
class Expected:
    """How a root instance must end."""

    output: Any
    error: str | None
    finish: float
    status: Any
    ledgers: dict[str, int]
    events: list[Event]


def evaluate(program: Data, instance: str, *, retries_stay_open: bool = False) -> Expected:
    """Work out how the program ends when started at tick 0 as `instance`. Raises AmbiguousError."""
    world = World(retries_stay_open=retries_stay_open)
    run = Run(world, program, instance, 0, root=True)
    end = run.play()
    return Expected(end.value, end.error, end.at, run.status, world.ledgers, world.events)


class Run:
    """One instance playing its program. Its custom status outlives its executions."""

    def __init__(self, world: World, program: Data, instance: str | None, tick: float, *, root: bool) -> None:
        self.world, self.program, self.instance, self.root = world, program, instance, root
        self.tick = self.began = self.reached = self.busy = tick
        self.is_first = True
        self.error: str | None = None
        self.status: Any = None
        self.waits: list[tuple[Data, bool]] = []

    def play(self) -> End:
        """All generations one after the other; each ends only when nothing it started is open any more."""
        out: list[Any] = []
        for number, generation in enumerate(self.program["generations"]):
            self.began, self.is_first = self.tick, number == 0
            try:
                self.steps(generation, out)
            except BoomError as boom:
                self.error = str(boom)
            self.reached, self.tick = self.tick, max(self.tick, self.busy)
            if self.error is not None:
                break
        if self.tick == NEVER:
            raise AmbiguousError("never ends")
        self.note_events()
        return End(self.tick, None if self.error else out, self.error, self.tick)

    def note_events(self) -> None:
        """An event is raised if the instance cannot go on without it, or is certain to run when it comes."""
        for at in self.program.get("noise", ()):
            self.waits.append(({"name": "noise", "value": at, "at": at, "twice": False}, False))
        for spec, consumed in self.waits:
            open_then = arrival(spec) < self.tick
            if consumed or open_then:
                assert self.instance is not None
                twice = spec["twice"] and open_then
                self.world.events.append(Event(self.instance, spec["name"], spec["value"], spec["at"], twice))

    def steps(self, steps: list[Data], out: list[Any]) -> None:
        for step in steps:
            note = getattr(self, f"do_{step['do']}")(step)
            out.append([note, self.tick])

    def do_task(self, step: Data) -> Any:
        end = self.end(step["task"], nested=False)
        self.resume(end, end.at)
        if end.error is None:
            return end.value
        if step["catch"]:
            return {"error": end.error}
        raise BoomError(end.error)

    def do_race(self, step: Data) -> Any:
        """The first of several; ties would leave it open which."""
        ends = [self.end(spec) for spec in step["of"]]
        whole = first_of(ends)
        first, outcome = whole.value
        losers = [(spec, end) for spec, end in zip(step["of"], ends, strict=True) if end is not ends[first]]
        cancelled = [end for spec, end in losers if spec["is"] == "timer" and step["losers"] == "cancel"]
        held = [end.busy for end in ends if end not in cancelled]
        self.resume(whole, whole.at, busy=max(held))
        notes = [first, outcome]
        if step["losers"] == "await":
            for _, end in losers:
                self.resume(end, max(self.tick, end.at))
                notes.append(end.outcome)
        elif step["losers"] == "join":
            joined = all_of([*(end for _, end in losers), leaf(self.tick, "joined")], nested=False)
            self.resume(joined, max(self.tick, joined.at))
            notes.append(joined.outcome)
        return notes

    def do_drain(self, step: Data) -> Any:
        """All of them as they come; if they tie, only the sorted list is certain."""
        ends = [self.end(spec) for spec in step["of"]]
        times = sorted(end.at for end in ends)
        if step["ordered"] and len(set(times)) < len(times):
            raise AmbiguousError("drained in an order that is not certain")
        whole = End(times[-1], **below_of(ends, early=any(end.early for end in ends)))
        if any(at > times[0] or whole.leaves.count(at) > 1 for at in whole.retries):
            self.leave_retry_open()
        self.resume(whole, times[-1])
        if step["ordered"]:
            return [end.outcome for end in sorted(ends, key=lambda end: end.at)]
        return sorted((end.outcome for end in ends), key=repr)

    def do_try(self, step: Data) -> Any:
        inner: list[Any] = []
        try:
            self.steps(step["steps"], inner)
        except BoomError as boom:
            return [inner, str(boom)]
        return [inner, None]

    def do_uuid(self, step: Data) -> Any:
        return True

    def do_signal(self, step: Data) -> Any:
        self.operate(step)
        return "signalled"

    def do_status(self, step: Data) -> Any:
        self.status = step["value"]
        return "status"

    def do_raise(self, step: Data) -> Any:
        raise BoomError(step["token"])

    def resume(self, end: End, at: float, *, busy: float | None = None) -> None:
        """The instance goes on at a tick, with whatever is open still open."""
        if at == NEVER:
            raise AmbiguousError("waits for ever")
        if end.early:
            alone = end.leaves.count(at) == 1
            if any(retry > at or (retry == at and not alone) for retry in end.retries):
                self.leave_retry_open()
            if any(event == at and not alone for event, _ in end.events):
                raise AmbiguousError("an event ties with something else")
        self.tick = at
        self.busy = max(self.busy, end.busy if busy is None else busy)
        yielded = {name for _, name in end.events}
        self.waits = [
            (spec, consumed or arrival(spec) < at or (arrival(spec) == at and spec["name"] in yielded))
            for spec, consumed in self.waits
        ]

    def leave_retry_open(self) -> None:
        """The SDK numbers the attempts as they come; Azure is said to number them otherwise, which breaks the flow."""
        if not self.world.retries_stay_open:
            raise AmbiguousError("a retry is left open past another yield")

    def end(self, spec: Data, *, nested: bool = True) -> End:
        """How a task ends that is yielded now."""
        match spec["is"]:
            case "echo":
                return leaf(self.tick, spec["value"])
            case "fail":
                return leaf(self.tick, error=spec["value"])
            case "flaky":
                return self.flaky(spec, self.tick)
            case "timer":
                return leaf(self.tick + spec["ticks"])
            case "event":
                return self.event(spec)
            case "entity":
                value = self.operate(spec)
                return leaf(self.tick, value, error=spec["token"] if spec["op"] == "spoil" else None)
            case "sub":
                end = self.sub(spec, self.tick)
                return leaf(end.at, {"child": end.value}, error=end.error)
            case "retry":
                return self.retry(spec)
            case "all":
                return all_of([self.end(inner) for inner in spec["of"]], nested=nested, now=self.tick)
            case "any":
                return first_of([self.end(inner) for inner in spec["of"]])
            case other:
                raise NotImplementedError(other)

    def flaky(self, spec: Data, tick: float) -> End:
        self.world.attempts[spec["key"]] += 1
        failed = self.world.attempts[spec["key"]] <= spec["failures"]
        return leaf(tick, error=spec["token"]) if failed else leaf(tick, spec["value"])

    def event(self, spec: Data) -> End:
        """An event must find the very execution that waits for it: it is lost between two generations."""
        arrives = arrival(spec)
        is_sent_with_the_start = self.root and self.is_first and arrives == 0
        if arrives <= self.began and not is_sent_with_the_start:
            raise AmbiguousError("an event arrives before its execution")
        if arrives != NEVER and self.instance is None:
            raise AmbiguousError("an event for an instance without a name")
        self.waits.append((spec, False))
        at = max(self.tick, arrives)
        return End(at, spec["value"], leaves=(at,), events=((at, spec["name"]),))

    def operate(self, spec: Data) -> int:
        """One operation on the ledger of this instance; what is stored before an error stays."""
        ledgers, key = self.world.ledgers, self.program["entity"]
        if spec["op"] != "get":
            ledgers[key] = ledgers.get(key, 0) + spec["value"]
        return ledgers.get(key, 0)

    def sub(self, spec: Data, tick: float) -> End:
        return Run(self.world, spec["program"], spec["id"], tick, root=False).play()

    def retry(self, spec: Data) -> End:
        """Attempts with an interval between them, none after the last."""
        tick, inner = self.tick, spec["of"]
        for attempt in range(spec["attempts"]):
            tick = tick if attempt == 0 else tick + spec["ticks"]
            end = self.attempt(inner, tick)
            tick = end.at
            if end.error is None:
                break
        return End(tick, end.value, end.error, tick, leaves=(tick,), retries=(tick,))

    def attempt(self, spec: Data, tick: float) -> End:
        match spec["is"]:
            case "echo":
                return leaf(tick, spec["value"])
            case "fail":
                return leaf(tick, error=spec["value"])
            case "flaky":
                return self.flaky(spec, tick)
            case _:
                return self.sub(spec, tick)


def leaf(at: float, value: Any = None, error: str | None = None) -> End:
    return End(at, None if error else value, error, at, leaves=(at,))


def all_of(ends: list[End], *, nested: bool, now: float = 0) -> End:
    """A task_all: the last of its children, or the first that fails.

    If a child that succeeds is the last of a failed one, the SDK completes it a second time, which its parent
    does not survive; so a failing one inside another must have a failure last.
    """
    if not ends:
        return End(now)
    failed = [end.at for end in ends if end.error is not None]
    if not failed:
        below = below_of(ends, early=any(end.early for end in ends))
        return End(max(end.at for end in ends), [end.value for end in ends], **below)
    if nested and max((end.at for end in ends if end.error is None), default=-1) >= max(failed):
        raise AmbiguousError("a failed task_all completes twice")
    return End(min(failed), None, "all", **below_of(ends, early=True))


def first_of(ends: list[End]) -> End:
    """A task_any: the index and outcome of the one child that is first."""
    at = min(end.at for end in ends)
    first = [index for index, end in enumerate(ends) if end.at == at]
    if len(first) > 1 and at != NEVER:
        raise AmbiguousError("two tasks of a task_any complete at once")
    return End(at, [first[0], ends[first[0]].outcome], **below_of(ends, early=True))


def below_of(ends: list[End], *, early: bool) -> dict[str, Any]:
    return {
        "busy": max(end.busy for end in ends),
        "leaves": tuple(at for end in ends for at in end.leaves),
        "retries": tuple(at for end in ends for at in end.retries),
        "events": tuple(event for end in ends for event in end.events),
        "early": early,
    }


def arrival(spec: Data) -> float:
    """The tick at which an event comes."""
    return NEVER if spec["at"] is None else spec["at"]


def walk(data: Any) -> Iterator[Data]:
    """Every step and task of a program, however deep."""
    if isinstance(data, list):
        for item in data:
            yield from walk(item)
    elif isinstance(data, dict):
        if "do" in data or "is" in data:
            yield data
        for key, item in data.items():
            if key not in {"value", "noise"}:
                yield from walk(item)
