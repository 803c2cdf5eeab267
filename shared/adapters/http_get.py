"""GET for adapters that only read: few attempts within one deadline, answers of bounded size, a daily quota."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.ports import Clock
from shared.records import Unavailable

if TYPE_CHECKING:
    import aiohttp

ATTEMPTS_MAX = 3
PAUSE_SECONDS = 0.5
"""Before the second attempt where nobody says how long to wait; doubled with each."""
SECONDS_MAX = 10.0
"""For all attempts together."""
BODY_BYTES_MAX = 256 * 1024
REST_SECONDS_MAX = 86_400
_OK, _TOO_MANY, _FAULT = 200, 429, 500

QuotaWait = Callable[[bytes, datetime], float | None]
"""Seconds to wait as the body of a 429 tells (body, now), for services that send no Retry-After."""


class _TryAgain(Exception):
    """An attempt failed in a way that may pass; seconds: how long the service asks to wait, None where it does not."""

    def __init__(self, what: str, seconds: float | None = None) -> None:
        super().__init__(what)
        self.seconds = seconds


class HttpGet:
    """Asks one service; its messages have the service's name, and nothing of what was asked or answered."""

    def __init__(
        self, service: str, clock: Clock, calls_per_day: int | None = None, quota_wait: QuotaWait | None = None
    ) -> None:
        """calls_per_day: of this process, attempts counted, a day being UTC's; None: as many as there are."""
        self._service = service
        self._clock = clock
        self._calls_per_day = calls_per_day
        self._quota_wait = quota_wait
        self._calls = 0
        self._day = self._now().date()
        self._rests_until = self._now()

    async def get(self, url: str, query: Mapping[str, str]) -> bytes:
        """The body of a 200, tried again after 429, 5xx and broken connections; raises Unavailable for all else."""
        try:
            async with asyncio.timeout(SECONDS_MAX):
                return await self._tried(url, query)
        except TimeoutError as error:
            raise Unavailable(f"{self._service} did not answer within {SECONDS_MAX:g} s.") from error

    async def _tried(self, url: str, query: Mapping[str, str]) -> bytes:
        for attempt in range(ATTEMPTS_MAX):
            self._count()
            try:
                return await self._asked(url, query)
            except _TryAgain as error:
                wait = PAUSE_SECONDS * 2**attempt if error.seconds is None else error.seconds
                if attempt == ATTEMPTS_MAX - 1 or wait >= SECONDS_MAX:
                    self._rests_until = self._now() + timedelta(seconds=error.seconds or 0)
                    raise Unavailable(str(error), error.seconds) from error
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _count(self) -> None:
        """One more call, unless that is too many for a day, or the service has asked to be left alone."""
        now = self._now()
        if now < self._rests_until:
            seconds = (self._rests_until - now).total_seconds()
            raise Unavailable(f"{self._service} has asked to be left alone for a while.", seconds)
        if now.date() != self._day:
            self._day, self._calls = now.date(), 0
        if self._calls_per_day is not None and self._calls >= self._calls_per_day:
            used = f"All {self._calls_per_day} calls of the day to {self._service} are used up."
            raise Unavailable(used, seconds_to_midnight(now))
        self._calls += 1

    async def _asked(self, url: str, query: Mapping[str, str]) -> bytes:
        import aiohttp  # noqa: PLC0415  only those who ask a service need it

        try:
            # A redirect could lead anywhere, and the query may have a key in it.
            async with aiohttp.ClientSession() as session, session.get(
                url, params=query, allow_redirects=False
            ) as response:
                return self._taken(response.status, response.headers.get("Retry-After", ""), await self._read(response))
        except (aiohttp.ClientError, OSError) as error:
            raise _TryAgain(f"{self._service} is not to be reached ({type(error).__name__}).") from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(BODY_BYTES_MAX):
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise Unavailable(f"The answer of {self._service} is larger than {BODY_BYTES_MAX} bytes.")
        return bytes(body)

    def _taken(self, status: int, retry_after: str, body: bytes) -> bytes:
        """The body of a 200; raises _TryAgain, Unavailable."""
        if status == _OK:
            return body
        said = f"{self._service} answered {status}."
        if status != _TOO_MANY and status < _FAULT:
            raise Unavailable(said)
        wait: float | None = None
        if retry_after.isascii() and retry_after.isdecimal():
            wait = int(retry_after[:9])
        elif status == _TOO_MANY and self._quota_wait:
            wait = self._quota_wait(body, self._now())
        raise _TryAgain(said, None if wait is None else min(wait, REST_SECONDS_MAX))

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC)


def seconds_to_midnight(now: datetime) -> float:
    """Until the next day of this time's zone begins."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()
