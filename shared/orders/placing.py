"""From a quote to the order that is placed by it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from shared.orders.chosen import Chosen
from shared.orders.order import Order
from shared.orders.quote import Quote


class Buyer(NamedTuple):
    """Who orders, and how it is paid: by a method, counted against a mandate where one is named.

    asks_until: until when the customer is asked in person before anything is done; None where nobody is asked.
    standing: the standing intent that it comes of.
    """

    customer: str
    agent: str | None
    method: str
    mandate: str | None = None
    asks_until: datetime | None = None
    standing: str | None = None


def merchants_of(chosen: Iterable[Chosen]) -> tuple[str, ...]:
    """The partners that were asked for, once each; all others are our choice."""
    return tuple(dict.fromkeys(one.partner.id for one in chosen))


def order_of(order_id: str, quote: Quote, merchants: tuple[str, ...], buyer: Buyer, now: datetime) -> Order:
    """The order, not yet placed."""
    asked = quote.asked
    return Order(
        id=order_id,
        customer=buyer.customer,
        agent=buyer.agent,
        legs=quote.legs,
        total=quote.total,
        currency=quote.total.currency,
        deliver_to=asked.to,
        deliver_by=asked.by,
        asks=buyer.asks_until is not None,
        approval_until=buyer.asks_until,
        mandate=buyer.mandate,
        merchants=merchants,
        standing=buyer.standing,
        begins=now,
        arrives=quote.arrives,
        method=buyer.method,
        bundle=quote.bundle,
        created_at=now,
        updated_at=now,
    )
