"""The durable engine: what can be asked of it, and how its lanes hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from devhost import protocol
from devhost.activities import Activities
from devhost.alarms import Alarms
from devhost.entities import Entities
from devhost.events import Event, Instance, Kind, Status
from devhost.index import Trigger
from devhost.orchestrations import AlreadyActive, Orchestrations
from devhost.plant import Plant
from devhost.store import Page
from devhost.turn import Known, unknown_function
from devhost.wakeup import WakeUp

if TYPE_CHECKING:
    from devhost.index import App, Function

__all__ = ["AlreadyActive", "BadRequest", "Engine", "Gone", "NotFound", "UnknownFunction"]

INSTANCE_ID_LENGTH_MAX = 256
_NOT_IN_IDS = frozenset("/\\#?")


class BadRequest(Exception):
    """The request cannot be understood."""


class UnknownFunction(BadRequest):
    """There is no function of that name and kind."""


class NotFound(Exception):
    """There is no such instance."""


class Gone(Exception):
    """The instance has ended."""


class Engine:
    """Runs orchestrations, activities and entities; every command is committed when it returns."""

    def __init__(self, app: App, plant: Plant) -> None:
        self._clock = plant.clock
        self._journal = journal = plant.journal
        self._store = journal.store
        self.changed = plant.changed
        self._wake_up = WakeUp(plant.clock, self.next_due, self.ring)
        orchestrators = _named(app, Trigger.ORCHESTRATION)
        activities = _named(app, Trigger.ACTIVITY)
        entities = _named(app, Trigger.ENTITY)
        self._known = Known(frozenset(activities), frozenset(orchestrators), frozenset(entities))
        self._activities = Activities(plant, activities)
        self._alarms = Alarms(journal, self._activities.lane.wake, self._alarm_changed)
        self._orchestrations = Orchestrations(plant, orchestrators, self._known, self._alarms)
        self._entities = Entities(plant, entities)
        journal.on_message = self._orchestrations.receive
        journal.on_activity = self._activities.lane.wake
        journal.on_alarm = self._alarms.add
        journal.on_operation = self._entities.receive
        self._activities.on_poll = self._alarms.add_poll

    # life

    def start(self) -> None:
        """Take up everything that an earlier host left unfinished."""
        for alarm in self._store.list_alarms():
            self._alarms.add(alarm)
        for activity in self._store.list_activities():
            if activity.due:
                self._alarms.add_poll(activity)
            else:
                self._activities.lane.wake(activity)
        for operation in self._store.list_operations():
            self._entities.receive(operation)
        for instance in self._store.waiting_instances():
            self._orchestrations.lane.wake(instance)
        self._alarm_changed()

    async def close(self) -> None:
        """Stop between two commits; what is unfinished is taken up at the next start."""
        self._wake_up.cancel()
        await self._orchestrations.lane.close()
        await self._entities.lane.close()
        await self._activities.close()

    # time

    def next_due(self) -> datetime | None:
        """The moment of the next durable timer or poll."""
        return self._alarms.next_due()

    def ring(self) -> None:
        """Let go off what is due by the clock."""
        self._alarms.ring(self._clock.now())

    def _alarm_changed(self) -> None:
        """What is overdue when it is set goes off at once, whichever the clock."""
        if self._clock.is_frozen:
            self.ring()
        else:
            self._wake_up.set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits to run now."""
        return self._orchestrations.lane.is_idle and self._entities.lane.is_idle and self._activities.lane.is_idle

    def count(self, function: str, **figures: Any) -> None:
        """Meter one execution that belongs to no orchestration."""
        with self._journal.unit():
            self._journal.count(function, "", **figures)

    # orchestrations

    def start_new(
        self,
        name: str,
        payload: str | None,
        instance: str | None = None,
        version: str | None = None,
    ) -> str:
        """Start an orchestration; payload is the raw JSON of its input. Raises UnknownFunction, AlreadyActive."""
        if name.lower() not in self._known.orchestrators:
            raise UnknownFunction(unknown_function(name, "orchestrator", self._known.orchestrators))
        instance = _checked(instance) if instance else uuid4().hex
        with self._journal.unit():
            self._orchestrations.create(name, payload, instance, version, None, "")
        return instance

    def raise_event(self, instance: str, name: str, payload: str) -> None:
        """Send an event; payload is its JSON. Raises NotFound, Gone."""
        self._active(instance)
        with self._journal.unit():
            self._journal.send(instance, None, Event(Kind.RAISED, name=name, payload=payload))

    def terminate(self, instance: str, reason: str) -> None:
        """End an instance; its children go on."""
        self._steer(instance, Kind.TERMINATED, reason)

    def suspend(self, instance: str, reason: str) -> None:
        """Hold an instance and keep what comes for it."""
        self._steer(instance, Kind.SUSPENDED, reason)

    def resume(self, instance: str, reason: str) -> None:
        """Let a suspended instance go on."""
        self._steer(instance, Kind.RESUMED, reason)

    def _steer(self, instance: str, kind: Kind, reason: str) -> None:
        self._active(instance)
        with self._journal.unit():
            self._journal.send(instance, None, Event(kind, reason=reason))

    def restart(self, instance: str, *, with_new_id: bool) -> str:
        """Start an instance anew with the input it has; its id, or a new one."""
        before = self.get(instance)
        if not with_new_id and not before.status.is_over:
            raise AlreadyActive(f"Instance '{instance}' is {before.status}; only an ended one restarts under its id.")
        return self.start_new(before.name, before.input, None if with_new_id else instance, before.version)

    def purge(self, instance: str) -> None:
        """Forget an instance, its history and its meter. Raises NotFound."""
        self.get(instance)
        self._purge([instance])

    def purge_all(self, **filters: Any) -> int:
        """Forget every ended instance that the filters match; how many they were."""
        page = self._store.list_instances(**filters, limit=10**9)
        ended = [one.id for one in page.items if one.status.is_over]
        self._purge(ended)
        return len(ended)

    def _purge(self, instances: Sequence[str]) -> None:
        with self._journal.unit() as store:
            for instance in instances:
                store.delete_instance(instance)
                store.delete_usage("instance", instance)
        for instance in instances:
            self._orchestrations.forget(instance)

    def get(self, instance: str) -> Instance:
        """One instance. Raises NotFound."""
        found = self._store.get_instance(instance)
        if found is None:
            raise NotFound(f"There is no instance '{instance}'.")
        return found

    def history(self, instance: str) -> list[str]:
        """The history of an instance's present execution, as it goes over the wire."""
        return self._store.get_history(instance)

    def list(self, **filters: Any) -> Page:
        """A page of instances; the filters are those of the store."""
        return self._store.list_instances(**filters)

    def _active(self, instance: str) -> Instance:
        found = self.get(instance)
        if found.status.is_over:
            raise Gone(f"Instance '{instance}' is {found.status}.")
        return found

    # entities

    def signal(self, name: str, key: str, operation: str, payload: str | None) -> None:
        """Send an operation that nobody waits for; payload is JSON text of JSON text. Raises UnknownFunction."""
        entity = self._entity(name, key)
        with self._journal.unit():
            self._journal.operate(entity, operation, payload, None, "", "")

    def read_entity(self, name: str, key: str) -> str | None:
        """The state as JSON text, None where there is no such entity."""
        return self._store.get_entity(f"@{name.lower()}@{key}")

    def list_entities(self, name: str, limit: int, after: str | None) -> Sequence[tuple[str, str, str]]:
        """Rows of id, state, time of the last operation."""
        return self._store.list_entities(f"@{name.lower()}@" if name else "", limit, after)

    def _entity(self, name: str, key: str) -> str:
        if name.lower() not in self._known.entities:
            raise UnknownFunction(unknown_function(name, "entity", self._known.entities))
        if not key or "@" in key:
            raise BadRequest("An entity key is a non-empty text without '@'.")
        return f"@{name.lower()}@{key}"


def _named(app: App, trigger: Trigger) -> Mapping[str, Function]:
    return {f.durable_name.lower(): f for f in app.functions if f.trigger is trigger}


def _checked(instance: str) -> str:
    if len(instance) > INSTANCE_ID_LENGTH_MAX:
        raise BadRequest(f"An instance id has at most {INSTANCE_ID_LENGTH_MAX} characters.")
    if instance.startswith("@") or any(c in _NOT_IN_IDS or not c.isprintable() for c in instance):
        raise BadRequest("An instance id does not begin with '@' and has none of / \\ # ? and no control characters.")
    return instance


def input_of(body: bytes) -> str | None:
    """The raw JSON of a start request's body; BadRequest where it is no JSON."""
    if not body.strip():
        return None
    try:
        return protocol.event_text(body)
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error


def statuses_of(text: str) -> list[Status]:
    """The states named in a comma-separated filter; BadRequest names the one that does not exist."""
    names = {status.value.lower(): status for status in Status}
    # ContinuedAsNew and Canceled are states of the API that no instance rests in.
    known = [word.strip() for word in text.split(",") if word.strip().lower() not in ("", "continuedasnew", "canceled")]
    for word in known:
        if word.lower() not in names:
            raise BadRequest(f"runtimeStatus '{word}' is not one of {', '.join(s.value for s in Status)}.")
    return [names[word.lower()] for word in known]
