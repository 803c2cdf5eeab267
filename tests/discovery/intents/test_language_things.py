"""What wishes name: things and services of every trade, those they are for, what is celebrated; class by class."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.discovery.intents.resolver import Resolver
from shared.discovery.taxonomy import Taxonomy
from tests.discovery.intents.scoring import field_fits

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)  # a Sunday


def things(*items: str | tuple[str, int]) -> list[dict[str, Any]]:
    return [{"name": one} if isinstance(one, str) else {"name": one[0], "quantity": one[1]} for one in items]


TRADES = [
    ("plumber asap, the kitchen sink is flooding", things("plumber")),
    ("need an electrician tomorrow morning", things("electrician")),
    ("locksmith needed tonight downtown", things("locksmith")),
    ("piano tuner for Saturday", things("piano tuner")),
    ("gutter cleaning before it rains again, next week", things("gutter cleaning")),
    ("window tinting for my Tesla", things("window tinting")),
    ("bike tune-up this weekend", things("bike tune-up")),
    ("chimney sweep in January", things("chimney sweep")),
    ("notary public at my office", things("notary public")),
    ("math tutor for my daughter, Tuesdays at 4", things("math tutor")),
    ("knife sharpening, 6 knives", things("knife sharpening", ("knives", 6))),
    ("dumpster rental, Monday", things("dumpster rental")),
    ("rent a pressure washer for the weekend", things("pressure washer")),
    ("cat sitter Dec 3-7, two cats", things("cat sitter")),
    ("dog groomer for my poodle", things("dog groomer")),
    ("3 yards of mulch delivered", things("mulch")),
    ("an hour-long tarot reading for Saturday", things("tarot reading")),
    ("wedding officiant who speaks Tagalog", things("wedding officiant")),
    ("henna artist, 20 guests", things("henna artist")),
    ("graduation stoles for 30 students", things("stoles")),
    ("a first aid kit, 2 flashlights and batteries", things("first aid kit", ("flashlights", 2), "batteries")),
    ("oat milk, 6 eggs and a sourdough loaf", things("oat milk", ("eggs", 6), "sourdough loaf")),
    ("wings and nachos for thursday 6:15pm", things("wings", "nachos")),
    ("gulab jamun, 40 pieces, for Diwali", things("gulab jamun")),
    ("challah and candles for shabbat", things("challah", "candles")),
    ("lion dancers for the new year, 20 minutes", things("lion dancers")),
    ("a sari for my cousin's sangeet", things("sari")),
    ("weighted blanket 15 lb", things("blanket")),
    ("diapers size 3, one box", things("diapers")),
    ("sunscreen, 40 ponchos", things("sunscreen", ("ponchos", 40))),
]

BY_THE_WAY = [
    ("lost my luggage, need a suitcase by 6", things("suitcase")),
    ("our goldfish died, get a small memorial stone", things("memorial stone")),
    ("my wife's water broke so uh car seat, today", things("car seat")),
    ("my laptop died, I need a notebook and a pen", things("notebook", "pen")),
    ("my dishwasher is leaking, need a plumber", things("plumber")),
    ("fill the office fridge with sparkling water", things("sparkling water")),
    ("calligrapher to address 85 envelopes", things("calligrapher")),
    ("two tickets to see the ballet", things(("tickets", 2))),
    ("a kit for making candles", things("kit")),
    ("a baker to make two quiches", things(("quiches", 2))),
    ("a photographer to attend the recital", things("photographer")),
    ("virtual tasting with a sommelier", things("tasting")),
    ("a painting class with a model", things("painting class")),
    ("grocery run: eggs and butter", things("eggs", "butter")),
    ("Vinyl night: hire 2 turntables", things(("turntables", 2))),
    ("10 dozen tamales, half pork half cheese", things(("tamales", 120))),
    ("four 10x10 canopy tents", things(("tents", 4))),
    ("labels, qty 48", things(("labels", 48))),
    ("ramen bowls, set of 4, microwave safe", things("ramen bowls")),
    ("a decanter, my uncle is a scotch man", things("decanter")),
    ("photo book, 60 pages", things("photo book")),
    ("can I have a quote for an ice sculpture", things("ice sculpture")),
    ("a scarf, grey or cream", things("scarf")),
    ("bread, cream and eggs", things("bread", "cream", "eggs")),
    ("send a wreath, ribbon should read 'Rest in peace'", things("wreath")),
    ("I want to gift saree to my mother-in-law", things("saree")),
]

PEOPLE = [
    ("soup for my neighbor Pearl", "neighbor Pearl"),
    ("coffee for my colleague Jean", "colleague Jean"),
    ("granny here, send an azalea to my friend Dorothy", "friend Dorothy"),
    ("a thank you card for the bus driver", "bus driver"),
    ("cookies for our mail carrier", "mail carrier"),
    ("an edible bouquet for my chemistry prof", "prof"),
    ("sampaguita lei for my lola", "lola"),
    ("a tie for my son-in-law", "son-in-law"),
    ("flowers for our presenter", "presenter"),
    ("a menorah for my rabbi", "rabbi"),
    ("a hamper for our bookkeeper", "bookkeeper"),
    ("balloons for my roomie's bday", "roomie"),
    ("need a bus driver on Friday", None),
    ("translator from Spanish to English", None),
    ("a book of 50 dad jokes", None),
]

OCCASIONS = [
    ("a saree for Diwali", "diwali"),
    ("mooncakes for mid autumn festival", "mid-autumn festival"),
    ("a lei for a quinceañera", "quinceanera"),
    ("magician for a bar mitzvah", "bar mitzvah"),
    ("flower crown for her first communion", "first communion"),
    ("tamales for las posadas", "las posadas"),
    ("fortune teller for a hen do", "hen do"),
    ("valet for the fundraiser gala", "fundraiser gala"),
    ("a convertible for our elopement", "elopement"),
    ("something under $10 for secret santa", "secret santa"),
    ("daffs for St David's Day", "st davids day"),
    ("haggis for burns night", "burns night"),
    ("gift for friends who bought a house", "housewarming"),
    ("platter for a shiva", "sympathy"),
    ("dates and sweets for eid", "eid"),
    ("a basket for purim", "purim"),
    ("red envelopes for lunar new year", "lunar new year"),
    ("a lantern for Nowruz", "nowruz"),
    ("a farewell cake for her going away party", "farewell"),
]

WRITTEN = [
    ("engraved pen, engraving should be E. M. Castellanos", "E. M. Castellanos"),
    ("a backpack with rockets and his name, Theo", "Theo"),
    ("a mug, text should read Best Dad", "Best Dad"),
    ("a plaque, wording 'In memory of Ann'", "In memory of Ann"),
    ("a tarot reading for my friend on 8/22", None),
    ("I'd say $75 for a decanter", None),
]

AS_SAID = [
    ("linens in sage", "colour", ("sage",)),
    ("an ivory veil", "colour", ("ivory",)),
    ("blush roses", "colour", ("blush",)),
    ("a gray blanket", "colour", ("gray",)),
    ("a navy tie", "colour", ("navy",)),
    ("white and cream lilies", "colour", ("white", "cream")),
]


@pytest.mark.parametrize(("text", "items"), TRADES + BY_THE_WAY)
def test_what_is_wanted(resolver: Resolver, text: str, items: list[dict[str, Any]]) -> None:
    intent = resolver.resolve(text, NOW, ZONE)
    assert field_fits("items", intent, {"items": items}), intent.entities.items


@pytest.mark.parametrize(("text", "name"), PEOPLE)
def test_whom_it_is_for(resolver: Resolver, text: str, name: str | None) -> None:
    intent = resolver.resolve(text, NOW, ZONE)
    assert field_fits("recipient", intent, {"recipient": name}), intent.entities.recipient


@pytest.mark.parametrize(("text", "name"), OCCASIONS)
def test_what_is_celebrated(resolver: Resolver, text: str, name: str) -> None:
    intent = resolver.resolve(text, NOW, ZONE)
    assert field_fits("occasion", intent, {"occasion": name}), intent.entities.occasion


@pytest.mark.parametrize(("text", "written"), WRITTEN)
def test_what_is_written_on_it(resolver: Resolver, text: str, written: str | None) -> None:
    assert resolver.resolve(text, NOW, ZONE).entities.items[0].text == written


@pytest.mark.parametrize(("text", "name", "values"), AS_SAID)
def test_a_colour_is_told_as_it_was_said(resolver: Resolver, text: str, name: str, values: tuple[str, ...]) -> None:
    assert resolver.resolve(text, NOW, ZONE).entities.items[0].attributes[name] == values


def test_a_word_for_a_value_means_the_value(taxonomy: Taxonomy) -> None:
    assert taxonomy.value_of("colour", "crimson") == "red"
    assert taxonomy.value_of("colour", "unheard of") == "unheard of"
