"""What happens once before the first customer of a process is served: the city is loaded, the index brought up."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread

from shared.catalog.city import CityProblems, load_city
from shared.catalog.feed import Follower
from shared.discovery.products import PRODUCTS
from shared.discovery.taxonomy import Taxonomy
from shared.ports import Clock, Store
from shared.records import PAGE_MAX

NAMES_MAX = 20_000
"""Titles that the words of the catalog are learnt from; more would teach little."""
_log = logging.getLogger("app")


class Opening:
    """Opens the catalog, once, in a thread of its own; whoever asks waits for it. After a failure it is tried again."""

    def __init__(self, city: Path | None, store: Store, taxonomy: Taxonomy, follower: Follower, clock: Clock) -> None:
        """city: the folder to load, or None for a store that fills by itself."""
        self._city = city
        self._store = store
        self._taxonomy = taxonomy
        self._follower = follower
        self._clock = clock
        self._lock = Lock()
        self._opened: Future[tuple[str, ...]] | None = None

    async def names(self) -> tuple[str, ...]:
        """The titles of the catalog, when all is open; raises Unavailable."""
        with self._lock:
            if self._opened is None or (self._opened.done() and self._opened.exception()):
                self._opened = Future()
                Thread(target=self._run, args=(self._opened,), name="opening", daemon=True).start()
            opened = self._opened
        return await asyncio.shield(asyncio.wrap_future(opened))

    def _run(self, opened: Future[tuple[str, ...]]) -> None:
        try:
            opened.set_result(asyncio.run(self._open()))
        except Exception as error:  # noqa: BLE001  whoever waits is told
            opened.set_exception(error)

    async def _open(self) -> tuple[str, ...]:
        if self._city is not None:
            try:
                report = await load_city(self._city, self._store, self._taxonomy, self._clock.now())
            except CityProblems as problems:
                _log.error("the city is not loaded, for its files have faults:\n%s", problems)
            else:
                _log.info("city: %s partners, %s offers, %s written", report.partners, report.products, report.written)
        await self._follower.catch_up()
        return await self._titles()

    async def _titles(self) -> tuple[str, ...]:
        titles: dict[str, None] = {}
        token: str | None = None
        while len(titles) < NAMES_MAX:
            changes = await self._store.changes(PRODUCTS, token, PAGE_MAX)
            titles.update((stored.value.title, None) for stored in changes.items)
            token = changes.token
            if len(changes.items) < PAGE_MAX:
                break
        return tuple(titles)
