"""What payees see of their money: the ledger once more, by account, with what is still to come of legs that are held.

A copy, written by whoever writes the ledger and made from nothing else, so that it may be written again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import AwareDatetime, Field

from shared.money.accounts import CLEARING, OUTSIDE, account, parse
from shared.money.amounts import BadWeights, Money
from shared.money.commands import Share
from shared.money.escrow import divided
from shared.money.ledger import Transfer
from shared.records import Container, Record
from shared.wire import Plain

What = Literal["earned", "returned", "paid_out", "taken_back"]
"""earned: a leg was released, or paid from ahead; returned: given back to a customer; the others at the provider."""
SIGNS: dict[What, int] = {"earned": 1, "returned": -1, "paid_out": -1, "taken_back": 1}
TOTALS = "totals"


class Figures(Plain):
    """Sums of one account since ever, currency → minor units; pending: what legs that are held will bring it."""

    pending: dict[str, int] = Field(default_factory=dict)
    earned: dict[str, int] = Field(default_factory=dict)
    returned: dict[str, int] = Field(default_factory=dict)
    paid_out: dict[str, int] = Field(default_factory=dict)
    taken_back: dict[str, int] = Field(default_factory=dict)

    def plus(self, name: What | Literal["pending"], minor: int, currency: str) -> Figures:
        """The figures with something added to one of them."""
        before: dict[str, int] = getattr(self, name)
        return self.model_copy(update={name: before | {currency: before.get(currency, 0) + minor}})

    @property
    def balance(self) -> dict[str, int]:
        """What is the payee's and still lies with the platform."""
        signed = [(getattr(self, what), sign) for what, sign in SIGNS.items()]
        currencies = sorted({one for figure, _ in signed for one in figure})
        return {one: sum(figure.get(one, 0) * sign for figure, sign in signed) for one in currencies}


class PurseRecord(Record):
    """A line (one side of one transfer), a due (what one leg is to bring, zero once it has), or the totals of both."""

    account: str
    kind: Literal["line", "due", "totals"]
    at: AwareDatetime
    what: What | None = None
    order: str | None = None
    leg: str | None = None
    memo: str = ""
    amount: Money | None = None
    figures: Figures | None = None


PURSES = Container("purses", PurseRecord, "account", indexes=("kind,at", "kind,what,at", "kind,order,at"))


def is_payee(name: str) -> bool:
    """Whether an account is paid out, and so has a purse."""
    return parse(name).kind in OUTSIDE


def lines_of(order: str, transfers: Iterable[Transfer]) -> list[PurseRecord]:
    """What transfers mean to payees: a line each."""
    found = []
    for one in transfers:
        if one.kind != "posted":
            continue
        if is_payee(one.credit):
            found.append(_line(order, one, one.credit, "taken_back" if one.debit == CLEARING else "earned"))
        if is_payee(one.debit):
            found.append(_line(order, one, one.debit, "paid_out" if one.credit == CLEARING else "returned"))
    return found


def _line(order: str, transfer: Transfer, whose: str, what: What) -> PurseRecord:
    other = transfer.credit if whose == transfer.debit else transfer.debit
    leg = parse(other).ids[-1] if parse(other).kind == "escrow" else None
    return PurseRecord(
        id=f"line:{transfer.id}", account=whose, kind="line", at=transfer.at, what=what, order=order, leg=leg,
        memo=transfer.memo, amount=transfer.amount,
    )  # fmt: skip


def escrow_legs(order: str, transfers: Iterable[Transfer]) -> set[str]:
    """The legs whose money transfers move."""
    names = {name for one in transfers for name in (one.debit, one.credit)}
    parsed = [parse(name) for name in names]
    return {one.ids[1] for one in parsed if one.kind == "escrow" and one.ids[0] == order}


def dues(order: str, leg: str, shares: Sequence[Share], transfers: Sequence[Transfer]) -> dict[str, Money]:
    """What a leg will bring each payee of its shares, as all transfers of the order so far leave it."""
    here = account("escrow", order, leg)
    paid: dict[str, Money] = {}
    for one in transfers:
        if one.kind == "posted" and one.debit == here:
            paid[one.credit] = paid.get(one.credit, one.amount.zero()) + one.amount
    left = left_of(order, leg, transfers, shares[0].amount.currency)
    return {name: amount for name, amount in _expected(left, shares, paid).items() if is_payee(name)}


def left_of(order: str, leg: str, transfers: Iterable[Transfer], currency: str) -> Money:
    """What of a leg is in escrow."""
    here = account("escrow", order, leg)
    left = Money(minor=0, currency=currency)
    for one in transfers:
        if one.kind == "posted" and here in {one.debit, one.credit}:
            left = left + one.amount if one.credit == here else left - one.amount
    return left


def _expected(left: Money, shares: Sequence[Share], paid: Mapping[str, Money]) -> dict[str, Money]:
    if left.minor <= 0:
        return {share.account: left.zero() for share in shares}
    try:
        parts = divided(left, shares, paid)
    except BadWeights:  # nothing is due to any of them: it can only go back to the customer
        return {share.account: left.zero() for share in shares}
    return {share.account: part for share, part in zip(shares, parts, strict=True)}


def due_record(order: str, leg: str, whose: str, amount: Money, at: AwareDatetime) -> PurseRecord:
    """What a leg is to bring an account."""
    return PurseRecord(
        id=f"due:{order}:{leg}", account=whose, kind="due", at=at, order=order, leg=leg, amount=amount
    )


def passed_on(order: str, leg: str, transfers: Iterable[Transfer]) -> tuple[Share, ...]:
    """Who has got how much of a leg and not given it back, payees and the platform alike."""
    here = account("escrow", order, leg)
    got: dict[str, Money] = {}
    for one in transfers:
        if one.kind != "posted" or here not in {one.debit, one.credit}:
            continue
        other = one.credit if one.debit == here else one.debit
        change = one.amount if one.debit == here else -one.amount
        got[other] = got.get(other, one.amount.zero()) + change
    kinds = OUTSIDE | {"platform"}
    return tuple(
        Share(account=name, amount=money)
        for name, money in got.items()
        if parse(name).kind in kinds and money.minor > 0
    )
