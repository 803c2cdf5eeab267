"""The follower that keeps the search index a copy of the store, by the store's own feed of changes.

Each page of changes is written to the index together with the token up to which it follows: wherever it is interrupted,
it goes on from there, and doing a page twice does no harm. A partner's change lists its products anew, a product's the
bundles that hold it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from shared.discovery.bundles import BUNDLES, Bundle
from shared.discovery.listing import CANDIDATES_MAX, IndexQuery, Listing
from shared.discovery.listings import is_listed, listing_of, listing_of_bundle, text_of
from shared.discovery.partners import PARTNERS, Partner
from shared.discovery.products import PRODUCTS, Product, partner_of
from shared.discovery.taxonomy import Taxonomy
from shared.ports import Embeddings, SearchIndex, Store
from shared.records import PAGE_MAX, BadPageToken, Changes, Container, D, Query, Unavailable

BATCH = 200
"""Listings that are embedded and written in one go."""
CLEARINGS_MAX = 20_000
TURN_SECONDS_MAX = 60.0
TURN_POLL_SECONDS = 0.002


@dataclass
class _Run:
    """One run: the tokens as the index has them, and the partners and parts of bundles seen so far, as they are now.

    What changes after it was read here has a later place in the feed, and so its turn in the next run.
    """

    tokens: dict[str, str]
    partners: dict[str, Partner | None] = field(default_factory=dict)
    parts: dict[str, Product | None] = field(default_factory=dict)
    count: int = 0


class Follower:
    """Follows the store into the index; one at a time in this process, from whichever thread and event loop."""

    def __init__(self, store: Store, index: SearchIndex, embeddings: Embeddings, taxonomy: Taxonomy) -> None:
        self._store = store
        self._index = index
        self._embeddings = embeddings
        self._taxonomy = taxonomy
        self._busy = Lock()
        self._begun = 0
        self._ended = 0

    async def catch_up(self) -> int:
        """Bring the index up to what the store has now; how many listings were written or taken away.

        Raises Unavailable where store, index or embeddings do, or others take more than TURN_SECONDS_MAX.
        """
        needed = self._begun + 1
        async with self._turn():
            if self._ended >= needed:
                return 0  # somebody began after we were called, and is done: all that we want seen was seen
            self._begun += 1
            number = self._begun
            count = await self._follow()
            self._ended = number
            return count

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One after the other. A lock of asyncio belongs to one loop, and waiting in threads could use them all up."""
        until = monotonic() + TURN_SECONDS_MAX
        while not self._busy.acquire(blocking=False):
            if monotonic() > until:
                raise Unavailable("the search index is busy with following the store", TURN_SECONDS_MAX)
            await asyncio.sleep(TURN_POLL_SECONDS)
        try:
            yield
        finally:
            self._busy.release()

    async def _follow(self) -> int:
        try:
            return await self._run(_Run(dict(await self._index.upto())))
        except BadPageToken:
            # The index has followed another store, of which nothing may stay.
            await self._clear()
            return await self._run(_Run({}))

    async def _clear(self) -> None:
        tokens = await self._index.upto()
        for _ in range(CLEARINGS_MAX):
            hits = await self._index.search(IndexQuery(quantity=0, limit=CANDIDATES_MAX))
            if not hits.items:
                return
            await self._index.write([], await self._embeddings.embed([]), [hit.id for hit in hits.items], tokens)
        raise Unavailable("the search index of another store cannot be emptied")

    async def _run(self, run: _Run) -> int:
        while (partners := await self._changes(PARTNERS, run)).items:
            await self._partners(run, partners)
        while (products := await self._changes(PRODUCTS, run)).items:
            await self._products(run, products)
        while (bundles := await self._changes(BUNDLES, run)).items:
            listings = await self._bundles(run, _values(bundles))
            await self._write(run, listings, {**run.tokens, BUNDLES.name: bundles.token})
        return run.count

    async def _changes(self, container: Container[D], run: _Run) -> Changes[D]:
        return await self._store.changes(container, run.tokens.get(container.name), PAGE_MAX)

    async def _partners(self, run: _Run, page: Changes[Partner]) -> None:
        run.partners.update((partner.id, partner) for partner in _values(page))
        if PRODUCTS.name in run.tokens:  # else all products come anyway
            for partner in _values(page):
                async for products in self._pages(PRODUCTS, {}, partner.id):
                    await self._write(run, await self._listings(run, products), run.tokens)
        holding = await self._holding(run, partners={partner.id for partner in _values(page)})
        await self._write(run, await self._bundles(run, holding), {**run.tokens, PARTNERS.name: page.token})

    async def _products(self, run: _Run, page: Changes[Product]) -> None:
        products = _values(page)
        run.parts.update((product.id, product) for product in products if product.id in run.parts)
        holding = await self._holding(run, products={product.id for product in products})
        listings = {**await self._listings(run, products), **await self._bundles(run, holding)}
        await self._write(run, listings, {**run.tokens, PRODUCTS.name: page.token})

    async def _listings(self, run: _Run, products: Iterable[Product]) -> dict[str, Listing | None]:
        """Product id → its listing, None where customers may not find it."""
        found: dict[str, Listing | None] = {}
        for product in products:
            partner = await self._partner(run, product.partner)
            is_there = partner is not None and is_listed(product, partner)
            found[product.id] = listing_of(product, partner, self._taxonomy) if partner and is_there else None
        return found

    async def _bundles(self, run: _Run, bundles: Iterable[Bundle]) -> dict[str, Listing | None]:
        """Bundle id → its listing, None where it cannot be had."""
        found: dict[str, Listing | None] = {}
        for bundle in bundles:
            parts = {part.product: await self._part(run, part.product) for part in bundle.parts}
            there = {name: product for name, product in parts.items() if product}
            partners = {product.partner: await self._partner(run, product.partner) for product in there.values()}
            known = {name: partner for name, partner in partners.items() if partner}
            found[bundle.id] = listing_of_bundle(bundle, there, known, self._taxonomy)
        return found

    async def _holding(self, run: _Run, partners: Collection[str] = (), products: Collection[str] = ()) -> list[Bundle]:
        """The published bundles that have a part of these; none before the bundles themselves were listed."""
        if BUNDLES.name not in run.tokens:
            return []
        found: list[Bundle] = []
        async for page in self._pages(BUNDLES, {"status": "published"}, None):
            for bundle in page:
                names = {part.product for part in bundle.parts}
                if names.intersection(products) or {partner_of(name) for name in names}.intersection(partners):
                    found.append(bundle)
        return found

    async def _pages(
        self, container: Container[D], where: Mapping[str, str], partition: str | None
    ) -> AsyncIterator[list[D]]:
        after: str | None = None
        while True:
            page = await self._store.query(container, Query(where, partition, None, PAGE_MAX, after))
            yield [stored.value for stored in page.items]
            after = page.next
            if after is None:
                return

    async def _partner(self, run: _Run, name: str) -> Partner | None:
        if name not in run.partners:
            stored = await self._store.get(PARTNERS, name, name)
            run.partners[name] = stored.value if stored else None
        return run.partners[name]

    async def _part(self, run: _Run, name: str) -> Product | None:
        if name not in run.parts:
            stored = await self._store.get(PRODUCTS, partner_of(name), name)
            run.parts[name] = stored.value if stored else None
        return run.parts[name]

    async def _write(self, run: _Run, listings: Mapping[str, Listing | None], tokens: dict[str, str]) -> None:
        """Write listings to the index, take away those that are None; with the last of them the tokens move on."""
        changed = [listing for listing in listings.values() if listing]
        removed = [name for name, listing in listings.items() if not listing]
        for first in range(0, max(1, len(changed)), BATCH):
            batch = changed[first : first + BATCH]
            is_last = first + BATCH >= len(changed)
            vectors = await self._embeddings.embed([text_of(listing) for listing in batch])
            await self._index.write(batch, vectors, removed if is_last else [], tokens if is_last else run.tokens)
        run.tokens = tokens
        run.count += len(listings)


def _values(page: Changes[D]) -> list[D]:
    return [stored.value for stored in page.items]
