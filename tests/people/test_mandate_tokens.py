"""A mandate's consent token: AP2's claims, our signature, and the way back to the mandate."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from shared.adapters.signer_own import OwnSigner
from shared.money.amounts import Money
from shared.people.access import BadToken
from shared.people.mandate_tokens import KIND, claims_of, mandate_id_of, token_of
from shared.people.mandates import Mandate, Merchant

SCHEMAS = Path(os.environ.get("AP2_SCHEMAS", "ap2-schemas"))
"""AP2's published schemas (github.com/google-agentic-commerce/AP2, code/sdk/schemas/ap2), where somebody has them."""
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOP = Merchant(id="rosie-and-thorn", name="Rosie & Thorn")
BINDING = {
    "cnf": {"jwk": {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}},
    "constraints": {"type": "payment.reference", "conditional_transaction_id": "A4wG4B"},
}


def mandate(*merchants: Merchant, currency: str = "USD", agent: str = "gemini") -> Mandate:
    return Mandate(
        id="m1",
        customer="ann",
        agent=agent,
        scopes=("orders:write", "intents:write"),
        per_order_max=Money(minor=12_345, currency=currency),
        total_max=Money(minor=50_050, currency=currency),
        merchants=merchants,
        method="pm_card_secret",
        expires_at=NOON + timedelta(days=30),
        spent=Money(minor=0, currency=currency),
        created_at=NOON,
    )


@pytest.fixture
def signer(tmp_path: Path) -> OwnSigner:
    return OwnSigner.in_folder(tmp_path)


def resolved(text: str, signer: OwnSigner, now: datetime = NOON) -> str:
    return asyncio.run(mandate_id_of(text, signer, now))


def test_the_claims_say_who_may_be_paid_how_much_and_until_when() -> None:
    claims = claims_of(mandate(SHOP))
    by_kind = {one["type"]: one for one in claims["constraints"]}
    assert claims["vct"] == "mandate.payment.open.1"
    assert claims["jti"] == "m1"
    assert claims["scope"] == "orders:write intents:write"
    assert (claims["iat"], claims["exp"]) == (1_772_452_800, 1_772_452_800 + 30 * 86_400)
    assert by_kind["payment.amount_range"] == {"type": "payment.amount_range", "currency": "USD", "max": 12_345}
    assert by_kind["payment.budget"] == {"type": "payment.budget", "currency": "USD", "max": 500.5}
    assert by_kind["payment.allowed_payees"]["allowed"] == [{"id": "rosie-and-thorn", "name": "Rosie & Thorn"}]
    assert "payment.allowed_payees" not in {one["type"] for one in claims_of(mandate())["constraints"]}
    assert "ann" not in json.dumps(claims)
    assert "secret" not in json.dumps(claims)


@pytest.mark.parametrize(("currency", "budget"), [("JPY", 50_050), ("USD", 500.5), ("KWD", 50.05)])
def test_a_budget_is_in_whole_units_whatever_the_currency(currency: str, budget: float) -> None:
    (found,) = [one for one in claims_of(mandate(currency=currency))["constraints"] if one["type"] == "payment.budget"]
    assert found["max"] == budget


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="AP2's schemas are not here; AP2_SCHEMAS names their folder")
@pytest.mark.parametrize("merchants", [(), (SHOP,)])
def test_the_claims_are_ap2_s_but_for_what_binds_them_to_one_agent_s_key_and_one_checkout(merchants: Any) -> None:
    parts = [json.loads(file.read_text("utf-8")) for file in SCHEMAS.glob("types/*.json")]
    registry = Registry().with_resources((part["$id"], Resource.from_contents(part)) for part in parts)
    schema = json.loads((SCHEMAS / "open_payment_mandate.json").read_text("utf-8"))
    checker = Draft202012Validator(schema, registry=registry)
    claims = claims_of(mandate(*merchants))
    missing = {(error.validator, tuple(error.path)) for error in checker.iter_errors(claims)}
    assert missing == {("required", ()), ("contains", ("constraints",))}
    bound = {**claims, "cnf": BINDING["cnf"], "constraints": [*claims["constraints"], BINDING["constraints"]]}
    assert [error.message for error in checker.iter_errors(bound)] == []


def test_a_token_leads_to_its_mandate_and_so_does_the_id(signer: OwnSigner) -> None:
    token = asyncio.run(token_of(mandate(SHOP), signer))
    assert resolved(token, signer) == resolved("m1", signer) == "m1"
    assert resolved(token, signer, NOON + timedelta(days=30, seconds=-1)) == "m1"
    with pytest.raises(BadToken, match="expired"):
        resolved(token, signer, NOON + timedelta(days=30))


def test_everybody_can_check_it_by_the_published_key(signer: OwnSigner) -> None:
    token = asyncio.run(token_of(mandate(SHOP), signer))
    (jwk,) = asyncio.run(signer.jwks())["keys"]
    read = jwt.decode(token, jwt.PyJWK(jwk), options={"verify_exp": False, "verify_iat": False})
    assert read == claims_of(mandate(SHOP))
    assert jwt.get_unverified_header(token)["typ"] == KIND


@pytest.mark.parametrize("text", ["", " ", "a/b", "a b\n", "x" * 300, "a.b", "a.b.c", "..", "." * 9_000, "é.é.é"])
def test_what_is_neither_is_refused(signer: OwnSigner, text: str) -> None:
    with pytest.raises(BadToken):
        resolved(text, signer)
