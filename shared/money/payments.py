"""Payments as a provider keeps them, and what may be done with one: separate charges and transfers.

The customer's card is held for an order, captured onto the platform's balance, and from there passed on to partners by
transfers that name the payment they come from (https://docs.stripe.com/connect/separate-charges-and-transfers). What is
not passed on and not refunded is the platform's. Pure: the moment is given.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.money.amounts import Money, NotNegativeMoney, PositiveMoney
from shared.money.ledger import Moment
from shared.nudges import Watched
from shared.records import Container, Unavailable

HOLD_DAYS_MAX = 7
"""How long a card is held; after that the money is free again and the payment is expired."""
ACTION_MINUTES_MAX = 15
"""How long a customer has for what their bank asks of them: no longer than what they buy is reserved."""
KEY_LENGTH_MAX = 255

Name = Annotated[str, Field(min_length=1, max_length=255)]


class State(StrEnum):
    """Where a payment stands; needs_action: the bank wants to hear from the customer first (3-D Secure)."""

    NEEDS_ACTION = "needs_action"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"


class Move(StrEnum):
    """What may happen to a payment; confirm, fail: what the customer does where their bank asks."""

    CONFIRM = "confirm"
    FAIL = "fail"
    CAPTURE = "capture"
    VOID = "void"
    LAPSE = "lapse"
    REFUND_PART = "refund_part"
    REFUND_ALL = "refund_all"
    TRANSFER = "transfer"
    REVERSE = "reverse"


MOVES: dict[tuple[State, Move], State] = {
    (State.NEEDS_ACTION, Move.CONFIRM): State.AUTHORISED,
    (State.NEEDS_ACTION, Move.FAIL): State.DECLINED,
    (State.NEEDS_ACTION, Move.VOID): State.VOIDED,
    (State.NEEDS_ACTION, Move.LAPSE): State.EXPIRED,
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


Decline = Literal["card_declined", "insufficient_funds", "not_authenticated"]
"""Why a card is not charged; not_authenticated: the customer did not get past their bank."""


class Action(BaseModel):
    """What the customer is to do at their bank: on the page of url, or with client_secret in the provider's own form.

    url: may be a path on this app, where the provider is embedded; expires_at: afterwards the money is not waited for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: Annotated[str, Field(max_length=2_000)] | None
    client_secret: Annotated[str, Field(max_length=500)] | None = None
    expires_at: Moment


class Payment(_Entry):
    """A customer's payment for an order; one order may have several.

    method: the provider's name of card or account. captured, refunded: so far; transferred: passed on and not taken
    back. decline: why not, when declined. action: what the customer is to do, in needs_action. at: when it was asked
    for.
    """

    kind: Literal["payment"] = "payment"
    method: Name
    amount: PositiveMoney
    state: State
    captured: NotNegativeMoney
    refunded: NotNegativeMoney
    transferred: NotNegativeMoney
    decline: Decline | None = None
    action: Action | None = None
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


class PaymentOf(Watched):
    """Which order a payment is for, and the flow that waits for its customer, if one does; id: the provider's."""

    order: str
    at: Moment


PAYMENTS = Container("payments", PaymentOf, "id", indexes=("stirred_at",))


def as_of(payment: Payment, now: datetime) -> Payment:
    """The payment as it stands at a moment: a hold that nobody captured, an action that nobody took, has lapsed."""
    lasts = {State.AUTHORISED: timedelta(days=HOLD_DAYS_MAX), State.NEEDS_ACTION: timedelta(minutes=ACTION_MINUTES_MAX)}
    if payment.state in lasts and now >= payment.at + lasts[payment.state]:
        return _moved(payment, Move.LAPSE, action=None)
    return payment


def confirmed(payment: Payment) -> Payment:
    """The customer has confirmed it at their bank: it is held; told twice is told once. Raises ImpossibleMove."""
    if payment.state is State.AUTHORISED:
        return payment
    return _moved(payment, Move.CONFIRM, action=None)


def failed(payment: Payment) -> Payment:
    """The customer has not got past their bank; told twice is told once. Raises ImpossibleMove."""
    if payment.state is State.DECLINED:
        return payment
    return _moved(payment, Move.FAIL, action=None, decline="not_authenticated")


def capture(payment: Payment, amount: Money) -> Payment:
    """Take the amount, let go of the rest; raises ImpossibleMove, AmountRefused, CurrencyMismatch."""
    after = _moved(payment, Move.CAPTURE, captured=amount)
    _check_amount(amount, payment.amount, "held")
    return after


def void(payment: Payment) -> Payment:
    """Let go of all that is held; where nothing is, nothing changes. Raises ImpossibleMove once it is captured."""
    return _moved(payment, Move.VOID, action=None)


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


def _moved(payment: Payment, move: Move, **changed: Any) -> Payment:
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
