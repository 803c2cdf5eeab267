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

from shared.adapters.stripe_shapes import KEY, ORDER, PAYMENT, from_units
from shared.money.news import BODY_BYTES_MAX, BadNews, BadSignature, Foreign, News
from shared.ports import Clock

TOLERANCE_SECONDS = 300

# Type → the amount that moved, beside that of the object.
_KINDS = {
    "payment_intent.": "amount_received",
    "charge.refunded": "amount_refunded",
    "charge.expired": "amount_captured",
    "charge.dispute.": None,
    "refund.failed": None,
    "transfer.": "amount_reversed",
    "payout.failed": None,
}
_ACCOUNT = "account.updated"
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
_REASONS = ("cancellation_reason", "failure_reason", "failure_message", "reason")


class StripeWebhooks:
    """Reads the webhooks of the account's endpoint and of that for connected accounts."""

    def __init__(self, secrets: str, clock: Clock) -> None:
        """secrets: the endpoints' own, `whsec_…`, separated by commas.

        Raises ValueError where there is none: anybody could sign with nothing.
        """
        self._secrets = [one.strip().encode() for one in secrets.split(",") if one.strip()]
        if not self._secrets:
            raise ValueError("the webhook secret is empty: write the endpoint's, which begins with whsec_")
        self._clock = clock

    def read(self, body: bytes, signature: str | None) -> News | None:
        """The event in a raw body, None for one that says nothing about payments; signature: `Stripe-Signature`.

        Raises BadSignature, BadNews.
        """
        if len(body) > BODY_BYTES_MAX:
            raise BadNews(f"{len(body)} bytes are more than an event has ({BODY_BYTES_MAX})")
        self._check(body, signature or "")
        try:
            return _event(json.loads(body))
        except _UNREADABLE as error:
            raise BadNews(f"the event cannot be read ({type(error).__name__})") from error

    def _check(self, body: bytes, header: str) -> None:
        parts = [part.partition("=")[::2] for part in header.split(",")]
        stamp = next((value for name, value in parts if name == "t"), "")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= len("253402300799")):
            raise BadSignature("the signature names no time")
        told = stamp.encode() + b"." + body
        expected = [hmac.new(one, told, sha256).hexdigest().encode() for one in self._secrets]
        # Several while a secret is being changed for another.
        signed = [value.encode() for name, value in parts if name == "v1"]
        if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in signed):
            raise BadSignature("no signature fits the body")
        if int(stamp) < self._clock.now().timestamp() - TOLERANCE_SECONDS:
            raise BadSignature(f"it was signed more than {TOLERANCE_SECONDS} seconds ago")


def _event(told: Mapping[str, Any]) -> News | None:
    kind, thing = told["type"], told["data"]["object"]
    if kind == _ACCOUNT:
        can_be_paid = thing["capabilities"].get("transfers") == "active"
        return _news(told, account=thing["id"], is_payable=can_be_paid and bool(thing["payouts_enabled"]))
    # A family of types ends with a dot.
    found = next((one for one in _KINDS if kind == one or (one[-1] == "." and kind.startswith(one))), None)
    if found is None:
        return None
    moved, currency = _KINDS[found], thing["currency"]
    metadata = thing.get("metadata") or {}
    payment = thing["id"] if thing["object"] == "payment_intent" else thing.get("payment_intent")
    return _news(
        told,
        payment=payment or metadata.get(PAYMENT),
        order=metadata.get(ORDER) or thing.get("transfer_group"),
        amount=from_units(thing["amount"], currency),
        moved=from_units(thing[moved], currency) if moved else None,
        status=thing.get("status"),
        reason=next((thing[name] for name in _REASONS if thing.get(name)), None),
        account=told.get("account"),
        foreign=_foreign(thing) if thing["object"] == "transfer" else (),
    )


def _news(told: Mapping[str, Any], **more: Any) -> News:
    return News(
        id=told["id"],
        type=told["type"],
        at=datetime.fromtimestamp(told["created"], UTC),
        is_live=told["livemode"],
        about=told["data"]["object"]["id"],
        **more,
    )


def _foreign(transfer: Mapping[str, Any]) -> tuple[Foreign, ...]:
    """The reversals of a transfer that bear no key of ours; the newest come with it, which are those it is about."""
    reversals = (transfer.get("reversals") or {}).get("data", ())
    return tuple(
        Foreign(id=one["id"], amount=from_units(one["amount"], one["currency"]))
        for one in reversals
        if KEY not in (one.get("metadata") or {})
    )
