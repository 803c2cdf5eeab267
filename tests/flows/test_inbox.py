"""The inbox: whatever comes twice, too early, too late or is lost on the way does no harm and is not forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest

from shared import wiring
from shared.adapters.store_sqlite import SqliteStore
from shared.clock import SystemClock
from shared.inbox import (
    ATTEMPTS_MAX,
    INBOX,
    MOVES,
    RAISE_AGAIN_SECONDS,
    RAISE_AGAIN_SECONDS_MAX,
    SWEEP_PAGE,
    SWEEP_PAGES_MAX,
    UNKNOWN_ATTEMPTS_MAX,
    InboxEvent,
    InboxFact,
    InboxStatus,
    acknowledge,
    attempted,
    deliver,
    opened,
    postponed,
    receive,
    record_id,
    sweep,
)
from shared.records import BATCH_MAX, Write
from shared.wire import ReservedKey, TooBig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


# --- whole flows


def kept(instance: str, event_id: str) -> InboxEvent:
    found = asyncio.run(wiring.deps().store.get(INBOX, instance, event_id))
    assert found is not None
    return found.value


def waiting(flows: Any, *events: str, **more: Any) -> str:
    flows.host.start("waits", {"events": events, **more}, instance_id="order-1")
    flows.host.settle()
    return "order-1"


def test_an_event_is_kept_raised_consumed_and_acknowledged(flows: Any) -> None:
    instance = waiting(flows, "reply")
    assert flows.post(instance, "reply-1", "SM1", {"text": "yes"})
    assert flows.host.result(instance) == [["reply-1", {"text": "yes"}]]
    event = kept(instance, "SM1")
    assert (event.status, event.attempts, event.data) == (InboxStatus.ACKNOWLEDGED, 1, {"text": "yes"})
    assert event.acknowledged_at == event.raised_at == event.received_at == flows.host.now


@pytest.mark.parametrize("data", ["4242", '"quoted"', "", None, 0, False, [], {"data": 1}])
def test_any_data_comes_through_as_it_was(flows: Any, data: Any) -> None:
    instance = waiting(flows, "reply", kind="any")
    flows.post(instance, "reply-1", "SM1", data)
    assert flows.host.result(instance) == [["reply-1", data]]


def test_one_that_comes_twice_counts_once(flows: Any) -> None:
    instance = waiting(flows, "reply", "reply")
    assert flows.post(instance, "reply-1", "SM1", "yes")
    assert not flows.post(instance, "reply-1", "SM1", "yes, really")
    flows.host.settle()
    assert flows.host.status(instance)["runtimeStatus"] == "Running"
    assert flows.post(instance, "reply-2", "SM2", "no")
    assert flows.host.result(instance) == [["reply-1", "yes"], ["reply-2", "no"]]


def test_one_that_comes_before_its_wait_is_raised_again_meanwhile_and_consumed_once(flows: Any) -> None:
    instance = waiting(flows, "reply", "reply", pause_minutes=90, minutes=60)
    flows.post(instance, "reply-1", "SM1", "early")
    flows.host.advance(80 * MINUTE)
    assert kept(instance, "SM1").attempts > 3
    flows.host.advance(10 * MINUTE)
    assert kept(instance, "SM1").status is InboxStatus.ACKNOWLEDGED
    flows.host.advance(150 * MINUTE)
    assert flows.host.result(instance) == [["reply-1", "early"], ["reply-2", "timed out"]]


def test_a_lost_raise_is_made_good_by_the_sweeper(flows: Any) -> None:
    instance = waiting(flows, "reply")
    flows.post(instance, "reply-1", "SM1", "yes", lose=True)
    flows.host.settle()
    assert flows.host.status(instance)["runtimeStatus"] == "Running"
    flows.host.advance(10 * MINUTE)
    assert flows.host.result(instance) == [["reply-1", "yes"]]
    assert (kept(instance, "SM1").status, kept(instance, "SM1").attempts) == (InboxStatus.ACKNOWLEDGED, 1)


def test_a_part_of_a_sweep_that_fails_is_told_and_keeps_no_other_from_its_work(
    flows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*given: object) -> int:
        raise OSError("no such box")

    monkeypatch.setattr("shared.dialogue.receiving.sweep", fails)
    instance = waiting(flows, "reply")
    flows.post(instance, "reply-1", "SM1", "yes", lose=True)
    flows.host.advance(10 * MINUTE)
    assert flows.host.result(instance) == [["reply-1", "yes"]]
    used = flows.host.meter()["functions"]["sweep_inbox"]
    assert used["failures"] == used["executions"] > 0


def test_one_that_comes_before_its_flow_is_there_reaches_it(flows: Any) -> None:
    flows.post("order-1", "reply-1", "SM1", "yes")
    assert (kept("order-1", "SM1").status, kept("order-1", "SM1").raised_at) == (InboxStatus.WAITING, None)
    instance = waiting(flows, "reply")
    flows.host.advance(10 * MINUTE)
    assert flows.host.result(instance) == [["reply-1", "yes"]]


def test_one_that_comes_after_the_end_is_given_up_at_once_and_loudly(
    flows: Any, caplog: pytest.LogCaptureFixture
) -> None:
    flows.run("plain", [], instance_id="order-1")
    with caplog.at_level(logging.ERROR, "shared.inbox"):
        flows.post("order-1", "reply-1", "SM1", "yes")
    event = kept("order-1", "SM1")
    assert (event.status, event.reason) == (InboxStatus.DEAD, "the flow had ended: Completed")
    assert "gave up SM1 (reply-1) of order-1" in caplog.text


def test_one_without_a_flow_is_given_up_after_some_attempts(flows: Any) -> None:
    flows.post("order-1", "reply-1", "SM1", "yes")
    flows.host.advance(3 * HOUR)
    event = kept("order-1", "SM1")
    assert (event.status, event.attempts) == (InboxStatus.DEAD, UNKNOWN_ATTEMPTS_MAX)
    assert event.reason == "there is no such flow"


def test_one_that_nobody_waits_for_is_given_up_in_the_end_and_the_flow_goes_on(flows: Any) -> None:
    instance = waiting(flows, "reply", minutes=4 * 24 * 60)
    flows.post(instance, "nobody-1", "SM1", "hello")
    flows.host.advance(timedelta(days=3))
    event = kept(instance, "SM1")
    assert (event.status, event.attempts) == (InboxStatus.DEAD, ATTEMPTS_MAX)
    flows.post(instance, "reply-1", "SM2", "yes")
    assert flows.host.result(instance) == [["reply-1", "yes"]]


def test_one_that_comes_in_time_but_is_swept_again_is_harmless(flows: Any) -> None:
    instance = waiting(flows, "reply", "reply", minutes=600)
    flows.post(instance, "reply-1", "SM1", "yes")
    flows.host.raise_event(instance, "reply-1", {"inbox_id": "SM1", "data": "yes"})
    flows.host.advance(HOUR)
    flows.host.raise_event(instance, "reply-2", "no")
    assert flows.host.result(instance) == [["reply-1", "yes"], ["reply-2", "no"]]


# --- on the store alone, with a client that says what it is told


class State(NamedTuple):
    name: str


class Answer(NamedTuple):
    runtime_status: State | None


class Client:
    """A durable client whose instances are all in one state."""

    def __init__(self, state: str | None = "Running", fault: str | None = None) -> None:
        self.state = state
        self.fault = fault
        self.raised: list[tuple[str, str, Any]] = []

    async def get_status(self, instance_id: str) -> Answer:
        if self.fault:
            raise RuntimeError(self.fault)
        return Answer(State(self.state) if self.state else None)

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        self.raised.append((instance_id, event_name, event_data))


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = SqliteStore(":memory:", SystemClock())
    yield made
    asyncio.run(made.close())


def event(**changes: Any) -> InboxEvent:
    due = NOON + timedelta(seconds=RAISE_AGAIN_SECONDS)
    made = InboxEvent(id="e", instance="i", name="reply-1", data=1, received_at=NOON, due_at=due)
    return made.model_copy(update=changes)


def test_two_that_come_at_the_same_moment_are_one(store: SqliteStore) -> None:
    async def both() -> list[bool]:
        received = await asyncio.gather(
            *(receive(store, instance="i", name="n-1", sender_id="s", data=number, now=NOON) for number in range(20))
        )
        assert len({one.event.etag for one in received}) == 1
        return [one.is_new for one in received]

    assert sorted(asyncio.run(both())) == [False] * 19 + [True]


def test_ids_that_are_not_fit_for_records_are_hashed_apart(store: SqliteStore) -> None:
    assert record_id("stripe:evt_1=a.b+c-d") == "stripe:evt_1=a.b+c-d"
    odd = ["a/b", "a\\b", "a?b", "a#b", "", " ", "x" * 151, "ä", "\ud800", "a\n"]
    assert len({record_id(one) for one in odd}) == len(odd)
    for one in odd:
        assert asyncio.run(receive(store, instance="i", name="n-1", sender_id=one, data=1, now=NOON)).is_new
        assert not asyncio.run(receive(store, instance="i", name="n-1", sender_id=one, data=1, now=NOON)).is_new


@pytest.mark.parametrize(("data", "error"), [({"__class__": 1}, ReservedKey), ("a" * 100_000, TooBig)])
def test_data_that_cannot_cross_is_refused_before_it_is_kept(
    store: SqliteStore, data: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        asyncio.run(receive(store, instance="i", name="n-1", sender_id="s", data=data, now=NOON))
    assert asyncio.run(store.get(INBOX, "i", "s")) is None


def test_a_client_that_fails_leaves_it_to_the_sweeper(store: SqliteStore, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> tuple[InboxEvent, int, Client]:
        received = await receive(store, instance="i", name="n-1", sender_id="s", data=1, now=NOON)
        after = await deliver(store, Client(fault="no route to host"), received.event, NOON)
        working = Client()
        return after, await sweep(store, working, after.due_at), working

    after, count, working = asyncio.run(work())
    assert (after.status, after.raised_at, after.attempts) == (InboxStatus.WAITING, None, 1)
    assert "no route to host" in caplog.text
    assert count == 1
    assert working.raised == [("i", "n-1", {"inbox_id": "s", "data": 1})]


def test_what_was_acknowledged_is_raised_no_more(store: SqliteStore) -> None:
    async def work() -> list[Any]:
        client = Client()
        received = await receive(store, instance="i", name="n-1", sender_id="s", data=1, now=NOON)
        for _ in range(2):
            await acknowledge(store, "i", "s", NOON)
        await acknowledge(store, "i", "expired", NOON)
        await sweep(store, client, NOON + HOUR)
        stale = await deliver(store, client, received.event, NOON)  # read before the flow acknowledged it
        assert stale.status is InboxStatus.ACKNOWLEDGED
        await deliver(
            store, client, (await receive(store, instance="i", name="n-1", sender_id="s", data=1, now=NOON)).event, NOON
        )
        return client.raised

    assert len(asyncio.run(work())) == 1


def test_a_sweep_is_bounded_and_leaves_nothing_for_ever(store: SqliteStore) -> None:
    most = SWEEP_PAGE * SWEEP_PAGES_MAX
    due = [event(id=f"e{number:04}", due_at=NOON - number * timedelta(seconds=1)) for number in range(most + 3)]

    async def work() -> tuple[list[int], list[str]]:
        for start in range(0, len(due), BATCH_MAX):
            await store.apply(INBOX, "i", [Write("create", one) for one in due[start : start + BATCH_MAX]])
        client = Client()
        counts = [await sweep(store, client, NOON) for _ in range(3)]
        return counts, [data["inbox_id"] for _, _, data in client.raised]

    counts, raised = asyncio.run(work())
    assert counts == [most, 3, 0]
    assert raised == [one.id for one in reversed(due)], "the oldest first, each once"


# --- rules


@pytest.mark.parametrize(("status", "fact"), list(product(InboxStatus, InboxFact)))
def test_every_fact_in_every_status(status: InboxStatus, fact: InboxFact) -> None:
    if fact is InboxFact.CONSUMED or status is InboxStatus.ACKNOWLEDGED:
        assert MOVES[status, fact] is InboxStatus.ACKNOWLEDGED
    else:
        assert MOVES[status, fact] is InboxStatus.DEAD


def test_pauses_double_up_to_a_measure_and_span_a_day_and_a_half() -> None:
    one, pauses = event(), []
    for _ in range(ATTEMPTS_MAX):
        after = postponed(one, one.due_at)
        pauses.append((after.due_at - one.due_at).total_seconds())
        one = after
    assert pauses[:3] == [RAISE_AGAIN_SECONDS, 2 * RAISE_AGAIN_SECONDS, 4 * RAISE_AGAIN_SECONDS]
    assert max(pauses) == RAISE_AGAIN_SECONDS_MAX
    assert timedelta(days=1.5) < timedelta(seconds=sum(pauses)) < timedelta(days=3)


@pytest.mark.parametrize(
    ("found", "attempts", "status", "is_raised"),
    [
        ("Running", 0, InboxStatus.WAITING, True),
        ("Pending", 0, InboxStatus.WAITING, True),
        ("Suspended", 0, InboxStatus.WAITING, True),
        ("Running", ATTEMPTS_MAX - 1, InboxStatus.DEAD, True),
        ("Completed", 0, InboxStatus.DEAD, False),
        ("Failed", 0, InboxStatus.DEAD, False),
        ("Terminated", 0, InboxStatus.DEAD, False),
        (None, 0, InboxStatus.WAITING, False),
        (None, UNKNOWN_ATTEMPTS_MAX - 1, InboxStatus.DEAD, False),
    ],
)
def test_what_an_attempt_comes_to(found: str | None, attempts: int, status: InboxStatus, is_raised: bool) -> None:
    after = attempted(event(attempts=attempts), found, NOON)
    assert (after.status, after.attempts, after.raised_at) == (status, attempts + 1, NOON if is_raised else None)
    assert bool(after.reason) == (status is InboxStatus.DEAD)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"inbox_id": "s", "data": [1]}, ("s", [1])),
        ('{"inbox_id": "s", "data": [1]}', ("s", [1])),
        ({"inbox_id": "s"}, (None, {"inbox_id": "s"})),
        ("text", (None, "text")),
        ('"4242"', (None, '"4242"')),
        (None, (None, None)),
    ],
)
def test_raised_data_is_taken_out_of_its_cover(data: Any, expected: tuple[Any, Any]) -> None:
    assert opened(data) == expected
