"""A counter-offer looked up in the partner's own catalog: what it is, what it costs, what that is more or less.

Nothing is in an offer that neither the partner said nor the catalog holds. A thing that is not in the catalog is an
offer in words; its price must be said, or the partner is asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.dialogue.reply.lookup import Found, found_in
from shared.dialogue.reply.model import Asked, Basis, Offer, ReplyReading
from shared.dialogue.words import duration_words
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy
from shared.money.amounts import Money

__all__ = ["Offer", "enrich", "specs"]

SPECS_MAX = 8


def enrich(
    reading: ReplyReading, products: Sequence[Product], asked: Asked, ordered: str | None, taxonomy: Taxonomy
) -> Offer | None:
    """The offer in a counter-offer, None in any other reply.

    products: the partner's; asked: its price is that of what was ordered; ordered: the id of that product.
    """
    if reading.kind != "counter":
        return None
    quantity = reading.quantity or asked.quantity
    found = found_in(products, reading.item, ordered, taxonomy) if reading.item else Found()
    product = found.product
    title = product.title if product else found.named[0] if found.named else asked.wanted
    price, basis = _price(reading, product, asked, quantity)
    is_like = price is not None and asked.price is not None and price.currency == asked.price.currency
    return Offer(
        title=title,
        **(_of_catalog(product, quantity) if product else {}),
        quantity=quantity,
        price=price,
        difference=price - asked.price if is_like and price and asked.price else None,
        basis=basis,
        ready_at=reading.ready_at,
        delay_minutes=reading.delay_minutes,
        condition=reading.condition,
        options=found.named[1:],
        matches=found.matches,
        has_photo=reading.shows_photo,
        says=reading.text,
        asks=_question(title, quantity) if price is None else None,
    )


def _of_catalog(product: Product, quantity: int) -> dict[str, Any]:
    """What the catalog has of it."""
    return {
        "product": product.id,
        "is_in_catalog": True,
        "unit_price": product.price,
        "image": product.images[0] if product.images else None,
        "specs": specs(product),
        "stock": product.stock,
        "is_enough": product.stock is None or product.stock >= quantity,
    }


def specs(product: Product) -> dict[str, str]:
    """What a product is like: `Colour` → `purple`, `Ready in` → `2 hours`."""
    told = {
        name.replace("-", " ").capitalize(): ", ".join(values)
        for name, values in product.attributes.items()
        if name not in {"occasion", "recipient"}
    }
    told |= {"Sold by the": product.unit} if product.unit not in {"item", "set"} else {}
    told |= {"Ready in": duration_words(product.lead_minutes)} if product.lead_minutes else {}
    return dict(list(told.items())[:SPECS_MAX])


def _question(title: str, quantity: int) -> str:
    what = f"{quantity} of “{title}”" if quantity > 1 else f"“{title}”"
    return f"What would {what} cost altogether?"


def _agreed(asked: Asked, quantity: int) -> Money | None:
    """What so many cost by what was agreed; None where that does not come out even."""
    if asked.price is None or asked.price.minor * quantity % asked.quantity:
        return None
    return Money(minor=asked.price.minor * quantity // asked.quantity, currency=asked.price.currency)


def _price(reading: ReplyReading, product: Product | None, asked: Asked, quantity: int) -> tuple[Money | None, Basis]:
    """The price of all pieces: as the partner said it, else as agreed, else as the catalog has it."""
    agreed = _agreed(asked, quantity)
    if reading.price is not None:
        return (reading.price * quantity if reading.per == "item" else reading.price), "said"
    change = reading.price_change
    if change is not None:
        total = _changed(agreed, change * quantity if reading.per == "item" else change)
        return (total, "said") if total else (None, "unknown")
    if reading.is_dearer:
        return None, "unknown"
    if reading.item is None and not reading.shows_photo:
        return (agreed, "agreed") if agreed else (None, "unknown")
    return (product.price * quantity, "catalog") if product else (None, "unknown")


def _changed(agreed: Money | None, change: Money) -> Money | None:
    if agreed is None or agreed.currency != change.currency or (agreed + change).minor <= 0:
        return None
    return agreed + change
