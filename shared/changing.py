"""Changing a record as it stands: read, changed and written, again where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from shared.records import AlreadyThere, ChangedMeanwhile, Container, NotThere, Record, Unavailable, Write

if TYPE_CHECKING:
    from shared.ports import Store

TRIES_MAX = 20
R = TypeVar("R", bound=Record)


async def changed(
    store: Store, container: Container[R], partition: str, name: str, change: Callable[[R], R | None]
) -> R | None:
    """The record after a change, None where there is none or the change gives none; the same is not written.

    Raises what the change raises, and Unavailable where somebody else is always quicker.
    """
    return await kept(store, container, partition, name, lambda known: None if known is None else change(known))


async def kept(
    store: Store, container: Container[R], partition: str, name: str, change: Callable[[R | None], R | None]
) -> R | None:
    """The same for one that may not be there yet: the change gets None then, and what it gives is created."""
    for _ in range(TRIES_MAX):
        stored = await store.get(container, partition, name)
        before = stored.value if stored else None
        after = change(before)
        if after is None or after == before:
            return after
        write = Write("replace", after, stored.etag) if stored else Write("create", after)
        with suppress(AlreadyThere, ChangedMeanwhile, NotThere):
            await store.apply(container, partition, [write])
            return after
    raise Unavailable(f"{container.name} {name} changes all the time")
