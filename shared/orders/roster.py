"""Gig workers and hubs in memory, kept in step with the store by its change feed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Generic

from shared.logistics.hubs import HUBS, Hub
from shared.people.workers import WORKERS, Worker
from shared.ports import Store
from shared.records import PAGE_MAX, Container, D


class Book(Generic[D]):
    """All records of one container; safe to use from several threads and event loops."""

    def __init__(self, store: Store, container: Container[D]) -> None:
        self._store = store
        self._container = container
        self._lock = threading.Lock()
        self._token: str | None = None
        self._records: Mapping[str, D] = {}

    async def refresh(self) -> Mapping[str, D]:
        """Read what has changed; the records as they are now, by id."""
        while True:
            since = self._token
            changes = await self._store.changes(self._container, since, PAGE_MAX)
            with self._lock:
                if since == self._token:  # else another thread was quicker: what it has read is as good
                    self._token = changes.token
                    self._records = {**self._records, **{one.value.id: one.value for one in changes.items}}
            if len(changes.items) < PAGE_MAX:
                return self._records


class Roster:
    """Who can be asked to bring and to put together."""

    def __init__(self, store: Store) -> None:
        self._workers: Book[Worker] = Book(store, WORKERS)
        self._hubs: Book[Hub] = Book(store, HUBS)

    async def now(self) -> tuple[Mapping[str, Worker], Mapping[str, Hub]]:
        """Workers and hubs as they are now, by id."""
        workers, hubs = await asyncio.gather(self._workers.refresh(), self._hubs.refresh())
        return workers, hubs
