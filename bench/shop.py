"""Data folders of a shop of some size, as the app's DATA_DIR: made-up products beside the demo city, indexed, kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

from bench.city import DATA, NOW, parts
from bench.listings import listings
from bench.scratch import RESULTS
from shared.adapters.store_sqlite import SqliteStore
from shared.catalog.city import load_city
from shared.catalog.keep import batches
from shared.discovery.hours import Hours
from shared.discovery.listing import Listing
from shared.discovery.listings import MARGIN_FULL
from shared.discovery.partners import PARTNERS, Contact, Partner, Place
from shared.discovery.products import PRODUCTS, Product, product_id
from shared.money.amounts import Money
from shared.records import Write

OPEN = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), "9:00-19:00")


@asynccontextmanager
async def shop(count: int) -> AsyncIterator[Path]:
    """A copy of the data folder with so many products besides the demo city's; made at first, and kept for later."""
    made = RESULTS / f"shop-{count}"
    RESULTS.mkdir(exist_ok=True)
    if not made.exists():
        with tempfile.TemporaryDirectory(dir=RESULTS) as folder:
            await _fill(Path(folder) / "data", count)
            (Path(folder) / "data").replace(made)
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder:
        yield Path(shutil.copytree(made, Path(folder) / "data"))


async def _fill(folder: Path, count: int) -> None:
    async with parts(folder) as city:
        await load_city(DATA / "austin", city.store, city.taxonomy, NOW)
        known: set[str] = set()
        # A bundle has no partner, and is none of a shop's products.
        offers = (one for one in listings(count) if one.partner)
        for name, run in groupby(offers, key=lambda one: one.partner):
            await _put(city.store, name, list(run), is_new=name not in known)
            known.add(name)
        await city.follower.catch_up()


async def _put(store: SqliteStore, name: str, offers: list[Listing], *, is_new: bool) -> None:
    if is_new:
        await store.apply(PARTNERS, name, [Write("create", _partner(offers[0]))])
    for batch in batches([Write("create", product) for product in _products(offers)]):
        await store.apply(PRODUCTS, name, batch)


def _partner(one: Listing) -> Partner:
    assert one.point is not None
    return Partner(
        id=one.partner,
        name=f"Shop {one.partner.rpartition('-')[2]}",
        kind="gift-shop",
        place=Place(address="Austin, TX", point=one.point, region=one.region),
        reach_km=one.reach_km,
        hours=Hours.model_validate({"time_zone": "America/Chicago", "week": OPEN}),
        contact=Contact(channel="email", address="shop@example.com"),
    )


def _products(offers: list[Listing]) -> Iterator[Product]:
    for one in offers:
        attributes: dict[str, list[str]] = {}
        for name, _, value in (pair.partition(":") for pair in one.values):
            attributes.setdefault(name, []).append(value)
        net = round(one.price_minor * (1 - MARGIN_FULL * one.margin))
        yield Product.model_validate(
            {
                "id": product_id(one.partner, one.id), "partner": one.partner, "sku": one.id, "kind": one.kind,
                "title": one.title, "description": one.text, "category": one.category,
                "tags": tuple(dict.fromkeys(one.capabilities)), "attributes": attributes,
                "price": Money(minor=one.price_minor, currency=one.currency),
                "net": Money(minor=net, currency=one.currency), "stock": one.stock, "lead_minutes": one.lead_minutes,
                "party_min": one.party_min, "party_max": one.party_max, "updated_at": NOW,
            }
        )  # fmt: skip
