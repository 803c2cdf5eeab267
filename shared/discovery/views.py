"""What a customer sees of an offer, and what not: in concierge mode nothing tells which partner stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from shared.discovery.bundles import MADE, Bundle
from shared.discovery.partners import Partner
from shared.discovery.products import Customization, Event, Kind, Product
from shared.discovery.ranking import Part, Ranked
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.terms import Visibility
from shared.discovery.wish import Offer
from shared.logistics.geo import Point, distance_metres
from shared.money.amounts import Money
from shared.wire import Plain

Label = Literal["sponsored", "featured"]


class PartnerView(Plain):
    """Who offers it."""

    id: str
    name: str
    neighbourhood: str = ""
    trust: Literal["white-glove", "verified", "new"] = "new"


class WhyPart(Plain):
    """One part of the score: its value, its weight, what it adds."""

    value: float
    weight: float
    adds: float


class Why(Plain):
    """Why an offer stands where it stands; the parts add up to the score."""

    relevance: WhyPart
    boost: WhyPart
    quality: WhyPart
    margin: WhyPart


class ProductView(Plain):
    """A product as a customer sees it. price: of one unit; in_stock: to be had now; lead_minutes: until it is ready."""

    id: str
    title: str
    description: str
    kind: Kind
    category: str
    price: Money
    unit: str
    partner: PartnerView
    distance_km: float | None
    in_stock: bool
    stock: int | None
    lead_minutes: int
    rating: float | None
    ratings: int
    attributes: dict[str, tuple[str, ...]]
    customizations: tuple[Customization, ...]
    events: tuple[Event, ...]
    party_min: int
    party_max: int
    images: tuple[str, ...]
    url: str
    score: float | None = None
    label: Label | None = None
    why: Why | None = None


class LetGo(Plain):
    """A filter that nothing passed, and what that means: the offers are the nearest to what was asked."""

    field: str
    words: str


class PartView(Plain):
    """One part of a bundle; partner and price only where the customer may see them."""

    title: str
    role: str
    quantity: int
    product_id: str | None = None
    partner: PartnerView | None = None
    price: Money | None = None


class BundleView(Plain):
    """A bundle as a customer sees it. price: all of it; saves: against the parts one by one, where they are shown."""

    id: str
    title: str
    description: str
    price: Money
    saves: Money | None
    visibility: Visibility
    parts: tuple[PartView, ...]
    in_stock: bool
    lead_minutes: int
    party_min: int
    party_max: int
    is_made_to_wish: bool
    images: tuple[str, ...]
    url: str
    score: float | None = None
    label: Label | None = None
    why: Why | None = None


def product_view(offer: Offer, origin: str) -> ProductView:
    """A product found by the scout; origin: of this platform's URLs, such as https://example.com."""
    assert offer.product is not None and offer.partner is not None
    seen = plain_product(offer.product, offer.partner, origin, None)
    hit = offer.ranked.hit
    return seen.model_copy(
        update={
            "distance_km": None if hit.distance_km is None else round(hit.distance_km, 1),
            "score": offer.ranked.score,
            "label": offer.ranked.label,
            "why": _why(offer.ranked),
        }
    )


def plain_product(product: Product, partner: Partner, origin: str, near: Point | None) -> ProductView:
    """A product by itself; near: from where the distance counts."""
    distance = None if near is None else round(distance_metres(near, partner.place.point) / 1000, 1)
    return ProductView(
        id=product.id,
        title=product.title,
        description=product.description,
        kind=product.kind,
        category=product.category,
        price=product.price,
        unit=product.unit,
        partner=partner_view(partner),
        distance_km=distance,
        in_stock=product.stock is None or product.stock > 0,
        stock=product.stock,
        lead_minutes=product.lead_minutes,
        rating=product.rating_hundredths / 100 if product.ratings else None,
        ratings=product.ratings,
        attributes=dict(product.attributes),
        customizations=product.customizations,
        events=product.events,
        party_min=product.party_min,
        party_max=product.party_max,
        images=image_urls(product.images, origin),
        url=_tracked(f"{origin}/api/v1/products/{quote(product.id)}", partner),
    )


def bundle_view(
    bundle: Bundle,
    parts: Sequence[tuple[Product, Partner]],
    taxonomy: Taxonomy,
    origin: str,
    ranked: Ranked | None = None,
) -> BundleView:
    """A bundle with as much of its parts as its visibility mode shows."""
    price = bundle_price(bundle, parts)
    in_parts = bundle_price(bundle.model_copy(update={"price": None}), parts)
    is_open = bundle.visibility == "transparent"
    return BundleView(
        id=bundle.id,
        title=bundle.title,
        description=bundle.description,
        price=price,
        saves=in_parts - price if is_open and in_parts.minor > price.minor else None,
        visibility=bundle.visibility,
        parts=_parts(bundle, parts, taxonomy),
        in_stock=all(
            product.stock is None or product.stock >= part.quantity
            for part, (product, _) in zip(bundle.parts, parts, strict=True)
        ),
        lead_minutes=lead_minutes(bundle, parts),
        party_min=bundle.party_min,
        party_max=bundle.party_max,
        is_made_to_wish=bundle.id.startswith(MADE),
        images=image_urls(bundle.images, origin),
        url=f"{origin}/api/v1/bundles/{quote(bundle.id)}",
        score=ranked.score if ranked else None,
        label=ranked.label if ranked else None,
        why=_why(ranked) if ranked else None,
    )


def bundle_price(bundle: Bundle, parts: Sequence[tuple[Product, Partner]]) -> Money:
    """The bundle's own price, or what its parts cost together."""
    if bundle.price is not None:
        return bundle.price
    minor = sum(
        product.price.minor * part.quantity + part.extra_minor
        for part, (product, _) in zip(bundle.parts, parts, strict=True)
    )
    return Money(minor=minor, currency=parts[0][0].price.currency)


def lead_minutes(bundle: Bundle, parts: Sequence[tuple[Product, Partner]]) -> int:
    """How long until the last part is ready, if each begins when those before it are done; a lower bound."""
    done: list[int] = []
    for part, (product, _) in zip(bundle.parts, parts, strict=True):
        begins = max((done[number] for number in part.after if number < len(done)), default=0)
        done.append(begins + product.lead_minutes)
    return max(done, default=0)


def partner_view(partner: Partner) -> PartnerView:
    """A partner's name and standing."""
    papers = (partner.trust.has_licence, partner.trust.has_insurance, partner.trust.has_tax_id)
    standing: Literal["white-glove", "verified", "new"] = "verified" if all(papers) else "new"
    return PartnerView(
        id=partner.id,
        name=partner.name,
        neighbourhood=partner.place.neighbourhood,
        trust="white-glove" if standing == "verified" and partner.tier == "luxury" else standing,
    )


def image_urls(names: Sequence[str], origin: str) -> tuple[str, ...]:
    """Where images are served: always by the platform itself, so that no host tells whose they are."""
    return tuple(f"{origin}/api/v1/images/{quote(name)}" for name in names)


def _parts(
    bundle: Bundle, parts: Sequence[tuple[Product, Partner]], taxonomy: Taxonomy
) -> tuple[PartView, ...]:
    if bundle.visibility == "concierge":
        return ()
    views = []
    for part, (product, partner) in zip(bundle.parts, parts, strict=True):
        if bundle.visibility == "transparent" or part.shows_partner:
            price = product.price if bundle.visibility == "transparent" else None
            view = PartView(
                title=product.title,
                role=part.role,
                quantity=part.quantity,
                product_id=product.id,
                partner=partner_view(partner),
                price=price,
            )
        else:
            category = taxonomy.categories.get(product.category)
            name = category.names[0] if category else product.category.replace("-", " ")
            view = PartView(title=name, role=part.role, quantity=part.quantity)
        views.append(view)
    return tuple(views)


def _tracked(url: str, partner: Partner) -> str:
    """The URL with the partner's tracking id, so that a visit counts for whoever is paid by it."""
    return f"{url}?via={quote(partner.tracking_id)}" if partner.tracking_id else url


def _why(ranked: Ranked) -> Why:
    return Why(
        relevance=_why_part(ranked.relevance),
        boost=_why_part(ranked.boost),
        quality=_why_part(ranked.quality),
        margin=_why_part(ranked.margin),
    )


def _why_part(part: Part) -> WhyPart:
    return WhyPart(value=round(part.value, 4), weight=part.weight, adds=round(part.adds, 4))
