"""What the search index knows of one offer, how it is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shared.logistics.geo import Point

CANDIDATES_MAX = 500
TEXT_LENGTH_MAX = 400
"""Characters of a query that are read; what follows is noise or an attack."""

ListingKind = Literal["product", "service", "blank", "experience", "bundle"]


@dataclass(frozen=True, slots=True)
class Listing:
    """One offer. id: the product's or bundle's; partner: empty for a bundle.

    title, facts (category names, attribute values, partner name) and text (description) are searched, in this order of
    weight; exclusions look into title and facts only. point None: found everywhere (bundles). reach_km: how far from
    its point it is offered. price_minor is in `currency`. stock None: as ordered. lead_minutes: until it can be handed
    over. quality, margin: 0 to 1. party_min, party_max: 0 for any. values: `colour:pink`, `occasion:birthday`.
    """

    id: str
    kind: ListingKind
    partner: str
    title: str
    facts: str
    text: str
    category: str
    capabilities: tuple[str, ...]
    values: tuple[str, ...]
    point: Point | None
    reach_km: float
    region: str
    price_minor: int
    currency: str
    stock: int | None
    lead_minutes: int
    party_min: int
    party_max: int
    quality: float
    margin: float


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """What is looked for; everything but text and vector is a filter that holds for every hit.

    vector: of the index's dimensions, unit length, or None: by words alone. near with within_km: the distance; near
    alone: only what reaches that far. categories: any of them (the caller adds what is below). capabilities: all of
    them. values: all of them, as listings have them. exclude: words or phrases. minutes_left: until the deadline;
    opens_in: partner → minutes until it is next open (a partner that is not named does not open in time). quantity:
    that many in stock. prefer: values that lift a hit and exclude none. limit: candidates, best first, at most
    CANDIDATES_MAX.
    """

    text: str = ""
    vector: Sequence[float] | None = None
    near: Point | None = None
    within_km: float | None = None
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    currency: str | None = None
    kinds: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    capabilities: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    region: str | None = None
    partner: str | None = None
    without_partners: frozenset[str] = frozenset()
    without_ids: frozenset[str] = frozenset()
    minutes_left: int | None = None
    opens_in: Mapping[str, int] | None = None
    quantity: int = 1
    party: int | None = None
    prefer: frozenset[str] = frozenset()
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer that passed every filter.

    relevance: 0 to 1, from vector and words; similarity: the cosine (0 where there is no vector); words: the lexical
    part, 0 to 1. distance_km: from near, None where there is none.
    """

    id: str
    kind: ListingKind
    partner: str
    category: str
    relevance: float
    similarity: float
    words: float
    distance_km: float | None
    price_minor: int
    quality: float
    margin: float


@dataclass(frozen=True, slots=True)
class Hits:
    """The best candidates, by relevance then id; matched: how many passed the filters, relevant or not."""

    items: tuple[Hit, ...]
    matched: int
    notes: tuple[str, ...] = field(default=())


IndexTokens = Mapping[str, str]
"""Container → the change token up to which the index has followed it."""
