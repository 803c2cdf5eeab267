"""What the index is told: enough to be found by, nothing that a concierge would keep to himself."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.bundles import Bundle
from shared.discovery.listings import is_listed, listing_of, listing_of_bundle, margin_of, quality_of, text_of
from shared.discovery.partners import Partner, TrustRecord
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy

AT = datetime(2026, 11, 22, tzinfo=UTC)
TABLES = {
    path.stem: tomllib.loads(path.read_text()) for path in (Path(__file__).parents[2] / "data/taxonomy").glob("*.toml")
}
WORDS = Taxonomy.model_validate({name: table for name, table in TABLES.items() if name in Taxonomy.model_fields})


def partner(**more: Any) -> Partner:
    facts = {
        "id": "flora", "name": "Flora & Daughters", "kind": "florist",
        "place": {"address": "1 Main St", "point": {"lat": 30.27, "lng": -97.74}, "region": "austin"},
        "hours": {"time_zone": "America/Chicago", "week": {}},
        "contact": {"channel": "email", "address": "a@example.com"},
        "capabilities": [{"tag": "gift-wrapping"}, {"tag": "engraving"}, {"tag": "same-day-delivery"}],
    }  # fmt: skip
    return Partner.model_validate({**facts, **more})


def product(sku: str = "LILIES", **more: Any) -> Product:
    facts = {
        "id": f"flora.{sku}", "partner": "flora", "sku": sku, "title": "White Lilies in a Vase", "category": "lilies",
        "description": "They open slowly. And they last.", "tags": ["gift-card-note"],
        "attributes": {"colour": ["white"], "occasion": ["sympathy"], "recipient": ["mother"]},
        "customizations": [{"tag": "lettering"}], "price": {"minor": 5000, "currency": "USD"},
        "net": {"minor": 4000, "currency": "USD"}, "stock": 7, "lead_minutes": 60, "updated_at": AT,
    }  # fmt: skip
    return Product.model_validate({**facts, **more})


def bundle(**more: Any) -> Bundle:
    facts = {
        "id": "calm", "title": "Calm", "category": "gift", "region": "austin", "status": "published", "updated_at": AT,
        "parts": [{"product": "flora.LILIES", "quantity": 2}, {"product": "flora.TEA", "after": [0]}],
    }  # fmt: skip
    return Bundle.model_validate({**facts, **more})


def listed(made: Bundle, *parts: Product, **shop: Any) -> Any:
    return listing_of_bundle(made, {one.id: one for one in parts}, {"flora": partner(**shop)}, WORDS)


def test_a_product_is_told_by_its_names_values_and_what_can_be_done() -> None:
    found = listing_of(product(), partner(), WORDS)
    assert found.facts == "lily; flowers; white; sympathy; for mom; handwritten card; hand lettering; Flora & Daughters"
    assert found.capabilities == ("gift-card-note", "floristry", "lettering", "gift-wrapping", "same-day-delivery")
    assert found.values == ("colour:white", "occasion:sympathy", "recipient:mother")
    assert (found.price_minor, found.stock, found.lead_minutes, found.region) == (5000, 7, 60, "austin")
    assert text_of(found).endswith("; Flora & Daughters. lilies")


@pytest.mark.parametrize("change", [{"status": "paused"}, {"status": "removed"}, {"needs_review": True}])
def test_what_is_not_for_customers_is_not_listed(change: dict[str, Any]) -> None:
    assert is_listed(product(), partner())
    assert not is_listed(product(**change), partner())
    assert not is_listed(product(), partner(status="paused"))
    assert not is_listed(product(), None)


def test_a_bundle_adds_up_and_names_what_is_in_it_but_nobody() -> None:
    tea = product(
        "TEA", title="Mint Tea", category="tea", attributes={}, stock=None, lead_minutes=30, customizations=[]
    )
    found = listed(bundle(), product(), tea)
    assert (found.price_minor, found.stock, found.lead_minutes, found.partner) == (15_000, 3, 90, "")
    assert "White Lilies" in found.facts
    assert "Flora" not in f"{found.title} {found.facts} {found.text}"
    assert listed(bundle(price={"minor": 14_000, "currency": "USD"}), product(), tea).price_minor == 14_000


def test_a_bundle_whose_part_cannot_be_had_is_not_listed() -> None:
    tea = product("TEA")
    assert listed(bundle(), product(), tea) is not None
    assert listed(bundle(), product()) is None
    assert listed(bundle(), product(), product("TEA", status="paused")) is None
    assert listed(bundle(), product(), tea, status="closed") is None
    assert listed(bundle(status="draft"), product(), tea) is None


def test_one_vegan_part_makes_no_vegan_bundle() -> None:
    parts = product(tags=["vegan", "engraving"]), product("TEA")
    assert "vegan" not in listed(bundle(), *parts).capabilities
    assert "engraving" in listed(bundle(), *parts).capabilities
    assert "vegan" in listed(bundle(attributes={"diet": ["vegan"]}), *parts).capabilities


def test_parts_that_go_round_in_a_circle_come_to_an_end() -> None:
    circle = bundle(parts=[{"product": "flora.LILIES", "after": [1]}, {"product": "flora.TEA", "after": [0]}])
    assert listed(circle, product(), product("TEA")).lead_minutes >= 60


@given(st.integers(0, 500), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_quality_stays_within_bounds_and_grows_with_stars(stars: int, count: int, orders: int, share: int) -> None:
    trust = TrustRecord(orders=orders, on_time=share, completed=share, rating_hundredths=stars, ratings=count)
    quality = quality_of(product(rating_hundredths=stars, ratings=count), trust)
    assert 0 <= quality <= 1
    better = product(rating_hundredths=min(500, stars + 50), ratings=count)
    assert quality_of(better, trust) >= quality


def test_few_ratings_weigh_little_and_a_partner_s_record_weighs_with_its_products() -> None:
    nobody = quality_of(product(), TrustRecord())
    once = quality_of(product(rating_hundredths=500, ratings=1), TrustRecord())
    often = quality_of(product(rating_hundredths=500, ratings=500), TrustRecord())
    assert nobody < once < often
    assert once - nobody < (often - nobody) / 10
    late = TrustRecord(orders=500, on_time=5_000, completed=9_900)
    prompt = TrustRecord(orders=500, on_time=9_900, completed=9_900)
    assert quality_of(product(), late) < quality_of(product(), prompt)


@given(st.integers(-10, 10**9), st.integers(0, 10**9))
def test_margin_stays_within_bounds(price: int, net: int) -> None:
    assert 0 <= margin_of(price, net) <= 1


def test_margin() -> None:
    assert (margin_of(100, 100), margin_of(100, 80), margin_of(100, 50)) == (0.0, pytest.approx(0.5), 1.0)
