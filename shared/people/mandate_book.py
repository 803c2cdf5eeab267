"""The mandates as they are kept: every change by etag, and what an order costs together with the order's own entry."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from shared.flows import Refusal
from shared.people import mandates as rules
from shared.people.mandates import MANDATES, Mandate, MandateEntry, Paid, Spending
from shared.records import AlreadyThere, ChangedMeanwhile, NotThere, Page, Query, Stored, Write

if TYPE_CHECKING:
    from shared.ports import Store

TRIES_MAX = 20
B = TypeVar("B", Mandate, Paid)
Rule = Callable[[Mandate, Paid | None], tuple[Mandate, Paid] | Refusal]


async def find(store: Store, mandate_id: str) -> Mandate | None:
    """The mandate of this id."""
    there = await _read(store, mandate_id, mandate_id, Mandate)
    return there[1] if there else None


async def page_of(
    store: Store, customer: str, agent: str | None, *, limit: int, after: str | None
) -> tuple[list[Mandate], str | None]:
    """A customer's mandates, newest first, of one agent or of all; and the token of the next page."""
    where = {"customer": customer} if agent is None else {"customer": customer, "agent": agent}
    page: Page[MandateEntry] = await store.query(MANDATES, Query(where, order="-created_at", limit=limit, after=after))
    found = [stored.value.body for stored in page.items]
    return [body for body in found if isinstance(body, Mandate)], page.next


async def add(store: Store, mandate: Mandate) -> Mandate:
    """Keep a new mandate; where there is one of its id, that one stays as it is. The one that is kept."""
    with suppress(AlreadyThere):
        await store.apply(MANDATES, mandate.id, [Write("create", _entry_of(mandate))])
    kept = await find(store, mandate.id)
    if kept is None:
        raise NotThere(f"mandate {mandate.id} is gone")
    return kept


async def change(store: Store, mandate_id: str, rule: Callable[[Mandate], Mandate]) -> Mandate:
    """The mandate after a change; raises what the rule raises, NotThere, ChangedMeanwhile."""
    for _ in range(TRIES_MAX):
        there = await _read(store, mandate_id, mandate_id, Mandate)
        if there is None:
            raise NotThere(f"there is no mandate {mandate_id}")
        stored, before = there
        after = rule(before)
        if after == before:
            return before
        try:
            await store.apply(MANDATES, mandate_id, [Write("replace", _entry_of(after), stored.etag)])
        except ChangedMeanwhile:
            continue
        return after
    raise ChangedMeanwhile(f"mandate {mandate_id} changes all the time")


async def spend(store: Store, spending: Spending, now: datetime) -> Mandate | Refusal:
    """Let a mandate pay for an order, once; refuses as rules.spent says, and for no_such_mandate."""
    return await _pay(store, spending, partial(rules.spent, spending=spending, now=now))


async def unspend(store: Store, spending: Spending, now: datetime) -> None:
    """Take back what a mandate has paid for an order; an attempt to pay for it that comes later is refused."""
    await _pay(store, spending, partial(rules.unspent, spending=spending, now=now))


async def _pay(store: Store, spending: Spending, rule: Rule) -> Mandate | Refusal:
    for _ in range(TRIES_MAX):
        # The mandate first: if the order's entry is written between both, the mandate's etag is an old one.
        there = await _read(store, spending.mandate, spending.mandate, Mandate)
        if there is None:
            return Refusal("no_such_mandate", "There is no such mandate.")
        stored, mandate = there
        paid = await _read(store, mandate.id, _paid_id(spending.order), Paid)
        after = rule(mandate, paid[1] if paid else None)
        if isinstance(after, Refusal):
            return after
        if paid and after[1] == paid[1]:
            return mandate
        entry = MandateEntry(id=_paid_id(spending.order), mandate=mandate.id, created_at=after[1].at, body=after[1])
        writes = [
            Write("replace", _entry_of(after[0]), stored.etag),
            Write("replace", entry, paid[0].etag) if paid else Write("create", entry),
        ]
        try:
            await store.apply(MANDATES, mandate.id, writes)
        except (ChangedMeanwhile, AlreadyThere):
            continue
        return after[0]
    raise ChangedMeanwhile(f"mandate {spending.mandate} changes all the time")


async def _read(store: Store, mandate_id: str, entry_id: str, kind: type[B]) -> tuple[Stored[MandateEntry], B] | None:
    stored = await store.get(MANDATES, mandate_id, entry_id)
    if stored is None or not isinstance(stored.value.body, kind):
        return None
    return stored, stored.value.body


def _entry_of(mandate: Mandate) -> MandateEntry:
    return MandateEntry(
        id=mandate.id,
        mandate=mandate.id,
        customer=mandate.customer,
        agent=mandate.agent,
        created_at=mandate.created_at,
        body=mandate,
    )


def _paid_id(order: str) -> str:
    return f"paid:{order}"
