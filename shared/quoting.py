"""Quotes for routes and steps: with the roster of workers and hubs, and how full days are from the capacities."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import azure.durable_functions as df

from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.orders.quote import Quoter


class Entities(Protocol):
    """What is needed of the durable client."""

    async def read_entity_state(self, entity_id: df.EntityId) -> Any:
        """Its `entity_exists` is false where there is no such entity."""


def quoter_of(deps: Deps, client: Entities, now: datetime) -> Quoter:
    """Who makes quotes at a moment."""
    from shared.logistics.capacity import Capacity, free_units  # noqa: PLC0415  with the first quote, not with the app
    from shared.orders.hubs import Day  # noqa: PLC0415
    from shared.orders.quote import Quoter  # noqa: PLC0415
    from shared.wire import unpack  # noqa: PLC0415

    async def day(key: str) -> Day:
        kept = await client.read_entity_state(df.EntityId("capacity", key))
        if not kept.entity_exists:
            return Day()
        state = unpack(Capacity, kept.entity_state)
        return Day((state.limit or 0) - free_units(state, now), state.limit)

    return Quoter(deps.scout, deps.taxonomy, deps.roster, day)
