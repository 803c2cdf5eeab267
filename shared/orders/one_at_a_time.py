"""One thing at a time is asked about a leg: whether a change of it is under way."""

from __future__ import annotations

from shared.dialogue.negotiation import NEGOTIATIONS
from shared.orders.changing import negotiation_of
from shared.orders.recoveries import RECOVERIES
from shared.ports import Store
from shared.records import Query

LOOKED_AT_MAX = 50
"""Negotiations and recoveries of an order, the newest, that are looked at."""
SOUGHT = frozenset({"searching", "proposed"})
BUSY = "Something else is being asked about {title} already: wait for that, or answer it, first."


async def is_busy(store: Store, order: str, leg: str, change: str) -> bool:
    """Whether another change than this one, or a recovery that began before its own, is under way for a leg."""
    talks = await store.query(NEGOTIATIONS, Query({"order": order}, None, "-created_at", LOOKED_AT_MAX))
    others = (one.value for one in talks.items if one.value.id != negotiation_of(change))
    if any(one.leg == leg and not one.is_over for one in others):
        return True
    recoveries = await store.query(RECOVERIES, Query({}, order, "-created_at", LOOKED_AT_MAX))
    sought = sorted(
        (one.value.created_at, one.value.id)
        for one in recoveries.items
        if one.value.leg == leg and one.value.status in SOUGHT
    )
    return bool(sought) and sought[0][1] != change
