"""A frugal HTTP client: on a small machine an ordinary one would cost more than the host that is measured."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Connection:
    """One kept-alive connection to loopback; answers need a Content-Length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect. OSError where nobody listens."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def call(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] = NO_HEADERS
    ) -> tuple[int, bytes]:
        """Send one request, its body being JSON; status and body of the answer."""
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        kind = "Content-Type: application/json\r\n" if body else ""
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}{kind}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        status = int(answer[9:12])
        length = 0
        for line in answer.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, await self._reader.readexactly(length)

    async def expect(
        self, status: int, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] = NO_HEADERS
    ) -> bytes:
        """As call(); RuntimeError for any other status."""
        got, answer = await self.call(method, target, body, headers)
        if got != status:
            raise RuntimeError(f"{method} {target} answered {got}: {answer[:200]!r}")
        return answer

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()
