"""The ids of a segment's rows, and where an id stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search.postings import Rows


class Ids(NamedTuple):
    """hashes: CRC-32 of every id, ascending, and the rows they are of; rank: a row's place in the order of ids;
    starts, letters: the ids themselves, UTF-8, one after the other."""

    hashes: NDArray[np.uint32]
    hashed_rows: NDArray[np.uint32]
    rank: NDArray[np.uint32]
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]

    def text(self, row: int) -> str:
        """The id of a row."""
        return self.encoded(row).decode()

    def encoded(self, row: int) -> bytes:
        """The id of a row in UTF-8."""
        return self.letters[self.starts[row] : self.starts[row + 1]].tobytes()

    def all(self) -> list[bytes]:
        """The ids of all rows in UTF-8."""
        letters = self.letters.tobytes()
        return [letters[first:last] for first, last in pairwise(self.starts.tolist())]

    def rows_of(self, ids: Sequence[str]) -> Rows:
        """The rows of those ids that are here, ascending."""
        if not len(self.hashes) or not ids:
            return np.zeros(0, np.int64)
        wanted = [one.encode() for one in ids]
        hashes = np.array([crc32(one) for one in wanted], np.uint32)
        firsts = np.searchsorted(self.hashes, hashes, "left")
        lasts = np.searchsorted(self.hashes, hashes, "right")
        found = [
            row
            for at in np.flatnonzero(firsts < lasts).tolist()
            for row in self.hashed_rows[firsts[at] : lasts[at]].tolist()
            if self.encoded(row) == wanted[at]
        ]
        return np.array(sorted(found), np.int64)


def ids_of(encoded: Sequence[bytes]) -> Ids:
    """Ids from their UTF-8, row by row."""
    count = len(encoded)
    hashes = np.array([crc32(one) for one in encoded], np.uint32)
    by_hash = np.argsort(hashes, kind="stable")
    rank = np.empty(count, np.uint32)
    rank[sorted(range(count), key=encoded.__getitem__)] = np.arange(count, dtype=np.uint32)
    starts = np.zeros(count + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=starts[1:])
    letters = np.frombuffer(b"".join(encoded), np.uint8)
    return Ids(hashes[by_hash], by_hash.astype(np.uint32), rank, starts, letters)
