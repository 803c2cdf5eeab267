"""Bundles made to a wish: one offer a node, within limits, time and budget."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.discovery.bundles import Bundle
from shared.discovery.compose import BUNDLES_MAX, Composer
from shared.discovery.intents.resolver import Resolver
from shared.discovery.partners import Partner
from shared.discovery.products import Product
from shared.discovery.views import bundle_price, lead_minutes
from shared.discovery.wishes import wish_of
from shared.logistics.geo import Point
from tests.discovery.conftest import NOW, City

DOWNTOWN = Point(lat=30.2672, lng=-97.7431)
ZONE = ZoneInfo("America/Chicago")
Made = list[tuple[Bundle, list[tuple[Product, Partner]]]]


def compose(city: City, text: str) -> Made:
    intent = Resolver(city.taxonomy).resolve(text, NOW, ZONE, DOWNTOWN)

    async def made() -> Made:
        await city.scout.refresh()
        base = wish_of(intent, DOWNTOWN, city.taxonomy, NOW)
        found = []
        for bundle, _ in await Composer(city.scout, city.taxonomy).compose(intent, base, NOW):
            parts = [await city.scout.product(part.product) for part in bundle.parts]
            assert all(parts)
            found.append((bundle, [part for part in parts if part]))
        return found

    return asyncio.run(made())


def test_a_monogrammed_gift_is_sewn_wrapped_and_brought(austin: City) -> None:
    made = compose(austin, "a baby blanket monogrammed with ELM for a baby shower by Saturday, under $150")
    assert 1 <= len(made) <= BUNDLES_MAX
    assert len({bundle.parts[0].product for bundle, _ in made}) == len(made)
    for bundle, parts in made:
        assert bundle_price(bundle, parts).minor <= 15_000
        assert NOW + timedelta(minutes=lead_minutes(bundle, parts)) <= NOW + timedelta(days=6)
        roles = [part.role for part in bundle.parts]
        assert roles[0] == "product"
        assert roles[-1] == "delivery"
        assert bundle.parts[0].options["customization"] == "monogramming"
        assert bundle.parts[0].options["text"] == "ELM"
        product = parts[0][0]
        takes = next(one for one in product.customizations if one.tag == "monogramming")
        assert takes.characters_max in {0} or takes.characters_max >= 3
        if not takes.is_by_partner:
            number = roles.index("customization")
            assert bundle.parts[number].after == (0,)
            service, partner = parts[number]
            assert "monogramming" in {*service.tags, *(one.tag for one in partner.capabilities)}


def test_every_part_comes_after_those_it_needs(austin: City) -> None:
    for bundle, _ in compose(austin, "red roses and chocolates for my wife tomorrow"):
        for number, part in enumerate(bundle.parts):
            assert all(before < number for before in part.after)
        assert bundle.parts[-1].role == "delivery"
        assert bundle.parts[-1].after


def test_what_must_stay_cold_is_brought_cold(austin: City) -> None:
    for _, parts in compose(austin, "a birthday cake and flowers for my mom tomorrow"):
        courier, _ = parts[-1]
        assert "cold-chain" in {*courier.tags, *austin.taxonomy.capabilities_of(courier.category)}


def test_the_same_parts_are_the_same_bundle(austin: City) -> None:
    first, second = (compose(austin, "flowers and chocolates for mom") for _ in range(2))
    assert [bundle.id for bundle, _ in first] == [bundle.id for bundle, _ in second]


@pytest.mark.parametrize(
    "text",
    [
        "a monogrammed baby blanket under $5",
        "flowers and a nuclear submarine",
        "a wine tour for 12",  # one part is no bundle
        "hello",
    ],
)
def test_what_does_not_fit_together_is_not_made(austin: City, text: str) -> None:
    assert compose(austin, text) == []


@pytest.mark.parametrize("text", ["I need my suit altered by the 15th", "engrave my own watch", "wrap these presents"])
def test_work_without_a_product_is_no_fault(austin: City, text: str) -> None:
    made: Any = compose(austin, text)
    assert all(bundle.title for bundle, _ in made)
