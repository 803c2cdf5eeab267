"""A small HTTP server on this machine, for peers that answer GET: what was asked is kept, faults are answered first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import NamedTuple

from aiohttp import web


class Fault(NamedTuple):
    """One answer in place of the usual one; seconds: how long it takes; is_cut: it breaks off."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    seconds: float = 0.0
    is_cut: bool = False


class Asked(NamedTuple):
    """One request that came in."""

    path: str
    query: dict[str, str]


class Peer:
    """asked: every request. faults: answered first, in turn. pause: seconds that every usual answer takes."""

    def __init__(self, answer: Callable[[Asked], web.Response]) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.pause = 0.0
        self.url = ""
        self._answer = answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        asked = Asked(request.path, dict(request.query))
        self.asked.append(asked)
        fault = self.faults.pop(0) if self.faults else None
        await asyncio.sleep(fault.seconds if fault else self.pause)
        if fault is None:
            return self._answer(asked)
        if fault.is_cut:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=fault.status, body=fault.body, headers=fault.headers)


@contextmanager
def serving(peer: Peer) -> Iterator[None]:
    """The peer on a free loopback port, its url set; it ends with the block."""
    loop = asyncio.new_event_loop()
    started, ending = threading.Event(), asyncio.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", peer.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await ending.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        loop.close()
