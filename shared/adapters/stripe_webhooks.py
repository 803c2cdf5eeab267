"""Stripe's webhooks: whether one is Stripe's, and what it tells of a payment, small enough for the inbox.

Signatures: https://docs.stripe.com/webhooks#verify-manually; events: https://docs.stripe.com/api/events/types. The SDK
is not loaded here. Events come doubled, late and out of order: dedupe by id, and read the truth from the statement.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from shared.adapters.stripe_shapes import ORDER, PAYMENT, from_units
from shared.money.amounts import Money
from shared.money.ledger import Moment
from shared.ports import Clock
from shared.wire import Plain

TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 256 * 1024

# Type → the amount that moved, beside that of the object.
_KINDS = {
    "payment_intent.": "amount_received",
    "charge.refunded": "amount_refunded",
    "charge.expired": "amount_captured",
    "charge.dispute.": None,
    "refund.failed": None,
    "transfer.": "amount_reversed",
}
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
_REASONS = ("cancellation_reason", "failure_reason", "reason")


class BadSignature(ValueError):
    """It is not Stripe's, was altered on the way, or is too old."""


class BadEvent(ValueError):
    """It is signed, but cannot be read."""


class StripeEvent(Plain):
    """What a webhook tells.

    about: the id of the object it is about; payment: of the payment intent behind it. order: None where the object does
    not name it, as with disputes: the payment does. amount: the object's; moved: received of a payment, refunded of a
    charge, taken back of a transfer, so far. status, reason: the object's own words.
    """

    id: str
    type: str
    at: Moment
    is_live: bool
    about: str
    payment: str | None
    order: str | None
    amount: Money
    moved: Money | None
    status: str | None
    reason: str | None


class StripeWebhooks:
    """Reads the webhooks of one endpoint."""

    def __init__(self, secret: str, clock: Clock) -> None:
        """secret: the endpoint's own, `whsec_…`; raises ValueError where it is empty: anybody could sign with that."""
        if not secret.strip():
            raise ValueError("the webhook secret is empty: write the endpoint's, which begins with whsec_")
        self._secret = secret.encode()
        self._clock = clock

    def read(self, body: bytes, signature: str | None) -> StripeEvent | None:
        """The event in a raw body, None for one that says nothing about payments; signature: `Stripe-Signature`.

        Raises BadSignature, BadEvent.
        """
        if len(body) > BODY_BYTES_MAX:
            raise BadEvent(f"{len(body)} bytes are more than an event has ({BODY_BYTES_MAX})")
        self._check(body, signature or "")
        try:
            return _event(json.loads(body))
        except _UNREADABLE as error:
            raise BadEvent(f"the event cannot be read ({type(error).__name__})") from error

    def _check(self, body: bytes, header: str) -> None:
        parts = [part.partition("=")[::2] for part in header.split(",")]
        stamp = next((value for name, value in parts if name == "t"), "")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= len("253402300799")):
            raise BadSignature("the signature names no time")
        expected = hmac.new(self._secret, stamp.encode() + b"." + body, sha256).hexdigest().encode()
        # Several while a secret is being changed for another.
        signed = [value.encode() for name, value in parts if name == "v1"]
        if not any(hmac.compare_digest(expected, one) for one in signed):
            raise BadSignature("no signature fits the body")
        if int(stamp) < self._clock.now().timestamp() - TOLERANCE_SECONDS:
            raise BadSignature(f"it was signed more than {TOLERANCE_SECONDS} seconds ago")


def _event(told: Mapping[str, Any]) -> StripeEvent | None:
    kind = told["type"]
    # A family of types ends with a dot.
    found = next((one for one in _KINDS if kind == one or (one[-1] == "." and kind.startswith(one))), None)
    if found is None:
        return None
    thing, moved = told["data"]["object"], _KINDS[found]
    metadata = thing.get("metadata") or {}
    payment = thing["id"] if thing["object"] == "payment_intent" else thing.get("payment_intent")
    return StripeEvent(
        id=told["id"],
        type=kind,
        at=datetime.fromtimestamp(told["created"], UTC),
        is_live=told["livemode"],
        about=thing["id"],
        payment=payment or metadata.get(PAYMENT),
        order=metadata.get(ORDER) or thing.get("transfer_group"),
        amount=from_units(thing["amount"], thing["currency"]),
        moved=from_units(thing[moved], thing["currency"]) if moved else None,
        status=thing.get("status"),
        reason=next((thing[name] for name in _REASONS if thing.get(name)), None),
    )
