"""A store in memory, for what is tested beneath the app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from shared.adapters.store_sqlite import SqliteStore
from shared.clock import SystemClock


def run(steps: Callable[[SqliteStore], Awaitable[None]]) -> None:
    """Take some steps on a store of their own, which is closed behind them."""

    async def whole() -> None:
        store = SqliteStore(":memory:", SystemClock())
        try:
            await steps(store)
        finally:
            await store.close()

    asyncio.run(whole())
