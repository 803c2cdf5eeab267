"""The demo city, open for discovery: real store, index, embeddings."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from shared.adapters.embeddings_table import TableEmbeddings
from shared.adapters.search_embedded import EmbeddedIndex
from shared.adapters.store_sqlite import SqliteStore
from shared.catalog.city import load_city
from shared.catalog.feed import Follower
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy

DATA = Path(__file__).parents[2] / "data"
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""A Monday, 10 in the morning in Austin."""
T = TypeVar("T")


class MondayMorning:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@dataclass
class City:
    store: SqliteStore
    index: EmbeddedIndex
    embeddings: TableEmbeddings
    follower: Follower
    scout: Scout
    taxonomy: Taxonomy


def taxonomy_of_the_app() -> Taxonomy:
    files = (DATA / "taxonomy").glob("*.toml")
    return Taxonomy.model_validate({file.stem: tomllib.loads(file.read_text("utf-8")) for file in files})


def open_city(folder: Path, city: Path = DATA / "austin") -> City:
    taxonomy = taxonomy_of_the_app()
    store = SqliteStore(folder / "records.db", MondayMorning())
    embeddings = TableEmbeddings(DATA / "embeddings")
    index = EmbeddedIndex(folder / "search", embeddings.dims, embeddings.name)
    follower = Follower(store, index, embeddings, taxonomy)
    scout = Scout(store, index, embeddings, taxonomy, follower.catch_up)

    async def load() -> None:
        await load_city(city, store, taxonomy, NOW)
        await follower.catch_up()

    asyncio.run(load())
    return City(store, index, embeddings, follower, scout, taxonomy)


async def close(city: City) -> None:
    await city.index.close()
    await city.store.close()


@pytest.fixture(scope="module")
def austin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city for those who only look."""
    city = open_city(tmp_path_factory.mktemp("austin"))
    yield city
    asyncio.run(close(city))


@pytest.fixture
def own_austin(tmp_path: Path) -> Iterator[City]:
    """A city of one's own, to change things in."""
    city = open_city(tmp_path)
    yield city
    asyncio.run(close(city))


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, T]], T]:
    return asyncio.run
