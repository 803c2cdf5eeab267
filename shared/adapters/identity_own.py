"""The embedded issuer: signs and checks its own tokens with a key pair of its own, kept in a folder.

Also the reading of a token in general (signature, times, claims to caller), which identity_oidc.py shares, and the
keeping of a key in a file, which signer_own.py shares.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.people.access import SCOPES, BadToken, Caller, Limits, Role
from shared.ports import Clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

TOKEN_CHARS_MAX = 8_192
SUBJECT_CHARS_MAX = 255
LEEWAY_SECONDS = 10
MOMENT_MAX = 253_402_300_799  # the end of the year 9999, in seconds since 1970
TTL_SECONDS_MAX = 31 * 86_400
ISSUER = "urn:universal-service-orchestrator:identity"
AUDIENCE = "urn:universal-service-orchestrator:api"
ALGORITHM = "ES256"
TYPE = "at+jwt"
KEY_FILE = "identity-key.pem"


@dataclass(frozen=True)
class ClaimNames:
    """Which claims say who somebody is; a name that is no claim itself is read as a path, like `metadata.role`."""

    roles: tuple[str, ...] = ("role", "roles", "metadata.role")
    scopes: tuple[str, ...] = ("scope", "scp")
    acting_for: str = "acting_for"
    limits: str = "limits"


class OwnIdentity:
    """The embedded issuer, as an Identity port; its key is made at the first start and read at every other."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self._key = key_in(folder / KEY_FILE)
        self._jwk = jwk_of(self._key)

    def issue(
        self,
        role: Role,
        subject: str,
        scopes: Iterable[str] | None,
        ttl_seconds: int,
        *,
        now: datetime,
        acting_for: str | None = None,
        limits: Limits | None = None,
    ) -> str:
        """A token for a subject, valid from now on for ttl_seconds.

        scopes: fewer than a person's role has (none: all of them); all that an agent has. An agent for which no
        customer is named acts for its own subject. Raises ValueError for a lifetime or a subject out of bounds, for an
        unknown scope, and for a person with acting_for or limits.
        """
        if not 0 < ttl_seconds <= TTL_SECONDS_MAX:
            raise ValueError(f"ttl_seconds is between 1 and {TTL_SECONDS_MAX}, not {ttl_seconds}")
        issued = int(now.timestamp())
        claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "iat": issued, "exp": issued + ttl_seconds}
        claims |= {"sub": subject, "role": role.value}
        if wanted := sorted(set(scopes or ())):
            claims["scope"] = " ".join(wanted)
        if role is Role.AGENT or acting_for is not None:
            claims["acting_for"] = subject if acting_for is None else acting_for
        if limits is not None:
            claims["limits"] = vars(limits)
        self._refuse_misfit(claims, wanted)
        import jwt  # noqa: PLC0415 - it costs 70 ms, and only those who sign or check need it

        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._jwk["kid"], "typ": TYPE})

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        return {"keys": [dict(self._jwk)]}

    async def caller_of(self, token: str) -> Caller:
        """The caller behind one of our own tokens; raises BadToken."""
        header = header_of(token)
        if header.get("kid") != self._jwk["kid"]:
            raise BadToken("the key of the token is not known")
        if header.get("typ") != TYPE:
            raise BadToken(f"the token is not of the type {TYPE}")
        claims = signed_claims(token, self._key.public_key(), ALGORITHM)
        check_claims(claims, ISSUER, AUDIENCE, self._clock.now())
        return caller_from(claims, ClaimNames())

    @staticmethod
    def _refuse_misfit(claims: Mapping[str, Any], scopes: Iterable[str]) -> None:
        """Nothing is signed that would not be believed afterwards."""
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise ValueError(f"unknown scopes {', '.join(unknown)}: see SCOPES in shared/people/access.py")
        try:
            caller_from(claims, ClaimNames())
        except BadToken as no:
            raise ValueError(f"such a token would not be valid: {no.reason}") from no


def header_of(token: str) -> dict[str, Any]:
    """The header, not to be trusted for anything but finding the key; raises BadToken for what is no JWT."""
    import jwt  # noqa: PLC0415 - see OwnIdentity.issue

    if len(token) > TOKEN_CHARS_MAX:
        raise BadToken(f"the token is longer than {TOKEN_CHARS_MAX} characters")
    if not token.isascii():
        raise BadToken("the token is not a JWT")
    try:
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError as no:
        raise BadToken("the token is not a JWT") from no


def signed_claims(token: str, key: EllipticCurvePublicKey | RSAPublicKey, algorithm: str) -> dict[str, Any]:
    """The claims, once the signature is proven to be of this key by this one algorithm; raises BadToken.

    Only the signature is left to the library: it would take the times from the wall clock.
    """
    import jwt  # noqa: PLC0415 - see OwnIdentity.issue

    try:
        claims = json.loads(jwt.PyJWS().decode_complete(token, key, algorithms=[algorithm])["payload"])
    except jwt.InvalidAlgorithmError as no:
        raise BadToken("the algorithm of the token is not allowed") from no
    except jwt.InvalidSignatureError as no:
        raise BadToken("the signature does not fit") from no
    except (jwt.PyJWTError, ValueError, RecursionError) as no:
        raise BadToken("the token is not a JWT") from no
    if not isinstance(claims, dict):
        raise BadToken("the token is not a JWT")
    return claims


def check_claims(claims: Mapping[str, Any], issuer: str, audience: str | None, now: datetime) -> None:
    """Issuer, audience (where one is asked for) and times, as in RFC 7519 section 4.1, exp and iat required.

    Raises BadToken.
    """
    if claims.get("iss") != issuer:
        raise BadToken("the token is of another issuer")
    aud = claims.get("aud")
    if audience is not None and audience not in (aud if isinstance(aud, list) else [aud]):
        raise BadToken("the token is made for another audience")
    at = now.timestamp()
    if _moment(claims, "exp") + LEEWAY_SECONDS <= at:
        raise BadToken("the token has expired")
    begins = max(_moment(claims, "iat"), _moment(claims, "nbf") if "nbf" in claims else 0)
    if begins - LEEWAY_SECONDS > at:
        raise BadToken("the token is not valid yet")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOMENT_MAX:
        raise BadToken(f"the token's {name} is missing or no time")
    return value


def caller_from(claims: Mapping[str, Any], names: ClaimNames, otherwise: Collection[Role] = ()) -> Caller:
    """The caller that proven claims speak of; raises BadToken for a subject, agent or limits that make no sense.

    Unknown roles and scopes are passed over; where no role is left it is `otherwise`. An `act` claim is refused:
    a token by which one person stands in for another (RFC 8693) must not count as that other in person.
    """
    if "act" in claims:
        raise BadToken("tokens by which one stands in for another are not taken")
    roles = frozenset(Role(word) for word in _words(claims, names.roles) if word in set(Role)) or frozenset(otherwise)
    scopes = _words(claims, names.scopes) & SCOPES.keys()
    if Role.AGENT not in roles:
        if _found(claims, names.acting_for) is not None or _found(claims, names.limits) is not None:
            raise BadToken("only an agent's token has acting_for and limits")
        return Caller(_id(claims.get("sub"), "sub"), roles, scopes)
    if roles != {Role.AGENT}:
        raise BadToken("an agent has no other role")
    acting_for = _id(_found(claims, names.acting_for), "acting_for")
    return Caller(_id(claims.get("sub"), "sub"), roles, scopes, acting_for, _limits(_found(claims, names.limits)))


def _found(claims: Mapping[str, Any], name: str) -> Any:
    """The claim of this name, or, where there is none, what the path leads to."""
    if name in claims:
        return claims[name]
    here: Any = claims
    for part in name.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _words(claims: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    """The words in these claims, each a text with blanks between them or a list of texts."""
    found = [_found(claims, name) for name in names]
    texts = [text for value in found for text in (value if isinstance(value, list) else [value])]
    return frozenset(word for text in texts if isinstance(text, str) for word in text.split())


def _id(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > SUBJECT_CHARS_MAX or not value.isprintable():
        raise BadToken(f"the token's {name} is missing or no id")
    return value


def _limits(value: object) -> Limits:
    if value is None:
        return Limits()
    if not isinstance(value, dict) or value.keys() - Limits.__dataclass_fields__.keys():
        raise BadToken("the token's limits are not {approval_over_minor, order_max_minor}")
    if any(type(amount) is not int or amount < 0 for amount in value.values()):
        raise BadToken("the token's limits are not whole amounts of zero or more")
    return Limits(**value)


def key_in(file: Path) -> EllipticCurvePrivateKey:
    """The P-256 key of this file, made if there is none; of several processes that make one at once, one wins for all.

    Raises TypeError for a key of another kind.
    """
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - see OwnIdentity.issue
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    if not file.exists():
        write_new(file, _new_pem())
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError(f"{file} holds no P-256 key: delete it, and a new one is made")
    return key


def _new_pem() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - see OwnIdentity.issue
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_new(file: Path, content: bytes) -> None:
    """Whole or not at all, for the owner's eyes only, and never over one that is there."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        file.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def jwk_of(key: EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half as a JWK, named by its thumbprint (RFC 7638)."""
    import hashlib  # noqa: PLC0415

    from jwt.algorithms import ECAlgorithm  # noqa: PLC0415 - see OwnIdentity.issue
    from jwt.utils import base64url_encode  # noqa: PLC0415

    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    core = {name: str(public[name]) for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(core, sort_keys=True, separators=(",", ":")).encode()).digest()
    return {**core, "kid": base64url_encode(digest).decode(), "use": "sig", "alg": ALGORITHM}
