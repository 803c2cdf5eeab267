"""A double-entry ledger of immutable transfers; balances are sums and nothing else.

Two-phase transfers in the manner of TigerBeetle (docs.tigerbeetle.com/coding/two-phase-transfers): a pending one sets
money aside; a new transfer that names it in `pending_id` then posts, voids or expires it, once and in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.money.accounts import AccountName, parse
from shared.money.amounts import Money, PositiveMoney

MEMO_LENGTH_MAX = 200

TransferId = Annotated[str, Field(pattern=r"^[^/\\?#\x00-\x20]{1,255}$")]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Kind = Literal["pending", "posted", "voided", "expired"]


class LedgerError(Exception):
    """A transfer that the ledger refuses; nothing was changed."""


class IdReused(LedgerError):
    """A transfer with this id and other content is there."""


class UnknownPending(LedgerError):
    """`pending_id` names no pending transfer."""


class AlreadyResolved(LedgerError):
    """The pending transfer was posted, voided or expired before."""


class ResolutionDiffers(LedgerError):
    """Accounts or amount are not those of the pending transfer."""


class Overdraft(LedgerError):
    """An escrow account holds less than is to leave it, counting what is set aside."""


class Transfer(BaseModel):
    """One movement of money, for ever: the amount leaves `debit` and comes to `credit`.

    id: made by the caller. kind: `posted` moves, `pending` sets aside; `posted`, `voided` and `expired` with a
    pending_id resolve that one and repeat its accounts and amount. at: when, with offset, kept in UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: TransferId
    kind: Kind
    debit: AccountName
    credit: AccountName
    amount: PositiveMoney
    at: Moment
    memo: str = Field(default="", max_length=MEMO_LENGTH_MAX)
    pending_id: TransferId | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.debit == self.credit:
            raise ValueError("`debit` and `credit` must be two accounts")
        if self.kind == "pending" and self.pending_id is not None:
            raise ValueError("`pending_id` must be absent: a pending transfer resolves nothing")
        if self.kind in ("voided", "expired") and self.pending_id is None:
            raise ValueError(f"`pending_id` is missing: name the transfer that is {self.kind}")
        return self


class Ledger:
    """Transfers folded to balances, one transfer at a time; every account may hold several currencies side by side."""

    def __init__(self, transfers: Iterable[Transfer] = ()) -> None:
        self._known: dict[str, Transfer] = {}
        self._resolved: dict[str, str] = {}
        self._posted: dict[tuple[str, str], Money] = {}
        self._reserved: dict[tuple[str, str], Money] = {}
        for transfer in transfers:
            self.apply(transfer)

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """All transfers in the order in which they came."""
        return tuple(self._known.values())

    def apply(self, transfer: Transfer) -> bool:
        """Take a transfer in; False if it was there already, which changes nothing.

        Raises IdReused, UnknownPending, AlreadyResolved, ResolutionDiffers, Overdraft, AmountTooLarge.
        """
        known = self._known.get(transfer.id)
        if known is not None:
            if known != transfer:
                raise IdReused(f"Transfer {transfer.id} is there with other content: use a new id")
            return False
        if transfer.pending_id is not None:
            self._check_resolution(transfer, transfer.pending_id)
        if transfer.kind in ("pending", "posted"):
            self._check_cover(transfer)
        self._write(transfer)
        return True

    def balance(self, account: str, currency: str) -> Money:
        """What was credited less what was debited; pending transfers do not count."""
        return self._posted.get((account, currency), Money(minor=0, currency=currency))

    def reserved(self, account: str, currency: str) -> Money:
        """What open pending transfers have set aside to leave the account."""
        return self._reserved.get((account, currency), Money(minor=0, currency=currency))

    def balances(self, currency: str) -> dict[str, Money]:
        """The balance of every account that money in this currency ever came to or left; together they are zero."""
        return {account: money for (account, unit), money in sorted(self._posted.items()) if unit == currency}

    def pending(self) -> list[Transfer]:
        """The pending transfers that nothing has resolved yet, oldest first."""
        return [one for one in self._known.values() if one.kind == "pending" and one.id not in self._resolved]

    def _check_resolution(self, transfer: Transfer, pending_id: str) -> None:
        pending = self._known.get(pending_id)
        if pending is None or pending.kind != "pending":
            raise UnknownPending(f"Transfer {transfer.id}: `pending_id` {pending_id} names no pending transfer")
        if pending_id in self._resolved:
            raise AlreadyResolved(f"Transfer {transfer.id}: {pending_id} was resolved by {self._resolved[pending_id]}")
        if (transfer.debit, transfer.credit, transfer.amount) != (pending.debit, pending.credit, pending.amount):
            raise ResolutionDiffers(f"Transfer {transfer.id}: repeat the accounts and the amount of {pending_id}")

    def _check_cover(self, transfer: Transfer) -> None:
        if parse(transfer.debit).kind != "escrow":
            return
        currency = transfer.amount.currency
        available = self.balance(transfer.debit, currency) - self.reserved(transfer.debit, currency)
        if transfer.pending_id is not None:
            available += transfer.amount  # it was set aside for this very transfer
        if transfer.amount > available:
            raise Overdraft(f"Transfer {transfer.id}: {transfer.debit} has {available}, not {transfer.amount}")

    def _write(self, transfer: Transfer) -> None:
        currency = transfer.amount.currency
        debit, credit = (transfer.debit, currency), (transfer.credit, currency)
        posted, reserved = {}, self.reserved(*debit)
        if transfer.kind == "posted":
            posted[debit] = self.balance(*debit) - transfer.amount
            posted[credit] = self.balance(*credit) + transfer.amount
        if transfer.kind == "pending":
            reserved += transfer.amount
        elif transfer.pending_id is not None:
            reserved -= transfer.amount
            self._resolved[transfer.pending_id] = transfer.id
        # From here on nothing can fail: a refused transfer leaves no trace.
        self._posted |= posted
        self._reserved[debit] = reserved
        self._known[transfer.id] = transfer


def undo(transfers: Sequence[Transfer], at: datetime) -> list[Transfer]:
    """New transfers that take the given ones back, newest first.

    What was posted is posted the other way round; what is pending among them and not resolved among them is voided.
    """
    resolved = {one.pending_id for one in transfers}
    taken_back = []
    for one in reversed(transfers):
        if one.kind == "posted":
            change: dict[str, Any] = {"debit": one.credit, "credit": one.debit, "pending_id": None}
        elif one.kind == "pending" and one.id not in resolved:
            change = {"kind": "voided", "pending_id": one.id}
        else:
            continue
        change |= {"id": f"{one.id}:undo", "at": at, "memo": f"takes back {one.id}"[:MEMO_LENGTH_MAX]}
        taken_back.append(Transfer.model_validate(one.model_dump() | change))
    return taken_back
