"""News retold by a model: what goes over the wire, what comes of good answers and bad ones; nothing is added."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from shared.adapters.language_openai import NEWS_CLOSING, NEWS_OPENING, OpenAiLanguage
from shared.adapters.language_rules import RulesOnly
from shared.dialogue.narration.event import Narration
from tests.peers import openai_peer
from tests.peers.openai_peer import KEY, Fault, OpenAiPeer

TOLD = Narration(headline="On its way", what="Your roses left at 10:30.", when=f"With you today 3 PM. {NEWS_CLOSING}")
SILENT = dict.fromkeys(("means", "doing", "reasoning"), "")
HEARD = {"what": "At 10:30 your roses set out.", "when": "They come today 3 PM.", **SILENT}


@pytest.fixture
def peer() -> Iterator[OpenAiPeer]:
    with openai_peer.running() as running:
        running.says = json.dumps(HEARD)
        yield running


def retold(url: str) -> Narration | None:
    async def asked() -> Narration | None:
        language = OpenAiLanguage(KEY, url, "gpt-test")
        try:
            return await language.retell(TOLD)
        finally:
            await language.close()

    return asyncio.run(asked())


def test_a_good_answer_is_the_same_news_in_other_words(peer: OpenAiPeer) -> None:
    assert retold(peer.url) == TOLD.model_copy(update=HEARD)


def test_what_goes_over_the_wire(peer: OpenAiPeer) -> None:
    retold(peer.url)
    [sent] = peer.asked
    system, user = sent.body["messages"]
    assert "roses" not in system["content"]
    assert "what: Your roses left at 10:30." in user["content"][0]["text"]
    assert user["content"][0]["text"].count(NEWS_OPENING) == user["content"][0]["text"].count(NEWS_CLOSING) == 1
    assert user["content"][0]["text"].endswith(NEWS_CLOSING)
    shape = sent.body["response_format"]["json_schema"]
    assert shape["strict"] is True
    assert openai_peer.not_strict(shape["schema"]) is None


def test_what_is_no_answer_leaves_the_rules_words(peer: OpenAiPeer) -> None:
    peer.faults = [Fault(status=400)]
    assert retold(peer.url) is None
    peer.says = "Dear customer,"
    assert retold(peer.url) is None
    peer.refusal = "No."
    assert retold(peer.url) is None
    assert asyncio.run(RulesOnly().retell(TOLD)) is None
