"""What a simulated partner sells: ordinary products, and beside each the rule by which it is to be had."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from shared import changing
from shared.discovery.manifests.tagging import Said, tagging_of
from shared.discovery.manifests.words import Lexicon, words_in
from shared.discovery.partners import Partner, PartnerId, Tag
from shared.discovery.products import PRODUCTS, TAGS_MAX, Product, Title, Values, product_id, restocked
from shared.discovery.taxonomy import Taxonomy
from shared.money.amounts import Money
from shared.ports import Store
from shared.records import (
    PAGE_MAX,
    AlreadyThere,
    ChangedMeanwhile,
    Container,
    NotThere,
    Query,
    Record,
    Write,
)
from shared.simulator.asked import Asked
from shared.simulator.conditions import Trigger, holds, is_in
from shared.simulator.deciding import Decision, values_of
from shared.simulator.templates import filled
from shared.wire import Plain

NET_PERCENT = 80
"""What the vendor gets of a price, unless it is said."""
NOT_TO_BE_HAD = "Sorry, {product} is not available at the moment."
_BROUGHT = frozenset({"courier", "cold"})
Rule = Literal["always", "conditional", "out_of_stock"]


class Availability(Plain):
    """Whether a product can be had: always (as far as there is stock), while a condition holds, or not at all."""

    rule: Rule = "always"
    when: Trigger | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.rule == "conditional") != (self.when is not None):
            raise ValueError("`when` belongs to conditional, and to nothing else")
        return self


class Shelved(Record):
    """How a product is to be had; id: the product's. stock: how many there are by the admin's word, None: no end."""

    id: str
    partner: PartnerId
    title: Title
    availability: Availability
    stock: int | None


SHELF = Container("simulator_shelf", Shelved, "partner")


class Offer(Plain):
    """What an admin says of a product; category, attributes and work are found in its words where they are not said."""

    title: Title
    description: Annotated[str, Field(max_length=4_000)] = ""
    price: Money
    net: Money | None = None
    stock: int | None = None
    category: Tag | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=TAGS_MAX)] = ()
    attributes: Annotated[dict[Tag, Values], Field(max_length=20)] = Field(default_factory=dict)
    lead_minutes: int = 60
    work_minutes: int = 15
    availability: Availability = Field(default_factory=Availability)


def sku_of(title: str) -> str:
    """A SKU from a title: `Red Flowers` → `RED-FLOWERS`."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-").upper()
    return words[:60].rstrip("-") or "ITEM"


def product_of(partner: Partner, sku: str, offer: Offer, taxonomy: Taxonomy, at: datetime) -> Product:
    """The ordinary product that customers find. A person has made it, so nobody need look at it first."""
    said = Said(offer.title, offer.description, (offer.category,) if offer.category else (), offer.tags)
    found = tagging_of(said, taxonomy, Lexicon(taxonomy))
    category = taxonomy.categories.get(found.category)
    net_minor = offer.net.minor if offer.net else offer.price.minor * NET_PERCENT // 100
    return Product(
        id=product_id(partner.id, sku),
        partner=partner.id,
        sku=sku,
        kind="service" if category and category.delivery not in _BROUGHT else "product",
        title=offer.title,
        description=offer.description,
        category=found.category,
        tags=tuple(dict.fromkeys((*offer.tags, *found.tags)))[:TAGS_MAX],
        attributes={**found.attributes, **offer.attributes},
        price=offer.price,
        net=Money(minor=net_minor, currency=offer.price.currency),
        stock=stock_by(offer.availability, offer.stock),
        lead_minutes=max(offer.lead_minutes, offer.work_minutes),
        work_minutes=offer.work_minutes,
        updated_at=at,
    )


def revised(
    product: Product, shelved: Shelved, said: Mapping[str, Any], partner: Partner, taxonomy: Taxonomy, at: datetime
) -> Product:
    """A product once an admin has said something else of it; said: fields of Offer, those alone that change.

    What is sold meanwhile stays sold, unless stock or availability are among them. Another title says what it is anew.
    """
    kept = {
        "title": product.title, "description": product.description, "price": product.price, "net": product.net,
        "tags": product.tags, "lead_minutes": product.lead_minutes, "work_minutes": product.work_minutes,
    }  # fmt: skip
    if "title" not in said:
        kept |= {"category": product.category, "attributes": product.attributes}
    if "price" in said and "net" not in said:
        kept.pop("net")
    offer = Offer.model_validate({**kept, "stock": shelved.stock, "availability": shelved.availability, **said})
    anew = product_of(partner, product.sku, offer, taxonomy, at)
    stays = {"images": product.images, "rating_hundredths": product.rating_hundredths, "ratings": product.ratings}
    stock = anew.stock if {"stock", "availability"} & said.keys() else product.stock
    return restocked(anew.model_copy(update={**stays, "stock": stock, "status": product.status}), product)


def stock_by(availability: Availability, stock: int | None) -> int | None:
    """How many customers can have."""
    return 0 if availability.rule == "out_of_stock" else stock


def shelved_of(product: Product, availability: Availability, stock: int | None) -> Shelved:
    """The rule that stands beside a product."""
    return Shelved(id=product.id, partner=product.partner, title=product.title, availability=availability, stock=stock)


async def rule_of(store: Store, product: Product) -> Shelved:
    """The rule of a product; one that has none can always be had."""
    stored = await store.get(SHELF, product.partner, product.id)
    return stored.value if stored else shelved_of(product, Availability(), product.stock)


async def keep_rule(store: Store, product: Product, said: Mapping[str, Any]) -> None:
    """Keep what an admin has said anew of a product's title, stock or availability."""
    news = {name: said[name] for name in ("title", "stock", "availability") if name in said}
    if news:
        rule = (await rule_of(store, product)).model_copy(update=news)
        await store.apply(SHELF, product.partner, [Write("put", rule)])


def not_to_be_had(shelf: Sequence[Shelved], asked: Asked, now: datetime, partner: Partner) -> Decision | None:
    """The answer where what is asked for is a product that cannot be had now; now: by the partner's own clock."""
    words = set(words_in(asked.wanted))
    for one in shelf:
        if is_in(one.title, words) and not _is_to_be_had(one.availability, asked, now):
            values = {**values_of(asked, partner, None), "product": one.title}
            return Decision(kind="unavailable", text=filled(NOT_TO_BE_HAD, values), is_usual=True)
    return None


async def shelf_of(store: Store, partner: str) -> list[Shelved]:
    """The rules of a partner's products, PAGE_MAX at most."""
    page = await store.query(SHELF, Query({}, partner, None, PAGE_MAX))
    return [stored.value for stored in page.items]


async def put_on_shelf(store: Store, product: Product, shelved: Shelved) -> bool:
    """Keep a new product with its rule; False where there is one already that is not removed."""
    there = await store.get(PRODUCTS, product.partner, product.id)
    if there is not None and there.value.status != "removed":
        return False
    try:
        write = Write("replace", product, there.etag) if there else Write("create", product)
        await store.apply(PRODUCTS, product.partner, [write])
    except (AlreadyThere, ChangedMeanwhile, NotThere):
        return False
    await store.apply(SHELF, product.partner, [Write("put", shelved)])
    return True


async def change_product(
    store: Store, partner: str, product: str, changed: Callable[[Product], Product]
) -> Product | None:
    """Change a product that is not removed, as it stands; None where there is none."""

    def kept(one: Product) -> Product | None:
        return None if one.status == "removed" else changed(one)

    return await changing.changed(store, PRODUCTS, partner, product, kept)


async def clear_shelf(store: Store, partner: str, at: datetime, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Remove all products of a partner but these; the ids of those removed. Orders that have them keep them."""
    removed: list[str] = []
    after: str | None = None
    while True:
        sold = Query({"status": {"in": ["active", "paused"]}}, partner, None, PAGE_MAX, after)
        page = await store.query(PRODUCTS, sold)
        for product in (stored.value for stored in page.items if stored.value.id not in but):
            await take_off_shelf(store, product, at)
            removed.append(product.id)
        after = page.next
        if after is None:
            return removed


async def take_off_shelf(store: Store, product: Product, at: datetime) -> Product | None:
    """Remove one product and its rule."""
    removed = {"status": "removed", "updated_at": at}
    gone = await change_product(store, product.partner, product.id, lambda one: one.model_copy(update=removed))
    there = await store.get(SHELF, product.partner, product.id)
    if there is not None:
        await store.apply(SHELF, product.partner, [Write("delete", there.value)])
    return gone


def _is_to_be_had(availability: Availability, asked: Asked, now: datetime) -> bool:
    if availability.rule == "out_of_stock":
        return False
    return availability.rule == "always" or holds(availability.when, asked, now)
