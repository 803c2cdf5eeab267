"""Records in Azure Cosmos DB for NoSQL, over `azure-cosmos`; importing this module loads that SDK.

One thread of its own runs the client's event loop, so that the store can be used from any loop. Containers are made,
or given the declared indexes, on first use where the credential allows it (a key does; a managed identity mostly may
only use what the deployment made). Reads see this process's own writes (session consistency), others' a little later.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from azure.core import MatchConditions
from azure.cosmos import PartitionKey
from azure.cosmos.aio import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import (
    CosmosBatchOperationError,
    CosmosHttpResponseError,
    CosmosResourceExistsError,
    CosmosResourceNotFoundError,
)

from shared.adapters.cosmos_account import CosmosAccount, understood
from shared.adapters.store_cosmos_requests import (
    PARTITION_PATH,
    Definition,
    cursor_of,
    definition_of,
    document_of,
    failed_in,
    operations_of,
    refusal_of,
    satisfies,
    sql_of,
)
from shared.adapters.store_queries import Plan, plan_of, token_of
from shared.adapters.store_records import (
    Prepared,
    Shape,
    check_changes_limit,
    is_partition,
    prepare,
    restore,
    shape_of,
)
from shared.page_tokens import NOT_OURS, pack_token, unpack_token
from shared.records import BadPageToken, Changes, Container, D, NotThere, Page, Query, Stored, Write, is_id


class CosmosStore:
    """Records in one Cosmos DB database; satisfies shared.ports.Store from any event loop."""

    def __init__(self, endpoint: str, database: str, key: str | None = None) -> None:
        """endpoint: the account's URL; key: the account's, or None to sign in with DefaultAzureCredential."""
        self._account = CosmosAccount(endpoint, key, "cosmos-store")
        self._database = database
        self._ready: dict[Container[Any], ContainerProxy] = {}
        self._preparing = asyncio.Lock()

    async def get(self, container: Container[D], partition: str, record_id: str) -> Stored[D] | None:
        """One record, or None; an id that no record can have is simply not there."""
        shape = shape_of(container)
        if not is_id(record_id) or not is_partition(partition):
            return None
        return await self._account.run(self._get(shape, partition, record_id))

    async def apply(
        self, container: Container[D], partition: str, writes: Sequence[Write[D]]
    ) -> list[Stored[D] | None]:
        """Do all writes or none; raises AlreadyThere, NotThere, ChangedMeanwhile, Unavailable, and ValueError for a
        record that no store could keep."""
        shape = shape_of(container)
        prepared = prepare(shape, partition, writes)
        if not prepared:
            return []
        if len(prepared) == 1:
            return [await self._account.run(self._write(shape, partition, prepared[0]))]
        return await self._account.run(self._batch(shape, partition, prepared))

    async def query(self, container: Container[D], query: Query) -> Page[D]:
        """A page of records; raises ValueError for what is not indexed, BadPageToken for a token of another query."""
        shape = shape_of(container)
        plan = plan_of(shape, query)
        return await self._account.run(self._query(shape, plan))

    async def changes(self, container: Container[D], since: str | None, limit: int = 100) -> Changes[D]:
        """What was written since a token, oldest first within a partition; raises BadPageToken for a foreign token."""
        shape = shape_of(container)
        check_changes_limit(container, limit)
        continuation = None if since is None else _continuation_of(container.name, since)
        return await self._account.run(self._changes(shape, continuation, limit))

    async def close(self) -> None:
        """Close the connections and end the thread; twice does no harm."""
        await self._account.close()

    async def _container(self, shape: Shape[D]) -> ContainerProxy:
        """The container, which is made or mended on first use."""
        async with self._preparing:
            if shape.container not in self._ready:
                client = await self._account.connected()
                self._ready[shape.container] = await _ensure(client, self._database, definition_of(shape))
            return self._ready[shape.container]

    async def _get(self, shape: Shape[D], partition: str, record_id: str) -> Stored[D] | None:
        try:
            async with understood(f"{record_id!r} of {shape.container.name}"):
                found = await (await self._container(shape)).read_item(record_id, partition)
        except NotThere:
            return None
        return _stored(shape, found)

    async def _write(self, shape: Shape[D], partition: str, prepared: Prepared[D]) -> Stored[D] | None:
        """One write as a plain operation, which costs less than a batch of one."""
        record_id, document = prepared.record.id, document_of(partition, prepared)
        async with understood(f"{record_id!r} of {shape.container.name}"):
            container, condition = await self._container(shape), _if_match(prepared.write.etag)
            if prepared.write.kind == "delete":
                await container.delete_item(record_id, partition, **condition)
                return None
            if prepared.write.kind == "replace":
                written = await container.replace_item(record_id, document, **condition)
            elif prepared.write.kind == "put":
                written = await container.upsert_item(document)
            else:
                written = await container.create_item(document)
        return Stored(prepared.record, written["_etag"])

    async def _batch(self, shape: Shape[D], partition: str, writes: list[Prepared[D]]) -> list[Stored[D] | None]:
        name = shape.container.name
        async with understood(f"a batch of {name}"):
            container = await self._container(shape)
            try:
                results = await container.execute_item_batch(operations_of(partition, writes), partition)
            except CosmosBatchOperationError as error:
                at, status = failed_in(error.operation_responses)
                refusal = refusal_of(status, None, error.headers, f"{writes[at].record.id!r} of {name}")
                if refusal is None:
                    raise
                raise refusal from error
        return [
            None if one.write.kind == "delete" else Stored(one.record, result["eTag"])
            for one, result in zip(writes, results, strict=True)
        ]

    async def _query(self, shape: Shape[D], plan: Plan) -> Page[D]:
        sql = sql_of(plan)
        scope: dict[str, Any] = {} if plan.partition is None else {"partition_key": plan.partition}
        async with understood(f"a query of {shape.container.name}"):
            container = await self._container(shape)
            found = [
                document
                async for document in container.query_items(
                    sql.text, parameters=sql.parameters, max_item_count=plan.limit + 1, **scope
                )
            ]
        page, more = found[: plan.limit], len(found) > plan.limit
        items = [_stored(shape, document) for document in page]
        return Page(items, token_of(plan, cursor_of(plan, page[-1])) if more else None)

    async def _changes(self, shape: Shape[D], continuation: str | None, limit: int) -> Changes[D]:
        start: dict[str, Any] = {"start_time": "Beginning"} if continuation is None else {"continuation": continuation}
        heads: list[Mapping[str, Any]] = []
        async with understood(f"the changes of {shape.container.name}"):
            feed = (await self._container(shape)).query_items_change_feed(
                max_item_count=limit, response_hook=lambda head, _: heads.append(head), **start
            )
            async for page in feed.by_page():
                found = [document async for document in page]
                break
            else:
                found = []
        # The SDK writes its own token, which spans all physical partitions, over the service's in the last answer.
        token = pack_token([shape.container.name, heads[-1]["etag"]])
        return Changes([_stored(shape, document) for document in found], token)


async def _ensure(client: CosmosClient, database_name: str, wanted: Definition) -> ContainerProxy:
    """The container as wanted; raises PermissionError where it is not so and the credential may not change it."""
    container = client.get_database_client(database_name).get_container_client(wanted.name)
    try:
        if not await _is_there(container, wanted):
            await _make(client, database_name, wanted)
    except CosmosHttpResponseError as error:
        if error.status_code != 403:
            raise
        raise PermissionError(
            f"Container {wanted.name!r} of database {database_name!r} is missing or lacks indexes, and this identity"
            " may not change it: deploy it as declared, or use the account's key."
        ) from error
    return container


async def _is_there(container: ContainerProxy, wanted: Definition) -> bool:
    try:
        return satisfies(await container.read(), wanted)
    except CosmosResourceNotFoundError:
        return False


async def _make(client: CosmosClient, database_name: str, wanted: Definition) -> None:
    """Make the container, or give it what it lacks; another process doing the same at once does no harm."""
    await client.create_database_if_not_exists(database_name)
    database, key = client.get_database_client(database_name), PartitionKey(PARTITION_PATH)
    policy, ttl_seconds = wanted.indexing_policy, wanted.ttl_seconds
    try:
        await database.create_container(wanted.name, key, indexing_policy=policy, default_ttl=ttl_seconds)
    except CosmosResourceExistsError:
        if not await _is_there(database.get_container_client(wanted.name), wanted):
            await database.replace_container(wanted.name, key, indexing_policy=policy, default_ttl=ttl_seconds)


def _stored(shape: Shape[D], document: Mapping[str, Any]) -> Stored[D]:
    return Stored(restore(shape, json.dumps(document["record"])), document["_etag"])


def _if_match(etag: str | None) -> dict[str, Any]:
    return {} if etag is None else {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def _continuation_of(name: str, token: str) -> str:
    container_name, continuation = unpack_token(token, 2)
    if container_name != name or not isinstance(continuation, str):
        raise BadPageToken(NOT_OURS)
    return continuation
