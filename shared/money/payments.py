"""Payments as a provider keeps them, and what may be done with one: separate charges and transfers.

The customer's card is held for an order, captured onto the platform's balance, and from there passed on to partners by
transfers that name the payment they come from (https://docs.stripe.com/connect/separate-charges-and-transfers). What is
not passed on and not refunded is the platform's. Pure: the moment is given.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.money.amounts import Money, NotNegativeMoney, PositiveMoney
from shared.money.ledger import Moment
from shared.records import Unavailable

HOLD_DAYS_MAX = 7
"""How long a card is held; after that the money is free again and the payment is expired."""
KEY_LENGTH_MAX = 255

Name = Annotated[str, Field(min_length=1, max_length=255)]


class State(StrEnum):
    """Where a payment stands."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"


class Move(StrEnum):
    """What may happen to a payment."""

    CAPTURE = "capture"
    VOID = "void"
    LAPSE = "lapse"
    REFUND_PART = "refund_part"
    REFUND_ALL = "refund_all"
    TRANSFER = "transfer"
    REVERSE = "reverse"


MOVES: dict[tuple[State, Move], State] = {
    (State.AUTHORISED, Move.CAPTURE): State.CAPTURED,
    (State.AUTHORISED, Move.VOID): State.VOIDED,
    (State.AUTHORISED, Move.LAPSE): State.EXPIRED,
    # Where nothing is held, there is nothing to let go of: an undo does no harm.
    (State.DECLINED, Move.VOID): State.DECLINED,
    (State.VOIDED, Move.VOID): State.VOIDED,
    (State.EXPIRED, Move.VOID): State.EXPIRED,
    (State.CAPTURED, Move.REFUND_PART): State.CAPTURED,
    (State.CAPTURED, Move.REFUND_ALL): State.REFUNDED,
    (State.CAPTURED, Move.TRANSFER): State.CAPTURED,
    (State.CAPTURED, Move.REVERSE): State.CAPTURED,
}
"""Every move there is; any other pair raises ImpossibleMove."""


class PaymentError(Exception):
    """Something that a payment provider refuses for a fault of ours; nothing was changed."""


class ImpossibleMove(PaymentError):
    """The payment's state does not allow the move."""


class AmountRefused(PaymentError):
    """The amount is not above zero, or more than there is."""


class UnknownPayment(PaymentError):
    """No payment, or no transfer, has this id."""


class UnknownMethod(PaymentError):
    """The provider does not know the payment method."""


class PaymentKeyReused(PaymentError):
    """The idempotency key belongs to another request."""


class OutcomeUnknown(Unavailable):
    """The answer was lost: it may have been done or not. Repeat it with the same key, or look the order up."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: Name
    order: Name


class Payment(_Entry):
    """A customer's payment for an order; one order may have several.

    method: the provider's name of card or account. captured, refunded: so far; transferred: passed on and not taken
    back. decline: why not, when declined. at: when it was authorised or declined.
    """

    kind: Literal["payment"] = "payment"
    method: Name
    amount: PositiveMoney
    state: State
    captured: NotNegativeMoney
    refunded: NotNegativeMoney
    transferred: NotNegativeMoney
    decline: Literal["card_declined", "insufficient_funds"] | None = None
    at: Moment

    @property
    def left(self) -> Money:
        """What was captured and is neither refunded nor with a partner."""
        return self.captured - self.refunded - self.transferred


class Refund(_Entry):
    """Money of a payment that went back to the customer."""

    kind: Literal["refund"] = "refund"
    payment: Name
    amount: PositiveMoney


class PartnerTransfer(_Entry):
    """Money of a payment that went to a partner's account; reversed: how much of it was taken back."""

    kind: Literal["transfer"] = "transfer"
    payment: Name
    to: Name
    amount: PositiveMoney
    reversed: NotNegativeMoney


class Reversal(_Entry):
    """Money of a transfer that was taken back from the partner."""

    kind: Literal["reversal"] = "reversal"
    transfer: Name
    amount: PositiveMoney


class Statement(BaseModel):
    """All that the provider has of one order, each list by id."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    transfers: tuple[PartnerTransfer, ...] = ()
    reversals: tuple[Reversal, ...] = ()


def as_of(payment: Payment, now: datetime) -> Payment:
    """The payment as it stands at a moment: a hold that nobody captured has lapsed after HOLD_DAYS_MAX."""
    if payment.state is State.AUTHORISED and now >= payment.at + timedelta(days=HOLD_DAYS_MAX):
        return _moved(payment, Move.LAPSE)
    return payment


def capture(payment: Payment, amount: Money) -> Payment:
    """Take the amount, let go of the rest; raises ImpossibleMove, AmountRefused, CurrencyMismatch."""
    after = _moved(payment, Move.CAPTURE, captured=amount)
    _check_amount(amount, payment.amount, "held")
    return after


def void(payment: Payment) -> Payment:
    """Let go of all that is held; where nothing is, nothing changes. Raises ImpossibleMove once it is captured."""
    return _moved(payment, Move.VOID)


def refund(payment: Payment, amount: Money) -> Payment:
    """Give back what is left on the platform; raises ImpossibleMove, AmountRefused, CurrencyMismatch."""
    refunded = payment.refunded + amount
    move = Move.REFUND_ALL if refunded == payment.captured else Move.REFUND_PART
    after = _moved(payment, move, refunded=refunded)
    _check_amount(amount, payment.left, "left; take back transfers first")
    return after


def transfer(payment: Payment, amount: Money) -> Payment:
    """Pass on what is left on the platform; raises ImpossibleMove, AmountRefused, CurrencyMismatch."""
    after = _moved(payment, Move.TRANSFER, transferred=payment.transferred + amount)
    _check_amount(amount, payment.left, "left")
    return after


def reverse(payment: Payment, made: PartnerTransfer, amount: Money) -> tuple[Payment, PartnerTransfer]:
    """Take back what a partner still has of a transfer; raises ImpossibleMove, AmountRefused, CurrencyMismatch."""
    after = _moved(payment, Move.REVERSE, transferred=payment.transferred - amount)
    _check_amount(amount, made.amount - made.reversed, "left of the transfer")
    return after, made.model_copy(update={"reversed": made.reversed + amount})


def _moved(payment: Payment, move: Move, **changed: Money) -> Payment:
    state = MOVES.get((payment.state, move))
    if state is None:
        what = move.value.partition("_")[0]
        raise ImpossibleMove(f"payment {payment.id} is {payment.state.value}: it cannot {what}; look it up first")
    return payment.model_copy(update={"state": state, **changed})


def _check_amount(amount: Money, most: Money, what: str) -> None:
    if amount.minor <= 0:
        raise AmountRefused(f"{amount} is not above zero: send what is to move")
    if amount > most:
        raise AmountRefused(f"{amount} is more than the {most} {what}")
