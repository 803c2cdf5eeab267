"""How well a listing answers: from its vector and its words to one number that can be compared between queries.

    meaning   = (similarity - SIMILARITY_LOW) / (SIMILARITY_HIGH - SIMILARITY_LOW), within 0 and 1
    words     = BM25 / the BM25 of a listing whose title has every word of the query once, at most 1
    relevance = (meaning + WORDS_SHARE * words) / (1 + WORDS_SHARE); meaning or words alone where the other is missing

The vector leads, since more weight lets words drag a good ranking down; where values are preferred, they make up
PREFERRED_SHARE of the relevance. What shares no word with the query and lies below SIMILARITY_FLOOR is no answer; and
where no listing shares a word, nor one comes as near as SIMILARITY_NEAREST, what is wanted is not to be had here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search import vectors, words
from shared.adapters.search.fuzzy import Spelling
from shared.adapters.search.names import Names, Tables, value_tag
from shared.adapters.search.postings import Rows, are_among, scores
from shared.adapters.search.segments import Segment
from shared.adapters.search.vectors import Floats
from shared.discovery.listing import TEXT_LENGTH_MAX, IndexQuery

SIMILARITY_LOW = 0.10
SIMILARITY_HIGH = 1.0
SIMILARITY_FLOOR = 0.25
SIMILARITY_NEAREST = 0.32
"""Submarines, mortgages and dental implants stay below it in the demo city; the graded wishes lose nothing by it."""
WORDS_SHARE = 0.4
"""From 0.3 to 1 the nDCG@10 of the wishes in bench/graded.toml lies between 0.58 and 0.60; paraphrases alone want
less, misspelt ones more. Chosen on that set, as the two above: what it says of them is no independent figure."""
WORDS_FULL = 0.75
"""The weight of a term that a title of usual length has once, and the facts repeat."""
PREFERRED_SHARE = 0.10
MEANT_SHARE = 0.6
"""What a term counts that stands for a misspelt word, for each slip."""
MEANT_MAX = 3
TERMS_MAX = 24
WORDS_ROWS_MAX = 512
"""Rows that come in by their words, besides those that are near by their vectors."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What rows are held against. vector: turned, or None; terms: numbers and importance; full: the BM25 that counts as
    one; preferred: tags; is_open: nothing is asked, all are equally good."""

    vector: Floats | None
    terms: list[tuple[int, float]]
    full: float
    preferred: list[int]
    preferred_count: int
    is_open: bool


class Ranked(NamedTuple):
    """The best rows of a segment, with what was found of each."""

    rows: Rows
    relevance: Floats
    similarity: Floats
    words: Floats


def asked_of(query: IndexQuery, tables: Tables, segments: Sequence[Segment], spelling: Spelling) -> Asked:
    """What a query asks, in the numbers of the tables. ValueError for a vector that is not finite."""
    vector = None if query.vector is None else np.asarray(query.vector, np.float32)
    if vector is not None and not np.isfinite(vector).all():
        raise ValueError("a query's vector has a number that is none")
    if vector is not None:
        length = float(np.linalg.norm(vector))
        vector = vectors.turned(vector[np.newaxis] / np.float32(length))[0] if length > 0 else None
    weighed = _Weighing(tables.terms, segments, spelling)
    unique = list(dict.fromkeys(words.terms(query.text[:TEXT_LENGTH_MAX])))[:TERMS_MAX]
    terms = [entry for term in unique for entry in weighed.entries(term)]
    tags = [tables.tags.find(value_tag(value)) for value in query.prefer]
    return Asked(
        vector,
        [(number, importance * share) for number, importance, share in terms],
        WORDS_FULL * sum(importance for _, importance, _ in terms),
        [tag for tag in tags if tag is not None],
        len(query.prefer),
        vector is None and not query.text.strip(),
    )


def ranked(segment: Segment, rows: Rows, asked: Asked, limit: int) -> Ranked:
    """The best of some rows (ascending), at most limit; those that do not answer at all are left out."""
    if asked.is_open:
        return _best(segment, rows, np.ones(len(rows), np.float32), np.zeros((2, len(rows)), np.float32), asked, limit)
    found = _words(segment, rows, asked)
    candidates = _candidates(segment, rows, found, asked)
    rows, found = rows[candidates], found[candidates]
    similarity = np.zeros(len(rows), np.float32)
    relevance = found
    if asked.vector is not None:
        similarity = np.minimum(vectors.similarities(segment.vectors, asked.vector, rows), np.float32(1))
        is_answer = (found > 0) | (similarity >= SIMILARITY_FLOOR)
        rows, found, similarity = rows[is_answer], found[is_answer], similarity[is_answer]
        relevance = _fused(similarity, found, has_words=bool(asked.terms))
    return _best(segment, rows, relevance, np.stack([similarity, found]), asked, limit)


def _candidates(segment: Segment, rows: Rows, found: Floats, asked: Asked) -> NDArray[np.intp]:
    """Where in rows those stand that are worth comparing in full, ascending."""
    if asked.vector is None:
        return np.flatnonzero(found > 0)
    if len(rows) <= vectors.COMPARED_ROWS_MAX:
        return np.arange(len(rows))
    is_candidate = np.zeros(len(rows), np.bool_)
    is_candidate[vectors.nearest(segment.vectors, asked.vector, rows)] = True
    by_words = np.flatnonzero(found > 0)
    is_candidate[by_words[best([-found[by_words]], WORDS_ROWS_MAX)]] = True
    return np.flatnonzero(is_candidate)


def best(keys: Sequence[NDArray[Any]], count: int) -> NDArray[np.intp]:
    """Where the smallest stand, at most count, in no order; the next key decides where those before it are equal."""
    pool = np.arange(len(keys[0]))
    sure = []
    for key in keys:
        if len(pool) <= count or not count:
            break
        values = key[pool]
        limit = np.partition(values, count - 1)[count - 1]
        sure.append(pool[values < limit])
        count -= len(sure[-1])
        pool = pool[values == limit]
    return np.concatenate([*sure, pool[:count]])


class _Weighing:
    """How much each term of a query counts: by how few listings have it (the idf of BM25)."""

    def __init__(self, terms: Names, segments: Sequence[Segment], spelling: Spelling) -> None:
        self._terms, self._segments, self._spelling = terms, segments, spelling
        self._total = sum(map(len, segments))

    def entries(self, term: str) -> Iterator[tuple[int, float, float]]:
        """Number, importance and share of a term, or of those that were meant by a misspelt one."""
        number = self._terms.find(term)
        having = 0 if number is None else self._having(number)
        if number is not None and having:
            yield number, self._importance(having), 1.0
            return
        meant = [(one, slips, self._having(one)) for one, slips in self._spelling.meant(term)]
        meant = [one for one in meant if one[2]]
        closest = [one for one in meant if one[1] == meant[0][1]]
        if closest:
            chosen = sorted(closest, key=lambda one: -one[2])[:MEANT_MAX]
            full = sum(self._importance(having) for *_, having in chosen)
            for one, slips, having in chosen:
                yield one, self._importance(having) ** 2 / full, MEANT_SHARE**slips

    def _having(self, number: int) -> int:
        return sum(segment.terms.count(number) for segment in self._segments)

    def _importance(self, having: int) -> float:
        return math.log(1 + (self._total - having + 0.5) / (having + 0.5))


def _words(segment: Segment, rows: Rows, asked: Asked) -> Floats:
    if not asked.terms:
        return np.zeros(len(rows), np.float32)
    found = scores(segment.terms, asked.terms, rows, len(segment))
    shares: Floats = np.minimum(found / np.float32(asked.full), np.float32(1))
    return shares


def _fused(similarity: Floats, found: Floats, *, has_words: bool) -> Floats:
    meaning = np.clip((similarity - SIMILARITY_LOW) / (SIMILARITY_HIGH - SIMILARITY_LOW), 0, 1).astype(np.float32)
    fused: Floats = (meaning + np.float32(WORDS_SHARE) * found) / np.float32(1 + WORDS_SHARE)
    return fused if has_words else meaning


def _best(
    segment: Segment, rows: Rows, relevance: Floats, details: Floats, asked: Asked, limit: int
) -> Ranked:
    if asked.preferred_count:
        having = np.zeros(len(rows), np.float32)
        for tag in asked.preferred:
            having += are_among(rows, segment.tags.rows_of(tag))
        share = np.minimum(having / asked.preferred_count, 1)
        relevance = (relevance * (1 - PREFERRED_SHARE) + PREFERRED_SHARE * share).astype(np.float32)
    chosen = best([-relevance, -segment.columns.quality[rows], segment.ids.rank[rows]], limit)
    return Ranked(rows[chosen], relevance[chosen], details[0][chosen], details[1][chosen])
