"""A mandate's consent token: what an agent shows for it, a JWS signed by the app, with the claims of an AP2 mandate.

The claims are those of an open payment mandate (https://ap2-protocol.org/ap2/payment_mandate/) without the two that
bind it to an agent's key (`cnf`) and to one checkout (`payment.reference`): the agent proves who it is by its access
token, and the mandate is for many orders. The token names the mandate; what holds is the record.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.money.currencies import MINOR_DIGITS
from shared.people.access import BadToken
from shared.people.mandates import Mandate
from shared.records import is_id

if TYPE_CHECKING:
    from shared.ports import Signer

KIND = "mandate+jwt"
VCT = "mandate.payment.open.1"
ISSUER = "urn:universal-service-orchestrator:mandates"


async def token_of(mandate: Mandate, signer: Signer) -> str:
    """The consent token of a mandate as it stands."""
    return await signer.sign(KIND, claims_of(mandate))


async def mandate_id_of(text: str, signer: Signer, now: datetime) -> str:
    """The mandate that is named by its id or by its token; raises BadToken for one that is not ours, or has expired."""
    if "." not in text:
        if not is_id(text):
            raise BadToken("it is neither the id of a mandate nor its token")
        return text
    claims = await signer.claims_of(KIND, text)
    if now.timestamp() >= claims["exp"]:
        raise BadToken("the mandate's token has expired")
    return str(claims["jti"])


def claims_of(mandate: Mandate) -> dict[str, Any]:
    """The claims; in AP2 the amount of one order is in minor units, the budget in whole units of the currency."""
    currency = mandate.total_max.currency
    constraints: list[dict[str, Any]] = [
        {"type": "payment.amount_range", "currency": currency, "max": mandate.per_order_max.minor},
        {"type": "payment.agent_recurrence", "frequency": "ON_DEMAND"},
        {
            "type": "payment.budget",
            "currency": currency,
            "max": mandate.total_max.minor / 10 ** MINOR_DIGITS[currency],
        },
    ]
    if mandate.merchants:
        allowed = [{"id": merchant.id, "name": merchant.name} for merchant in mandate.merchants]
        constraints.append({"type": "payment.allowed_payees", "allowed": allowed})
    return {
        "vct": VCT,
        "iss": ISSUER,
        "jti": mandate.id,
        "scope": " ".join(mandate.scopes),
        "constraints": constraints,
        "iat": int(mandate.created_at.timestamp()),
        "exp": int(mandate.expires_at.timestamp()),
    }
