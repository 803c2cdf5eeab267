"""What the Stripe adapter remembers: keys and their answers, what is promised of a payment, what has no charge yet.

Stripe forgets a key after a day and keeps a refusal under it until then
(https://docs.stripe.com/api/idempotent_requests); a key of ours is bound for good, and a refusal does not use it up.
Stripe does not mind a refund of money that has been passed on; a book for each payment does, across processes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.money.amounts import Money
from shared.money.payments import KEY_LENGTH_MAX, PartnerTransfer, Payment, PaymentKeyReused, Refund, Reversal
from shared.ports import Store
from shared.records import (
    PAGE_MAX,
    AlreadyThere,
    ChangedMeanwhile,
    Container,
    Query,
    Record,
    Stored,
    Unavailable,
    Write,
)

TRIES_MAX = 30

Answer = Payment | Refund | PartnerTransfer | Reversal


class Asked(Record):
    """A key, by its hash. attempt: how often a request of it was refused: each attempt has a key of its own there."""

    fingerprint: str
    attempt: int = 0
    status: Literal["open", "answered", "refused"] = "open"
    answer: Annotated[Answer, Field(discriminator="kind")] | None = None


class Promise(BaseModel):
    """Money that a request is about to take from a payment; it counts until Stripe shows the request's effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    key: str
    kind: Literal["refund", "transfer"]
    amount: Money


class Book(Record):
    """The promises of a payment."""

    promises: tuple[Promise, ...] = ()


class Uncharged(Record):
    """A payment of an order that has no charge yet, so that Stripe does not list it by its order."""

    order: str


KEYS = Container("stripe_keys", Asked, "id")
UNCHARGED = Container("stripe_uncharged", Uncharged, "order")
BOOKS = Container("stripe_books", Book, "id")


@dataclass(frozen=True)
class Ticket:
    """A key that is bound to a request. is_repeat: it may have been sent before."""

    key: str
    stored: Stored[Asked]
    is_repeat: bool

    @property
    def stripe_key(self) -> str:
        """What Stripe is told: it follows from the caller's key alone, and the number of refusals."""
        asked = self.stored.value
        return f"{asked.id}-{asked.attempt}"


class StripeKeys:
    """Keys and books, in any Store. All raise Unavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def bind(self, key: str, request: list[object]) -> Ticket:
        """The ticket of a key; raises PaymentKeyReused where it is bound to another request, ValueError."""
        if not 1 <= len(key) <= KEY_LENGTH_MAX:
            raise ValueError(f"an idempotency key has 1 to {KEY_LENGTH_MAX} characters, not {len(key)}")
        record_id = hashlib.sha256(key.encode()).hexdigest()
        fingerprint = hashlib.sha256(json.dumps(request).encode()).hexdigest()
        for _ in range(TRIES_MAX):
            known = await self._store.get(KEYS, record_id, record_id)
            if known is not None and known.value.status != "refused":
                if known.value.fingerprint != fingerprint:
                    raise PaymentKeyReused(f"key {key} belongs to another request: make a new one for a new intention")
                return Ticket(key, known, is_repeat=True)
            attempt = known.value.attempt if known else 0
            asked = Asked(id=record_id, fingerprint=fingerprint, attempt=attempt)
            stored = await self._written(asked, known)
            if stored is not None:
                return Ticket(key, stored, is_repeat=False)
        raise _busy(key)

    async def answer(self, ticket: Ticket, answer: Answer) -> Answer:
        """Keep the answer; the one that is kept, which is the first."""
        known = ticket.stored
        for _ in range(TRIES_MAX):
            if known.value.answer is not None:
                return known.value.answer
            if await self._written(known.value.model_copy(update={"status": "answered", "answer": answer}), known):
                return answer
            known = await self._again(known)
        raise _busy(ticket.key)

    async def refuse(self, ticket: Ticket) -> None:
        """Note a refusal: nothing was done, and whatever comes with the key next is a new attempt."""
        asked = ticket.stored.value
        refused = asked.model_copy(update={"status": "refused", "attempt": asked.attempt + 1})
        # Where somebody was faster, theirs stands: they asked the same.
        await self._written(refused, ticket.stored)

    async def note_uncharged(self, order: str, payment: str) -> None:
        """Remember a payment that waits for its customer."""
        await self._store.apply(UNCHARGED, order, [Write("put", Uncharged(id=payment, order=order))])

    async def uncharged(self, order: str) -> list[str]:
        """The payments of an order that have waited for its customer, whatever has become of them."""
        page = await self._store.query(UNCHARGED, Query({}, order, limit=PAGE_MAX))
        return [stored.value.id for stored in page.items]

    async def book(self, payment: str) -> Stored[Book] | None:
        """The promises of a payment, None where there never was one."""
        return await self._store.get(BOOKS, payment, payment)

    async def promise(self, payment: str, promises: tuple[Promise, ...], known: Stored[Book] | None) -> bool:
        """Write the book anew; False where it has changed since it was read."""
        book = Book(id=payment, promises=promises)
        write = Write("replace", book, known.etag) if known else Write("create", book)
        try:
            await self._store.apply(BOOKS, payment, [write])
        except (AlreadyThere, ChangedMeanwhile):
            return False
        return True

    async def take_back(self, payment: str, key: str) -> None:
        """Strike the promise of a key that was refused."""
        for _ in range(TRIES_MAX):
            known = await self.book(payment)
            if known is None:
                return
            left = tuple(one for one in known.value.promises if one.key != key)
            if left == known.value.promises or await self.promise(payment, left, known):
                return
        raise _busy(key)

    async def _written(self, asked: Asked, known: Stored[Asked] | None) -> Stored[Asked] | None:
        write = Write("replace", asked, known.etag) if known else Write("create", asked)
        try:
            [stored] = await self._store.apply(KEYS, asked.id, [write])
        except (AlreadyThere, ChangedMeanwhile):
            return None
        return stored

    async def _again(self, known: Stored[Asked]) -> Stored[Asked]:
        found = await self._store.get(KEYS, known.value.id, known.value.id)
        assert found is not None, "keys are never deleted"
        return found


def _busy(key: str) -> Unavailable:
    return Unavailable(f"too many ask about the payment of key {key} at once", retry_seconds=1)
