"""Counter-offers looked up in the partner's catalog; nothing is in them that neither says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.dialogue.reply.counter import Offer, enrich
from shared.dialogue.reply.reading import ReplyReader
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy
from tests.dialogue.reply.asks import ASKS, NOW, ZONE, usd

IMAGE = "a" * 64 + ".png"


def product(sku: str, title: str, category: str, minor: int, colour: str = "", **more: Any) -> Product:
    attributes = {"colour": (colour,)} if colour else {}
    return Product(
        id=f"shop.{sku}", partner="shop", sku=sku, title=title, category=category, price=usd(minor),
        net=usd(minor // 2), updated_at=datetime(2026, 11, 1, tzinfo=UTC),
        **{"stock": 10, "attributes": attributes, **more},
    )  # fmt: skip


CATALOG = (
    product("RED", "Red Roses", "roses", 5000, "red"),
    product("DEEP", "Deep Purple Metallic Bouquet", "bouquet", 5500, "purple", images=(IMAGE,), lead_minutes=60),
    product("WHITE", "White Garden Roses", "roses", 4800, "white"),
    product("TULIP", "Lavender Tulips", "tulips", 4500, "purple", stock=0),
    product("VASE", "White Vase", "vase", 3000, "white"),
    product("OLD", "Peach Ranunculus", "flowers", 5200, "peach", status="removed"),
)


def offered(reader: ReplyReader, taxonomy: Taxonomy, text: str, asked: str = "pink") -> Offer | None:
    reading = reader.read(text, ASKS[asked], NOW, ZONE)
    return enrich(reading, CATALOG, ASKS[asked], "shop.RED", taxonomy)


def test_what_is_named_is_found_with_its_price_picture_and_specs(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    found = offered(reader, taxonomy, "Pink is booked, but I have a Deep Purple Metallic available")
    assert found is not None
    assert (found.title, found.product, found.is_in_catalog) == ("Deep Purple Metallic Bouquet", "shop.DEEP", True)
    assert (found.price, found.difference, found.basis) == (usd(5500), usd(500), "catalog")
    assert (found.image, found.stock, found.is_enough, found.asks) == (IMAGE, 10, True, None)
    assert found.specs == {"Colour": "purple", "Ready in": "1 hour"}


def test_what_the_partner_says_of_the_price_counts_before_the_catalog(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    for text, price, difference in (
        ("I have a Deep Purple Metallic at no extra cost", 5000, 0),
        ("I have a Deep Purple Metallic for $53", 5300, 300),
        ("I have a Deep Purple Metallic, $4 cheaper", 4600, -400),
    ):
        found = offered(reader, taxonomy, text)
        assert found is not None
        assert (found.price, found.difference, found.basis) == (usd(price), usd(difference), "said")
        assert found.unit_price == usd(5500)


def test_a_colour_alone_is_a_thing_of_the_same_kind(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    found = offered(reader, taxonomy, "no pink, but I have white")
    assert found is not None
    assert found.product == "shop.WHITE"  # and not the vase


@pytest.mark.parametrize("text", ["I can do peach ranunculus", "I have orange gerberas", "I have golden orchids"])
def test_what_is_not_in_the_catalog_has_no_price_until_it_is_said(
    reader: ReplyReader, taxonomy: Taxonomy, text: str
) -> None:
    found = offered(reader, taxonomy, text)
    assert found is not None
    assert (found.product, found.is_in_catalog, found.price, found.image, found.specs) == (None, False, None, None, {})
    assert found.asks is not None
    assert found.title in text
    priced = offered(reader, taxonomy, text + " for $45")
    assert priced is not None
    assert (priced.price, priced.difference, priced.asks) == (usd(4500), usd(-500), None)


def test_other_terms_for_what_was_asked_are_an_offer_too(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    dearer = offered(reader, taxonomy, "yes but $5 more")
    assert dearer is not None
    assert (dearer.title, dearer.price, dearer.difference) == ("pink flowers", usd(5500), usd(500))
    later = offered(reader, taxonomy, "yes but 30 min late")
    assert later is not None
    assert (later.price, later.difference, later.delay_minutes, later.basis) == (usd(5000), usd(0), 30, "agreed")
    unknown = offered(reader, taxonomy, "Pink costs more")
    assert unknown is not None
    assert (unknown.price, unknown.difference) == (None, None)
    assert unknown.asks == "What would “pink flowers” cost altogether?"


def test_fewer_cost_their_part_if_that_comes_out_even(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    twelve = offered(reader, taxonomy, "I only have 12 pink", "roses")  # of 24 for $80
    assert twelve is not None
    assert (twelve.quantity, twelve.price, twelve.difference) == (12, usd(4000), usd(-4000))
    seven = offered(reader, taxonomy, "I only have 7 pink", "roses")
    assert seven is not None
    assert (seven.quantity, seven.price) == (7, None)
    assert seven.asks is not None
    each = offered(reader, taxonomy, "pink garden roses only, $4 each", "roses")
    assert each is not None
    assert (each.price, each.difference) == (usd(9600), usd(1600))


def test_possibilities_are_kept_and_the_first_that_is_there_is_taken(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    found = offered(reader, taxonomy, "I can do yellow or white")
    assert found is not None
    assert (found.product, found.options) == ("shop.WHITE", ("white",))


def test_what_is_sold_out_is_said_so(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    found = offered(reader, taxonomy, "would lavender tulips do?")
    assert found is not None
    assert (found.product, found.stock, found.is_enough) == ("shop.TULIP", 0, False)


def test_money_of_another_currency_is_not_reckoned_with(reader: ReplyReader, taxonomy: Taxonomy) -> None:
    found = offered(reader, taxonomy, "yes but 5 euros more")
    assert found is not None
    assert (found.price, found.difference) == (None, None)
    assert found.asks is not None


@pytest.mark.parametrize("text", ["yes", "no", "which pink?", "let me check"])
def test_only_a_counter_offer_is_one(reader: ReplyReader, taxonomy: Taxonomy, text: str) -> None:
    assert offered(reader, taxonomy, text) is None
