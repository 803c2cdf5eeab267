"""The embedded search index: immutable segments, mapped into memory, and what was written since, in memory.

A search works out which rows pass the filters, and only then compares vectors and words. A write makes a small segment
and marks what it replaces as gone; small segments are joined as they come, and, when they have grown, saved: their
files first, then a manifest that makes them count. What was not saved is written again by whoever follows the store,
from the tokens that were saved. Of several processes in one folder one saves; the others keep their own writes in
memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search import asking
from shared.adapters.search.index import Index
from shared.discovery.listing import Hits, IndexQuery, IndexTokens, Listing
from shared.records import Unavailable

_log = logging.getLogger(__name__)

INLINE_ROWS_MAX = 150_000
"""Up to here a search is over sooner than it pays to hand it to a thread."""

R = TypeVar("R")


class EmbeddedIndex:
    """Satisfies shared.ports.SearchIndex in this process, on a folder."""

    def __init__(self, folder: Path, dims: int, model: str) -> None:
        """folder: where it is kept, made at first use; dims, model: of the vectors, with others it is built anew."""
        self._folder = folder
        self._dims = dims
        self._model = model
        self._index: Index | None = None
        # One thread each, so that writes keep their order, and none waits until all is saved.
        self._writer = ThreadPoolExecutor(1, "search-write")
        self._saver = ThreadPoolExecutor(1, "search-save")
        self._save: Future[None] | None = None

    async def search(self, query: IndexQuery) -> Hits:
        """The best candidates; raises Unavailable, and ValueError for a vector that is not of the index's kind."""
        if query.vector is not None and len(query.vector) != self._dims:
            raise ValueError(f"a query's vector has {len(query.vector)} numbers; the index has {self._dims}")
        index = self._index or await self._open()
        # The snapshot before the tables: these may grow meanwhile, and then know all that it has.
        snapshot = index.snapshot
        if snapshot.rows <= INLINE_ROWS_MAX:
            return asking.search(snapshot, index.tables, index.spelling, query)
        return await asyncio.to_thread(asking.search, snapshot, index.tables, index.spelling, query)

    async def write(
        self, changed: Sequence[Listing], vectors: NDArray[np.float32], removed: Sequence[str], upto: IndexTokens
    ) -> None:
        """Put listings and take ids away, which wins where both are said; tokens are added to those that are known.
        Raises Unavailable, and ValueError for vectors that do not fit."""
        index = self._index or await self._open()
        await self._in(self._writer, lambda: index.write(changed, vectors, removed, upto))
        if index.wants_saving and (self._save is None or self._save.done()):
            self._save = self._saver.submit(_saved, index)

    async def upto(self) -> IndexTokens:
        """How far the store has been followed; nothing where the index must be built anew."""
        index = self._index or await self._open()
        return index.snapshot.tokens

    async def close(self) -> None:
        """Keep what was written, and let go of the folder; raises Unavailable where it could not be kept. Whoever asks
        again opens it again."""
        index, self._index = self._index, None
        if self._save is not None:
            await asyncio.wrap_future(self._save)
        if index is not None:
            # In the thread that opens as well, so that the folder is free before it is opened again.
            await self._in(self._writer, index.close)

    async def _open(self) -> Index:
        return await self._in(self._writer, self._opened)

    def _opened(self) -> Index:
        if self._index is None:
            self._index = Index(self._folder, self._dims, self._model)
        return self._index

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[], R]) -> R:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except OSError as error:
            raise Unavailable(f"search index: {error}") from error


def _saved(index: Index) -> None:
    """Save beside everything else; what fails is tried again with the next writes, and told on closing."""
    try:
        index.save()
    except OSError as error:
        _log.warning("The search index could not be saved: %s", error)
