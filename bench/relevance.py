"""How well what is found answers what was asked, over the graded set in the demo city; `python -m bench.relevance`.

Four ways of one engine: by words alone, by vectors alone, both fused, and the scout's ranking with its usual weights.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.city import NOW, demo_city
from bench.devhost import Round
from bench.graded import DEPTH, KINDS, Grades, grades, ndcg, offered, recall, wanted
from shared.discovery.listing import CANDIDATES_MAX, IndexQuery
from shared.discovery.scout import Scout
from shared.discovery.wish import Wish
from shared.ports import Embeddings, SearchIndex

SAMPLES = 10_000
SAMPLES_QUICK = 1_000
SEED = 2026
MEASURES = {"nDCG@10": ndcg, "recall@10": recall}
WORST_SHOWN = 10

Way = Callable[[str], Awaitable[Sequence[str]]]
Figures = NDArray[np.float64]
"""One a query."""


@dataclass(frozen=True)
class Graded:
    """The open city with the graded set: its queries and kinds, what answers each, and the ways to look for it."""

    texts: Sequence[str]
    kinds: Sequence[str]
    answers: Sequence[Grades]
    ways: dict[str, Way]

    async def rankings(self, way: str) -> list[Sequence[str]]:
        """The first ten of every query."""
        return [await self.ways[way](text) for text in self.texts]


def ways(index: SearchIndex, embeddings: Embeddings, scout: Scout) -> dict[str, Way]:
    """The ways to look for a text; each gives the first ten offers."""

    async def indexed(text: str, *, has_vector: bool) -> Sequence[str]:
        vector = (await embeddings.embed([text]))[0] if has_vector else None
        return await _found(index, IndexQuery(text=text, vector=vector, limit=CANDIDATES_MAX))

    async def by_vectors(text: str) -> Sequence[str]:
        return await _found(index, IndexQuery(vector=(await embeddings.embed([text]))[0], limit=CANDIDATES_MAX))

    async def ranked(text: str) -> Sequence[str]:
        return [offer.id for offer in (await scout.find(Wish(text=text, limit=DEPTH), NOW)).offers]

    return {
        "words": lambda text: indexed(text, has_vector=False),
        "vectors": by_vectors,
        "hybrid": lambda text: indexed(text, has_vector=True),
        "scout": ranked,
    }


async def _found(index: SearchIndex, query: IndexQuery) -> Sequence[str]:
    return [hit.id for hit in (await index.search(query)).items[:DEPTH]]


@asynccontextmanager
async def opened() -> AsyncIterator[Graded]:
    """The demo city with the graded set."""
    async with demo_city() as city:
        offers = await offered(city.store, city.taxonomy)
        queries = wanted()
        yield Graded(
            [one.text for one in queries],
            [one.kind for one in queries],
            [grades(one, offers, city.taxonomy) for one in queries],
            ways(city.index, city.embeddings, city.scout),
        )


@asynccontextmanager
async def quality(*, way: str) -> AsyncIterator[Round]:
    """Mean nDCG@10 of one way over all queries."""
    async with opened() as city:

        async def one_round() -> float:
            return float(np.mean(figures(await city.rankings(way), city.answers, "nDCG@10")))

        yield one_round


def figures(rankings: Sequence[Sequence[str]], answers: Sequence[Grades], measure: str) -> Figures:
    """A measure of every query."""
    return np.array([MEASURES[measure](found, graded) for found, graded in zip(rankings, answers, strict=True)])


def interval(values: Figures, samples: int, beside: Figures | None = None) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean, or of the ratio of two over the same queries (Efron 1979, percentiles)."""
    chosen = np.random.default_rng(SEED).integers(len(values), size=(samples, len(values)))
    means = values[chosen].mean(1)
    if beside is not None:
        means = means / beside[chosen].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


async def _measured() -> tuple[Graded, dict[str, list[Sequence[str]]]]:
    async with opened() as city:
        return city, {way: await city.rankings(way) for way in city.ways}


def table(city: Graded, rankings: dict[str, list[Sequence[str]]], samples: int) -> str:
    """Every measure by kind and way: the mean, its interval, and how many times what words alone reach."""
    kinds = np.array(city.kinds)
    lines = []
    for measure in MEASURES:
        lines += ["", f"{measure}, mean [95 %]; x: times words alone [95 %]"]
        reached = {way: figures(found, city.answers, measure) for way, found in rankings.items()}
        for kind in ("all", *KINDS):
            rows = np.flatnonzero((kinds == kind) | (kind == "all"))
            lines.append(f"  {kind} ({len(rows)})")
            words = reached["words"][rows]
            for way, values in reached.items():
                own = values[rows]
                lines.append(f"    {way:<8} {_cell(own, samples)}   x {_cell(own, samples, words)}")
    return "\n".join(lines)


def _cell(values: Figures, samples: int, beside: Figures | None = None) -> str:
    mean = values.mean() / (1 if beside is None else beside.mean())
    low, high = interval(values, samples, beside)
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def worst(city: Graded, rankings: dict[str, list[Sequence[str]]], way: str) -> str:
    """The queries that a way answers worst, with what it found."""
    reached = figures(rankings[way], city.answers, "nDCG@10")
    lines = []
    for place in np.argsort(reached, kind="stable")[:WORST_SHOWN]:
        found = ", ".join(f"{name} ({city.answers[place].get(name, 0)})" for name in rankings[way][place][:5])
        lines.append(f"  {reached[place]:.2f}  {city.kinds[place]}: {city.texts[place]}\n        {found}")
    return "\n".join(lines)


def main() -> None:
    """Print the table and the worst queries."""
    parser = argparse.ArgumentParser(prog="python -m bench.relevance", description="Measure relevance by kind.")
    parser.add_argument("--quick", action="store_true", help="fewer bootstrap samples")
    is_quick = parser.parse_args().quick
    city, rankings = asyncio.run(_measured())
    print(table(city, rankings, SAMPLES_QUICK if is_quick else SAMPLES))
    for way in ("hybrid", "scout"):
        print(f"\nworst of {way}, nDCG@10; its first five (grade)\n{worst(city, rankings, way)}")


if __name__ == "__main__":
    main()
