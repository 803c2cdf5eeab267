"""Refunds: what is planned is written down first, so that it is the same at every try."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.money.amounts import Money
from shared.money.commands import LegId, OrderId, Share
from shared.money.payments import Name
from shared.records import Container, Record
from shared.wire import Plain

PARTS_MAX = 20


class RefundPart(Plain):
    """What goes back to one payment; refund: the provider's, once made."""

    payment: Name
    amount: Money
    refund: Name | None = None


class RefundRecord(Record):
    """One refund of an order's money; id: made by whoever asks for it."""

    order: OrderId
    amount: Money
    parts: Annotated[tuple[RefundPart, ...], Field(min_length=1, max_length=PARTS_MAX)]
    created_at: AwareDatetime
    made_at: AwareDatetime | None = None


REFUNDS = Container("refunds", RefundRecord, "order")


class ReclaimRecord(Record):
    """Who gives back how much of a leg that had been passed on; id: the refund's."""

    order: OrderId
    leg: LegId
    shares: Annotated[tuple[Share, ...], Field(max_length=PARTS_MAX)] = ()
    created_at: AwareDatetime


RECLAIMS = Container("reclaims", ReclaimRecord, "order")
