"""A catalog as the Universal Commerce Protocol shapes it: products with price ranges and variants.

Source: https://ucp.dev/2026-04-08/schemas/shopping (catalog_search, types/product, types/variant); what a variant is
sold by stands in `selected_options`, or in `options` of later versions.
"""

from __future__ import annotations

from shared.discovery.manifests.documents import Json, inner, items_of, members
from shared.discovery.manifests.rows import Findings, Row
from shared.discovery.manifests.variants import rows_of


def fits(document: Json) -> bool:
    """Whether a document is in this shape: products with price ranges, or variants with selected options."""
    products = members(items_of(document, ("products", "items")))
    variants = [variant for product in products for variant in members(product.get("variants"))]
    return any("price_range" in product for product in products) or any(
        isinstance(inner(variant, "selected_options"), list) for variant in variants
    )


def rows(document: Json, findings: Findings) -> list[Row]:
    """A row for every variant."""
    products = items_of(document, ("products", "items"))
    if products is None:
        findings.reject('it has no list `products`; send {"products": [{"id", "title", "variants": […]}]}')
        return []
    return rows_of(products, ("selected_options", "options"), findings)
