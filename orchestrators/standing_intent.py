"""A standing intent: it waits for its moment, at no cost, and buys then.

1. Scout: what would be bought is found, its conditions are bound to it, and the watcher looks out for them.
2. Wait: for the word that the moment has come, for the customer's changes, or until it has waited long enough.
3. The moment: conditions, price, stock and Time-Chain are checked anew by a fresh quote; has it passed, it waits on.
4. Ask the customer, where that was wanted; what silence means, the level of trust says.
5. Buy: all of it or nothing, as any order. What failed for a reason that may pass lets it wait on.
6. Done; or waited for anew, where it recurs.

The record says where it stands (shared/standing/moves.py); whoever changes it wakes this flow. Each round is an
execution of its own, so the history stays short however long it lives.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from activities.approvals import Answering, Question, answer_of, ask
from activities.escalations import Escalating, escalate
from activities.purchases import Offer, Settling, offer_for, place_for, settle_purchase
from activities.scouting import scout_for
from activities.standing import (
    IntentLook,
    IntentLooking,
    Moving,
    close_intent,
    forget_question,
    look_at_intent,
    move_intent,
    watch_for,
)
from orchestrators.steps import (
    Context,
    Flow,
    call_flow,
    continue_as_new,
    input_of,
    must,
    step,
    wait_for_nudge,
    wakes,
)
from shared.flows import Refusal, StepFailed
from shared.standing.moves import Fact
from shared.wire import pack

blueprint = df.Blueprint()
AGAIN = timedelta(hours=1)
"""When a step that has failed is tried anew."""
EXPIRED = "The time to wait is over, and its moment did not come."
SILENT: dict[Fact, str] = {
    "approve": "You said nothing, so I go ahead as agreed.",
    "cancel": "You said nothing, so it is called off as agreed.",
    "miss": "You said nothing; I wait for the next chance.",
}


@blueprint.orchestration_trigger(context_name="context")
def standing_intent(context: Context) -> Flow[Any]:
    """Wait for the moment, and buy then; how it ended as plain JSON."""
    intent = input_of(context, str)
    try:
        looking = IntentLooking(intent=intent, wakes=wakes(context))
        look: IntentLook = yield from must(step(context, look_at_intent, looking))
        if look.is_stray:
            yield from _question_withdrawn(context, intent, look)
        if look.is_ended:
            yield from step(context, close_intent, intent)
            return pack({"status": look.status})
        yield from _seen_to(context, intent, look)
    except StepFailed:
        yield from wait_for_nudge(context, context.current_utc_datetime + AGAIN)
    continue_as_new(context, intent)
    return None


def _seen_to(context: Context, intent: str, look: IntentLook) -> Flow[None]:
    """What is to be done where it stands."""
    if look.status == "awaiting_approval":
        yield from _answered(context, intent, look)
    elif look.is_over:
        yield from step(context, move_intent, _expired(intent))
    elif look.status == "scouting":
        until = yield from step(context, scout_for, intent)
        if not isinstance(until, Refusal):
            yield from wait_for_nudge(context, until)
    elif look.status == "waiting" and look.is_ready:
        yield from _moment_come(context, intent, look)
    elif look.status == "buying":
        yield from _bought(context, intent)
    else:
        yield from wait_for_nudge(context, look.expires_at)


def _moment_come(context: Context, intent: str, look: IntentLook) -> Flow[None]:
    """See whether it is still so, and can be had; then ask, or buy."""
    offer = yield from step(context, offer_for, intent)
    if isinstance(offer, Refusal):
        yield from step(context, watch_for, intent)
        return
    if not offer.asks:
        buy = Moving(intent=intent, fact="buy", words="The moment has come; I am buying it.", offer=offer.terms)
        yield from step(context, move_intent, buy)
        return
    approval = yield from step(context, ask, _question(intent, look, offer))
    asks = Moving(
        intent=intent,
        fact="ask",
        words="The moment has come; I have asked you.",
        approval=approval,
        answer_until=offer.until,
        offer=offer.terms,
    )
    if (yield from step(context, move_intent, asks)) is not None:  # it was cancelled, or changed, meanwhile
        yield from _withdrawn(context, look, approval)


def _answered(context: Context, intent: str, look: IntentLook) -> Flow[None]:
    """The customer's word, or what their silence means, be it that there is no time left; else wait for it."""
    until = min(look.answer_until or context.current_utc_datetime, look.expires_at)
    ends = "expire" if context.current_utc_datetime >= until else None
    looking = Answering(customer=look.customer, approval=look.approval or "", wakes=wakes(context), ends=ends)
    verdict = yield from must(step(context, answer_of, looking))
    match verdict.status:
        case "pending":
            yield from wait_for_nudge(context, until)
            return
        case "approved":
            told = Moving(intent=intent, fact="approve", words="You said yes.", has_yes=True)
        case "rejected":
            told = Moving(intent=intent, fact="miss", words="You said no; I wait for the next chance.", rests="a day")
        case _:
            told = _expired(intent) if look.is_over else _silent(intent, look.silence)
    yield from step(context, move_intent, told)
    if told.fact == "miss":
        yield from step(context, watch_for, intent)


def _expired(intent: str) -> Moving:
    return Moving(intent=intent, fact="expire", words=EXPIRED, reason=EXPIRED)


def _silent(intent: str, fact: Fact) -> Moving:
    words = SILENT[fact]
    reason = words if fact == "cancel" else None
    return Moving(intent=intent, fact=fact, words=words, reason=reason, rests="a day" if fact == "miss" else None)


def _bought(context: Context, intent: str) -> Flow[None]:
    """Place the order and wait until it is placed, or taken back whole."""
    placed = yield from step(context, place_for, intent)
    if isinstance(placed, Refusal):
        yield from step(context, watch_for, intent)
        return
    reason = (yield from _checked_out(context, placed.order)) if placed.is_open else None
    status = yield from step(context, settle_purchase, Settling(intent=intent, order=placed.order, reason=reason))
    if status == "waiting":
        yield from step(context, watch_for, intent)


def _checked_out(context: Context, order: str) -> Flow[str | None]:
    """Why it was taken back, if it was; a checkout that broke is for a person."""
    try:
        outcome = yield from call_flow(context, "checkout", order, dict, instance=order)
    except StepFailed as fault:
        broken = Escalating(
            about=f"order:{order}",
            order=order,
            reason="stuck",
            text=f"The checkout of a standing intent broke off: {fault.reason}.",
            urgent_at=context.current_utc_datetime,
        )
        yield from step(context, escalate, broken)
        return fault.reason
    return outcome.get("reason")


def _question(intent: str, look: IntentLook, offer: Offer) -> Question:
    return Question(
        customer=look.customer,
        kind="standing_intent",
        about=f"intent:{intent}",
        title="The moment has come",
        text=offer.text,
        facts={
            "total": offer.terms.total.model_dump(),
            "items": list(offer.titles),
            "arrives": offer.arrives.isoformat(),
        },
        yes="Yes, order it",
        no="Not this time",
        expires_at=offer.until,
    )


def _question_withdrawn(context: Context, intent: str, look: IntentLook) -> Flow[None]:
    """Nobody is to answer for a moment that was given up."""
    yield from _withdrawn(context, look, look.approval or "")
    yield from step(context, forget_question, intent)


def _withdrawn(context: Context, look: IntentLook, approval: str) -> Flow[None]:
    closing = Answering(customer=look.customer, approval=approval, wakes=wakes(context), ends="withdraw")
    yield from step(context, answer_of, closing)
