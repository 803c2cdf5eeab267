"""A customer's stored consent that an agent pays in their name: how far it goes, what it has paid, where it stands.

Pure: every moment is given. A mandate holds the sum of what it has paid; each order that it has paid is an entry of its
own beside it, and both are written together (mandate_book.py), so that the sum is always that of its live orders.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from shared.flows import Refusal
from shared.money.amounts import Money, PositiveMoney
from shared.records import Container, Record
from shared.wire import Plain

if TYPE_CHECKING:
    from shared.people.access import Caller, Verdict

MandateStatus = Literal["active", "exhausted", "expired", "revoked"]
MandateFact = Literal["spend", "exhaust", "restore", "lower", "expire", "revoke"]
MandateScope = Literal["orders:write", "intents:write"]
"""What an agent may pay for: orders that it places, orders that come of standing intents that it has set up."""

MOVES: dict[tuple[MandateStatus, MandateFact], MandateStatus] = {
    ("active", "spend"): "active",
    ("active", "exhaust"): "exhausted",
    ("active", "restore"): "active",
    ("active", "lower"): "active",
    ("active", "expire"): "expired",
    ("active", "revoke"): "revoked",
    ("exhausted", "lower"): "exhausted",
    ("exhausted", "restore"): "active",
    ("exhausted", "exhaust"): "exhausted",
    ("exhausted", "expire"): "expired",
    ("exhausted", "revoke"): "revoked",
    # What is over stays over, but an order may still be taken back; and whoever revokes is to read that it is revoked.
    ("expired", "restore"): "expired",
    ("expired", "expire"): "expired",
    ("expired", "revoke"): "revoked",
    ("revoked", "restore"): "revoked",
    ("revoked", "expire"): "revoked",
    ("revoked", "revoke"): "revoked",
}
"""Every other pair raises ImpossibleMove."""

ASKABLE = frozenset({"over_order_cap", "over_what_is_left"})
"""Refusals that the customer can lift for one order, by a yes in person."""


class ImpossibleMove(Exception):
    """A mandate does not go there from where it stands; the message says so to a person."""


class NotLower(ValueError):
    """A limit that is to be raised, or cannot be kept; field is its name."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Merchant(Plain):
    """A partner whom the agent may pay; name: as it was when the mandate was given."""

    id: str
    name: str


class Mandate(Plain):
    """One consent: this customer lets this agent pay.

    merchants: none named, and any will do. method: what is charged, a method of the payment provider's. spent: what its
    live orders cost together, never more than total_max; orders: how many they are. All amounts are of one currency.
    """

    kind: Literal["mandate"] = "mandate"
    id: str
    customer: str
    agent: str
    scopes: tuple[MandateScope, ...]
    per_order_max: Money
    total_max: Money
    merchants: tuple[Merchant, ...] = ()
    method: str
    expires_at: AwareDatetime
    status: MandateStatus = "active"
    spent: Money
    orders: int = 0
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None

    @property
    def left(self) -> Money:
        """What may still be spent."""
        return self.total_max - self.spent


class Paid(Plain):
    """What a mandate has to do with one order; not live: it was taken back, and is never paid again by this mandate."""

    kind: Literal["paid"] = "paid"
    order: str
    amount: Money
    is_live: bool
    at: AwareDatetime


class MandateEntry(Record):
    """A mandate, or an order that it has paid: in one partition, that of the mandate, so that they change together."""

    mandate: str
    customer: str | None = None
    agent: str | None = None
    created_at: AwareDatetime
    body: Annotated[Mandate | Paid, Field(discriminator="kind")]


MANDATES = Container("mandates", MandateEntry, "mandate", indexes=("customer,created_at", "customer,agent,created_at"))


class Spending(Plain):
    """An order that a mandate is to pay; agent: None where the customer orders in person.

    merchants: the ids of the partners whom something is bought from.
    """

    mandate: str
    order: str
    customer: str
    agent: str | None
    merchants: tuple[str, ...]
    amount: PositiveMoney
    scope: MandateScope = "orders:write"


class Ruling(NamedTuple):
    """What becomes of an order by a mandate; reason: a stable word, and detail: for a person, unless it is allowed."""

    verdict: Verdict
    reason: str = ""
    detail: str = ""


def as_of(mandate: Mandate, now: datetime) -> Mandate:
    """The mandate as it stands at a moment."""
    return moved(mandate, "expire") if now >= mandate.expires_at else mandate


def moved(mandate: Mandate, fact: MandateFact, **more: Any) -> Mandate:
    """The mandate after a fact; raises ImpossibleMove."""
    status = MOVES.get((mandate.status, fact))
    if status is None:
        raise ImpossibleMove(f"The mandate is {mandate.status}: there is nothing to {fact}.")
    return mandate.model_copy(update={"status": status, **more})


def refusal(mandate: Mandate, spending: Spending, now: datetime) -> Refusal | None:
    """Why a mandate does not pay for an order by itself; None where it does.

    Reasons: wrong_agent, revoked, expired, wrong_scope, wrong_currency, merchant_not_allowed, over_order_cap,
    over_what_is_left.
    """
    it, amount = as_of(mandate, now), spending.amount
    if spending.customer != it.customer or spending.agent not in {None, it.agent}:
        return Refusal("wrong_agent", "The mandate was given to somebody else.")
    if it.status == "revoked":
        return Refusal("revoked", "The customer has revoked the mandate.")
    if it.status == "expired":
        return Refusal("expired", f"The mandate has expired on {it.expires_at.astimezone(UTC):%Y-%m-%d at %H:%M} UTC.")
    if spending.scope not in it.scopes:
        return Refusal("wrong_scope", f"The mandate is for {' and '.join(it.scopes)}, not for {spending.scope}.")
    if amount.currency != it.total_max.currency:
        return Refusal("wrong_currency", f"The mandate is in {it.total_max.currency}, the order in {amount.currency}.")
    if it.merchants and set(spending.merchants) - {one.id for one in it.merchants}:
        # Not named: a bundle may hide who is in it.
        return Refusal("merchant_not_allowed", "Something is bought from a partner that the mandate does not allow.")
    if amount > it.per_order_max:
        return Refusal("over_order_cap", f"{amount} is more than the {it.per_order_max} of one order.")
    if amount > it.left:
        return Refusal("over_what_is_left", f"{amount} is more than the {it.left} that are left of {it.total_max}.")
    return None


def decide(
    mandate: Mandate,
    caller: Caller,
    merchants: Collection[str],
    total: Money,
    now: datetime,
    scope: MandateScope = "orders:write",
) -> Ruling:
    """Whether an order of this total is paid by the mandate alone, after the customer's yes in person, or not at all.

    Alone within the mandate's caps and all limits of agents (access.order_verdict). Over a cap or a limit the customer
    is asked. Raises ValueError for a total that is not above zero.
    """
    from shared.people.access import Verdict, order_verdict  # noqa: PLC0415  with the first order, not with the app

    asked = Spending(
        mandate=mandate.id,
        order="",
        customer=caller.acting_for or caller.subject,
        agent=caller.subject if caller.is_agent else None,
        merchants=tuple(merchants),
        amount=total,
        scope=scope,
    )
    no = refusal(mandate, asked, now)
    if no and no.reason not in ASKABLE:
        return Ruling(Verdict.REFUSED, *no)
    verdict = order_verdict(caller, total.minor, total.currency)
    if verdict is Verdict.REFUSED:
        return Ruling(verdict, "over_agent_limit", f"{total} is more than an agent may order.")
    if no:
        return Ruling(Verdict.NEEDS_APPROVAL, *no)
    if verdict is Verdict.NEEDS_APPROVAL:
        return Ruling(verdict, "over_alone_limit", f"{total} is more than an agent may order alone.")
    return Ruling(Verdict.ALLOWED)


def spent(mandate: Mandate, before: Paid | None, spending: Spending, now: datetime) -> tuple[Mandate, Paid] | Refusal:
    """The mandate and its entry once an order is paid by it; before: the entry that is there.

    The same again changes nothing, even where the mandate is over meanwhile. An order that was taken back is not paid
    again, so that an attempt which comes too late takes nothing. Refuses as `refusal` says, and for already_paid (with
    another amount) and taken_back.
    """
    if before and not before.is_live:
        return Refusal("taken_back", "The order was taken back.")
    if before and before.amount != spending.amount:
        return Refusal("already_paid", f"The mandate has paid {before.amount} for the order; ask for another with it.")
    if before:
        return mandate, before
    if no := refusal(mandate, spending, now):
        return no
    total = mandate.spent + spending.amount
    fact: MandateFact = "spend" if total < mandate.total_max else "exhaust"
    after = moved(mandate, fact, spent=total, orders=mandate.orders + 1, last_used_at=now)
    return after, Paid(order=spending.order, amount=spending.amount, is_live=True, at=now)


def unspent(mandate: Mandate, before: Paid | None, spending: Spending, now: datetime) -> tuple[Mandate, Paid]:
    """The mandate and its entry once an order is taken back; one that was never paid is kept from being paid later."""
    if before is None:
        return mandate, Paid(order=spending.order, amount=spending.amount.zero(), is_live=False, at=now)
    if not before.is_live:
        return mandate, before
    after = moved(mandate, "restore", spent=mandate.spent - before.amount, orders=mandate.orders - 1)
    return after, before.model_copy(update={"is_live": False})


def revoked(mandate: Mandate, now: datetime) -> Mandate:
    """The mandate revoked; a second time changes nothing."""
    if mandate.status == "revoked":
        return mandate
    return moved(mandate, "revoke", revoked_at=now)


def lowered(
    mandate: Mandate,
    now: datetime,
    *,
    per_order_max: Money | None = None,
    total_max: Money | None = None,
    expires_at: datetime | None = None,
) -> Mandate:
    """The mandate with narrower limits, None leaves one as it is; an order never costs more than all together.

    Raises NotLower for a limit that is higher than it stands, in another currency, below what is spent or in the past,
    and ImpossibleMove for a mandate that is over.
    """
    it = moved(as_of(mandate, now), "lower")
    total = _lower("total_max", total_max, it.total_max)
    if total < it.spent:
        raise NotLower("total_max", f"{it.spent} are spent already; set no less, or revoke the mandate.")
    if expires_at is not None and not now < expires_at <= it.expires_at:
        raise NotLower("expires_at", f"Between now and {it.expires_at.isoformat()}; to end it now, revoke it.")
    order = min(_lower("per_order_max", per_order_max, it.per_order_max), total)
    narrower = {"per_order_max": order, "total_max": total, "expires_at": expires_at or it.expires_at}
    return moved(it, "lower" if it.spent < total else "exhaust", **narrower)


def _lower(field: str, wanted: Money | None, present: Money) -> Money:
    if wanted is None:
        return present
    if wanted.currency != present.currency:
        raise NotLower(field, f"The mandate is in {present.currency}.")
    if wanted > present:
        raise NotLower(field, f"It is {present}, and can only be lowered; for more, give a new mandate.")
    return wanted
