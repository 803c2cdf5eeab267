"""Payouts: what was earned, passed on to the payee's account at the provider, and the payee told.

Keys follow from the payout, never from the flow, so that whichever flow comes to it makes the same transfer.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

import azure.durable_functions as df

from activities import Client, activity
from activities.speaking import Saying, say_to_party
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.money import payouts as rules
from shared.money.accounts import parse
from shared.money.amounts import Money
from shared.money.payees import (
    PAYEES,
    RETRY_HOURS,
    Payee,
    destination_of,
    next_payout,
)
from shared.money.payments import PaymentError
from shared.money.payouts import PAYOUTS, Payout
from shared.orders.order import PartyKind
from shared.records import ChangedMeanwhile, NotThere, Query, Stored, Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
AT_ONCE_MAX = 20
"""How many payouts a flow takes on before it begins anew."""
REASON_LENGTH_MAX = 200
PARTIES: dict[str, PartyKind] = {"vendor": "partner", "hub": "hub", "worker": "worker"}
"""Kind of account → kind of party, for those who can be told."""


class Asking(Plain):
    """Whose payouts are due; by: why they are asked for, after: where the last page ended.

    What is released, and an account that was named or has become ready, send on only what is wanted at once.
    """

    account: str
    by: Literal["release", "account", "schedule", "payee"]
    after: str | None = None


class BankRefusal(Plain):
    """A payout of the provider's that a payee's bank has not taken."""

    account: str
    reason: str
    amount: Money | None = None


class PayoutRef(Plain):
    """One payout."""

    account: str
    id: str


class Due(Plain):
    """What is to be sent now, and where the next page begins; order: one that it comes from, for the thread.

    Where nothing can be sent: what it waits for, and what the payee is told (says).
    """

    payouts: tuple[PayoutRef, ...] = ()
    next: str | None = None
    order: str = ""
    waits_for: str = ""
    says: str = ""


class Transferred(Plain):
    """A payout that the provider has made, and the id of the command by which the ledger hears of it."""

    order: str
    customer: str
    leg: str
    account: str
    amount: Money
    command: str


class PayeeNotice(Plain):
    """What a payee is to be told."""

    account: str
    text: str
    about: str


@activity(blueprint, retry=QUICK)
async def read_due(deps: Deps, asking: Asking, call: Call) -> Due:
    """The payouts that are to be sent now; none where nobody knows where to, or the payee wants them later."""
    payee = await _payee(deps, asking.account, call)
    query = Query({"status": {"in": ["waiting", "sending", "sent"]}}, asking.account, None, AT_ONCE_MAX, asking.after)
    page = await deps.store.query(PAYOUTS, query)
    if not page.items:
        return Due()
    order = page.items[0].value.order
    total = _sum_words([stored.value.due for stored in page.items])
    if destination_of(payee, deps.settings.payments) is None:
        words = f"{total} wait for you: tell us the account that they are to be paid to."
        return Due(order=order, waits_for="no_account", says=words)
    if payee.schedule != "at_once" and asking.by in {"release", "account"}:
        words = f"{total} are released to you. {_when_words(deps, payee, call)}"
        return Due(order=order, waits_for="schedule", says=words if asking.by == "release" else "")
    refs = tuple(PayoutRef(account=asking.account, id=stored.value.id) for stored in page.items)
    return Due(payouts=refs, next=page.next, order=order)


@activity(blueprint, retry=PATIENT)
async def pass_on(deps: Deps, ref: PayoutRef, call: Call) -> Transferred | Refusal:
    """Transfer a payout, out of the payments of its order; a second time it is found to be done."""
    stored = await _stored(deps, ref)
    if stored.value.status == "waiting":
        planned = await _planned(deps, stored, call)
        if isinstance(planned, Refusal):
            return await _held_up(deps, stored, planned)
        stored = planned
    if stored.value.status == "sending":
        sent = await _sent(deps, stored, call)
        if isinstance(sent, Refusal):
            return sent
        stored = sent
    if stored.value.status == "kept":
        return Refusal("kept", "All of it was needed for a refund.")
    return transferred(stored.value)


@activity(blueprint, retry=PATIENT)
async def book_payout(deps: Deps, ref: PayoutRef, call: Call) -> bool:
    """Note that the ledger has it; whether it was this step that did, for of several flows one is to tell the payee."""
    stored = await _stored(deps, ref)
    if stored.value.status == "sent":
        stored = await written(deps, rules.moved(stored.value, "book", booked_by=call.key), stored)
    return stored.value.booked_by == call.key


@activity(blueprint, retry=PATIENT)
async def look_again(deps: Deps, account: str, call: Call) -> None:
    """Set when a payee's payouts are looked at next: what did not get through is tried again in RETRY_HOURS."""
    stored = await deps.store.get(PAYEES, account, account)
    if stored is None:
        return
    open_ = {"status": {"in": ["waiting", "sending", "sent"]}}
    is_open = bool((await deps.store.query(PAYOUTS, Query(open_, account, limit=1))).items)
    has_account = destination_of(stored.value, deps.settings.payments) is not None
    at = call.at + timedelta(hours=RETRY_HOURS) if is_open and has_account else None
    if at and stored.value.schedule != "at_once":
        at = next_payout(stored.value.schedule, call.at, ZoneInfo(deps.settings.time_zone))
    after = stored.value.model_copy(update={"next_at": at})
    # Where somebody has changed it meanwhile, money has come or the schedule is another: theirs stands.
    with suppress(ChangedMeanwhile):
        await deps.store.apply(PAYEES, account, [Write("replace", after, stored.etag)])


@activity(blueprint, retry=PATIENT)
async def tell_payee(deps: Deps, notice: PayeeNotice, call: Call, client: Client) -> None:
    """Tell a payee on their own channel; an affiliate sees it in their figures."""
    account = parse(notice.account)
    party = PARTIES.get(account.kind)
    if party is not None:
        saying = Saying(thread=notice.about, text=notice.text, facts={"request_type": "notice"})
        await say_to_party(deps, client, party, account.ids[0], saying, call)


def transferred(payout: Payout) -> Transferred:
    """What flows need to know of a payout that was made."""
    return Transferred(
        order=payout.order, customer=payout.customer, leg=payout.leg, account=payout.account, amount=payout.due,
        command=payout.command_id,
    )  # fmt: skip


async def _planned(deps: Deps, stored: Stored[Payout], call: Call) -> Stored[Payout] | Refusal:
    payout = stored.value
    destination = destination_of(await _payee(deps, payout.account, call), deps.settings.payments)
    if destination is None:
        return Refusal("no_account", "It waits for an account that it can be paid to.")
    statement = await deps.payments.statement(payout.order)
    after = rules.planned(payout, destination, statement.payments)
    if after is None:
        return Refusal("not_enough", "The payments of the order do not have so much left.")
    return await written(deps, after, stored)


async def _sent(deps: Deps, stored: Stored[Payout], call: Call) -> Stored[Payout] | Refusal:
    """Every part in turn, each written down as soon as it is made."""
    for number, part in enumerate(stored.value.parts):
        if part.transfer is not None:
            continue
        payout = stored.value
        assert payout.destination is not None
        try:
            made = await deps.payments.transfer(
                part.payment, payout.destination, part.amount, f"payout:{payout.id}:{number}"
            )
        except PaymentError as no:
            return await _refused(deps, stored, Refusal("refused", str(no)))
        parts = list(payout.parts)
        parts[number] = part.model_copy(update={"transfer": made.id})
        stored = await written(deps, payout.model_copy(update={"parts": tuple(parts)}), stored)
    after = rules.moved(stored.value, "send", sent_at=call.at, reason="")
    return await written(deps, after, stored)


async def _refused(deps: Deps, stored: Stored[Payout], no: Refusal) -> Refusal:
    """A refusal ends the plan, unless a part of it is carried out: then that plan is tried again."""
    if any(part.transfer for part in stored.value.parts):
        return await _held_up(deps, stored, no)
    waiting = rules.moved(stored.value, "refuse", parts=(), destination=None)
    return await _held_up(deps, await written(deps, waiting, stored), no)


async def _held_up(deps: Deps, stored: Stored[Payout], no: Refusal) -> Refusal:
    """Note why; the same reason again is returned without its words, for it has been told."""
    reason = f"{no.reason}: {no.detail}"[:REASON_LENGTH_MAX]
    if reason == stored.value.reason:
        return Refusal(no.reason)
    await written(deps, stored.value.model_copy(update={"reason": reason}), stored)
    return no


async def _payee(deps: Deps, account: str, call: Call) -> Payee:
    stored = await deps.store.get(PAYEES, account, account)
    return stored.value if stored else Payee(id=account, updated_at=call.at)


async def _stored(deps: Deps, ref: PayoutRef) -> Stored[Payout]:
    stored = await deps.store.get(PAYOUTS, ref.account, ref.id)
    if stored is None:
        raise NotThere(f"there is no payout {ref.id}")
    return stored


async def written(deps: Deps, after: Payout, stored: Stored[Payout]) -> Stored[Payout]:
    """Write a payout; raises ChangedMeanwhile: the step is then tried again, with what stands there now."""
    (written,) = await deps.store.apply(PAYOUTS, after.account, [Write("replace", after, stored.etag)])
    assert written is not None
    return written


def _when_words(deps: Deps, payee: Payee, call: Call) -> str:
    zone = ZoneInfo(deps.settings.time_zone)
    at = next_payout(payee.schedule, call.at, zone)
    return f"The next payout is on {at.astimezone(zone):%A %b %d}." if at else "They are paid out when you ask for it."


def _sum_words(amounts: Sequence[Money]) -> str:
    """Amounts added up, currency by currency: `$55.00 and €3.00`."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, amount.zero()) + amount
    return " and ".join(str(one) for one in sums.values())


def hashed(text: str) -> str:
    """As short as every provider takes it."""
    return sha256(text.encode()).hexdigest()[:40]
