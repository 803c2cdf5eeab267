"""What the outside offers, as small protocols; adapters satisfy them, wiring.py picks which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.people.access import Caller
    from shared.records import Changes, Container, D, Page, Query, Stored, Write


class Clock(Protocol):
    """The time, for triggers; flows take theirs from the durable context."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class Store(Protocol):
    """Records in declared containers, with etags, batches within a partition, and a feed of changes."""

    async def get(self, container: Container[D], partition: str, record_id: str) -> Stored[D] | None:
        """One record, or None; expired ones are not there."""

    async def apply(
        self, container: Container[D], partition: str, writes: Sequence[Write[D]]
    ) -> list[Stored[D] | None]:
        """Do all writes of one partition or none; raises AlreadyThere, NotThere, ChangedMeanwhile, Unavailable."""

    async def query(self, container: Container[D], query: Query) -> Page[D]:
        """A page of records; raises ValueError for a field that is not indexed or a token that is not ours."""

    async def changes(self, container: Container[D], since: str | None, limit: int = 100) -> Changes[D]:
        """What was written since a token, or from the beginning."""

    async def close(self) -> None:
        """Let go of files and connections."""


class Identity(Protocol):
    """Who stands behind a bearer token."""

    async def caller_of(self, token: str) -> Caller:
        """The caller; raises shared.people.access.BadToken with the reason."""
