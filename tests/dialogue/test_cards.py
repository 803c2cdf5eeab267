"""Adaptive Cards: each is valid by the official schema, and nothing in them is taken for markup."""

from __future__ import annotations

import asyncio
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.dialogue.cards import SHOWN_MAX, offers_card, plain_card, question_card, text, watch_card
from shared.discovery.conditions import Branch, CalendarLeaf, WeatherLeaf
from shared.discovery.jsonld import decimal, item_list, one
from shared.discovery.views import BundleView, ProductView, bundle_view, product_view
from shared.discovery.wish import Wish
from shared.logistics.geo import Point
from shared.money.amounts import Money
from tests.discovery.conftest import NOW, City

_package = find_spec("adaptive_cards")
assert _package is not None
assert _package.submodule_search_locations is not None
SCHEMA: dict[str, Any] = json.loads(
    (Path(_package.submodule_search_locations[0]) / "schemas" / "schema-1.5.json").read_text(encoding="utf-8-sig")
)
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
SUNNY_THURSDAY = Branch(
    op="and", of=(WeatherLeaf(is_="sunny", text="sunny"), CalendarLeaf(weekdays=("thu",), text="Thursday"))
)


def check(card: dict[str, Any]) -> None:
    found = [f"{list(error.path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(card)]
    assert found == []
    assert card["version"] == "1.5"
    assert json.loads(json.dumps(card)) == card


@pytest.fixture(scope="module")
def offers(austin: City) -> list[ProductView | BundleView]:
    near = Point(lat=30.2672, lng=-97.7431)
    found = [
        asyncio.run(austin.scout.find(Wish(text="anniversary", near=near, kinds=frozenset(kinds), limit=8), NOW))
        for kinds in ({"product", "service"}, {"bundle"})
    ]
    return [
        product_view(offer, "https://uso.example")
        if offer.product
        else bundle_view(offer.bundle, offer.parts, austin.taxonomy, "https://uso.example", offer.ranked)  # type: ignore[arg-type]
        for offer in (*found[0].offers, *found[1].offers)
    ]


def test_the_schema_refuses_what_is_no_card() -> None:
    assert list(VALIDATOR.iter_errors({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlok"}]}))


def test_every_card_is_valid(offers: list[ProductView | BundleView]) -> None:
    assert {type(offer) for offer in offers} == {ProductView, BundleView}
    check(offers_card("Here is what I found.", offers, [("Cheaper", "cheaper"), ("More", "more")]))
    check(offers_card("Nothing.", []))
    check(question_card("For when?", [("Tomorrow", "tomorrow")]))
    check(plain_card("Hello!"))
    check(watch_card("We'll watch for the perfect moment!", "IF …", SUNNY_THURSDAY))
    check(watch_card("We'll watch!", "IF …", None))


def test_a_card_shows_few_and_says_how_many_more(offers: list[ProductView | BundleView]) -> None:
    shown = offers_card("So:", offers[: SHOWN_MAX + 3])["body"]
    assert sum(part["type"] == "Container" for part in shown) == SHOWN_MAX
    assert shown[-1]["text"] == "3 more"


def test_text_is_never_markup() -> None:
    assert text("[click](https://evil.example) **now** `x` a_b")["text"] == (
        "\\[click\\](https://evil.example) \\*\\*now\\*\\* \\`x\\` a\\_b"
    )


def test_json_ld_names_what_machines_look_for(offers: list[ProductView | BundleView]) -> None:
    listed = item_list("Found", offers)
    assert listed["@type"] == "ItemList"
    assert listed["numberOfItems"] == len(offers) == len(listed["itemListElement"])
    assert [entry["position"] for entry in listed["itemListElement"]] == list(range(1, len(offers) + 1))
    for entry, offer in zip(listed["itemListElement"], offers, strict=True):
        item = entry["item"]
        assert item["@type"] in {"Product", "Service"}
        assert item["name"] == offer.title
        assert item["offers"]["price"] == decimal(offer.price)
        assert item["offers"]["priceCurrency"] == "USD"
        assert item["offers"]["availability"] == "https://schema.org/InStock"
        assert ("seller" in item["offers"]) == isinstance(offer, ProductView)
    assert one(offers[0])["@context"] == "https://schema.org"


def test_amounts_in_json_ld() -> None:
    amounts = ((5500, "USD"), (7, "USD"), (5, "JPY"))
    written = [decimal(Money(minor=minor, currency=currency)) for minor, currency in amounts]
    assert written == ["55.00", "0.07", "5"]
