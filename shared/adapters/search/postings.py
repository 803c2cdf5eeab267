"""Which rows have a term or a tag: for each key its rows in ascending order, each with a weight.

A weight is seven bits of how much a row is about the term, and one that says that its title or facts name it. The
importance of a term itself is worked out when it is asked for, so that weights never need to be made anew. BM25 over
fields after Robertson and Zaragoza 2009, https://doi.org/10.1561/1500000019, section 3.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

WEIGHT_STEPS = 127
SATURATION = 1.2
"""BM25's k1: how much less each further mention counts."""
ROW_BITS, WEIGHT_BITS = np.uint64(32), np.uint64(8)
_SEARCHED_TIMES = 12
"""Looking up a row costs about as much as passing over so many postings."""


class Postings(NamedTuple):
    """keys: ascending; starts: where each key's rows begin, one more than keys; rows; weights: one a row."""

    keys: NDArray[np.uint32]
    starts: NDArray[np.int64]
    rows: NDArray[np.uint32]
    weights: NDArray[np.uint8]

    def span(self, key: int) -> slice:
        """Where the rows of a key stand; empty where it has none."""
        at = int(np.searchsorted(self.keys, np.uint32(key)))
        if at == len(self.keys) or self.keys[at] != key:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))

    def count(self, key: int) -> int:
        """How many rows a key has, those that have been replaced among them."""
        return len(self.rows[self.span(key)])

    def rows_of(self, key: int) -> Rows:
        """The rows of a key, ascending."""
        return self.rows[self.span(key)].astype(np.int64)

    def named_rows_of(self, key: int) -> Rows:
        """The rows whose title or facts have a term, ascending."""
        span = self.span(key)
        named: Rows = self.rows[span][(self.weights[span] & 1) > 0].astype(np.int64)
        return named


def weight(mentions: float, *, is_named: bool) -> int:
    """The weight of a term in a row: mentions, each counted by its field and the field's length."""
    share = mentions / (SATURATION + mentions)
    return max(1, round(share * WEIGHT_STEPS)) << 1 | is_named


def packed(keys: NDArray[np.uint64], rows: NDArray[np.uint64], weights: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Postings as whole numbers whose order is the order of keys, then rows; keys have up to 24 bits."""
    return (keys << (ROW_BITS + WEIGHT_BITS)) | (rows << WEIGHT_BITS) | weights


def sorted_postings(numbers: NDArray[np.uint64]) -> Postings:
    """Postings from packed ones in any order."""
    numbers = np.sort(numbers)
    keys = (numbers >> (ROW_BITS + WEIGHT_BITS)).astype(np.uint32)
    firsts = np.flatnonzero(np.diff(keys, prepend=keys[:1] + np.uint32(1)))
    starts = np.append(firsts, len(keys)).astype(np.int64)
    rows = ((numbers >> WEIGHT_BITS) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return Postings(keys[firsts], starts, rows, (numbers & np.uint64(0xFF)).astype(np.uint8))


def moved(postings: Postings, to: Rows) -> NDArray[np.uint64]:
    """Packed postings with each row at its new number; to: new number by old one, below zero where it is gone."""
    keys = np.repeat(postings.keys.astype(np.uint64), np.diff(postings.starts))
    rows = to[postings.rows]
    kept = rows >= 0
    return packed(keys[kept], rows[kept].astype(np.uint64), postings.weights[kept].astype(np.uint64))


def scores(postings: Postings, asked: Sequence[tuple[int, float]], rows: Rows, rows_total: int) -> NDArray[np.float32]:
    """For each of the rows (ascending) the sum of weight times importance over the terms asked for.

    asked: terms and their importance; rows_total: how many rows the segment has.
    """
    found = np.zeros(len(rows), np.float32)
    everywhere: NDArray[np.float32] | None = None
    narrow = rows.astype(np.uint32)
    for key, importance in asked:
        span = postings.span(key)
        count = span.stop - span.start
        factor = np.float32(importance / WEIGHT_STEPS)
        if not count:
            continue
        if len(rows) * _SEARCHED_TIMES < count:
            at, is_there = _found(postings.rows[span], narrow)
            found[is_there] += (postings.weights[span][at[is_there]] >> 1) * factor
        else:
            if everywhere is None:
                everywhere = np.zeros(rows_total, np.float32)
            everywhere[postings.rows[span]] += (postings.weights[span] >> 1) * factor
    return found if everywhere is None else found + everywhere.take(rows)


def are_among(rows: Rows, chosen: Rows) -> Mask:
    """Which rows stand among the chosen ones, which are ascending."""
    return _found(chosen, rows)[1]


def _found(
    chosen: NDArray[np.uint32] | Rows, rows: NDArray[np.uint32] | Rows
) -> tuple[NDArray[np.intp], Mask]:
    if not len(chosen):
        return np.zeros(len(rows), np.intp), np.zeros(len(rows), np.bool_)
    at = np.minimum(np.searchsorted(chosen, rows), len(chosen) - 1)
    return at, chosen[at] == rows
