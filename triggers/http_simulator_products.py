"""Routes: what simulated partners sell: ordinary products, each with a rule by which it is to be had."""

from __future__ import annotations

from typing import Annotated, Literal

import azure.durable_functions as df
from pydantic import Field

from shared.blobs import BYTES_MAX
from shared.discovery.partners import Partner, PartnerId, Tag
from shared.discovery.products import PRODUCTS, TAGS_MAX, Product, Sku, Title, Values
from shared.discovery.products import partner_of as partner_in
from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.money.amounts import NotNegativeMoney
from shared.pushing import product_changed
from shared.records import Query
from shared.simulator.shelf import Availability
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Answer, Raw, Routes
from triggers.parse import Input, Output, Paging
from triggers.simulating import STAFF, partner_of, refused, tell_stock

routes = Routes("simulator")
PRODUCTS_PATH = "/api/v1/simulator/products"
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
SHOWN = ("active", "paused")


class ProductBody(Input):
    """A product of a simulated partner; stock null: there is no end of it. Category and attributes are found by title.

    availability: always, as far as there is stock; conditional: asked for while `when` does not hold, it is not to be
    had; out_of_stock: never.
    """

    partner: PartnerId
    sku: Sku | None = None
    title: Title
    description: str = Field(default="", max_length=4_000)
    price: NotNegativeMoney
    net: NotNegativeMoney | None = None
    stock: int | None = Field(default=None, ge=0, le=1_000_000)
    availability: Availability = Field(default_factory=Availability)
    category: Tag | None = None
    tags: Annotated[list[Tag], Field(max_length=TAGS_MAX)] = Field(default_factory=list)
    attributes: Annotated[dict[Tag, Values], Field(max_length=20)] = Field(default_factory=dict)
    lead_minutes: int = Field(default=60, ge=0, le=525_600)
    work_minutes: int = Field(default=15, ge=0, le=525_600)


class SimulatedProductChange(Input):
    """What becomes of a product; what is left out stays, and stock null means that there is no end of it."""

    title: Title | None = None
    description: str | None = Field(default=None, max_length=4_000)
    price: NotNegativeMoney | None = None
    net: NotNegativeMoney | None = None
    stock: int | None = Field(default=None, ge=0, le=1_000_000)
    availability: Availability | None = None
    category: Tag | None = None
    tags: Annotated[list[Tag], Field(max_length=TAGS_MAX)] | None = None
    attributes: Annotated[dict[Tag, Values], Field(max_length=20)] | None = None
    lead_minutes: int | None = Field(default=None, ge=0, le=525_600)
    work_minutes: int | None = Field(default=None, ge=0, le=525_600)
    status: Literal["active", "paused"] | None = None


class SimulatedProduct(Output):
    """A product as customers find it, and the rule by which it is to be had."""

    product: Product
    availability: Availability


class SimulatedProductList(Output):
    """The products of a simulated partner."""

    items: list[SimulatedProduct]
    next: str | None


class SimulatedProductQuery(Paging):
    """Whose products."""

    partner: PartnerId


@routes.post(PRODUCTS_PATH, need=STAFF, status=201, errors=(CONFLICT,))
async def create_simulated_product(
    body: ProductBody, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Answer[SimulatedProduct]:
    """Put a product on a simulated partner's shelf; customers find it from the next search on."""
    from shared.simulator.shelf import Offer, product_of, put_on_shelf, shelved_of, sku_of  # noqa: PLC0415

    partner = await partner_of(body.partner, deps, "partner")
    sku = body.sku or sku_of(body.title)
    offer = Offer.model_validate(body.model_dump(exclude={"partner", "sku"}))
    product = product_of(partner, sku, offer, deps.taxonomy, about.now)
    _check(product, partner)
    if not await put_on_shelf(deps.store, product, shelved_of(product, body.availability, body.stock)):
        raise AppError(CONFLICT, f"{partner.name} has a product with the SKU {sku} already.")
    await tell_stock(client, product)
    await deps.scout.refresh()
    view = SimulatedProduct(product=product, availability=body.availability)
    return Answer(view, location=f"{PRODUCTS_PATH}/{product.id}")


@routes.get(PRODUCTS_PATH, need=STAFF, errors=(NOT_FOUND,))
async def list_simulated_products(query: SimulatedProductQuery, deps: Deps) -> SimulatedProductList:
    """What a simulated partner sells."""
    await partner_of(query.partner, deps)
    wanted = Query({"status": {"in": SHOWN}}, query.partner, None, query.limit, query.after)
    page = await deps.store.query(PRODUCTS, wanted)
    return SimulatedProductList(items=[await _view(one.value, deps) for one in page.items], next=page.next)


@routes.get(f"{PRODUCTS_PATH}/{{product}}", need=STAFF)
async def get_simulated_product(product: str, deps: Deps) -> SimulatedProduct:
    """A product of a simulated partner."""
    return await _view((await _product(product, deps))[0], deps)


@routes.patch(f"{PRODUCTS_PATH}/{{product}}", need=STAFF)
async def change_simulated_product(
    product: str, body: SimulatedProductChange, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> SimulatedProduct:
    """Change a product; customers see it from the next search on."""
    from shared.simulator.shelf import change_product, keep_rule, revised, rule_of  # noqa: PLC0415

    before, partner = await _product(product, deps)
    rule = await rule_of(deps.store, before)
    said = {name: getattr(body, name) for name in body.model_fields_set}
    said = {name: value for name, value in said.items() if value is not None or name == "stock"}
    status = said.pop("status", None)

    def changed(one: Product) -> Product:
        after = revised(one, rule, said, partner, deps.taxonomy, about.now)
        return after.model_copy(update={"status": status}) if status else after

    _check(changed(before), partner)
    await keep_rule(deps.store, before, said)
    after = await change_product(deps.store, partner.id, before.id, changed)
    if after is None:
        raise AppError(NOT_FOUND, "The product was taken away meanwhile.")
    if {"stock", "availability"} & said.keys():
        await tell_stock(client, after)
    await deps.scout.refresh()
    await product_changed(deps.store, client, after.id, about.request_id)
    return await _view(after, deps)


@routes.delete(f"{PRODUCTS_PATH}/{{product}}", need=STAFF)
async def remove_simulated_product(
    product: str, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> SimulatedProduct:
    """Take a product off the shelf; running orders keep it."""
    from shared.simulator.shelf import take_off_shelf  # noqa: PLC0415

    before, _ = await _product(product, deps)
    view = await _view(before, deps)
    gone = await take_off_shelf(deps.store, before, about.now)
    await deps.scout.refresh()
    await product_changed(deps.store, client, before.id, about.request_id)
    return SimulatedProduct(product=gone or before, availability=view.availability)


@routes.post(
    f"{PRODUCTS_PATH}/{{product}}/images",
    need=STAFF,
    status=201,
    media_types=IMAGE_TYPES,
    body_bytes_max=max(BYTES_MAX[one] for one in IMAGE_TYPES),
    errors=(CONFLICT,),
)
async def add_simulated_image(product: str, raw: Raw, deps: Deps, about: About) -> SimulatedProduct:
    """Add a picture to a product; the same picture again changes nothing."""
    from shared.catalog.images import add_image  # noqa: PLC0415

    before, partner = await _product(product, deps)
    after = await add_image(
        deps.store, deps.blobs, partner.id, before.sku, raw.data, raw.media_type, at=about.now
    )
    await deps.scout.refresh()
    return await _view(after, deps)


@routes.delete(f"{PRODUCTS_PATH}/{{product}}/images/{{name}}", need=STAFF)
async def remove_simulated_image(product: str, name: str, deps: Deps, about: About) -> SimulatedProduct:
    """Show a picture no more."""
    from shared.catalog.images import remove_image  # noqa: PLC0415

    before, partner = await _product(product, deps)
    after = await remove_image(deps.store, partner.id, before.sku, name, about.now)
    await deps.scout.refresh()
    return await _view(after, deps)


async def _product(product: str, deps: Deps) -> tuple[Product, Partner]:
    """A product that is not removed, with its partner; raises AppError NOT_FOUND."""
    partner = await partner_of(partner_in(product), deps)
    stored = await deps.store.get(PRODUCTS, partner.id, product)
    if stored is None or stored.value.status == "removed":
        raise AppError(NOT_FOUND, "There is no such product of a simulated partner.")
    return stored.value, partner


async def _view(product: Product, deps: Deps) -> SimulatedProduct:
    from shared.simulator.shelf import rule_of  # noqa: PLC0415

    return SimulatedProduct(product=product, availability=(await rule_of(deps.store, product)).availability)


def _check(product: Product, partner: Partner) -> None:
    """Raises AppError for a price that cannot be."""
    if product.price.currency != partner.currency:
        raise refused("price", f"{partner.name} sells in {partner.currency}.")
    if not product.price.minor:
        raise refused("price", "A price is above zero.")
    if product.net.currency != product.price.currency or product.net.minor > product.price.minor:
        raise refused("net", "What the vendor gets is in the same currency, and no more than the price.")
