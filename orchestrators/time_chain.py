"""An order on its way, from the first task to the last payment.

1. Look: the Time-Chain is reckoned anew with all that has come to pass.
2. What can be done is opened: a leg whose predecessors are done becomes a task, and its party is told.
3. What a party has given up, somebody else takes on (recovery).
4. Late by 15, 20, 30, 45 minutes: the customer is warned, staff alerted, a replacement prepared, a swap proposed.
5. All delivered: the customer confirms, or says nothing for 48 hours; escrow releases leg by leg.
6. Wait for the next change, or for the moment at which silence alone means something; then begin again.
7. Over, however that came: what is not done any more is called off, and what was kept for it is free again.

Whoever changes the order wakes this flow (shared/nudges.py). Each round is an execution of its own, its history short.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.escalations import Escalating, escalate
from activities.flows import Starting, start_flow
from activities.narration import Progress, narrate_progress
from activities.notices import PartyNotice, tell_party
from activities.orders import Delivered, Told, note_delivered, read_order, tell_order
from activities.recovery import Case, Finding, Logged, find_replacement, log_recovery
from activities.running import LatenessTold, Look, Looking, look_at, note_lateness
from activities.tasks import Opening, open_task, show_tasks
from orchestrators.calling_off import called_off
from orchestrators.release import Releasing, completed_if_settled
from orchestrators.reserving import let_go, reservation_of
from orchestrators.steps import (
    Context,
    Flow,
    all_of,
    call_flow,
    continue_as_new,
    doing,
    input_of,
    must,
    step,
    wait_for_nudge,
    wakes,
)
from orchestrators.telling import told
from shared.dialogue.narration.event import EventKind
from shared.flows import Refusal
from shared.orders.legs import is_done, is_live
from shared.orders.order import Lateness, Order
from shared.orders.wanted import Wanted
from shared.wire import pack

blueprint = df.Blueprint()
AS_IT_WAS = Wanted(kind="replace", leg=None)
OVER = frozenset({"completed", "failed", "cancelled"})
TOLD: dict[Lateness, EventKind] = {"late": "late", "alerted": "alert"}
"""What the customer hears of each stage of lateness; of the others, once a swap is proposed."""

ALERTS: frozenset[Lateness] = frozenset({"alerted", "swap_proposed"})
"""What staff hear of; once, where several stages have come at once."""


@blueprint.orchestration_trigger(context_name="context")
def time_chain(context: Context) -> Flow[Any]:
    """Run an order's legs; how it ended as plain JSON."""
    order_id = input_of(context, str)
    look: Look = yield from must(step(context, look_at, Looking(order=order_id, wakes=wakes(context))))
    if look.status in OVER:
        yield from _left_behind(context, look)
        return pack({"status": look.status})
    yield from _begun(context, look)
    if look.is_begun:
        yield from step(context, narrate_progress, Progress(order=look.order))
    yield from _tasks_opened(context, look)
    yield from _recovered(context, look)
    yield from _lateness_told(context, look)
    is_other = yield from _ended(context, look)
    if not is_other:
        yield from wait_for_nudge(context, look.looks_again_at)
    continue_as_new(context, order_id)
    return None


def _left_behind(context: Context, look: Look) -> Flow[None]:
    """What nobody is to do any more is over for its party too, and what was kept for it is free again."""
    order: Order = yield from must(step(context, read_order, look.order))
    for leg in order.legs:
        if leg.escrow == "replaced" or (order.status != "cancelled" and is_live(leg)):
            continue
        if is_live(leg) and not is_done(leg):
            yield from called_off(context, order.id, leg)
        else:
            yield from let_go(context, leg, reservation_of(order.id, leg))
    yield from step(context, show_tasks, look.order)


def _begun(context: Context, look: Look) -> Flow[None]:
    if look.status == "placed" and look.is_begun:
        yield from step(context, tell_order, Told(order=look.order, fact="begin", what="The work has begun."))


def _tasks_opened(context: Context, look: Look) -> Flow[None]:
    """Show what can be done now, and tell whose it is; every list keeps step with the order."""
    for leg in look.opens:
        yield from step(context, open_task, Opening(order=look.order, leg=leg))
    yield from step(context, show_tasks, look.order)
    notices = [PartyNotice(order=look.order, leg=leg, kind="task") for leg in look.opens]
    yield from all_of(context, [doing(context, tell_party, notice) for notice in notices])


def _recovered(context: Context, look: Look) -> Flow[None]:
    """Let what was given up be taken on by somebody else; each leg once."""
    for one in look.given_up:
        case = Case(id=f"{one.leg}-{one.why}", order=look.order, leg=one.leg, reason=one.why, wanted=AS_IT_WAS)
        yield from _recovery_begun(context, case)


def _recovery_begun(context: Context, case: Case) -> Flow[None]:
    starting = Starting(flow="recovery", instance=f"{case.order}:{case.id}", given=pack(case))
    yield from step(context, start_flow, starting)


def _lateness_told(context: Context, look: Look) -> Flow[None]:
    for number, stage in enumerate(look.stages):
        if stage in TOLD:
            yield from told(context, look.order, TOLD[stage], minutes=look.delay_minutes)
        if stage in ALERTS and ALERTS.isdisjoint(look.stages[number + 1 :]):
            alert = Escalating(
                about=f"order:{look.order}",
                order=look.order,
                reason="sla_breach",
                text=f"The order is {look.delay_minutes} minutes behind its promise.",
                urgent_at=look.expected,
            )
            yield from step(context, escalate, alert)
        if look.stalled and stage in {"prepared", "swap_proposed"}:
            yield from _swap(context, look, look.stalled, stage)
        yield from step(context, note_lateness, LatenessTold(order=look.order, stage=stage))


def _swap(context: Context, look: Look, leg: str, stage: Lateness) -> Flow[None]:
    """Look for somebody else for what a late order waits for, and then propose them."""
    case = Case(
        id=f"{leg}-late", order=look.order, leg=leg, reason="late", wanted=AS_IT_WAS, is_standing=True
    )
    if stage == "swap_proposed":
        yield from _recovery_begun(context, case)
        return
    found = yield from step(context, find_replacement, Finding(case=case, excluded=()))
    what = found.detail if isinstance(found, Refusal) else f"Prepared: {found.leg.title} from {found.leg.partner_name}."
    yield from step(context, log_recovery, Logged(case=case, what=what))


def _ended(context: Context, look: Look) -> Flow[bool]:
    """Take an order that nobody works on any more to its end; whether that has made another of it."""
    if look.is_void:
        return (yield from completed_if_settled(context, look.order))
    if look.is_delivered and look.status != "delivered":
        return (yield from _delivered(context, look))
    if look.is_released:
        return (yield from _paid(context, look))
    return False


def _delivered(context: Context, look: Look) -> Flow[bool]:
    """Say so once; from then on the customer's silence counts."""
    refusal = yield from step(context, note_delivered, Delivered(order=look.order))
    yield from told(context, look.order, "delivered")
    return refusal is None


def _paid(context: Context, look: Look) -> Flow[bool]:
    """Release what is held; what cannot be, for it is in dispute, waits for its decision."""
    if look.is_settled:
        done = Told(order=look.order, fact="complete", what="Delivered and paid.")
        return (yield from step(context, tell_order, done)) is None
    if not look.held:
        return False
    paid = yield from call_flow(context, "release", Releasing(order=look.order, legs=look.held), dict)
    return bool(paid["released"])
