"""A leg as its own partner has agreed to change it: as asked, or as it offered; the same leg, or one in its place."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.dialogue.reply.counter import Offer
from shared.money.amounts import Money, split
from shared.orders.legs import next_number
from shared.orders.order import Line, Order, OrderLeg

AGREED = "agreed"
"""The option of a line by which its partner knows what it is to be in truth."""


def altered(leg: OrderLeg, wanted: str, offer: Offer | None) -> OrderLeg:
    """The same leg with what was agreed on: its title, what of the catalog it is, how much later it is ready."""
    title = offer.title if offer else wanted[:1].upper() + wanted[1:]
    line = leg.lines[0].model_copy(update={"title": title, "options": {**leg.lines[0].options, AGREED: wanted}})
    if offer and offer.product:
        line = line.model_copy(update={"product": offer.product})
    later = _later_minutes(leg, offer)
    timing = leg.timing.model_copy(update={"minutes": leg.timing.minutes + later})
    return leg.model_copy(update={"title": title, "lines": (line, *leg.lines[1:]), "timing": timing})


def is_same_price(leg: OrderLeg, offer: Offer | None) -> bool:
    """Whether no money has to move."""
    return offer is None or offer.price is None or offer.price == leg.price


def repriced(order: Order, leg: OrderLeg, wanted: str, offer: Offer, now: datetime) -> OrderLeg:
    """A leg in the old one's place at another price, done by the same partner on the same day and holds."""
    assert offer.price is not None
    whole = altered(leg, wanted, offer)
    each = Money(minor=offer.price.minor // offer.quantity, currency=offer.price.currency)
    rest = offer.price.minor - each.minor * offer.quantity
    line = _priced(whole.lines[0], each, offer.quantity, rest)
    parts = split(offer.price, [share.amount.minor for share in leg.shares], remainder_to=0)
    shares = tuple(
        share.model_copy(update={"amount": part})
        for share, part in zip(leg.shares, parts, strict=True)
        if part.minor > 0
    )
    return whole.model_copy(
        update={
            "id": next_number(order), "lines": (line, *whole.lines[1:]), "price": offer.price, "shares": shares,
            "replaces": leg.id, "held_as": leg.held_as or f"{order.id}:{leg.id}", "since": leg.since or now,
        }
    )  # fmt: skip


def _priced(line: Line, each: Money, quantity: int, rest: int) -> Line:
    return line.model_copy(update={"unit_price": each, "quantity": quantity, "extra_minor": rest})


def _later_minutes(leg: OrderLeg, offer: Offer | None) -> int:
    if offer is None:
        return 0
    if offer.delay_minutes:
        return offer.delay_minutes
    if offer.ready_at and offer.ready_at > leg.ends:
        return int((offer.ready_at - leg.ends) / timedelta(minutes=1))
    return 0
