"""What is known of a message's delivery does not depend on the order of the news, or on how often they come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.store_sqlite import SqliteStore
from shared.dialogue.delivery import (
    DELIVERIES,
    RANKS,
    Delivery,
    DeliveryStatus,
    Outgoing,
    StatusNews,
    advanced,
    answered,
    claim,
    note,
)
from shared.dialogue.messages import OutboundMessage

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATUSES = get_args(DeliveryStatus)


class Standing:
    def now(self) -> datetime:
        return NOW


def news(status: DeliveryStatus, minutes: int = 0, error: str = "") -> StatusNews:
    return StatusNews(provider_id="SM1", status=status, at=NOW + timedelta(minutes=minutes), error=error)


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("told", STATUSES)
def test_every_pair_of_statuses(before: DeliveryStatus, told: DeliveryStatus) -> None:
    known = Delivery(id="SM1", status=before, at=NOW)
    after = advanced(known, news(told, 1))
    assert after.status == max(before, told, key=RANKS.__getitem__)
    assert (after is known) == (RANKS[told] <= RANKS[before])


@given(st.lists(st.sampled_from(STATUSES), max_size=8), st.randoms())
def test_order_and_repetition_make_no_difference(told: list[DeliveryStatus], random: object) -> None:
    def end(order: list[DeliveryStatus]) -> str:
        known = Delivery(id="SM1", at=NOW)
        for one in order:
            known = advanced(known, news(one))
        return known.status

    shuffled = told + told
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert end(shuffled) == end(told)


def test_read_is_never_only_sent_and_a_message_that_arrived_has_not_failed() -> None:
    known = advanced(Delivery(id="SM1", status="read", at=NOW), news("sent"))
    assert known.status == "read"
    failed = advanced(Delivery(id="SM1", at=NOW), news("failed", error="30003"))
    assert (failed.status, failed.error) == ("failed", "30003")
    assert (advanced(failed, news("delivered")).status, advanced(failed, news("delivered")).error) == ("delivered", "")


def outgoing(name: str) -> Outgoing:
    message = OutboundMessage(id=name, channel="sms", to="+15125550123", text="hi", thread="neg:1")
    return Outgoing(
        id=name, box=message.box, thread=message.thread, at=NOW, message=message, tried_at=NOW, again_at=NOW
    )


@pytest.mark.parametrize("order", list(permutations(["claim", "delivered", "sent"])))
def test_news_may_come_before_we_know_whose_message_it_is(tmp_path: Path, order: tuple[str, ...]) -> None:
    async def run() -> None:
        store = SqliteStore(tmp_path / "records.db", Standing())
        for one in order:
            if one == "claim":
                assert await claim(store, news("queued"), outgoing("m1"))
            else:
                await note(store, news(one))  # type: ignore[arg-type]
        stored = await store.get(DELIVERIES, "SM1", "SM1")
        assert stored is not None
        assert (stored.value.status, stored.value.message, stored.value.thread) == ("delivered", "m1", "neg:1")
        await store.close()

    asyncio.run(run())


def test_one_message_of_the_providers_is_one_of_ours(tmp_path: Path) -> None:
    async def run() -> None:
        store = SqliteStore(tmp_path / "records.db", Standing())
        claims = await asyncio.gather(*(claim(store, news("sent"), outgoing(f"m{n}")) for n in range(6)))
        assert sum(one is not None for one in claims) == 1
        assert await answered(store, "SM1") is None  # it is kept by whoever sends it
        await store.close()

    asyncio.run(run())
