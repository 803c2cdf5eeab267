"""Records: documents with an id and a partition, kept in declared containers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

ID_LENGTH_MAX = 255
BATCH_MAX = 100
PAGE_MAX = 200


_NOT_IN_IDS = re.compile("[/\\\\?#\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_id(text: str) -> bool:
    """Whether every store can hold an id: 1 to 255 characters, none of / \\ ? #, no control characters, no outer space.

    The strictest store's rule (https://learn.microsoft.com/azure/cosmos-db/concepts-limits).
    """
    return (
        0 < len(text) <= ID_LENGTH_MAX
        and text not in {".", ".."}
        and text == text.strip()
        and not _NOT_IN_IDS.search(text)
    )


class Record(BaseModel):
    """Anything that is kept; ids are unique within a partition of a container."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: str


D = TypeVar("D", bound=Record)


@dataclass(frozen=True)
class Container(Generic[D]):
    """Where one kind of record is kept.

    partition: the field whose value groups records that change together; indexes: the fields (or tuples of them, as
    `a,b`) that queries filter or sort by; every other query is refused. ttl_seconds: how long a record lives.
    """

    name: str
    model: type[D]
    partition: str
    indexes: tuple[str, ...] = ()
    ttl_seconds: int | None = None

    def partition_of(self, record: D) -> str:
        """The value of the partition field."""
        return str(getattr(record, self.partition))


@dataclass(frozen=True)
class Stored(Generic[D]):
    """A record as it stands in the store; etag changes with every write."""

    value: D
    etag: str


@dataclass(frozen=True)
class Write(Generic[D]):
    """One write of a batch.

    create: only if the id is free. put: whatever is there. replace and delete: only if it is there, and, where etag is
    given, unchanged. For delete only the record's id and partition matter.
    """

    kind: Literal["create", "put", "replace", "delete"]
    record: D
    etag: str | None = None


@dataclass(frozen=True)
class Query:
    """Which records of a container.

    where: field → value (equal) or a dict of eq, lt, le, gt, ge, in; order: a field, `-field` for descending; ties and
    no order go by id. partition None asks all partitions.
    """

    where: Mapping[str, Any]
    partition: str | None = None
    order: str | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True)
class Page(Generic[D]):
    """A page of records, and the token of the next one."""

    items: list[Stored[D]]
    next: str | None


@dataclass(frozen=True)
class Changes(Generic[D]):
    """What was written since a token, oldest first, each record once in its newest state; deletes are not told."""

    items: list[Stored[D]]
    token: str


class StoreError(Exception):
    """A write that the state of the store refuses."""


class AlreadyThere(StoreError):
    """A record with this id exists."""


class NotThere(StoreError):
    """There is no record with this id."""


class ChangedMeanwhile(StoreError):
    """The etag is not the present one."""


class BadPageToken(ValueError):
    """A page token that is not of this store and query."""


class Unavailable(Exception):
    """The outside part does not answer, or asks to come later; retry_seconds where it says when."""

    def __init__(self, what: str, retry_seconds: float | None = None) -> None:
        super().__init__(what)
        self.retry_seconds = retry_seconds
