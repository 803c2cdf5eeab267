"""One contract for every carrier behind the broker: once, however often it is asked for, and whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.adapters.messages_broker import DOUBT_SECONDS, LEASE_SECONDS, BrokerMessages
from shared.adapters.store_sqlite import SqliteStore
from shared.dialogue.delivery import DELIVERIES, OUTGOING, Delivery, deliveries_of, delivery_of, sent_to
from shared.dialogue.messages import TEXT_LENGTH_MAX, MessageIdReused, Undeliverable
from shared.records import Unavailable, Write
from tests.adapters.messages_carriers import CARRIERS, START, Played, Sms

TEXT = "Can you do pink?"


@pytest.fixture(params=CARRIERS, ids=lambda one: one.__name__)
def played(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Played]:
    with request.param.running(tmp_path) as running:
        yield running


@pytest.fixture(params=CARRIERS[1:], ids=lambda one: one.__name__)
def outside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Played]:
    """Those whose other side may break."""
    with request.param.running(tmp_path) as running:
        yield running


def looked_at(played: Played, look: Any) -> Any:
    """What is found in the store."""
    found = []

    async def run() -> None:
        store = SqliteStore(played.folder / "records.db", played.clock)
        try:
            found.append(await look(store))
        finally:
            await store.close()

    asyncio.run(run())
    return found[0]


def test_a_message_arrives_and_its_receipt_is_kept(played: Played) -> None:
    async def send(messages: BrokerMessages) -> None:
        sent = await messages.send(played.message(thread="neg:1", round=2))
        assert (sent.message, sent.at) == ("m1", played.clock.now())
        assert sent.provider_id

    played.play(send)
    assert played.arrived() == [TEXT]
    told = looked_at(played, lambda store: delivery_of(store, "m1"))
    assert (told.message, told.thread, told.box) == ("m1", "neg:1", f"{played.channel}:{played.to}")
    assert told.status in {"queued", "sent", "delivered"}
    assert looked_at(played, lambda store: deliveries_of(store, "neg:1")) == [told]
    assert [one.message.round for one in looked_at(played, lambda store: sent_to(store, told.box, 5))] == [2]


def test_the_same_again_arrives_once_with_the_first_receipt(played: Played) -> None:
    receipts = []

    async def send(messages: BrokerMessages) -> None:
        receipts.append(await messages.send(played.message()))

    for _ in range(3):
        played.play(send)
        played.wait(3_600)
    assert len(set(receipts)) == 1
    assert played.arrived() == [TEXT]


def test_many_at_once_with_one_id_arrive_once(played: Played) -> None:
    async def send(messages: BrokerMessages) -> None:
        answers = await asyncio.gather(*(messages.send(played.message()) for _ in range(12)), return_exceptions=True)
        assert {type(one).__name__ for one in answers} <= {"Sent", "Unavailable"}
        assert len({one for one in answers if not isinstance(one, BaseException)}) == 1

    played.play(send)
    assert played.arrived() == [TEXT]


@pytest.mark.parametrize("change", [{"text": "And red?"}, {"thread": "neg:2"}, {"round": 7}])
def test_an_id_stands_for_one_message(played: Played, change: dict[str, Any]) -> None:
    async def send(messages: BrokerMessages) -> None:
        await messages.send(played.message())
        with pytest.raises(MessageIdReused, match="m1"):
            await messages.send(played.message(**change))

    played.play(send)
    assert played.arrived() == [TEXT]


def test_what_is_too_long_cannot_be_made(played: Played) -> None:
    with pytest.raises(ValidationError, match="takes"):
        played.message(text="x" * (TEXT_LENGTH_MAX[played.channel] + 1))


def test_the_longest_is_taken(played: Played) -> None:
    text = "\n".join(["y" * 79] * (TEXT_LENGTH_MAX[played.channel] // 80))

    async def send(messages: BrokerMessages) -> None:
        await messages.send(played.message(text=text))

    played.play(send)
    assert played.arrived() == [text]


def test_any_letter_arrives(played: Played) -> None:
    text = "Grüße, 花 & <b>“50 %”</b> 🌷 é\nnext = line"

    async def send(messages: BrokerMessages) -> None:
        await messages.send(played.message(text=text))

    played.play(send)
    assert played.arrived() == [text]


def test_what_breaks_down_is_unavailable_and_arrives_with_the_next_attempt(outside: Played) -> None:
    played = outside
    played.break_down()

    async def fail(messages: BrokerMessages) -> None:
        with pytest.raises(Unavailable):
            await messages.send(played.message())

    async def send(messages: BrokerMessages) -> None:
        await messages.send(played.message())

    played.play(fail)
    assert played.arrived() == []
    played.wait(LEASE_SECONDS)
    played.play(send)
    assert played.arrived() == [TEXT]


def test_a_lost_answer_leads_to_no_second_message(outside: Played) -> None:
    played = outside
    played.lose_answer()

    async def fail(messages: BrokerMessages) -> None:
        with pytest.raises(Unavailable):
            await messages.send(played.message())
        with pytest.raises(Unavailable) as busy:  # its lists lag behind
            await messages.send(played.message())
        assert busy.value.retry_seconds == DOUBT_SECONDS

    async def send(messages: BrokerMessages) -> None:
        await messages.send(played.message())

    played.play(fail)
    played.wait(DOUBT_SECONDS)
    played.play(send)
    assert played.arrived() == [TEXT]


def test_a_process_that_died_is_waited_for_and_then_followed(played: Played) -> None:
    """Its record is there, and whether it got as far as the provider nobody knows: here it did not."""

    async def die(messages: BrokerMessages) -> None:
        with pytest.raises(ZeroDivisionError):
            await messages.send(played.message())

    async def refused(messages: BrokerMessages) -> None:
        if played.is_outside:
            with pytest.raises(Unavailable, match="just being sent"):
                await messages.send(played.message())

    async def send(messages: BrokerMessages) -> None:
        await messages.send(played.message())

    real = played.carrier
    played.carrier = lambda store: Dying(real(store))  # type: ignore[method-assign]
    played.play(die)
    played.carrier = real  # type: ignore[method-assign]
    played.play(refused)
    assert played.arrived() == []
    played.wait(LEASE_SECONDS)
    played.play(send)
    assert played.arrived() == [TEXT]


class Dying:
    """A carrier whose process ends before it has done anything."""

    def __init__(self, real: Any) -> None:
        self.lease_seconds = real.lease_seconds

    async def carry(self, message: Any) -> Any:
        raise ZeroDivisionError

    async def traces(self, outgoing: Any) -> Any:
        raise AssertionError("nobody asks")


def test_a_channel_without_a_carrier_is_refused(played: Played) -> None:
    async def send(messages: BrokerMessages) -> None:
        bare = BrokerMessages(messages._store, played.clock, {})
        with pytest.raises(Undeliverable, match="not_offered"):
            await bare.send(played.message())
        await messages.send(played.message())  # once it is set up, it goes

    played.play(send)
    assert played.arrived() == [TEXT]


def test_a_failure_told_before_the_receipt_is_no_receipt(tmp_path: Path) -> None:
    """Twilio's news of a message may be quicker than its answer."""
    early = Delivery(id=f"SM{1:032x}", status="failed", error="30003", at=START)

    async def send(messages: BrokerMessages) -> None:
        await messages._store.apply(DELIVERIES, early.id, [Write("create", early)])
        for _ in range(2):
            with pytest.raises(Undeliverable, match="30003"):
                await messages.send(played.message())
        kept = await messages._store.get(OUTGOING, "m1", "m1")
        assert kept is not None
        assert kept.value.refused == "refused"

    with Sms.running(tmp_path) as played:
        played.play(send)
