"""Keeping a partner's products: whole manifests, single prices and stocks, removals and approvals.

Everything is idempotent: what is as it was is not written, so that whoever follows the store has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from shared import changing
from shared.discovery.manifests.read import Manifest
from shared.discovery.manifests.rows import Report
from shared.discovery.partners import Partner
from shared.discovery.products import PRODUCTS, Product, product_id, restocked
from shared.errors import INVALID, NOT_FOUND, AppError
from shared.logistics.capacity import Unsold
from shared.money.amounts import Money
from shared.ports import Store
from shared.records import (
    BATCH_MAX,
    PAGE_MAX,
    AlreadyThere,
    ChangedMeanwhile,
    NotThere,
    Query,
    Stored,
    Unavailable,
    Write,
)

TRIES_MAX = 5
PRODUCTS_PER_PARTNER_MAX = 50_000
BATCH_BYTES_MAX = 1_500_000
"""Below what the strictest store takes in one batch, with room for how it writes them."""


async def submit(store: Store, partner: Partner, manifest: Manifest, at: datetime, *, is_full: bool = False) -> Report:
    """Write what a manifest changes, product by product whole or not at all; the report with what became of it.

    is_full: the manifest is the whole catalog, and products it does not name are removed; not so where rows could not
    be told by their SKU, or none was good. Raises Unavailable; sending the same again then ends what was begun.
    """
    for _ in range(TRIES_MAX):
        try:
            return await _submit(store, partner, manifest, at, is_full=is_full)
        except (AlreadyThere, ChangedMeanwhile, NotThere):
            continue  # somebody sold or edited meanwhile: compare with what is there now
    raise Unavailable(f"the products of {partner.id} change all the time")


async def products_of(store: Store, partner: str) -> list[Stored[Product]]:
    """Everything of a partner, removed products too."""
    found: list[Stored[Product]] = []
    after: str | None = None
    while len(found) < PRODUCTS_PER_PARTNER_MAX:
        page = await store.query(PRODUCTS, Query({}, partner, None, PAGE_MAX, after))
        found.extend(page.items)
        after = page.next
        if after is None:
            break
    return found


async def remove(store: Store, partner: str, sku: str, at: datetime) -> Product:
    """Take a product from sale; orders that have it keep what they know of it. Raises AppError NOT_FOUND."""
    return await _change(store, partner, sku, at, lambda _: {"status": "removed"})


async def set_price(store: Store, partner: str, sku: str, price: Money, net: Money, at: datetime) -> Product:
    """Another price, and what the vendor gets of it; raises AppError NOT_FOUND, INVALID."""
    if price.minor <= 0 or not 0 <= net.minor <= price.minor or net.currency != price.currency:
        raise AppError(INVALID, "A price is above zero, and the vendor's part of it neither below zero nor above it.")

    def changed(product: Product) -> dict[str, Any]:
        if product.price.currency != price.currency:
            raise AppError(INVALID, f"{product.sku} is sold in {product.price.currency}; send its price in that.")
        return {"price": price, "net": net}

    return await _change(store, partner, sku, at, changed)


async def set_stock(store: Store, partner: str, sku: str, stock: int | None, at: datetime) -> Product:
    """So many are left; None: made as ordered. Raises AppError NOT_FOUND, INVALID."""
    if stock is not None and not 0 <= stock <= 1_000_000:
        raise AppError(INVALID, "A stock is a whole number from 0 to 1,000,000, or null for what is made as ordered.")

    def changed(product: Product) -> dict[str, Any]:
        after = restocked(product.model_copy(update={"stock": stock, "updated_at": at}), product)
        return {"stock": after.stock, "stock_at": after.stock_at, "stock_sales": after.stock_sales}

    return await _change(store, partner, sku, at, changed)


async def show_unsold(store: Store, partner: str, sku: str, unsold: Unsold, at: datetime) -> bool:
    """What sales have left, unless it shows something newer already; whether it was news. Raises AppError NOT_FOUND."""

    def changed(product: Product) -> dict[str, Any]:
        if product.stock is None or (unsold.limit_at, unsold.sales) <= (product.stock_at, product.stock_sales):
            return {}
        return {"stock": unsold.units, "stock_at": unsold.limit_at, "stock_sales": unsold.sales}

    after = await _change(store, partner, sku, at, changed)
    return (after.stock_at, after.stock_sales) == (unsold.limit_at, unsold.sales)


async def approve(store: Store, partner: str, sku: str, at: datetime) -> Product:
    """An admin has looked at it: customers may find it. Raises AppError NOT_FOUND."""
    return await _change(store, partner, sku, at, lambda _: {"needs_review": False})


async def change_images(
    store: Store, partner: str, sku: str, images: Callable[[tuple[str, ...]], tuple[str, ...]], at: datetime
) -> Product:
    """Other images, by blob names, from those it has; raises AppError NOT_FOUND."""
    return await _change(store, partner, sku, at, lambda product: {"images": images(product.images)})


def merged(new: Product, old: Product) -> Product:
    """A product of a manifest over the one that is kept.

    What no manifest brings stays: images, ratings, and an admin's approval unless what was approved is another now.
    """
    kept: dict[str, Any] = {"images": old.images}
    if not new.ratings:
        kept.update(rating_hundredths=old.rating_hundredths, ratings=old.ratings)
    if new.needs_review and not old.needs_review and _approved_part(new) == _approved_part(old):
        kept["needs_review"] = False
    return restocked(new.model_copy(update=kept), old)


def is_same(one: Product, other: Product) -> bool:
    """Whether two products differ in nothing but the time of their change."""
    return one.model_copy(update={"updated_at": other.updated_at}) == other


async def _submit(store: Store, partner: Partner, manifest: Manifest, at: datetime, *, is_full: bool) -> Report:
    kept = {stored.value.sku: stored for stored in await products_of(store, partner.id)}
    writes: list[Write[Product]] = []
    for product in manifest.products:
        old = kept.get(product.sku)
        new = product if old is None else merged(product, old.value)
        if old is None:
            writes.append(Write("create", new))
        elif not is_same(new, old.value):
            writes.append(Write("replace", new, old.etag))
    changed = len(writes)
    notes: tuple[str, ...] = ()
    if is_full:
        gone = [one for sku, one in kept.items() if sku not in manifest.named and one.value.status != "removed"]
        if manifest.is_whole and manifest.products:
            writes += [Write("replace", _removed(one.value, at), one.etag) for one in gone]
        elif gone:
            notes = (
                f"The file: nothing was removed, for not every row of it could be read; {len(gone)} are not in it",
            )
    for batch in batches(writes):
        await store.apply(PRODUCTS, partner.id, batch)
    return manifest.report.model_copy(
        update={
            "changed": changed,
            "unchanged": len(manifest.products) - changed,
            "removed": len(writes) - changed,
            "notes": manifest.report.notes + notes,
        }
    )


def batches(writes: Sequence[Write[Product]]) -> Iterable[Sequence[Write[Product]]]:
    """Writes as a store takes them at once: not too many, not too large."""
    batch: list[Write[Product]] = []
    size = 0
    for write in writes:
        length = len(write.record.model_dump_json().encode())
        if batch and (len(batch) == BATCH_MAX or size + length > BATCH_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(write)
        size += length
    if batch:
        yield batch


def _removed(product: Product, at: datetime) -> Product:
    return product.model_copy(update={"status": "removed", "updated_at": at})


def _approved_part(product: Product) -> object:
    """What an admin looks at: with an experience everything but its stock and state, else what it is."""
    if product.kind == "experience":
        by_others = {"stock", "status", "images", "rating_hundredths", "ratings", "needs_review", "updated_at"}
        by_others |= {"stock_at", "stock_sales"}
        return product.model_dump(exclude=by_others)
    return (product.kind, product.title, product.description, product.category, product.tags)


async def _change(
    store: Store, partner: str, sku: str, at: datetime, changed: Callable[[Product], dict[str, Any]]
) -> Product:
    def stamped(product: Product) -> Product:
        update = changed(product)
        if all(getattr(product, name) == value for name, value in update.items()):
            return product
        return product.model_copy(update={**update, "updated_at": at})

    after = await changing.changed(store, PRODUCTS, partner, product_id(partner, sku), stamped)
    if after is None:
        raise AppError(NOT_FOUND, f"{partner} has no product with the SKU {sku}.")
    return after
