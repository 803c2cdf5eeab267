"""The index as threads use it: searches see one snapshot, writes make the next one, saving goes on beside both."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search import files, state
from shared.adapters.search.files import FORMAT, Damaged, FolderLock, Manifest
from shared.adapters.search.fuzzy import Spelling
from shared.adapters.search.names import Tables
from shared.adapters.search.postings import Rows
from shared.adapters.search.segments import Segment, segment_of
from shared.adapters.search.state import Part, Snapshot
from shared.discovery.listing import IndexTokens, Listing

_log = logging.getLogger(__name__)

CHUNK_LISTINGS = 20_000
"""Listings of one write that are made into a segment in one go, which bounds the memory it takes."""
JOIN_IN_MEMORY_TIMES = 16
"""A new segment is joined with those before it that are up to so many times as large."""
JOINED_ROWS_MAX = 8_192
"""More rows are left to be joined when they are saved, so that no write waits for it."""
JOIN_ON_DISK_TIMES = 4
DEAD_SHARE_MAX = 0.3
SAVED_CHANGES_MIN = 5_000
"""When so many listings have been written or removed, all is saved."""
OPEN_TRIES_MAX = 5
LARGE_BYTES = 31 * 1024 * 1024
"""Just below where glibc stops learning."""
_NOTHING = files.File(name="", length=0, checksum=0)


class Index:
    """Listings in a folder. `search` is in asking.py; all methods may be called from any thread."""

    def __init__(self, folder: Path, dims: int, model: str) -> None:
        """Open what the folder has, or begin anew where it has nothing that fits; raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        _keep_freed_memory()
        self._folder = folder
        self._lock = FolderLock(folder)
        self._writing = Lock()
        self._saving = Lock()
        self._joining: tuple[Segment, ...] = ()
        self._unsaved = 0
        self._dims = dims
        self._manifest = Manifest(model=model, dims=dims, number=0, state=_NOTHING, segments=(), tokens={})
        self.snapshot, self.tables = self._read()
        self.spelling = Spelling(self.tables.terms.words)

    def _read(self) -> tuple[Snapshot, Tables]:
        for left in reversed(range(OPEN_TRIES_MAX)):
            try:
                found = files.read_manifest(self._folder)
                if found is None or not self._fits(found):
                    break
                loaded = state.load(self._folder, found)
            except FileNotFoundError:
                # Whoever saves here may have replaced what the manifest named a moment ago.
                if not left:
                    _log.warning("The search index in %s lacks a file and is built anew.", self._folder)
            except Damaged as error:
                _log.warning("The search index in %s is built anew: %s.", self._folder, error)
                break
            else:
                self._manifest = found
                return loaded
        return Snapshot(), Tables()

    def _fits(self, found: Manifest) -> bool:
        mine = self._manifest
        return (found.format, found.model, found.dims) == (FORMAT, mine.model, mine.dims)

    @property
    def wants_saving(self) -> bool:
        """Whether enough has been written for it to be worth while."""
        return self._lock.is_held and self._unsaved >= SAVED_CHANGES_MIN

    def write(
        self, changed: Sequence[Listing], vectors: NDArray[np.float32], removed: Sequence[str], upto: IndexTokens
    ) -> None:
        """Put listings, take ids away, note the tokens, in one step for whoever searches. Raises ValueError."""
        if np.shape(vectors) != (len(changed), self._dims) and (changed or np.size(vectors)):
            raise ValueError(f"vectors {np.shape(vectors)} for {len(changed)} listings of {self._dims} numbers")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector has a number that is none")
        without = set(removed)
        last = {one.id: at for at, one in enumerate(changed) if one.id not in without}
        with self._writing:
            kept = self.snapshot.without_ids(list(without | last.keys()))
            made = self._parts(changed, vectors, list(last.values()))
            tokens = MappingProxyType({**kept.tokens, **upto})
            self.snapshot = Snapshot(self._joined(kept.parts, made), tokens)
            self._unsaved += len(last) + len(without) + (tokens != kept.tokens)

    def _parts(self, changed: Sequence[Listing], vectors: NDArray[np.float32], chosen: list[int]) -> list[Part]:
        made = []
        for first in range(0, len(chosen), CHUNK_LISTINGS):
            some = chosen[first : first + CHUNK_LISTINGS]
            made.append(Part.whole(segment_of([changed[at] for at in some], vectors[some], self.tables)))
        return made

    def _joined(self, before: tuple[Part, ...], made: list[Part]) -> tuple[Part, ...]:
        """What was there, without what is dead altogether, and what is new, joined with the small ones before it."""
        parts = [part for part in before if part.count or not self._is_free(part)]
        tail = list(made)
        rows = sum(part.count for part in made)
        while made and parts and self._may_join(parts[-1], rows):
            tail.insert(0, parts.pop())
            rows += tail[0].count
        return (*parts, state.joined_parts(tail)[0]) if len(tail) > 1 else (*parts, *tail)

    def _may_join(self, part: Part, rows: int) -> bool:
        is_small = part.count <= JOIN_IN_MEMORY_TIMES * rows
        is_quick = part.count + rows <= JOINED_ROWS_MAX or not self._lock.is_held
        return is_small and is_quick and self._is_free(part)

    def _is_free(self, part: Part) -> bool:
        """Whether nobody else counts on it: it is neither saved nor about to be."""
        return part.file is None and not any(part.segment is one for one in self._joining)

    def save(self) -> None:
        """Keep everything that was written until now, if this process is the one that may; raises OSError."""
        with self._saving:
            if self._lock.is_held and self._unsaved:
                self._save()

    def _save(self) -> None:
        with self._writing:
            snapshot = self.snapshot
            sources = _to_join(snapshot)
            self._joining = tuple(part.segment for part in sources)
            unsaved, self._unsaved = self._unsaved, 0
        made: list[Part] | None = None
        moves: list[Rows] = []
        try:
            written, moves = self._written(sources)
            kept = [part for part in snapshot.parts if part not in sources]
            whole = replace(snapshot, parts=(*kept, *written))
            self._manifest = state.save_state(self._folder, self._manifest, whole, self.tables)
            made = written
        finally:
            with self._writing:
                self._joining = ()
                if made is None:
                    self._unsaved += unsaved
                else:
                    self._replace(sources, made, moves)

    def _written(self, sources: Sequence[Part]) -> tuple[list[Part], list[Rows]]:
        """The sources as one part with a file, or none where nothing in them lives; and where their rows went."""
        if not sources:
            return [], []
        part, moves = state.joined_parts(sources)
        return ([state.saved(self._folder, self._manifest.number + 1, part)] if part.count else []), moves

    def _replace(self, sources: Sequence[Part], made: list[Part], moves: list[Rows]) -> None:
        """Put what was made in the place of its sources, as they are by now."""
        now = {id(part.segment): part for part in self.snapshot.parts}
        if made:
            made = [state.caught_up(made[0], moves, sources, [now[id(one.segment)] for one in sources])]
        joined = {id(one.segment) for one in sources}
        kept = [part for part in self.snapshot.parts if id(part.segment) not in joined]
        self.snapshot = replace(self.snapshot, parts=(*made, *kept))

    def close(self) -> None:
        """Keep everything, and let others write in the folder; raises OSError."""
        try:
            self.save()
        finally:
            self._lock.release()


def _keep_freed_memory() -> None:
    """Let the process keep up to twice LARGE_BYTES that a search has freed for the next one.

    Else the system takes the arrays of every search back, and clears them anew for the next, which takes as long as the
    search. glibc keeps blocks as large as the largest that was ever freed (mallopt(3), M_MMAP_THRESHOLD, "dynamic").
    """
    np.empty(LARGE_BYTES, np.uint8)


def _to_join(snapshot: Snapshot) -> list[Part]:
    """All that has no file, and the files that are small beside it or largely dead."""
    sources = [part for part in snapshot.parts if part.file is None]
    rows = sum(part.count for part in sources)
    for part in sorted((part for part in snapshot.parts if part.file is not None), key=lambda part: part.count):
        is_dead = part.count < len(part.segment) * (1 - DEAD_SHARE_MAX)
        if is_dead or part.count <= JOIN_ON_DISK_TIMES * rows:
            sources.append(part)
            rows += part.count
    return sources
