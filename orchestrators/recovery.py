"""Autonomous recovery: when a partner cannot do its part, somebody else does, and nobody's hand is needed.

1. Look for what could take the leg's place: another partner, about the same price, in time. The best is reserved.
2. Ask the customer, with the difference in price and the times before and after; or go ahead alone, where they let us.
3. Yes: what was reserved is bought, the money moves over, only the difference is paid; the order, its times and all who
   are in it learn of it. The original is never given up before.
4. No: the next best. Nothing more, or silence: the original stays where it still can, else the money is offered back.
5. Nobody at all: an honest word, and a person.

Every step is written into the recovery's log.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from activities.approvals import Question
from activities.escalations import Escalating, escalate
from activities.flows import wake_order
from activities.notices import PartyNotice, tell_party
from activities.orders import read_order
from activities.recovery import Case, Finding, Found, Logged, find_replacement, log_recovery
from activities.stock import show_stock
from orchestrators.approval import Answer, asked
from orchestrators.calling_off import called_off
from orchestrators.difference import exchanged
from orchestrators.refund import Refunding
from orchestrators.reserving import keep, let_go, reservation_of, reserve
from orchestrators.steps import Context, Flow, call_flow, input_of, must, step
from orchestrators.telling import asked_elsewhere, told
from shared.flows import Refusal, Stopped
from shared.money.amounts import Money
from shared.orders.legs import can_be_replaced, left_with_nothing
from shared.orders.order import Order, OrderLeg
from shared.orders.words import offered_words
from shared.wire import pack

blueprint = df.Blueprint()
PROPOSALS_MAX = 3
"""So many are proposed one after the other, then the money is."""
ANSWER_HOURS_MAX = 24


@blueprint.orchestration_trigger(context_name="context")
def recovery(context: Context) -> Flow[Any]:
    """Recover a leg of an order; how it ended as plain JSON."""
    case = input_of(context, Case)
    yield from _log(context, case, f"Began: {case.reason.replace('_', ' ')}.")
    excluded: tuple[str, ...] = ()
    for number in range(PROPOSALS_MAX):
        order = yield from _open(context, case)
        if order is None:
            return (yield from _overtaken(context, case))
        found = yield from step(context, find_replacement, Finding(case=case, excluded=excluded))
        if isinstance(found, Refusal) and found.reason == "busy":
            return (yield from _overtaken(context, case))
        if isinstance(found, Refusal):
            yield from _log(context, case, f"Nothing found: {found.detail}")
            break
        excluded = (*excluded, found.leg.partner)
        name = f"{order.id}:{case.id}:{number}"
        if (yield from _reserved(context, found.leg, name)) is not None:
            yield from _log(context, case, f"{who(found.leg)} had just sold out.")
            continue
        answer = yield from _agreed(context, case, order, found)
        if answer is not None and not answer.is_yes:
            yield from let_go(context, found.leg, name)
            yield from _log(context, case, f"The customer's answer: {answer.status}.")
            if answer.status == "rejected":
                continue
            break
        no = yield from _exchanged(context, case, found, name)
        if not isinstance(no, Refusal):
            return pack({"status": "replaced", "leg": no, "by": found.leg.partner})
        yield from _log(context, case, f"It could not be exchanged: {no.detail}")
    return (yield from _not_replaced(context, case, is_any=bool(excluded)))


def _open(context: Context, case: Case) -> Flow[Order | None]:
    """The order as it is now; None where the leg is not to be replaced any more, whatever has come to pass."""
    order: Order = yield from must(step(context, read_order, case.order))
    leg = order.leg(case.leg)
    is_given_up = leg is not None and leg.status == "rejected"  # then whoever sees to that sees to all of it
    return order if can_be_replaced(order, case.leg) and not (case.is_standing and is_given_up) else None


def _overtaken(context: Context, case: Case) -> Flow[Any]:
    """The order is over, or the leg has begun, or somebody else has seen to it: nothing is left to do."""
    yield from _log(context, case, "Nothing is left to be recovered.", status="overtaken")
    return pack({"status": "overtaken"})


def _reserved(context: Context, leg: OrderLeg, name: str) -> Flow[Refusal | None]:
    """All that a leg needs, or nothing of it."""
    for hold in leg.holds:
        no = yield from reserve(context, leg, hold, name)
        if no is not None:
            yield from let_go(context, leg, name)
            return no
    return None


def _agreed(context: Context, case: Case, order: Order, found: Found) -> Flow[Answer | None]:
    """The customer's answer; None where they let such things happen alone."""
    what = f"{found.leg.title} from {who(found.leg)} ({found.why})"
    if found.is_within_consent:
        yield from _log(context, case, f"Goes ahead alone, as the customer allows: {what}.")
        return None
    yield from _log(context, case, f"Proposed: {what}.", status="proposed")
    spare = max(order.deliver_by - found.arrives, timedelta(0))
    question = Question(
        customer=order.customer,
        kind="recovery",
        about=f"order:{order.id}",
        title=f"{found.leg.title} instead of {_old(order, case).title}?",
        text=found.said.text,
        facts={
            "instead_of": _old(order, case).title,
            "new": found.leg.title,
            "price_difference": found.more.model_dump(),
            "later_by_minutes": found.minutes,
            "before": list(found.said.before),
            "after": list(found.said.after),
        },
        expires_at=context.current_utc_datetime + min(timedelta(hours=ANSWER_HOURS_MAX), spare),
        is_told=True,
    )
    yield from asked_elsewhere(context, order.id, "recovery_proposed", found.said, leg=case.leg)
    return (yield from asked(context, question))


def _exchanged(context: Context, case: Case, found: Found, name: str) -> Flow[str | Refusal]:
    """Buy the new, move the money, then let go of the old; the new leg's id.

    A Refusal where that could not be, and nothing has moved.
    """
    order = yield from _open(context, case)
    if order is None:
        yield from let_go(context, found.leg, name)
        return Refusal("overtaken", "By now it is not to be exchanged any more.")
    old = _old(order, case)
    bought = yield from _bought(context, found.leg, name)
    if isinstance(bought, Refusal):
        yield from told(context, order.id, "rejected", leg=old.id, reason=bought.detail)
        return bought
    try:
        new = found.leg.model_copy(update={"held_as": bought})
        new = yield from exchanged(context, order, old, new, f"{case.id}:{name.rpartition(':')[2]}")
    except Stopped as no:
        yield from let_go(context, found.leg, bought)
        yield from told(context, order.id, "kept", leg=old.id, reason=no.detail or "It could not be changed")
        return Refusal(no.reason, no.detail)
    yield from let_go(context, old, reservation_of(order.id, old))
    yield from step(context, tell_party, PartyNotice(order=order.id, leg=old.id, kind="cancelled"))
    yield from step(context, tell_party, PartyNotice(order=order.id, leg=new.id, kind="accepted"))
    yield from step(context, wake_order, order.id)
    more, words = found.more, offered_words(new)
    yield from told(context, order.id, "recovery_accepted", leg=old.id, difference=more, **words)
    yield from _log(context, case, f"Replaced by {who(new)}.", status="replaced", new_leg=new.id)
    return new.id


def _bought(context: Context, new: OrderLeg, name: str) -> Flow[str | Refusal]:
    """Keep what was reserved; where the customer has thought longer than a reservation lives, reserve it once more.

    The name that it is reserved under.
    """
    no = yield from _kept(context, new, name)
    if no is None:
        return name
    again = f"{name}:2"
    yield from let_go(context, new, name)
    no = yield from _reserved(context, new, again)
    if no is None:
        no = yield from _kept(context, new, again)
        if no is not None:
            yield from let_go(context, new, again)
    return no or again


def _kept(context: Context, new: OrderLeg, name: str) -> Flow[Refusal | None]:
    for hold in new.holds:
        kept = yield from keep(context, new, hold, name)
        if isinstance(kept, Refusal):
            return kept
        if kept is not None:
            yield from step(context, show_stock, kept)
    return None


def _not_replaced(context: Context, case: Case, *, is_any: bool) -> Flow[Any]:
    """Nothing has changed; what can no longer be had is offered to be paid back, and a person looks at it."""
    order = yield from _open(context, case)
    if order is None:
        return (yield from _overtaken(context, case))
    old = _old(order, case)
    if case.is_standing:
        reason = None if is_any else "Nobody else has what you would like"
        yield from told(context, order.id, "kept", leg=old.id, reason=reason)
        yield from _log(context, case, "The original stays.", status="kept")
        return pack({"status": "kept"})
    if not is_any:
        yield from _with_a_person(context, case, old, f"Nobody was found for {old.title} ({case.reason}).")
    return (yield from _refund_offered(context, case, order, old, is_any=is_any))


def _with_a_person(context: Context, case: Case, old: OrderLeg, text: str) -> Flow[None]:
    matter = Escalating(
        about=f"order:{case.order}", order=case.order, reason="no_replacement", text=text, urgent_at=old.starts
    )
    yield from step(context, escalate, matter)
    yield from _log(context, case, "Given to a person.", status="with_person")


def _refund_offered(context: Context, case: Case, order: Order, old: OrderLeg, *, is_any: bool) -> Flow[Any]:
    gone, amount = _worthless_without(order, old)
    brought = f" for it and for {gone[1].title}" if len(gone) > 1 else ""
    question = Question(
        customer=order.customer,
        kind="recovery",
        about=f"order:{order.id}",
        title=f"Your money back for {old.title}?",
        text=f"I am sorry: {old.title} can no longer be had, and nothing that fits was found or wanted. "
        f"Shall I give you back {amount}{brought}? A colleague looks for another way otherwise.",
        facts={"refund": amount.model_dump()},
        yes="Yes, refund it",
        no="Keep looking",
        expires_at=context.current_utc_datetime + timedelta(hours=ANSWER_HOURS_MAX),
    )
    answer = yield from asked(context, question)
    if not answer.is_yes:
        yield from _log(context, case, "No refund was wanted; a person goes on.", status="with_person")
        if is_any:
            yield from _with_a_person(context, case, old, f"Nothing that was found for {old.title} was wanted.")
        return pack({"status": "with_person"})
    now = yield from _open(context, case)
    if now is None:
        return (yield from _overtaken(context, case))
    gone, amount = _worthless_without(now, _old(now, case))
    for leg in gone:
        yield from _refunded(context, case, leg)
    yield from step(context, wake_order, order.id)
    yield from told(context, order.id, "refunded", leg=old.id, amount=amount)
    yield from _log(context, case, f"{amount} were given back.", status="refunded")
    return pack({"status": "refunded"})


def _worthless_without(order: Order, old: OrderLeg) -> tuple[tuple[OrderLeg, ...], Money]:
    """A leg with those that have nothing to bring or to work on without it, and what all of them cost."""
    gone = (old, *left_with_nothing(order, old.id))
    return gone, sum((leg.price for leg in gone), start=Money(minor=0, currency=order.currency))


def _refunded(context: Context, case: Case, leg: OrderLeg) -> Flow[None]:
    """A leg called off, and its money back."""
    yield from called_off(context, case.order, leg)
    reason = f"{leg.title} could not be had."
    refund = Refunding(order=case.order, leg=leg.id, reason=reason, id=f"recovery:{case.id}:{leg.id}", is_told=False)
    yield from call_flow(context, "refund", refund, dict)


def _log(
    context: Context, case: Case, what: str, *, status: str | None = None, new_leg: str | None = None
) -> Flow[None]:
    yield from step(context, log_recovery, Logged(case=case, what=what, status=status, new_leg=new_leg))


def _old(order: Order, case: Case) -> OrderLeg:
    leg = order.leg(case.leg)
    assert leg is not None
    return leg


def who(leg: OrderLeg) -> str:
    """Who takes a leg on, as far as the customer may know."""
    return leg.partner_name if leg.shows_partner else "another of our partners"

