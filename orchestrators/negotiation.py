"""Two-way negotiation with a partner about a change (spec 6.6).

1. Ask, on the partner's own channel, with buttons.
2. Wait for its answer: 15 minutes where there is little time, else 60.
3. Read it: yes, no, another offer, a question, or nothing clear; and how it sounds.
4. Another offer goes to the customer, with what the partner's catalog has of it; their yes ends it, a no asks again.
5. Silence, frustration, the third offer, too little time: a person takes over, and the assistant is silent until they
   settle it or hand it back. Silence that nobody sees to counts as a no, so that the order can help itself; an answer
   that comes before somebody has seen to it counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import azure.durable_functions as df

from activities.approvals import Answering, Question, Verdict, answer_of, ask
from activities.escalations import Escalating, escalate, settle
from activities.negotiation import (
    AskedRound,
    Asking,
    HeardRound,
    Moving,
    OfferRef,
    Standing,
    Watching,
    ask_partner,
    hear_partner,
    look_at_negotiation,
    move_negotiation,
    question_of,
)
from activities.reading import Hearing
from orchestrators.steps import (
    STIRRED,
    Context,
    Flow,
    event_name,
    input_of,
    must,
    step,
    wait_for_any,
    wait_for_nudge,
    wakes,
)
from orchestrators.telling import asked_elsewhere
from shared.dialogue.events import Answered
from shared.dialogue.terms import (
    COUNTER_OFFERS_MAX,
    ESCALATED_HOURS_MAX,
    STAFF_MINUTES,
    URGENT_WITHIN_HOURS,
    NegotiationFact,
    Why,
)
from shared.flows import Refusal, TimedOut
from shared.wire import Plain, pack

blueprint = df.Blueprint()
REPLY = "reply"
TURNS_MAX = 12
"""Questions and escalations, then a person decides."""
ANSWER_HOURS_MAX = 24
ENDS: dict[str, tuple[NegotiationFact, str]] = {
    "agree": ("agree", "agreed"),
    "decline": ("decline", "declined"),
    "give_up": ("give_up", "unresolved"),
    "unanswered": ("decline", "unanswered"),
    "withdraw": ("withdraw", "withdrawn"),
}


class Ended(Plain):
    """How a negotiation ended: agreed (as asked, or as offered), declined, unresolved, withdrawn; and over what.

    unanswered: the customer has said nothing to an offer.
    """

    status: str
    reason: str = ""


class Turn(Plain):
    """What comes next: another round and why, an end, or a person and why."""

    ask: Why | None = None
    end: str | None = None
    escalate: str | None = None
    reason: str = ""


@blueprint.orchestration_trigger(context_name="context")
def negotiation(context: Context) -> Flow[Any]:
    """Negotiate until it is settled; how it ended as plain JSON."""
    name = input_of(context, str)
    turn = Turn(ask="first")
    unclear = 0
    for _ in range(TURNS_MAX):
        if turn.end:
            break
        if turn.escalate:
            turn = yield from _with_a_person(context, name, turn.escalate)
            continue
        turn = yield from _round(context, name, turn.ask or "first", unclear)
        unclear += turn.ask == "unclear"
    if not turn.end:
        turn = yield from _with_a_person(context, name, "deadlock")
    return (yield from _ended(context, name, turn if turn.end else Turn(end="give_up", reason="deadlock")))


def _round(context: Context, name: str, why: Why, unclear: int) -> Flow[Turn]:
    """One question and what the answer to it means for what comes next."""
    question = yield from _asked(context, name, why)
    if isinstance(question, Refusal):  # somebody has stepped in meanwhile
        standing = yield from _standing(context, name)
        return _of_standing(standing) or Turn(end="give_up", reason=question.reason)
    heard = yield from _heard(context, name, question)
    return heard if isinstance(heard, Turn) else (yield from _meant(context, name, question, heard, unclear))


def _asked(context: Context, name: str, why: Why) -> Flow[AskedRound | Refusal]:
    """Write to the partner under the number that is listened to: what was not answered yet is the same round again."""
    number = int(event_name(context, REPLY).rpartition("-")[2])
    asking = Asking(negotiation=name, why=why, round=number, wakes=wakes(context))
    return (yield from step(context, ask_partner, asking))


def _meant(context: Context, name: str, question: AskedRound, heard: HeardRound, unclear: int) -> Flow[Turn]:
    """What follows from an answer."""
    if heard.is_frustrated and heard.kind != "yes":
        return Turn(escalate="frustration")
    turn = _of_kind(heard, unclear) or (yield from _offered(context, name, question))
    is_urgent = context.current_utc_datetime > question.leg_starts - timedelta(hours=URGENT_WITHIN_HOURS)
    return Turn(escalate="urgency") if turn.ask and is_urgent else turn


def _heard(context: Context, name: str, question: AskedRound) -> Flow[HeardRound | Turn]:
    """The answer as it was read; or a turn, where nobody answers or somebody has stepped in."""
    while True:
        left = max(question.due_at - context.current_utc_datetime, timedelta(0))
        happened = yield from wait_for_any(context, {REPLY: Answered, STIRRED: object}, left)
        if isinstance(happened, TimedOut):
            return Turn(escalate="no_answer")
        if happened.event == STIRRED:
            turn = _of_standing((yield from _standing(context, name)))
            if turn is not None:
                return turn
            continue
        answer: Answered = happened.data
        if answer.kind == "undelivered":
            return Turn(escalate="no_answer")
        return (yield from _read(context, name, question, answer))


def _read(context: Context, name: str, question: AskedRound, answer: Answered) -> Flow[HeardRound]:
    hearing = Hearing(negotiation=name, round=question.round, inbound=answer.inbound, choice=answer.choice)
    return (yield from must(step(context, hear_partner, hearing)))


def _of_kind(heard: HeardRound, unclear: int) -> Turn | None:
    """What follows from an answer by itself; None for an offer, which the customer decides on."""
    if heard.kind == "withdrawn":
        return Turn(end="withdraw")
    if heard.kind == "yes":
        return Turn(end="agree")
    if heard.kind == "no":
        return Turn(end="decline")
    if heard.kind == "modify":
        return Turn(ask="modify")
    if heard.kind == "photo_refused":
        return Turn(ask="photo_again")
    if heard.kind == "photo_unsure":
        return Turn(escalate="photo")
    if heard.kind == "question":
        return Turn(escalate="unclear")
    if not heard.has_offer:
        return Turn(escalate="unclear") if unclear else Turn(ask="unclear")
    if heard.asks:
        return Turn(ask="price")
    return Turn(escalate="deadlock") if heard.counter_offers >= COUNTER_OFFERS_MAX else None


def _offered(context: Context, name: str, question: AskedRound) -> Flow[Turn]:
    """Put the partner's offer to the customer: yes ends it, no asks again, silence leaves all as it was."""
    yield from step(context, move_negotiation, Moving(negotiation=name, fact="offer"))
    until = min(context.current_utc_datetime + timedelta(hours=ANSWER_HOURS_MAX), question.answer_by)
    answer = yield from _decided(context, name, OfferRef(negotiation=name, round=question.round, expires_at=until))
    if isinstance(answer, Turn):
        return answer
    if answer == "approved":
        agreed = Moving(negotiation=name, fact="agree", round=question.round, verdict="approved")
        yield from step(context, move_negotiation, agreed)
        return Turn(end="agreed")
    if answer != "rejected":
        return Turn(end="withdraw" if answer == "withdrawn" else "unanswered")
    noted = Moving(negotiation=name, fact="ask", round=question.round, verdict="rejected")
    yield from step(context, move_negotiation, noted)
    return Turn(ask="declined")


def _decided(context: Context, name: str, ref: OfferRef) -> Flow[str | Turn]:
    """The customer's word on an offer, or that there was none; a turn where a person has stepped in meanwhile."""
    question = yield from must(step(context, question_of, ref))
    approval = yield from step(context, ask, question)
    yield from _told_elsewhere(context, question, ref)
    ends: str | None = None
    while True:
        turn = _of_standing((yield from _standing(context, name)))
        looking = Answering(
            customer=question.customer, approval=approval, wakes=wakes(context), ends="withdraw" if turn else ends
        )
        verdict: Verdict = yield from must(step(context, answer_of, looking))
        if turn is not None:
            return turn
        if verdict.status != "pending":
            return verdict.status
        yield from wait_for_nudge(context, ref.expires_at)
        ends = "expire" if context.current_utc_datetime >= ref.expires_at else None


def _told_elsewhere(context: Context, question: Question, ref: OfferRef) -> Flow[None]:
    """The offer on the customer's other channels: the web has it with its buttons."""
    facts = {
        "offer": question.title.removesuffix("?"), "difference": question.facts.get("price_difference"),
        "minutes": question.facts.get("later_by_minutes"), "until": ref.expires_at,
    }  # fmt: skip
    yield from asked_elsewhere(context, question.about.partition(":")[2], "counter_offer", None, **facts)


def _with_a_person(context: Context, name: str, reason: str) -> Flow[Turn]:
    """Give it to a person and be silent; what they settle, or that they hand it back."""
    standing = yield from _standing(context, name)
    if (turn := _of_standing(standing)) is not None and turn.end:
        return turn
    until = context.current_utc_datetime + (
        timedelta(minutes=STAFF_MINUTES) if reason == "no_answer" else timedelta(hours=ESCALATED_HOURS_MAX)
    )
    matter = Escalating(
        about=f"negotiation:{name}", order=standing.order, reason=reason, text=standing.words,
        urgent_at=min(until, standing.leg_starts),
    )  # fmt: skip
    escalation = yield from step(context, escalate, matter)
    moved = Moving(negotiation=name, fact="escalate", reason=reason, escalation=escalation)
    yield from step(context, move_negotiation, moved)
    question = yield from _asked(context, name, "reminder" if reason == "no_answer" else "handed_over")
    if isinstance(question, Refusal):
        turn = _of_standing((yield from _standing(context, name))) or Turn(end="give_up", reason=question.reason)
    else:
        turn = yield from _settled(context, name, question, reason, until)
    yield from step(context, settle, escalation)
    return turn


def _settled(context: Context, name: str, question: AskedRound, reason: str, until: datetime) -> Flow[Turn]:
    """Wait for the person; a partner that speaks at last, while nobody has taken it on, is heard all the same."""
    taken_until = context.current_utc_datetime + timedelta(hours=ESCALATED_HOURS_MAX)
    while True:
        left = max(until - context.current_utc_datetime, timedelta(0))
        happened = yield from wait_for_any(context, {REPLY: Answered, STIRRED: object}, left)
        standing = yield from _standing(context, name)
        turn = _of_standing(standing)
        if turn is not None and not turn.escalate:
            return turn
        if standing.status == "awaiting_partner":
            return Turn(ask="handed_back")
        if standing.taken_by is not None:
            until = taken_until
        if isinstance(happened, TimedOut):
            if context.current_utc_datetime >= until:
                return Turn(end="decline" if reason == "no_answer" else "give_up", reason=reason)
        elif happened.event == REPLY and reason == "no_answer" and standing.taken_by is None:
            return (yield from _late(context, name, question, happened.data))


def _late(context: Context, name: str, question: AskedRound, answer: Answered) -> Flow[Turn]:
    """What a late answer means; that our reminder did not arrive either means nothing more can be expected."""
    if answer.kind == "undelivered":
        return Turn(end="decline", reason="no_answer")
    heard = yield from _read(context, name, question, answer)
    yield from step(context, move_negotiation, Moving(negotiation=name, fact="hand_back"))
    return (yield from _meant(context, name, question, heard, 0))


def _standing(context: Context, name: str) -> Flow[Standing]:
    watching = Watching(negotiation=name, wakes=wakes(context))
    return (yield from must(step(context, look_at_negotiation, watching)))


def _of_standing(standing: Standing) -> Turn | None:
    """What somebody else has decided meanwhile; None where nobody has."""
    if standing.outcome:
        return Turn(end="agreed" if standing.outcome == "agreed" else "decline", reason="settled by a person")
    if standing.status == "withdrawn":
        return Turn(end="withdraw")
    if standing.status == "escalated":
        return Turn(escalate="human_asked")
    return None


def _ended(context: Context, name: str, turn: Turn) -> Flow[Any]:
    if turn.end == "agreed":  # the customer's yes, or a person, has moved it already
        return pack(Ended(status="agreed", reason=turn.reason))
    fact, status = ENDS[turn.end or "give_up"]
    yield from step(context, move_negotiation, Moving(negotiation=name, fact=fact))
    return pack(Ended(status=status, reason=turn.reason))
