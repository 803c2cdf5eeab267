"""A store, an index with its follower, and shops to fill them with: the real parts, in a folder of the test."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.embeddings_table import TableEmbeddings
from shared.adapters.search_embedded import EmbeddedIndex
from shared.adapters.store_sqlite import SqliteStore
from shared.catalog import keep
from shared.catalog.feed import Follower
from shared.clock import SystemClock
from shared.discovery.listing import IndexQuery
from shared.discovery.manifests.products import Defaults
from shared.discovery.manifests.read import read_manifest
from shared.discovery.manifests.rows import Report
from shared.discovery.partners import PARTNERS, Partner
from shared.discovery.taxonomy import Taxonomy
from shared.records import Write

DATA = Path(__file__).parents[2] / "data"
AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
HEADER = "sku,title,price,kind,stock,category,net,colours"
ROWS = (
    "ROSES,A Dozen Red Roses,48.00,product,24,roses,30.00,red",
    "TULIPS,Twenty Yellow Tulips,36.00,product,10,tulips,22.00,yellow",
    "VASE,Tall Glass Vase,22.00,product,5,vase,12.00,",
)


class World:
    """What a test plays with."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        embeddings = TableEmbeddings(DATA / "embeddings")
        self.taxonomy = taxonomy
        self.store = SqliteStore(folder / "records.db", SystemClock())
        self.index = EmbeddedIndex(folder / "index", embeddings.dims, embeddings.name)
        self.follower = Follower(self.store, self.index, embeddings, taxonomy)

    def shop(self, name: str = "flora", **more: Any) -> Partner:
        place = {"address": "1 Main St", "point": {"lat": 30.27, "lng": -97.74}, "region": "austin"}
        facts = {
            "id": name, "name": name.title(), "kind": "florist", "place": place,
            "hours": {"time_zone": "America/Chicago", "week": {"mon": "9:00-17:00"}},
            "contact": {"channel": "email", "address": "shop@example.com"},
        }  # fmt: skip
        return Partner.model_validate({**facts, **more})

    async def put(self, partner: Partner) -> Partner:
        await self.store.apply(PARTNERS, partner.id, [Write("put", partner)])
        return partner

    async def submit(self, partner: Partner, *rows: str, is_full: bool = False, at: datetime = AT) -> Report:
        text = "\n".join((HEADER, *(rows or ROWS)))
        manifest = read_manifest(
            text.encode(), "text/csv", None, partner, defaults=Defaults(), taxonomy=self.taxonomy, at=at
        )
        return await keep.submit(self.store, partner, manifest, at, is_full=is_full)

    async def found(self, **query: Any) -> set[str]:
        """The ids that can be found now."""
        hits = await self.index.search(IndexQuery(**query))
        return {hit.id for hit in hits.items}

    async def close(self) -> None:
        await self.index.close()
        await self.store.close()


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The taxonomy of the product itself."""
    tables = {path.stem: tomllib.loads(path.read_text()) for path in (DATA / "taxonomy").glob("*.toml")}
    return Taxonomy.model_validate({name: table for name, table in tables.items() if name in Taxonomy.model_fields})


@pytest.fixture
def play(tmp_path: Path, taxonomy: Taxonomy) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Run a scenario as a process would that starts on the same files; again is another start."""

    def playing(scenario: Callable[[World], Awaitable[None]]) -> None:
        async def run() -> None:
            world = World(tmp_path, taxonomy)
            try:
                await scenario(world)
            finally:
                await world.close()

        asyncio.run(run())

    return playing
