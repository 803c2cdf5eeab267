"""What somebody asks for, before it is an order: products with their partners, and where and when it is to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.discovery.bundles import Bundle, Part
from shared.discovery.partners import Partner
from shared.discovery.products import Customization, Product
from shared.money.commission import Referral
from shared.orders.order import Destination


@dataclass(frozen=True)
class Chosen:
    """One product with its quantity and customization, as asked for; part: where it stands among the others."""

    product: Product
    partner: Partner
    part: Part

    @property
    def net_minor(self) -> int:
        """What the vendor gets: its own work on all pieces is all its own."""
        return self.product.net.minor * self.part.quantity + self.part.extra_minor

    @property
    def price_minor(self) -> int:
        """What the customer pays, by itself."""
        return self.product.price.minor * self.part.quantity + self.part.extra_minor


@dataclass(frozen=True)
class Asked:
    """All of it. meet_at_hub: None leaves it to the rule; referral: who brought the customer."""

    goods: tuple[Chosen, ...]
    bundle: Bundle | None
    to: Destination
    by: datetime
    now: datetime
    meet_at_hub: bool | None = None
    referral: Referral | None = None

    @property
    def currency(self) -> str:
        """The one currency of all of it."""
        return self.goods[0].product.price.currency


class NotForSale(Exception):
    """Something that was chosen cannot be had like this; field: of the request."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def own_work(product: Product, tag: str | None) -> Customization | None:
    """The seller's own way of a customization, if it has one."""
    return next((one for one in product.customizations if one.tag == tag and one.is_by_partner), None)
