"""The customers' bank of the embedded payment provider: what a customer does on its page, and what it wants back.

A real provider tells of these over webhooks; here somebody has to come and hear.
"""

from __future__ import annotations

from shared.adapters.payments_sandbox import ACCOUNT, ENTRIES, TRIES_MAX, Chargeback, Entry, chargeback_id, replaced
from shared.money import payments as rules
from shared.money.news import News
from shared.money.payments import ImpossibleMove, Payment, UnknownPayment
from shared.ports import Clock, Store
from shared.records import ChangedMeanwhile, Query, Stored, Unavailable, Write

NEWS_MAX = 50
"""So many are heard at once; the rest come the next time."""


class SandboxBank:
    """On the same store as the provider."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def answer(self, payment: str, *, is_confirmed: bool) -> Payment:
        """The customer confirms a payment, or does not get past; told twice is told once.

        Raises UnknownPayment, ImpossibleMove.
        """
        for _ in range(TRIES_MAX):
            stored = await self._store.get(ENTRIES, ACCOUNT, payment)
            if stored is None or not isinstance(stored.value.body, Payment):
                raise UnknownPayment(f"no payment has the id {payment!r}")
            held = rules.as_of(stored.value.body, self._clock.now())
            after = rules.confirmed(held) if is_confirmed else rules.failed(held)
            if after == held:
                return after
            try:
                await self._store.apply(ENTRIES, ACCOUNT, [replaced(stored, after)])
            except ChangedMeanwhile:
                continue
            return after
        raise Unavailable(f"the sandbox is too busy with payment {payment}", retry_seconds=1)

    async def decide(self, payment: str, *, is_won: bool) -> None:
        """Decide on a chargeback: for us, or for the customer; told twice is told once.

        Raises UnknownPayment where there is none, ImpossibleMove where it was decided otherwise.
        """
        stored = await self._store.get(ENTRIES, ACCOUNT, chargeback_id(payment))
        if stored is None or not isinstance(stored.value.body, Chargeback):
            raise UnknownPayment(f"nobody has disputed a payment of the id {payment!r}")
        status = "won" if is_won else "lost"
        if stored.value.body.status == status:
            return
        if stored.value.body.status != "needs_response":
            raise ImpossibleMove(f"the chargeback is {stored.value.body.status} already")
        body = stored.value.body.model_copy(update={"status": status})
        after = stored.value.model_copy(update={"body": body, "is_told": False})
        await self._store.apply(ENTRIES, ACCOUNT, [Write("replace", after, stored.etag)])

    async def news(self) -> list[tuple[News, Stored[Entry]]]:
        """What has happened by itself and was not heard yet, each with what `heard` takes."""
        page = await self._store.query(ENTRIES, Query({"is_told": False}, ACCOUNT, limit=NEWS_MAX))
        return [
            (self._of(one.value, one.value.body), one) for one in page.items if isinstance(one.value.body, Chargeback)
        ]

    async def heard(self, one: Stored[Entry]) -> None:
        """The app has heard it; what has changed since is to be heard again."""
        try:
            told = one.value.model_copy(update={"is_told": True})
            await self._store.apply(ENTRIES, ACCOUNT, [Write("replace", told, one.etag)])
        except ChangedMeanwhile:
            return

    def _of(self, entry: Entry, body: Chargeback) -> News:
        is_open = body.status == "needs_response"
        return News(
            id=f"{entry.id}-{body.status}",
            type="charge.dispute.created" if is_open else "charge.dispute.closed",
            at=self._clock.now(),
            is_live=False,
            about=entry.id,
            payment=body.payment,
            order=entry.order,
            amount=body.amount,
            status=body.status,
            reason="fraudulent",
        )
