"""Routes: a partner's own catalog: manifests in, price, stock, images, and what waits for a look by staff."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Literal

import azure.durable_functions as df
from pydantic import Field, ValidationError

from shared.blobs import BYTES_MAX
from shared.discovery.manifests.rows import Report
from shared.discovery.partners import PARTNERS, Partner
from shared.discovery.products import PRODUCTS, Product, product_id
from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.logistics.capacity import SetLimit, stock_key
from shared.money.amounts import NotNegativeMoney
from shared.people.access import Caller, Need, Role, roles_of
from shared.pushing import catalog_changed, product_changed
from shared.records import Query
from shared.wire import pack
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Raw, Routes
from triggers.parse import Input, Output, Paging

routes = Routes("catalog")
KEEPER = Need(roles=frozenset({Role.PARTNER, Role.CURATOR}), scopes=frozenset({"catalog:write"}))
CURATOR = Need(roles=frozenset({Role.CURATOR}), scopes=frozenset({"catalog:write"}))
MANIFEST_BYTES_MAX = 5_000_000
MANIFEST_TYPES = ("text/csv", "text/tab-separated-values", "application/json", "application/x-ndjson", "text/plain")
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


class ManifestQuery(Input):
    """shape: what kind of file it is, else it is found out; is_full: what the file does not name is taken away.

    The other fields stand in where the file is silent.
    """

    shape: Literal["own", "ucp", "acp", "shopify", "woocommerce", "legacy", "experience"] | None = None
    is_full: bool = False
    net_percent: int | None = Field(default=None, ge=0, le=100, description="What the vendor gets of the price.")
    lead: str | None = Field(default=None, max_length=20, description="Until it is ready, such as 2h or 1d.")
    category: str | None = Field(default=None, max_length=41)


class ProductChange(Input):
    """What becomes of a product; what is left out stays. stock: None for made as ordered, with sets_stock."""

    price: NotNegativeMoney | None = None
    net: NotNegativeMoney | None = None
    stock: int | None = Field(default=None, ge=0, le=1_000_000)
    is_made_to_order: bool = Field(default=False, description="There is no stock: it is made as ordered.")


class ProductList(Output):
    """A partner's products as they are kept."""

    items: list[Product]
    next: str | None


class ProductQuery(Paging):
    """status: only those."""

    status: Annotated[str, Field(pattern="^(active|paused|removed)$")] | None = None


@routes.post(
    "/api/v1/partners/{partner_id}/manifests",
    need=KEEPER,
    media_types=MANIFEST_TYPES,
    body_bytes_max=MANIFEST_BYTES_MAX,
    errors=(NOT_FOUND,),
)
async def submit_manifest(  # noqa: PLR0917  handed over by name
    partner_id: str,
    raw: Raw,
    query: ManifestQuery,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Report:
    """Take in a file of products: CSV of ours or of any shop, UCP, ACP, Shopify, WooCommerce; the good rows are kept.

    The report says row by row what was refused and how to mend it; the same file again changes nothing.
    """
    from shared.catalog import keep  # noqa: PLC0415  with the first file, not with the app
    from shared.discovery.manifests.read import Defaults, read_manifest  # noqa: PLC0415

    partner = await _partner(partner_id, caller, deps, about)
    given = query.model_dump(include={"net_percent", "lead", "category"}, exclude_none=True)
    try:
        defaults = Defaults.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = f"query.{'.'.join(map(str, first['loc']))}"
        raise AppError(INVALID, f"{field}: {first['msg']}", [FieldError(field, first["msg"])]) from None
    # In a thread: ten thousand rows take seconds, and others are to be served meanwhile.
    read = partial(read_manifest, raw.data, raw.media_type, query.shape, partner)
    manifest = await asyncio.to_thread(read, defaults=defaults, taxonomy=deps.taxonomy, at=about.now)
    report = await keep.submit(deps.store, partner, manifest, about.now, is_full=query.is_full)
    await deps.follower.catch_up()
    await catalog_changed(deps.store, client, partner_id, about.request_id)
    return report


@routes.get("/api/v1/partners/{partner_id}/products", need=KEEPER)
async def list_own_products(
    partner_id: str, query: ProductQuery, caller: Caller, deps: Deps, about: About
) -> ProductList:
    """All products of a partner, those too that customers do not see."""
    await _partner(partner_id, caller, deps, about)
    where = {"status": query.status} if query.status else {}
    page = await deps.store.query(
        PRODUCTS, Query(where, partition=partner_id, order="sku", limit=query.limit, after=query.after)
    )
    return ProductList(items=[stored.value for stored in page.items], next=page.next)


@routes.get("/api/v1/curation/reviews", need=CURATOR)
async def list_reviews(query: Paging, deps: Deps) -> ProductList:
    """What waits for a look before customers can find it, of all partners."""
    await deps.catalog_ready()
    wanted = Query({"needs_review": True}, limit=query.limit, after=query.after)
    page = await deps.store.query(PRODUCTS, wanted)
    return ProductList(items=[stored.value for stored in page.items], next=page.next)


@routes.patch("/api/v1/partners/{partner_id}/products/{sku}", need=KEEPER)
async def change_product(  # noqa: PLR0917  handed over by name
    partner_id: str,
    sku: str,
    body: ProductChange,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Product:
    """Change a price or the stock; customers see it from the next search on, and orders keep to it."""
    from shared.catalog import keep  # noqa: PLC0415

    await _partner(partner_id, caller, deps, about)
    product = await _product(partner_id, sku, deps)
    if body.price is not None or body.net is not None:
        price, net = body.price or product.price, body.net or product.net
        product = await keep.set_price(deps.store, partner_id, sku, price, net, about.now)
    if body.stock is not None or body.is_made_to_order:
        stock = None if body.is_made_to_order else body.stock
        product = await keep.set_stock(deps.store, partner_id, sku, stock, about.now)
        if stock is not None:
            limit = pack(SetLimit(limit=stock, at=product.stock_at))
            await client.signal_entity(df.EntityId("capacity", stock_key(product.id)), "set_limit", limit)
    await deps.follower.catch_up()
    await product_changed(deps.store, client, product.id, about.request_id)
    return product


@routes.delete("/api/v1/partners/{partner_id}/products/{sku}", need=KEEPER)
async def remove_product(
    partner_id: str, sku: str, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Product:
    """Take a product off the shelves; running orders keep it."""
    from shared.catalog import keep  # noqa: PLC0415

    await _partner(partner_id, caller, deps, about)
    product = await keep.remove(deps.store, partner_id, sku, about.now)
    await deps.follower.catch_up()
    await product_changed(deps.store, client, product.id, about.request_id)
    return product


@routes.post(
    "/api/v1/partners/{partner_id}/products/{sku}/images",
    need=KEEPER,
    status=201,
    media_types=IMAGE_TYPES,
    body_bytes_max=max(BYTES_MAX[one] for one in IMAGE_TYPES),
)
async def add_product_image(
    partner_id: str, sku: str, raw: Raw, caller: Caller, deps: Deps, about: About
) -> Product:
    """Add a picture to a product; the same picture again changes nothing."""
    from shared.catalog.images import add_image  # noqa: PLC0415

    await _partner(partner_id, caller, deps, about)
    product = await add_image(deps.store, deps.blobs, partner_id, sku, raw.data, raw.media_type, at=about.now)
    await deps.follower.catch_up()
    return product


@routes.delete("/api/v1/partners/{partner_id}/products/{sku}/images/{name}", need=KEEPER)
async def remove_product_image(
    partner_id: str, sku: str, name: str, caller: Caller, deps: Deps, about: About
) -> Product:
    """Show a picture no more."""
    from shared.catalog.images import remove_image  # noqa: PLC0415

    await _partner(partner_id, caller, deps, about)
    product = await remove_image(deps.store, partner_id, sku, name, about.now)
    await deps.follower.catch_up()
    return product


@routes.post("/api/v1/partners/{partner_id}/products/{sku}/approval", need=CURATOR)
async def approve_product(partner_id: str, sku: str, caller: Caller, deps: Deps, about: About) -> Product:
    """Let customers find what waits for a look: an experience, or an offer whose kind was not clear."""
    from shared.catalog import keep  # noqa: PLC0415

    await _partner(partner_id, caller, deps, about)
    product = await keep.approve(deps.store, partner_id, sku, about.now)
    await deps.follower.catch_up()
    return product


async def _partner(partner_id: str, caller: Caller, deps: Deps, about: About) -> Partner:
    """The partner, if it is the caller's own or the caller is a curator; else nobody learns whether there is one."""
    await deps.catalog_ready()
    may = caller.subject == partner_id or Role.CURATOR in roles_of(caller)
    stored = await deps.store.get(PARTNERS, partner_id, partner_id) if may else None
    if stored is None:
        if not may:
            audit.refused_object(caller, f"partner {partner_id}", about)
        raise AppError(NOT_FOUND, "There is no such partner, or it is not yours to see.")
    return stored.value


async def _product(partner_id: str, sku: str, deps: Deps) -> Product:
    stored = await deps.store.get(PRODUCTS, partner_id, product_id(partner_id, sku))
    if stored is None:
        raise AppError(NOT_FOUND, f"{partner_id} has no product with the SKU {sku}.")
    return stored.value
