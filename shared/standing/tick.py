"""A run of the watcher in one go, as far as there is time for it; what is left over is for a flow.

Thousands of things are read in one execution, where a flow would take one for a few dozen.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from shared.nudges import Client
from shared.records import PAGE_MAX, Query, Stored
from shared.standing.intent import SUBJECTS, Subject
from shared.standing.lookout import Lookout
from shared.standing.sources import Sources
from shared.standing.watcher import Cursor, Watcher

if TYPE_CHECKING:
    from shared.ports import Store, Weather

AT_ONCE_MAX = 8


class Left(NamedTuple):
    """What there was no time for: everything, or some things by their keys."""

    is_all: bool = False
    keys: tuple[str, ...] = ()

    @property
    def is_some(self) -> bool:
        """Whether anything is left."""
        return self.is_all or bool(self.keys)


class House(NamedTuple):
    """What a run works with; key: of the run; is_over: whether its time is up."""

    store: Store
    weather: Weather
    client: Client
    key: str
    now: datetime
    is_over: Callable[[], bool]

    def watcher(self) -> Watcher:
        """Who does the work."""
        lookout = Lookout(self.store, self.client, self.key, self.now)
        return Watcher(self.store, Sources(self.store, self.weather), lookout, self.now, self.is_over)


async def watch_once(house: House) -> Left:
    """Read all that is due and look at whom it concerns, page by page; what there was no time for.

    The intents that are due are looked at by the side of slow sources, and once more by what these brought.
    """
    watcher = house.watcher()
    (left, is_read), after = await asyncio.gather(_read_due(house, watcher), watcher.look_at_due(None))
    if is_read and after is None:
        after = await watcher.look_at_due(None)
    return left._replace(is_all=left.is_all or after is not None)


async def _read_due(house: House, watcher: Watcher) -> tuple[Left, bool]:
    """Read all things that are due; what there was no time for, and whether anything was due."""
    after: str | None = None
    is_read = False
    while True:
        due = Query({"due_at": {"le": house.now}}, None, "due_at", PAGE_MAX, after)
        page = await house.store.query(SUBJECTS, due)
        known = {stored.value.id: stored for stored in page.items}
        left = await read_all(watcher, list(known), {}, house.is_over, known)
        is_read, after = is_read or bool(page.items), page.next
        if after is None:
            return Left(keys=tuple(left)), is_read
        if left or house.is_over():
            return Left(is_all=True), is_read


async def read_all(
    watcher: Watcher,
    keys: Sequence[str],
    begun: Mapping[str, Cursor],
    is_over: Callable[[], bool],
    known: Mapping[str, Stored[Subject]] | None = None,
) -> dict[str, Cursor | None]:
    """Watch some things, AT_ONCE_MAX at a time; those that there was no time for, with where to go on.

    known: how some of them stood a moment ago.
    """
    turn = asyncio.Semaphore(AT_ONCE_MAX)
    left: dict[str, Cursor | None] = {}

    async def one_after_the_other(some: Iterable[str]) -> None:
        for key in some:
            async with turn:
                if is_over():
                    left[key] = begun.get(key)
                elif (cursor := await watcher.watch(key, begun.get(key), (known or {}).get(key))) is not None:
                    left[key] = cursor

    await asyncio.gather(*map(one_after_the_other, _by_thing(keys)))
    return left


def _by_thing(keys: Iterable[str]) -> list[list[str]]:
    """Keys of the same product stand together, so that it is read once."""
    things: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        things[key.partition(":")[2]].append(key)
    return list(things.values())
