"""Vectors in little room: whole numbers of eight bits with a factor a row, and a bit a dimension to look through many.

Vectors are turned before they are kept: a turn changes no angle, but spreads what a vector says evenly over its
dimensions, so that eight bits lose little, and one bit still tells near from far. The turn is a randomised Hadamard
transform, done twice (Ailon and Chazelle 2009, https://doi.org/10.1137/060673096), the same on every machine.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search.postings import Rows

Floats = NDArray[np.float32]

STEPS = 127
COMPARED_ROWS_MAX = 4_096
"""So many rows are compared in full; of more, those that are nearest by their bits. A segment with no more has none."""
WHOLE_SHARE = 0.3
"""From this share of a segment on, reading all bits is quicker than picking rows."""
_BLOCK = 512
_BLOCK_LARGE = 16_384
_SAMPLE_ROWS = 65_536
_WORD_BITS = 64


class Vectors(NamedTuple):
    """rows: eight-bit numbers (n by dims); scales: what each row is multiplied by; centre: the mean row (dims);
    codes: a bit a dimension, above the centre or not (words by n), or nothing for few rows."""

    rows: NDArray[np.int8]
    scales: Floats
    centre: Floats
    codes: NDArray[np.uint64]


def turned(vectors: Floats) -> Floats:
    """Vectors (n by dims) as they are kept and compared."""
    return vectors @ _turn(vectors.shape[1])


def quantised(vectors: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Turned vectors (n by dims) as eight-bit rows and their scales; zeros stay zeros."""
    scales = (np.abs(vectors).max(axis=1, initial=0) / STEPS).astype(np.float32)
    rows = np.rint(vectors / np.where(scales > 0, scales, 1)[:, np.newaxis])
    return rows.astype(np.int8), scales


def with_codes(rows: NDArray[np.int8], scales: Floats) -> Vectors:
    """Rows with the bits to look through them, where they are many."""
    count, dims = rows.shape
    centre = np.zeros(dims, np.float32)
    words = -(-dims // _WORD_BITS)
    if count <= COMPARED_ROWS_MAX:
        return Vectors(rows, scales, centre, np.zeros((words, 0), np.uint64))
    sample = slice(None, None, max(1, count // _SAMPLE_ROWS))
    chosen = scales[sample]
    for first in range(0, len(chosen), _BLOCK_LARGE):
        block = slice(first, first + _BLOCK_LARGE)
        centre += chosen[block] @ rows[sample][block].astype(np.float32)
    centre /= np.float32(len(chosen))
    codes = np.zeros((words, count), np.uint64)
    for first in range(0, count, _BLOCK_LARGE):
        block = slice(first, first + _BLOCK_LARGE)
        codes[:, block] = _bits(rows[block].astype(np.float32) * scales[block, np.newaxis] > centre).T
    return Vectors(rows, scales, centre, codes)


def similarities(vectors: Vectors, query: Floats, rows: Rows) -> Floats:
    """The cosine of a turned query of unit length with each of the rows."""
    found = np.empty(len(rows), np.float32)
    for first in range(0, len(rows), _BLOCK):
        chosen = rows[first : first + _BLOCK]
        found[first : first + _BLOCK] = vectors.rows.take(chosen, axis=0).astype(np.float32) @ query
    return found * vectors.scales.take(rows)


def nearest(vectors: Vectors, query: Floats, rows: Rows) -> NDArray[np.intp]:
    """Where in rows, which are more, the COMPARED_ROWS_MAX stand that are nearest to a turned query by their bits."""
    wanted = _bits((query > vectors.centre)[np.newaxis])[0]
    total = vectors.codes.shape[1]
    is_whole = len(rows) > total * WHOLE_SHARE
    apart = np.zeros(total if is_whole else len(rows), np.uint16)
    for code, bits in zip(vectors.codes, wanted, strict=True):
        apart += np.bitwise_count((code if is_whole else code.take(rows)) ^ bits)
    if is_whole and len(rows) < total:
        apart = apart.take(rows)
    limit = np.partition(apart, COMPARED_ROWS_MAX)[COMPARED_ROWS_MAX]
    surely = np.flatnonzero(apart < limit)
    perhaps = np.flatnonzero(apart == limit)[: COMPARED_ROWS_MAX - len(surely)]
    return np.concatenate([surely, perhaps])


def _bits(above: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A bit a dimension (n by dims), as whole numbers (n by words)."""
    packed = np.packbits(above, axis=1)
    room = -packed.shape[1] % 8
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, room)))).view(np.uint64)


@cache
def _turn(dims: int) -> Floats:
    """The matrix that turns (dims by dims), orthogonal."""
    size = dims & -dims
    hadamard = np.ones((1, 1), np.float32)
    while len(hadamard) < size:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    block = np.kron(np.eye(dims // size, dtype=np.float32), hadamard / np.float32(np.sqrt(size)))
    bits = np.unpackbits(np.frombuffer(hashlib.shake_256(b"turn").digest(-(-dims // 4)), np.uint8))
    signs = 1 - 2 * bits[: 2 * dims].astype(np.float32)
    turn: Floats = np.ascontiguousarray((signs[:dims, np.newaxis] * block * signs[dims:]) @ block)
    return turn
