"""Nudges: a record that a flow watches is changed, and the flow is woken to look at it again.

The truth stands in the record; a nudge says nothing but that it has changed. Whoever changes the record notes when, in
the same write, and then raises the event that the flow has left there; the flow, looking, takes the note away. A nudge
that is lost on the way leaves the note, and the sweeper raises it again. Names of events carry their round, so one that
comes late, or twice, wakes nobody for nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import AwareDatetime

from shared.ports import Store
from shared.records import ChangedMeanwhile, Container, NotThere, Query, Record, Stored, Write
from shared.wire import Plain

NUDGE_AGAIN_SECONDS = 120
SWEEP_PAGE = 50
SWEEP_PAGES_MAX = 20
_ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})

_log = logging.getLogger(__name__)


class Wakes(Plain):
    """Which flow listens, and by which event it is woken now."""

    instance: str
    event: str


class Watched(Record):
    """A record that a flow watches; stirred_at: when it was changed, while the flow has not looked since."""

    wakes: Wakes | None = None
    stirred_at: AwareDatetime | None = None


W = TypeVar("W", bound=Watched)


class Client(Protocol):
    """What is needed of the durable client."""

    async def get_status(self, instance_id: str) -> Any:
        """Its `runtime_status` is None where there is no such instance."""

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        """Raises Exception where it cannot be delivered."""


async def stir(
    store: Store, client: Client, container: Container[W], before: Stored[W], after: W, now: datetime
) -> Stored[W]:
    """Write a record's change and wake its flow; raises ChangedMeanwhile, NotThere."""
    noted = after.model_copy(update={"stirred_at": now})
    (stored,) = await store.apply(container, container.partition_of(after), [Write("replace", noted, before.etag)])
    assert stored is not None
    await nudge(client, noted)
    return stored


async def nudge(client: Client, record: Watched) -> None:
    """Wake the flow that watches a record; what fails is left to the sweeper."""
    if record.wakes is None:
        return
    try:
        await client.raise_event(record.wakes.instance, record.wakes.event, None)
    except Exception as fault:  # noqa: BLE001 - the client raises bare Exceptions; the note in the record stays
        _log.warning("nudge: %s could not be woken: %s", record.wakes.instance, fault)


def heard(record: W, wakes: Wakes) -> W:
    """The record once its flow looks at it, listening for its next event."""
    return record.model_copy(update={"wakes": wakes, "stirred_at": None})


async def sweep(store: Store, client: Client, container: Container[W], now: datetime) -> int:
    """Wake again those whose note has stood for NUDGE_AGAIN_SECONDS, oldest first; how many."""
    count = 0
    long_ago = now - timedelta(seconds=NUDGE_AGAIN_SECONDS)
    after: str | None = None
    for _ in range(SWEEP_PAGES_MAX):
        due = Query({"stirred_at": {"le": long_ago}}, order="stirred_at", limit=SWEEP_PAGE, after=after)
        page = await store.query(container, due)
        for stored in page.items:
            await _again(store, client, container, stored)
        count += len(page.items)
        after = page.next
        if after is None:
            break
    return count


async def _again(store: Store, client: Client, container: Container[W], stored: Stored[W]) -> None:
    """Wake its flow, or forget the note where the flow has ended."""
    record = stored.value
    if record.wakes is not None:
        state = (await client.get_status(record.wakes.instance)).runtime_status
        if state is None or str(state.name) not in _ENDED:
            await nudge(client, record)
            return
    quiet = record.model_copy(update={"stirred_at": None})
    try:
        await store.apply(container, container.partition_of(record), [Write("replace", quiet, stored.etag)])
    except (ChangedMeanwhile, NotThere):
        return  # somebody is at it: the next sweep sees
