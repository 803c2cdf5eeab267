"""The search index in Azure Cosmos DB for NoSQL, by vectors and full text; importing this module loads `azure-cosmos`.

Every listing is a document and a partition of its own. One thread runs the client's event loop, so that the index can
be used from any loop. Writing, filters, order by quality and tokens are run against a test server, which has neither
vectors nor full text: VectorDistance, FullTextScore, RRF, and what the container's vector and text policies do, are
checked as text and have not been run against a real account. Whether VectorDistance may be selected beside RRF is to be
seen there.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from azure.core import MatchConditions
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosHttpResponseError, CosmosResourceExistsError, CosmosResourceNotFoundError
from numpy.typing import NDArray

from shared.adapters.cosmos_account import CosmosAccount, understood
from shared.adapters.search_cosmos_query import (
    CONTAINER,
    PARTITION_PATH,
    UPTO_ID,
    Sql,
    count_sql,
    definition_of,
    document_id,
    document_of,
    has_dims,
    hits_of,
    passing,
    search_sql,
)
from shared.discovery.listing import Hits, IndexQuery, IndexTokens, Listing
from shared.records import AlreadyThere, ChangedMeanwhile, NotThere, Unavailable

WRITES_AT_ONCE_MAX = 16
MERGES_MAX = 5
"""So often tokens are added again after somebody else's."""

class CosmosIndex:
    """Satisfies shared.ports.SearchIndex on one Cosmos DB container, from any event loop."""

    def __init__(self, endpoint: str, database: str, key: str | None, dims: int, model: str) -> None:
        """key: the account's, or None to sign in with DefaultAzureCredential; dims, model: of the vectors. Listings of
        another model are not found, and are written anew; another number of dims needs another container."""
        self._account = CosmosAccount(endpoint, key, "cosmos-search")
        self._database = database
        self._dims = dims
        self._model = model
        self._container: ContainerProxy | None = None
        self._preparing = asyncio.Lock()

    async def search(self, query: IndexQuery) -> Hits:
        """The best candidates; matched counts those that SQL can tell, without the ones that were seen not to pass.

        Raises Unavailable, and ValueError for a vector that is not of the index's kind.
        """
        return await self._account.run(self._search(_checked(query, self._dims)))

    async def write(
        self, changed: Sequence[Listing], vectors: NDArray[np.float32], removed: Sequence[str], upto: IndexTokens
    ) -> None:
        """Put listings and take ids away, which wins where both are said, then add the tokens to those that are known.

        Documents are written one by one: after a fault some of them are there, the tokens are not, and the same write
        again mends it. Raises Unavailable, and ValueError for vectors that do not fit.
        """
        if vectors.shape != (len(changed), self._dims):
            raise ValueError(f"vectors are {vectors.shape}, not ({len(changed)}, {self._dims})")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector has a number that is none")
        documents = {
            one.id: document_of(one, vector, self._model)
            for one, vector in zip(changed, vectors.tolist(), strict=True)
        }
        for gone in removed:
            documents.pop(gone, None)
        gone_documents = [document_id(gone) for gone in dict.fromkeys(removed)]
        await self._account.run(self._write(list(documents.values()), gone_documents))
        await self._account.run(self._merge(dict(upto)))

    async def upto(self) -> IndexTokens:
        """How far the store has been followed; nothing where the index is of another model and must be built anew."""
        return await self._account.run(self._upto())

    async def close(self) -> None:
        """Close the connections and end the thread; twice does no harm."""
        await self._account.close()

    async def _ready(self) -> ContainerProxy:
        """The container, which is made on first use."""
        async with self._preparing:
            if self._container is None:
                self._container = await _ensured(await self._account.connected(), self._database, self._dims)
            return self._container

    async def _search(self, query: IndexQuery) -> Hits:
        async with understood("a search"):
            container = await self._ready()
            counted = await _rows(container, count_sql(query, self._model))
            rows = await _rows(container, search_sql(query, self._model)) if query.limit > 0 else []
        kept = passing(query, rows)
        return Hits(hits_of(query, kept), sum(counted) - (len(rows) - len(kept)))

    async def _write(self, documents: Sequence[dict[str, Any]], removed: Sequence[str]) -> None:
        turns = asyncio.Semaphore(WRITES_AT_ONCE_MAX)

        async def put(document: dict[str, Any]) -> None:
            async with turns, understood(document["id"]):
                await container.upsert_item(document)

        async def take_away(gone: str) -> None:
            try:
                async with turns, understood(gone):
                    await container.delete_item(gone, gone)
            except NotThere:
                return  # so it has been taken away already

        async with understood("the search index"):
            container = await self._ready()
        await asyncio.gather(*map(put, documents), *map(take_away, removed))

    async def _kept(self, container: ContainerProxy) -> dict[str, Any] | None:
        try:
            async with understood("the tokens"):
                return dict(await container.read_item(UPTO_ID, UPTO_ID))
        except NotThere:
            return None

    async def _upto(self) -> IndexTokens:
        async with understood("the search index"):
            container = await self._ready()
        kept = await self._kept(container)
        return dict(kept["tokens"]) if kept is not None and kept["of"] == self._model else {}

    async def _merge(self, tokens: dict[str, str]) -> None:
        """Add tokens to the known ones, also where another process does the same at once."""
        container = await self._ready()
        for _ in range(MERGES_MAX):
            kept = await self._kept(container)
            known = kept["tokens"] if kept is not None and kept["of"] == self._model else {}
            document = {"id": UPTO_ID, "of": self._model, "tokens": {**known, **tokens}}
            with suppress(AlreadyThere, ChangedMeanwhile, NotThere):
                async with understood("the tokens"):
                    if kept is None:
                        await container.create_item(document)
                    else:
                        etag = {"etag": kept["_etag"], "match_condition": MatchConditions.IfNotModified}
                        await container.replace_item(UPTO_ID, document, **etag)
                return
        raise Unavailable("the tokens of the search index are written by too many at once")


def _checked(query: IndexQuery, dims: int) -> IndexQuery:
    """The query with a vector that can be compared, or none; raises ValueError for one of another kind."""
    if query.vector is None:
        return query
    if len(query.vector) != dims:
        raise ValueError(f"a query's vector has {len(query.vector)} numbers; the index has {dims}")
    numbers = [float(number) for number in query.vector]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a query's vector has a number that is none")
    return replace(query, vector=numbers if any(numbers) else None)


async def _rows(container: ContainerProxy, sql: Sql) -> list[Any]:
    return [row async for row in container.query_items(sql.text, parameters=sql.parameters)]


async def _ensured(client: CosmosClient, database_name: str, dims: int) -> ContainerProxy:
    """The container, made where it is missing. Raises PermissionError where the credential may not make it, ValueError
    where its vectors are of another length, which no container can change."""
    container = client.get_database_client(database_name).get_container_client(CONTAINER)
    try:
        properties = await container.read()
    except CosmosResourceNotFoundError:
        await _make(client, database_name, dims)
        properties = await container.read()
    if not has_dims(properties, dims):
        raise ValueError(
            f"Container {CONTAINER!r} of database {database_name!r} has no vectors of {dims} numbers: delete it, and"
            " the index is built anew from the store."
        )
    return container


async def _make(client: CosmosClient, database_name: str, dims: int) -> None:
    """Make the container; another process doing the same at once does no harm."""
    wanted = definition_of(dims)
    try:
        database = await client.create_database_if_not_exists(database_name)
        await database.create_container(
            CONTAINER,
            PartitionKey(PARTITION_PATH),
            indexing_policy=wanted.indexing_policy,
            vector_embedding_policy=wanted.vector_policy,
            full_text_policy=wanted.text_policy,
        )
    except CosmosResourceExistsError:
        return
    except CosmosHttpResponseError as error:
        if error.status_code != 403:
            raise
        raise PermissionError(
            f"Container {CONTAINER!r} of database {database_name!r} is missing, and this identity may not make it:"
            " deploy it as declared, or use the account's key."
        ) from error
