"""What is due later: durable timers and polls, in the order of their time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from devhost.events import Activity, Alarm, Event, Kind
from devhost.journal import Journal


class Alarms:
    """A heap over the stored timers; a cancelled one stays in it until its time and then rings for nobody."""

    def __init__(self, journal: Journal, poll: Callable[[Activity], None], changed: Callable[[], None]) -> None:
        self._journal = journal
        self._poll = poll
        self._changed = changed
        self._heap: list[tuple[datetime, int, Alarm | Activity]] = []
        self._order = itertools.count()
        self._dropped: set[tuple[str, str, int]] = set()

    def add(self, alarm: Alarm) -> None:
        """Set a durable timer."""
        self._push(alarm.fire_at, alarm)

    def add_poll(self, activity: Activity) -> None:
        """Set when an activity is to be looked at again."""
        assert activity.due is not None
        self._push(activity.due, activity)

    def _push(self, due: datetime, item: Alarm | Activity) -> None:
        heapq.heappush(self._heap, (due, next(self._order), item))
        if self._heap[0][2] is item:
            self._changed()

    def drop(self, instance: str, execution: str, task: int) -> None:
        """Take a durable timer back."""
        if self._journal.store.delete_alarm(instance, execution, task):
            self._dropped.add((instance, execution, task))

    def next_due(self) -> datetime | None:
        """The time of the next alarm that somebody waits for."""
        while self._heap and self._is_dropped(self._heap[0][2]):
            self._forget(heapq.heappop(self._heap)[2])
        return self._heap[0][0] if self._heap else None

    def ring(self, now: datetime) -> None:
        """Let go off whatever is due."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        timers = [item for item in due if isinstance(item, Alarm) and not self._forget(item)]
        if timers:
            with self._journal.unit() as store:
                for alarm in timers:
                    if store.delete_alarm(alarm.instance, alarm.execution, alarm.task):
                        self._fire(alarm)
        for item in due:
            if isinstance(item, Activity):
                self._poll(item)

    def _fire(self, alarm: Alarm) -> None:
        event = Event(Kind.TIMER_FIRED, task=alarm.task, fire_at=alarm.fire_at)
        self._journal.send(alarm.instance, alarm.execution, event)

    def _is_dropped(self, item: Alarm | Activity) -> bool:
        return isinstance(item, Alarm) and (item.instance, item.execution, item.task) in self._dropped

    def _forget(self, item: Alarm | Activity) -> bool:
        """Whether the item had been dropped."""
        if not isinstance(item, Alarm) or not self._is_dropped(item):
            return False
        self._dropped.discard((item.instance, item.execution, item.task))
        return True
