"""What Stripe has of a payment or an order, read anew each time: the truth that every write is checked against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import stripe

from shared.adapters.stripe_client import StripeClient
from shared.adapters.stripe_keys import StripeKeys
from shared.adapters.stripe_shapes import (
    PAYMENT,
    IntentShape,
    RefundShape,
    ReversalShape,
    Seen,
    TransferShape,
)
from shared.money.payments import UnknownPayment
from shared.records import Unavailable

PAGE = 100
"""The most that Stripe lists at once (https://docs.stripe.com/api/pagination)."""
PAGES_MAX = 20

_PAYMENT_ID = re.compile(r"pi_[A-Za-z0-9_]{1,200}")
_TRANSFER_ID = re.compile(r"tr_[A-Za-z0-9_]{1,200}")

T = TypeVar("T", bound=stripe.StripeObject)


class Passed(NamedTuple):
    """A transfer with all its reversals, and the payment that it comes from."""

    made: TransferShape
    reversals: Sequence[ReversalShape]
    seen: Seen


class StripeOrders:
    """Reads by payment, by transfer and by order. All raise Unavailable."""

    def __init__(self, client: StripeClient, keys: StripeKeys) -> None:
        self._client = client
        self._keys = keys

    async def payment(self, payment: str) -> Seen:
        """A payment with its refunds and transfers; raises UnknownPayment."""
        if not _PAYMENT_ID.fullmatch(payment):
            raise UnknownPayment(f"no payment has the id {payment!r}: look the order up")

        intent = await self._intent(payment)
        return await self._seen(intent, await self._transfers(intent.order))

    async def transfer(self, transfer: str) -> Passed:
        """A transfer with where it comes from; raises UnknownPayment."""
        if not _TRANSFER_ID.fullmatch(transfer):
            raise UnknownPayment(f"no transfer has the id {transfer!r}: look the order up")

        async def found(client: stripe.StripeClient) -> TransferShape:
            return _transfer(await client.v1.transfers.retrieve_async(transfer))

        made = await self._client.read(found)
        return Passed(made, await self.reversals(made), await self.payment(made.metadata.get(PAYMENT, "")))

    async def order(self, order: str) -> list[Seen]:
        """Every payment of an order that came as far as a charge, declined ones too, or to its customer."""

        async def found(client: stripe.StripeClient) -> list[IntentShape]:
            page = await client.v1.charges.list_async(
                {"transfer_group": order, "limit": PAGE, "expand": ["data.payment_intent"]}
            )
            intents = [one.payment_intent for one in await _all(page)]
            return [_intent(one) for one in intents if isinstance(one, stripe.PaymentIntent)]

        # A payment may have several charges: one for each attempt.
        intents = {one.id: one for one in await self._client.read(found)}
        for payment in await self._keys.uncharged(order):
            if payment not in intents:
                intents[payment] = await self._intent(payment)
        transfers = await self._transfers(order) if intents else []
        return [await self._seen(intents[id_], transfers) for id_ in sorted(intents)]

    async def reversals(self, made: TransferShape) -> Sequence[ReversalShape]:
        """All reversals of a transfer."""
        if not made.reversals.has_more:
            return made.reversals.data

        async def found(client: stripe.StripeClient) -> list[ReversalShape]:
            page = await client.v1.transfers.reversals.list_async(made.id, {"limit": PAGE})
            return [ReversalShape.model_validate(one.to_dict()) for one in await _all(page)]

        return await self._client.read(found)

    async def _intent(self, payment: str) -> IntentShape:
        async def found(client: stripe.StripeClient) -> IntentShape:
            return _intent(await client.v1.payment_intents.retrieve_async(payment))

        return await self._client.read(found)

    async def _seen(self, intent: IntentShape, transfers: Sequence[TransferShape]) -> Seen:
        async def found(client: stripe.StripeClient) -> list[RefundShape]:
            page = await client.v1.refunds.list_async({"payment_intent": intent.id, "limit": PAGE})
            return [RefundShape.model_validate(one.to_dict()) for one in await _all(page)]

        refunds = await self._client.read(found) if intent.amount_received else []
        of_it = [one for one in transfers if one.source_transaction and one.source_transaction == intent.latest_charge]
        return Seen(intent, refunds, of_it)

    async def _transfers(self, order: str) -> list[TransferShape]:
        async def found(client: stripe.StripeClient) -> list[TransferShape]:
            page = await client.v1.transfers.list_async({"transfer_group": order, "limit": PAGE})
            return [_transfer(one) for one in await _all(page)]

        return await self._client.read(found)


async def _all(page: stripe.ListObject[T]) -> list[T]:
    found = list(page.data)
    for _ in range(PAGES_MAX):
        if not page.has_more:
            return found
        page = await page.next_page_async()
        found.extend(page.data)
    raise Unavailable(f"Stripe lists more than {PAGE * PAGES_MAX} of one order: look it up there")


def _intent(found: stripe.PaymentIntent) -> IntentShape:
    return IntentShape.model_validate(found.to_dict())


def _transfer(found: stripe.Transfer) -> TransferShape:
    return TransferShape.model_validate(found.to_dict())
