"""Pictures of products: kept as blobs named by their hash, and named so by the product."""

from __future__ import annotations

from datetime import datetime

from shared.catalog import keep
from shared.discovery.products import IMAGES_MAX, PRODUCTS, Product, product_id
from shared.errors import CONFLICT, MEDIA_TYPE, NOT_FOUND, AppError
from shared.ports import Blobs, Store


async def add_image(
    store: Store, blobs: Blobs, partner: str, sku: str, data: bytes, media_type: str, *, at: datetime
) -> Product:
    """Keep a picture and show it last; the same picture again changes nothing.

    Raises AppError NOT_FOUND, CONFLICT for more than IMAGES_MAX, and what Blobs.put raises.
    """
    if not media_type.lower().startswith("image/"):
        raise AppError(
            MEDIA_TYPE, f"{media_type!r} is no picture; send image/png, image/jpeg, image/webp or image/gif."
        )
    # Before the bytes are kept: what nobody names would stay for ever.
    if await store.get(PRODUCTS, partner, product_id(partner, sku)) is None:
        raise AppError(NOT_FOUND, f"{partner} has no product with the SKU {sku}.")
    ref = await blobs.put(data, media_type)

    def added(images: tuple[str, ...]) -> tuple[str, ...]:
        if ref.name in images:
            return images
        if len(images) >= IMAGES_MAX:
            raise AppError(CONFLICT, f"{sku} has {IMAGES_MAX} pictures already; take one away first.")
        return (*images, ref.name)

    return await keep.change_images(store, partner, sku, added, at)


async def remove_image(store: Store, partner: str, sku: str, name: str, at: datetime) -> Product:
    """Show a picture no more; its bytes stay, for orders and others may name them. Raises AppError NOT_FOUND."""
    return await keep.change_images(store, partner, sku, lambda images: tuple(one for one in images if one != name), at)
