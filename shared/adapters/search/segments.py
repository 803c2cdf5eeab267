"""A segment: many listings as arrays that nobody changes; made from listings, or from other segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search import vectors, words
from shared.adapters.search.columns import Columns, columns_of, joined
from shared.adapters.search.ids import Ids, ids_of
from shared.adapters.search.names import Tables, capability_tag, value_tag
from shared.adapters.search.postings import Mask, Postings, Rows, moved, packed, sorted_postings, weight
from shared.adapters.search.vectors import Vectors
from shared.discovery.listing import Listing

FIELD_LENGTHS_MAX = (500, 4_000, 8_000)
"""Characters of title, facts and text that are read."""
TERMS_MAX = 600
"""Different terms of a listing that are kept."""
FIELD_WEIGHTS = (3.0, 2.0, 1.0)
FIELD_USUAL_TERMS = (5, 14, 28)
"""Constants, so that weights made at different times are alike."""
LENGTH_COUNTS = 0.5
"""BM25's b: how much a longer field makes each mention count less."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows, in the order of their categories' numbers."""

    columns: Columns
    ids: Ids
    vectors: Vectors
    tags: Postings
    terms: Postings

    def __len__(self) -> int:
        return len(self.columns.kind)

    def rows_in(self, categories: Sequence[int]) -> Rows:
        """The rows of any of some categories, ascending."""
        spans = sorted(
            (int(np.searchsorted(self.columns.category, np.uint32(one), "left")),
             int(np.searchsorted(self.columns.category, np.uint32(one), "right")))
            for one in set(categories)
        )  # fmt: skip
        return np.concatenate([np.zeros(0, np.int64), *(np.arange(first, last) for first, last in spans)])


def segment_of(listings: Sequence[Listing], given: NDArray[np.float32], tables: Tables) -> Segment:
    """A segment from listings and their vectors (n by dims, of unit length or zeros)."""
    order = sorted(range(len(listings)), key=lambda at: tables.categories.number(listings[at].category))
    listings = [listings[at] for at in order]
    turned = vectors.turned(np.asarray(given, np.float32))[order]
    return Segment(
        columns_of(listings, tables),
        ids_of([one.id.encode() for one in listings]),
        vectors.with_codes(*vectors.quantised(turned)),
        _postings(_tags(listings, tables)),
        _postings(_terms(listings, tables)),
    )


def merged(segments: Sequence[Segment], alive: Sequence[Mask]) -> tuple[Segment, list[Rows]]:
    """One segment from the living rows of several; and, for each of them, the new row of every old one, or -1."""
    kept = [np.flatnonzero(one) for one in alive]
    categories = np.concatenate([one.columns.category[rows] for one, rows in zip(segments, kept, strict=True)])
    order = np.argsort(categories, kind="stable")
    to = _moves(kept, [len(one) for one in segments], order)
    names = [one.ids.all() for one in segments]
    encoded = [names[at][row] for at, rows in enumerate(kept) for row in rows.tolist()]
    rows = np.concatenate([one.vectors.rows[rows] for one, rows in zip(segments, kept, strict=True)])[order]
    scales = np.concatenate([one.vectors.scales[rows] for one, rows in zip(segments, kept, strict=True)])[order]
    whole = Segment(
        joined([one.columns for one in segments], kept, order),
        ids_of([encoded[at] for at in order.tolist()]),
        vectors.with_codes(rows, scales),
        sorted_postings(np.concatenate([moved(one.tags, where) for one, where in zip(segments, to, strict=True)])),
        sorted_postings(np.concatenate([moved(one.terms, where) for one, where in zip(segments, to, strict=True)])),
    )
    return whole, to


def _moves(kept: Sequence[Rows], lengths: Sequence[int], order: Rows) -> list[Rows]:
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    moves = []
    first = 0
    for rows, length in zip(kept, lengths, strict=True):
        to = np.full(length, -1, np.int64)
        to[rows] = place[first : first + len(rows)]
        moves.append(to)
        first += len(rows)
    return moves


def _postings(entries: Iterator[tuple[int, int, int]]) -> Postings:
    table = np.array(list(entries), np.uint64).reshape(-1, 3)
    return sorted_postings(packed(table[:, 0], table[:, 1], table[:, 2]))


def _tags(listings: Sequence[Listing], tables: Tables) -> Iterator[tuple[int, int, int]]:
    for row, one in enumerate(listings):
        tags = {*map(capability_tag, one.capabilities), *map(value_tag, one.values)}
        yield from ((tables.tags.number(tag), row, 0) for tag in tags)


def _terms(listings: Sequence[Listing], tables: Tables) -> Iterator[tuple[int, int, int]]:
    for row, one in enumerate(listings):
        mentions: dict[str, float] = {}
        named = 0
        for number, text in enumerate((one.title, one.facts, one.text)):
            _count(mentions, words.terms(text[: FIELD_LENGTHS_MAX[number]]), number)
            named = named if number == 2 else len(mentions)
        for at, (term, count) in enumerate(mentions.items()):
            if at == TERMS_MAX:
                break
            yield tables.terms.number(term), row, weight(count, is_named=at < named)


def _count(mentions: dict[str, float], found: Sequence[str], field: int) -> None:
    longer = len(found) / FIELD_USUAL_TERMS[field]
    share = FIELD_WEIGHTS[field] / (1 - LENGTH_COUNTS + LENGTH_COUNTS * longer)
    for term in found:
        mentions[term] = mentions.get(term, 0.0) + share
