"""The Cosmos DB search index: filters, writes and tokens against the npm server, the rest as text and as requests.

That server knows neither vectors nor full text, and none of this has run against a real Cosmos DB account.
"""

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from shared.adapters.search_cosmos import CosmosIndex
from shared.adapters.search_cosmos_query import (
    ANY,
    FETCHED_MAX,
    Sql,
    asked_words,
    count_sql,
    definition_of,
    document_of,
    has_dims,
    hits_of,
    passing,
    search_sql,
)
from shared.discovery.listing import CANDIDATES_MAX, IndexQuery
from shared.logistics.geo import Point, distance_metres
from shared.ports import SearchIndex
from shared.records import Unavailable
from tests.adapters import search_contract as contract
from tests.adapters.search_contract import CENTRE, DIMS, PLAIN, Scenario, ids, put
from tests.peers.cosmosdb import peer
from tests.peers.cosmosdb.gateway import RESOURCE_ID, Answer, Gateway, running

KEY = "a2V5"
MODEL = "words-1"
VECTOR = [1.0] + [0.0] * (DIMS - 1)
ALL = IndexQuery(limit=CANDIDATES_MAX)


# --- against the npm server -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    if (reason := peer.why_not()) is not None:
        pytest.skip(reason)
    with peer.running() as found:
        yield found


class Opener:
    """Opens indexes of one new database, and closes them."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.database = f"index-{uuid.uuid4().hex[:12]}"
        self.opened: list[CosmosIndex] = []

    def __call__(self, dims: int = DIMS, model: str = MODEL) -> SearchIndex:
        self.opened.append(CosmosIndex(self.endpoint, self.database, KEY, dims, model))
        return self.opened[-1]

    def run(self, scenario: Callable[..., Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            try:
                return await scenario(self)
            finally:
                for index in self.opened:
                    await index.close()

        return asyncio.run(whole())


@pytest.mark.parametrize(
    "scenario",
    [
        contract.filters_are_exact,
        contract.excluded_words_are_gone,
        contract.many_small_writes_add_up,
        contract.what_does_not_fit_is_refused,
    ],
    ids=lambda scenario: scenario.__name__,
)
def test_does_what_every_index_does(scenario: Scenario, endpoint: str) -> None:
    Opener(endpoint).run(scenario)


def test_the_same_again_changes_nothing_and_what_was_said_last_counts(endpoint: str) -> None:
    async def scenario(open_index: Opener) -> None:
        index, other = open_index(), open_index()
        assert await index.upto() == {}
        dear = replace(PLAIN, price_minor=9_999)
        for _ in range(2):
            await put(index, PLAIN, replace(PLAIN, id="y"), a="1")
            await put(other, PLAIN, dear, b="2")
            assert [hit.price_minor for hit in (await index.search(ALL)).items] == [9_999, 4_000]
        for _ in range(2):
            await put(index, dear, replace(PLAIN, id="z"), removed=["x", "never there", "x"], a="3")
            assert await ids(index, ALL) == ["y", "z"]
        assert await index.upto() == await other.upto() == {"a": "3", "b": "2"}

    Opener(endpoint).run(scenario)


def test_tokens_of_writers_at_once_all_count(endpoint: str) -> None:
    async def scenario(open_index: Opener) -> None:
        index, other = open_index(), open_index()
        await put(index, a="0")
        await asyncio.gather(*(put(one, **{f"c{number}": "1"}) for number, one in enumerate((index, other))))
        assert await index.upto() == {"a": "0", "c0": "1", "c1": "1"}

    Opener(endpoint).run(scenario)


def test_a_hit_tells_what_it_is(endpoint: str) -> None:
    async def scenario(open_index: Opener) -> None:
        index = open_index()
        place = Point(lat=30.30, lng=-97.75)
        await put(index, replace(PLAIN, point=place, quality=0.873, margin=0.31, price_minor=2**40))
        await put(index, replace(PLAIN, id="bundle", kind="bundle", partner="", point=None))
        there, everywhere = (await index.search(IndexQuery(near=CENTRE))).items
        assert (there.id, there.kind, there.partner, there.category) == ("x", "product", "p", "flowers")
        assert (there.relevance, there.similarity, there.words) == (1, 0, 0)
        assert (there.price_minor, there.quality, there.margin) == (2**40, 0.873, 0.31)
        assert there.distance_km == distance_metres(CENTRE, place) / 1000
        assert (everywhere.partner, everywhere.distance_km) == ("", None)
        none = await index.search(replace(ALL, limit=0))
        assert (none.items, none.matched) == ((), 2)
        assert len((await index.search(replace(ALL, limit=1))).items) == 1

    Opener(endpoint).run(scenario)


def test_another_model_begins_anew_in_the_same_container(endpoint: str) -> None:
    async def scenario(open_index: Opener) -> None:
        before, after = open_index(), open_index(model="words-2")
        await put(before, PLAIN, replace(PLAIN, id="y"), a="1")
        assert await after.upto() == {}
        assert await ids(after, ALL) == []
        await put(after, PLAIN, b="7")
        assert await after.upto() == {"b": "7"}
        assert await ids(after, ALL) == ["x"]

    Opener(endpoint).run(scenario)


def test_vectors_of_another_length_need_another_container(endpoint: str) -> None:
    async def scenario(open_index: Opener) -> None:
        await put(open_index(), PLAIN)
        with pytest.raises(ValueError, match=r"no vectors of 128 numbers: delete it"):
            await open_index(dims=128).upto()

    Opener(endpoint).run(scenario)


def test_one_index_serves_one_event_loop_after_the_other_and_closes_twice(endpoint: str) -> None:
    index = Opener(endpoint)()
    asyncio.run(put(index, PLAIN, a="1"))
    assert asyncio.run(index.upto()) == {"a": "1"}
    asyncio.run(index.close())
    asyncio.run(index.close())


# --- texts ------------------------------------------------------------------------------------------------------------

HOSTILE = "x') OR 1=1 --"
EVERYTHING = IndexQuery(
    text="pink Roses, for the roses",
    vector=VECTOR,
    near=CENTRE,
    within_km=5.0,
    price_min_minor=1,
    price_max_minor=2,
    currency=HOSTILE,
    kinds=frozenset({HOSTILE}),
    categories=frozenset({HOSTILE, "cakes"}),
    capabilities=frozenset({HOSTILE}),
    values=frozenset({HOSTILE, "colour:pink"}),
    exclude=(HOSTILE, "red wine", "the"),
    region=HOSTILE,
    partner=HOSTILE,
    without_partners=frozenset({HOSTILE}),
    without_ids=frozenset({HOSTILE}),
    minutes_left=60,
    opens_in={"soon": 60, "late": 61},
    quantity=3,
    party=4,
)


def with_values(sql: Sql) -> str:
    """The text with the values in their places."""
    values = {one["name"]: json.dumps(one["value"]) for one in sql.parameters}
    return re.sub(r"@\w+", lambda found: values.pop(found[0], None) or f"again {found[0]}", sql.text)


def test_every_filter_of_a_query_is_said() -> None:
    text = with_values(count_sql(replace(EVERYTHING, exclude=("red wine", "the"), near=None), MODEL))
    said = json.dumps(HOSTILE)
    hidden = json.dumps(f"listing:{HOSTILE}")
    assert text.removeprefix("SELECT VALUE COUNT(1) FROM c WHERE ").split(" AND ") == [
        'c.model = "words-1"',
        f"c.region = {said}",
        f"c.currency = {said}",
        f"c.partner = {said}",
        "c.price_minor >= 1",
        "c.price_minor <= 2",
        "c.stock >= 3",
        "c.party_min <= 4",
        "c.party_max >= 4",
        "c.lead_minutes <= 60",
        f"ARRAY_CONTAINS([{said}], c.kind)",
        f'ARRAY_CONTAINS(["cakes", {said}], c.category)',
        f"ARRAY_CONTAINS(c.capabilities, {said})",
        'ARRAY_CONTAINS(c.facets, "colour:pink")',
        f"ARRAY_CONTAINS(c.facets, {said})",
        f"NOT ARRAY_CONTAINS([{hidden}], c.id)",
        f"NOT ARRAY_CONTAINS([{said}], c.partner)",
        'ARRAY_CONTAINS(["", "soon"], c.partner)',
        'NOT (ARRAY_CONTAINS(c.named, "red")',
        'ARRAY_CONTAINS(c.named, "wine"))',
    ]


def test_every_field_of_a_query_has_been_thought_of() -> None:
    unset = IndexQuery()
    same = {one.name for one in fields(IndexQuery) if getattr(EVERYTHING, one.name) == getattr(unset, one.name)}
    assert same == {"limit", "prefer"}  # they order and cut, and are tested below


def test_no_value_ever_stands_in_the_text() -> None:
    sql = search_sql(EVERYTHING, HOSTILE)
    assert "1=1" not in sql.text
    assert "--" not in sql.text
    assert {one["name"] for one in sql.parameters} == set(re.findall(r"@\w+", sql.text))
    assert HOSTILE in [one["value"] for one in sql.parameters]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        (
            IndexQuery(text="pink roses", vector=VECTOR),
            "RANK RRF(VectorDistance(c.vector, @vector), FullTextScore(c.words, @word3, @word4), [2, 1])",
        ),
        (IndexQuery(text="pink roses"), "RANK FullTextScore(c.words, @word2, @word3)"),
        (IndexQuery(text="for the", vector=VECTOR), "VectorDistance(c.vector, @vector)"),
        (IndexQuery(vector=VECTOR), "VectorDistance(c.vector, @vector)"),
        (IndexQuery(), "c.quality DESC, c.id ASC"),
    ],
)
def test_what_is_asked_decides_the_order(query: IndexQuery, order: str) -> None:
    text = search_sql(query, MODEL).text
    assert text.endswith(f" WHERE c.model = @model0 AND c.stock >= @quantity1 ORDER BY {order}")
    assert ("VectorDistance(c.vector, @vector) AS similarity" in text) is (query.vector is not None)


@pytest.mark.parametrize(("limit", "top"), [(0, 0), (-5, 0), (10, 20), (500, FETCHED_MAX), (9_999, FETCHED_MAX)])
def test_more_rows_are_fetched_than_wanted_within_what_the_sdk_fuses(limit: int, top: int) -> None:
    assert search_sql(IndexQuery(limit=limit), MODEL).text.startswith(f"SELECT TOP {top} c.id, ")


def test_distance_is_asked_with_slack_and_from_longitude_and_latitude() -> None:
    text = with_values(count_sql(IndexQuery(near=CENTRE), MODEL))
    place = '{"type": "Point", "coordinates": [-97.7431, 30.2672]}'
    assert f"(NOT IS_DEFINED(c.point) OR ST_DISTANCE(c.point, {place}) <= c.reach_metres * 1.01)" in text
    text = with_values(count_sql(IndexQuery(near=CENTRE, within_km=2), MODEL))
    assert f"(NOT IS_DEFINED(c.point) OR ST_DISTANCE(c.point, {place}) <= 2020.0)" in text


def test_the_words_of_a_query_are_few_and_say_something() -> None:
    assert asked_words("A Pink rose for the bride's mother, pink!") == ["pink", "rose", "bride's", "mother"]
    assert len(asked_words(" ".join(f"w{number}" for number in range(900)))) == 20


def test_the_container_declares_vectors_full_text_and_every_filter() -> None:
    policy, vectors, text = definition_of(256)
    assert vectors["vectorEmbeddings"] == [
        {"path": "/vector", "dataType": "float32", "distanceFunction": "cosine", "dimensions": 256}
    ]
    assert policy["vectorIndexes"] == [{"path": "/vector", "type": "diskANN"}]
    assert {"path": "/vector/*"} in policy["excludedPaths"]
    assert [one["path"] for one in policy["fullTextIndexes"]] == [one["path"] for one in text["fullTextPaths"]]
    assert policy["spatialIndexes"] == [{"path": "/point/*", "types": ["Point"]}]
    indexed = {entry["path"].split("/")[1] for entry in policy["includedPaths"]}
    asked = set(re.findall(r"c\.(\w+)", count_sql(EVERYTHING, MODEL).text))
    assert asked - {"id", "point"} <= indexed
    assert has_dims({"vectorEmbeddingPolicy": vectors}, 256)
    assert not has_dims({"vectorEmbeddingPolicy": vectors}, 255)
    assert not has_dims({}, 256)


def test_a_listing_as_a_document() -> None:
    document = document_of(replace(PLAIN, stock=None), VECTOR, MODEL)
    assert document["id"] == "listing:x"
    assert document["point"] == {"type": "Point", "coordinates": [CENTRE.lng, CENTRE.lat]}
    assert (document["stock"], document["party_max"], document["reach_metres"]) == (ANY, ANY, 10_000)
    assert document["named"] == ["bouquet", "flower", "pink", "rose"]
    assert document["vector"] == VECTOR
    bare = document_of(replace(PLAIN, point=None), [0.0] * DIMS, MODEL)
    assert not {"point", "vector"} & bare.keys()


# --- rows -------------------------------------------------------------------------------------------------------------


def row(similarity: float | None = None, **changes: Any) -> dict[str, Any]:
    found = document_of(replace(PLAIN, **changes), VECTOR, MODEL)
    return found if similarity is None else {**found, "similarity": similarity}


def test_rows_are_ranked_by_meaning_then_words_and_what_is_no_answer_goes() -> None:
    query = IndexQuery(text="rose bouquet", vector=VECTOR)
    rows = [
        row(0.2, id="no answer", title="Cake", facts="", text=""),
        row(0.5, id="words", facts="", text=""),
        row(0.9, id="meaning", title="Peony", facts="", text=""),
        row(0.9, id="both", facts="", text=""),
        row(None, id="no vector", facts="", text=""),
    ]
    hits = hits_of(query, [(one, None) for one in rows])
    assert [hit.id for hit in hits] == ["both", "meaning", "words", "no vector"]
    assert [round(hit.words, 2) for hit in hits] == [1.0, 0.0, 1.0, 1.0]
    assert [hit.similarity for hit in hits] == [0.9, 0.9, 0.5, 0.0]
    assert [hit.relevance for hit in hits] == sorted((hit.relevance for hit in hits), reverse=True)
    assert all(0 < hit.relevance <= 1 for hit in hits)
    assert [hit.id for hit in hits_of(replace(query, limit=1), [(one, None) for one in rows])] == ["both"]


def test_preferred_values_lift_a_row() -> None:
    rows = [row(id="a"), row(id="b", values=("colour:pink",))]
    hits = hits_of(IndexQuery(prefer=frozenset({"colour:pink"})), [(one, None) for one in rows])
    assert [hit.id for hit in hits] == ["b", "a"]


def test_what_sql_says_roughly_is_checked_exactly() -> None:
    there = Point(lat=30.30, lng=-97.7431)
    metres = distance_metres(CENTRE, there)
    reaches = {"in": metres / 1000, "out": metres / 1000 - 0.001}
    rows = [row(id=name, point=there, reach_km=reach) for name, reach in reaches.items()]
    assert [(one["id"], far) for one, far in passing(IndexQuery(near=CENTRE), rows)] == [("listing:in", metres)]
    query = IndexQuery(near=CENTRE, within_km=metres / 1000 - 0.001)
    assert passing(query, rows) == []


@pytest.mark.parametrize(
    ("partner", "lead", "is_in_time"),
    [
        ("soon", 40, True), ("soon", 41, False), ("late", 0, False), ("unheard", 0, False), ("", 60, True),
        ("", 61, False),
    ],
)
def test_a_row_is_in_time_if_opening_work_and_way_leave_room(partner: str, lead: int, is_in_time: bool) -> None:
    query = IndexQuery(minutes_left=60, opens_in={"soon": 20, "late": 61})
    assert bool(passing(query, [row(partner=partner, lead_minutes=lead)])) is is_in_time


# --- requests ---------------------------------------------------------------------------------------------------------


def described(dims: int = DIMS) -> dict[str, Any]:
    return {
        "id": "listings",
        "_rid": RESOURCE_ID,
        "partitionKey": {"paths": ["/id"], "kind": "Hash", "version": 2},
        "vectorEmbeddingPolicy": definition_of(dims).vector_policy,
    }


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running() as found:
        found.answers["GET container"] = [Answer(200, described())]
        yield found


def with_index(gateway: Gateway, work: Callable[[SearchIndex], Awaitable[Any]]) -> Any:
    async def scenario(open_index: Opener) -> Any:
        return await work(open_index())

    return Opener(gateway.endpoint).run(scenario)


def test_a_missing_container_is_made_with_its_policies(gateway: Gateway) -> None:
    gateway.answers |= {
        "GET container": [Answer(404, {}), Answer(200, described())],
        "GET database": [Answer(404, {})],
        "POST dbs": [Answer(201, {"id": "records"})],
        "POST colls": [Answer(201, described())],
        "GET record": [Answer(404, {})],
    }
    assert with_index(gateway, lambda index: index.upto()) == {}
    [made] = gateway.of("POST colls")
    wanted = definition_of(DIMS)
    assert (made.body["id"], made.body["partitionKey"]["paths"]) == ("listings", ["/id"])
    assert made.body["indexingPolicy"] == wanted.indexing_policy
    assert made.body["vectorEmbeddingPolicy"] == wanted.vector_policy
    assert made.body["fullTextPolicy"] == wanted.text_policy


def test_an_identity_that_may_not_make_the_container_is_told_so(gateway: Gateway) -> None:
    refused = Answer(403, {"message": "Request blocked by Auth"})
    gateway.answers |= {"GET container": [Answer(404, {})], "GET database": [refused], "POST dbs": [refused]}
    with pytest.raises(PermissionError, match=r"'listings' .* deploy it"):
        with_index(gateway, lambda index: index.upto())


def test_rows_with_their_similarity_become_hits(gateway: Gateway) -> None:
    rows = [row(0.9, id="near"), row(0.1, id="far", title="Cake", facts="", text=""), row(0.6, id="words")]
    gateway.answers["POST docs"] = [
        Answer(200, {"_rid": RESOURCE_ID, "Documents": [7], "_count": 1}),
        Answer(200, {"_rid": RESOURCE_ID, "Documents": rows, "_count": len(rows)}),
    ]
    query = IndexQuery(text="rose", vector=VECTOR, limit=2)
    hits = with_index(gateway, lambda index: index.search(query))
    assert ([hit.id for hit in hits.items], hits.matched) == (["near", "words"], 7)
    counted, searched = gateway.of("POST docs")[-2:]
    for sent, sql in ((counted, count_sql(query, MODEL)), (searched, search_sql(query, MODEL))):
        assert sent.body == {"query": sql.text, "parameters": sql.parameters}


def test_a_vector_without_length_asks_by_words_alone(gateway: Gateway) -> None:
    gateway.answers["POST docs"] = [
        Answer(200, {"_rid": RESOURCE_ID, "Documents": [0], "_count": 1}),
        Answer(200, {"_rid": RESOURCE_ID, "Documents": [], "_count": 0}),
    ]
    with_index(gateway, lambda index: index.search(IndexQuery(text="rose", vector=[0.0] * DIMS)))
    assert "VectorDistance" not in gateway.of("POST docs")[-1].body["query"]


def test_throttling_that_does_not_pass_is_told_and_tokens_wait_for_the_listings(gateway: Gateway) -> None:
    gateway.answers["POST docs"] = [Answer(429, {}, {"x-ms-retry-after-ms": "7"})]
    with pytest.raises(Unavailable, match="429") as refusal:
        with_index(gateway, lambda index: index.write([PLAIN], np.array([VECTOR], np.float32), (), {"a": "1"}))
    assert refusal.value.retry_seconds == 0.007
    assert {sent.body["id"] for sent in gateway.of("POST docs")} == {"listing:x"}


def test_tokens_that_somebody_else_always_writes_first_are_told(gateway: Gateway) -> None:
    kept = {"id": "upto", "of": MODEL, "tokens": {}, "_etag": '"1"'}
    gateway.answers |= {"GET record": [Answer(200, kept)], "PUT record": [Answer(412, {})]}
    with pytest.raises(Unavailable, match="too many at once"):
        with_index(gateway, lambda index: index.write([], np.zeros((0, DIMS), np.float32), (), {"a": "1"}))
    assert {sent.headers["if-match"] for sent in gateway.of("PUT record")} == {'"1"'}
