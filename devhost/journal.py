"""The unit of work: what is written together, and what is set going only once it is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from devhost.events import Activity, Alarm, Event, Operation, Parent
from devhost.store import Store, Usage


class Journal:
    """Writes to the store and, after the commit, hands what is new to the lanes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._after: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.on_message: Callable[[str, Any], None]
        self.on_activity: Callable[[Activity], None]
        self.on_alarm: Callable[[Alarm], None]
        self.on_operation: Callable[[Operation], None]

    @contextmanager
    def unit(self) -> Iterator[Store]:
        """One transaction; nothing written inside is acted on unless all of it is committed."""
        self._after.clear()
        with self.store.transaction():
            yield self.store
        after, self._after = self._after, []
        for act, arguments in after:
            act(*arguments)

    def send(self, instance: str, execution: str | None, event: Event) -> None:
        """A message to an orchestration."""
        message = self.store.add_message(instance, execution, event)
        self._after.append((self.on_message, (instance, message)))

    def hand_out(self, instance: str, execution: str, task: int, name: str, payload: str | None, root: str) -> None:
        """An activity to run."""
        activity = self.store.add_activity(instance, execution, task, name, payload, root)
        self._after.append((self.on_activity, (activity,)))

    def set_alarm(self, alarm: Alarm) -> None:
        """A durable timer."""
        self.store.add_alarm(alarm)
        self._after.append((self.on_alarm, (alarm,)))

    def operate(self, entity: str, name: str, payload: str | None, caller: Parent | None, guid: str, root: str) -> None:
        """An operation on an entity."""
        operation = self.store.add_operation(entity, name, payload, caller, guid, root)
        self._after.append((self.on_operation, (operation,)))

    def count(self, function: str, root: str, *, is_failure: bool, wall_us: int, bytes_in: int, bytes_out: int) -> None:
        """What one execution has used, for its function and for the instance at whose root it ran."""
        figures = (1, int(is_failure), wall_us, bytes_in, bytes_out)
        self.store.add_usage(Usage("function", function, *figures))
        if root:
            self.store.add_usage(Usage("instance", root, *figures))
