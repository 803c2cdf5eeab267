"""A bundle: parts of several partners under one name and price, and how much of it a customer sees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.discovery.partners import PartnerId, Tag
from shared.discovery.products import Title, Values
from shared.discovery.terms import NodeKind, Visibility
from shared.money.amounts import Money
from shared.records import Container, Record
from shared.wire import Plain

PARTS_MAX = 20


class Part(Plain):
    """One part: a product, how many, and what it is for; after: the numbers of the parts that come before it.

    shows_partner: in hybrid mode, whether this part names its partner. options: colour, text, customization, as chosen;
    extra_minor: what the seller's own work on all pieces costs on top.
    """

    product: Annotated[str, Field(max_length=144)]
    quantity: int = Field(default=1, ge=1, le=1_000)
    role: NodeKind = "product"
    after: tuple[int, ...] = ()
    shows_partner: bool = True
    options: Annotated[dict[Tag, Annotated[str, Field(max_length=500)]], Field(max_length=10)] = Field(
        default_factory=dict
    )
    extra_minor: int = Field(default=0, ge=0, le=10_000_000)


class Bundle(Record):
    """One curated bundle. price None: what its parts cost together; parts always add up through the first one.

    attributes: occasion, recipient, style … as with products. region: where it is offered.
    """

    id: PartnerId
    title: Title
    description: Annotated[str, Field(max_length=4_000)] = ""
    category: Tag
    attributes: Annotated[dict[Tag, Values], Field(max_length=20)] = Field(default_factory=dict)
    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=PARTS_MAX)]
    price: Money | None = None
    visibility: Visibility = "transparent"
    region: Tag
    party_min: int = Field(default=0, ge=0, le=100_000)
    party_max: int = Field(default=0, ge=0, le=100_000)
    images: tuple[Annotated[str, Field(max_length=100)], ...] = ()
    status: Literal["draft", "published", "removed"] = "draft"
    updated_at: AwareDatetime


BUNDLES = Container("bundles", Bundle, "id", indexes=("status", "region"))

MADE = "made-"
"""How the ids of bundles begin that were put together for one wish."""
MADE_DAYS = 30
MADE_BUNDLES = Container("made_bundles", Bundle, "id", ttl_seconds=MADE_DAYS * 24 * 3600)
