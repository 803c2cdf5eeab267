"""The Scout Engine: what fits a wish, best first, from the index, the catalog and the promotions of the day.

A filter that leaves nothing is let go, the dearest last, and said so: the nearest is better than an empty page. A part
that does not answer makes a poorer answer with a note, never an empty one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.discovery.bundles import BUNDLES, MADE, MADE_BUNDLES, Bundle
from shared.discovery.listing import CANDIDATES_MAX, TEXT_LENGTH_MAX, Hits, IndexQuery
from shared.discovery.listings import is_listed
from shared.discovery.partner_book import PartnerBook
from shared.discovery.partners import Partner
from shared.discovery.products import PRODUCTS, Product, partner_of
from shared.discovery.ranking import (
    PROMOTIONS,
    RANKING_ID,
    RANKINGS,
    Promotion,
    Ranked,
    RankingSettings,
    rank,
)
from shared.discovery.relax import RELAXED, looser, said, without
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.wish import LIMIT_MAX, Found, Offer, Relaxed, Wish
from shared.page_tokens import NOT_OURS, pack_token, unpack_token
from shared.ports import Embeddings, SearchIndex, Store
from shared.records import PAGE_MAX, BadPageToken, Query, Unavailable

SOURCE_SECONDS_MAX = 3.0
"""How long an answer waits for a part that it can do without."""


@dataclass(frozen=True)
class _Page:
    """Where a page begins: when the first one was asked for, what it had let go, and the last offer on it."""

    at: datetime
    relaxed: tuple[str, ...]
    score: float
    id: str


class Scout:
    """Finds offers; catch_up brings the index in step with the store."""

    def __init__(
        self,
        store: Store,
        index: SearchIndex,
        embeddings: Embeddings,
        taxonomy: Taxonomy,
        catch_up: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._index = index
        self._embeddings = embeddings
        self._taxonomy = taxonomy
        self._catch_up = catch_up
        self.partners = PartnerBook(store)

    async def refresh(self) -> None:
        """Take in what has changed; raises Unavailable."""
        await asyncio.gather(self._catch_up(), self.partners.refresh())

    async def find(self, wish: Wish, now: datetime) -> Found:
        """refresh, then search."""
        await self.refresh()
        return await self.search(wish, now)

    async def search(self, wish: Wish, now: datetime) -> Found:
        """The offers that fit, or the nearest to them; raises BadPageToken, and Unavailable where nothing answers."""
        page = _page(wish)
        at = page.at if page else now
        notes: list[str] = []
        vector = await self._vector(wish.text, notes)
        settings, promotions = await self._curation(at, self.partners.region_of(wish.near), notes)
        hits, relaxed = await self._hits(wish, vector, at, page)
        ranked = rank(hits.items, settings, promotions)
        if page:
            ranked = [one for one in ranked if (-one.score, one.hit.id) > (-page.score, page.id)]
        shown = ranked[: min(wish.limit, LIMIT_MAX)]
        offers = await self._offers(shown)
        token = _token(wish, at, relaxed, shown[-1]) if len(ranked) > len(shown) else None
        return Found(offers, token, hits.matched, self._said(relaxed, wish, offers, at), (*notes, *hits.notes))

    async def product(self, product_id: str) -> tuple[Product, Partner] | None:
        """One product that can be had, with its partner."""
        stored = await self._store.get(PRODUCTS, partner_of(product_id), product_id)
        partner = self.partners.known.get(partner_of(product_id))
        if stored is None or partner is None or not is_listed(stored.value, partner):
            return None
        return stored.value, partner

    async def bundle(self, bundle_id: str) -> tuple[Bundle, tuple[tuple[Product, Partner], ...]] | None:
        """One published bundle, curated or made to a wish, with its parts, if every one of them can be had."""
        container = MADE_BUNDLES if bundle_id.startswith(MADE) else BUNDLES
        stored = await self._store.get(container, bundle_id, bundle_id)
        if stored is None or stored.value.status != "published":
            return None
        parts = await asyncio.gather(*(self.product(part.product) for part in stored.value.parts))
        whole = tuple(part for part in parts if part is not None)
        return (stored.value, whole) if len(whole) == len(parts) else None

    async def _hits(
        self, wish: Wish, vector: Sequence[float] | None, at: datetime, page: _Page | None
    ) -> tuple[Hits, tuple[str, ...]]:
        """The hits of the wish, or of the first looser one that has any, and the fields that were let go."""
        if page:
            return await self._index.search(self._query(without(wish, page.relaxed), vector, at)), page.relaxed
        hits = await self._index.search(self._query(wish, vector, at))
        if not hits.items:
            for fields in looser(wish):
                found = await self._index.search(self._query(without(wish, fields), vector, at))
                if found.items:
                    return found, fields
        return hits, ()

    def _query(self, wish: Wish, vector: Sequence[float] | None, at: datetime) -> IndexQuery:
        minutes = None if wish.deliver_by is None else int((wish.deliver_by - at) / timedelta(minutes=1))
        below = (self._taxonomy.descendants.get(category, frozenset({category})) for category in wish.categories)
        price = wish.price_max or wish.price_min
        return IndexQuery(
            text=wish.text[:TEXT_LENGTH_MAX],
            vector=vector,
            near=wish.near,
            within_km=wish.within_km,
            price_min_minor=wish.price_min.minor if wish.price_min else None,
            price_max_minor=wish.price_max.minor if wish.price_max else None,
            currency=price.currency if price else None,
            kinds=wish.kinds,
            categories=frozenset().union(*below),
            capabilities=wish.capabilities,
            values=wish.values | wish.must,
            exclude=wish.exclude,
            region=wish.region,
            partner=wish.partner,
            without_partners=wish.without_partners,
            without_ids=wish.without_ids,
            minutes_left=minutes,
            opens_in=None if minutes is None else self.partners.opens_in(at, max(minutes, 0)),
            quantity=wish.quantity,
            party=wish.party,
            prefer=wish.prefer,
            limit=CANDIDATES_MAX,
        )

    async def _vector(self, text: str, notes: list[str]) -> Any:
        """The meaning of the text, or None."""
        if not text.strip():
            return None
        try:
            async with asyncio.timeout(SOURCE_SECONDS_MAX):
                vectors = await self._embeddings.embed([text[:TEXT_LENGTH_MAX]])
        except (Unavailable, TimeoutError):
            notes.append("The search by meaning does not answer: these were found by their words alone.")
            return None
        return vectors[0]

    async def _curation(
        self, at: datetime, region: str | None, notes: list[str]
    ) -> tuple[RankingSettings, list[Promotion]]:
        """The weights, and the promotions in force; without them where the store does not tell in time."""
        try:
            async with asyncio.timeout(SOURCE_SECONDS_MAX):
                stored = await self._store.get(RANKINGS, RANKING_ID, RANKING_ID)
                query = Query({"ends": {"gt": at}}, order="ends", limit=PAGE_MAX)
                promotions = (await self._store.query(PROMOTIONS, query)).items
        except (Unavailable, TimeoutError):
            notes.append("The promotions are not to be reached: ranked without them.")
            return RankingSettings(), []
        in_force = [one.value for one in promotions if one.value.is_in_force(at, region)]
        return stored.value if stored else RankingSettings(), in_force

    async def _offers(self, ranked: Sequence[Ranked]) -> tuple[Offer, ...]:
        """The ranked hits with their records; what is gone since the index saw it is left out."""
        found = await asyncio.gather(*(self._offer(one) for one in ranked))
        return tuple(offer for offer in found if offer is not None)

    async def _offer(self, ranked: Ranked) -> Offer | None:
        if ranked.hit.kind == "bundle":
            bundle = await self.bundle(ranked.hit.id)
            return Offer(ranked, bundle=bundle[0], parts=bundle[1]) if bundle else None
        found = await self.product(ranked.hit.id)
        return Offer(ranked, product=found[0], partner=found[1]) if found else None

    def _said(
        self, fields: tuple[str, ...], wish: Wish, offers: Sequence[Offer], at: datetime
    ) -> tuple[Relaxed, ...]:
        facts: Mapping[str, Any] = {
            "cheapest": min((offer.ranked.hit.price_minor for offer in offers), default=None),
            "nearest": min((km for offer in offers if (km := offer.ranked.hit.distance_km) is not None), default=None),
            "at": at,
        }
        return tuple(Relaxed(field, said(field, wish, facts)) for field in fields)


def _token(wish: Wish, at: datetime, relaxed: tuple[str, ...], last: Ranked) -> str:
    return pack_token([_fingerprint(wish), at.isoformat(), ",".join(relaxed), last.score, last.hit.id])


def _page(wish: Wish) -> _Page | None:
    if wish.after is None:
        return None
    fingerprint, at, relaxed, score, last = unpack_token(wish.after, 5)
    fields = tuple(filter(None, str(relaxed).split(",")))
    if fingerprint != _fingerprint(wish) or not isinstance(score, float | int) or not {*fields} <= RELAXED:
        raise BadPageToken(NOT_OURS)
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        raise BadPageToken(NOT_OURS) from None
    if moment.tzinfo is None:
        raise BadPageToken(NOT_OURS)
    return _Page(moment, fields, score, str(last))


def _fingerprint(wish: Wish) -> str:
    """What binds a token to its wish; the page's size may change on the way."""
    plain = replace(wish, after=None, limit=0)
    parts = [f"{name}={sorted(v) if isinstance(v := getattr(plain, name), frozenset) else v}" for name in vars(plain)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
