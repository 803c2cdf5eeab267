"""What is in the app's records, read past it: what actors see of the world, and what invariants are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from shared import wiring
from shared.records import PAGE_MAX, Container, Query, Record

T = TypeVar("T")
R = TypeVar("R", bound=Record)


def every(container: Container[R], *wheres: Mapping[str, Any], partition: str | None = None) -> list[R]:
    """All records that fit any of the conditions, or all there are."""

    async def look() -> list[R]:
        parts = [_every(container, where, partition) for where in wheres or ({},)]
        return [record for part in await asyncio.gather(*parts) for record in part]

    return run(look())


def one(container: Container[R], partition: str, name: str) -> R | None:
    """A record."""
    stored = run(wiring.deps().store.get(container, partition, name))
    return stored.value if stored else None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do something asynchronous."""
    return asyncio.run(work)


async def _every(container: Container[R], where: Mapping[str, Any], partition: str | None) -> list[R]:
    found: list[R] = []
    after = None
    while True:
        page = await wiring.deps().store.query(container, Query(where, partition, limit=PAGE_MAX, after=after))
        found += [stored.value for stored in page.items]
        after = page.next
        if after is None:
            return found
