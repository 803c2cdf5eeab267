"""The graded set: wishes, the rules that say which offers answer them, and how well a ranking does by them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.discovery.bundles import BUNDLES
from shared.discovery.listing import Listing
from shared.discovery.listings import is_listed, listing_of, listing_of_bundle
from shared.discovery.partners import PARTNERS
from shared.discovery.products import PRODUCTS
from shared.discovery.taxonomy import Taxonomy
from shared.ports import Store
from shared.records import PAGE_MAX, Container, D, Query

FILE = Path(__file__).parent / "graded.toml"
KINDS = ("lexical", "paraphrase", "intent", "noisy")
GRADES = {"exact": 3, "good": 2, "fair": 1}
RELEVANT = 2
"""The least grade that recall counts."""
DEPTH = 10
_ATTRIBUTES = frozenset({"colour", "size", "material", "style", "diet", "occasion", "recipient"})
_CONDITIONS = _ATTRIBUTES | {"category", "kind", "partner_kind", "capability", "has", "title", "price_max"}

Grades = Mapping[str, int]
"""Offer → grade, those above 0 only."""


@dataclass(frozen=True)
class Offered:
    """An offer as the rules see it; partner_kind: empty for a bundle."""

    listing: Listing
    partner_kind: str


@dataclass(frozen=True)
class Wanted:
    """One query with what answers it: grade → rules, any of which gives that grade."""

    kind: str
    text: str
    rules: Mapping[int, tuple[Mapping[str, Any], ...]]


def wanted(file: Path = FILE) -> list[Wanted]:
    """The queries; raises ValueError for a kind or a condition that there is not."""
    found = []
    for entry in tomllib.loads(file.read_text("utf-8"))["query"]:
        rules = {grade: tuple(entry.get(name, ())) for name, grade in GRADES.items()}
        unknown = {name for group in rules.values() for rule in group for name in rule} - _CONDITIONS
        if entry["kind"] not in KINDS or unknown or entry.keys() - {"kind", "text", *GRADES}:
            raise ValueError(f"{entry['text']!r}: unknown kind, key or condition {sorted(unknown)}")
        found.append(Wanted(entry["kind"], entry["text"], rules))
    return found


async def offered(store: Store, taxonomy: Taxonomy) -> list[Offered]:
    """Everything that the index is told of, as it is told."""
    partners = {partner.id: partner for partner in await stored(store, PARTNERS)}
    products = {product.id: product for product in await stored(store, PRODUCTS)}
    found = [
        Offered(listing_of(product, partners[product.partner], taxonomy), partners[product.partner].kind)
        for product in products.values()
        if is_listed(product, partners.get(product.partner))
    ]
    bundles = (listing_of_bundle(one, products, partners, taxonomy) for one in await stored(store, BUNDLES))
    return found + [Offered(bundle, "") for bundle in bundles if bundle]


async def stored(store: Store, container: Container[D]) -> list[D]:
    """Every record of a container."""
    found: list[D] = []
    after: str | None = None
    while True:
        page = await store.query(container, Query({}, limit=PAGE_MAX, after=after))
        found += [one.value for one in page.items]
        after = page.next
        if after is None:
            return found


def grades(one: Wanted, offers: Sequence[Offered], taxonomy: Taxonomy) -> Grades:
    """What of all offers answers the query, each by the best rule that it meets."""
    found: dict[str, int] = {}
    for grade, rules in sorted(one.rules.items()):
        for rule in rules:
            found.update((offer.listing.id, grade) for offer in offers if _meets(offer, rule, taxonomy))
    return found


def _meets(offer: Offered, rule: Mapping[str, Any], taxonomy: Taxonomy) -> bool:
    return all(_holds(offer, name, expected, taxonomy) for name, expected in rule.items())


def _holds(offer: Offered, name: str, expected: Any, taxonomy: Taxonomy) -> bool:
    """Whether one condition holds. KeyError for a category that there is not."""
    listing = offer.listing
    if name == "price_max":
        return listing.price_minor <= int(expected) * 100
    among = [expected] if isinstance(expected, str) else expected
    if name in _ATTRIBUTES:
        return any(f"{name}:{value}" in listing.values for value in among)
    if name == "has":
        return all(value in listing.values for value in among)
    if name == "title":
        title = listing.title.casefold()
        return any(all(word in title for word in phrase.casefold().split()) for phrase in among)
    if name == "category":
        return any(listing.category in taxonomy.descendants[category] for category in among)
    if name == "capability":
        return any(tag in listing.capabilities for tag in among)
    return (listing.kind if name == "kind" else offer.partner_kind) in among


def ndcg(ranking: Sequence[str], graded: Grades) -> float:
    """nDCG@10 with gains 2^grade - 1 (Järvelin and Kekäläinen 2002; Burges et al. 2005)."""
    ideal = sorted(graded.values(), reverse=True)
    return _gain([graded.get(name, 0) for name in ranking]) / _gain(ideal)


def recall(ranking: Sequence[str], graded: Grades) -> float:
    """recall@10: what part of the good ones stand among the first ten, of as many as ten can hold."""
    good = {name for name, grade in graded.items() if grade >= RELEVANT}
    return len(good.intersection(ranking[:DEPTH])) / min(len(good), DEPTH)


def _gain(found: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(found[:DEPTH]))
