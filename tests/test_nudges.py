"""Nudges: a change is noted with its write and wakes its flow; what is lost is raised again, what ended forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.clock import SystemClock
from shared.nudges import NUDGE_AGAIN_SECONDS, Wakes, Watched, heard, stir, sweep
from shared.records import ChangedMeanwhile, Container, Stored, Write

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
LATER = NOW + timedelta(seconds=NUDGE_AGAIN_SECONDS)


class Thing(Watched):
    """Something that a flow watches."""

    colour: str = "red"


THINGS = Container("things", Thing, "id", indexes=("stirred_at",))
State = Enum("State", ["Running", "Completed"])


class Client:
    """A durable client whose host answers, or does not."""

    def __init__(self) -> None:
        self.raised: list[tuple[str, str]] = []
        self.is_down = False
        self.state: Any = State.Running

    async def get_status(self, instance_id: str) -> Any:
        return SimpleNamespace(runtime_status=self.state)

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        if self.is_down:
            raise Exception("nobody there")
        self.raised.append((instance_id, event_name))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "records.db", SystemClock())
    yield made
    run(made.close())


def kept(store: SqliteStore, **more: Any) -> Stored[Thing]:
    thing = Thing(id="t1", **more)
    (stored,) = run(store.apply(THINGS, "t1", [Write("put", thing)]))
    return stored  # type: ignore[no-any-return]


def there(store: SqliteStore) -> Thing:
    found = run(store.get(THINGS, "t1", "t1"))
    assert found is not None
    thing: Thing = found.value
    return thing


WAKES = Wakes(instance="flow-1", event="stirred-3")


def test_a_change_is_noted_and_its_flow_woken(store: SqliteStore) -> None:
    client, before = Client(), kept(store, wakes=WAKES)
    run(stir(store, client, THINGS, before, before.value.model_copy(update={"colour": "pink"}), NOW))
    assert (there(store).colour, there(store).stirred_at) == ("pink", NOW)
    assert client.raised == [("flow-1", "stirred-3")]


def test_nobody_listens_yet_and_nothing_is_lost(store: SqliteStore) -> None:
    client, before = Client(), kept(store)
    run(stir(store, client, THINGS, before, before.value, NOW))
    assert client.raised == []
    assert there(store).stirred_at == NOW, "whoever begins to listen reads it first"


def test_two_at_once_do_not_overwrite_each_other(store: SqliteStore) -> None:
    client, before = Client(), kept(store, wakes=WAKES)
    run(stir(store, client, THINGS, before, before.value, NOW))
    with pytest.raises(ChangedMeanwhile):
        run(stir(store, client, THINGS, before, before.value, NOW))


def test_what_was_lost_is_raised_again_until_it_is_heard(store: SqliteStore) -> None:
    client, before = Client(), kept(store, wakes=WAKES)
    client.is_down = True
    run(stir(store, client, THINGS, before, before.value, NOW))
    client.is_down = False
    assert run(sweep(store, client, THINGS, NOW)) == 0, "not at once"
    assert run(sweep(store, client, THINGS, LATER)) == 1
    assert run(sweep(store, client, THINGS, LATER)) == 1
    assert client.raised == [("flow-1", "stirred-3")] * 2
    stored = run(store.get(THINGS, "t1", "t1"))
    after = heard(stored.value, Wakes(instance="flow-1", event="stirred-4"))
    run(store.apply(THINGS, "t1", [Write("replace", after, stored.etag)]))
    assert run(sweep(store, client, THINGS, LATER)) == 0


def test_a_flow_that_has_ended_is_not_called_for_ever(store: SqliteStore) -> None:
    client = Client()
    kept(store, wakes=WAKES, stirred_at=NOW)
    client.state = State.Completed
    assert run(sweep(store, client, THINGS, LATER)) == 1
    assert client.raised == []
    assert there(store).stirred_at is None
