"""A negotiation: opened, asked in rounds, what came back read, offers put into words for the customer, moved along."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import Client, activity
from activities.approvals import Question
from activities.reading import Hearing, read_answer
from activities.speaking import Saying, contact_of, say_to_party
from shared.changing import changed
from shared.dialogue.terms import NegotiationFact, Why
from shared.flows import PATIENT, Call, Refusal
from shared.nudges import Wakes, heard
from shared.orders.order import ORDERS, Order, OrderLeg
from shared.records import AlreadyThere, Write
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.dialogue.negotiation import Negotiation

blueprint = df.Blueprint()
SAID_IN_SILENCE = frozenset({"reminder", "handed_over"})
"""Why a partner is written to though a person has it in hand."""


class Opening(Plain):
    """What is to be negotiated about which leg: what it is to become; id: of the negotiation, change: it is for."""

    id: str
    change: str
    order: str
    leg: str
    wanted: str
    quantity: int = 1


class Asking(Plain):
    """Which negotiation, why the partner is written to, in which round, and how its flow is woken from now on."""

    negotiation: str
    why: Why
    round: int
    wakes: Wakes


class AskedRound(Plain):
    """A round that was asked: until when an answer is waited for; answer_by: the last moment to agree on an offer."""

    round: int
    due_at: AwareDatetime
    leg_starts: AwareDatetime
    answer_by: AwareDatetime


class HeardRound(Plain):
    """What an answer came to; asks: what is to be asked back, where an offer lacks its price."""

    kind: str
    is_frustrated: bool
    has_offer: bool
    asks: bool
    counter_offers: int


class Moving(Plain):
    """What has become of a negotiation; verdict: of the customer, on the offer of a round."""

    negotiation: str
    fact: NegotiationFact
    reason: str | None = None
    escalation: str | None = None
    round: int | None = None
    verdict: str | None = None


class Standing(Plain):
    """How a negotiation stands for its flow; outcome: what a person has settled on; words: what it is about."""

    status: str
    order: str
    words: str
    leg_starts: AwareDatetime
    outcome: str | None = None
    taken_by: str | None = None


class Watching(Plain):
    """Which negotiation, and how its flow is woken from now on."""

    negotiation: str
    wakes: Wakes


class OfferRef(Plain):
    """An offer of a round, to be put to the customer until a moment."""

    negotiation: str
    round: int
    expires_at: AwareDatetime


@activity(blueprint, retry=PATIENT)
async def open_negotiation(deps: Deps, opening: Opening, call: Call) -> Refusal | None:
    """Open a negotiation with whoever does a leg; opened again it is the same."""
    from shared.dialogue.negotiation import NEGOTIATIONS, Negotiation, is_jit  # noqa: PLC0415  with the first one
    from shared.orders.one_at_a_time import BUSY, is_busy  # noqa: PLC0415

    stored = await deps.store.get(ORDERS, opening.order, opening.order)
    leg = stored.value.leg(opening.leg) if stored else None
    if stored is None or leg is None:
        return Refusal("no_such_order")
    if await is_busy(deps.store, opening.order, leg.id, opening.change):
        return Refusal("busy", BUSY.format(title=leg.title))
    contact = await contact_of(deps, leg.party, leg.partner)
    record = Negotiation(
        id=opening.id,
        order=opening.order,
        leg=leg.id,
        change=opening.change,
        customer=stored.value.customer,
        partner=leg.partner,
        partner_name=leg.partner_name,
        channel=contact.channel if contact else "web",
        wanted=opening.wanted,
        ordered=leg.title,
        quantity=opening.quantity,
        price=leg.price,
        leg_starts=leg.starts,
        leg_ends=leg.ends,
        is_jit=is_jit(leg.starts, call.at),
        created_at=call.at,
        updated_at=call.at,
    )
    with suppress(AlreadyThere):
        await deps.store.apply(NEGOTIATIONS, record.id, [Write("create", record)])
    return None


@activity(blueprint, retry=PATIENT)
async def ask_partner(deps: Deps, asking: Asking, call: Call, client: Client) -> AskedRound | Refusal:
    """Write to the partner on its channel, as a new round that it can answer by a tap or in its own words."""
    from shared.dialogue.negotiating import asked_words, said_in  # noqa: PLC0415
    from shared.dialogue.negotiation import ROUNDS_MAX, ImpossibleMove, Round, answer_minutes, moved  # noqa: PLC0415
    from shared.orders.running import answer_by  # noqa: PLC0415

    def ask(before: Negotiation) -> Negotiation:
        if any(one.key == call.key for one in before.rounds):
            return heard(before, asking.wakes)
        if before.is_silent and asking.why not in SAID_IN_SILENCE:
            raise ImpossibleMove("A person has it in hand.")
        due = call.at + timedelta(minutes=answer_minutes(is_jit=before.is_jit))
        words = asked_words(before, asking.why, due, deps.settings.time_zone)
        one = Round(number=asking.round, key=call.key, asked=words, asked_at=call.at, due_at=due)
        earlier = (other for other in before.rounds if other.number != asking.round)
        return heard(moved(before, "ask", call.at, rounds=(*earlier, one)[-ROUNDS_MAX:]), asking.wakes)

    after = await _change(deps, asking.negotiation, ask)
    if isinstance(after, Refusal):
        return after
    one = next(one for one in after.rounds if one.key == call.key)
    order, leg = await _leg_of(deps, after)
    said = said_in(after, one, asking.why)._asdict()
    saying = Saying(text=one.asked, urgency="urgent", round=one.number, **said)
    await say_to_party(deps, client, leg.party if leg else "partner", after.partner, saying, call)
    by = answer_by(order, leg, call.at) if order and leg else after.leg_starts
    return AskedRound(round=one.number, due_at=one.due_at, leg_starts=after.leg_starts, answer_by=by)


@activity(blueprint, retry=PATIENT)
async def hear_partner(deps: Deps, hearing: Hearing, call: Call) -> HeardRound | Refusal:
    """Read an answer and write it down: by its button, else by its words and its photo."""
    stored = await _negotiation(deps, hearing.negotiation)
    if stored is None:
        return Refusal("no_such_negotiation")

    if await _is_over(deps, stored):
        return HeardRound(kind="withdrawn", is_frustrated=False, has_offer=False, asks=False, counter_offers=0)
    answer = await read_answer(deps, stored, hearing, call.at)

    def hear(before: Negotiation) -> Negotiation:
        from shared.dialogue.negotiation import round_of, with_round  # noqa: PLC0415

        if round_of(before, hearing.round).said_at is not None:
            return before
        count = before.counter_offers + (answer.offer is not None and answer.offer.asks is None)
        news = {
            "said": answer.text[:2_000], "said_at": call.at, "kind": answer.kind, "mood": answer.mood,
            "offer": answer.offer, "photo": answer.photo, "photo_words": answer.photo_words,
        }  # fmt: skip
        after = with_round(before, hearing.round, **news)
        return after.model_copy(update={"counter_offers": count, "updated_at": call.at})

    after = await _change(deps, hearing.negotiation, hear)
    if isinstance(after, Refusal):
        return after
    offer = answer.offer
    return HeardRound(
        kind=answer.kind,
        is_frustrated=answer.mood == "frustrated",
        has_offer=offer is not None,
        asks=offer is not None and offer.asks is not None,
        counter_offers=after.counter_offers,
    )


@activity(blueprint, retry=PATIENT)
async def question_of(deps: Deps, ref: OfferRef) -> Question | Refusal:
    """A partner's offer as a question to the customer, with what the catalog and the photo show of it."""
    from shared.dialogue.negotiating import offer_facts, offer_words  # noqa: PLC0415
    from shared.dialogue.negotiation import round_of  # noqa: PLC0415

    stored = await _negotiation(deps, ref.negotiation)
    if stored is None:
        return Refusal("no_such_negotiation")
    one = round_of(stored, ref.round)
    order = await deps.store.get(ORDERS, stored.order, stored.order)
    leg = order.value.leg(stored.leg) if order else None
    is_shown = leg is None or leg.shows_partner
    if one.offer is None:
        return Refusal("no_offer")
    return Question(
        customer=stored.customer,
        kind="counter_offer",
        about=f"order:{stored.order}",
        title=f"{one.offer.title} instead of {stored.ordered}?",
        text=offer_words(stored, one.offer, is_shown=is_shown),
        facts=offer_facts(stored, one, is_shown=is_shown),
        yes="Yes, take it",
        no="No",
        expires_at=ref.expires_at,
        is_told=True,
    )


@activity(blueprint, retry=PATIENT)
async def move_negotiation(deps: Deps, moving: Moving, call: Call) -> Refusal | None:
    """Move a negotiation along; told again it changes nothing."""
    from shared.dialogue.negotiation import ImpossibleMove, round_of, with_round  # noqa: PLC0415
    from shared.dialogue.negotiation import moved as negotiation_moved  # noqa: PLC0415

    def move(before: Negotiation) -> Negotiation:
        said = {"escalation": moving.escalation, "escalated_for": moving.reason}
        more: dict[str, object] = {name: value for name, value in said.items() if value is not None}
        if moving.round is not None and moving.verdict is not None:
            before = with_round(before, moving.round, verdict=moving.verdict)
        if moving.fact == "agree" and moving.round is not None:
            more["agreed"] = round_of(before, moving.round).offer
        with suppress(ImpossibleMove):
            return negotiation_moved(before, moving.fact, call.at, **more)
        return before

    after = await _change(deps, moving.negotiation, move)
    return after if isinstance(after, Refusal) else None


@activity(blueprint, retry=PATIENT)
async def look_at_negotiation(deps: Deps, watching: Watching) -> Standing | Refusal:
    """How a negotiation stands, listening for its next change."""
    after = await _change(deps, watching.negotiation, lambda before: heard(before, watching.wakes))
    if isinstance(after, Refusal):
        return after
    outcome = after.resolution.outcome if after.resolution else None
    seen = after.rounds[-1].photo_words if after.rounds and after.rounds[-1].kind == "photo_unsure" else ""
    words = f"{after.partner_name}: {after.wanted} instead of {after.ordered}? {seen}".rstrip()
    is_over = not after.is_over and await _is_over(deps, after)
    return Standing(
        status="withdrawn" if is_over else after.status, outcome=outcome, taken_by=after.taken_by, order=after.order,
        words=words, leg_starts=after.leg_starts,
    )  # fmt: skip


async def _negotiation(deps: Deps, negotiation: str) -> Negotiation | None:
    from shared.dialogue.negotiation import NEGOTIATIONS  # noqa: PLC0415

    stored = await deps.store.get(NEGOTIATIONS, negotiation, negotiation)
    return stored.value if stored else None


async def _leg_of(deps: Deps, negotiation: Negotiation) -> tuple[Order | None, OrderLeg | None]:
    stored = await deps.store.get(ORDERS, negotiation.order, negotiation.order)
    return (stored.value, stored.value.leg(negotiation.leg)) if stored else (None, None)


async def _is_over(deps: Deps, negotiation: Negotiation) -> bool:
    """Whether there is nothing left to negotiate about: the order or the leg is over, or its party has given it up."""
    from shared.orders.legs import RUNNING, is_live  # noqa: PLC0415

    order, leg = await _leg_of(deps, negotiation)
    return order is None or leg is None or order.status not in RUNNING or not is_live(leg)


async def _change(
    deps: Deps, negotiation: str, change: Callable[[Negotiation], Negotiation]
) -> Negotiation | Refusal:
    """Change a negotiation as it stands."""
    from shared.dialogue.negotiation import NEGOTIATIONS, ImpossibleMove  # noqa: PLC0415

    try:
        after = await changed(deps.store, NEGOTIATIONS, negotiation, negotiation, change)
    except ImpossibleMove as no:
        return Refusal("impossible_move", str(no))
    return after or Refusal("no_such_negotiation")
