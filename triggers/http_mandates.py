"""Routes: mandates: which agents may pay in a customer's name, within what, and what they have spent of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field

from shared.discovery.partners import PARTNERS, PartnerId
from shared.errors import CHANGED, CONFLICT, INVALID, NOT_FOUND, AppError, FieldError
from shared.money.amounts import Money, PositiveMoney
from shared.people import mandate_book
from shared.people.access import LIMIT_CURRENCY, ORDER_MAX_MINOR, PUBLIC, Caller, Need, Role, owns
from shared.people.mandate_tokens import token_of
from shared.people.mandates import (
    ImpossibleMove,
    Mandate,
    MandateScope,
    MandateStatus,
    Merchant,
    NotLower,
    as_of,
    lowered,
    revoked,
)
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Output, Paging, When

routes = Routes("mandates")
GRANTER = Need(roles=frozenset({Role.CUSTOMER}), scopes=frozenset({"mandates:write"}))
READER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"mandates:read"}))
MERCHANTS_MAX = 20
LIFE_DAYS_MAX = 366
BODY_BYTES_MAX = 20_000
NOT_THERE = "There is no such mandate, or it is not yours to see."


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("printable characters alone")
    return text


def _held(amount: Money) -> Money:
    if amount.currency != LIMIT_CURRENCY:
        raise ValueError(f"what agents pay is limited in {LIMIT_CURRENCY} alone; set `currency` to that")
    return amount


Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_plain)]
Cap = Annotated[PositiveMoney, AfterValidator(_held)]


class PaidBy(Input):
    """How it is paid: a method of the payment provider's."""

    method: Name


class Grant(Input):
    """What an agent may pay for: by order and in all, until when, from whom (nobody named: from anybody)."""

    agent: Name
    scopes: list[MandateScope] = Field(default=["orders:write"], min_length=1, max_length=2)
    per_order_max: Cap
    total_max: Cap
    expires_at: When
    merchants: list[PartnerId] = Field(default_factory=list, max_length=MERCHANTS_MAX)
    payment: PaidBy


class Narrower(Input):
    """Limits to be lowered; what is left out stays as it is."""

    per_order_max: Cap | None = None
    total_max: Cap | None = None
    expires_at: When | None = None


class PaidByView(Output):
    """What is charged."""

    method: str


class MandateView(Output):
    """A mandate and what was made of it; payment: for the customer's eyes alone."""

    id: str
    agent: str
    status: MandateStatus
    scopes: list[MandateScope]
    per_order_max: Money
    total_max: Money
    spent: Money
    left: Money
    orders: int
    merchants: list[Merchant]
    expires_at: AwareDatetime
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    payment: PaidByView | None


class Granted(MandateView):
    """A mandate with its consent token, a JWS with the claims of an AP2 open payment mandate: for the agent."""

    token: str


class MandateList(Output):
    """Mandates, newest first."""

    items: list[MandateView]
    next: str | None


@routes.post("/api/v1/mandates", need=GRANTER, status=201, is_idempotent=True, body_bytes_max=BODY_BYTES_MAX)
async def grant_mandate(body: Grant, caller: Caller, deps: Deps, about: About) -> Answer[Granted]:
    """Let an agent pay in one's name, within limits, until it is revoked; the answer has the agent's consent token."""
    _check(body, about)
    mandate = Mandate(
        id=work_id(about, caller.subject, "mandate"),
        customer=caller.subject,
        agent=body.agent,
        scopes=tuple(dict.fromkeys(body.scopes)),
        per_order_max=body.per_order_max,
        total_max=body.total_max,
        merchants=await _merchants(body.merchants, deps),
        method=body.payment.method,
        expires_at=body.expires_at,
        spent=body.total_max.zero(),
        created_at=about.now,
    )
    kept = await mandate_book.add(deps.store, mandate)
    return Answer(await _granted(kept, caller, deps, about), location=f"/api/v1/mandates/{kept.id}")


@routes.get("/api/v1/mandates", need=READER)
async def list_mandates(query: Paging, caller: Caller, deps: Deps, about: About) -> MandateList:
    """Which agents may pay in one's name, what they have spent, what is left; for an agent, its own."""
    customer, agent = (caller.acting_for or "", caller.subject) if caller.is_agent else (caller.subject, None)
    found, after = await mandate_book.page_of(deps.store, customer, agent, limit=query.limit, after=query.after)
    return MandateList(items=[MandateView(**_shown(one, caller, about)) for one in found], next=after)


@routes.get("/api/v1/mandates/{mandate_id}", need=READER)
async def get_mandate(mandate_id: str, caller: Caller, deps: Deps, about: About) -> MandateView:
    """One mandate, for its customer and its agent."""
    return MandateView(**_shown(await _mandate(mandate_id, caller, deps, about), caller, about))


@routes.patch("/api/v1/mandates/{mandate_id}", need=GRANTER, errors=(CHANGED, CONFLICT), body_bytes_max=BODY_BYTES_MAX)
async def lower_mandate(mandate_id: str, body: Narrower, caller: Caller, deps: Deps, about: About) -> Granted:
    """Lower what an agent may pay, or for how long; it counts at once, for tokens that are out there too."""
    await _mandate(mandate_id, caller, deps, about)
    limits = {name: getattr(body, name) for name in Narrower.model_fields}
    try:
        after = await mandate_book.change(deps.store, mandate_id, lambda there: lowered(there, about.now, **limits))
    except NotLower as no:
        raise _refused(no.field, str(no)) from None
    except ImpossibleMove as no:
        raise AppError(CONFLICT, str(no)) from None
    return await _granted(after, caller, deps, about)


@routes.post("/api/v1/mandates/{mandate_id}/revoke", need=GRANTER, errors=(CHANGED,))
async def revoke_mandate(mandate_id: str, caller: Caller, deps: Deps, about: About) -> MandateView:
    """Take it back: from now on nothing is paid by it. A second time changes nothing."""
    await _mandate(mandate_id, caller, deps, about)
    after = await mandate_book.change(deps.store, mandate_id, lambda there: revoked(there, about.now))
    return MandateView(**_shown(after, caller, about))


@routes.get("/.well-known/jwks.json", need=PUBLIC, is_enveloped=False)
async def signing_keys(deps: Deps) -> dict[str, list[dict[str, str]]]:
    """The public keys by which consent tokens can be checked (RFC 7517)."""
    return await deps.signer.jwks()


def _check(body: Grant, about: About) -> None:
    """What one field says of another; raises AppError."""
    if body.per_order_max.minor > ORDER_MAX_MINOR:
        most = Money(minor=ORDER_MAX_MINOR, currency=LIMIT_CURRENCY)
        raise _refused("per_order_max", f"No agent may order for more than {most}.")
    if body.per_order_max > body.total_max:
        raise _refused("per_order_max", f"It is more than the {body.total_max} of all orders together.")
    latest = about.now + timedelta(days=LIFE_DAYS_MAX)
    if not about.now < body.expires_at <= latest:
        raise _refused("expires_at", f"A mandate ends after now and by {latest.isoformat()}.")


async def _merchants(ids: list[str], deps: Deps) -> tuple[Merchant, ...]:
    """The partners of these ids by name; raises AppError for one that is not there."""
    if ids:
        await deps.catalog_ready()
    found = []
    for number, partner_id in enumerate(ids):
        stored = await deps.store.get(PARTNERS, partner_id, partner_id)
        if stored is None:
            raise _refused(f"merchants[{number}]", "There is no such partner.")
        found.append(Merchant(id=partner_id, name=stored.value.name))
    return tuple(dict.fromkeys(found))


async def _mandate(mandate_id: str, caller: Caller, deps: Deps, about: About) -> Mandate:
    """The mandate, for its customer and its agent; else nobody learns whether there is one."""
    mandate = await mandate_book.find(deps.store, mandate_id)
    if mandate is not None:
        if owns(caller, mandate.customer) and (not caller.is_agent or caller.subject == mandate.agent):
            return mandate
        audit.refused_object(caller, f"mandate {mandate_id}", about)
    raise AppError(NOT_FOUND, NOT_THERE)


async def _granted(mandate: Mandate, caller: Caller, deps: Deps, about: About) -> Granted:
    return Granted(**_shown(mandate, caller, about), token=await token_of(mandate, deps.signer))


def _shown(mandate: Mandate, caller: Caller, about: About) -> dict[str, Any]:
    """A mandate as it stands now, as the caller may see it."""
    it = as_of(mandate, about.now)
    kept = ("id", "agent", "status", "per_order_max", "total_max", "spent", "left", "orders")
    dated = ("expires_at", "created_at", "last_used_at", "revoked_at")
    return {
        **{name: getattr(it, name) for name in (*kept, *dated)},
        "scopes": list(it.scopes),
        "merchants": list(it.merchants),
        "payment": None if caller.is_agent else PaidByView(method=it.method),
    }


def _refused(field: str, message: str) -> AppError:
    """A field of the body that cannot be."""
    return AppError(INVALID, f"body.{field}: {message}", [FieldError(f"body.{field}", message)])
