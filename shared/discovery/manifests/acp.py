"""A product feed of the Agentic Commerce Protocol: products with variants, or one flat object for each offer.

Sources: ACP 2026-04-17, schema.feed.json (`variants`, `variant_options`, minor units), and the file upload that agents
take (https://developers.openai.com/commerce/specs/file-upload/products: `item_id`, price as `79.99 USD`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from shared.discovery.manifests.documents import Json, inner, items_of, scalar, texts
from shared.discovery.manifests.rows import COLUMNS, Findings, Row
from shared.discovery.manifests.variants import description_in, rows_of, sku_in

SAMPLE = 5
"""Objects that are looked at to know the shape; the first may describe the feed."""
NAMES = ("products", "items", "entries")
_FLAT = {"item_id", "is_eligible_search", "is_eligible_checkout", "enable_search", "enable_checkout", "availability"}
_OPTIONS = ("color", "colour", "size", "material")
_IS_GONE = {"out_of_stock", "out of stock", "unavailable", "discontinued"}


def fits(objects: Sequence[tuple[int, Json]]) -> bool:
    """Whether objects are in this shape."""
    for _, given in objects[:SAMPLE]:
        within = items_of(given, NAMES)
        sample = within[0] if within else given
        if isinstance(sample, dict) and ("variants" in sample or not _FLAT.isdisjoint(sample)):
            return True
    return False


def rows(objects: Sequence[tuple[int, Json]], findings: Findings) -> list[Row]:
    """A row for every variant or flat offer; a first line that only describes the feed is passed over."""
    found: list[Row] = []
    for number, given in objects:
        within = items_of(given, NAMES)
        if within is not None:
            found += _of(list(enumerate(within, 1)), findings)
        elif not (number == 1 and len(objects) > 1 and "title" not in given and "variants" not in given):
            found += _of([(number, given)], findings)
    return found


def _of(given: Sequence[tuple[int, Any]], findings: Findings) -> list[Row]:
    found: list[Row] = []
    for number, one in given:
        if isinstance(inner(one, "variants"), list):
            renumbered = rows_of([one], ("variant_options", "selected_options"), findings)
            found += [Row(number, row.fields) for row in renumbered]
        else:
            found.append(_flat(number, one if isinstance(one, dict) else {}))
    return found


def _flat(number: int, offer: Json) -> Row:
    availability = scalar(offer.get("availability")).lower() or scalar(inner(offer.get("availability"), "status"))
    structured = isinstance(offer.get("price"), dict)
    fields = {
        "sku": sku_in(scalar(offer.get("sku")) or scalar(offer.get("item_id")) or scalar(offer.get("id"))),
        "title": scalar(offer.get("title")) or scalar(offer.get("name")),
        "description": description_in(offer.get("description")),
        "category": _path(texts(offer.get("product_category")) or texts(offer.get("category"))),
        "price": "" if structured else scalar(offer.get("sale_price")) or scalar(offer.get("price")),
        "price_minor": scalar(inner(offer.get("price"), "amount")),
        "currency": scalar(inner(offer.get("price"), "currency")),
        "stock": "0" if availability in _IS_GONE else scalar(offer.get("inventory_quantity")),
        "tags": ";".join(texts(offer.get("tags"))),
        "options": ";".join(f"{name}: {scalar(offer[name])}" for name in _OPTIONS if scalar(offer.get(name))),
        "link": scalar(offer.get("url")) or scalar(offer.get("link")),
        "images": "1" if texts(offer.get("image_url")) or texts(offer.get("image_link")) else "",
        "rating": scalar(offer.get("star_rating")) or scalar(offer.get("product_review_rating")),
        "ratings": scalar(offer.get("review_count")) or scalar(offer.get("product_review_count")),
        "status": "paused" if scalar(offer.get("is_eligible_search")).lower() == "false" else "",
    }
    own = {
        name: ";".join(texts(offer[name]))
        for name in COLUMNS
        if name in offer and name not in fields and name != "stock"
    }
    return Row(number, {**{name: text for name, text in fields.items() if text}, **own})


def _path(categories: Sequence[str]) -> str:
    return ";".join(part.strip() for one in categories for part in re.split(r"[>/|;]", one) if part.strip())
