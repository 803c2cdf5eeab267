"""Blobs in Azure Blob Storage, by connection string or by the app's managed identity.

This module loads the storage SDK; import it where the adapter is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Any

from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import ContentSettings
from azure.storage.blob.aio import BlobClient, BlobServiceClient, LinearRetry

from shared.blobs import Blob, BlobRef, checked_name, examined, intact
from shared.records import Unavailable

RETRIES_MAX = 2
RETRY_SECONDS = 1
CONNECT_SECONDS_MAX = 5
READ_SECONDS_MAX = 30
_BUSY = {408, 429, 500, 502, 503, 504}


class AzureBlobs:
    """Block blobs of one container, which is made on first use."""

    def __init__(self, account: str, container: str) -> None:
        """account: a connection string, or the account's URL (`https://…`), which takes DefaultAzureCredential."""
        self._parts = AsyncExitStack()
        self._service = self._service_of(account)
        self._container = self._service.get_container_client(container)
        self._is_made = False

    async def put(self, data: bytes, media_type: str) -> BlobRef:
        """Keep bytes; the same bytes again change nothing."""
        ref = examined(data, media_type)
        blob = await self._blob(ref.name)
        with _told():
            kind = ContentSettings(content_type=ref.media_type)
            await blob.upload_blob(data, overwrite=True, content_settings=kind)
        return ref

    async def get(self, name: str) -> Blob | None:
        """The blob of a name, or None."""
        blob = await self._blob(checked_name(name))
        try:
            with _told():
                data = await (await blob.download_blob()).readall()
        except ResourceNotFoundError:
            return None
        return intact(name, data)

    async def delete(self, name: str) -> None:
        """Take a blob away, if it is there."""
        blob = await self._blob(checked_name(name))
        with suppress(ResourceNotFoundError), _told():
            await blob.delete_blob()

    async def close(self) -> None:
        """Let go of connections."""
        await self._parts.aclose()

    async def _blob(self, name: str) -> BlobClient:
        if not self._is_made:
            with suppress(ResourceExistsError), _told():
                await self._container.create_container()
            self._is_made = True
        return self._container.get_blob_client(name)

    def _service_of(self, account: str) -> BlobServiceClient:
        retries = LinearRetry(backoff=RETRY_SECONDS, retry_total=RETRIES_MAX, random_jitter_range=RETRY_SECONDS)
        patience: dict[str, Any] = {
            "retry_policy": retries,
            "connection_timeout": CONNECT_SECONDS_MAX,
            "read_timeout": READ_SECONDS_MAX,
        }
        if account.startswith("https://"):
            from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415  heavy, and not needed with a key

            credential = DefaultAzureCredential()
            self._parts.push_async_callback(credential.close)
            service = BlobServiceClient(account, credential=credential, **patience)
        else:
            service = BlobServiceClient.from_connection_string(account, **patience)
        self._parts.push_async_callback(service.close)
        return service


@contextmanager
def _told() -> Iterator[None]:
    """Say Unavailable where the service does not answer or is busy; every other error goes through as it is."""
    try:
        yield
    except (ServiceRequestError, ServiceResponseError) as error:
        raise Unavailable("Azure Blob Storage does not answer") from error
    except HttpResponseError as error:
        if error.status_code not in _BUSY:
            raise
        raise Unavailable(f"Azure Blob Storage answers {error.status_code}") from error
