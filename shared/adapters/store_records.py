"""What every store asks of a record before it is kept: ids, sizes, numbers, and the fields that queries may use.

The limits are those of the strictest store (Azure Cosmos DB: https://learn.microsoft.com/azure/cosmos-db/concepts-limits),
so that a record which is taken on one machine is taken in the cloud too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, Literal, NamedTuple

from shared.records import BATCH_MAX, ID_LENGTH_MAX, PAGE_MAX, Container, D, Write, is_id

ID_FORBIDDEN = "/\\?#"
INTEGER_MAX = 2**53 - 1
WRITES_BYTES_MAX = 2_000_000
_CONTAINER_NAME = re.compile(r"[a-z][a-z0-9_-]{2,62}")
_SURROGATE = re.compile("[\ud800-\udfff]")

KindName = Literal["text", "number", "boolean", "time", "date"]


class Kind(NamedTuple):
    """What an indexed field holds, and whether it may be null."""

    name: KindName
    nullable: bool


@dataclass(frozen=True)
class Shape(Generic[D]):
    """A container whose declaration was checked.

    indexes: the declared tuples of field paths; prefixes: their beginnings, by which they can be used too; kinds: what
    the field at each path holds.
    """

    container: Container[D]
    indexes: tuple[tuple[str, ...], ...]
    prefixes: frozenset[tuple[str, ...]]
    kinds: Mapping[str, Kind]


@dataclass(frozen=True)
class Prepared(Generic[D]):
    """A write that was checked; record as it will be read back, document and text (JSON) as they are kept."""

    write: Write[D]
    record: D
    document: dict[str, Any]
    text: str


def is_partition(value: str) -> bool:
    """Whether a store could hold this partition: 1 to 255 characters that can be written in UTF-8."""
    return 0 < len(value) <= ID_LENGTH_MAX and is_text(value)


def is_text(value: str) -> bool:
    """Whether it can be written in UTF-8, which half of a surrogate pair can not."""
    return not _SURROGATE.search(value)


@lru_cache(maxsize=256)
def shape_of(container: Container[D]) -> Shape[D]:
    """The checked declaration of a container; raises ValueError for a name or an index that no store can offer."""
    if not _CONTAINER_NAME.fullmatch(container.name):
        raise ValueError(f"{container.name!r} is no container name: use 3 to 63 of a-z, 0-9, _ and -.")
    schema = container.model.model_json_schema(by_alias=False)
    indexes = tuple(tuple(path.strip() for path in entry.split(",")) for entry in container.indexes)
    kinds = {path: _kind(container.name, schema, path) for index in indexes for path in index}
    prefixes = frozenset(index[:length] for index in indexes for length in range(1, len(index) + 1))
    return Shape(container, indexes, prefixes, kinds)


def prepare(shape: Shape[D], partition: str, writes: Sequence[Write[D]]) -> list[Prepared[D]]:
    """The writes of one batch, checked; raises ValueError with a sentence that names what is wrong."""
    name = shape.container.name
    if len(writes) > BATCH_MAX:
        raise ValueError(f"{len(writes)} writes to {name} are too many at once: send at most {BATCH_MAX}.")
    if not is_partition(partition):
        raise ValueError(f"{partition!r} is no partition of {name}: use 1 to {ID_LENGTH_MAX} characters of valid text.")
    prepared = [_prepare(shape, partition, write) for write in writes]
    size = sum(len(one.text.encode()) for one in prepared)
    if size > WRITES_BYTES_MAX:
        raise ValueError(f"The writes to {name} have {size} bytes: one batch may have {WRITES_BYTES_MAX}.")
    return prepared


def check_changes_limit(container: Container[D], limit: int) -> None:
    """Raises ValueError if so many changes are not given at once."""
    if not 0 < limit <= PAGE_MAX:
        raise ValueError(f"Changes of {container.name} come 1 to {PAGE_MAX} at once, not {limit}.")


def restore(shape: Shape[D], text: str | bytes) -> D:
    """The record that was kept as this JSON."""
    return shape.container.model.model_validate_json(text)


def utc_text(moment: datetime) -> str:
    """A moment as text of one width in UTC, so that texts sort as moments do; it must be aware."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _prepare(shape: Shape[D], partition: str, write: Write[D]) -> Prepared[D]:
    record, container = write.record, shape.container
    if not is_id(record.id):
        raise ValueError(
            f"{record.id!r} is no id for {container.name}: use 1 to {ID_LENGTH_MAX} characters without {ID_FORBIDDEN},"
            " control characters or outer spaces."
        )
    own = container.partition_of(record)
    if own != partition:
        raise ValueError(f"{record.id!r} of {container.name} belongs to partition {own!r}, not {partition!r}.")
    if write.etag is not None and write.kind in {"create", "put"}:
        raise ValueError(f"A {write.kind} takes no etag; use replace to change {record.id!r} of {container.name}.")
    if write.kind == "delete":
        return Prepared(write, record, {}, "")
    document = _document(shape, record)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Prepared(write, restore(shape, text), document, text)


def _document(shape: Shape[D], record: D) -> dict[str, Any]:
    document = record.model_dump(mode="json", round_trip=True)
    for path, value in _leaves(document, ""):
        _check_leaf(f"{path} of {record.id!r} in {shape.container.name}", value)
    for path, kind in shape.kinds.items():
        _write_sortable(document, path, kind)
    return document


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value that holds no other, with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{position}]")
    else:
        yield path, value


def _check_leaf(what: str, value: Any) -> None:
    """JSON numbers are doubles in some stores: what would come back changed is refused here."""
    if isinstance(value, int) and abs(value) > INTEGER_MAX:
        raise ValueError(f"{what} is beyond ±{INTEGER_MAX} and would be rounded: keep it as text.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{what} is {value}, which JSON cannot hold: use null.")


def _write_sortable(document: dict[str, Any], path: str, kind: Kind) -> None:
    """An indexed field as every store sorts it alike."""
    *parents, leaf = path.split(".")
    for name in parents:
        document = document[name]
    value = document[leaf]
    if kind.name == "text" and value is not None and "\0" in value:
        raise ValueError(f"{path} holds a NUL character and cannot be sorted by: leave it out.")
    if kind.name == "time" and value is not None:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(f"{path} has no offset from UTC and cannot be sorted by: use an aware datetime.")
        document[leaf] = utc_text(moment)


def _kind(name: str, schema: dict[str, Any], path: str) -> Kind:
    """What the field at a dotted path holds, read from the model's JSON schema."""
    node = schema
    for part in path.split("."):
        node = _resolved(schema, node)
        if part not in node.get("properties", {}):
            raise ValueError(
                f"{name} cannot be indexed by {path!r}: {part!r} is no field of an object that is always there."
            )
        node = node["properties"][part]
    found = {_leaf_kind(_resolved(schema, option)) for option in _options(schema, node)}
    kinds = found - {"null"}
    if len(kinds) != 1 or None in kinds:
        raise ValueError(
            f"{name} cannot be indexed by {path!r}: it must hold text, a number, a boolean, a time or a date."
        )
    return Kind(kinds.pop(), "null" in found)  # type: ignore[arg-type]  # None was refused above


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return node


def _options(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    resolved = _resolved(schema, node)
    for option in resolved.get("anyOf", ()):
        yield from _options(schema, option)
    if "anyOf" not in resolved:
        yield resolved


def _leaf_kind(node: dict[str, Any]) -> KindName | Literal["null"] | None:
    """None for what cannot be sorted: objects, lists, times of day, durations, bytes, several types in one."""
    by_format: dict[str | None, KindName] = {None: "text", "date-time": "time", "date": "date"}
    kept_as_text: tuple[str, ...] = ("uuid", "email", "uri", "ipv4", "ipv6")
    by_type: dict[Any, KindName] = {"integer": "number", "number": "number", "boolean": "boolean"}
    if node.get("type") == "string":
        text_format = node.get("format")
        return "text" if text_format in kept_as_text else by_format.get(text_format)
    return "null" if node.get("type") == "null" else by_type.get(node.get("type"))
