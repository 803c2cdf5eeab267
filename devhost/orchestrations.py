"""Orchestrations: replay the code over its history, one turn at a time, and commit what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from devhost import log, protocol, turn
from devhost.alarms import Alarms
from devhost.events import (
    Alarm,
    Decision,
    Event,
    Instance,
    Kind,
    Message,
    Outcome,
    Parent,
    Status,
)
from devhost.execution import Execution
from devhost.invoke import FunctionFailed
from devhost.lanes import Lane
from devhost.plant import Plant
from devhost.store import Store
from devhost.turn import Effects, Known

if TYPE_CHECKING:
    from devhost.index import Function

_CONTROLS = {
    Kind.TERMINATED: Status.TERMINATED,
    Kind.SUSPENDED: Status.SUSPENDED,
    Kind.RESUMED: Status.RUNNING,
}
_CACHED_MAX = 2_000
LONG_REPLAY_SECONDS = 0.005


@dataclass(slots=True)
class _Live:
    """An instance in memory, as it stands in the store."""

    instance: Instance
    execution: Execution
    history: list[str]
    inbox: deque[Message]
    replay_seconds: float = 0.0


@dataclass(slots=True)
class _Turn:
    """One turn while it is taken; fresh: the events that it shows the code anew, as JSON texts."""

    batch: list[Message]
    now: datetime
    fresh: list[str]
    decision: Decision | None = None
    bytes_in: int = 0
    watch: log.Stopwatch = field(default_factory=log.Stopwatch)


class AlreadyActive(Exception):
    """An instance of that id has not ended yet."""


class Orchestrations:
    """The lane in which orchestrators run."""

    def __init__(self, plant: Plant, functions: Mapping[str, Function], known: Known, alarms: Alarms) -> None:
        self._journal = plant.journal
        self._invoker = plant.invoker
        self._clock = plant.clock
        self._default_version = plant.config.default_version
        self._functions = functions
        self._known = known
        self._alarms = alarms
        self._cache: OrderedDict[str, _Live] = OrderedDict()
        self.lane: Lane[str] = Lane(self._work, plant.config.max_orchestrators, plant.changed)

    # what others ask for, inside a unit of work

    def create(
        self, name: str, payload: str | None, instance: str, version: str | None, parent: Parent | None, root: str
    ) -> None:
        """Start an instance; one of that id that has ended is replaced, an active one raises AlreadyActive."""
        before = self._journal.store.get_instance(instance)
        if before is not None:
            if not before.status.is_over:
                raise AlreadyActive(f"An Orchestration instance with the status {before.status} already exists.")
            self._journal.store.delete_instance(instance)
            self.forget(instance)
        now = self._clock.now()
        one = Instance(instance, name, version or self._default_version, payload, now, now, root or instance, parent)
        self._journal.store.put_instance(one, Execution(uuid4().hex).to_plain())
        self._journal.send(instance, None, Event(Kind.STARTED))

    def receive(self, instance: str, message: Message) -> None:
        """Take a message that is already stored."""
        live = self._cache.get(instance)
        if live is not None:
            live.inbox.append(message)
        self.lane.wake(instance)

    def forget(self, instance: str) -> None:
        """Drop what is in memory of an instance that is taken away or replaced."""
        self._cache.pop(instance, None)

    # one turn

    async def _work(self, key: str) -> None:
        live = self._load(key)
        if live is None or live.instance.status.is_over:
            self._discard(key)
            return
        try:
            await self._advance(live)
        except BaseException:
            self.forget(key)
            raise

    async def _advance(self, live: _Live) -> None:
        control = next((m for m in live.inbox if m.event.kind in _CONTROLS), None)
        if control is not None:
            self._control(live, control)
        elif live.instance.status is Status.SUSPENDED:
            return
        else:
            await _gather_more(live)
            self._drop_stale(live)
            batch = turn.choose(live.execution, live.inbox)
            if not batch:
                return
            await self._turn(live, batch)
        if live.inbox and not live.instance.status.is_over:
            self.lane.wake(live.instance.id)

    async def _turn(self, live: _Live, batch: list[Message]) -> None:
        execution = live.execution
        now = turn.moment_of(execution, batch, self._clock.now())
        fresh = [protocol.encode_event(e, now) for e in turn.opening(live.instance, batch)]
        taken = _Turn(batch, now, fresh)
        if execution.outcome is None:
            body = protocol.orchestrator_input(live.instance, [*live.history, *fresh])
            taken.bytes_in = len(body)
            taken.decision = await self._replay(live.instance, body)
            live.replay_seconds = taken.watch.us / 1e6
            if self._cache.get(live.instance.id) is not live:
                return  # purged or replaced meanwhile
        effects = turn.close(execution, batch, now)
        if taken.decision is not None:
            turn.apply(execution, taken.decision, self._known, live.instance.name, effects)
        turn.conclude(execution, effects)
        self._commit(live, taken, effects)
        for message in batch:
            live.inbox.remove(message)
        if live.instance.status.is_over:
            self.forget(live.instance.id)
        _report(live.instance, taken, effects)

    async def _replay(self, instance: Instance, body: str) -> Decision:
        function = self._functions.get(instance.name.lower())
        if function is None:
            names = self._known.orchestrators
            return Decision(error=turn.unknown_function(instance.name, "orchestrator", names))
        try:
            return protocol.decide(await self._invoker.orchestrator(function, body))
        except FunctionFailed as failure:
            return protocol.decide_failed(failure.message)

    def _commit(self, live: _Live, taken: _Turn, effects: Effects) -> None:
        one, execution, now, decision = live.instance, live.execution, taken.now, taken.decision
        texts = [protocol.as_played(text) for text in taken.fresh]
        texts += [protocol.as_played(protocol.encode_event(event, now)) for event in effects.events]
        events = ",".join(texts)
        live.history.append(events)
        execution.turn_at, one.updated = now, now
        execution.turns += 1
        if one.status is Status.PENDING:
            one.status = Status.RUNNING
        if decision is not None and decision.custom_status is not None:
            one.custom_status = decision.custom_status
        with self._journal.unit() as store:
            store.delete_messages(taken.batch)
            store.add_history(one.id, execution.turns, events)
            self._issue(live, effects, store)
            if effects.finished is not None:
                self._finish(live, effects.finished, store)
            store.put_instance(one, live.execution.to_plain())
            if decision is not None:
                self._journal.count(
                    one.name,
                    one.root,
                    is_failure=decision.error is not None,
                    wall_us=taken.watch.us,
                    bytes_in=taken.bytes_in,
                    bytes_out=len(events),
                )

    def _issue(self, live: _Live, effects: Effects, store: Store) -> None:
        """Write down everything the turn sets going."""
        one, execution = live.instance, live.execution.id
        for work in effects.activities:
            self._journal.hand_out(one.id, execution, work.task, work.name, work.payload, one.root)
        for task, fire_at in effects.timers:
            self._journal.set_alarm(Alarm(fire_at, one.id, execution, task))
        for task in effects.cancelled:
            self._alarms.drop(one.id, execution, task)
        for send in effects.operations:
            caller = Parent(one.id, execution, send.task) if send.guid else None
            self._journal.operate(send.entity, send.operation, send.payload, caller, send.guid, one.root)
        for child in effects.children:
            parent = Parent(one.id, execution, child.task)
            payload = protocol.child_input(child.payload)
            try:
                self.create(child.name, payload, child.instance, child.version, parent, one.root)
            except AlreadyActive as no:
                self._journal.send(*_failure_of(parent, child.name, str(no)))
        if effects.finished and effects.finished.status is Status.FAILED:
            store.delete_activities(one.id)

    def _finish(self, live: _Live, outcome: Outcome, store: Store) -> None:
        """End the instance and tell its parent, or begin its next execution."""
        one = live.instance
        if outcome.continues:
            one.input = outcome.payload
            live.execution = Execution(uuid4().hex)
            live.history = []
            store.delete_history(one.id)
            self._journal.send(one.id, None, Event(Kind.STARTED))
            return
        one.status = outcome.status
        is_text = outcome.status is not Status.COMPLETED
        one.output = json.dumps(outcome.payload) if is_text else outcome.payload
        store.delete_alarms(one.id)
        store.delete_messages(live.inbox)
        if one.parent is None:
            return
        if outcome.status is Status.COMPLETED:
            result = Event(Kind.CHILD_COMPLETED, task=one.parent.task, payload=protocol.result_of(one.output))
            self._journal.send(one.parent.instance, one.parent.execution, result)
        else:
            self._journal.send(*_failure_of(one.parent, one.name, outcome.payload or ""))

    # steering

    def _control(self, live: _Live, control: Message) -> None:
        """Suspend, resume or terminate."""
        one, event = live.instance, control.event
        now = max(self._clock.now(), live.execution.turn_at or one.created)
        events = protocol.as_played(protocol.encode_event(event, now))
        one.status = _CONTROLS[event.kind]
        if one.status is Status.RUNNING and live.execution.turns == 0:
            one.status = Status.PENDING
        one.updated = now
        live.execution.turns += 1 if live.execution.turns else 0
        with self._journal.unit() as store:
            store.delete_messages([control])
            if live.execution.turns:
                store.add_history(one.id, live.execution.turns, events)
                live.history.append(events)
            if one.status is Status.TERMINATED:
                store.delete_activities(one.id)
                self._finish(live, Outcome(Status.TERMINATED, event.reason), store)
            store.put_instance(one, live.execution.to_plain())
        live.inbox.remove(control)
        if one.status.is_over:
            self.forget(one.id)
        log.execution(one.name, one.id, 0, str(one.status))

    # memory

    def _load(self, key: str) -> _Live | None:
        live = self._cache.get(key)
        if live is not None:
            self._cache.move_to_end(key)
            return live
        store = self._journal.store
        instance = store.get_instance(key)
        if instance is None:
            return None
        live = _Live(
            instance,
            Execution.from_plain(store.get_execution(key)),
            store.get_history(key),
            deque(store.get_messages(key)),
        )
        self._cache[key] = live
        self._evict()
        return live

    def _evict(self) -> None:
        """Keep the cache small; what has messages waiting stays."""
        for key in list(self._cache)[: max(0, len(self._cache) - _CACHED_MAX)]:
            if not self._cache[key].inbox:
                del self._cache[key]

    def _drop_stale(self, live: _Live) -> None:
        """Drop what was meant for an earlier execution."""
        stale = [m for m in live.inbox if m.execution not in (None, live.execution.id)]
        if stale:
            with self._journal.unit() as store:
                store.delete_messages(stale)
            for message in stale:
                live.inbox.remove(message)

    def _discard(self, key: str) -> None:
        """Nobody is there to read these messages any more."""
        with self._journal.unit() as store:
            store.delete_messages(store.get_messages(key))
        self.forget(key)


async def _gather_more(live: _Live) -> None:
    """Before a replay that takes long, wait half as long for more of what is still open, to be shown in one turn.

    A fan-out of hundreds then takes a handful of replays, where each few completions would otherwise have their own.
    """
    if live.replay_seconds > LONG_REPLAY_SECONDS and len(live.inbox) < len(live.execution.open):
        await asyncio.sleep(live.replay_seconds / 2)


def _failure_of(parent: Parent, name: str, reason: str) -> tuple[str, str, Event]:
    text = f"The sub-orchestrator function '{name}' failed: {reason}"
    return parent.instance, parent.execution, Event(Kind.CHILD_FAILED, task=parent.task, reason=text)


def _report(one: Instance, taken: _Turn, effects: Effects) -> None:
    if taken.decision is None:
        return
    outcome = "Waits"
    if taken.decision.error is not None:
        outcome = f"Failed: {log.one_line(taken.decision.error)}"
    elif effects.finished is not None:
        outcome = "ContinuedAsNew" if effects.finished.continues else str(effects.finished.status)
    log.execution(one.name, one.id, taken.watch.us, outcome)
