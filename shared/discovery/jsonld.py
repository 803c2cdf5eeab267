"""Offers as schema.org JSON-LD, for machines to read (https://schema.org/ItemList, Product, Offer)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.discovery.views import BundleView, PartnerView, ProductView
from shared.money.amounts import Money
from shared.money.currencies import MINOR_DIGITS

_CONTEXT = "https://schema.org"


def item_list(name: str, offers: Sequence[ProductView | BundleView]) -> dict[str, Any]:
    """An ItemList of what was found, best first."""
    return {
        "@context": _CONTEXT,
        "@type": "ItemList",
        "name": name,
        "numberOfItems": len(offers),
        "itemListOrder": "https://schema.org/ItemListOrderDescending",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "item": _thing(offer)} for number, offer in enumerate(offers, 1)
        ],
    }


def one(offer: ProductView | BundleView) -> dict[str, Any]:
    """A single product or bundle."""
    return {"@context": _CONTEXT, **_thing(offer)}


def _thing(offer: ProductView | BundleView) -> dict[str, Any]:
    seller = offer.partner if isinstance(offer, ProductView) else None
    thing: dict[str, Any] = {
        "@type": "Service" if isinstance(offer, ProductView) and offer.kind in {"service", "experience"} else "Product",
        "@id": offer.url,
        "identifier": offer.id,
        "name": offer.title,
        "description": offer.description,
        "url": offer.url,
        "offers": _offer(offer.price, in_stock=offer.in_stock, url=offer.url, seller=seller),
    }
    if offer.images:
        thing["image"] = list(offer.images)
    if isinstance(offer, ProductView):
        thing |= _details(offer)
    elif offer.parts:
        thing["isRelatedTo"] = [{"@type": "Product", "name": part.title} for part in offer.parts]
    return thing


def _details(offer: ProductView) -> dict[str, Any]:
    details: dict[str, Any] = {"category": offer.category.replace("-", " ")}
    if offer.kind in {"product", "blank"}:
        details |= {name: values[0] for name, values in _named(offer).items() if values}
    if offer.rating is not None:
        details["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": offer.rating,
            "reviewCount": offer.ratings,
        }
    return details


def _named(offer: ProductView) -> dict[str, tuple[str, ...]]:
    """The attributes that schema.org has a word for."""
    return {"color": offer.attributes.get("colour", ()), "material": offer.attributes.get("material", ())}


def _offer(price: Money, *, in_stock: bool, url: str, seller: PartnerView | None) -> dict[str, Any]:
    offer: dict[str, Any] = {
        "@type": "Offer",
        "price": decimal(price),
        "priceCurrency": price.currency,
        "availability": f"https://schema.org/{'InStock' if in_stock else 'OutOfStock'}",
        "url": url,
    }
    if seller is not None:
        offer["seller"] = {"@type": "Organization", "name": seller.name, "identifier": seller.id}
    return offer


def decimal(money: Money) -> str:
    """An amount as schema.org writes it: `55.00`."""
    digits = MINOR_DIGITS[money.currency]
    whole, part = divmod(abs(money.minor), 10**digits)
    return f"{'-' if money.minor < 0 else ''}{whole}" + (f".{part:0{digits}}" if digits else "")
