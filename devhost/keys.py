"""Access keys: one secret per data folder, from which every function's key is derived."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from devhost.store import Store

KEY_HEADER = "x-functions-key"
KEY_QUERY = "code"


class Keys:
    """The master key opens everything, the default key every function, a function's key that one."""

    def __init__(self, store: Store) -> None:
        secret = store.get_meta("secret")
        if secret is None:
            secret = secrets.token_hex(32)
            with store.transaction():
                store.set_meta("secret", secret)
        self._secret = bytes.fromhex(secret)
        self.master = self._derive("master")
        self.default = self._derive("default")
        self.system = self._derive("system:durabletask_extension")

    def of(self, function: str) -> str:
        """One function's own key."""
        return self._derive(f"function:{function.lower()}")

    def _derive(self, purpose: str) -> str:
        digest = hmac.digest(self._secret, purpose.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def opens_function(self, given: str, function: str, level: str) -> bool:
        """Whether a key lets a caller in at an auth level."""
        if level == "ANONYMOUS":
            return True
        allowed = [self.master] if level == "ADMIN" else [self.master, self.default, self.of(function)]
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in allowed)

    def opens_management(self, given: str) -> bool:
        """Whether a key lets a caller steer orchestrations from elsewhere."""
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in (self.master, self.system))

    def opens_admin(self, given: str) -> bool:
        """Whether a key lets a caller at the host's own routes from elsewhere."""
        return hmac.compare_digest(given.encode(), self.master.encode())


def key_in(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The key a request carries, empty where it carries none."""
    return headers.get(KEY_HEADER) or query.get(KEY_QUERY) or ""


def is_local(scope: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether a request comes from this machine and was meant for it: not from a web page opened in a browser here.

    The Host header must name the loopback, so that a name that somebody else's DNS points here opens nothing; and a
    browser's Origin must be this very host.
    """
    client = scope.get("client")
    if not client or not _is_loopback(client[0]):
        return False
    host = headers.get("host", "")
    if not _is_loopback(urlsplit(f"//{host}").hostname or ""):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
