"""What the watcher has cost, kept: each run shared out among all that wait, and added up by the day."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from shared.records import AlreadyThere, ChangedMeanwhile, NotThere, Write
from shared.standing.cost import COST_DAYS, ODOMETERS, WATCHER, CostDay, Meter, Odometer
from shared.standing.intent_book import counted

if TYPE_CHECKING:
    from shared.ports import Store

TRIES_MAX = 20


async def total(store: Store) -> Meter:
    """What one intent has cost that has waited since the beginning."""
    stored = await store.get(ODOMETERS, WATCHER, WATCHER)
    return stored.value.total if stored else Meter()


async def share_out(store: Store, used: Meter, key: str, now: datetime) -> None:
    """Add a run; key: its own, told again it is one. Where nobody waits, nobody is charged."""
    intents = await counted(store)
    if intents:
        await _turn_on(store, used.share(intents), key, now)
        await add_to_day(store, used, intents, key, now)


async def add_to_day(store: Store, used: Meter, intents: int, key: str, now: datetime) -> None:
    """Add what was used to the day, once for a key."""
    name = now.date().isoformat()
    for _ in range(TRIES_MAX):
        stored = await store.get(COST_DAYS, name, name)
        before = stored.value if stored else CostDay(id=name, day=now.date())
        if before.last == key:
            return
        most = max(before.intents, intents)
        after = before.model_copy(update={"total": before.total + used, "intents": most, "last": key})
        write = Write("replace", after, stored.etag) if stored else Write("create", after)
        with suppress(AlreadyThere, ChangedMeanwhile, NotThere):
            await store.apply(COST_DAYS, name, [write])
            return


async def _turn_on(store: Store, share: Meter, key: str, now: datetime) -> None:
    for _ in range(TRIES_MAX):
        stored = await store.get(ODOMETERS, WATCHER, WATCHER)
        before = stored.value if stored else Odometer(id=WATCHER, updated_at=now)
        if before.last == key:
            return
        after = before.model_copy(update={"total": before.total + share, "last": key, "updated_at": now})
        write = Write("replace", after, stored.etag) if stored else Write("create", after)
        with suppress(AlreadyThere, ChangedMeanwhile, NotThere):
            await store.apply(ODOMETERS, WATCHER, [write])
            return
