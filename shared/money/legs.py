"""What an order's escrow is: its legs, the only moves they may make, and what each command came to."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.money.accounts import account
from shared.money.amounts import Currency, Money
from shared.money.commands import LegId, OrderId
from shared.money.ledger import Transfer
from shared.money.trail import Entry, Head

AUTO_RELEASE_HOURS = 48
"""How long after delivery a silent customer's legs are released; the flow that waits keeps to it."""
LEGS_MAX = 100
COMMANDS_MAX = 500

Status = Literal[
    "absent", "authorised", "voided", "expired", "held", "released", "refunded", "replaced", "disputed",
    "resolved_released", "resolved_refunded", "resolved_partly",
]  # fmt: skip
Event = Literal[
    "authorise", "capture", "void", "expire", "hold", "fill", "release", "refund", "refund_part", "pay_out",
    "pay_out_last", "replace", "dispute", "resolve_release", "resolve_refund", "resolve_partly", "resume",
]  # fmt: skip

TRANSITIONS: dict[tuple[Status, Event], Status] = {
    ("absent", "authorise"): "authorised",
    ("absent", "hold"): "held",
    ("absent", "fill"): "held",
    ("authorised", "capture"): "held",
    ("authorised", "void"): "voided",
    ("authorised", "expire"): "expired",
    ("held", "refund_part"): "held",
    ("held", "pay_out"): "held",
    ("held", "pay_out_last"): "released",
    ("held", "release"): "released",
    ("held", "refund"): "refunded",
    ("held", "replace"): "replaced",
    ("held", "dispute"): "disputed",
    ("disputed", "resolve_release"): "resolved_released",
    ("disputed", "resolve_refund"): "resolved_refunded",
    ("disputed", "resolve_partly"): "resolved_partly",
    ("disputed", "resume"): "held",
}
"""The only moves there are. `fill` and `replace` are the two sides of Reuse; the other events are named as commands."""

RefusalCode = Literal[
    "impossible_move", "more_than_held", "more_than_there_is", "shares_do_not_add_up", "currency_mismatch",
    "escrow_full",
]  # fmt: skip


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Leg(_Plain):
    """The money of one leg.

    amount = left + released + refunded + reused + paid - made_good once it was held. left: still in escrow; paid: to
    workers ahead of release, by account; made_good: put in by the platform so that it could be replaced in full.
    """

    status: Status
    amount: Money
    left: Money
    released: Money
    refunded: Money
    reused: Money
    made_good: Money
    paid: dict[str, Money] = {}
    pending_id: str | None = None


class Refusal(_Plain):
    """An expected no; reason is a sentence for a person."""

    code: RefusalCode
    reason: str


class Outcome(_Plain):
    """What a command came to: sealed ledger entries, or a refusal and none."""

    entries: tuple[Entry, ...] = ()
    refusal: Refusal | None = None

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """The entries as transfers."""
        return tuple(Transfer.model_validate(entry.content) for entry in self.entries)


class Answered(_Plain):
    """A command that was decided before."""

    fingerprint: str
    outcome: Outcome


class EscrowState(_Plain):
    """All that is known of an order's escrow; at most LEGS_MAX legs and COMMANDS_MAX commands. head: of its trail."""

    order: OrderId
    customer: str
    currency: Currency
    legs: dict[LegId, Leg] = {}
    answered: dict[str, Answered] = {}
    head: Head = Field(default_factory=Head)

    @property
    def held(self) -> Money:
        """What is in escrow for all legs together."""
        return sum((leg.left for leg in self.legs.values()), start=Money(minor=0, currency=self.currency))


def open_escrow(order: str, customer: str, currency: str) -> EscrowState:
    """The escrow of a new order; order and customer are ids. Raises BadAccount, and ValueError for the currency."""
    account("customer", customer)
    return EscrowState(order=order, customer=customer, currency=currency)
