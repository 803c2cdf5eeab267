"""A Cosmos DB account as both the store and the search index use it: one client, on a thread and loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.cosmos.aio import CosmosClient
from azure.cosmos.exceptions import CosmosHttpResponseError

from shared.adapters.store_cosmos_requests import refusal_of
from shared.records import Unavailable

THROTTLED_RETRIES_MAX = 5
THROTTLED_WAIT_SECONDS_MAX = 10
CONNECT_RETRIES_MAX = 2
CONNECT_SECONDS_MAX = 5
READ_SECONDS_MAX = 20

R = TypeVar("R")


class CosmosAccount:
    """One client, connected on first use; run makes it serve whichever loop asks."""

    def __init__(self, endpoint: str, key: str | None, thread: str) -> None:
        """endpoint: the account's URL; key: the account's, or None to sign in with DefaultAzureCredential."""
        self._endpoint = endpoint
        self._key = key
        self._client: CosmosClient | None = None
        self._open = AsyncExitStack()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=thread, daemon=True)
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Do something on the client's loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def connected(self) -> CosmosClient:
        """The client; on its own loop, and by one caller at a time."""
        if self._client is None:
            async with AsyncExitStack() as opened:
                client = CosmosClient(
                    self._endpoint,
                    credential=self._key or await _signed_in(opened),
                    retry_throttle_total=THROTTLED_RETRIES_MAX,
                    retry_throttle_backoff_max=THROTTLED_WAIT_SECONDS_MAX,
                    retry_connect=CONNECT_RETRIES_MAX,
                    connection_timeout=CONNECT_SECONDS_MAX,
                    read_timeout=READ_SECONDS_MAX,
                )
                opened.push_async_callback(client.close)  # also when entering it fails
                await opened.enter_async_context(client)
                self._client, self._open = client, opened.pop_all()
        return self._client

    async def close(self) -> None:
        """Close the connections and end the thread; twice does no harm."""
        if self._loop.is_closed():
            return
        await self.run(self._open.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()


@asynccontextmanager
async def understood(what: str) -> AsyncIterator[None]:
    """The service's and the network's refusals in the words of shared.records."""
    try:
        yield
    except CosmosHttpResponseError as error:
        refusal = refusal_of(error.status_code or 0, error.sub_status, error.headers, what)
        if refusal is None:
            raise
        raise refusal from error
    except (ServiceRequestError, ServiceResponseError) as error:
        raise Unavailable(f"Cosmos DB is not to be reached for {what}: {error}.") from error


async def _signed_in(opened: AsyncExitStack) -> Any:
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415  (heavy, and not needed with a key)

    return await opened.enter_async_context(DefaultAzureCredential())
