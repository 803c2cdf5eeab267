"""How an order is paid: the customer's own method, or the mandate that an agent was given; and who decides on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import Field, model_validator

from shared.errors import FORBIDDEN, INVALID, NOT_FOUND, AppError, FieldError
from shared.money.amounts import Money
from shared.people.access import BadToken, Caller, Verdict, order_verdict
from shared.people.customers import CUSTOMERS
from shared.wiring import Deps
from triggers.about import About
from triggers.parse import Input

if TYPE_CHECKING:
    from shared.people.mandates import Mandate, MandateScope


class Paying(Input):
    """A method of the payment provider's, or a mandate: its id or its consent token."""

    method: str | None = Field(default=None, min_length=1, max_length=255)
    mandate: str | None = Field(default=None, min_length=1, max_length=4_000)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.method is None) == (self.mandate is None):
            raise ValueError("send method or mandate, one of them")
        return self


class Payment(NamedTuple):
    """method: what is charged; mandate: what it counts against; asks: whether the customer is to be asked first."""

    method: str
    mandate: str | None
    asks: bool


async def payment_of(
    paying: Paying, caller: Caller, merchants: tuple[str, ...], total: Money, deps: Deps, about: About
) -> Payment:
    """How this order is paid; raises AppError where this caller may not pay it so.

    What the customer is asked for in person counts against no mandate: it is their own order then.
    """
    asks = await _asks(caller, total, deps)
    if paying.method is not None:
        return Payment(paying.method, None, asks)
    return await _by_mandate(paying.mandate or "", caller, merchants, total, deps, about)


async def _asks(caller: Caller, total: Money, deps: Deps) -> bool:
    if not caller.is_agent or caller.acting_for is None:
        return False
    kept = await deps.store.get(CUSTOMERS, caller.acting_for, caller.acting_for)
    limits = kept.value.consent.limits if kept else None
    verdict = order_verdict(caller, total.minor, total.currency, limits)
    if verdict is Verdict.REFUSED:
        raise AppError(FORBIDDEN, f"{total} is more than an agent may order.")
    return verdict is Verdict.NEEDS_APPROVAL


async def mandate_of(
    text: str, caller: Caller, deps: Deps, about: About, *, scope: MandateScope, at_least: Money | None
) -> Mandate:
    """The mandate that is to pay later; raises AppError where it could not, as it stands now, for even so much."""
    from shared.people import mandates  # noqa: PLC0415  with the first mandate, not with the room

    mandate = await _found(text, caller, deps, about)
    named = tuple(one.id for one in mandate.merchants[:1])
    total = at_least or Money(minor=1, currency=mandate.total_max.currency)
    ruling = mandates.decide(mandate, caller, named, total, about.now, scope)
    if ruling.verdict is Verdict.REFUSED:
        raise AppError(NOT_FOUND if ruling.reason == "wrong_agent" else FORBIDDEN, ruling.detail)
    return mandate


async def _by_mandate(
    text: str, caller: Caller, merchants: tuple[str, ...], total: Money, deps: Deps, about: About
) -> Payment:
    from shared.people import mandates  # noqa: PLC0415  with the first mandate, not with the room

    mandate = await _found(text, caller, deps, about)
    ruling = mandates.decide(mandate, caller, merchants, total, about.now)
    if ruling.verdict is Verdict.REFUSED:
        raise AppError(NOT_FOUND if ruling.reason == "wrong_agent" else FORBIDDEN, ruling.detail)
    asks = ruling.verdict is Verdict.NEEDS_APPROVAL or await _asks(caller, total, deps)
    return Payment(mandate.method, None if asks else mandate.id, asks)


async def _found(text: str, caller: Caller, deps: Deps, about: About) -> Mandate:
    """The mandate of an id or a consent token, if it is this customer's; raises AppError."""
    from shared.people import mandate_book  # noqa: PLC0415  as above
    from shared.people.mandate_tokens import mandate_id_of  # noqa: PLC0415

    field = "body.payment.mandate"
    try:
        mandate = await mandate_book.find(deps.store, await mandate_id_of(text, deps.signer, about.now))
    except BadToken as bad:
        raise AppError(INVALID, f"{field}: {bad}", [FieldError(field, str(bad))]) from None
    if mandate is None or mandate.customer != (caller.acting_for or caller.subject):
        raise AppError(NOT_FOUND, "There is no such mandate, or it is not yours to pay by.")
    return mandate
