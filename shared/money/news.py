"""What a payment provider tells on its own: what became of payments, transfers, disputes and payees' accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.money.amounts import Money
from shared.money.ledger import Moment
from shared.records import Container, Record
from shared.wire import Plain

BODY_BYTES_MAX = 256 * 1024
KEPT_DAYS = 90
"""How long an event is remembered; providers send one again for some days, people for some weeks."""


class BadSignature(ValueError):
    """It is not the provider's, was altered on the way, or is too old."""


class BadNews(ValueError):
    """It is signed, but cannot be read."""


class Foreign(Plain):
    """A reversal that was not made by this app, by its id."""

    id: str
    amount: Money


class News(Plain):
    """One event of the provider's.

    about: the id of the object it is about; payment: of the payment behind it. order: None where the object does not
    name it, as with disputes: the payment does. amount: the object's; moved: received of a payment, refunded of a
    charge, taken back of a transfer, so far. status, reason: the object's own words. account: the payee's account that
    it happened to; is_payable: whether that can be paid. foreign: reversals of a transfer that are not ours.
    """

    id: str
    type: str
    at: Moment
    is_live: bool
    about: str
    payment: str | None = None
    order: str | None = None
    amount: Money | None = None
    moved: Money | None = None
    status: str | None = None
    reason: str | None = None
    account: str | None = None
    is_payable: bool | None = None
    foreign: tuple[Foreign, ...] = ()


class Heard(Record):
    """An event that came in: acted: what it says was done; ignored: nothing follows from it."""

    type: Annotated[str, Field(max_length=255)]
    status: Literal["received", "acted", "ignored"] = "received"
    received_at: AwareDatetime


HEARD = Container("provider_events", Heard, "id", ttl_seconds=KEPT_DAYS * 86_400)


def heard(event_id: str, kind: str, now: datetime) -> Heard:
    """The record of an event that has just come in."""
    return Heard(id=event_id, type=kind, received_at=now)
