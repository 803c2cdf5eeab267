"""How well discovery answers the graded set in the demo city; figures and method are those of bench/relevance.py."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.graded import DEPTH, KINDS, Grades, Offered, Wanted, grades, ndcg, offered, recall, wanted
from bench.relevance import figures, interval, ways

HYBRID_FLOOR = 0.56
"""A little below the 0.592 that was measured when this was written; raise it with what is reached."""
QUERIES_MIN = 90

Rankings = dict[str, list[Sequence[str]]]


@pytest.fixture(scope="module")
def queries() -> list[Wanted]:
    return wanted()


@pytest.fixture(scope="module")
def offers(austin: Any) -> list[Offered]:
    return asyncio.run(offered(austin.store, austin.taxonomy))


@pytest.fixture(scope="module")
def answers(austin: Any, queries: list[Wanted], offers: list[Offered]) -> list[Grades]:
    return [grades(one, offers, austin.taxonomy) for one in queries]


@pytest.fixture(scope="module")
def rankings(austin: Any, queries: list[Wanted]) -> Rankings:
    async def found() -> Rankings:
        chosen = ways(austin.index, austin.embeddings, austin.scout)
        return {name: [await way(one.text) for one in queries] for name, way in chosen.items()}

    return asyncio.run(found())


def reached(rankings: Rankings, answers: list[Grades], way: str) -> float:
    return float(np.mean(figures(rankings[way], answers, "nDCG@10")))


def test_there_are_enough_queries_of_every_kind_and_each_asked_once(queries: list[Wanted]) -> None:
    assert len(queries) >= QUERIES_MIN
    assert len({one.text for one in queries}) == len(queries)
    for kind in KINDS:
        assert sum(one.kind == kind for one in queries) >= QUERIES_MIN // len(KINDS)


def test_every_rule_is_met_by_an_offer(austin: Any, queries: list[Wanted], offers: list[Offered]) -> None:
    dead = [
        f"{one.text}: {rule}"
        for one in queries
        for grade, rules in one.rules.items()
        for rule in rules
        if not grades(Wanted(one.kind, one.text, {grade: (rule,)}), offers, austin.taxonomy)
    ]
    assert dead == []


def test_hybrid_stays_above_its_floor(rankings: Rankings, answers: list[Grades]) -> None:
    assert reached(rankings, answers, "hybrid") >= HYBRID_FLOOR


def test_hybrid_is_no_worse_than_words_alone(rankings: Rankings, answers: list[Grades]) -> None:
    assert reached(rankings, answers, "hybrid") >= reached(rankings, answers, "words")


def test_the_usual_weights_keep_what_answers_in_front(rankings: Rankings, answers: list[Grades]) -> None:
    assert reached(rankings, answers, "scout") >= 0.95 * reached(rankings, answers, "hybrid")


def test_ndcg_is_one_for_the_ideal_order_and_falls_with_every_swap() -> None:
    graded = {"a": 3, "b": 2, "c": 1}
    assert ndcg(["a", "b", "c"], graded) == pytest.approx(1)
    assert 1 > ndcg(["b", "a", "c"], graded) > ndcg(["c", "b", "a"], graded) > ndcg(["x"], graded) == 0


def test_ndcg_by_hand() -> None:
    # (1/log2(2) + 7/log2(3)) / (7/log2(2) + 1/log2(3))
    assert ndcg(["c", "a"], {"a": 3, "c": 1}) == pytest.approx(5.41650 / 7.63093, abs=1e-5)


def test_recall_counts_the_good_ones_among_the_first_ten() -> None:
    assert recall(["a", "c", "x"], {"a": 3, "b": 2, "c": 1}) == 0.5
    many = {f"good-{number}": 2 for number in range(40)}
    assert recall([*many][:DEPTH], many) == 1
    assert recall([f"x-{number}" for number in range(DEPTH)] + [*many], many) == 0


def test_an_unknown_condition_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "graded.toml"
    file.write_text('[[query]]\nkind = "lexical"\ntext = "roses"\nexact = [{ categroy = "roses" }]\n', "utf-8")
    with pytest.raises(ValueError, match="categroy"):
        wanted(file)


def test_an_interval_holds_the_mean_and_narrows_with_what_is_known() -> None:
    values = np.random.default_rng(1).random(200)
    low, high = interval(values, 2_000)
    assert low < values.mean() < high
    few_low, few_high = interval(values[:20], 2_000)
    assert high - low < few_high - few_low
    assert interval(values, 500, values) == (1.0, 1.0)
