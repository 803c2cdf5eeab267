"""One search: filters, then what is left of each segment against the query, then the best of all."""

from __future__ import annotations

from typing import cast

from shared.adapters.search.filters import Sieve, passing, sieve_of
from shared.adapters.search.fuzzy import Spelling
from shared.adapters.search.names import Tables
from shared.adapters.search.ranking import SIMILARITY_NEAREST, Ranked, asked_of, ranked
from shared.adapters.search.segments import Segment
from shared.adapters.search.state import Snapshot
from shared.discovery.listing import CANDIDATES_MAX, Hit, Hits, IndexQuery, ListingKind


def search(snapshot: Snapshot, tables: Tables, spelling: Spelling, query: IndexQuery) -> Hits:
    """The best candidates of a snapshot; tables may have grown since. Raises ValueError for a vector that is none."""
    limit = max(0, min(query.limit, CANDIDATES_MAX))
    sieve = sieve_of(query, tables)
    segments = [part.segment for part in snapshot.parts]
    asked = asked_of(query, tables, segments, spelling)
    matched = 0
    found: list[Hit] = []
    for part in snapshot.parts:
        rows = passing(part.segment, part.alive, sieve)
        matched += len(rows)
        if len(rows) and limit:
            found += _hits(part.segment, ranked(part.segment, rows, asked, limit), sieve, tables)
    if asked.vector is not None and not _is_to_be_had(found):
        found = []
    found.sort(key=lambda hit: (-hit.relevance, -hit.quality, hit.id))
    return Hits(tuple(found[:limit]), matched)


def _is_to_be_had(found: list[Hit]) -> bool:
    return any(hit.words > 0 or hit.similarity >= SIMILARITY_NEAREST for hit in found)


def _hits(segment: Segment, best: Ranked, sieve: Sieve, tables: Tables) -> list[Hit]:
    columns, rows = segment.columns, best.rows
    far = [None] * len(rows) if sieve.metres is None else sieve.metres[columns.place[rows]].tolist()
    values = zip(
        rows.tolist(),
        columns.kind[rows].tolist(),
        columns.partner[rows].tolist(),
        columns.category[rows].tolist(),
        best.relevance.tolist(),
        best.similarity.tolist(),
        best.words.tolist(),
        far,
        columns.price[rows].tolist(),
        columns.quality[rows].tolist(),
        columns.margin[rows].tolist(),
        strict=True,
    )
    kinds, partners, categories = tables.kinds.words, tables.partners.words, tables.categories.words
    return [
        Hit(
            segment.ids.text(row),
            cast(ListingKind, kinds[kind]),
            partners[partner],
            categories[category],
            relevance,
            similarity,
            words,
            None if metres is None or metres < 0 else metres / 1000,
            price,
            round(quality, 6),
            round(margin, 6),
        )
        for row, kind, partner, category, relevance, similarity, words, metres, price, quality, margin in values
    ]
