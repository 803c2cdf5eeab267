"""Looking at intents: a page at a time, each held against what was read last, and woken where its moment has come.

Readings are taken after the intents, and compared again after the writes: so whatever of both changes meanwhile, the
last look at an intent is by the last readings. A verdict is reckoned once for all of a group.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from shared.nudges import Client, stir
from shared.records import ChangedMeanwhile, NotThere, Stored, Write
from shared.standing.changes import is_ready, looked
from shared.standing.intent import STANDING_INTENTS, SUBJECTS, StandingIntent, Subject
from shared.standing.moves import WATCHED
from shared.standing.readings import Reading, Watch, watch_of
from shared.standing.sharing import is_for
from shared.standing.truth import Verdict, evaluate

if TYPE_CHECKING:
    from shared.ports import Store

AT_ONCE_MAX = 16
TRIES_MAX = 20
T = TypeVar("T")
Intents = Sequence[Stored[StandingIntent]]


class Seen(NamedTuple):
    """What was read of some watches, the things themselves, and the etags by which one sees that they have changed."""

    readings: Mapping[Watch, Reading]
    etags: Mapping[str, str]
    subjects: Sequence[Subject] = ()


class Lookout:
    """Looks for one run; key: of the run, for the lines in the ledgers. writes, ready: how many there were."""

    def __init__(self, store: Store, client: Client, key: str, now: datetime) -> None:
        self._store = store
        self._client = client
        self._key = key
        self._now = now
        self.looks = 0
        self.writes = 0
        self.ready = 0

    async def look(self, intents: Intents) -> None:
        """Look at some intents; those that wait for no condition now are let be. Raises ChangedMeanwhile."""
        left = list(intents)
        for _ in range(TRIES_MAX):
            waiting = [one for one in left if one.value.status in WATCHED and self._now < one.value.expires_at]
            seen = await seen_of(self._store, _keys(waiting))
            written = await together(self._write(*pair) for pair in self._after(waiting, seen.readings))
            missed = {intent_id for intent_id in written if intent_id is not None}
            again = await seen_of(self._store, seen.etags) if seen.etags else seen
            if again.etags != seen.etags:
                missed = {one.value.id for one in waiting}
            if not missed:
                return
            left = await self.intents(missed)
        raise ChangedMeanwhile("the intents, or what they wait for, change all the time")

    async def intents(self, ids: Iterable[str]) -> list[Stored[StandingIntent]]:
        """Those that there are."""
        found = await together(self._store.get(STANDING_INTENTS, one, one) for one in ids)
        return [one for one in found if one is not None]

    def _after(
        self, waiting: Intents, readings: Mapping[Watch, Reading]
    ) -> list[tuple[Stored[StandingIntent], StandingIntent]]:
        """Each intent that a look changes, before and after."""
        groups: dict[str, list[Stored[StandingIntent]]] = defaultdict(list)
        for one in waiting:
            groups[one.value.group].append(one)
        self.looks += len(waiting)
        pairs = []
        for members in groups.values():
            longest = max(members, key=lambda one: one.value.expires_at).value
            shared = evaluate(longest.conditions, readings, self._now, longest.frame)
            for one in members:
                after = looked(one.value, self._verdict(one.value, shared, readings), self._key, self._now)
                if after is not one.value:
                    pairs.append((one, after))
        return pairs

    def _verdict(self, intent: StandingIntent, shared: Verdict, readings: Mapping[Watch, Reading]) -> Verdict:
        frame = intent.frame
        return shared if is_for(shared, frame) else evaluate(intent.conditions, readings, self._now, frame)

    async def _write(self, before: Stored[StandingIntent], after: StandingIntent) -> str | None:
        """Keep a look and wake the flow of an intent that has just become ready; its id where somebody was quicker."""
        try:
            if is_ready(after) and not is_ready(before.value):
                self.ready += 1
                await stir(self._store, self._client, STANDING_INTENTS, before, after, self._now)
            else:
                await self._store.apply(STANDING_INTENTS, after.id, [Write("replace", after, before.etag)])
        except ChangedMeanwhile:
            return after.id
        except NotThere:
            return None
        self.writes += 1
        return None


async def seen_of(store: Store, keys: Iterable[str]) -> Seen:
    """What was read last of some watches, by their keys."""
    wanted = [key for key in keys if watch_of(key).kind != "calendar"]
    found = await together(store.get(SUBJECTS, key, key) for key in wanted)
    there = {stored.value.id: stored for stored in found if stored is not None}
    readings = {watch_of(key): one.value.reading for key, one in there.items() if one.value.reading is not None}
    etags = {key: there[key].etag if key in there else "" for key in wanted}
    return Seen(readings, etags, [one.value for one in there.values()])


async def together(work: Iterable[Awaitable[T]]) -> list[T]:
    """The answers in order, AT_ONCE_MAX at a time."""
    turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def one(awaited: Awaitable[T]) -> T:
        async with turn:
            return await awaited

    return await asyncio.gather(*map(one, work))


def _keys(intents: Intents) -> set[str]:
    return {key for one in intents for key in one.value.watches}

