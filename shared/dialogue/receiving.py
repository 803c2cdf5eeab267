"""Bringing what people and programs write to us to the flow that waits for it.

1. Kept under its provider's id, so that a second one of that id changes nothing.
2. Matched to what it answers (inbound.py).
3. Raised as an event of the flow behind the matched thread, or begins one of its own, as what is said about an order
   does (events.py); what fits none stays for staff.

Each step is noted, so whoever comes after a crash (the provider again, or the sweeper) goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from shared import inbox
from shared.dialogue import delivery
from shared.dialogue.delivery import Delivery, StatusNews
from shared.dialogue.events import Answered, Begins, Event, event_of, instance_of, is_talk
from shared.dialogue.inbound import INBOUND, Inbound, Match, Received, matched, open_match
from shared.dialogue.messages import OutboundMessage
from shared.ports import Store
from shared.records import AlreadyThere, ChangedMeanwhile, NotThere, Query, Stored, Unavailable, Write

LOOKED_AT_MAX = 50
"""How many of the messages that somebody got are looked through for the one that is answered."""
THREADS_ASKED_MAX = 5
SWEEP_AFTER = timedelta(minutes=2)
SWEEP_PAGE = 50
SWEEP_PAGES_MAX = 20
_ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})

_log = logging.getLogger(__name__)


class Client(inbox.Client, Protocol):
    """What is needed of the durable client."""

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        """Raises Exception where the instance is active."""


class Taken(NamedTuple):
    """A message as it is kept, and whether it had not been there before."""

    received: Received
    is_new: bool


async def take(store: Store, client: Client, inbound: Inbound, now: datetime) -> Taken:
    """Keep a message and bring it to whom it may concern; once kept, what fails is left to the sweeper.

    Raises Unavailable where it could not be kept.
    """
    stored, is_new = await _kept(store, inbound, now)
    try:
        return Taken(await settle(store, client, stored, now), is_new)
    except Unavailable as fault:
        _log.warning("inbound: %s waits for the sweeper: %s", stored.value.id, fault)
        return Taken(stored.value, is_new)


async def take_status(store: Store, client: Client, news: StatusNews, now: datetime) -> Delivery:
    """Keep what a provider tells of a message of ours; that it has failed, its flow learns. Raises Unavailable."""
    sent = await delivery.answered(store, news.provider_id) if news.status == "failed" else None
    known = await store.get(delivery.DELIVERIES, news.provider_id, news.provider_id)
    if sent and known and delivery.advanced(known.value, news).status == "failed":
        # Told first and noted then: after a crash between the two it is told again, to no harm.
        answer = Answered(kind="undelivered", message=sent.id, round=sent.message.round, reason=news.error)
        event = event_of(sent.thread, answer)
        if isinstance(event, Event):
            await _deliver(store, client, event, f"{news.provider_id}:failed", now)
    return await delivery.note(store, news)


async def settle(store: Store, client: Client, stored: Stored[Received], now: datetime) -> Received:
    """Match a kept message and raise its event, from where that stopped; raises Unavailable."""
    if stored.value.status == "new":
        match = await _found(store, client, stored.value.message)
        is_answer = match.how in {"answer", "button", "open"} or is_talk(match.thread)
        news = match.model_dump() | {"status": "matched" if is_answer else "unmatched"}
        stored = await _noted(store, stored, news)
    if stored.value.status != "matched":
        return stored.value
    is_raised = await _raised(store, client, stored.value, now)
    return (await _noted(store, stored, {"status": "raised" if is_raised else "unmatched"})).value


async def sweep(store: Store, client: Client, now: datetime) -> int:
    """Go on with messages that a crash has left on the way, oldest first; how many."""
    count = 0
    for status in ("new", "matched"):
        for _ in range(SWEEP_PAGES_MAX):
            late = {"status": status, "received_at": {"le": now - SWEEP_AFTER}}
            page = await store.query(INBOUND, Query(late, order="received_at", limit=SWEEP_PAGE))
            for stored in page.items:
                await settle(store, client, stored, now)
            count += len(page.items)
            if len(page.items) < SWEEP_PAGE:
                break
    return count


async def last_heard(store: Store, box: str) -> datetime | None:
    """When somebody last wrote to us on a channel."""
    page = await store.query(INBOUND, Query({"box": box}, order="-received_at", limit=1))
    return page.items[0].value.received_at if page.items else None


async def received(store: Store, record_id: str) -> Received | None:
    """A message that was kept, by the id that its flow was told."""
    stored = await store.get(INBOUND, record_id, record_id)
    return stored.value if stored else None


async def _kept(store: Store, inbound: Inbound, now: datetime) -> tuple[Stored[Received], bool]:
    record_id = inbox.record_id(f"{inbound.channel}:{inbound.provider_id}")
    fresh = Received(id=record_id, box=inbound.box, message=inbound, received_at=now)
    try:
        (stored,) = await store.apply(INBOUND, record_id, [Write("create", fresh)])
    except AlreadyThere:
        there = await store.get(INBOUND, record_id, record_id)
        assert there is not None  # nobody takes them away
        return there, False
    assert stored is not None
    return stored, True


async def _found(store: Store, client: Client, inbound: Inbound) -> Match:
    answered = await delivery.answered(store, inbound.in_reply_to) if inbound.in_reply_to else None
    match = matched(inbound, answered.message if answered else None, ())
    if match is not None and match.round is not None and match.payload is None and answered is not None:
        match = await _in_open_round(store, match, answered.message)
    if match is None:
        sent = [one.message for one in await delivery.sent_to(store, inbound.box, LOOKED_AT_MAX)]
        match = matched(inbound, None, sent)
    if match is None:
        open_thread = await _open_thread(client, sent) if inbound.is_proven else None
        match = open_match(inbound, sent, open_thread)
    return match


async def _in_open_round(store: Store, match: Match, answered: OutboundMessage) -> Match:
    """What is written to an older question is for the one that is open now; a button that was tapped is for its own."""
    sent = [one.message for one in await delivery.sent_to(store, answered.box, LOOKED_AT_MAX)]
    asked = [one for one in (answered, *sent) if one.thread == match.thread and one.round is not None]
    newest = max(asked, key=lambda one: one.round or 0)
    return match.model_copy(update={"answers": newest.id, "round": newest.round})


async def _open_thread(client: Client, sent: Sequence[OutboundMessage]) -> str | None:
    """The newest thread whose flow still runs."""
    threads = list(dict.fromkeys(one.thread for one in sent if one.thread))
    for thread in threads[:THREADS_ASKED_MAX]:
        if await _is_open(client, thread):
            return thread
    return None


async def _is_open(client: Client, thread: str) -> bool:
    instance = instance_of(thread)
    if instance is None:
        return False
    try:
        state = (await client.get_status(instance)).runtime_status
    except Exception as fault:
        raise Unavailable(f"the state of a flow cannot be told ({type(fault).__name__})") from fault
    return state is not None and str(state.name) not in _ENDED


async def _raised(store: Store, client: Client, record: Received, now: datetime) -> bool:
    """Whether some flow was told that has not ended."""
    answer = Answered(
        kind="reply", inbound=record.id, message=record.answers, payload=record.payload, round=record.round
    )
    event = event_of(record.thread, answer)
    if isinstance(event, Begins):
        return await _begun(client, event)
    return event is not None and await _deliver(store, client, event, record.id, now)


async def _begun(client: Client, begins: Begins) -> bool:
    """Begin a flow, unless it has been begun before; raises Unavailable."""
    try:
        state = (await client.get_status(begins.instance)).runtime_status
        if state is None:
            await client.start_new(begins.flow, begins.instance, begins.given)
    except Exception as fault:
        raise Unavailable(f"a flow cannot be begun ({type(fault).__name__})") from fault
    return True


async def _deliver(store: Store, client: Client, event: Event, own_id: str, now: datetime) -> bool:
    """Keep and raise an event; False where its flow had ended."""
    sender_id = event.sender_id or own_id
    kept = await inbox.receive(
        store, instance=event.instance, name=event.name, sender_id=sender_id, data=event.data, now=now
    )
    told = await inbox.deliver(store, client, kept.event, now)
    return told.status is not inbox.InboxStatus.DEAD


async def _noted(store: Store, stored: Stored[Received], news: dict[str, object]) -> Stored[Received]:
    """The record with some news in it; where somebody else was quicker, theirs."""
    after = stored.value.model_copy(update=news)
    try:
        (written,) = await store.apply(INBOUND, after.id, [Write("replace", after, stored.etag)])
    except (ChangedMeanwhile, NotThere):
        written = await store.get(INBOUND, after.id, after.id)
    if written is None:
        raise Unavailable("a message was taken away while it was being read")
    return written
