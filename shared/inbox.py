"""The inbox: what the outside sends to a flow is stored first, then raised, and raised again until it is acknowledged.

An event has the id that its sender gave it, so a second one of that id changes nothing. It may come before the flow
waits for it (the host keeps it), twice, or after the end; whatever is lost on the way, the sweeper raises again.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from pydantic import JsonValue

from shared.changing import changed
from shared.ports import Store
from shared.records import (
    AlreadyThere,
    ChangedMeanwhile,
    Container,
    NotThere,
    Query,
    Record,
    Stored,
    Write,
)
from shared.wire import pack

RAISE_AGAIN_SECONDS = 120
RAISE_AGAIN_SECONDS_MAX = 6 * 3600
ATTEMPTS_MAX = 14
"""Doubling from RAISE_AGAIN_SECONDS these span a day and a half, longer than any early event comes too early."""
UNKNOWN_ATTEMPTS_MAX = 5
"""A flow that has just been asked for may not be there yet; after these it is taken for gone."""
SWEEP_PAGE = 50
SWEEP_PAGES_MAX = 20
TTL_SECONDS = 30 * 86_400

_SAFE_ID = re.compile(r"[A-Za-z0-9._:=+-]{1,150}")
_ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})
_ENVELOPE = frozenset({"inbox_id", "data"})

_log = logging.getLogger(__name__)


class InboxStatus(StrEnum):
    """How far an event has come."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    DEAD = "dead"


class InboxFact(StrEnum):
    """What can become of an event."""

    CONSUMED = "consumed"
    GIVEN_UP = "given_up"


MOVES: dict[tuple[InboxStatus, InboxFact], InboxStatus] = {
    (InboxStatus.WAITING, InboxFact.CONSUMED): InboxStatus.ACKNOWLEDGED,
    (InboxStatus.WAITING, InboxFact.GIVEN_UP): InboxStatus.DEAD,
    (InboxStatus.ACKNOWLEDGED, InboxFact.CONSUMED): InboxStatus.ACKNOWLEDGED,
    (InboxStatus.ACKNOWLEDGED, InboxFact.GIVEN_UP): InboxStatus.ACKNOWLEDGED,
    # The flow may come to its wait after all: the host had kept the event.
    (InboxStatus.DEAD, InboxFact.CONSUMED): InboxStatus.ACKNOWLEDGED,
    (InboxStatus.DEAD, InboxFact.GIVEN_UP): InboxStatus.DEAD,
}


class InboxEvent(Record):
    """An event for one flow; due_at: when it is raised (again) unless acknowledged. Why it died stands in reason."""

    instance: str
    name: str
    data: JsonValue
    received_at: datetime
    due_at: datetime
    raised_at: datetime | None = None
    acknowledged_at: datetime | None = None
    attempts: int = 0
    status: InboxStatus = InboxStatus.WAITING
    reason: str = ""


INBOX = Container(
    "inbox", InboxEvent, "instance", indexes=("status", "due_at", "status,due_at"), ttl_seconds=TTL_SECONDS
)


class Received(NamedTuple):
    """An event as it was stored, and whether it had not been there before."""

    event: Stored[InboxEvent]
    is_new: bool


class Client(Protocol):
    """What is needed of the durable client."""

    async def get_status(self, instance_id: str) -> Any:
        """Its `runtime_status` is None where there is no such instance."""

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        """Raises Exception where it cannot be delivered."""


def record_id(sender_id: str) -> str:
    """The sender's id where it is fit for a record, else its hash."""
    if _SAFE_ID.fullmatch(sender_id):
        return sender_id
    return "sha256=" + sha256(sender_id.encode("utf-8", "surrogatepass")).hexdigest()


async def receive(store: Store, *, instance: str, name: str, sender_id: str, data: object, now: datetime) -> Received:
    """Store an event unless its sender's id is there already (write ids of different senders as `stripe:evt_1`).

    Raises the errors of wire.pack for data that cannot cross, and shared.records.Unavailable.
    """
    due = now + timedelta(seconds=RAISE_AGAIN_SECONDS)
    event = InboxEvent(
        id=record_id(sender_id), instance=instance, name=name, data=pack(data), received_at=now, due_at=due
    )
    try:
        (stored,) = await store.apply(INBOX, instance, [Write("create", event)])
    except AlreadyThere:
        there = await store.get(INBOX, instance, event.id)
        if there is None:  # it expired between the two: as good as new
            return await receive(store, instance=instance, name=name, sender_id=sender_id, data=data, now=now)
        return Received(there, is_new=False)
    assert stored is not None
    return Received(stored, is_new=True)


async def deliver(store: Store, client: Client, stored: Stored[InboxEvent], now: datetime) -> InboxEvent:
    """Raise an event that waits, and note it; the event as it then stands. What fails now is left to the sweeper."""
    event = stored.value
    if event.status is not InboxStatus.WAITING:
        return event
    try:
        state = (await client.get_status(event.instance)).runtime_status
        found = None if state is None else str(state.name)
        if found is not None and found not in _ENDED:
            await client.raise_event(event.instance, event.name, {"inbox_id": event.id, "data": event.data})
        after = attempted(event, found, now)
    except Exception as fault:  # noqa: BLE001 - the client raises bare Exceptions; the event stays due
        _log.warning("inbox: %s of %s could not be raised: %s", event.id, event.instance, fault)
        after = postponed(event, now)
    return await _note(store, stored, after)


async def acknowledge(store: Store, instance: str, event_id: str, now: datetime) -> None:
    """Note that a flow has consumed an event; twice, or where it has expired, does nothing. Raises Unavailable."""

    def consumed(event: InboxEvent) -> InboxEvent:
        if event.status is InboxStatus.ACKNOWLEDGED:
            return event
        status = MOVES[event.status, InboxFact.CONSUMED]
        return event.model_copy(update={"status": status, "acknowledged_at": now, "reason": ""})

    await changed(store, INBOX, instance, event_id, consumed)


async def sweep(store: Store, client: Client, now: datetime) -> int:
    """Raise again what is due, oldest first, SWEEP_PAGES_MAX pages at most; how many."""
    count = 0
    for _ in range(SWEEP_PAGES_MAX):
        # Always the first page: what has been tried is not due any more.
        due = Query({"status": InboxStatus.WAITING.value, "due_at": {"le": now}}, order="due_at", limit=SWEEP_PAGE)
        page = await store.query(INBOX, due)
        for stored in page.items:
            await deliver(store, client, stored, now)
        count += len(page.items)
        if len(page.items) < SWEEP_PAGE:
            break
    return count


# --- rules


def attempted(event: InboxEvent, found: str | None, now: datetime) -> InboxEvent:
    """The event after an attempt; found: the runtime status of its instance, None where there is none."""
    raised = found is not None and found not in _ENDED
    after = postponed(event, now)
    if raised:
        after = after.model_copy(update={"raised_at": now})
    reason = _hopeless(after.attempts, found)
    if reason is None:
        return after
    return after.model_copy(update={"status": MOVES[event.status, InboxFact.GIVEN_UP], "reason": reason})


def postponed(event: InboxEvent, now: datetime) -> InboxEvent:
    """The event with one more attempt counted, due again after a pause that doubles."""
    pause = min(RAISE_AGAIN_SECONDS * 2**event.attempts, RAISE_AGAIN_SECONDS_MAX)
    return event.model_copy(update={"attempts": event.attempts + 1, "due_at": now + timedelta(seconds=pause)})


def opened(data: object) -> tuple[str | None, Any]:
    """The inbox id and the data of a raised event; None and all of it where it did not come through the inbox."""
    plain = data
    if isinstance(data, str):
        try:
            plain = json.loads(data)
        except ValueError:
            return None, data
    if isinstance(plain, dict) and plain.keys() == _ENVELOPE:
        return str(plain["inbox_id"]), plain["data"]
    return None, data


def _hopeless(attempts: int, found: str | None) -> str | None:
    """Why there is no use in another attempt, if so."""
    if found in _ENDED:
        return f"the flow had ended: {found}"
    if found is None and attempts >= UNKNOWN_ATTEMPTS_MAX:
        return "there is no such flow"
    if attempts >= ATTEMPTS_MAX:
        return f"no wait of the flow took it in {attempts} attempts"
    return None


async def _note(store: Store, stored: Stored[InboxEvent], after: InboxEvent) -> InboxEvent:
    if after.status is InboxStatus.DEAD:
        _log.error("inbox: gave up %s (%s) of %s: %s", after.id, after.name, after.instance, after.reason)
    try:
        await store.apply(INBOX, after.instance, [Write("replace", after, stored.etag)])
    except (ChangedMeanwhile, NotThere):
        # The flow acknowledged it, or another sweeper was there: theirs stands.
        there = await store.get(INBOX, after.instance, after.id)
        return there.value if there else after
    return after
