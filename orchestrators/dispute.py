"""A dispute: the money stands still until somebody has decided.

1. The disputed legs are frozen in escrow; what was passed on already is noted as such.
2. The parties are asked for their side, staff for a decision; the customer knows that the money waits.
3. Wait for the decision: a reminder after a day, urgent after thirty. A bank's own case is decided by the bank.
4. Carry it out, leg by leg: back to the customer, on to those who worked, or held on where work goes on.
5. Everyone is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import azure.durable_functions as df

from activities.disputes import Case, CaseNews, Frozen, Looking, look_at_dispute, note_case, note_frozen
from activities.escalations import Escalating, escalate, settle
from activities.flows import wake_order
from activities.ledger import LegMoney, LegRef, leg_money
from activities.notices import PartnerNotice, tell_partner
from activities.orders import LegTold, read_order, tell_leg
from orchestrators.calling_off import called_off
from orchestrators.moving import moved
from orchestrators.payout import paid_on, payees_of
from orchestrators.refund import Refunding, booked_back, given_back, leg_settled, to_customer
from orchestrators.release import completed_if_settled
from orchestrators.steps import Context, Flow, call_flow, input_of, must, step, wait_for_nudge, wakes
from orchestrators.telling import told
from shared.money.amounts import Money
from shared.money.commands import Credit, Dispute, Refund, Resolve, Resume
from shared.orders.disputes import (
    DECIDE_DAYS_MAX,
    REMIND_HOURS,
    UNDECIDED_DAYS_MAX,
    Decision,
    DisputedLeg,
    Hold,
    asked_back,
)
from shared.orders.legs import RUNNING, is_live
from shared.orders.order import Order
from shared.wire import pack

blueprint = df.Blueprint()
PLACING_MINUTES_MAX = 30
"""A bank may open a case before checkout has come to its end."""
WORK_DONE = frozenset({"delivered"})


class _Given(NamedTuple):
    """What the decision about a leg has brought whom."""

    returned: Money
    payees: list[str]


@blueprint.orchestration_trigger(context_name="context")
def dispute(context: Context) -> Flow[Any]:
    """Freeze, ask, wait, carry out; what went back to the customer, as plain JSON. Takes the dispute's id."""
    case: Case = yield from _look(context)
    opened = context.current_utc_datetime
    order = yield from _placed(context, case)
    holds = yield from _frozen(context, order, case)
    yield from _all_sides_asked(context, order, case, holds)
    case = yield from _decided(context, opened)
    if case.decision is None:
        return pack({"status": "undecided"})
    returned = yield from _carried_out(context, case, case.decision)
    yield from _everyone_told(context, case, case.decision, returned)
    return pack({"status": "decided", "returned": returned})


def _look(context: Context) -> Flow[Case]:
    looking = Looking(dispute=input_of(context, str), wakes=wakes(context))
    return (yield from must(step(context, look_at_dispute, looking)))


def _placed(context: Context, case: Case) -> Flow[Order]:
    """The order, once its money is in escrow."""
    order: Order = yield from must(step(context, read_order, case.order))
    for _ in range(PLACING_MINUTES_MAX):
        if order.status not in {"placing", "awaiting_approval"}:
            break
        yield from wait_for_nudge(context, context.current_utc_datetime + timedelta(minutes=1))
        order = yield from must(step(context, read_order, case.order))
    return order


def _frozen(context: Context, order: Order, case: Case) -> Flow[dict[str, Hold]]:
    """What becomes of each leg's money: leg → Hold."""
    holds: dict[str, Hold] = {}
    for leg in case.legs:
        command = Dispute(
            id=f"dispute:{case.id}:{leg.id}", at=context.current_utc_datetime, leg=leg.id, memo=case.reason
        )
        outcome = yield from moved(context, order, command)
        if outcome.refusal is None:
            holds[leg.id] = "frozen"
            told = LegTold(order=order.id, leg=leg.id, what="Disputed: the money waits.", escrow="disputed")
            yield from step(context, tell_leg, told)
        else:
            money = yield from _money(context, order, leg.id)
            holds[leg.id] = "elsewhere" if money.left.minor > 0 else "passed_on" if money.passed_on else "gone"
    yield from step(context, note_frozen, Frozen(dispute=case.id, holds=holds))
    return holds


def _all_sides_asked(context: Context, order: Order, case: Case, holds: dict[str, Hold]) -> Flow[None]:
    """Each party about its own legs; staff, who decide; the customer is told what happens now."""
    for leg in case.legs:
        words = f"{leg.title} of order {order.id} is disputed ({_reason(case)}). {case.excerpt}".strip()
        yield from _party_told(context, order, leg, f"{words} The money waits for a decision: send us your side of it.")
    words = f"{_reason(case).capitalize()}: order {order.id}, {', '.join(leg.title for leg in case.legs)}."
    if "elsewhere" in holds.values():
        words += " Another dispute about it is open: decide them as one."
    yield from _staff_asked(context, case, f"{words} {case.excerpt}".strip(), timedelta(hours=REMIND_HOURS))
    if case.bank is None:
        yield from told(context, order.id, "dispute_opened", leg=_sole(case), reason=_reason(case))


def _decided(context: Context, opened: datetime) -> Flow[Case]:
    """The dispute with its decision; without one where nobody has decided in UNDECIDED_DAYS_MAX."""
    case = yield from _waited(context, opened + timedelta(hours=REMIND_HOURS))
    if case.decision is None:
        yield from _reminded(context, case)
        case = yield from _waited(context, opened + timedelta(days=DECIDE_DAYS_MAX))
    if case.decision is None:
        words = f"Undecided for {DECIDE_DAYS_MAX} days: order {case.order}. The money must not wait much longer."
        yield from _staff_asked(context, case, words, timedelta(0))
        case = yield from _waited(context, opened + timedelta(days=UNDECIDED_DAYS_MAX))
    return case


def _waited(context: Context, until: datetime) -> Flow[Case]:
    """Look at every change, until there is a decision or it is time."""
    case = yield from _look(context)
    while case.decision is None and context.current_utc_datetime < until:
        yield from wait_for_nudge(context, until)
        case = yield from _look(context)
    return case


def _reminded(context: Context, case: Case) -> Flow[None]:
    order: Order = yield from must(step(context, read_order, case.order))
    for leg in case.legs:
        if leg.id in case.silent:
            words = f"We still wait for your side about {leg.title} of order {order.id}; it is decided without it soon."
            yield from _party_told(context, order, leg, words)
    words = f"Undecided for {REMIND_HOURS} hours: order {order.id}, {_reason(case)}."
    yield from _staff_asked(context, case, words, timedelta(hours=REMIND_HOURS))


def _carried_out(context: Context, case: Case, decision: Decision) -> Flow[Money]:
    """Every leg by its decision; what went back to the customer."""
    order: Order = yield from must(step(context, read_order, case.order))
    frozen, passed = Money(minor=0, currency=order.currency), Money(minor=0, currency=order.currency)
    payees: list[str] = []
    for leg in case.legs:
        wanted = asked_back(decision, leg)
        if leg.hold == "frozen":
            given = yield from _resolved(context, order, case, leg, wanted)
            frozen += given.returned
            payees += given.payees
        elif leg.hold == "passed_on" and case.bank is None and (wanted is None or wanted.minor > 0):
            passed += yield from _returned_by_payees(context, order, case, leg, wanted)
    if case.bank is None:
        if frozen.minor > 0:
            yield from given_back(context, order, frozen, case.id)
    elif decision.verdict != "deny":
        frozen = yield from _lost_to_the_bank(context, order, case, frozen)
    freed = yield from _cancelled_meanwhile(context, case)
    yield from completed_if_settled(context, order.id)
    yield from paid_on(context, payees)
    yield from step(context, note_case, CaseNews(dispute=case.id, returned=frozen + passed + freed))
    yield from step(context, wake_order, order.id)
    return frozen + passed + freed


def _cancelled_meanwhile(context: Context, case: Case) -> Flow[Money]:
    """What a cancellation could not give back while it was frozen goes back now; how much."""
    order: Order = yield from must(step(context, read_order, case.order))
    freed = Money(minor=0, currency=order.currency)
    for leg in order.legs if order.status == "cancelled" else ():
        if leg.escrow == "held":
            name, reason = f"{case.id}.{leg.id}.off", "The order was cancelled."
            asked = Refunding(order=order.id, leg=leg.id, reason=reason, id=name, is_told=False)
            freed += yield from _refunded(context, asked)
    return freed


def _resolved(
    context: Context, order: Order, case: Case, leg: DisputedLeg, wanted: Money | None
) -> Flow[_Given]:
    """A frozen leg: what is wanted back, the rest to those who did it; held on where it is still to be done."""
    money = yield from _money(context, order, leg.id)
    back = money.left if wanted is None else min(wanted, money.left)
    own = order.leg(leg.id)
    name, now = f"{case.id}:{leg.id}", context.current_utc_datetime
    is_done = own is not None and own.status in WORK_DONE
    if own is None or back == money.left or is_done:
        shares = own.shares if own and back < money.left else ()
        command = Resolve(id=f"resolve:{name}", at=now, leg=leg.id, refund=back, shares=shares, memo="Dispute decided")
        outcome = yield from moved(context, order, command)
    else:
        outcome = yield from moved(context, order, Resume(id=f"resume:{name}", at=now, leg=leg.id))
        if back.minor > 0:
            part = Refund(id=f"refund:{name}", at=now, leg=leg.id, amount=back, memo="Dispute decided")
            outcome = yield from moved(context, order, part)
    stands = yield from leg_settled(context, order, leg.id, _decided_words(back, is_done=is_done))
    if own is not None and stands == "refunded" and order.status in RUNNING and is_live(own) and not is_done:
        yield from called_off(context, order.id, own)
    return _Given(to_customer(order, outcome), payees_of(outcome))


def _returned_by_payees(
    context: Context, order: Order, case: Case, leg: DisputedLeg, wanted: Money | None
) -> Flow[Money]:
    asked = Refunding(
        order=order.id, leg=leg.id, amount=wanted, reason="Dispute decided", id=f"{case.id}.{leg.id}", is_told=False
    )
    return (yield from _refunded(context, asked))


def _refunded(context: Context, asked: Refunding) -> Flow[Money]:
    answer = yield from call_flow(context, "refund", asked, dict[str, Any])
    return Money.model_validate(answer["returned"])


def _lost_to_the_bank(context: Context, order: Order, case: Case, frozen: Money) -> Flow[Money]:
    """The bank has given the customer everything back already; what is no longer in escrow, the platform bears."""
    assert case.bank is not None
    lost = case.bank.amount
    if lost > frozen:
        credit = Credit(
            id=f"credit:{case.id}", at=context.current_utc_datetime, amount=lost - frozen, memo="Lost to the bank"
        )
        yield from moved(context, order, credit)
    yield from booked_back(context, order, lost, case.id)
    return lost


def _everyone_told(context: Context, case: Case, decision: Decision, returned: Money) -> Flow[None]:
    order: Order = yield from must(step(context, read_order, case.order))
    outcome = f"{returned} go back to you" if returned.minor > 0 else "nothing goes back"
    what = "your bank's claim" if case.bank else "your complaint"
    decided = f"{what}: {outcome}. {decision.note}".strip().rstrip(".")
    amount = returned if returned.minor > 0 else None
    yield from told(context, order.id, "dispute_decided", leg=_sole(case), decision=decided, amount=amount)
    for leg in case.legs:
        back = asked_back(decision, leg)
        part = "all of it goes back" if back is None else f"{back} go back" if back.minor > 0 else "nothing goes back"
        words = f"The dispute about {leg.title} of order {order.id} is decided: {part} to the customer. {decision.note}"
        yield from _party_told(context, order, leg, words.strip())
    for escalation in case.escalations:
        yield from step(context, settle, escalation)


def _party_told(context: Context, order: Order, leg: DisputedLeg, words: str) -> Flow[None]:
    notice = PartnerNotice(order=order.id, partner=leg.partner, party=leg.party, text=words)
    yield from step(context, tell_partner, notice)


def _staff_asked(context: Context, case: Case, text: str, within: timedelta) -> Flow[None]:
    matter = Escalating(
        about=f"dispute:{case.id}", order=case.order, reason="dispute", text=text,
        urgent_at=context.current_utc_datetime + within,
    )  # fmt: skip
    escalation = yield from step(context, escalate, matter)
    yield from step(context, note_case, CaseNews(dispute=case.id, escalation=escalation))


def _money(context: Context, order: Order, leg_id: str) -> Flow[LegMoney]:
    return (yield from step(context, leg_money, LegRef(order=order.id, leg=leg_id, currency=order.currency)))


def _sole(case: Case) -> str | None:
    """The leg that it is about, where it is about one."""
    return case.legs[0].id if len(case.legs) == 1 else None


def _reason(case: Case) -> str:
    by = "the customer's bank says " if case.bank else ""
    return by + case.reason.replace("_", " ")


def _decided_words(back: Money, *, is_done: bool) -> str:
    if back.minor > 0:
        return f"Decided: {back} go back to the customer."
    return "Decided: it is paid." if is_done else "Decided: the money is held on."
