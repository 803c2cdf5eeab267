"""A run of the watcher in one go, as far as there is time for it; what is left over is for a flow.

Most runs are small: a few forecasts, a few products. They cost one execution, and a flow would cost a dozen.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from shared.nudges import Client
from shared.records import PAGE_MAX, Query
from shared.standing.intent import SUBJECTS
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
    """Read all that is due and look at whom it concerns; more than a page of either is left as a whole.

    The intents that are due are looked at by the side of slow sources, and once more by what these brought.
    """
    due = {"due_at": {"le": house.now}}
    things = await house.store.query(SUBJECTS, Query(due, None, "due_at", PAGE_MAX))
    if things.next is not None:
        return Left(is_all=True)
    watcher = house.watcher()
    keys = [stored.value.id for stored in things.items]
    left, after = await asyncio.gather(read_all(watcher, keys, {}, house.is_over), watcher.look_at_due(None))
    if things.items and after is None:
        after = await watcher.look_at_due(None)
    return Left(is_all=after is not None, keys=tuple(left))


async def read_all(
    watcher: Watcher, keys: Sequence[str], begun: Mapping[str, Cursor], is_over: Callable[[], bool]
) -> dict[str, Cursor | None]:
    """Watch some things, AT_ONCE_MAX at a time; those that there was no time for, with where to go on."""
    turn = asyncio.Semaphore(AT_ONCE_MAX)
    left: dict[str, Cursor | None] = {}

    async def one_after_the_other(some: Iterable[str]) -> None:
        for key in some:
            async with turn:
                if is_over():
                    left[key] = begun.get(key)
                elif (cursor := await watcher.watch(key, begun.get(key))) is not None:
                    left[key] = cursor

    await asyncio.gather(*map(one_after_the_other, _by_thing(keys)))
    return left


def _by_thing(keys: Iterable[str]) -> list[list[str]]:
    """Keys of the same product stand together, so that it is read once."""
    things: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        things[key.partition(":")[2]].append(key)
    return list(things.values())
