"""Payouts: a payee is sent what its legs have earned; what the provider takes back on its own is booked.

1. What is due is read: everything that waits, where the payee's schedule and account allow it.
2. Each sum is transferred, the ledger hears of it, and it is done with.
3. The payee is told; what did not get through is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import azure.durable_functions as df

from activities.escalations import Escalating, escalate
from activities.payouts import (
    Asking,
    BankRefusal,
    Due,
    PayeeNotice,
    PayoutRef,
    Transferred,
    book_payout,
    look_again,
    pass_on,
    read_due,
    tell_payee,
)
from activities.takings import Withdrawn, note_withdrawn
from orchestrators.move_money import Movement
from orchestrators.steps import (
    FAN_OUT_MAX,
    Context,
    Flow,
    all_of,
    call_flow,
    child,
    continue_as_new,
    input_of,
    must,
    step,
)
from shared.flows import Refusal, StepFailed
from shared.money.accounts import OUTSIDE, parse
from shared.money.amounts import Money
from shared.money.commands import PaidOut, TakenBack
from shared.money.legs import Outcome
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def pay_out(context: Context) -> Flow[Any]:
    """Send a payee what is due; how many sums were sent, as plain JSON."""
    asked = input_of(context, Asking)
    due = yield from step(context, read_due, asked)
    sent = yield from _sent(context, due)
    words = f"{_sum_words(sent)} are on the way to your account." if sent else due.says
    yield from _told(context, asked.account, words, due.order)
    if due.next is None:
        yield from step(context, look_again, asked.account)
        return pack({"sent": len(sent), "waits_for": due.waits_for})
    continue_as_new(context, asked.model_copy(update={"after": due.next}))
    return None


@blueprint.orchestration_trigger(context_name="context")
def withdrawn(context: Context) -> Flow[Any]:
    """Book what the provider has taken back from a payee without our asking, and let staff decide what follows."""
    news = input_of(context, Withdrawn)
    made: Transferred = yield from must(step(context, note_withdrawn, news))
    command = TakenBack(
        id=f"taken_back:{news.reversal}", at=context.current_utc_datetime, leg=made.leg, of=made.account,
        amount=news.amount, memo="Taken back by the provider",
    )  # fmt: skip
    yield from call_flow(context, "move_money", _movement(made, command), Outcome)
    words = f"{news.amount} were taken back from your account; we look into it."
    yield from _told(context, made.account, words, made.order)
    text = f"{news.amount} of order {made.order} were taken back from {made.account} at the provider."
    yield from step(context, escalate, _matter(context, made.account, made.order, text))
    return pack({"taken_back": news.amount})


@blueprint.orchestration_trigger(context_name="context")
def bank_refused(context: Context) -> Flow[Any]:
    """Tell a payee, and staff, that the payee's bank has not taken a payout of the provider's."""
    news = input_of(context, BankRefusal)
    amount = f" of {news.amount}" if news.amount else ""
    words = f"Your bank has refused a payout{amount} ({news.reason}). Please check your account with our provider."
    yield from _told(context, news.account, words, "")
    text = f"The bank of {news.account} has refused a payout{amount}: {news.reason}."
    yield from step(context, escalate, _matter(context, news.account, None, text))
    return pack({"told": True})


def paid_on(context: Context, accounts: Iterable[str]) -> Flow[None]:
    """Send payees what is due after a release. What fails is lined up and tried again by the clock: nobody waits."""
    asked = [Asking(account=account, by="release") for account in sorted(set(accounts))[:FAN_OUT_MAX]]
    try:
        yield from all_of(context, [child(context, "pay_out", one, dict) for one in asked])
    except StepFailed:
        return


def payees_of(outcome: Outcome) -> list[str]:
    """Whom a movement has brought something that is paid out."""
    return [one.credit for one in outcome.transfers if one.kind == "posted" and parse(one.credit).kind in OUTSIDE]


def _sent(context: Context, due: Due) -> Flow[list[Money]]:
    """Each sum by itself: one that does not get through holds up no other."""
    sent = []
    for ref in due.payouts:
        try:
            amount = yield from _one_sent(context, ref)
        except StepFailed:
            continue  # the provider does not answer: look_again sees to it
        if amount is not None:
            sent.append(amount)
    return sent


def _one_sent(context: Context, ref: PayoutRef) -> Flow[Money | None]:
    made = yield from step(context, pass_on, ref)
    if isinstance(made, Refusal):
        if made.detail and made.reason != "kept":
            text = f"A payout to {ref.account} is refused: {made.detail}"
            yield from step(context, escalate, _matter(context, ref.account, None, text))
        return None
    command = PaidOut(
        id=made.command, at=context.current_utc_datetime, leg=made.leg, to=made.account, amount=made.amount,
        memo="Paid out",
    )  # fmt: skip
    outcome = yield from call_flow(context, "move_money", _movement(made, command), Outcome)
    if outcome.refusal is not None:
        text = f"A payout to {ref.account} was made, and the ledger does not take it: {outcome.refusal.reason}"
        yield from step(context, escalate, _matter(context, ref.account, made.order, text))
        return None
    is_mine = yield from step(context, book_payout, ref)
    return made.amount if is_mine else None


def _movement(made: Transferred, command: PaidOut | TakenBack) -> Movement:
    return Movement(order=made.order, customer=made.customer, currency=command.amount.currency, command=command)


def _matter(context: Context, account: str, order: str | None, text: str) -> Escalating:
    return Escalating(
        about=f"payee:{account}", order=order, reason="payout_failed", text=text,
        urgent_at=context.current_utc_datetime,
    )  # fmt: skip


def _told(context: Context, account: str, words: str, order: str) -> Flow[None]:
    if words:
        about = f"order:{order}" if order else f"payee:{account}"
        yield from step(context, tell_payee, PayeeNotice(account=account, text=words, about=about))


def _sum_words(amounts: list[Money]) -> str:
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, amount.zero()) + amount
    return " and ".join(str(one) for one in sums.values())
