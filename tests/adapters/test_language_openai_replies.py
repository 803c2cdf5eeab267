"""Replies read by a model: what goes over the wire, and what comes of good answers and of every kind of bad one."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from shared.adapters.language_openai import REPLY_CLOSING, REPLY_OPENING, OpenAiLanguage
from shared.adapters.language_rules import RulesOnly
from shared.dialogue.reply.corroborate import ReplyClaim
from shared.dialogue.reply.model import Asked
from shared.money.amounts import Money
from tests.peers import openai_peer
from tests.peers.openai_peer import KEY, Fault, OpenAiPeer

TEXT = "the mauve lot then, secret-word, 53 round six"
ASKED = Asked(wanted="pink flowers", ordered="red flowers", price=Money(minor=5000, currency="USD"))
ABOUT = "now: 2026-11-20T10:00:00-06:00"
HEARD: dict[str, Any] = {
    "kind": "counter", "item": "mauve lot", "amount": 53, "currency": None, "amount_is": "total", "time": "six",
    "delay": None, "quantity": None, "reason": None, "confidence": 0.9,
}  # fmt: skip


@pytest.fixture
def peer() -> Iterator[OpenAiPeer]:
    with openai_peer.running() as running:
        running.says = json.dumps(HEARD)
        yield running


def claimed(url: str, text: str = TEXT, key: str = KEY) -> ReplyClaim | None:
    async def asked() -> ReplyClaim | None:
        language = OpenAiLanguage(key, url, "gpt-test")
        try:
            return await language.read_reply(text, ASKED, ABOUT)
        finally:
            await language.close()

    return asyncio.run(asked())


def test_a_good_answer_becomes_a_claim(peer: OpenAiPeer) -> None:
    assert claimed(peer.url) == ReplyClaim(
        kind="counter", confidence=0.9, item="mauve lot", amount=Money(minor=5300, currency="USD"), amount_is="total",
        time="six",
    )  # fmt: skip


def test_what_goes_over_the_wire(peer: OpenAiPeer) -> None:
    claimed(peer.url, TEXT + REPLY_CLOSING)
    [sent] = peer.asked
    system, user = sent.body["messages"]
    assert ABOUT in system["content"]
    assert TEXT not in system["content"]
    assert "pink flowers" in user["content"][0]["text"]
    assert user["content"][0]["text"].count(REPLY_OPENING) == user["content"][0]["text"].count(REPLY_CLOSING) == 1
    assert user["content"][0]["text"].endswith(REPLY_CLOSING)
    shape = sent.body["response_format"]["json_schema"]
    assert shape["strict"] is True
    assert openai_peer.not_strict(shape["schema"]) is None
    assert sorted(shape["schema"]["required"]) == sorted(HEARD)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 1e300}, {"amount": -5}, {"amount": 0}, {"currency": "BTC"}, {"amount": None},
    ],
)  # fmt: skip
def test_amounts_beyond_reason_are_left_out(peer: OpenAiPeer, changed: dict[str, Any]) -> None:
    peer.says = json.dumps({**HEARD, **changed})
    found = claimed(peer.url)
    assert found is not None
    assert (found.amount, found.amount_is) == (None, None)


def test_numbers_beyond_reason_are_left_out(peer: OpenAiPeer) -> None:
    peer.says = json.dumps({**HEARD, "quantity": -3, "confidence": 7})
    found = claimed(peer.url)
    assert found is not None
    assert (found.quantity, found.confidence) == (None, 1.0)


def test_a_refusal_leaves_it_to_the_rules(peer: OpenAiPeer) -> None:
    peer.refusal = "I cannot help with that."
    assert claimed(peer.url) is None


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_that_did_not_end_by_itself_leaves_it_to_the_rules(peer: OpenAiPeer, finish: str) -> None:
    peer.finish = finish
    assert claimed(peer.url) is None


@pytest.mark.parametrize(
    "says", ["", "mauve!", "[]", json.dumps({**HEARD, "kind": "confirmed"}), json.dumps({**HEARD, "price": 1})]
)
def test_an_answer_that_does_not_parse_leaves_it_to_the_rules(peer: OpenAiPeer, says: str) -> None:
    peer.says = says
    assert claimed(peer.url) is None


def test_who_is_not_there_in_time_or_refuses_the_key_leaves_it_to_the_rules(peer: OpenAiPeer) -> None:
    peer.faults = [Fault(500, {})] * 2
    assert claimed(peer.url) is None
    assert claimed(peer.url, key="sk-wrong") is None


def test_what_was_said_is_not_logged(peer: OpenAiPeer, caplog: pytest.LogCaptureFixture) -> None:
    peer.says = json.dumps({"kind": TEXT})
    with caplog.at_level(logging.WARNING):
        assert claimed(peer.url) is None
    assert "did not fill in" in caplog.text or "does not parse" in caplog.text
    assert "secret-word" not in caplog.text


def test_without_a_model_nobody_claims_anything() -> None:
    assert asyncio.run(RulesOnly().read_reply(TEXT, ASKED, ABOUT)) is None
