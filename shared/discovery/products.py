"""What a partner offers: a product, a service, a blank to be customized, or an experience of several events."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.discovery.partners import PartnerId, Place, Tag
from shared.money.amounts import Money
from shared.records import Container, Record
from shared.wire import Plain

Kind = Literal["product", "service", "blank", "experience"]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
TAGS_MAX, IMAGES_MAX, EVENTS_MAX, CUSTOMIZATIONS_MAX = 30, 10, 20, 12
VALUES_MAX = 30
_A_MOMENT = timedelta(microseconds=1)
Values = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(max_length=VALUES_MAX)]
MINUTES_MAX = 525_600


class Customization(Plain):
    """What can be done to this product, and within which limits; minor_per_unit is in the product's currency.

    by_partner: the seller does it; else anybody whose capability has this tag and these limits.
    """

    tag: Tag
    characters_max: int = Field(default=0, ge=0, le=10_000)
    colours_max: int = Field(default=0, ge=0, le=1_000)
    positions: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    is_by_partner: bool = False
    minor_per_unit: int = Field(default=0, ge=0, le=10_000_000)
    lead_minutes: int = Field(default=0, ge=0, le=MINUTES_MAX)


class Event(Plain):
    """One thing that happens within an experience: minutes after its start, and for how long."""

    title: Title
    starts_after_minutes: int = Field(default=0, ge=0, le=MINUTES_MAX)
    minutes: int = Field(ge=1, le=MINUTES_MAX)
    place: Place | None = None


class Product(Record):
    """One offer. id: `<partner>.<sku>`.

    stock None: made or done as ordered. lead_minutes: from order until it can be handed over or begin, its own work
    included; work_minutes: how long that work, or the service, takes. attributes: colour, size, material, style,
    occasion, recipient, diet … → values in lower case. tags: capabilities it has or that it needs done. price is the
    customer's for one unit, net the vendor's. party_min and party_max: people, 0 for any. stock_at: when its partner
    last said how many there are; stock_sales: how many sales and returns since then are taken off.
    """

    id: Annotated[str, Field(max_length=144)]
    partner: PartnerId
    sku: Sku
    kind: Kind = "product"
    title: Title
    description: Annotated[str, Field(max_length=4_000)] = ""
    category: Tag
    tags: Annotated[tuple[Tag, ...], Field(max_length=TAGS_MAX)] = ()
    attributes: Annotated[dict[Tag, Values], Field(max_length=20)] = Field(default_factory=dict)
    price: Money
    net: Money
    unit: Literal["item", "person", "hour", "set", "dozen", "day"] = "item"
    stock: int | None = Field(default=None, ge=0, le=1_000_000)
    lead_minutes: int = Field(default=0, ge=0, le=MINUTES_MAX)
    work_minutes: int = Field(default=0, ge=0, le=MINUTES_MAX)
    party_min: int = Field(default=0, ge=0, le=100_000)
    party_max: int = Field(default=0, ge=0, le=100_000)
    customizations: Annotated[tuple[Customization, ...], Field(max_length=CUSTOMIZATIONS_MAX)] = ()
    events: Annotated[tuple[Event, ...], Field(max_length=EVENTS_MAX)] = ()
    images: Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=IMAGES_MAX)] = ()
    rating_hundredths: int = Field(default=0, ge=0, le=500)
    ratings: int = Field(default=0, ge=0)
    link: Annotated[str, Field(max_length=2_000)] = ""
    status: Literal["active", "paused", "removed"] = "active"
    needs_review: bool = False
    updated_at: AwareDatetime
    stock_at: AwareDatetime = Field(default_factory=lambda known: known["updated_at"])
    stock_sales: int = Field(default=0, ge=0)


PRODUCTS = Container("products", Product, "partner", indexes=("category", "status", "sku", "needs_review"))


def product_id(partner: str, sku: str) -> str:
    """The id of a partner's product."""
    return f"{partner}.{sku}"


def restocked(product: Product, before: Product) -> Product:
    """A product told anew: where its stock is another, that was said later than before; else sales stay taken off."""
    if product.stock == before.stock:
        stands = {"stock_at": before.stock_at, "stock_sales": before.stock_sales}
    else:
        stands = {"stock_at": max(product.updated_at, before.stock_at + _A_MOMENT), "stock_sales": 0}
    return product.model_copy(update=stands)


def partner_of(product: str) -> str:
    """The partner in a product's id."""
    return product.partition(".")[0]


