"""Payments by Stripe Connect: separate charges and transfers, a hold captured by hand, transfers out of that charge.

Format: https://docs.stripe.com/connect/separate-charges-and-transfers and
https://docs.stripe.com/payments/place-a-hold-on-a-payment-method. A method is the id of a Stripe payment method, a
partner that of a connected account; no card data comes near. In the tests it runs against a server of this wire
format; it has not been run against an account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar
from weakref import WeakValueDictionary

import stripe
from stripe.params import PaymentIntentCreateParams

from shared.adapters.stripe_client import SECONDS_MAX, StripeClient, refusal
from shared.adapters.stripe_keys import TRIES_MAX, Promise, StripeKeys, Ticket
from shared.adapters.stripe_orders import StripeOrders
from shared.adapters.stripe_shapes import (
    CAPTURE_KEY,
    KEY,
    ORDER,
    PAYMENT,
    IntentShape,
    RefundShape,
    ReversalShape,
    Seen,
    TransferShape,
    refund_of,
    reversal_of,
    to_units,
    transfer_of,
)
from shared.money import payments as rules
from shared.money.amounts import Money
from shared.money.payments import (
    AmountRefused,
    PartnerTransfer,
    Payment,
    PaymentError,
    PaymentKeyReused,
    Refund,
    Reversal,
    State,
    Statement,
)
from shared.ports import Store
from shared.records import Unavailable

A = TypeVar("A", Payment, Refund, PartnerTransfer, Reversal)
S = TypeVar("S", IntentShape, RefundShape, TransferShape, ReversalShape)
_MAY: dict[Literal["refund", "transfer"], Callable[[Payment, Money], Payment]] = {
    "refund": rules.refund,
    "transfer": rules.transfer,
}


class StripePayments:
    """Satisfies shared.ports.Payments on a Stripe account; the store keeps keys and promises, never a balance."""

    def __init__(
        self,
        api_key: str,
        base_url: str | None,
        store: Store,
        *,
        return_url: str | None = None,
        attempt_seconds_max: float = SECONDS_MAX,
    ) -> None:
        """base_url: None for Stripe's own; attempt_seconds_max: how long one attempt of a request may take.

        return_url: where a bank's page sends the customer back to; None: no page, but the form that a client secret
        opens.
        """
        self._client = StripeClient(api_key, base_url, attempt_seconds_max)
        self._keys = StripeKeys(store)
        self._orders = StripeOrders(self._client, self._keys)
        self._return_url = return_url
        # Who asks twice at once is answered once, without a round of conflicts at Stripe.
        self._locks: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    async def authorise(self, order: str, amount: Money, method: str, key: str) -> Payment:
        """Hold money on the customer's card; a refusal is a payment in state declined.

        Where the bank wishes for the customer's presence it is in state needs_action, as are repetitions: the statement
        tells what has become of it.
        """

        async def effect(ticket: Ticket) -> Payment:
            if amount.minor <= 0:
                raise AmountRefused(f"{amount} is not above zero: send what is to be held")
            if ticket.is_repeat:
                for seen in await self._orders.order(order):
                    if seen.intent.metadata.get(KEY) == key:
                        return seen.payment
            held = Seen(await self._held(order, amount, method, ticket), (), ()).payment
            if held.state is State.NEEDS_ACTION:
                await self._keys.note_uncharged(order, held.id)
            return held

        return await self._once(key, ["authorise", order, _plain(amount), method], Payment, effect)

    async def capture(self, payment: str, amount: Money, key: str) -> Payment:
        """Take held money, up to all of it; the rest is let go."""

        async def effect(ticket: Ticket) -> Payment:
            seen = await self._orders.payment(payment)
            if seen.intent.metadata.get(CAPTURE_KEY) == key and seen.intent.amount_received:
                return seen.payment
            rules.capture(seen.payment, amount)

            async def call(client: stripe.StripeClient) -> IntentShape:
                made = await client.v1.payment_intents.capture_async(
                    payment,
                    {"amount_to_capture": to_units(amount), "metadata": {CAPTURE_KEY: key}},
                    {"idempotency_key": ticket.stripe_key},
                )
                return IntentShape.model_validate(made.to_dict())

            return Seen(await self._sent(call), (), ()).payment

        return await self._once(key, ["capture", payment, _plain(amount)], Payment, effect)

    async def void(self, payment: str, key: str) -> Payment:
        """Let go of held money; where none is held, nothing changes."""

        async def effect(ticket: Ticket) -> Payment:
            held = (await self._orders.payment(payment)).payment
            freed = rules.void(held)
            if held.state not in {State.AUTHORISED, State.NEEDS_ACTION}:
                return freed

            async def call(client: stripe.StripeClient) -> IntentShape:
                options: stripe.RequestOptions = {"idempotency_key": ticket.stripe_key}
                made = await client.v1.payment_intents.cancel_async(
                    payment, {"cancellation_reason": "requested_by_customer"}, options
                )
                return IntentShape.model_validate(made.to_dict())

            return Seen(await self._sent(call), (), ()).payment

        return await self._once(key, ["void", payment], Payment, effect)

    async def refund(self, payment: str, amount: Money, key: str) -> Refund:
        """Give captured money back to the customer, as far as it is not with a partner."""

        async def effect(ticket: Ticket) -> Refund:
            seen = await self._promised(payment, Promise(key=key, kind="refund", amount=amount))
            done = next((one for one in seen.refunds if one.metadata.get(KEY) == key), None)
            if done is not None:
                return refund_of(done, seen.intent)

            async def call(client: stripe.StripeClient) -> RefundShape:
                made = await client.v1.refunds.create_async(
                    {
                        "payment_intent": payment,
                        "amount": to_units(amount),
                        "metadata": {ORDER: seen.intent.order, KEY: key},
                    },
                    {"idempotency_key": ticket.stripe_key},
                )
                return RefundShape.model_validate(made.to_dict())

            return refund_of(await self._spent(call, payment, key), seen.intent)

        return await self._once(key, ["refund", payment, _plain(amount)], Refund, effect)

    async def transfer(self, payment: str, to: str, amount: Money, key: str) -> PartnerTransfer:
        """Pass captured money on to a partner's connected account."""

        async def effect(ticket: Ticket) -> PartnerTransfer:
            seen = await self._promised(payment, Promise(key=key, kind="transfer", amount=amount))
            order = seen.intent.order
            done = next((one for one in seen.transfers if one.metadata.get(KEY) == key), None)
            if done is None:
                done = await self._spent(_passing_on(seen.intent, to, amount, ticket), payment, key)
            # As it was made, whatever has been taken back since.
            return transfer_of(done.model_copy(update={"amount_reversed": 0}), order, payment)

        return await self._once(key, ["transfer", payment, to, _plain(amount)], PartnerTransfer, effect)

    async def reverse(self, transfer: str, amount: Money, key: str) -> Reversal:
        """Take transferred money back from a partner, as far as its account still has it."""

        async def effect(ticket: Ticket) -> Reversal:
            made, reversals, seen = await self._orders.transfer(transfer)
            order = seen.intent.order
            done = next((one for one in reversals if one.metadata.get(KEY) == key), None)
            if done is not None:
                return reversal_of(done, order)
            rules.reverse(seen.payment, transfer_of(made, order, seen.intent.id), amount)

            async def call(client: stripe.StripeClient) -> ReversalShape:
                back = await client.v1.transfers.reversals.create_async(
                    transfer,
                    {"amount": to_units(amount), "metadata": {ORDER: order, KEY: key}},
                    {"idempotency_key": ticket.stripe_key},
                )
                return ReversalShape.model_validate(back.to_dict())

            return reversal_of(await self._sent(call), order)

        return await self._once(key, ["reverse", transfer, _plain(amount)], Reversal, effect)

    async def statement(self, order: str) -> Statement:
        """All that Stripe has of an order; empty for one that it does not know."""
        found = await self._orders.order(order)
        passed = [(one, seen.intent.id) for seen in found for one in seen.transfers]
        reversals = [reversal_of(back, order) for one, _ in passed for back in await self._orders.reversals(one)]
        return Statement(
            payments=tuple(seen.payment for seen in found),
            refunds=_by_id([refund_of(one, seen.intent) for seen in found for one in seen.standing]),
            transfers=_by_id([transfer_of(one, order, payment) for one, payment in passed]),
            reversals=_by_id(reversals),
        )

    async def close(self) -> None:
        """Close the connections of this event loop."""
        await self._client.close()

    async def _once(
        self, key: str, request: list[object], kind: type[A], effect: Callable[[Ticket], Awaitable[A]]
    ) -> A:
        """The answer to a key: the one that was kept, or that of the effect, which is found again if it was done."""
        lock = self._locks.setdefault((id(asyncio.get_running_loop()), key), asyncio.Lock())
        async with lock:
            ticket = await self._keys.bind(key, request)
            kept = ticket.stored.value.answer
            if kept is None:
                try:
                    kept = await self._keys.answer(ticket, await effect(ticket))
                except PaymentKeyReused:
                    raise  # Stripe knows the key by another request, so that what it did is open: it stays bound
                except PaymentError:
                    await self._keys.refuse(ticket)
                    raise
        assert isinstance(kept, kind), "the fingerprint has the verb in it"
        return kept

    async def _held(self, order: str, amount: Money, method: str, ticket: Ticket) -> IntentShape:
        async def call(client: stripe.StripeClient) -> IntentShape:
            asked: PaymentIntentCreateParams = {
                "amount": to_units(amount),
                "currency": amount.currency.lower(),
                "payment_method": method,
                "allowed_payment_method_types": ["card"],
                "capture_method": "manual",
                "confirm": True,
                "transfer_group": order,
                "metadata": {ORDER: order, KEY: ticket.key},
            }
            if self._return_url is not None:
                asked["return_url"] = self._return_url
            made = await client.v1.payment_intents.create_async(asked, {"idempotency_key": ticket.stripe_key})
            return IntentShape.model_validate(made.to_dict())

        try:
            return await self._client.write(call)
        except stripe.CardError as error:
            told = error.json_body
            intent = told.get("error", {}).get("payment_intent") if isinstance(told, dict) else None
            if intent is None:
                raise refusal(error) from error
            return IntentShape.model_validate(intent)

    async def _promised(self, payment: str, wanted: Promise) -> Seen:
        """The payment, once the money is promised to this key alone or its effect is there; raises as the rules do."""
        for _ in range(TRIES_MAX):
            # The book first: what is struck from it later was to be seen at Stripe before.
            book = await self._keys.book(payment)
            seen = await self._orders.payment(payment)
            others = tuple(one for one in (book.value.promises if book else ()) if one.key not in seen.keys)
            if wanted.key in seen.keys or any(one.key == wanted.key for one in others):
                return seen
            _MAY[wanted.kind](_less(seen.payment, others), wanted.amount)
            if await self._keys.promise(payment, (*others, wanted), book):
                return seen
        raise Unavailable(f"too many ask about payment {payment} at once", retry_seconds=1)

    async def _spent(self, call: Callable[[stripe.StripeClient], Awaitable[S]], payment: str, key: str) -> S:
        """What is answered to a call that a promise was made for; the promise goes with a refusal."""
        try:
            return await self._sent(call)
        except PaymentKeyReused:
            raise
        except PaymentError:
            await self._keys.take_back(payment, key)
            raise

    async def _sent(self, call: Callable[[stripe.StripeClient], Awaitable[S]]) -> S:
        try:
            return await self._client.write(call)
        except stripe.CardError as error:
            raise refusal(error) from error


def _passing_on(
    intent: IntentShape, to: str, amount: Money, ticket: Ticket
) -> Callable[[stripe.StripeClient], Awaitable[TransferShape]]:
    async def call(client: stripe.StripeClient) -> TransferShape:
        made = await client.v1.transfers.create_async(
            {
                "amount": to_units(amount),
                "currency": amount.currency.lower(),
                "destination": to,
                "source_transaction": intent.latest_charge or "",
                "transfer_group": intent.order,
                "metadata": {ORDER: intent.order, PAYMENT: intent.id, KEY: ticket.key},
            },
            {"idempotency_key": ticket.stripe_key},
        )
        return TransferShape.model_validate(made.to_dict())

    return call


def _less(payment: Payment, promises: tuple[Promise, ...]) -> Payment:
    """The payment as if all promises had been kept."""
    refunded, transferred = payment.refunded, payment.transferred
    for one in promises:
        if one.kind == "refund":
            refunded += one.amount
        else:
            transferred += one.amount
    return payment.model_copy(update={"refunded": refunded, "transferred": transferred})


def _by_id(found: list[A]) -> tuple[A, ...]:
    return tuple(sorted(found, key=lambda one: one.id))


def _plain(amount: Money) -> dict[str, object]:
    return amount.model_dump()
