"""Bodies signed with a shared secret: `t=<unix seconds>,v1=<HMAC-SHA256 of "t.body", hexadecimal>`, both ways.

The scheme is the usual one (https://docs.stripe.com/webhooks#verify-manually); docs/messages.md shows it to partners.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256

HEADER = "Webhook-Signature"
TOLERANCE_SECONDS = 300
_STAMP_LENGTH_MAX = 12
_SIGNATURES_MAX = 5


class BadSignature(ValueError):
    """It does not come from whom it says, was altered on the way, or is not of this moment."""


def signature(secret: str, body: bytes, now: datetime) -> str:
    """The header that goes with a body."""
    stamp = str(int(now.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def check(secret: str, body: bytes, header: str, now: datetime) -> None:
    """Raises BadSignature unless the body was signed with the secret, at most TOLERANCE_SECONDS from now."""
    if not secret:
        raise BadSignature("no secret is set up: nothing can be signed with it")
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    stamp = next((value for name, value in parts if name == "t"), "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _STAMP_LENGTH_MAX):
        raise BadSignature("the signature names no time")
    expected = _digest(secret, stamp, body).encode()
    # Several while a secret is being changed for another.
    given = [value.encode() for name, value in parts if name == "v1"][:_SIGNATURES_MAX]
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise BadSignature("no signature fits the body")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise BadSignature(f"it was signed more than {TOLERANCE_SECONDS} seconds from now")


def secret_of(master: str, party: str) -> str:
    """The secret of one partner, which follows from the platform's: nothing is to be kept, none tells another."""
    return "whsec_" + hmac.new(master.encode(), f"webhooks:{party}".encode(), sha256).hexdigest()


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
