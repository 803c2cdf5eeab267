"""What the scout is asked for, and what it brings back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.discovery.bundles import Bundle
from shared.discovery.partners import Partner
from shared.discovery.products import Product
from shared.discovery.ranking import Ranked
from shared.logistics.geo import Point
from shared.money.amounts import Money

LIMIT_MAX = 50


@dataclass(frozen=True)
class Wish:
    """Words and filters; everything but text and prefer holds for every offer that comes back.

    deliver_by: aware. capabilities: all of them; categories: any of them, with what is below. values: all of them, as
    `colour:pink`; must: the same, never let go (`diet:nut-free`); prefer: welcome. exclude: words. party: people.
    after: the token of the page before.
    """

    text: str = ""
    near: Point | None = None
    within_km: float | None = None
    price_min: Money | None = None
    price_max: Money | None = None
    deliver_by: datetime | None = None
    capabilities: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    prefer: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    region: str | None = None
    partner: str | None = None
    without_partners: frozenset[str] = frozenset()
    without_ids: frozenset[str] = frozenset()
    quantity: int = 1
    party: int | None = None
    limit: int = 20
    after: str | None = None


@dataclass(frozen=True)
class Offer:
    """One thing to be had: a product of a partner, or a bundle with what its parts are and cost now."""

    ranked: Ranked
    product: Product | None = None
    partner: Partner | None = None
    bundle: Bundle | None = None
    parts: tuple[tuple[Product, Partner], ...] = ()

    @property
    def id(self) -> str:
        """The product's or bundle's id."""
        return self.ranked.hit.id


@dataclass(frozen=True)
class Relaxed:
    """A filter that was let go, since with it there was nothing: its name, and what that means in words."""

    field: str
    words: str


@dataclass(frozen=True)
class Found:
    """A page of offers, best first. matched: how many passed the filters. notes: what was not to be reached.

    relaxed: what was let go; then the offers are the nearest, not what was asked for.
    """

    offers: tuple[Offer, ...]
    next: str | None
    matched: int
    relaxed: tuple[Relaxed, ...] = ()
    notes: tuple[str, ...] = ()
