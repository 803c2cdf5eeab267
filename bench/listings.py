"""Made-up offers of one city, as many as wanted, the same for the same seed: words of data/taxonomy, around Austin."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from bench.scratch import ROOT
from shared.discovery.listing import IndexQuery, Listing, ListingKind
from shared.logistics.geo import Point

CENTRE = Point(lat=30.2672, lng=-97.7431)
SEED = 2026
LISTINGS_PER_PARTNER = 40
PARTNERS_MAX = 2_000
"""A city has no more; past it they have more listings each."""
_SPREAD_DEGREES = 0.09
_STYLES = (
    "rustic", "elegant", "classic", "modern", "fancy", "cozy", "vintage", "handmade", "luxury", "playful", "minimal",
    "seasonal", "signature", "deluxe", "petite", "grand", "organic", "local", "bold", "gentle",
)  # fmt: skip
_PLACES = (
    "Barton", "Zilker", "Bouldin", "Hyde Park", "Mueller", "Clarksville", "Tarrytown", "Rosedale", "Cherrywood",
    "Travis", "Lamar", "Congress", "Guadalupe", "Pecan", "Live Oak", "Bluebonnet", "Lone Star", "Colorado", "Mopac",
)  # fmt: skip
_TRADES = ("Studio", "Works", "Shop", "House", "Collective", "Market", "Co", "Atelier", "Garden", "Kitchen", "Lane")
_SENTENCES = (
    "Made to order by hand in our workshop.", "Arrives wrapped, with a card of your words.", "A favorite of the city.",
    "Contains no nuts; ask us about allergens.", "Delivered with care across town.", "Every piece is one of a kind.",
    "Choose your own words and colors.", "Ready the same day when ordered before noon.", "Loved by locals since 1998.",
    "Gluten-free on request.", "Our team takes care of everything.", "Comes in a reusable box.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What titles and queries are made of, by the taxonomy's own names."""

    categories: dict[str, dict[str, Any]]
    attributes: dict[str, dict[str, list[str]]]
    occasions: dict[str, dict[str, Any]]
    recipients: dict[str, list[str]]
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """The words of somebody who wants something, and the category that is meant."""

    text: str
    category: str


@dataclass(frozen=True, slots=True)
class _Partner:
    id: str
    name: str
    point: Point
    reach_km: float
    categories: tuple[str, ...]
    lead_minutes: int
    quality: float


@cache
def vocabulary() -> Vocabulary:
    """The taxonomy's words."""
    tables = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "data/taxonomy").glob("*.toml")}
    people = tables["recipients"].get("people", tables["recipients"])
    return Vocabulary(
        tables["categories"], tables["attributes"], tables["occasions"], people, tuple(tables["capabilities"])
    )


def listings(count: int, seed: int = SEED) -> Iterator[Listing]:
    """So many offers, one after the other; the first ones are the same whatever the count."""
    chance = Random(seed)
    words = vocabulary()
    names = list(words.categories)
    partners: list[_Partner] = []
    for number in range(count):
        at = number // LISTINGS_PER_PARTNER % PARTNERS_MAX
        if at == len(partners):
            partners.append(_partner(chance, at, names))
        one = _listing(chance, number, partners[at], words)
        yield _bundle(one) if chance.random() < 0.01 else one


def wishes(count: int, seed: int = SEED + 1) -> list[Wish]:
    """What people ask for."""
    chance = Random(seed)
    words = vocabulary()
    names = list(words.categories)
    return [_wish(chance, words, chance.choice(names)) for _ in range(count)]


def opening_hours(count: int, seed: int = SEED + 2) -> dict[str, int]:
    """Minutes until the partners of so many offers are open; one in ten does not open in time."""
    chance = Random(seed)
    partners = min(-(-count // LISTINGS_PER_PARTNER), PARTNERS_MAX)
    opens = {f"partner-{number}": chance.choice((0, 0, 0, 90, 600)) for number in range(partners)}
    return {partner: minutes for partner, minutes in opens.items() if chance.random() < 0.9}


def typical(query: IndexQuery, opens_in: dict[str, int]) -> IndexQuery:
    """The filters that nearly every wish carries: near, in budget, in stock, in time."""
    return replace(
        query, near=CENTRE, price_max_minor=6_000, currency="USD", minutes_left=26 * 60, opens_in=opens_in, quantity=2
    )


def tight(query: IndexQuery, opens_in: dict[str, int], category: str) -> IndexQuery:
    """As typical, within one category and a few kilometres."""
    return replace(typical(query, opens_in), within_km=8.0, categories=frozenset({category}))


def _partner(chance: Random, number: int, names: Sequence[str]) -> _Partner:
    point = Point(
        lat=round(CENTRE.lat + chance.gauss(0, _SPREAD_DEGREES), 5),
        lng=round(CENTRE.lng + chance.gauss(0, _SPREAD_DEGREES), 5),
    )
    return _Partner(
        f"partner-{number}",
        f"{chance.choice(_PLACES)} {chance.choice(_TRADES)} {number}",
        point,
        chance.choice((5.0, 8.0, 12.0, 20.0, 40.0)),
        tuple(chance.sample(names, 3)),
        chance.choice((30, 60, 120, 240, 1_440, 4_320)),
        round(chance.betavariate(6, 2), 3),
    )


def _listing(chance: Random, number: int, partner: _Partner, words: Vocabulary) -> Listing:
    category = chance.choice(partner.categories)
    about = words.categories[category]
    chosen = {name: chance.choice(list(values)) for name, values in words.attributes.items() if chance.random() < 0.35}
    occasion, person = chance.choice(list(words.occasions)), chance.choice(list(words.recipients))
    kind: ListingKind = chance.choices(("product", "service", "blank", "experience"), (80, 12, 5, 3))[0]
    has_party = kind == "experience"
    title = f"{chance.choice(_STYLES)} {chosen.get('colour', '')} {chance.choice(about['names'])} for {person}"
    return Listing(
        id=f"product-{number}",
        kind=kind,
        partner=partner.id,
        title=" ".join(title.split()).capitalize(),
        facts=" ".join((*about["names"][:2], *chosen.values(), occasion.replace("_", " "), partner.name)),
        text=" ".join(chance.sample(_SENTENCES, 3)),
        category=category,
        capabilities=(*about.get("capabilities", ()), *chance.sample(words.capabilities, chance.choice((0, 1, 2)))),
        values=(*(f"{name}:{value}" for name, value in chosen.items()), f"occasion:{occasion}"),
        point=partner.point,
        reach_km=partner.reach_km,
        region="austin",
        price_minor=max(300, round(chance.lognormvariate(8.4, 0.8))),
        currency="USD",
        stock=None if chance.random() < 0.2 else chance.choice((0, 1, 2, 5, 10, 40)),
        lead_minutes=partner.lead_minutes,
        party_min=2 if has_party else 0,
        party_max=chance.choice((6, 12, 40)) if has_party else 0,
        quality=round(min(1.0, max(0.0, partner.quality + chance.uniform(-0.1, 0.1))), 3),
        margin=round(chance.uniform(0.05, 0.4), 3),
    )


def _bundle(one: Listing) -> Listing:
    return replace(one, kind="bundle", partner="", point=None, title=f"{one.title} bundle")


def _wish(chance: Random, words: Vocabulary, category: str) -> Wish:
    parts = [chance.choice(words.categories[category]["names"])]
    if chance.random() < 0.5:
        parts.insert(0, chance.choice(list(words.attributes["colour"])))
    if chance.random() < 0.4:
        parts.insert(0, chance.choice(_STYLES))
    if chance.random() < 0.5:
        parts.append(f"for {chance.choice(list(words.recipients))}")
    if chance.random() < 0.3:
        parts.append(chance.choice(list(words.occasions)).replace("_", " "))
    return Wish(" ".join(parts), category)
