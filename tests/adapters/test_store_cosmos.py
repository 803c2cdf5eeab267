"""What the npm server cannot do, checked as requests: what the store sends, and what it makes of laid-out answers.

None of this has run against a real Cosmos DB account: formats are those of the service's documentation and of its SDK.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from shared.adapters.cosmos_account import THROTTLED_RETRIES_MAX
from shared.adapters.store_cosmos import CosmosStore
from shared.adapters.store_cosmos_requests import (
    definition_of,
    operations_of,
    refusal_of,
    satisfies,
    sql_of,
)
from shared.adapters.store_queries import Cursor, plan_of, token_of
from shared.adapters.store_records import prepare, shape_of
from shared.page_tokens import unpack_token
from shared.records import (
    AlreadyThere,
    BadPageToken,
    ChangedMeanwhile,
    Container,
    NotThere,
    Query,
    Record,
    Unavailable,
    Write,
)
from tests.peers.cosmosdb.gateway import RESOURCE_ID, Answer, Gateway, running

KEY = "a2V5"


class Place(BaseModel):
    city: str = "Austin"


class Job(Record):
    shop: str = "a"
    status: str = "open"
    due: int | None = None
    place: Place = Place()


JOBS = Container("jobs", Job, "shop", ("status,due", "place.city"), ttl_seconds=3600)
SHAPE = shape_of(JOBS)


def document(job: Job, etag: str) -> dict[str, Any]:
    return {"id": job.id, "partition": job.shop, "record": job.model_dump(mode="json"), "_etag": etag}


def described(**changes: Any) -> dict[str, Any]:
    """The container as the service describes it: with its own entries and defaults among those that were asked for."""
    wanted = definition_of(SHAPE)
    policy = dict(wanted.indexing_policy)
    policy["excludedPaths"] = [*policy["excludedPaths"], {"path": '/"_etag"/?'}]
    policy["includedPaths"] = [{"path": '/record/"status"/?', "indexes": []}, *policy["includedPaths"][::-1]]
    properties = {
        "id": "jobs",
        "_rid": RESOURCE_ID,
        "partitionKey": {"paths": ["/partition"], "kind": "Hash", "version": 2},
        "indexingPolicy": policy,
        "defaultTtl": wanted.ttl_seconds,
    }
    return properties | changes


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running() as gateway:
        gateway.answers["GET container"] = [Answer(200, described())]
        yield gateway


def with_store(gateway: Gateway, work: Any) -> Any:
    async def scenario() -> Any:
        store = CosmosStore(gateway.endpoint, "records", KEY)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(scenario())


# --- containers -------------------------------------------------------------------------------------------------------


def test_a_container_indexes_what_is_declared_and_nothing_else() -> None:
    policy = definition_of(SHAPE).indexing_policy
    assert policy["excludedPaths"] == [{"path": "/*"}]
    paths = ["/partition/?", "/record/due/?", "/record/place/city/?", "/record/status/?"]
    assert [entry["path"] for entry in policy["includedPaths"]] == paths
    composites = [
        [f"{'-' if entry['order'] == 'descending' else ''}{entry['path']}" for entry in composite]
        for composite in policy["compositeIndexes"]
    ]
    assert composites == [
        ["/id", "/partition"],
        ["/record/place/city", "/id", "/partition"],
        ["-/record/place/city", "/id", "/partition"],
        ["/record/status", "/id", "/partition"],
        ["-/record/status", "/id", "/partition"],
        ["/record/status", "/record/due", "/id", "/partition"],
        ["/record/status", "-/record/due", "/id", "/partition"],
    ]


def test_a_missing_container_is_made_with_its_partition_key_indexes_and_ttl(gateway: Gateway) -> None:
    gateway.answers |= {
        "GET container": [Answer(404, {}), Answer(200, described())],
        "GET database": [Answer(404, {})],
        "POST dbs": [Answer(201, {"id": "records"})],
        "POST colls": [Answer(201, described())],
        "GET record": [Answer(404, {})],
    }
    assert with_store(gateway, lambda store: store.get(JOBS, "a", "1")) is None
    assert gateway.of("POST dbs")[0].body == {"id": "records"}
    [made] = gateway.of("POST colls")
    assert made.body["id"] == "jobs"
    assert made.body["partitionKey"]["paths"] == ["/partition"]
    assert made.body["defaultTtl"] == 3600
    assert made.body["indexingPolicy"] == definition_of(SHAPE).indexing_policy


def test_a_container_that_lacks_an_index_is_given_it(gateway: Gateway) -> None:
    gateway.answers |= {
        "GET container": [Answer(200, described(indexingPolicy={"includedPaths": [{"path": "/*"}]}))],
        "GET database": [Answer(200, {"id": "records"})],
        "POST colls": [Answer(409, {})],
        "PUT container": [Answer(200, described())],
        "GET record": [Answer(404, {})],
    }
    with_store(gateway, lambda store: store.get(JOBS, "a", "1"))
    [changed] = gateway.of("PUT container")
    assert changed.body["indexingPolicy"] == definition_of(SHAPE).indexing_policy
    assert changed.body["defaultTtl"] == 3600


def test_a_container_that_has_all_is_left_alone(gateway: Gateway) -> None:
    gateway.answers["GET record"] = [Answer(200, document(Job(id="1", due=3), '"e"'))]
    found = with_store(gateway, lambda store: store.get(JOBS, "a", "1"))
    assert (found.value, found.etag) == (Job(id="1", due=3), '"e"')
    assert {asked.kind for asked in gateway.asked} <= {"account", "ranges", "GET container", "GET record"}


@pytest.mark.parametrize(
    "changes",
    [
        {"defaultTtl": None},
        {"defaultTtl": 60},
        {"indexingPolicy": {}},
        {"indexingPolicy": definition_of(SHAPE).indexing_policy | {"compositeIndexes": []}},
        {"indexingPolicy": definition_of(SHAPE).indexing_policy | {"includedPaths": [{"path": "/partition/?"}]}},
    ],
)
def test_what_a_container_can_lack(changes: dict[str, Any]) -> None:
    assert satisfies(described(), definition_of(SHAPE))
    assert not satisfies(described(**changes), definition_of(SHAPE))


def test_an_identity_that_may_not_make_the_container_is_told_so(gateway: Gateway) -> None:
    refused = Answer(403, {"message": "Request blocked by Auth"})
    gateway.answers |= {"GET container": [Answer(404, {})], "GET database": [refused], "POST dbs": [refused]}
    with pytest.raises(PermissionError, match=r"'jobs' of database 'records'.* deploy it"):
        with_store(gateway, lambda store: store.get(JOBS, "a", "1"))


# --- batches ----------------------------------------------------------------------------------------------------------

BATCH = [
    Write("create", Job(id="1", due=1)),
    Write("put", Job(id="2", due=2)),
    Write("replace", Job(id="3", due=3), '"e3"'),
    Write("replace", Job(id="4", due=4)),
    Write("delete", Job(id="5"), '"e5"'),
]


def test_the_operations_of_a_batch() -> None:
    operations = operations_of("a", prepare(SHAPE, "a", BATCH))
    documents = {
        job.id: {"id": job.id, "partition": "a", "record": job.model_dump(mode="json")}
        for job in (write.record for write in BATCH)
    }
    assert operations == [
        ("create", (documents["1"],)),
        ("upsert", (documents["2"],)),
        ("replace", ("3", documents["3"]), {"if_match_etag": '"e3"'}),
        ("replace", ("4", documents["4"]), {}),
        ("delete", ("5",), {"if_match_etag": '"e5"'}),
    ]


def test_a_batch_is_one_atomic_request_for_one_partition(gateway: Gateway) -> None:
    results = [{"statusCode": 200, "eTag": f'"n{number}"'} for number in range(1, 5)] + [{"statusCode": 204}]
    gateway.answers["batch"] = [Answer(200, results)]
    answers = with_store(gateway, lambda store: store.apply(JOBS, "a", BATCH))
    assert [answer and (answer.value, answer.etag) for answer in answers] == [
        *((BATCH[number].record, f'"n{number + 1}"') for number in range(4)),
        None,
    ]
    [sent] = gateway.of("batch")
    assert sent.headers["x-ms-cosmos-batch-atomic"].lower() == "true"
    assert sent.headers["x-ms-cosmos-batch-continue-on-error"].lower() == "false"
    assert sent.headers["x-ms-documentdb-partitionkey"] == '["a"]'
    assert [operation["operationType"] for operation in sent.body] == [
        "Create", "Upsert", "Replace", "Replace", "Delete",
    ]  # fmt: skip
    assert [operation.get("ifMatch") for operation in sent.body] == [None, None, '"e3"', None, '"e5"']


@pytest.mark.parametrize(
    ("status", "refusal"), [(409, AlreadyThere), (404, NotThere), (412, ChangedMeanwhile), (429, Unavailable)]
)
def test_a_batch_that_the_service_refused_names_the_write_at_fault(
    gateway: Gateway, status: int, refusal: type[Exception]
) -> None:
    results = [{"statusCode": code} for code in (424, 424, status, 424, 424)]
    gateway.answers["batch"] = [Answer(207, results)]
    with pytest.raises(refusal, match="'3' of jobs"):
        with_store(gateway, lambda store: store.apply(JOBS, "a", BATCH))


# --- queries ----------------------------------------------------------------------------------------------------------


AFTER_OPEN = (
    'c.partition = @p0 AND c.record["status"] >= @p2'
    ' AND (c.record["status"] > @p2 OR c.record["status"] = @p2 AND c.id > @p1)'
)


@pytest.mark.parametrize(
    ("query", "after", "where", "order", "values"),
    [
        (Query({}, "a"), None, "c.partition = @p0", "c.id ASC", ["a"]),
        (Query({}), None, "", "c.id ASC", []),
        (
            Query({"status": "x' OR 1=1"}, "a", "-due"),
            None,
            'c.record["status"] = @p0 AND c.partition = @p1',
            'c.record["status"] ASC, c.record["due"] DESC, c.id ASC',
            ["x' OR 1=1", "a"],
        ),
        (
            Query({"place.city": {"in": ["b", "a"]}}),
            None,
            'c.record["place"]["city"] IN (@p0, @p1)',
            "c.id ASC",
            ["a", "b"],
        ),
        (
            Query({"status": "open", "due": None}),
            None,
            'IS_NULL(c.record["due"]) AND c.record["status"] = @p0',
            'c.record["status"] ASC, c.record["due"] ASC, c.id ASC',
            ["open"],
        ),
        (
            Query({}, "a", "status"),
            Cursor("open", "7", "a"),
            AFTER_OPEN,
            'c.record["status"] ASC, c.id ASC',
            ["a", "7", "open"],
        ),
        (
            Query({}),
            Cursor(None, "7", "a"),
            "c.id >= @p0 AND (c.id > @p0 OR c.id = @p0 AND c.partition > @p1)",
            "c.id ASC",
            ["7", "a"],
        ),
    ],
    ids=str,
)
def test_the_text_of_a_query(query: Query, after: Cursor | None, where: str, order: str, values: list[Any]) -> None:
    plan = plan_of(SHAPE, query)
    if after is not None:
        plan = plan_of(SHAPE, Query(query.where, query.partition, query.order, after=token_of(plan, after)))
    sql = sql_of(plan)
    filtered = f" WHERE {where}" if where else ""
    assert sql.text == f"SELECT TOP 51 * FROM c{filtered} ORDER BY {order}, c.partition ASC"
    assert sql.parameters == [{"name": f"@p{number}", "value": value} for number, value in enumerate(values)]


# --- changes ----------------------------------------------------------------------------------------------------------


def test_changes_go_on_where_the_last_answer_ended(gateway: Gateway) -> None:
    first, second = Job(id="1", due=1), Job(id="2", due=2)
    gateway.answers["changes"] = [
        Answer(200, {"_rid": RESOURCE_ID, "Documents": [document(first, '"e1"')], "_count": 1}, {"etag": '"10"'}),
        Answer(200, {"_rid": RESOURCE_ID, "Documents": [document(second, '"e2"')], "_count": 1}, {"etag": '"20"'}),
        Answer(304, None, {"etag": '"20"'}),
    ]

    async def follow(store: CosmosStore) -> list[list[tuple[Job, str]]]:
        seen, token = [], None
        for _ in range(4):
            changes = await store.changes(JOBS, token, limit=1)
            seen.append([(found.value, found.etag) for found in changes.items])
            token = changes.token
        return seen

    assert with_store(gateway, follow) == [[(first, '"e1"')], [(second, '"e2"')], [], []]
    asked = gateway.of("changes")
    assert [request.headers.get("if-none-match") for request in asked] == [None, '"10"', '"20"', '"20"']
    assert {request.headers["a-im"].lower() for request in asked} == {"incremental feed"}
    assert {request.headers["x-ms-max-item-count"] for request in asked} == {"1"}
    assert not any("if-modified-since" in request.headers for request in asked[:1])


def test_a_token_of_another_container_is_refused(gateway: Gateway) -> None:
    gateway.answers["changes"] = [Answer(304, None, {"etag": '"10"'})]
    others = Container("other", Job, "shop")

    async def work(store: CosmosStore) -> None:
        token = (await store.changes(JOBS, None)).token
        assert unpack_token(token, 2)[0] == "jobs"
        with pytest.raises(BadPageToken, match="not one of ours"):
            await store.changes(others, token)

    with_store(gateway, work)


# --- what does not answer ---------------------------------------------------------------------------------------------


def test_throttling_is_waited_for_a_few_times_and_then_told(gateway: Gateway) -> None:
    gateway.answers["GET record"] = [Answer(429, {}, {"x-ms-retry-after-ms": "7"})]
    with pytest.raises(Unavailable, match="429") as refusal:
        with_store(gateway, lambda store: store.get(JOBS, "a", "1"))
    assert refusal.value.retry_seconds == 0.007
    assert len(gateway.of("GET record")) == THROTTLED_RETRIES_MAX + 1


def test_throttling_that_passes_is_not_told(gateway: Gateway) -> None:
    throttled = Answer(429, {}, {"x-ms-retry-after-ms": "1"})
    gateway.answers["POST docs"] = [throttled, throttled, Answer(201, document(Job(id="1"), '"e"'))]
    [written] = with_store(gateway, lambda store: store.apply(JOBS, "a", [Write("create", Job(id="1"))]))
    assert (written.value, written.etag) == (Job(id="1"), '"e"')
    assert len(gateway.of("POST docs")) == 3


def test_an_endpoint_that_nobody_listens_at_does_not_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = Gateway()
        nowhere.endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unavailable, match="not to be reached"):
            with_store(nowhere, lambda store: store.get(JOBS, "a", "1"))


@pytest.mark.parametrize(
    ("status", "sub_status", "headers", "kind"),
    [
        (404, None, {}, NotThere),
        (404, 0, {}, NotThere),
        (404, 1002, {}, Unavailable),
        (404, 1003, {}, None),
        (409, None, {}, AlreadyThere),
        (412, None, {}, ChangedMeanwhile),
        (429, 3200, {"x-ms-retry-after-ms": "1500"}, Unavailable),
        (503, None, {}, Unavailable),
        (400, None, {}, None),
        (401, None, {}, None),
        (500, None, {}, None),
    ],
)
def test_what_answers_mean(
    status: int, sub_status: int | None, headers: dict[str, str], kind: type[Exception] | None
) -> None:
    refusal = refusal_of(status, sub_status, headers, "'1' of jobs")
    assert (refusal and type(refusal)) is kind
    if isinstance(refusal, Unavailable):
        assert refusal.retry_seconds == (1.5 if headers else None)
    if refusal is not None:
        assert "'1' of jobs" in str(refusal)


def test_the_embedded_store_loads_no_sdk() -> None:
    code = "import sys, shared.adapters.store_sqlite; print([name for name in sys.modules if name.startswith('azure')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
