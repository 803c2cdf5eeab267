"""The hook of whoever changes a price or a stock: only who is waited for starts the watcher, once for a change."""

from __future__ import annotations

from typing import Any

from shared.adapters.store_sqlite import SqliteStore
from shared.pushing import catalog_changed, product_changed
from shared.standing.intent_book import open_subject
from shared.standing.readings import Watch
from tests.standing.worlds import FLOWERS, MONDAY
from tests.stores import run


class Client:
    def __init__(self, is_down: bool = False) -> None:
        self.started: dict[str, Any] = {}
        self.is_down = is_down

    async def get_status(self, instance_id: str) -> Any:
        if self.is_down:
            raise OSError("it is down")
        return type("Status", (), {"runtime_status": "Running" if instance_id in self.started else None})

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        assert instance_id not in self.started
        self.started[instance_id] = (orchestration_function_name, client_input)
        return instance_id


def test_who_is_not_waited_for_starts_nothing() -> None:
    async def steps(store: SqliteStore) -> None:
        client = Client()
        await open_subject(store, Watch("price", "other.thing"), MONDAY)
        await product_changed(store, client, FLOWERS, "change-1")
        await catalog_changed(store, client, "acme", "change-2")
        assert client.started == {}

    run(steps)


def test_a_change_starts_one_run_for_what_is_waited_for() -> None:
    async def steps(store: SqliteStore) -> None:
        client = Client()
        await open_subject(store, Watch("price", FLOWERS), MONDAY)
        for _ in range(2):
            await product_changed(store, client, FLOWERS, "change-1")
        assert list(client.started.values()) == [("intent_watcher", {"keys": [f"price:{FLOWERS}"]})]
        await product_changed(store, client, FLOWERS, "change-2")
        assert len(client.started) == 2

    run(steps)


def test_a_whole_catalog_in_runs_of_a_hundred() -> None:
    async def steps(store: SqliteStore) -> None:
        client = Client()
        for number in range(250):
            await open_subject(store, Watch("stock", f"acme.s{number}"), MONDAY)
        await open_subject(store, Watch("stock", "acmeister.s1"), MONDAY)
        await catalog_changed(store, client, "acme", "manifest-1")
        keys = [key for _, given in client.started.values() for key in given["keys"]]
        assert sorted(keys) == sorted(f"stock:acme.s{number}" for number in range(250))
        assert max(len(given["keys"]) for _, given in client.started.values()) <= 100

    run(steps)


def test_a_host_that_does_not_answer_is_no_fault_of_the_change() -> None:
    async def steps(store: SqliteStore) -> None:
        await open_subject(store, Watch("price", FLOWERS), MONDAY)
        await product_changed(store, Client(is_down=True), FLOWERS, "change-1")

    run(steps)
