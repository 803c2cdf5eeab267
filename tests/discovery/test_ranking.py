"""The ranking formula, promotions, and the cap on what is lifted for money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.discovery.listing import Hit
from shared.discovery.ranking import BOOST_FLOOR, EVERYWHERE, Promotion, RankingSettings, Weights, rank

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
share = st.floats(0, 1)


def hit(name: str, relevance: float = 0.5, quality: float = 0.5, margin: float = 0.5, partner: str = "p") -> Hit:
    return Hit(name, "product", partner, "flowers", relevance, relevance, 0.0, None, 1000, quality, margin)


def promotion(target: str, weight: float = 1.0, kind: str = "sponsored", region: str = EVERYWHERE) -> Promotion:
    times = {"starts": NOW - timedelta(days=1), "ends": NOW + timedelta(days=1)}
    return Promotion.model_validate(
        {"id": f"promo-{target}", "target": target, "kind": kind, "weight": weight, "region": region, **times}
    )


def test_the_formula_of_the_spec() -> None:
    (one,) = rank([hit("a", relevance=0.9, quality=0.8, margin=0.7)], RankingSettings(), [promotion("a", 0.5)])
    assert one.score == pytest.approx(0.4 * 0.9 + 0.3 * 0.5 + 0.2 * 0.8 + 0.1 * 0.7)
    assert one.label == "sponsored"


@given(st.lists(st.tuples(share, share, share), max_size=30), st.integers(0, 5))
def test_parts_add_up_and_the_order_is_by_score_then_id(parts: list[tuple[float, float, float]], cap: int) -> None:
    hits = [hit(f"id{number:02}", *values) for number, values in enumerate(parts)]
    promotions = [promotion(one.id) for one in hits[::2]]
    ranked = rank(hits, RankingSettings(sponsored_max=cap), promotions)
    assert sorted(one.hit.id for one in ranked) == [one.id for one in hits]
    assert [(-one.score, one.hit.id) for one in ranked] == sorted((-one.score, one.hit.id) for one in ranked)
    for one in ranked:
        added = one.relevance.adds + one.boost.adds + one.quality.adds + one.margin.adds
        assert one.score == pytest.approx(added, abs=1e-4)
        assert (one.boost.value > 0) == (one.label is not None)
    assert sum(one.label == "sponsored" for one in ranked) <= cap


def test_only_the_best_few_sponsored_are_lifted_and_the_rest_stand_where_they_would() -> None:
    hits = [hit(name, relevance) for name, relevance in (("a", 0.9), ("b", 0.5), ("c", 0.45), ("d", 0.4))]
    ranked = rank(hits, RankingSettings(sponsored_max=1), [promotion("c"), promotion("d")])
    assert [one.hit.id for one in ranked] == ["c", "a", "b", "d"]
    assert [one.label for one in ranked] == ["sponsored", None, None, None]


def test_featured_is_not_for_money_and_is_not_capped() -> None:
    hits = [hit(name) for name in "abcd"]
    ranked = rank(hits, RankingSettings(sponsored_max=0), [promotion(name, kind="featured") for name in "abc"])
    assert [one.label for one in ranked] == ["featured"] * 3 + [None]


def test_what_is_irrelevant_is_never_lifted() -> None:
    (one,) = rank([hit("a", relevance=BOOST_FLOOR - 0.01)], RankingSettings(), [promotion("a")])
    assert one.label is None
    assert one.boost.value == 0


def test_a_partner_or_a_category_can_be_promoted_and_the_strongest_counts() -> None:
    promotions = [promotion("p", 0.2), promotion("flowers", 0.9), promotion("x", 0.1)]
    (one,) = rank([hit("x")], RankingSettings(), promotions)
    assert one.boost.value == 0.9


def test_promotions_are_dated_and_regional() -> None:
    austin = promotion("a", region="austin")
    assert austin.is_in_force(NOW, "austin")
    assert not austin.is_in_force(NOW, "dallas")
    assert not austin.is_in_force(NOW, None)
    assert not austin.is_in_force(austin.ends, "austin")
    assert not austin.is_in_force(austin.starts - timedelta(seconds=1), "austin")
    assert promotion("a").is_in_force(NOW, None)


def test_weights_add_up_to_one() -> None:
    with pytest.raises(ValidationError, match="add up to 1"):
        Weights(relevance=0.5)
    with pytest.raises(ValidationError, match="comes after"):
        Promotion.model_validate({**promotion("a").model_dump(), "ends": NOW - timedelta(days=9)})
