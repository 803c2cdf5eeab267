"""Embeddings by a model: batches within the service's limits, rows in their order, and what faults come to."""

import asyncio
import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.adapters.embeddings_openai import BATCH_TEXTS_MAX, RETRIES_MAX, TEXT_BYTES_MAX, OpenAiEmbeddings
from shared.adapters.openai_client import OpenAiClient
from shared.ports import Embeddings
from shared.records import Unavailable
from tests.peers import openai_peer
from tests.peers.openai_peer import KEY, Fault, OpenAiPeer, vector_of

DIMS = 16


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAiPeer]:
    with openai_peer.running() as found:
        yield found


@pytest.fixture
def peer(running: OpenAiPeer) -> OpenAiPeer:
    running.asked, running.faults = [], []
    return running


def embedded(url: str, texts: Sequence[str], key: str = KEY) -> NDArray[np.float32]:
    async def asked() -> NDArray[np.float32]:
        embeddings: Embeddings = OpenAiEmbeddings(key, url, "text-embedding-test", DIMS)
        try:
            return await embeddings.embed(texts)
        finally:
            await embeddings.close()  # type: ignore[attr-defined]

    return asyncio.run(asked())


def unit(text: str) -> NDArray[np.float32]:
    vector = vector_of(text, DIMS)
    return vector / np.linalg.norm(vector)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12), max_size=12))
def test_a_unit_row_for_each_text_in_its_order_and_zeros_for_blanks(peer: OpenAiPeer, texts: list[str]) -> None:
    rows = embedded(peer.url, texts)
    assert rows.shape == (len(texts), DIMS)
    assert rows.dtype == np.float32
    for row, text in zip(rows, texts, strict=True):
        expected = unit(text.strip()) if text.strip() else np.zeros(DIMS)
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_many_texts_go_in_batches(peer: OpenAiPeer) -> None:
    texts = [f"text {number}" for number in range(2 * BATCH_TEXTS_MAX + 1)]
    rows = embedded(peer.url, texts)
    assert [len(sent.body["input"]) for sent in peer.asked] == [BATCH_TEXTS_MAX, BATCH_TEXTS_MAX, 1]
    np.testing.assert_allclose(rows, np.stack([unit(text) for text in texts]), atol=1e-6)


def test_long_texts_are_cut_and_go_in_smaller_batches(peer: OpenAiPeer) -> None:
    texts = ["漢" * 9_000, *(f"{number} " + "y" * 20_000 for number in range(80))]
    rows = embedded(peer.url, texts)  # the peer refuses what the service would
    sent = [text for request in peer.asked for text in request.body["input"]]
    assert sent[0] == "漢" * (TEXT_BYTES_MAX // 3)
    assert {len(text) for text in sent[1:]} == {TEXT_BYTES_MAX}
    assert len(peer.asked) > 1
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_lone_surrogate_is_no_fault(peer: OpenAiPeer) -> None:
    np.testing.assert_allclose(embedded(peer.url, ["a\ud800b"])[0], unit("a?b"), atol=1e-6)


def test_what_goes_over_the_wire(peer: OpenAiPeer) -> None:
    embedded(peer.url, ["roses"])
    [sent] = peer.asked
    assert sent.path == "/v1/embeddings"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    expected = {"model": "text-embedding-test", "input": ["roses"], "dimensions": DIMS, "encoding_format": "base64"}
    assert sent.body == expected


def test_the_name_tells_model_and_dimensions() -> None:
    embeddings = OpenAiEmbeddings(KEY, "http://127.0.0.1:9/v1", "text-embedding-3-small", 256)
    assert (embeddings.name, embeddings.dims) == ("text-embedding-3-small-256", 256)


def test_nothing_to_embed_asks_nobody(peer: OpenAiPeer) -> None:
    assert embedded(peer.url, []).shape == (0, DIMS)
    assert not embedded(peer.url, ["", "  \n"]).any()
    assert peer.asked == []


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(429, {}, {"Retry-After": "0"})] * RETRIES_MAX,
        [Fault(503, {}, {"retry-after-ms": "1"}), Fault(500, {}, {"retry-after-ms": "1"})],
        [Fault(is_cut=True)],
    ],
    ids=str,
)
def test_faults_that_pass_are_not_told(peer: OpenAiPeer, faults: list[Fault]) -> None:
    peer.faults = list(faults)
    np.testing.assert_allclose(embedded(peer.url, ["roses"])[0], unit("roses"), atol=1e-6)
    assert len(peer.asked) == len(faults) + 1


def answer(*vectors: tuple[int, Any]) -> dict[str, Any]:
    return {"data": [{"index": index, "embedding": vector} for index, vector in vectors]}


def packed(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()


WHOLE = packed(*range(DIMS))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(200, answer()),
        Fault(200, answer((0, WHOLE), (0, WHOLE))),
        Fault(200, answer((0, WHOLE), (2, WHOLE))),
        Fault(200, answer((0, WHOLE), (1, WHOLE), (2, WHOLE))),
        Fault(200, answer((0, WHOLE), (1, packed(1, 2)))),
        Fault(200, answer((0, WHOLE), (1, "not base64!"))),
        Fault(200, answer((0, WHOLE), (1, "abc"))),
        Fault(200, answer((0, WHOLE), (1, packed(*[float("nan")] * DIMS)))),
        Fault(200, "<html></html>"),
        Fault(200, json.dumps({"data": 1})),
        Fault(400, {"error": {"message": "no"}}),
        Fault(404, {}),
        Fault(429, {"error": {"code": "insufficient_quota"}}),
        Fault(429, {}, {"Retry-After": "60"}),
    ],
    ids=str,
)
def test_what_cannot_be_mended_is_told_at_once(peer: OpenAiPeer, fault: Fault) -> None:
    peer.faults = [fault]
    with pytest.raises(Unavailable, match="OpenAI") as refusal:
        embedded(peer.url, ["a-secret", "b"])
    assert len(peer.asked) == 1
    assert "a-secret" not in str(refusal.value)
    assert refusal.value.retry_seconds == (60 if "Retry-After" in fault.headers else None)


def test_a_fault_that_stays_is_told(peer: OpenAiPeer) -> None:
    peer.faults = [Fault(429, {}, {"retry-after-ms": "1"})] * (RETRIES_MAX + 1)
    with pytest.raises(Unavailable, match="429") as refusal:
        embedded(peer.url, ["roses"])
    assert len(peer.asked) == RETRIES_MAX + 1
    assert refusal.value.retry_seconds == 0.001


def test_a_wrong_key_is_told_without_it(peer: OpenAiPeer) -> None:
    with pytest.raises(Unavailable, match=r"401 \(invalid_api_key\)") as refusal:
        embedded(peer.url, ["roses"], key="sk-wrong")
    assert "sk-wrong" not in str(refusal.value)


def test_an_answer_that_takes_too_long_is_not_waited_for(peer: OpenAiPeer) -> None:
    peer.faults = [Fault(200, {}, seconds=60)]

    async def asked() -> None:
        client = OpenAiClient(KEY, peer.url)
        try:
            await client.ask(lambda one: one.embeddings.create(model="m", input="a"), seconds_max=0.2, retries_max=3)
        finally:
            await client.close()

    with pytest.raises(Unavailable, match=r"did not answer within 0\.2 s"):
        asyncio.run(asked())
