"""What the watcher has cost, kept: each run shared out among all that wait, and added up by the day."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from shared.changing import kept
from shared.standing.cost import COST_DAYS, ODOMETERS, WATCHER, CostDay, Meter, Odometer
from shared.standing.intent_book import counted

if TYPE_CHECKING:
    from shared.ports import Store



async def total(store: Store) -> Meter:
    """What one intent has cost that has waited since the beginning."""
    stored = await store.get(ODOMETERS, WATCHER, WATCHER)
    return stored.value.total if stored else Meter()


async def share_out(store: Store, used: Meter, key: str, now: datetime) -> None:
    """Add a run; key: its own, told again it is one. Where nobody waits, nobody is charged."""
    intents = await counted(store)
    if intents:
        await asyncio.gather(
            _turn_on(store, used.share(intents), key, now), add_to_day(store, used, intents, key, now)
        )


async def add_to_day(store: Store, used: Meter, intents: int, key: str, now: datetime) -> None:
    """Add what was used to the day, once for a key."""
    name = now.date().isoformat()

    def added(known: CostDay | None) -> CostDay:
        before = known or CostDay(id=name, day=now.date())
        if before.last == key:
            return before
        most = max(before.intents, intents)
        return before.model_copy(update={"total": before.total + used, "intents": most, "last": key})

    await kept(store, COST_DAYS, name, name, added)


async def _turn_on(store: Store, share: Meter, key: str, now: datetime) -> None:
    def turned(known: Odometer | None) -> Odometer:
        before = known or Odometer(id=WATCHER, updated_at=now)
        if before.last == key:
            return before
        return before.model_copy(update={"total": before.total + share, "last": key, "updated_at": now})

    await kept(store, ODOMETERS, WATCHER, WATCHER, turned)
