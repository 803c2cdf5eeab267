"""The parts of the embedded index by themselves: terms, spelling, vectors in little room, postings, ids."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.search.fuzzy import Spelling, distance
from shared.adapters.search.ids import ids_of
from shared.adapters.search.postings import moved, packed, scores, sorted_postings, weight
from shared.adapters.search.ranking import best
from shared.adapters.search.vectors import (
    COMPARED_ROWS_MAX,
    nearest,
    quantised,
    similarities,
    turned,
    with_codes,
)
from shared.adapters.search.words import WORD_LENGTH_MAX, parts, singular, terms

SAME = (
    "rose roses", "lily lilies", "box boxes", "dish dishes", "peach peaches", "glass glasses", "vase vases",
    "knife knives", "glove gloves", "cookie cookies", "pie pies", "tie ties", "shoe shoes", "tomato tomatoes",
    "quiche quiches", "child children", "bus buses", "dress dresses", "candy candies", "leaf leaves", "toy toys",
    "prize prizes", "brioche brioches", "brownie brownies", "movie movies", "party parties", "scarf scarves",
    "axe axes", "canvas canvases", "atlas atlases", "pizza pizzas", "martini martinis", "menu menus",
    "cactus cactuses", "iris irises", "gas gases", "blouse blouses",
)  # fmt: skip
DIFFERENT = ("win wine", "car care", "cap cape", "tub tube", "pin pine", "plan plane", "not note", "rob robe")


@pytest.mark.parametrize("pair", SAME)
def test_one_and_many_are_the_same_term(pair: str) -> None:
    one, many = pair.split()
    assert singular(one) == singular(many)


@pytest.mark.parametrize("pair", DIFFERENT)
def test_different_words_stay_different(pair: str) -> None:
    one, other = pair.split()
    assert singular(one) != singular(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mother's Day roses", "mother day rose"),
        ("mother\u2019s", "mother"),
        ("Hand-tied bouquet", "hand tied handtied bouquet"),
        ("T-shirts", "t shirt tshirt"),
        ("salt & pepper, B&B", "salt pepper b b bb"),
        ("sugar-free, nut free and without gluten", "sugar-free nut-free gluten-free"),
        ("free of dairy; no added sugar", "dairy-free sugar-free"),
        ("No. 5", "no 5"),
        ("Crème BRÛLÉE ﬁne", "creme brulee fine"),
        ("a bunch of the", "bunch"),
        ("\x00\u200b🌹 !?", ""),
    ],
)
def test_terms(text: str, expected: str) -> None:
    assert terms(text) == expected.split()


def test_parts_have_no_compound() -> None:
    assert parts("hand-tied t-shirt, nut-free beers") == ["hand", "tied", "t", "shirt", "nut-free", "beer"]


@given(st.text(max_size=300))
def test_terms_of_any_text_are_short_and_settled(text: str) -> None:
    found = terms(text)
    assert all(0 < len(term) <= WORD_LENGTH_MAX + len("-free") for term in found)
    assert terms(text.casefold()) == found
    assert {*parts(text)} <= {*found}


def test_slips_of_the_finger() -> None:
    vocabulary = ["bouquet", "boutique", "flower", "lower", "chocolate", "tulip", "crème", "sub-free", "x" * 60]
    vocabulary.append("marine")
    spelling = Spelling(vocabulary)
    meant = {
        "boquet": "bouquet", "bouqet": "bouquet", "buoquet": "bouquet", "bouquett": "bouquet", "flwoer": "flower",
        "chcolatte": "chocolate", "tullip": "tulip", "tulpi": "tulip",
    }  # fmt: skip
    for word, expected in meant.items():
        assert vocabulary[spelling.meant(word)[0][0]] == expected, word
    for word in ("submarine", "boat", "tlp", "", "x" * 1000, "ab-12", "🌹🌹🌹🌹🌹🌹"):
        assert spelling.meant(word) == []
    vocabulary.append("submarines")
    assert spelling.meant("submarine") == [(10, 1)]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_distance_is_symmetric_and_knows_its_limit(one: str, other: str, limit: int) -> None:
    whole = distance(one, other, 20)
    assert whole == distance(other, one, 20)
    assert (whole == 0) == (one == other)
    assert abs(len(one) - len(other)) <= whole <= max(len(one), len(other))
    assert min(distance(one, other, limit), limit + 1) == min(whole, limit + 1)


@given(st.sampled_from([1, 3, 7, 24, 64, 96, 256]), st.integers(0, 1000))
def test_turning_changes_no_angle_and_eight_bits_little(dims: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).standard_normal((6, dims)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[5] = 0
    around = turned(vectors)
    assert np.allclose(around @ around.T, vectors @ vectors.T, atol=1e-5)
    kept = with_codes(*quantised(around))
    found = similarities(kept, around[0], np.arange(6))
    assert np.allclose(found, vectors @ vectors[0], atol=0.02)
    assert found[5] == 0


def test_eight_bits_keep_the_nearest() -> None:
    vectors = np.random.default_rng(3).standard_normal((5_100, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, queries = vectors[:5_000], vectors[5_000:]
    kept = with_codes(*quantised(turned(rows)))
    shared = 0
    for query in queries:
        found = similarities(kept, turned(query[np.newaxis])[0], np.arange(len(rows)))
        shared += len(set(np.argsort(-found)[:10].tolist()) & set(np.argsort(-(rows @ query))[:10].tolist()))
    # Vectors of chance are the hardest: their nearest are hardly nearer than the rest.
    assert shared >= 0.98 * 10 * len(queries)


def test_the_nearest_by_bits_are_mostly_the_nearest() -> None:
    chance = np.random.default_rng(5)
    themes = chance.standard_normal((300, 256)).astype(np.float32) * 1.5
    rows = themes[chance.integers(0, 300, 60_000)] + chance.standard_normal((60_000, 256)).astype(np.float32) + 0.5
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    kept = with_codes(*quantised(turned(rows)))
    shared = 0
    for query in rows[:20]:
        exact = rows @ query
        for among in (np.arange(60_000), np.arange(0, 60_000, 4)):
            near = among[nearest(kept, turned(query[np.newaxis])[0], among)]
            assert len(near) == len(set(near.tolist())) == COMPARED_ROWS_MAX
            shared += len(set(among[np.argsort(-exact[among])[:10]].tolist()) & set(near.tolist()))
    assert shared >= 0.98 * 10 * 40


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), unique=True, max_size=80), st.data())
def test_postings_find_what_was_put_and_follow_moves(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    table = np.array(pairs, np.uint64).reshape(-1, 2)
    weights = np.array([weight(1 + key, is_named=row % 2 == 0) for key, row in pairs], np.uint64)
    postings = sorted_postings(packed(table[:, 0], table[:, 1], weights))
    to = np.array([data.draw(st.sampled_from([-1, 0])) for _ in range(31)])
    to[to == 0] = np.arange(np.count_nonzero(to == 0))[::-1]
    again = sorted_postings(moved(postings, to))
    for key in range(11):
        rows = sorted(row for one, row in pairs if one == key)
        assert postings.rows_of(key).tolist() == rows
        assert postings.named_rows_of(key).tolist() == [row for row in rows if row % 2 == 0]
        assert again.rows_of(key).tolist() == sorted(to[row] for row in rows if to[row] >= 0)
    asked = [(key, 1.0 + key) for key in range(11)]
    everywhere = scores(postings, asked, np.arange(31), 31)
    for row in range(31):
        assert scores(postings, asked, np.array([row]), 31)[0] == pytest.approx(everywhere[row], abs=1e-4)
        having = sum((1 + key) * (1 + key) / (2.2 + key) for key, one in pairs if one == row)
        assert everywhere[row] == pytest.approx(having, rel=0.03, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), st.integers(0, 12))
def test_the_best_are_the_best(pairs: list[tuple[int, int]], count: int) -> None:
    keys = [np.array(key) for key in zip(*pairs, strict=True)]
    chosen = best([*keys, np.arange(len(pairs))], count).tolist()
    order = sorted(range(len(pairs)), key=lambda at: (pairs[at], at))
    assert sorted(chosen) == sorted(order[:count])


def test_ids_with_the_same_checksum_are_told_apart() -> None:
    names = ["plumless", "buckeroo", "é", "a", ""]
    assert crc32(names[0].encode()) == crc32(names[1].encode())
    ids = ids_of([name.encode() for name in names])
    for row, name in enumerate(names):
        assert ids.rows_of([name]).tolist() == [row]
        assert ids.text(row) == name
    assert ids.rows_of(["b", "buckeroo", "plumless", "buckeroo"]).tolist() == [0, 1, 1]
    assert [names[row] for row in np.argsort(ids.rank)] == sorted(names, key=str.encode)
