"""What follows from a payment provider's news; each returns whether anything did, and does no harm a second time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

import azure.durable_functions as df

from shared.money.amounts import Money
from shared.money.news import News
from shared.money.payees import PAYEES, Payee
from shared.money.payments import PAYMENTS
from shared.nudges import stir
from shared.orders.changes import happened, noted
from shared.orders.disputes import (
    DISPUTES,
    UNDECIDED_DAYS_MAX,
    BankCase,
    Decision,
    Dispute,
    ImpossibleMove,
    Reason,
    decided,
    disputed,
)
from shared.orders.order import ORDERS, Order
from shared.records import AlreadyThere, ChangedMeanwhile, Query, Stored, Unavailable, Write
from shared.wire import pack
from shared.wiring import Deps
from triggers.about import About
from triggers.flows import start

TRIES_MAX = 20
PAYEES_MAX = 50
"""How many payees may share one account at the provider."""
OVER = frozenset({"failed", "cancelled"})
LAPSED = frozenset({"expired", "automatic"})
WON = frozenset({"won", "warning_closed", "prevented"})
REASONS: dict[str, Reason] = {
    "fraudulent": "unrecognised",
    "unrecognized": "unrecognised",
    "product_not_received": "not_delivered",
    "product_unacceptable": "not_as_described",
    "duplicate": "overcharged",
    "credit_not_processed": "overcharged",
}
"""The bank's reason → ours; `other` for the rest."""


async def hold_lapsed(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:
    """A card is held no longer: the order's flow finds that out when it wants the money; people see it here."""
    if news.reason is not None and news.reason not in LAPSED:
        return False
    happening = happened(f"lapsed:{news.payment}", about.now, "The hold on the card has lapsed.")
    for _ in range(TRIES_MAX):
        stored = await _order(deps, news)
        if stored is None or stored.value.status in OVER:
            return False
        if any(one.id == happening.id for one in stored.value.timeline):
            return True
        with suppress(ChangedMeanwhile):
            await stir(deps.store, client, ORDERS, stored, noted(stored.value, happening), about.now)
            return True
    raise Unavailable(f"order of payment {news.payment} changes all the time")


async def payment_answered(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:
    """A customer has been at their bank, with or without success: the flow that waits for them looks it up."""
    for _ in range(TRIES_MAX):
        stored = await deps.store.get(PAYMENTS, news.payment, news.payment) if news.payment else None
        if stored is None or stored.value.wakes is None:
            return False  # nobody waits; whoever begins to looks first
        with suppress(ChangedMeanwhile):
            await stir(deps.store, client, PAYMENTS, stored, stored.value, about.now)
            return True
    raise Unavailable(f"payment {news.payment} changes all the time")


async def case_opened(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:
    """The customer's bank wants money back: what is not passed on yet is frozen."""
    return await _case(deps, client, news, about) is not None


async def case_closed(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:
    """The bank has decided. It may be told before the opening is."""
    for _ in range(TRIES_MAX):
        stored = await _case(deps, client, news, about)
        if stored is None:
            return False
        try:
            after = decided(stored.value, _by_bank(stored.value, news, about))
        except ImpossibleMove:
            return True
        with suppress(ChangedMeanwhile):
            if after is not stored.value:
                await stir(deps.store, client, DISPUTES, stored, after, about.now)
            return True
    raise Unavailable(f"the case {news.about} changes all the time")


async def taken_back(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:  # noqa: ARG001
    """Somebody has reversed a transfer at the provider; reversals of our own are booked by those who make them."""
    stored = await _order(deps, news)
    if stored is None:
        return False
    for one in news.foreign:
        given = {"order": stored.value.id, "transfer": news.about, "reversal": one.id, "amount": one.amount}
        await start(client, "withdrawn", f"{stored.value.id}:withdrawn:{one.id}", pack(given))
    return bool(news.foreign)


async def payout_failed(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:
    """A payee's bank has not taken what the provider sent on: the payee is to mend their account."""
    is_known = False
    reason = (news.reason or "refused").replace("_", " ")
    async for payee in _payees(deps, news):
        await _note(deps, payee, about, is_ready=False, trouble=reason[:200])
        given = {"account": payee.value.id, "reason": reason[:200], "amount": news.amount}
        await start(client, "bank_refused", f"payout:{_short(payee.value.id)}:{news.id}", pack(given))
        is_known = True
    return is_known


async def account_updated(deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About) -> bool:
    """A payee's account has changed; what waited for it is sent."""
    is_known = False
    async for payee in _payees(deps, news):
        is_ready = bool(news.is_payable)
        trouble = "" if is_ready else payee.value.trouble
        await _note(deps, payee, about, is_ready=is_ready, trouble=trouble)
        if is_ready:
            await start_payout(client, payee.value.id, "account", news.id)
        is_known = True
    return is_known


async def start_payout(client: df.DurableOrchestrationClient, account: str, by: str, once: str) -> None:
    """Start the payout of an account; once: what it is started for, for which it is started a single time."""
    await start(client, "pay_out", f"payout:{_short(account)}:{once}", {"account": account, "by": by})


async def start_dispute(client: df.DurableOrchestrationClient, dispute: Dispute, about: About) -> None:
    """Start a dispute's flow; one that has waited for its decision too long is started anew."""
    is_late = about.now > dispute.created_at + timedelta(days=UNDECIDED_DAYS_MAX)
    late = ":late" if is_late else ""
    await start(client, "dispute", f"dispute:{dispute.id}{late}", dispute.id)


async def _case(
    deps: Deps, client: df.DurableOrchestrationClient, news: News, about: About
) -> Stored[Dispute] | None:
    """The dispute behind a bank's case, opened if it is not there yet; None for a payment that is not ours."""
    order = await _order(deps, news)
    if order is None or news.amount is None:
        return None
    dispute_id = f"bank-{_short(news.about)}"
    record = Dispute(
        id=dispute_id,
        order=order.value.id,
        customer=order.value.customer,
        reason=REASONS.get(news.reason or "", "other"),
        text=f"The bank says: {(news.reason or 'no reason').replace('_', ' ')}.",
        bank=BankCase(id=news.about, amount=news.amount),
        legs=tuple(disputed(leg) for leg in order.value.legs),
        created_at=about.now,
        updated_at=about.now,
    )
    with suppress(AlreadyThere):
        await deps.store.apply(DISPUTES, dispute_id, [Write("create", record)])
    stored = await deps.store.get(DISPUTES, dispute_id, dispute_id)
    assert stored is not None
    await start_dispute(client, stored.value, about)
    return stored


def _by_bank(dispute: Dispute, news: News, about: About) -> Decision:
    """Won: the money goes its way. Lost: the bank has given it back, and it counts against the legs in their order."""
    if news.status in WON:
        return Decision(verdict="deny", note="The bank has decided for us.", by="provider", at=about.now)
    assert dispute.bank is not None
    left, amounts = dispute.bank.amount, dict[str, Money]()
    for leg in dispute.legs:
        amounts[leg.id] = min(left, leg.price)
        left -= amounts[leg.id]
    return Decision(
        verdict="partial", amounts=amounts, note="The bank has decided for the customer.", by="provider", at=about.now
    )


async def _order(deps: Deps, news: News) -> Stored[Order] | None:
    """The order that news are about, by its id or by its payment."""
    order_id = news.order
    if order_id is None and news.payment is not None:
        payment = await deps.store.get(PAYMENTS, news.payment, news.payment)
        order_id = payment.value.order if payment else None
    return await deps.store.get(ORDERS, order_id, order_id) if order_id else None


async def _payees(deps: Deps, news: News) -> AsyncIterator[Stored[Payee]]:
    if news.account is not None:
        page = await deps.store.query(PAYEES, Query({"destination": news.account}, limit=PAYEES_MAX))
        for stored in page.items:
            yield stored


async def _note(deps: Deps, payee: Stored[Payee], about: About, **news: object) -> None:
    stored: Stored[Payee] | None = payee
    for _ in range(TRIES_MAX):
        assert stored is not None
        after = stored.value.model_copy(update={**news, "updated_at": about.now})
        with suppress(ChangedMeanwhile):
            await deps.store.apply(PAYEES, after.id, [Write("replace", after, stored.etag)])
            return
        stored = await deps.store.get(PAYEES, after.id, after.id)
    raise Unavailable(f"payee {payee.value.id} changes all the time")


def _short(text: str) -> str:
    """What fits into the id of a record or an instance, whatever characters the text has."""
    return sha256(text.encode()).hexdigest()[:24]
