"""A loopback server in OpenAI's wire format: chat completions with structured outputs, and embeddings.

Formats: https://platform.openai.com/docs/api-reference/chat and …/embeddings, errors by …/docs/guides/error-codes. Like
the service it refuses what is not authorised, schemas that strict mode does not take, and inputs beyond its limits.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from aiohttp import web

KEY = "sk-loopback"
EMBEDDING_INPUTS_MAX = 2_048
EMBEDDING_TOKENS_MAX, EMBEDDING_TOKENS_SUM_MAX = 8_192, 300_000
_STRICT_UNKNOWN = {"oneOf", "allOf", "not", "default", "minLength", "maxLength", "discriminator", "prefixItems"}


class Fault(NamedTuple):
    """One answer in place of the usual one. body: text as it is, anything else as JSON; seconds: how long it takes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})
    seconds: float = 0.0
    is_cut: bool = False


class Asked(NamedTuple):
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: Any


class OpenAiPeer:
    """faults: answered first, in turn. says: what the model says then; finish, refusal: how it ends."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.says = "{}"
        self.finish = "stop"
        self.refusal: str | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        body = json.loads(await request.text())
        self.asked.append(Asked(request.path, {name.lower(): value for name, value in request.headers.items()}, body))
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, "Incorrect API key provided.", "invalid_api_key")
        if self.faults:
            return await self._fault(request, self.faults.pop(0))
        if request.path == "/v1/embeddings":
            return embeddings(body)
        if request.path == "/v1/chat/completions":
            return self._completion(body)
        return error(404, f"Unknown request URL: POST {request.path}.", "unknown_url")

    async def _fault(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        await asyncio.sleep(fault.seconds)
        if fault.is_cut:
            assert request.transport is not None
            request.transport.abort()
        if isinstance(fault.body, str):
            return web.Response(
                status=fault.status, text=fault.body, headers={"Content-Type": "text/html", **fault.headers}
            )
        return web.json_response(fault.body or {}, status=fault.status, headers=fault.headers)

    def _completion(self, body: dict[str, Any]) -> web.Response:
        shape = body.get("response_format", {}).get("json_schema", {})
        problem = not_strict(shape.get("schema", {})) if shape.get("strict") else "strict is not set"
        if problem:
            return error(400, f"Invalid schema for response_format: {problem}", None)
        message = {"role": "assistant", "content": None if self.refusal else self.says, "refusal": self.refusal}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return web.json_response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_763_000_000,
                "model": body["model"],
                "choices": [choice],
                "usage": usage,
            }
        )


def not_strict(schema: Any, where: str = "schema") -> str | None:
    """Why strict mode refuses a schema, None where it takes it."""
    if isinstance(schema, list):
        return next((why for one in schema if (why := not_strict(one, where))), None)
    if not isinstance(schema, dict):
        return None
    if unknown := _STRICT_UNKNOWN & schema.keys():
        return f"{where} has {min(unknown)}"
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"{where} allows additional properties"
        if sorted(schema.get("required", ())) != sorted(properties):
            return f"{where} does not require every property"
    named = {key: schema[key] for key in ("properties", "$defs") if key in schema}
    inner = [(name, one) for group in named.values() for name, one in group.items()]
    inner += [(key, schema[key]) for key in ("items", "anyOf") if key in schema]
    return next((why for name, one in inner if (why := not_strict(one, f"{where}.{name}"))), None)


def vector_of(text: str, dims: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A vector that only the text decides, not of unit length."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return (np.random.default_rng(seed).standard_normal(dims) * 3).astype(np.float32)


def embeddings(body: dict[str, Any]) -> web.Response:
    """Vectors for inputs, the last one first: only the index tells which is whose."""
    texts = body["input"]
    tokens = [len(text.encode()) for text in texts]  # of bytes that pair with nothing, each is a token
    if not texts or len(texts) > EMBEDDING_INPUTS_MAX or not all(texts):
        return error(400, "'$.input' is invalid.", None)
    if max(tokens) > EMBEDDING_TOKENS_MAX or sum(tokens) > EMBEDDING_TOKENS_SUM_MAX:
        return error(400, "Requested too many tokens.", "max_tokens_per_request")
    rows = []
    for index, text in reversed(list(enumerate(texts))):
        vector = vector_of(text, body["dimensions"])
        is_packed = body.get("encoding_format") == "base64"
        packed = base64.b64encode(vector.astype("<f4").tobytes()).decode() if is_packed else vector.tolist()
        rows.append({"object": "embedding", "index": index, "embedding": packed})
    return web.json_response({"object": "list", "data": rows, "model": body["model"], "usage": {"total_tokens": 1}})


def error(status: int, message: str, code: str | None) -> web.Response:
    """An error as the service words it."""
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": told}, status=status)


@contextmanager
def running() -> Iterator[OpenAiPeer]:
    """A fresh peer on a free loopback port; it ends with the block."""
    peer = OpenAiPeer()
    loop = asyncio.new_event_loop()
    started = threading.Event()
    ending = asyncio.Event()

    async def serve() -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{path:.*}", peer.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        peer.url = f"http://127.0.0.1:{port}/v1"
        started.set()
        await ending.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield peer
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        loop.close()
