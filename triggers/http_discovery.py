"""Routes: what can be had; search, one product, one bundle, its image. Open to everybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from shared.blobs import BadBlobName
from shared.discovery.jsonld import item_list, one
from shared.discovery.views import BundleView, LetGo, ProductView, bundle_view, plain_product, product_view
from shared.discovery.wish import LIMIT_MAX, Found, Wish
from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.logistics.geo import Point
from shared.money.amounts import Currency, Money
from shared.people.access import PUBLIC
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Download, Routes
from triggers.parse import Input, Output, When

routes = Routes("discovery")


def _words(text: str) -> str:
    """A list within one query parameter has few and short words."""
    parts = text.split(",")
    if len(parts) > 10 or any(len(part.strip()) > 60 for part in parts):
        raise ValueError("at most 10 words of 60 characters, separated by commas")
    return text


Words = Annotated[str, Field(max_length=700), AfterValidator(_words)]


class Search(Input):
    """What is looked for, and the filters that every answer keeps to."""

    q: str = Field(default="", max_length=400, description="What is wanted, in words.")
    lat: float | None = Field(default=None, ge=-90, le=90, description="Where it is wanted; with lng.")
    lng: float | None = Field(default=None, ge=-180, le=180)
    within_km: float | None = Field(default=None, gt=0, le=20_000, description="How far away at the most.")
    min_price_minor: int | None = Field(default=None, ge=0, le=10**12)
    max_price_minor: int | None = Field(default=None, ge=0, le=10**12, description="In minor units, such as cents.")
    currency: Currency = "USD"
    deliver_by: When | None = Field(default=None, description="RFC 3339, with an offset.")
    capability: Words = Field(default="", description="What can be done to or with it, such as engraving.")
    category: Words = Field(default="", description="Categories, any of them, such as flowers.")
    exclude: Words = Field(default="", description="Words that may not occur.")
    region: str | None = Field(default=None, max_length=40, description="Only what is offered in this region.")
    partner: str | None = Field(default=None, max_length=63)
    kind: str | None = Field(default=None, pattern="^(product|service|blank|experience|bundle)$")
    quantity: int = Field(default=1, ge=1, le=100_000)
    party: int | None = Field(default=None, ge=1, le=100_000, description="How many people.")
    limit: int = Field(default=20, ge=1, le=LIMIT_MAX)
    after: str | None = Field(default=None, max_length=2_000, description="The `next` of the page before.")

    def wish(self) -> Wish:
        """The same for the scout; raises AppError."""
        if (self.lat is None) != (self.lng is None):
            raise _refused("lat", "Send lat and lng together.")
        if self.within_km is not None and self.lat is None:
            raise _refused("within_km", "Send lat and lng too: from where is it measured?")
        low, high = (
            None if minor is None else Money(minor=minor, currency=self.currency)
            for minor in (self.min_price_minor, self.max_price_minor)
        )
        return Wish(
            text=self.q,
            near=None if self.lat is None or self.lng is None else Point(lat=self.lat, lng=self.lng),
            within_km=self.within_km,
            price_min=low,
            price_max=high,
            deliver_by=self.deliver_by,
            capabilities=frozenset(_split(self.capability)),
            categories=frozenset(_split(self.category)),
            exclude=tuple(_split(self.exclude)),
            kinds=frozenset({self.kind}) if self.kind else frozenset(),
            region=self.region,
            partner=self.partner,
            quantity=self.quantity,
            party=self.party,
            limit=self.limit,
            after=self.after,
        )


class Page(Output):
    """What every page of offers tells; relaxed and notes say where it is not just what was asked for, and why."""

    next: str | None
    matched: int
    summary: str
    relaxed: list[LetGo]
    notes: list[str]


class ProductPage(Page):
    """A page of products, best first."""

    items: list[ProductView]


class BundlePage(Page):
    """A page of bundles, best first."""

    items: list[BundleView]


class From(Input):
    """From where a product is looked at; via: the tracking id of whoever brought the customer."""

    lat: float | None = Field(default=None, ge=-90, le=90)
    lng: float | None = Field(default=None, ge=-180, le=180)
    via: str | None = Field(default=None, max_length=40, pattern="^[a-z0-9-]*$")


@routes.get(
    "/api/v1/products",
    need=PUBLIC,
    action=AgentAction("search_products", "Find products and services by words, place, price, deadline, capability."),
)
async def search_products(query: Search, deps: Deps, about: About) -> Answer[ProductPage]:
    """Products and services that fit, best first, with why."""
    from shared.dialogue.cards import offers_card  # noqa: PLC0415  with the first search, not with the app

    wish = query.wish()
    everything = wish.kinds or frozenset({"product", "service", "blank", "experience"})
    await deps.catalog_ready()
    found = await deps.scout.find(replace(wish, kinds=everything - {"bundle"}), about.now)
    items = [product_view(offer, about.origin) for offer in found.offers if offer.product is not None]
    page = ProductPage(items=items, **_told(found))
    return Answer(page, item_list(query.q or "Products", items), offers_card(page.summary, items))


@routes.get("/api/v1/products/{product_id}", need=PUBLIC)
async def get_product(product_id: str, query: From, deps: Deps, about: About) -> Answer[ProductView]:
    """One product as it is now."""
    await deps.catalog_ready()
    await deps.scout.refresh()
    found = await deps.scout.product(product_id)
    if found is None:
        raise AppError(NOT_FOUND, "There is no such product, or it is no longer offered.")
    near = None if query.lat is None or query.lng is None else Point(lat=query.lat, lng=query.lng)
    view = plain_product(*found, about.origin, near)
    return Answer(view, one(view))


@routes.get(
    "/api/v1/bundles",
    need=PUBLIC,
    action=AgentAction("search_bundles", "Find curated bundles: several partners' parts under one name and price."),
)
async def search_bundles(query: Search, deps: Deps, about: About) -> Answer[BundlePage]:
    """Curated bundles that fit, best first."""
    from shared.dialogue.cards import offers_card  # noqa: PLC0415

    await deps.catalog_ready()
    found = await deps.scout.find(replace(query.wish(), kinds=frozenset({"bundle"})), about.now)
    items = [
        bundle_view(offer.bundle, offer.parts, deps.taxonomy, about.origin, offer.ranked)
        for offer in found.offers
        if offer.bundle is not None
    ]
    page = BundlePage(items=items, **_told(found))
    return Answer(page, item_list(query.q or "Bundles", items), offers_card(page.summary, items))


@routes.get("/api/v1/bundles/{bundle_id}", need=PUBLIC)
async def get_bundle(bundle_id: str, deps: Deps, about: About) -> Answer[BundleView]:
    """One bundle as it is now, with as much of its parts as its mode shows."""
    await deps.catalog_ready()
    await deps.scout.refresh()
    found = await deps.scout.bundle(bundle_id)
    if found is None:
        raise AppError(NOT_FOUND, "There is no such bundle, or a part of it is no longer offered.")
    view = bundle_view(*found, deps.taxonomy, about.origin)
    return Answer(view, one(view))


@routes.get("/api/v1/images/{name}", need=PUBLIC)
async def get_image(name: str, deps: Deps) -> Download:
    """An image, by the hash of its bytes."""
    try:
        blob = await deps.blobs.get(name)
    except BadBlobName:
        blob = None
    if blob is None or not blob.ref.media_type.startswith("image/"):
        raise AppError(NOT_FOUND, "There is no such image.")
    return Download(blob.data, blob.ref.media_type, name)


def _told(found: Found) -> dict[str, Any]:
    """The fields of a Page."""
    if found.relaxed:
        summary = " ".join(dict.fromkeys(one.words for one in found.relaxed))
    elif found.offers:
        summary = f"{found.matched} pass your filters; here are {len(found.offers)}, best first."
    else:
        summary = "Nothing was found, and nothing near it either."
    return {
        "next": found.next,
        "matched": found.matched,
        "summary": summary,
        "relaxed": [LetGo(field=one.field, words=one.words) for one in found.relaxed],
        "notes": list(found.notes),
    }


def _split(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def _refused(field: str, message: str) -> AppError:
    return AppError(INVALID, f"query.{field}: {message}", [FieldError(f"query.{field}", message)])
