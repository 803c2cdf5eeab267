"""What the Cosmos DB search index asks for, as plain values: the container, documents, queries; and what rows come to.

Formats: https://learn.microsoft.com/azure/cosmos-db/gen-ai/hybrid-search, …/cosmos-db/query/rrf and …/fulltextscore.
FullTextScore takes each of its words as a string of its own (not an array), here a parameter each. It cannot be
selected, so that the words of a row are weighed here again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.adapters.search import words
from shared.adapters.search.filters import TRAVEL_METRES_PER_MINUTE
from shared.adapters.search.ranking import (
    PREFERRED_SHARE,
    SIMILARITY_FLOOR,
    SIMILARITY_HIGH,
    SIMILARITY_LOW,
    WORDS_SHARE,
)
from shared.discovery.listing import CANDIDATES_MAX, TEXT_LENGTH_MAX, Hit, IndexQuery, Listing
from shared.logistics.geo import Point, distance_metres

CONTAINER = "listings"
PARTITION_PATH = "/id"
UPTO_ID = "upto"
FETCHED_MAX = 1_000
"""The SDK fuses no longer lists (AZURE_COSMOS_HYBRID_SEARCH_MAX_ITEMS)."""
FETCHED_TIMES = 2
"""So many rows are fetched for each that is wanted: some do not pass what SQL cannot say."""
TERMS_MAX = 20
ANY = 2**31 - 1
"""In stock, and of people: no limit."""
ELLIPSOID_SLACK = 1.01
"""ST_DISTANCE measures on an ellipsoid, up to 0.6 % more or less than on the sphere, by which rows are then checked."""
TITLE_WEIGHT, FACTS_WEIGHT, TEXT_WEIGHT = 1.0, 0.75, 0.5
RRF_WEIGHTS = "[2, 1]"
"""Meaning before words: equal weights let words drag a good ranking down."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_INDEXED = (
    "model", "kind", "partner", "category", "capabilities/[]", "facets/[]", "named/[]", "reach_metres", "region",
    "price_minor", "currency", "stock", "lead_minutes", "party_min", "party_max", "quality",
)  # fmt: skip
_SELECTED = (
    "id", "kind", "partner", "category", "title", "facts", "text", "facets", "point", "reach_metres", "price_minor",
    "lead_minutes", "quality", "margin",
)  # fmt: skip

Row = Mapping[str, Any]


class Definition(NamedTuple):
    """The container as it is to be made."""

    indexing_policy: dict[str, Any]
    vector_policy: dict[str, Any]
    text_policy: dict[str, Any]


class Sql(NamedTuple):
    """A query's text and its parameters."""

    text: str
    parameters: list[dict[str, Any]]


def definition_of(dims: int) -> Definition:
    """Vectors of so many numbers compared by cosine, English full text, and an index for each filter; nothing else."""
    policy = {
        "indexingMode": "consistent",
        "automatic": True,
        "includedPaths": [{"path": f"/{path}/?"} for path in _INDEXED],
        "excludedPaths": [{"path": "/*"}, {"path": "/vector/*"}],
        "compositeIndexes": [
            [{"path": "/quality", "order": "descending"}, {"path": "/id", "order": "ascending"}],
        ],
        "spatialIndexes": [{"path": "/point/*", "types": ["Point"]}],
        "vectorIndexes": [{"path": "/vector", "type": "diskANN"}],
        "fullTextIndexes": [{"path": "/words"}],
    }
    vector = {"path": "/vector", "dataType": "float32", "distanceFunction": "cosine", "dimensions": dims}
    text = {"defaultLanguage": "en-US", "fullTextPaths": [{"path": "/words", "language": "en-US"}]}
    return Definition(policy, {"vectorEmbeddings": [vector]}, text)


def has_dims(properties: Mapping[str, Any], dims: int) -> bool:
    """Whether a container as the service describes it keeps vectors of so many numbers."""
    embeddings = (properties.get("vectorEmbeddingPolicy") or {}).get("vectorEmbeddings", ())
    return any(one.get("path") == "/vector" and one.get("dimensions") == dims for one in embeddings)


def document_id(listing: str) -> str:
    """The document of a listing; no listing's is UPTO_ID."""
    return f"listing:{listing}"


def document_of(one: Listing, vector: Sequence[float], model: str) -> dict[str, Any]:
    """A listing as the service keeps it; without a vector where its text has no meaning (all zeros).

    named: the terms by which it can be excluded.
    """
    document = {
        "id": document_id(one.id),
        "model": model,
        "kind": one.kind,
        "partner": one.partner,
        "title": one.title,
        "facts": one.facts,
        "text": one.text,
        "words": " \n".join((one.title, one.facts, one.text)),
        "named": sorted({*words.parts(one.title), *words.parts(one.facts)}),
        "category": one.category,
        "capabilities": list(one.capabilities),
        "facets": list(one.values),
        "reach_metres": round(one.reach_km * 1000),
        "region": one.region,
        "price_minor": one.price_minor,
        "currency": one.currency,
        "stock": ANY if one.stock is None else one.stock,
        "lead_minutes": one.lead_minutes,
        "party_min": one.party_min,
        "party_max": one.party_max or ANY,
        "quality": one.quality,
        "margin": one.margin,
    }
    if one.point is not None:
        document["point"] = _geo_json(one.point)
    if any(vector):
        document["vector"] = [round(number, 7) for number in vector]
    return document


def search_sql(query: IndexQuery, model: str) -> Sql:
    """The candidates, best first: by meaning and words (RRF), by one of them, or by quality where nothing is asked."""
    where = _Where(query, model)
    selected = [f"c.{name}" for name in _SELECTED]
    terms = asked_words(query.text)
    scores = []
    if query.vector is not None:
        where.parameters["@vector"] = list(query.vector)
        selected.append("VectorDistance(c.vector, @vector) AS similarity")
        scores.append("VectorDistance(c.vector, @vector)")
    if terms:
        names = [where.named("word", term) for term in terms]
        scores.append(f"FullTextScore(c.words, {', '.join(names)})")
    if len(scores) == 2:
        order = f"RANK RRF({', '.join(scores)}, {RRF_WEIGHTS})"
    elif terms:
        order = f"RANK {scores[0]}"
    else:
        order = scores[0] if scores else "c.quality DESC, c.id ASC"
    wanted = max(query.limit, 0) * FETCHED_TIMES
    top = FETCHED_MAX if wanted and (query.near or query.opens_in is not None) else min(wanted, FETCHED_MAX)
    return where.sql(f"SELECT TOP {top} {', '.join(selected)}", f" ORDER BY {order}")


def count_sql(query: IndexQuery, model: str) -> Sql:
    """How many pass the filters, as far as SQL can say them."""
    return _Where(query, model).sql("SELECT VALUE COUNT(1)", "")


def asked_words(text: str) -> list[str]:
    """The words of a query that say something, in lower case, each once."""
    found = (word.lower() for word in _WORD.findall(text[:TEXT_LENGTH_MAX]))
    return list(dict.fromkeys(word for word in found if word not in words.STOP_WORDS))[:TERMS_MAX]


def passing(query: IndexQuery, rows: Iterable[Row]) -> list[tuple[Row, int | None]]:
    """The rows that pass what SQL says roughly or not at all, each with its metres from `near`."""
    near = query.near
    measured = [(row, None if near is None else _metres(near, row)) for row in rows]
    return [one for one in measured if _is_near(query, *one) and _is_in_time(query, *one)]


def hits_of(query: IndexQuery, rows: Iterable[tuple[Row, int | None]]) -> tuple[Hit, ...]:
    """Rows as hits, by relevance (as the embedded index has it), quality and id, at most `limit`; those that share no
    word with the query and are not near in meaning are no answer."""
    terms = list(dict.fromkeys(words.terms(query.text[:TEXT_LENGTH_MAX])))[:TERMS_MAX]
    hits = [hit for row, metres in rows if (hit := _hit(query, terms, row, metres)) is not None]
    hits.sort(key=lambda hit: (-hit.relevance, -hit.quality, hit.id))
    return tuple(hits[: min(max(query.limit, 0), CANDIDATES_MAX)])


class _Where:
    """The filters of a query as conditions, and the parameters they name."""

    def __init__(self, query: IndexQuery, model: str) -> None:
        self.parameters: dict[str, Any] = {}
        self._conditions: list[str] = []
        self._say("c.model = {}", "model", model)
        self._exact(query)
        self._bounds(query)
        self._lists(query)
        self._place(query)

    def named(self, stem: str, value: Any) -> str:
        """A new parameter with a value."""
        name = f"@{stem}{len(self.parameters)}"
        self.parameters[name] = value
        return name

    def sql(self, head: str, tail: str) -> Sql:
        """The whole query."""
        parameters = [{"name": name, "value": value} for name, value in self.parameters.items()]
        return Sql(f"{head} FROM c WHERE {' AND '.join(self._conditions)}{tail}", parameters)

    def _say(self, condition: str, stem: str, value: Any) -> None:
        if value is not None:
            self._conditions.append(condition.format(self.named(stem, value)))

    def _exact(self, query: IndexQuery) -> None:
        self._say("c.region = {}", "region", query.region)
        self._say("c.currency = {}", "currency", query.currency)
        self._say("c.partner = {}", "partner", query.partner)

    def _bounds(self, query: IndexQuery) -> None:
        self._say("c.price_minor >= {}", "least", query.price_min_minor)
        self._say("c.price_minor <= {}", "most", query.price_max_minor)
        self._say("c.stock >= {}", "quantity", min(query.quantity, ANY))
        self._say("c.party_min <= {}", "party", query.party)
        self._say("c.party_max >= {}", "party", query.party)
        self._say("c.lead_minutes <= {}", "minutes", query.minutes_left)

    def _lists(self, query: IndexQuery) -> None:
        self._say("ARRAY_CONTAINS({}, c.kind)", "kinds", sorted(query.kinds) or None)
        self._say("ARRAY_CONTAINS({}, c.category)", "categories", sorted(query.categories) or None)
        for tag in sorted(query.capabilities):
            self._say("ARRAY_CONTAINS(c.capabilities, {})", "capability", tag)
        for value in sorted(query.values):
            self._say("ARRAY_CONTAINS(c.facets, {})", "facet", value)
        ids = sorted(map(document_id, query.without_ids))
        self._say("NOT ARRAY_CONTAINS({}, c.id)", "gone", ids or None)
        self._say("NOT ARRAY_CONTAINS({}, c.partner)", "without", sorted(query.without_partners) or None)
        if query.minutes_left is not None and query.opens_in is not None:
            open_by_then = sorted(name for name, minutes in query.opens_in.items() if minutes <= query.minutes_left)
            self._say("ARRAY_CONTAINS({}, c.partner)", "open", ["", *open_by_then])
        for phrase in query.exclude:
            if terms := list(dict.fromkeys(words.parts(phrase))):
                has = [f"ARRAY_CONTAINS(c.named, {self.named('not', term)})" for term in terms]
                self._conditions.append(f"NOT ({' AND '.join(has)})")

    def _place(self, query: IndexQuery) -> None:
        if query.near is None:
            return
        near = self.named("near", _geo_json(query.near))
        most = f"c.reach_metres * {ELLIPSOID_SLACK}"
        if query.within_km is not None:
            most = self.named("metres", query.within_km * 1000 * ELLIPSOID_SLACK)
        self._conditions.append(f"(NOT IS_DEFINED(c.point) OR ST_DISTANCE(c.point, {near}) <= {most})")


def _geo_json(point: Point) -> dict[str, Any]:
    """RFC 7946, section 3.1.2: longitude first."""
    return {"type": "Point", "coordinates": [point.lng, point.lat]}


def _metres(near: Point, row: Row) -> int | None:
    if (point := row.get("point")) is None:
        return None
    lng, lat = point["coordinates"]
    return distance_metres(near, Point(lat=lat, lng=lng))


def _is_near(query: IndexQuery, row: Row, metres: int | None) -> bool:
    most = row["reach_metres"] if query.within_km is None else int(query.within_km * 1000 + 1e-6)
    return metres is None or metres <= most


def _is_in_time(query: IndexQuery, row: Row, metres: int | None) -> bool:
    if query.minutes_left is None:
        return True
    partner = row["partner"]
    opens = 0 if query.opens_in is None or not partner else query.opens_in.get(partner, ANY)
    way = (metres or 0) / TRAVEL_METRES_PER_MINUTE if partner else 0
    return bool(opens + row["lead_minutes"] + way <= query.minutes_left)


def _hit(query: IndexQuery, terms: Sequence[str], row: Row, metres: int | None) -> Hit | None:
    similarity = min(float(row.get("similarity") or 0), 1.0)
    found = _words(terms, row)
    is_open = query.vector is None and not query.text.strip()
    if not is_open and not found and similarity < SIMILARITY_FLOOR:
        return None
    relevance = 1.0 if is_open else found
    if query.vector is not None:
        meaning = min(max((similarity - SIMILARITY_LOW) / (SIMILARITY_HIGH - SIMILARITY_LOW), 0.0), 1.0)
        relevance = (meaning + WORDS_SHARE * found) / (1 + WORDS_SHARE) if terms else meaning
    if query.prefer:
        preferred = len(query.prefer.intersection(row["facets"])) / len(query.prefer)
        relevance = relevance * (1 - PREFERRED_SHARE) + PREFERRED_SHARE * preferred
    return Hit(
        row["id"].removeprefix(document_id("")),
        row["kind"],
        row["partner"],
        row["category"],
        relevance,
        similarity,
        found,
        None if metres is None else metres / 1000,
        row["price_minor"],
        row["quality"],
        row["margin"],
    )


def _words(terms: Sequence[str], row: Row) -> float:
    """Which share of the terms a row has, each weighed by the best place where it stands."""
    if not terms:
        return 0.0
    places = [
        (weight, set(words.terms(row[name])))
        for name, weight in (("title", TITLE_WEIGHT), ("facts", FACTS_WEIGHT), ("text", TEXT_WEIGHT))
    ]
    return sum(next((weight for weight, has in places if term in has), 0.0) for term in terms) / len(terms)
