"""Timer triggers: run on their schedule, one run at a time each, a missed one caught up once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from devhost import log, protocol
from devhost.clock import seconds_between
from devhost.invoke import FunctionFailed
from devhost.lanes import Lane
from devhost.plant import Plant
from devhost.schedule import Schedule
from devhost.store import TriggerState

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


class TimerTriggers:
    """The app's timer functions; a monitored one's next run is stored, and moves on only when a run has ended."""

    def __init__(self, plant: Plant, functions: Iterable[Function], time_zone: str | None) -> None:
        self._journal = plant.journal
        self._invoker = plant.invoker
        self._clock = plant.clock
        self._client = plant.client
        self._ringing: asyncio.TimerHandle | None = None
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
                self.lane.wake(name)
        self._arm()

    async def close(self) -> None:
        """Stop; a run that did not end is past due at the next start."""
        if self._ringing:
            self._ringing.cancel()
        await self.lane.close()

    def run_now(self, name: str) -> bool:
        """Run a function out of its turn; whether it is a timer function."""
        if name in self._triggers:
            self.lane.wake(name)
        return name in self._triggers

    def next_due(self) -> datetime | None:
        """The moment of the next run."""
        return min((t.due for t in self._triggers.values()), default=None)

    def ring(self) -> None:
        """Run what is due by the clock."""
        now = self._clock.now()
        for name, trigger in self._triggers.items():
            if trigger.due <= now:
                self.lane.wake(name)

    def _arm(self) -> None:
        if self._clock.is_frozen:
            return
        if self._ringing:
            self._ringing.cancel()
        due = self.next_due()
        if due is not None:
            delay = min(seconds_between(self._clock.now(), due), 3600.0)
            self._ringing = asyncio.get_running_loop().call_later(delay, self._ring_and_arm)

    def _ring_and_arm(self) -> None:
        self._ringing = None
        self.ring()
        self._arm()

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
        trigger.last, trigger.is_past_due = began, False
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
        self._arm()

    def _save(self, trigger: _Trigger) -> None:
        state = TriggerState(trigger.function.schedule, trigger.last, trigger.due, self._clock.now())
        self._journal.store.put_trigger(trigger.function.name, state)
