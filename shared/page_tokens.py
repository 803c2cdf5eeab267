"""Tokens that say where the next page begins: plain values, opaque to whoever carries them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from shared.records import BadPageToken

NOT_OURS = "The token is not one of ours: start again without it."


def pack_token(parts: list[Any]) -> str:
    """Plain values as an opaque text that is safe in a URL."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def unpack_token(token: str, length: int) -> list[Any]:
    """The values of a token; raises BadPageToken if it does not hold that many."""
    try:
        parts = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars="-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, RecursionError) as error:
        raise BadPageToken(NOT_OURS) from error
    if not isinstance(parts, list) or len(parts) != length:
        raise BadPageToken(NOT_OURS)
    return parts
