"""The embedded signer: ES256 with a P-256 key of the app's own, from a file or from a setting."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.adapters.identity_own import ALGORITHM, header_of, jwk_of, key_in, signed_claims
from shared.people.access import BadToken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

KEY_FILE = "signing-key.pem"


class OwnSigner:
    """Satisfies shared.ports.Signer."""

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key
        self._jwk = jwk_of(key)

    @classmethod
    def in_folder(cls, folder: Path) -> OwnSigner:
        """With the key of this folder, which is made at the first start; raises TypeError for a key of another kind."""
        return cls(key_in(folder / KEY_FILE))

    @classmethod
    def with_key(cls, text: str) -> OwnSigner:
        """With a private key in PKCS #8, DER in base64; raises ValueError."""
        return cls(_key_of(text))

    async def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        return {"keys": [dict(self._jwk)]}

    async def sign(self, kind: str, claims: Mapping[str, Any]) -> str:
        """The claims as a compact JWS; kind: the `typ` of its header."""
        import jwt  # noqa: PLC0415  it costs 70 ms, and only those who sign or check need it

        return jwt.encode(dict(claims), self._key, algorithm=ALGORITHM, headers={"kid": self._jwk["kid"], "typ": kind})

    async def claims_of(self, kind: str, token: str) -> dict[str, Any]:
        """The claims of a token of this kind that we have signed; raises BadToken."""
        header = header_of(token)
        if header.get("kid") != self._jwk["kid"] or header.get("typ") != kind:
            raise BadToken(f"the token is not a {kind} of ours")
        return signed_claims(token, self._key.public_key(), ALGORITHM)


def _key_of(text: str) -> EllipticCurvePrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  see OwnSigner.sign
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415

    try:
        key = load_der_private_key(base64.b64decode(text, validate=True), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("it is no private key in PKCS #8, DER in base64") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("it is no key of the curve P-256")
