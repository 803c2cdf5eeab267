"""What a search sees: segments, which of their rows live, how far the store was followed; and how that is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search import files
from shared.adapters.search.columns import Columns
from shared.adapters.search.files import File, Manifest
from shared.adapters.search.ids import Ids
from shared.adapters.search.names import Tables
from shared.adapters.search.postings import Mask, Postings, Rows
from shared.adapters.search.segments import Segment, merged
from shared.adapters.search.vectors import Vectors

_PARTS: dict[str, Any] = {"columns": Columns, "ids": Ids, "vectors": Vectors, "tags": Postings, "terms": Postings}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A segment, which of its rows live and how many, and its file where it has one."""

    segment: Segment
    alive: Mask
    count: int
    file: File | None = None

    @classmethod
    def whole(cls, segment: Segment, file: File | None = None) -> Part:
        """A segment of which every row lives."""
        return cls(segment, np.ones(len(segment), np.bool_), len(segment), file)

    def without(self, rows: Rows) -> Part:
        """The same with some rows dead."""
        rows = rows[self.alive[rows]]
        if not len(rows):
            return self
        alive = self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive, count=self.count - len(rows))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent state. Nothing in it changes; a write makes another one."""

    parts: tuple[Part, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def rows(self) -> int:
        """How many rows there are, dead ones among them."""
        return sum(len(part.segment) for part in self.parts)

    def without_ids(self, ids: Sequence[str]) -> Snapshot:
        """The same without some listings."""
        return replace(self, parts=tuple(part.without(part.segment.ids.rows_of(ids)) for part in self.parts))


def joined_parts(parts: Sequence[Part]) -> tuple[Part, list[Rows]]:
    """One part from several, and where each of their rows went, -1 for nowhere."""
    segment, moves = merged([part.segment for part in parts], [part.alive for part in parts])
    return Part.whole(segment), moves


def caught_up(joined: Part, moves: Sequence[Rows], before: Sequence[Part], now: Sequence[Part]) -> Part:
    """A joined part without the rows that died in its sources while they were being joined."""
    died = [to[was.alive & ~part.alive] for to, was, part in zip(moves, before, now, strict=True)]
    return joined.without(np.concatenate(died))


def saved(folder: Path, number: int, part: Part) -> Part:
    """The same part with its segment in a file of its own, mapped from there; it does not count yet."""
    arrays = {f"{one}.{name}": array for one in _PARTS for name, array in getattr(part.segment, one)._asdict().items()}
    file = files.write_arrays(folder, f"segment-{number}.arrays", arrays)
    return replace(part, segment=_segment(files.read_arrays(folder, file)), file=file)


def save_state(folder: Path, manifest: Manifest, snapshot: Snapshot, tables: Tables) -> Manifest:
    """Make a snapshot count whose parts all have files; manifest: the one before, or an empty one, of which the model
    and the dimensions are kept."""
    number = manifest.number + 1
    arrays = {f"alive.{at}": np.packbits(part.alive) for at, part in enumerate(snapshot.parts)}
    words = np.frombuffer(json.dumps(tables.words()).encode(), np.uint8)
    state = files.write_arrays(
        folder, f"state-{number}.arrays", {"words": words, "places": tables.places.degrees(), **arrays}
    )
    new = Manifest(
        model=manifest.model,
        dims=manifest.dims,
        number=number,
        state=state,
        segments=tuple(part.file for part in snapshot.parts if part.file is not None),
        tokens=dict(snapshot.tokens),
    )
    files.write_manifest(folder, new)
    files.sweep(folder, new)
    return new


def load(folder: Path, manifest: Manifest) -> tuple[Snapshot, Tables]:
    """The state that a manifest names; raises Damaged, and OSError where a file has gone."""
    state = files.read_arrays(folder, manifest.state)
    tables = Tables.of(json.loads(state["words"].tobytes()), state["places"])
    parts = []
    for at, file in enumerate(manifest.segments):
        segment = _segment(files.read_arrays(folder, file))
        alive = np.unpackbits(state[f"alive.{at}"], count=len(segment)).astype(np.bool_)
        parts.append(Part(segment, alive, int(alive.sum()), file))
    return Snapshot(tuple(parts), MappingProxyType(manifest.tokens)), tables


def _segment(arrays: Mapping[str, NDArray[Any]]) -> Segment:
    parts = {part: made(**{name: arrays[f"{part}.{name}"] for name in made._fields}) for part, made in _PARTS.items()}
    return Segment(**parts)
