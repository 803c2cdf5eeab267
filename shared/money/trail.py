"""A hash-chained audit trail: each entry seals its content together with the hash of the entry before.

hash = SHA-256, in hex, of the canonical JSON of `{"content", "prev_hash", "seq"}`. Canonical JSON is that of RFC 8785
(JCS), for content without floats; the first entry has seq 0 and GENESIS before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from shared.money.amounts import MINOR_MAX

GENESIS = "0" * 64

Fault = Literal["changed", "missing", "reordered", "repeated", "unlinked", "surplus"]
"""changed: the content is not what was sealed; missing: an entry lacks here; reordered: the entry due here comes later;
repeated: an entry that was there before; unlinked: sealed, but not after the entry before it; surplus: beyond the head.
"""


class NotCanonical(ValueError):
    """A value that has no canonical form here: a float, an integer beyond 2^53 - 1, or no JSON at all."""


class Head(BaseModel):
    """Where a trail ends: how many entries it has, and the hash of the last. To be kept apart from the entries."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    count: int = Field(default=0, ge=0)
    hash: str = GENESIS


class Entry(BaseModel):
    """One sealed entry; content is plain JSON, as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    seq: int
    content: dict[str, Any]
    prev_hash: str
    hash: str

    @property
    def head(self) -> Head:
        """The trail's end once this entry is its last."""
        return Head(count=self.seq + 1, hash=self.hash)


class Break(NamedTuple):
    """The first place where a trail does not hold; entry_id: the `id` in what stands there, None at the end."""

    position: int
    entry_id: str | None
    fault: Fault


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value (RFC 8785), UTF-8; raises NotCanonical."""
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as why:
        raise NotCanonical("A text has half a surrogate pair: send whole characters") from why


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise NotCanonical("An object has a key that is no text")
        # RFC 8785, 3.2.3: keys are sorted by UTF-16 code units, not by code points.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    if value is None or isinstance(value, bool | str) or (isinstance(value, int) and abs(value) <= MINOR_MAX):
        return value
    raise NotCanonical(f"{type(value).__name__} {value!r} has no exact JSON form: send text or a smaller integer")


def _seal(seq: int, content: dict[str, Any], prev_hash: str) -> str:
    return sha256(canonical({"content": content, "prev_hash": prev_hash, "seq": seq})).hexdigest()


def append(head: Head, content: dict[str, Any]) -> Entry:
    """The entry that follows a trail's end; its own `head` is the new end. Raises NotCanonical."""
    seal = _seal(head.count, content, head.hash)
    return Entry(seq=head.count, content=content, prev_hash=head.hash, hash=seal)


def verify(entries: Sequence[Entry], head: Head) -> Break | None:
    """None if the entries are the trail that ends in head, unaltered; otherwise the first place where they are not.

    A trail rewritten from some entry on shows only at the head, as `unlinked` in its last entry.
    """
    link = GENESIS
    for position, entry in enumerate(entries):
        fault = _fault(entries, position, link)
        if position >= head.count:
            fault = "surplus"
        elif fault is None and position == head.count - 1 and entry.hash != head.hash:
            fault = "unlinked"
        if fault is not None:
            return Break(position, entry.content.get("id"), fault)
        link = entry.hash
    return Break(len(entries), None, "missing") if len(entries) < head.count else None


def _fault(entries: Sequence[Entry], position: int, link: str) -> Fault | None:
    entry = entries[position]
    if not _is_intact(entry):
        return "changed"
    if entry.seq < position:
        return "repeated"
    if entry.seq > position:
        comes_later = any(later.seq == position for later in entries[position + 1 :])
        return "reordered" if comes_later else "missing"
    return None if entry.prev_hash == link else "unlinked"


def _is_intact(entry: Entry) -> bool:
    try:
        return entry.hash == _seal(entry.seq, entry.content, entry.prev_hash)
    except NotCanonical:
        return False
