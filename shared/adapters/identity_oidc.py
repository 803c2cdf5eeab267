"""Tokens of an OpenID Connect provider, Clerk among them, checked against the key set (JWKS) it publishes."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from shared.adapters.identity_own import ClaimNames, caller_from, check_claims, header_of, signed_claims
from shared.people.access import BadToken, Caller, Role
from shared.ports import Clock
from shared.records import Unavailable

if TYPE_CHECKING:
    import aiohttp
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_log = logging.getLogger(__name__)

DISCOVERY_PATH = "/.well-known/openid-configuration"
KEYS_FRESH_SECONDS = 600
KEYS_STALE_SECONDS_MAX = 3_600
COOLDOWN_SECONDS = 30
RETRY_SECONDS = 5
FETCH_SECONDS_MAX = 3.0
DOCUMENT_BYTES_MAX = 256 * 1024
KEYS_MAX = 64
RSA_BITS_MIN = 2_048
RSA_BITS_MAX = 8_192


class SigningKey(NamedTuple):
    """A public key and the one algorithm it is good for: RS256 for RSA, ES256 for P-256, nothing else."""

    key: RSAPublicKey | EllipticCurvePublicKey
    algorithm: str


class OidcIdentity:
    """An OpenID Connect provider, as an Identity port.

    authorized_parties: the `azp` values taken; where given, a token must carry one. jwks_url: None finds it through
    the issuer's discovery document. A token without a known role is signed in and may nothing but what is public;
    with is_customer_by_default it is a customer's. Raises ValueError for URLs that are neither https nor loopback, and
    if there is neither audience nor authorized party: any application of the issuer could walk in.
    """

    def __init__(
        self,
        issuer: str,
        clock: Clock,
        *,
        audience: str | None = None,
        authorized_parties: Sequence[str] = (),
        jwks_url: str | None = None,
        claim_names: ClaimNames | None = None,
        is_customer_by_default: bool = False,
    ) -> None:
        if audience is None and not authorized_parties:
            raise ValueError("one of OIDC_AUDIENCE and OIDC_AUTHORIZED_PARTIES is needed: say for whom tokens are made")
        self._issuer = _safe_url(issuer, "OIDC_ISSUER")
        self._audience = audience
        self._parties = frozenset(authorized_parties)
        self._names = claim_names or ClaimNames()
        self._otherwise = (Role.CUSTOMER,) if is_customer_by_default else ()
        self._keys = KeySet(issuer, None if jwks_url is None else _safe_url(jwks_url, "OIDC_JWKS_URL"), clock)
        self._clock = clock

    async def caller_of(self, token: str) -> Caller:
        """The caller; raises BadToken, or Unavailable while the provider's keys cannot be had."""
        kid = header_of(token).get("kid")
        if not isinstance(kid, str):
            raise BadToken("the token names no key")
        signing = await self._keys.key(kid)
        claims = signed_claims(token, signing.key, signing.algorithm)
        check_claims(claims, self._issuer, self._audience, self._clock.now())
        if self._parties and claims.get("azp") not in self._parties:
            raise BadToken("the token was made for another party")
        if claims.get("sts") == "pending":  # Clerk: the session still lacks a step of signing in
            raise BadToken("the session is not complete yet")
        return caller_from(claims, self._names, self._otherwise)


class KeySet:
    """A provider's keys by their id, fetched when needed and never by two at once.

    Fresh for KEYS_FRESH_SECONDS; while the provider is down, used for KEYS_STALE_SECONDS_MAX. An unknown id asks the
    provider again at most once in COOLDOWN_SECONDS, so that made-up ids cost nothing and a rotation is taken up.
    """

    def __init__(self, issuer: str, url: str | None, clock: Clock) -> None:
        self._issuer = issuer
        self._url = url
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched: datetime | None = None
        self._failed: datetime | None = None
        # A lock belongs to one event loop; a process may run several, one after the other.
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def key(self, kid: str) -> SigningKey:
        """The key of this id; raises BadToken if there is none, Unavailable if that cannot be told."""
        turn = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        held = self._held(kid)
        if held and (self._within(self._fetched, KEYS_FRESH_SECONDS) or turn.locked()):
            return held  # one renews what is past its time; the others need not wait
        async with turn:
            if self._is_due(kid):
                await self._renew()
        if held := self._held(kid):
            return held
        if self._within(self._failed, RETRY_SECONDS) or self._fetched is None:
            raise Unavailable("the keys of the identity provider cannot be had", RETRY_SECONDS)
        raise BadToken("the key of the token is not known")

    def _held(self, kid: str) -> SigningKey | None:
        return self._keys.get(kid) if self._within(self._fetched, KEYS_STALE_SECONDS_MAX) else None

    def _is_due(self, kid: str) -> bool:
        """Whether to ask the provider now, as seen by whoever's turn it is: others may just have asked."""
        if self._within(self._failed, RETRY_SECONDS):
            return False
        return not self._within(self._fetched, KEYS_FRESH_SECONDS if kid in self._keys else COOLDOWN_SECONDS)

    def _within(self, since: datetime | None, seconds: float) -> bool:
        """Whether that was less than so many seconds ago; a clock that was put back counts as long ago."""
        return since is not None and 0 <= (self._clock.now() - since).total_seconds() < seconds

    async def _renew(self) -> None:
        """Fetch the keys; if that fails those at hand stay."""
        import aiohttp  # noqa: PLC0415 - only those who ask a provider need it

        try:
            async with asyncio.timeout(FETCH_SECONDS_MAX):
                async with aiohttp.ClientSession() as session:
                    url = self._url or await self._discovered(session)
                    keys = _signing_keys(await _document(session, url))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            self._failed = self._clock.now()
            _log.warning("the keys of %s cannot be had: %s", self._issuer, repr(error))
            return
        self._keys, self._fetched = keys, self._clock.now()

    async def _discovered(self, session: aiohttp.ClientSession) -> str:
        """The key set's address as the issuer tells it (OpenID Connect Discovery 1.0, section 4)."""
        told = await _document(session, self._issuer.rstrip("/") + DISCOVERY_PATH)
        if told.get("issuer") != self._issuer:
            raise ValueError("the discovery document is of another issuer")
        return _safe_url(str(told.get("jwks_uri")), "jwks_uri")


async def _document(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """A JSON object of bounded size; redirects are not followed, they could lead anywhere."""
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise ValueError(f"the provider answers {response.status}")
        body = bytearray()
        async for chunk in response.content.iter_chunked(DOCUMENT_BYTES_MAX):
            body += chunk
            if len(body) > DOCUMENT_BYTES_MAX:
                raise ValueError(f"the provider's document is larger than {DOCUMENT_BYTES_MAX} bytes")
    return _object(bytes(body))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except RecursionError as error:
        raise ValueError("the provider's document is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("the provider's document is no JSON object")  # noqa: TRY004 - the provider's fault, not a type's
    return value


def _signing_keys(jwks: dict[str, Any]) -> dict[str, SigningKey]:
    """The usable keys of a key set (RFC 7517) by id; raises ValueError if there is none."""
    listed = jwks.get("keys")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    found: dict[str, SigningKey] = {}
    for entry in entries[:KEYS_MAX]:
        kid, signing = entry.get("kid"), _signing_key(entry)
        if isinstance(kid, str) and signing is not None:
            found.setdefault(kid, signing)
    if not found:
        raise ValueError("the provider's key set has no key to check signatures by")
    return found


def _signing_key(entry: dict[str, Any]) -> SigningKey | None:
    """The public key of an entry that is meant for RS256 or ES256 signatures; None for all others."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415 - see KeySet._renew
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm  # noqa: PLC0415
    from jwt.exceptions import InvalidKeyError  # noqa: PLC0415

    if entry.get("use", "sig") != "sig":
        return None
    try:
        if entry.get("kty") == "RSA" and entry.get("alg", "RS256") == "RS256":
            rsa_key = RSAAlgorithm.from_jwk({part: entry[part] for part in ("kty", "n", "e")})
            if isinstance(rsa_key, rsa.RSAPublicKey) and RSA_BITS_MIN <= rsa_key.key_size <= RSA_BITS_MAX:
                return SigningKey(rsa_key, "RS256")
        if entry.get("kty") == "EC" and entry.get("crv") == "P-256" and entry.get("alg", "ES256") == "ES256":
            ec_key = ECAlgorithm.from_jwk({part: entry[part] for part in ("kty", "crv", "x", "y")})
            if isinstance(ec_key, ec.EllipticCurvePublicKey):
                return SigningKey(ec_key, "ES256")
    except (InvalidKeyError, ValueError, TypeError, AttributeError, KeyError):
        return None  # one broken entry does not take the others with it
    return None


def _safe_url(url: str, name: str) -> str:
    """The URL itself; raises ValueError unless it is https, or http to this very machine."""
    parts = urlsplit(url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        raise ValueError(f"{name} is an https URL (http only to localhost), not {url!r}")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
