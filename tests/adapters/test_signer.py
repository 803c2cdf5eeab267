"""What the app signs is known again by whoever has the key, as what it was signed as, and as nothing else."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.adapters.signer_own import KEY_FILE, OwnSigner
from shared.people.access import BadToken
from shared.settings import Settings, SettingsError
from shared.wiring import Deps

CLAIMS = {"jti": "m1", "exp": 10, "much": [1, {"a": "é"}]}


def key_text(key: Any) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


KEY = key_text(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def signer(tmp_path: Path) -> OwnSigner:
    return OwnSigner.in_folder(tmp_path)


def signed(signer: OwnSigner, kind: str = "mandate+jwt") -> str:
    return asyncio.run(signer.sign(kind, CLAIMS))


def read(signer: OwnSigner, token: str, kind: str = "mandate+jwt") -> dict[str, Any]:
    return asyncio.run(signer.claims_of(kind, token))


def test_what_was_signed_is_read_again_whatever_its_times(signer: OwnSigner) -> None:
    assert read(signer, signed(signer)) == CLAIMS


def test_the_key_of_a_folder_outlives_the_process_and_is_the_owner_s_alone(tmp_path: Path) -> None:
    first, second = OwnSigner.in_folder(tmp_path / "a"), OwnSigner.in_folder(tmp_path / "a")
    assert read(second, signed(first)) == CLAIMS
    assert (tmp_path / "a" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadToken):
        read(OwnSigner.in_folder(tmp_path / "b"), signed(first))


def test_a_given_key_is_the_same_on_every_instance(tmp_path: Path) -> None:
    here, there = (Deps(Settings(data_dir=str(tmp_path / one), signer="key", signer_key=KEY)) for one in "ab")
    token = asyncio.run(here.signer.sign("mandate+jwt", CLAIMS))
    assert asyncio.run(there.signer.claims_of("mandate+jwt", token)) == CLAIMS
    assert not (tmp_path / "a" / "signer").exists()


@pytest.mark.parametrize(
    "text",
    [
        "no base64",
        base64.b64encode(b"no key").decode(),
        key_text(ec.generate_private_key(ec.SECP384R1())),
        key_text(ed25519.Ed25519PrivateKey.generate()),
    ],
    ids=["no base64", "no key", "another curve", "another kind"],
)
def test_what_is_no_key_is_told_by_the_name_of_the_setting_and_not_shown(tmp_path: Path, text: str) -> None:
    house = Deps(Settings(data_dir=str(tmp_path), signer="key", signer_key=text))
    with pytest.raises(SettingsError, match="SIGNER_KEY: it is no") as said:
        _ = house.signer
    assert text not in str(said.value)


def test_a_token_of_one_kind_is_none_of_another(signer: OwnSigner) -> None:
    with pytest.raises(BadToken, match="not a mandate"):
        read(signer, signed(signer, "at+jwt"))


def test_nothing_changed_forged_or_unsigned_is_read(signer: OwnSigner) -> None:
    header, body, signature = signed(signer).split(".")
    (jwk,) = asyncio.run(signer.jwks())["keys"]
    other = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "jti": "m2"}).encode()).rstrip(b"=").decode()
    headers = {"kid": jwk["kid"], "typ": "mandate+jwt"}
    forged = [
        f"{header}.{other}.{signature}",
        f"{header}.{body}.",
        f"{header}.{body}.{signature[::-1]}",
        jwt.encode(CLAIMS, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers=headers),
        jwt.encode(CLAIMS, jwk["x"] + jwk["y"], algorithm="HS256", headers=headers),
        jwt.encode(CLAIMS, None, algorithm="none", headers=headers),
        "x" * 10_000,
        "",
    ]
    for token in forged:
        with pytest.raises(BadToken):
            read(signer, token)


def test_the_public_key_alone_is_shown(signer: OwnSigner) -> None:
    (jwk,) = asyncio.run(signer.jwks())["keys"]
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
