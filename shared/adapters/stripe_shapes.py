"""Stripe's objects, as far as they are read here, and what they are in our words.

Fields: https://docs.stripe.com/api/payment_intents/object, …/refunds/object, …/transfers/object and
…/transfer_reversals/object. Nothing here loads the SDK: webhooks are read with it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict

from shared.money.amounts import Money
from shared.money.payments import (
    ACTION_MINUTES_MAX,
    Action,
    AmountRefused,
    Decline,
    PartnerTransfer,
    Payment,
    Refund,
    Reversal,
    State,
)
from shared.records import Unavailable

ORDER, KEY, PAYMENT, CAPTURE_KEY = "order", "key", "payment", "capture_key"
"""What we write into Stripe's metadata: the order, the caller's key, the payment a transfer comes from."""

# Two that have no minor unit, yet Stripe counts hundredths (https://docs.stripe.com/currencies#special-cases).
_HUNDREDTHS = {"ISK", "UGX"}
# Stripe counts whole ariary where ISO 4217 has a minor unit; rounding would move money that nobody asked to move.
_NOT_TAKEN = {"MGA"}
_GONE = {"failed", "canceled"}
_LAPSED = "expired"
_NOT_AUTHENTICATED = "payment_intent_authentication_failure"

Metadata = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]


class Shape(BaseModel):
    """An object of Stripe's; it may have more fields than these, and more with every version."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    id: str
    amount: int
    currency: str
    metadata: Metadata = {}

    @property
    def money(self) -> Money:
        """Its amount."""
        return from_units(self.amount, self.currency)


def _id_of(value: object) -> object:
    return value.get("id") if isinstance(value, dict) else value


class CardFault(BaseModel):
    """Why a card was refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    code: str | None = None
    decline_code: str | None = None
    payment_method: Annotated[str | None, BeforeValidator(_id_of)] = None


class Redirect(BaseModel):
    """A page of the customer's bank."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    url: str


class NextAction(BaseModel):
    """What the customer is to do: on a page, or in a form of Stripe's that the client secret opens."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    redirect_to_url: Redirect | None = None


class IntentShape(Shape):
    """A payment intent, its charge by id."""

    status: str
    created: int
    amount_received: int = 0
    cancellation_reason: str | None = None
    latest_charge: str | None = None
    payment_method: str | None = None
    last_payment_error: CardFault | None = None
    transfer_group: str | None = None
    client_secret: str | None = None
    next_action: NextAction | None = None

    @property
    def order(self) -> str:
        """The order that it pays."""
        return self.metadata.get(ORDER) or self.transfer_group or self.id


class RefundShape(Shape):
    """A refund."""

    status: str | None = None


class ReversalShape(Shape):
    """A transfer reversal."""

    transfer: str


class ReversalPage(BaseModel):
    """The reversals that come with a transfer: the newest of them."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    data: tuple[ReversalShape, ...] = ()
    has_more: bool = False


class TransferShape(Shape):
    """A transfer to a connected account."""

    amount_reversed: int
    destination: str
    source_transaction: str | None = None
    transfer_group: str | None = None
    reversals: ReversalPage = ReversalPage()


class Seen(NamedTuple):
    """A payment as Stripe has it, with the refunds of it and the transfers from it."""

    intent: IntentShape
    refunds: Sequence[RefundShape]
    transfers: Sequence[TransferShape]

    @property
    def payment(self) -> Payment:
        """In our words; raises Unavailable while the bank has not decided."""
        intent, zero = self.intent, self.intent.money.zero()
        captured = from_units(intent.amount_received, intent.currency)
        refunded = sum((one.money for one in self.standing), start=zero)
        passed_on = sum((one.amount - one.amount_reversed for one in self.transfers), start=0)
        state = _state(intent)
        if state is State.CAPTURED and refunded == captured:
            state = State.REFUNDED
        return Payment(
            id=intent.id,
            order=intent.order,
            method=_method(intent),
            amount=intent.money,
            state=state,
            captured=captured,
            refunded=refunded,
            transferred=from_units(passed_on, intent.currency),
            decline=_decline(intent) if state is State.DECLINED else None,
            action=_action(intent) if state is State.NEEDS_ACTION else None,
            at=datetime.fromtimestamp(intent.created, UTC),
        )

    @property
    def standing(self) -> list[RefundShape]:
        """The refunds but for those that failed; what was let go uncaptured is none, since 2025-03-31.basil."""
        return [one for one in self.refunds if one.status not in _GONE]

    @property
    def keys(self) -> set[str]:
        """The keys whose effect is here to be seen."""
        return {one.metadata.get(KEY, "") for one in (*self.refunds, *self.transfers)}


def refund_of(shape: RefundShape, seen: IntentShape) -> Refund:
    """A refund in our words."""
    return Refund(id=shape.id, order=seen.order, payment=seen.id, amount=shape.money)


def transfer_of(shape: TransferShape, order: str, payment: str) -> PartnerTransfer:
    """A transfer in our words."""
    back = from_units(shape.amount_reversed, shape.currency)
    return PartnerTransfer(
        id=shape.id, order=order, payment=payment, to=shape.destination, amount=shape.money, reversed=back
    )


def reversal_of(shape: ReversalShape, order: str) -> Reversal:
    """A reversal in our words."""
    return Reversal(id=shape.id, order=order, transfer=shape.transfer, amount=shape.money)


def to_units(amount: Money) -> int:
    """The amount as Stripe counts it; raises AmountRefused."""
    if amount.currency in _NOT_TAKEN:
        raise AmountRefused(f"{amount.currency} is not counted in minor units by Stripe: take another currency")
    return amount.minor * 100 if amount.currency in _HUNDREDTHS else amount.minor


def from_units(units: int, currency: str) -> Money:
    """An amount that Stripe has counted."""
    code = currency.upper()
    return Money(minor=units // 100 if code in _HUNDREDTHS else units, currency=code)


def _state(intent: IntentShape) -> State:
    if intent.status == "requires_capture":
        return State.AUTHORISED
    if intent.status == "succeeded":
        return State.CAPTURED
    if intent.status == "canceled":
        return State.EXPIRED if intent.cancellation_reason == _LAPSED else State.VOIDED
    if intent.status == "requires_action":
        return State.NEEDS_ACTION
    if intent.status == "processing":
        raise Unavailable(f"the bank has not decided on payment {intent.id} yet")
    return State.DECLINED


def _method(intent: IntentShape) -> str:
    refused = intent.last_payment_error.payment_method if intent.last_payment_error else None
    return intent.payment_method or refused or "unknown"


def _action(intent: IntentShape) -> Action:
    page = intent.next_action.redirect_to_url if intent.next_action else None
    until = datetime.fromtimestamp(intent.created, UTC) + timedelta(minutes=ACTION_MINUTES_MAX)
    return Action(url=page.url if page else None, client_secret=intent.client_secret, expires_at=until)


def _decline(intent: IntentShape) -> Decline:
    why = intent.last_payment_error
    if why and why.code == _NOT_AUTHENTICATED:
        return "not_authenticated"
    return "insufficient_funds" if why and why.decline_code == "insufficient_funds" else "card_declined"
