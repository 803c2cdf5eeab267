"""What UCP catalogs and ACP feeds share: products whose variants are what is sold.

Sources: https://ucp.dev/2026-04-08/schemas/shopping/types/variant.json, and the ACP feed's Product and Variant
(spec/2026-04-17/json-schema/schema.feed.json). Amounts are in minor units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from shared.discovery.manifests.documents import Json, inner, members, scalar, texts
from shared.discovery.manifests.rows import COLUMNS, ROWS_MAX, Findings, Problem, Row, shown

SAYS_NOTHING = {"", "default", "default title", "standard"}
# UN/ECE recommendation 20 codes of units of time and of people, as services use them.
_UNITS = {"HUR": "hour", "DAY": "day", "IE": "person", "DZN": "dozen", "SET": "set", "EA": "item", "C62": "item"}


def rows_of(products: Sequence[Any], option_names: Sequence[str], findings: Findings) -> list[Row]:
    """A row for every variant, numbered by its product. option_names: where a variant keeps what sets it apart."""
    found: list[Row] = []
    for number, product in enumerate(products, 1):
        variants = members(inner(product, "variants"))
        if not variants:
            name = scalar(inner(product, "id")) or scalar(inner(product, "title"))
            why = "has no variants; give one at least, with id and price"
            findings.refuse([Problem(row=number, field="variants", message=why, value=shown(name))])
        found += [_row(number, product, variant, option_names, is_only=len(variants) == 1) for variant in variants]
        if len(found) > ROWS_MAX:
            findings.reject(f"it has more than {ROWS_MAX} variants; send it in parts")
            return []
    return found


def sku_in(identifier: str) -> str:
    """A SKU from an identifier of another system: the last part of `gid://shop/Variant/42`, odd characters as `-`."""
    last = identifier.strip().rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-._")[:80]


def description_in(description: Any) -> str:
    """A description: plain text, or an object with `plain`, `html` or `markdown`."""
    forms = (scalar(inner(description, how)) for how in ("plain", "html", "markdown"))
    said = next((form for form in forms if form), "")
    return said or scalar(description)


def _row(number: int, product: Json, variant: Json, option_names: Sequence[str], *, is_only: bool) -> Row:
    options = [one for name in option_names for one in members(variant.get(name))]
    chosen = [(scalar(one.get("name")), scalar(one.get("value")) or scalar(one.get("label"))) for one in options]
    given = _list(product, "categories") + _list(variant, "categories")
    categories = [scalar(one) or scalar(inner(one, "value")) for one in given]
    price = variant.get("price") or inner(product.get("price_range"), "min")
    fields = {
        "sku": sku_in(scalar(variant.get("sku")) or scalar(variant.get("id"))),
        "title": _title(scalar(product.get("title")), scalar(variant.get("title")), is_only=is_only),
        "description": description_in(variant.get("description")) or description_in(product.get("description")),
        "category": _path(categories),
        "price_minor": scalar(inner(price, "amount")),
        "currency": scalar(inner(price, "currency")),
        "unit": _UNITS.get(scalar(inner(variant.get("quantity_unit"), "unit")), ""),
        "stock": _stock(variant),
        "tags": ";".join(texts(product.get("tags")) + texts(variant.get("tags"))),
        "options": ";".join(f"{name}: {value}" for name, value in chosen if value),
        "link": scalar(variant.get("url")) or scalar(product.get("url")),
        "images": str(len(_list(product, "media")) + len(_list(variant, "media")) or ""),
        **_rating(variant, product),
    }
    return Row(number, {**{name: text for name, text in fields.items() if text}, **_own(product), **_own(variant)})


def _title(product: str, variant: str, *, is_only: bool) -> str:
    if variant.lower() in SAYS_NOTHING or (is_only and product):
        return product or variant
    return variant if product.lower() in variant.lower() else f"{product} – {variant}"  # noqa: RUF001 - as printed


def _path(categories: Sequence[str]) -> str:
    """`Gifts > Flowers` as entries from the widest to the nearest."""
    return ";".join(part.strip() for one in categories for part in re.split(r"[>/|;]", one) if part.strip())


def _stock(variant: Json) -> str:
    count = scalar(variant.get("inventory_quantity"))
    if count:
        return count
    availability = variant.get("availability")
    is_gone = scalar(inner(availability, "available")) == "false"
    return "0" if is_gone or scalar(inner(availability, "status")) in {"out_of_stock", "discontinued"} else ""


def _rating(*holders: Json) -> dict[str, str]:
    for holder in holders:
        rating = holder.get("rating")
        if scalar(inner(rating, "value")):
            return {"rating": scalar(inner(rating, "value")), "ratings": scalar(inner(rating, "count"))}
    return {}


def _own(holder: Json) -> dict[str, str]:
    """What a shop says in our own columns within `metadata`, which both protocols leave to the business."""
    metadata = holder.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    return {name: ";".join(texts(metadata[name])) for name in COLUMNS if name in metadata}


def _list(holder: Json, name: str) -> list[Any]:
    found = holder.get(name)
    return list(found) if isinstance(found, list) else []
