"""The embedded payment provider: no money moves, but its rules are those of the real one; it remembers in the store.

Test methods: `card_ok`; `card_declined` and `card_insufficient` are declined; `card_needs_action` waits for its
customer (payments_sandbox_bank.py); `card_timeout_after_effect` is held and `card_timeout_before_effect` is not, yet
the answer is lost, and only a look-up or the same key again tells; `card_dispute` is charged back once captured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.money import payments as rules
from shared.money.amounts import Money
from shared.money.payments import (
    ACTION_MINUTES_MAX,
    KEY_LENGTH_MAX,
    Action,
    AmountRefused,
    Decline,
    ImpossibleMove,
    OutcomeUnknown,
    PartnerTransfer,
    Payment,
    PaymentError,
    PaymentKeyReused,
    Refund,
    Reversal,
    State,
    Statement,
    UnknownMethod,
    UnknownPayment,
)
from shared.ports import Clock, Store
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


class Card(NamedTuple):
    """How a test method behaves. lost: whether its first answer is lost before or after it has an effect."""

    decline: Decline | None = None
    needs_action: bool = False
    lost: Literal["before", "after"] | None = None
    is_charged_back: bool = False


METHODS: dict[str, Card] = {
    "card_ok": Card(),
    "card_declined": Card("card_declined"),
    "card_insufficient": Card("insufficient_funds"),
    "card_timeout_after_effect": Card(lost="after"),
    "card_timeout_before_effect": Card(lost="before"),
    "card_needs_action": Card(needs_action=True),
    "card_dispute": Card(is_charged_back=True),
}
"""Every test method."""
BANK_PAGE = "/api/v1/dev/payments/{payment}/confirm"
"""Where the customer confirms or fails: a path on this app, in place of a bank's page."""
TRIES_MAX = 20
# One account, as with the real provider: keys are unique in all of it, and an effect and its key are one batch.
ACCOUNT = "sandbox"


class Answered(BaseModel):
    """What was answered to an idempotency key, and the request's fingerprint."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    kind: Literal["answer"] = "answer"
    fingerprint: str
    answer: Annotated[Payment | Refund | PartnerTransfer | Reversal, Field(discriminator="kind")]


class Lost(BaseModel):
    """That the first answer to a key has been lost."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    kind: Literal["lost"] = "lost"


class Chargeback(BaseModel):
    """What the customer's bank wants back of a payment; won: by us, and then it has given up."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    kind: Literal["chargeback"] = "chargeback"
    payment: str
    amount: Money
    status: Literal["needs_response", "won", "lost"] = "needs_response"


class Entry(Record):
    """One thing that the sandbox remembers; is_told: whether the app has heard of it, where it happens by itself."""

    account: str = ACCOUNT
    order: str
    is_told: bool = True
    body: Annotated[
        Payment | Refund | PartnerTransfer | Reversal | Answered | Lost | Chargeback, Field(discriminator="kind")
    ]


ENTRIES = Container("payments_sandbox", Entry, "account", indexes=("order", "is_told"))

A = TypeVar("A", Payment, Refund, PartnerTransfer, Reversal)


@dataclass(frozen=True)
class _Effect(Generic[A]):
    answer: A
    writes: list[Write[Entry]]


class SandboxPayments:
    """Satisfies shared.ports.Payments on any Store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def authorise(self, order: str, amount: Money, method: str, key: str) -> Payment:
        """Hold money on the customer's card; a refusal is a payment in state declined."""
        if method not in METHODS:
            raise UnknownMethod(f"method {method!r} is unknown: use one of {', '.join(METHODS)}")
        if amount.minor <= 0:
            raise AmountRefused(f"{amount} is not above zero: send what is to be held")

        card = METHODS[method]

        async def effect() -> _Effect[Payment]:
            if card.lost == "before" and await self._is_first(order, key):
                raise _lost(key)
            payment = self._new_payment(order, amount, method, key)
            return _Effect(payment, [_create(payment)])

        answer, is_first = await self._once(key, ["authorise", order, _plain(amount), method], Payment, effect)
        if is_first and card.lost == "after":
            raise _lost(key)
        return answer

    async def capture(self, payment: str, amount: Money, key: str) -> Payment:
        """Take held money, up to all of it; the rest is let go."""

        async def effect() -> _Effect[Payment]:
            entry, held = await self._payment(payment)
            taken = rules.capture(held, amount)
            is_disputed = METHODS[taken.method].is_charged_back
            disputed = [_create_chargeback(taken)] if is_disputed else []
            return _Effect(taken, [replaced(entry, taken), *disputed])

        return (await self._once(key, ["capture", payment, _plain(amount)], Payment, effect))[0]

    async def void(self, payment: str, key: str) -> Payment:
        """Let go of held money; where none is held, nothing changes."""

        async def effect() -> _Effect[Payment]:
            entry, held = await self._payment(payment)
            freed = rules.void(held)
            return _Effect(freed, [replaced(entry, freed)])

        return (await self._once(key, ["void", payment], Payment, effect))[0]

    async def refund(self, payment: str, amount: Money, key: str) -> Refund:
        """Give captured money back to the customer."""

        async def effect() -> _Effect[Refund]:
            entry, taken = await self._payment(payment)
            after = rules.refund(taken, amount)
            await self._check_undisputed(payment)
            refund = Refund(id=_id("refund", key), order=taken.order, payment=payment, amount=amount)
            return _Effect(refund, [replaced(entry, after), _create(refund)])

        return (await self._once(key, ["refund", payment, _plain(amount)], Refund, effect))[0]

    async def transfer(self, payment: str, to: str, amount: Money, key: str) -> PartnerTransfer:
        """Pass captured money on to a partner."""

        async def effect() -> _Effect[PartnerTransfer]:
            entry, taken = await self._payment(payment)
            after = rules.transfer(taken, amount)
            made = PartnerTransfer(
                id=_id("transfer", key),
                order=taken.order,
                payment=payment,
                to=to,
                amount=amount,
                reversed=amount.zero(),
            )
            return _Effect(made, [replaced(entry, after), _create(made)])

        return (await self._once(key, ["transfer", payment, to, _plain(amount)], PartnerTransfer, effect))[0]

    async def reverse(self, transfer: str, amount: Money, key: str) -> Reversal:
        """Take transferred money back from a partner."""

        async def effect() -> _Effect[Reversal]:
            made_entry, made = await self._entry(transfer, PartnerTransfer)
            entry, taken = await self._payment(made.payment)
            payment_after, made_after = rules.reverse(taken, made, amount)
            reversal = Reversal(id=_id("reversal", key), order=made.order, transfer=transfer, amount=amount)
            writes = [replaced(entry, payment_after), replaced(made_entry, made_after), _create(reversal)]
            return _Effect(reversal, writes)

        return (await self._once(key, ["reverse", transfer, _plain(amount)], Reversal, effect))[0]

    async def statement(self, order: str) -> Statement:
        """All that is known of an order; empty for one that is not."""
        bodies = await self._bodies(order)
        now = self._clock.now()
        return Statement(
            payments=tuple(rules.as_of(one, now) for one in bodies if isinstance(one, Payment)),
            refunds=tuple(one for one in bodies if isinstance(one, Refund)),
            transfers=tuple(one for one in bodies if isinstance(one, PartnerTransfer)),
            reversals=tuple(one for one in bodies if isinstance(one, Reversal)),
        )

    def _new_payment(self, order: str, amount: Money, method: str, key: str) -> Payment:
        card, name, now = METHODS[method], _id("payment", key), self._clock.now()
        state = State.DECLINED if card.decline else State.NEEDS_ACTION if card.needs_action else State.AUTHORISED
        until = now + timedelta(minutes=ACTION_MINUTES_MAX)
        action = Action(url=BANK_PAGE.format(payment=name), expires_at=until) if card.needs_action else None
        return Payment(
            id=name,
            order=order,
            method=method,
            amount=amount,
            state=state,
            captured=amount.zero(),
            refunded=amount.zero(),
            transferred=amount.zero(),
            decline=card.decline,
            action=action,
            at=now,
        )

    async def _is_first(self, order: str, key: str) -> bool:
        """Whether a key comes for the first time; from now on it has come."""
        try:
            await self._store.apply(
                ENTRIES, ACCOUNT, [Write("create", Entry(id=_id("lost", key), order=order, body=Lost()))]
            )
        except AlreadyThere:
            return False
        return True

    async def _check_undisputed(self, payment: str) -> None:
        stored = await self._store.get(ENTRIES, ACCOUNT, chargeback_id(payment))
        body = stored.value.body if stored else None
        if isinstance(body, Chargeback) and body.status != "won":
            raise ImpossibleMove(f"payment {payment} is disputed: the customer's bank decides")

    async def _once(
        self, key: str, request: list[object], kind: type[A], effect: Callable[[], Awaitable[_Effect[A]]]
    ) -> tuple[A, bool]:
        """The answer to a key, and whether it was given now: the effect and its answer are written together or not."""
        if not 1 <= len(key) <= KEY_LENGTH_MAX:
            raise ValueError(f"an idempotency key has 1 to {KEY_LENGTH_MAX} characters, not {len(key)}")
        fingerprint = hashlib.sha256(json.dumps(request).encode()).hexdigest()
        for _ in range(TRIES_MAX):
            known = await self._answer(key, fingerprint, kind)
            if known is not None:
                return known, False
            try:
                made: _Effect[A] = await effect()
            except PaymentError:
                if await self._answer(key, fingerprint, kind) is None:
                    raise
                continue  # the same request was done between the two looks
            answered = Answered(fingerprint=fingerprint, answer=made.answer)
            kept = Entry(id=_id("key", key), order=made.answer.order, body=answered)
            try:
                await self._store.apply(ENTRIES, ACCOUNT, [*made.writes, Write("create", kept)])
            except (AlreadyThere, ChangedMeanwhile):
                continue  # somebody else was faster, with this key or on this payment: look again
            return made.answer, True
        raise Unavailable(f"the sandbox is too busy with the payment of key {key}", retry_seconds=1)

    async def _answer(self, key: str, fingerprint: str, kind: type[A]) -> A | None:
        stored = await self._store.get(ENTRIES, ACCOUNT, _id("key", key))
        if stored is None or not isinstance(stored.value.body, Answered):
            return None
        known = stored.value.body
        if known.fingerprint != fingerprint or not isinstance(known.answer, kind):
            raise PaymentKeyReused(f"key {key} belongs to another request: make a new one for a new intention")
        return known.answer

    async def _payment(self, payment_id: str) -> tuple[Stored[Entry], Payment]:
        entry, payment = await self._entry(payment_id, Payment)
        return entry, rules.as_of(payment, self._clock.now())

    async def _entry(self, entry_id: str, kind: type[A]) -> tuple[Stored[Entry], A]:
        stored = await self._store.get(ENTRIES, ACCOUNT, entry_id)
        if stored is None or not isinstance(stored.value.body, kind):
            raise UnknownPayment(f"no {kind.__name__} has the id {entry_id!r}: look the order up")
        return stored, stored.value.body

    async def _bodies(self, order: str) -> list[object]:
        bodies: list[object] = []
        after: str | None = None
        while True:
            page = await self._store.query(ENTRIES, Query({"order": order}, ACCOUNT, limit=PAGE_MAX, after=after))
            bodies.extend(stored.value.body for stored in page.items)
            after = page.next
            if after is None:
                return bodies


def _create(body: Payment | Refund | PartnerTransfer | Reversal) -> Write[Entry]:
    return Write("create", Entry(id=body.id, order=body.order, body=body))


def _create_chargeback(taken: Payment) -> Write[Entry]:
    body = Chargeback(payment=taken.id, amount=taken.captured)
    return Write("create", Entry(id=chargeback_id(taken.id), order=taken.order, is_told=False, body=body))


def replaced(entry: Stored[Entry], body: Payment | PartnerTransfer) -> Write[Entry]:
    """A write of an entry's new state, unless it has changed meanwhile."""
    return Write("replace", entry.value.model_copy(update={"body": body}), entry.etag)


def chargeback_id(payment: str) -> str:
    """The id of a payment's chargeback."""
    return _id("chargeback", payment)


def _lost(key: str) -> OutcomeUnknown:
    return OutcomeUnknown(f"the answer to key {key} was lost: repeat with the same key, or look the order up")


def _id(kind: str, key: str) -> str:
    """An id that follows from the key, so that the same request again is the same thing."""
    return f"{kind}_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _plain(amount: Money) -> dict[str, object]:
    return amount.model_dump()
