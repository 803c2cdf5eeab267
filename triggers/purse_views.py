"""Whose money a caller asks after, and what waits to be paid out to them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from pydantic import AwareDatetime, Field

from shared.changing import kept
from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.money.accounts import BadAccount, account
from shared.money.amounts import Money
from shared.money.payees import PAYEES, Payee
from shared.money.payouts import PAYOUTS, Payout, Status
from shared.money.purses import is_payee
from shared.people.access import Caller, Need, Role, scopes_of
from shared.records import PAGE_MAX, Query
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.parse import Input, Output

KINDS = {Role.PARTNER: "vendor", Role.HUB: "hub", Role.WORKER: "worker"}
"""Role → the kind of account that it is paid to."""
READER = Need(roles=frozenset({*KINDS, Role.ADMIN}), scopes=frozenset({"finance:read"}))
OWNER = Need(roles=frozenset(KINDS), scopes=frozenset({"finance:write"}))


class AccountQuery(Input):
    """account: whose, such as `vendor:rosie-and-thorn`; one's own where none is named."""

    account: str | None = Field(default=None, max_length=200)


class WaitingPayout(Output):
    """A sum that is not at the payee's yet; reason: why, where something is in the way."""

    order: str
    leg: str
    amount: Money
    status: Status
    reason: str
    since: AwareDatetime


def whose(named: str | None, caller: Caller, about: About, *, is_write: bool = False) -> str:
    """The account that is asked for, if it is the caller's own, or staff ask; else nobody learns whether there is one.

    Where somebody is paid is for nobody else to say, be it staff. Raises AppError.
    """
    own = [account(kind, caller.subject) for role, kind in KINDS.items() if role in caller.roles]
    if named is None and not own:
        message = "Name an account, such as vendor:rosie-and-thorn."
        raise AppError(INVALID, f"query.account: {message}", [FieldError("query.account", message)])
    asked = own[0] if named is None else named
    is_staff = "operations:read" in scopes_of(caller) and not is_write
    with suppress(BadAccount):
        if asked in own or (is_staff and is_payee(asked)):
            return asked
    audit.refused_object(caller, "the money of others", about)
    raise AppError(NOT_FOUND, "There is no such account, or it is not yours to see.")


async def payee_of(account_: str, deps: Deps, about: About) -> Payee:
    """How an account is paid."""
    stored = await deps.store.get(PAYEES, account_, account_)
    return stored.value if stored else Payee(id=account_, updated_at=about.now)


async def change_payee(account_: str, deps: Deps, about: About, change: Callable[[Payee], Payee]) -> Payee:
    """Change how an account is paid. Raises Unavailable."""

    def paid(known: Payee | None) -> Payee:
        before = known or Payee(id=account_, updated_at=about.now)
        return change(before).model_copy(update={"updated_at": about.now})

    after = await kept(deps.store, PAYEES, account_, account_, paid)
    assert after is not None
    return after


async def waiting_of(account_: str, deps: Deps) -> list[WaitingPayout]:
    """What is not at the payee's yet, PAGE_MAX sums at most."""
    query = Query({"status": {"in": ["waiting", "sending", "sent"]}}, account_, limit=PAGE_MAX)
    return [_waiting(stored.value) for stored in (await deps.store.query(PAYOUTS, query)).items]


def _waiting(payout: Payout) -> WaitingPayout:
    return WaitingPayout(
        order=payout.order,
        leg=payout.leg,
        amount=payout.due,
        status=payout.status,
        reason=payout.reason,
        since=payout.created_at,
    )
