"""How the OpenAI adapters ask: one client for each event loop, few retries, and one deadline for all of it.

The SDK is loaded with this module. Azure OpenAI is reached by its `/openai/v1/` address as the base URL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

import openai

from shared.records import Unavailable

PAUSE_SECONDS = 0.25
"""Before the first retry where nobody says how long to wait; doubled with each."""
OWN_URL = "https://api.openai.com/v1"
RETRY_AFTER = "retry-after"
RETRY_AFTER_MS = "retry-after-ms"

R = TypeVar("R")


class OpenAiClient:
    """Answers of an OpenAI account, from any event loop."""

    def __init__(self, api_key: str, base_url: str) -> None:
        """base_url: with its version; empty: OWN_URL."""
        self._api_key = api_key
        self._base_url = base_url or OWN_URL
        # A connection belongs to one event loop; a process may run several, one after the other.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = WeakKeyDictionary()

    async def ask(
        self, call: Callable[[openai.AsyncOpenAI], Awaitable[R]], *, seconds_max: float, retries_max: int
    ) -> R:
        """What a call answers, tried again after 429, 5xx and broken connections while the deadline allows it.

        Raises Unavailable for all else; its message has none of what was asked.
        """
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = openai.AsyncOpenAI(api_key=self._api_key, base_url=self._base_url, max_retries=0)
            self._clients[loop] = client
        deadline = loop.time() + seconds_max
        attempt = 0
        try:
            async with asyncio.timeout_at(deadline):
                while True:
                    try:
                        return await call(client)
                    except openai.APIError as error:
                        wait = _wait(error, attempt)
                        if wait is None or attempt == retries_max or loop.time() + wait >= deadline:
                            raise Unavailable(_told(error), _asked_wait(error)) from error
                    attempt += 1
                    await asyncio.sleep(wait)
        except TimeoutError as error:
            raise Unavailable(f"OpenAI did not answer within {seconds_max:g} s.") from error

    async def close(self) -> None:
        """Close the connections of this event loop; whoever asks again opens new ones."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()


def _wait(error: openai.APIError, attempt: int) -> float | None:
    """Seconds until it is worth trying again, None where it never is."""
    is_passing = isinstance(error, openai.RateLimitError | openai.InternalServerError | openai.APIConnectionError)
    if not is_passing or error.code == "insufficient_quota":
        return None
    asked = _asked_wait(error)
    return PAUSE_SECONDS * 2**attempt if asked is None else asked


def _asked_wait(error: openai.APIError) -> float | None:
    """What the answer asks to wait, in seconds: whole ones (RFC 9110, section 10.2.3), or OpenAI's milliseconds."""
    if not isinstance(error, openai.APIStatusError):
        return None
    for name, unit in ((RETRY_AFTER_MS, 1000), (RETRY_AFTER, 1)):
        said = error.response.headers.get(name, "")
        if said.isascii() and said.isdecimal():
            return int(said) / unit
    return None


def _told(error: openai.APIError) -> str:
    if isinstance(error, openai.APIStatusError):
        return f"OpenAI answered {error.status_code} ({error.code or 'no code'})."
    return f"OpenAI is not to be reached ({type(error).__name__})."
