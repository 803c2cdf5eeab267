"""Payouts: each sum that a leg has brought a payee, on its way to the payee's account at the provider.

waiting → sending (the plan is written down, so that it is the same at every try) → sent → paid (the ledger has it).
What a refund needs is kept back while it waits, and taken back by reversal afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.money.accounts import AccountName
from shared.money.amounts import Money
from shared.money.commands import COMMAND_ID_LENGTH_MAX, LegId, OrderId
from shared.money.ledger import TransferId
from shared.money.payments import Name, Payment, State
from shared.records import Container, Record
from shared.wire import Plain

_PAID_OUT = "paid_out:"
PARTS_MAX = 20
TAKINGS_MAX = 20

Status = Literal["waiting", "sending", "sent", "paid", "kept"]
Fact = Literal["plan", "refuse", "send", "book", "keep_part", "keep_all", "reverse"]

MOVES: dict[tuple[Status, Fact], Status] = {
    ("waiting", "plan"): "sending",
    ("waiting", "keep_part"): "waiting",
    ("waiting", "keep_all"): "kept",
    ("sending", "refuse"): "waiting",
    ("sending", "send"): "sent",
    ("sent", "book"): "paid",
    ("paid", "reverse"): "paid",
}
"""Every other pair is refused: nothing is kept back of what is on its way, nothing reversed that is not booked."""


class ImpossibleMove(Exception):
    """A payout does not go there from where it stands."""


class Part(Plain):
    """What comes out of one payment of the order; transfer: the provider's, once made; back: how much returned."""

    payment: Name
    amount: Money
    transfer: Name | None = None
    back: Money


class Taking(Plain):
    """What was taken back of a payout for a refund: kept while it waited, or reversed at the provider."""

    key: Annotated[str, Field(max_length=200)]
    kept: Money
    reversed: Money

    @property
    def total(self) -> Money:
        """Both together."""
        return self.kept + self.reversed


class Payout(Record):
    """One sum for one payee; id: that of the ledger's transfer by which it was earned.

    kept: how much of it is not sent after all. destination, parts: the plan. reason: why it still waits.
    booked_by: the step that noted the end; whoever else comes to it tells nobody.
    """

    id: TransferId
    account: AccountName
    order: OrderId
    customer: str
    leg: LegId
    amount: Money
    kept: Money
    status: Status = "waiting"
    destination: str | None = None
    parts: Annotated[tuple[Part, ...], Field(max_length=PARTS_MAX)] = ()
    takings: Annotated[tuple[Taking, ...], Field(max_length=TAKINGS_MAX)] = ()
    reason: str = ""
    created_at: AwareDatetime
    sent_at: AwareDatetime | None = None
    booked_by: str = ""

    @property
    def due(self) -> Money:
        """What is to be sent, or was."""
        return self.amount - self.kept

    @property
    def at_payee(self) -> Money:
        """What the payee has of it at the provider."""
        nothing = self.amount.zero()
        return sum((part.amount - part.back for part in self.parts if part.transfer), start=nothing)

    @property
    def command_id(self) -> str:
        """The id of the ledger command that books it."""
        own = self.id[len(self.order) + 1 :]
        fits = len(own) <= COMMAND_ID_LENGTH_MAX - len(_PAID_OUT)
        return _PAID_OUT + (own if fits else sha256(own.encode()).hexdigest())


PAYOUTS = Container("payouts", Payout, "account", indexes=("status", "order"))


def moved(payout: Payout, fact: Fact, **more: object) -> Payout:
    """The payout after a fact; raises ImpossibleMove."""
    status = MOVES.get((payout.status, fact))
    if status is None:
        raise ImpossibleMove(f"payout {payout.id} is {payout.status}: it cannot {fact.partition('_')[0]}")
    return payout.model_copy(update={"status": status, **more})


def split_over(payments: Iterable[Payment], amount: Money) -> tuple[tuple[str, Money], ...] | None:
    """An amount out of what is left of an order's payments, the oldest first; None where there is not enough."""
    parts: list[tuple[str, Money]] = []
    wanted = amount
    for payment in sorted(payments, key=lambda one: (one.at, one.id)):
        if payment.state is State.CAPTURED and payment.left.minor > 0 and wanted.minor > 0:
            part = min(payment.left, wanted)
            parts.append((payment.id, part))
            wanted -= part
    return tuple(parts) if wanted.minor == 0 else None


def planned(payout: Payout, destination: str, payments: Sequence[Payment]) -> Payout | None:
    """The payout with its plan written down; None where the payments do not have enough. Raises ImpossibleMove."""
    found = split_over(payments, payout.due)
    if found is None:
        return None
    parts = tuple(Part(payment=payment, amount=amount, back=amount.zero()) for payment, amount in found)
    return moved(payout, "plan", destination=destination, parts=parts, reason="")


def reversals(payout: Payout, amount: Money) -> tuple[tuple[int, Money], ...]:
    """Which parts give how much back, at most an amount: by their place."""
    found: list[tuple[int, Money]] = []
    wanted = amount
    for number, part in enumerate(payout.parts):
        back = min(part.amount - part.back, wanted)
        if part.transfer and back.minor > 0:
            found.append((number, back))
            wanted -= back
    return tuple(found)


def reversed_by(payout: Payout, taken: Iterable[tuple[int, Money]], key: str) -> Payout:
    """The payout after reversals of its parts; raises ImpossibleMove."""
    parts = list(payout.parts)
    total = payout.amount.zero()
    for number, amount in taken:
        parts[number] = parts[number].model_copy(update={"back": parts[number].back + amount})
        total += amount
    taking = Taking(key=key, kept=total.zero(), reversed=total)
    return moved(payout, "reverse", parts=tuple(parts), takings=(*payout.takings, taking))


def kept_by(payout: Payout, amount: Money, key: str) -> Payout:
    """The payout once an amount of it is kept back; raises ImpossibleMove."""
    taking = Taking(key=key, kept=amount, reversed=amount.zero())
    fact: Fact = "keep_all" if amount == payout.due else "keep_part"
    return moved(payout, fact, kept=payout.kept + amount, takings=(*payout.takings, taking))
