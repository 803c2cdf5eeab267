"""Embeddings of OpenAI's models, over its SDK; importing this module loads it.

Format: https://platform.openai.com/docs/api-reference/embeddings. In the tests it runs against a server of this
wire format; it has not been run against an account.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.adapters.openai_client import OpenAiClient
from shared.records import Unavailable

BATCH_TEXTS_MAX = 256
BATCH_BYTES_MAX = 300_000
"""The service takes 300,000 tokens a request, and a token is at least one byte."""
TEXT_BYTES_MAX = 8_191
"""The service takes so many tokens a text; what stands behind is not read."""
SECONDS_MAX = 10.0
RETRIES_MAX = 3


class _Row(BaseModel):
    model_config = ConfigDict(defer_build=True)

    index: int
    embedding: str


class _Answer(BaseModel):
    model_config = ConfigDict(defer_build=True)

    data: list[_Row]


class _Entry(NamedTuple):
    """Where a text stands in the list, and as much of it as is sent."""

    at: int
    text: str


class OpenAiEmbeddings:
    """Satisfies shared.ports.Embeddings on an OpenAI model that can be cut to a number of dimensions."""

    def __init__(self, api_key: str, base_url: str, model: str, dims: int) -> None:
        """model: one that takes `dimensions`, such as text-embedding-3-small."""
        self._client = OpenAiClient(api_key, base_url)
        self._model = model
        self._dims = dims

    @property
    def name(self) -> str:
        """The model and its dimensions: vectors of others cannot be compared."""
        return f"{self._model}-{self._dims}"

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return self._dims

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text (texts, dims), unit length; zeros for a text of blanks, which is not sent.

        Raises Unavailable where a batch gets no usable answer within SECONDS_MAX.
        """
        rows = np.zeros((len(texts), self._dims), np.float32)
        for batch in _batches(texts):
            rows[[entry.at for entry in batch]] = await self._embedded([entry.text for entry in batch])
        return rows

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _embedded(self, texts: list[str]) -> NDArray[np.float32]:
        async def asked(client: AsyncOpenAI) -> bytes:
            answer = await client.embeddings.with_raw_response.create(
                model=self._model, input=texts, dimensions=self._dims, encoding_format="base64"
            )
            return answer.content

        body = await self._client.ask(asked, seconds_max=SECONDS_MAX, retries_max=RETRIES_MAX)
        try:
            return _unit(_vectors(_Answer.model_validate_json(body), len(texts), self._dims))
        except (ValidationError, ValueError, binascii.Error) as error:
            raise Unavailable(f"OpenAI's embeddings cannot be read ({type(error).__name__}).") from error


def _batches(texts: Sequence[str]) -> Iterator[list[_Entry]]:
    batch: list[_Entry] = []
    size = 0
    for at, text in enumerate(texts):
        content = text.strip().encode(errors="replace")[:TEXT_BYTES_MAX]
        if not content:
            continue
        if len(batch) == BATCH_TEXTS_MAX or size + len(content) > BATCH_BYTES_MAX:
            yield batch
            batch, size = [], 0
        batch.append(_Entry(at, content.decode(errors="ignore")))
        size += len(content)
    if batch:
        yield batch


def _vectors(answer: _Answer, count: int, dims: int) -> NDArray[np.float32]:
    """The rows by their index, whatever order they came in; raises ValueError unless there is just one of each."""
    if sorted(row.index for row in answer.data) != list(range(count)):
        raise ValueError("an answer of other rows than were asked for")
    found = np.empty((count, dims), np.float32)
    for row in answer.data:
        vector = np.frombuffer(base64.b64decode(row.embedding, validate=True), "<f4")
        if len(vector) != dims or not np.isfinite(vector).all():
            raise ValueError("a vector of another length, or with a number that is none")
        found[row.index] = vector
    return found


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
