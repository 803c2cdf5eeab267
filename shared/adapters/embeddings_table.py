"""Embeddings from a table: a text's vector is the sum of its pieces' vectors; no key, no model, no network.

The table and how it was made stand in data/embeddings.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.adapters.word_pieces import WordPieces

FORMAT = 1
DIMS = 256
FILES = ("vectors.npy", "scales.npy", "vocabulary.txt")
TEXTS_AT_ONCE_MAX = 1024
"""Texts summed in one go, which bounds the memory of a long list."""
TEXTS_INLINE_MAX = 16
"""More are worked out beside the event loop."""


class Table(NamedTuple):
    """A vector of small whole numbers for each piece (pieces by DIMS), what a row is multiplied by, and the pieces."""

    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]
    pieces: WordPieces


class TableEmbeddings:
    """Satisfies shared.ports.Embeddings on the table in a folder, which is read at the first use."""

    dims = DIMS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = Lock()

    @cached_property
    def name(self) -> str:
        """Which table it is: vectors of tables with different names cannot be compared."""
        digest = hashlib.sha256()
        for name in FILES:
            digest.update((self._folder / name).read_bytes())
        return f"table-{FORMAT}-{digest.hexdigest()[:8]}"

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text (texts by DIMS), unit length; zeros for a text without any known piece."""
        if len(texts) <= TEXTS_INLINE_MAX:
            return self._embed(texts)
        return await asyncio.to_thread(self._embed, texts)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        table = self._table
        rows = np.zeros((len(texts), DIMS), np.float32)
        for first in range(0, len(texts), TEXTS_AT_ONCE_MAX):
            chosen = texts[first : first + TEXTS_AT_ONCE_MAX]
            _sum_into(rows[first : first + len(chosen)], table, [table.pieces.tokens(text) for text in chosen])
        return rows

    @property
    def _table(self) -> Table:
        with self._reading:
            return self._read

    @cached_property
    def _read(self) -> Table:
        vectors, scales, vocabulary = (self._folder / name for name in FILES)
        pieces = vocabulary.read_text(encoding="utf-8").split()
        numbers = {piece: number for number, piece in enumerate(pieces)}
        return Table(np.asarray(np.load(vectors, mmap_mode="r")), np.load(scales), WordPieces(numbers))


def _sum_into(rows: NDArray[np.float32], table: Table, tokens: list[list[int]]) -> None:
    """Add up each text's pieces into its row, which is zero, and bring it to unit length."""
    numbers = np.array([number for row in tokens for number in row], np.intp)
    weighted = table.vectors.take(numbers, 0) * table.scales.take(numbers)[:, np.newaxis]
    first = 0
    for row, found in zip(rows, tokens, strict=True):
        last = first + len(found)
        np.add.reduce(weighted[first:last], 0, out=row)
        first = last
    lengths = np.sqrt(np.add.reduce(rows * rows, 1))
    rows /= np.where(lengths > 0, lengths, 1)[:, np.newaxis]
