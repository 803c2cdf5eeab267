"""A partner's own system on a loopback port: it checks what we sign, keeps each message once, and signs its answers.

Written from docs/messages.md alone, as a partner would: nothing of the app is imported.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
from aiohttp import web

from tests.peers.twilio_peer import serving

TOLERANCE_SECONDS = 300


class Fault(NamedTuple):
    """What happens to one post in place of the usual. is_after: it is kept first; is_cut: no answer at all."""

    status: int = 0
    is_after: bool = False
    is_cut: bool = False
    seconds: float = 0.0
    headers: Mapping[str, str] = MappingProxyType({})


class PartnerReceiver:
    """messages: what was taken, by id; posts: how often anything came; faults: of the next posts, in turn."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.now: Callable[[], float] = time.time
        self.url = ""
        self.messages: dict[str, dict[str, Any]] = {}
        self.posts = 0
        self.refused = 0
        self.faults: list[Fault] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        self.posts += 1
        body = await request.read()
        fault = self.faults.pop(0) if self.faults else Fault()
        await asyncio.sleep(fault.seconds)
        if not self._is_signed(body, request.headers.get("Webhook-Signature", "")):
            self.refused += 1
            return web.Response(status=401)
        if fault == Fault() or fault.is_after:
            self.messages[request.headers["Webhook-Id"]] = json.loads(body)
        if fault.is_cut:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True}, status=fault.status or 202, headers=fault.headers)

    def _is_signed(self, body: bytes, header: str) -> bool:
        parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
        stamp = parts.get("t", "")
        if not stamp.isdecimal() or abs(int(stamp) - self.now()) > TOLERANCE_SECONDS:
            return False
        return hmac.compare_digest(self._digest(stamp, body), parts.get("v1", ""))

    def _digest(self, stamp: str, body: bytes) -> str:
        return hmac.new(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of an answer."""
        stamp = str(int(self.now()))
        return {"Webhook-Signature": f"t={stamp},v1={self._digest(stamp, body)}", "Content-Type": "application/json"}

    def answer(self, url: str, **said: Any) -> httpx.Response:
        """Answer a message at the address it named."""
        body = json.dumps(said).encode()
        return httpx.post(url, content=body, headers=self.signed(body), timeout=60)


@contextmanager
def running(secret: str) -> Iterator[PartnerReceiver]:
    """A fresh system on a free loopback port; it ends with the block."""
    receiver = PartnerReceiver(secret)
    with serving(receiver.handle) as url:
        receiver.url = url
        yield receiver
