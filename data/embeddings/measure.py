"""Measures a ranking on the graded set: nDCG@10 (Järvelin and Kekäläinen 2002), and likeness to the teacher."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DEPTH = 10


class Graded(NamedTuple):
    """Titles of products, queries, and how well each title answers each query (a row a query, 0 to 2)."""

    titles: list[str]
    queries: list[str]
    gains: NDArray[np.float32]


def read_graded(path: Path) -> Graded:
    """The graded set in a file; its first lines say how it is written."""
    products, _, asked = path.read_text(encoding="utf-8").partition("\n[queries]\n")
    groups: dict[str, list[str]] = {}
    for line in products.splitlines():
        if line.startswith("["):
            name, _, titles = line[1:].partition("] ")
            groups[name] = titles.split("; ")
    group_of = [name for name, titles in groups.items() for _ in titles]
    queries, gains = [], []
    for line in asked.splitlines():
        query, _, answers = line.partition(" => ")
        best, *others = answers.split("; ")
        unknown = {best, *others} - set(groups)
        if unknown:
            raise ValueError(f"{query}: no group {', '.join(unknown)}")
        queries.append(query)
        gains.append([2 if name == best else int(name in others) for name in group_of])
    return Graded([title for titles in groups.values() for title in titles], queries, np.array(gains, np.float32))


def ndcg(similarities: NDArray[np.float32], gains: NDArray[np.float32]) -> NDArray[np.float32]:
    """nDCG@10 of each query (a row of each array, by title)."""
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    ranked = np.argsort(-similarities, axis=1, kind="stable")[:, :DEPTH]
    reached = np.take_along_axis(gains, ranked, 1) @ discounts
    best = -np.sort(-gains, axis=1)[:, :DEPTH] @ discounts
    return np.asarray(reached / best, np.float32)


def like_teacher(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> str:
    """How well the similarities of texts (rows of unit length) follow the teacher's, in words."""
    own, wanted = ours @ ours.T, theirs @ theirs.T
    pairs = np.triu_indices(len(own), 1)
    correlation = np.corrcoef(own[pairs], wanted[pairs])[0, 1]
    for similarities in (own, wanted):
        np.fill_diagonal(similarities, -2)
    nearest = (np.argsort(-similarities, 1)[:, :DEPTH] for similarities in (own, wanted))
    shared = np.mean([len(set(mine) & set(others)) / DEPTH for mine, others in zip(*nearest, strict=True)])
    return f"correlation {correlation:.3f}, {shared:.0%} of the nearest {DEPTH} in common"
