"""Whether an intent may buy by itself: its customer may; an agent as far as agents, consents and mandates go."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from shared.money.amounts import Money
from shared.people import mandate_book, mandates
from shared.people.access import Caller, Role, Verdict, order_verdict
from shared.people.customers import CUSTOMERS
from shared.standing.intent import StandingIntent

if TYPE_CHECKING:
    from shared.ports import Store

Allowance = Literal["alone", "in_person", "refused"]
"""Without a word; only with the customer's own, which then counts against no mandate; not at all."""


async def allowance(
    store: Store, intent: StandingIntent, merchants: tuple[str, ...], total: Money, now: datetime
) -> Allowance:
    """How an intent may buy for so much from these partners now.

    What its mandate does not pay for, be it over, revoked or spent, the customer may still want: they are asked.
    """
    caller = _caller(intent)
    verdict = Verdict.ALLOWED
    if caller.is_agent:
        kept = await store.get(CUSTOMERS, intent.customer, intent.customer)
        verdict = order_verdict(caller, total.minor, total.currency, kept.value.consent.limits if kept else None)
    if verdict is Verdict.REFUSED:
        return "refused"
    if intent.mandate is not None and verdict is Verdict.ALLOWED:
        mandate = await mandate_book.find(store, intent.mandate)
        if mandate is None:
            return "in_person"
        verdict = mandates.decide(mandate, caller, merchants, total, now, "intents:write").verdict
    return "alone" if verdict is Verdict.ALLOWED else "in_person"


def _caller(intent: StandingIntent) -> Caller:
    """Who set it up, as they would order now."""
    if intent.agent is None:
        return Caller(intent.customer, frozenset({Role.CUSTOMER}))
    return Caller(intent.agent, frozenset({Role.AGENT}), acting_for=intent.customer, limits=intent.limits)
