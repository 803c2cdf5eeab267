"""Timer triggers: run on their schedule, one run at a time each, a missed one caught up once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from devhost import log, protocol
from devhost.invoke import FunctionFailed
from devhost.lanes import Lane
from devhost.plant import Plant
from devhost.schedule import Schedule
from devhost.store import TriggerState
from devhost.wakeup import WakeUp

if TYPE_CHECKING:
    from devhost.index import Function

_AT_ONCE_MAX = 8


@dataclass(slots=True)
class _Trigger:
    function: Function
    schedule: Schedule
    due: datetime
    last: datetime | None = None
    is_monitored: bool = False
    is_past_due: bool = False
    is_underway: bool = False


class TimerTriggers:
    """The app's timer functions; a monitored one's next run is stored, and moves on only when a run has ended."""

    def __init__(self, plant: Plant, functions: Iterable[Function], time_zone: str | None) -> None:
        self._journal = plant.journal
        self._invoker = plant.invoker
        self._clock = plant.clock
        self._client = plant.client
        self._wake_up = WakeUp(plant.clock, self.next_due, self.ring)
        self._triggers = {f.name: self._trigger(f, time_zone) for f in functions}
        self.lane: Lane[str] = Lane(self._work, _AT_ONCE_MAX, plant.changed)

    def _trigger(self, function: Function, time_zone: str | None) -> _Trigger:
        schedule = Schedule(function.schedule, time_zone)
        now = self._clock.now()
        trigger = _Trigger(function, schedule, schedule.next_after(now))
        trigger.is_monitored = function.use_monitor and not schedule.is_frequent
        stored = self._journal.store.get_trigger(function.name) if trigger.is_monitored else None
        if stored and stored.schedule == function.schedule:
            trigger.last = stored.last
            if stored.next <= now:
                trigger.due, trigger.is_past_due = stored.next, True
        return trigger

    def start(self) -> None:
        """Run what is past due or wants to run at start, and wait for the rest."""
        for name, trigger in self._triggers.items():
            if trigger.is_monitored:
                with self._journal.unit():
                    self._save(trigger)
            if trigger.function.run_on_startup or trigger.is_past_due:
                trigger.is_underway = True
                self.lane.wake(name)
        self._wake_up.set()

    async def close(self) -> None:
        """Stop; a run that did not end is past due at the next start."""
        self._wake_up.cancel()
        await self.lane.close()

    def run_now(self, name: str) -> bool:
        """Run a function out of its turn; whether it is a timer function."""
        if name in self._triggers:
            self.lane.wake(name)
        return name in self._triggers

    def next_due(self) -> datetime | None:
        """The moment of the next run; a function that runs now has none until it has ended."""
        return min((t.due for t in self._triggers.values() if not t.is_underway), default=None)

    def ring(self) -> None:
        """Run what is due by the clock."""
        now = self._clock.now()
        for name, trigger in self._triggers.items():
            if trigger.due <= now and not trigger.is_underway:
                trigger.is_underway = True
                self.lane.wake(name)

    async def _work(self, name: str) -> None:
        trigger = self._triggers[name]
        watch = log.Stopwatch()
        began = self._clock.now()
        following = trigger.schedule.next_after(began)
        info = protocol.timer_info(trigger.last, following, is_past_due=trigger.is_past_due)
        outcome = "Succeeded"
        try:
            await self._invoker.timer(trigger.function, info, self._client)
        except FunctionFailed as failure:
            outcome = f"Failed: {failure.kind}: {log.one_line(failure.message)}"
            log.LOG.error("%s\n%s", outcome, failure.details)
        trigger.last, trigger.is_past_due, trigger.is_underway = began, False, False
        trigger.due = trigger.schedule.next_after(max(self._clock.now(), began))
        with self._journal.unit():
            if trigger.is_monitored:
                self._save(trigger)
            self._journal.count(
                name,
                "",
                is_failure=outcome != "Succeeded",
                wall_us=watch.us,
                bytes_in=len(info),
                bytes_out=0,
            )
        log.execution(name, "", watch.us, outcome)
        self._wake_up.set()

    def _save(self, trigger: _Trigger) -> None:
        state = TriggerState(trigger.function.schedule, trigger.last, trigger.due, self._clock.now())
        self._journal.store.put_trigger(trigger.function.name, state)
