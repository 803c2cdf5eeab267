"""The demo city, open for discovery in this process: real store, index and embeddings in a folder for a while."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.scratch import ROOT
from shared.adapters.embeddings_table import TableEmbeddings
from shared.adapters.search_embedded import EmbeddedIndex
from shared.adapters.store_sqlite import SqliteStore
from shared.catalog.city import load_city
from shared.catalog.feed import Follower
from shared.discovery.listings import FORMAT
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy

DATA = ROOT / "data"
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
"""A Monday, 10 in the morning in Austin."""


class StandingClock:
    """It is always NOW."""

    def now(self) -> datetime:
        """NOW."""
        return NOW


@dataclass(frozen=True)
class Parts:
    """What discovery is made of, over a store in a folder."""

    store: SqliteStore
    index: EmbeddedIndex
    embeddings: TableEmbeddings
    taxonomy: Taxonomy
    follower: Follower
    scout: Scout


def taxonomy() -> Taxonomy:
    """The app's own."""
    files = (DATA / "taxonomy").glob("*.toml")
    return Taxonomy.model_validate({file.stem: tomllib.loads(file.read_text("utf-8")) for file in files})


@asynccontextmanager
async def parts(folder: Path) -> AsyncIterator[Parts]:
    """Discovery over what is, or will be, in a folder, laid out as the app's DATA_DIR; all is kept at the end."""
    words = taxonomy()
    store = SqliteStore(folder / "records.db", StandingClock())
    embeddings = TableEmbeddings(DATA / "embeddings")
    index = EmbeddedIndex(folder / "search", embeddings.dims, f"{embeddings.name}/{FORMAT}")
    follower = Follower(store, index, embeddings, words)
    try:
        yield Parts(
            store, index, embeddings, words, follower, Scout(store, index, embeddings, words, follower.catch_up)
        )
    finally:
        await index.close()
        await store.close()


@asynccontextmanager
async def demo_city() -> AsyncIterator[Parts]:
    """The demo city, loaded and indexed."""
    with tempfile.TemporaryDirectory() as folder:
        async with parts(Path(folder)) as city:
            await load_city(DATA / "austin", city.store, city.taxonomy, NOW)
            await city.follower.catch_up()
            yield city
