"""The hook of whoever changes a price or a stock: intents that wait for it hear of it at once, not with the next hour.

It is called after the change is kept. Where nobody waits for a product it costs two reads; should the word be lost, the
hourly run of the watcher reads all that anybody waits for.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from shared.records import PAGE_MAX, Query
from shared.wire import pack

if TYPE_CHECKING:
    from shared.ports import Store

FLOW = "intent_watcher"
KEYS_MAX = 100
"""So many things one run of the watcher takes by name."""
PAGES_MAX = 50

_log = logging.getLogger(__name__)


class Client(Protocol):
    """What is needed of the durable client."""

    async def get_status(self, instance_id: str) -> Any:
        """Its `runtime_status` is None where there is no such instance."""

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        """Raises Exception where the instance is active."""


async def product_changed(store: Store, client: Client, product: str, key: str) -> None:
    """Let the watcher read a product whose price or stock is another; key: of the change, told again it is one."""
    from shared.standing.intent import SUBJECTS  # noqa: PLC0415  with the first change, not with the app

    names = [f"{kind}:{product}" for kind in ("stock", "price")]
    watched = [name for name in names if await store.get(SUBJECTS, name, name) is not None]
    await _read(client, watched, key)


async def catalog_changed(store: Store, client: Client, partner: str, key: str) -> None:
    """The same for all of a partner's products that somebody waits for."""
    from shared.standing.intent import SUBJECTS  # noqa: PLC0415

    after: str | None = None
    for _ in range(PAGES_MAX):
        page = await store.query(SUBJECTS, Query({"partner": partner}, limit=PAGE_MAX, after=after))
        await _read(client, [stored.value.id for stored in page.items], f"{key}:{after}")
        after = page.next
        if after is None:
            return


async def _read(client: Client, keys: Sequence[str], key: str) -> None:
    for first in range(0, len(keys), KEYS_MAX):
        some = keys[first : first + KEYS_MAX]
        name = hashlib.sha256("\n".join((key, *some)).encode()).hexdigest()[:24]
        try:
            status = await client.get_status(f"push-{name}")
            if status is None or status.runtime_status is None:
                await client.start_new(FLOW, f"push-{name}", pack({"keys": some}))
        except Exception as fault:  # noqa: BLE001 - the client raises bare Exceptions; the hourly run stays
            _log.warning("pushing: the watcher could not be started: %s", fault)
