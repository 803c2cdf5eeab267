"""What a customer writes instead of tapping a button: a yes or no to what they are asked counts as a decision.

Only the customer's own word does, proven by its channel: never an agent's, nor an email that anybody may have sent.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import azure.durable_functions as df

from activities import Client, activity
from activities.narration import voice_of
from activities.speaking import say_to_customer
from shared.dialogue.saying import HeardOfIntent
from shared.flows import PATIENT, Call
from shared.records import ChangedMeanwhile, Query
from shared.wiring import Deps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.dialogue.inbound import Received
    from shared.orders.order import Order
    from shared.people.approvals import Approval
    from shared.people.customers import Customer
    from shared.records import Stored
    from shared.standing.intent import StandingIntent

blueprint = df.Blueprint()
ASKED_MAX = 50
TRIES_MAX = 20
Decision = Literal["approve", "reject"]
_DECISIONS: dict[str, Decision] = {"yes": "approve", "no": "reject"}


class Word(NamedTuple):
    """What a customer has written about something they may be asked about; is_proven: whether it is surely theirs."""

    customer: str
    about: str
    text: str
    is_proven: bool


@activity(blueprint, retry=PATIENT)
async def take_word(deps: Deps, heard: HeardOfIntent, call: Call, client: Client) -> None:
    """What a customer writes about a standing intent decides what they are asked; else they hear how it stands."""
    from shared.dialogue.receiving import received  # noqa: PLC0415  with the first word, not with the app
    from shared.dialogue.reply.own_text import own_text  # noqa: PLC0415
    from shared.standing import intent_book  # noqa: PLC0415

    stored = await intent_book.find(deps.store, heard.intent)
    record = await received(deps.store, heard.inbound)
    if stored is None or record is None:
        return
    customer, _ = await voice_of(deps, stored.value.customer)
    if record.box not in boxes_of(customer):
        return
    about = f"intent:{heard.intent}"
    word = Word(customer.id, about, own_text(record.message.text), is_proven(record, customer))
    told = await decided_by_word(deps, client, word, call) or await _how_it_stands(deps, stored.value, call.at)
    await say_to_customer(deps, customer.id, about, told, call)


async def decided_by_word(deps: Deps, client: Client, word: Word, call: Call) -> str | None:
    """What a customer is told of their decision; None where they are asked nothing, or say neither yes nor no."""
    from shared.nudges import stir  # noqa: PLC0415
    from shared.people.approvals import APPROVALS, NOTE_LENGTH_MAX, ImpossibleMove, decided  # noqa: PLC0415

    words = await _words(deps, word.customer)
    for _ in range(TRIES_MAX):
        asked = await _asked(deps, word, call.at)
        decision = await _decision(deps, asked, word.text, call.at) if asked else None
        if decision is None:
            return None
        if not word.is_proven:
            return words["unproven"]
        if len(asked) > 1:
            return words["which"].format(titles="; ".join(one.value.title for one in asked))
        try:
            after = decided(asked[0].value, decision, call.at, word.text[:NOTE_LENGTH_MAX])
        except ImpossibleMove:
            return words["late"]
        with suppress(ChangedMeanwhile):
            if after is not asked[0].value:
                await stir(deps.store, client, APPROVALS, asked[0], after, call.at)
            return words[decision]
    raise ChangedMeanwhile(f"what {word.about} asks changes all the time")


async def is_asked_since(deps: Deps, order: Order, since: datetime, now: datetime) -> bool:
    """Whether the customer of an order was asked something about it after a moment, and has not answered."""
    word = Word(order.customer, f"order:{order.id}", "", is_proven=False)
    return any(one.value.created_at > since for one in await _asked(deps, word, now))


def boxes_of(customer: Customer) -> frozenset[str]:
    """Where messages of a customer come from, beside the web."""
    from shared.dialogue.messages import box_of  # noqa: PLC0415

    phones = [box_of("whatsapp", customer.phone), box_of("sms", customer.phone)] if customer.phone else []
    return frozenset([*phones, *([box_of("email", customer.email)] if customer.email else [])])


def is_proven(record: Received, customer: Customer) -> bool:
    """Whether a message is surely the customer's own: from their address, as far as its provider can tell."""
    return record.message.is_proven and record.box in boxes_of(customer)


async def _how_it_stands(deps: Deps, intent: StandingIntent, now: datetime) -> str:
    from shared.standing.changes import reasoning_of  # noqa: PLC0415
    from shared.standing.lookout import seen_of  # noqa: PLC0415
    from shared.standing.truth import evaluate  # noqa: PLC0415

    seen = await seen_of(deps.store, intent.watches)
    return reasoning_of(intent, evaluate(intent.conditions, seen.readings, now, intent.frame), now)


async def _asked(deps: Deps, word: Word, now: datetime) -> Sequence[Stored[Approval]]:
    """What waits for the customer's word, or was decided by this very word at an earlier attempt."""
    from shared.people.approvals import APPROVALS  # noqa: PLC0415

    found = await deps.store.query(APPROVALS, Query({}, word.customer, "-created_at", ASKED_MAX))
    about = [one for one in found.items if one.value.about == word.about]
    before = [one for one in about if one.value.decided_at == now]
    return before or [one for one in about if one.value.status == "pending" and now < one.value.expires_at]


async def _decision(deps: Deps, asked: Sequence[Stored[Approval]], text: str, now: datetime) -> Decision | None:
    """What a plain yes or no decides; a wish, a question, a nod or half a word decides nothing."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from shared.dialogue.reply.model import Asked  # noqa: PLC0415

    question = Asked(wanted=asked[0].value.title)
    reading = await deps.replies.read_reply(text, question, now, ZoneInfo(deps.settings.time_zone))
    return _DECISIONS[reading.decision] if reading.decision else None


async def _words(deps: Deps, customer_id: str) -> dict[str, str]:
    customer, _ = await voice_of(deps, customer_id)
    return deps.phrasebook.support.decisions[customer.language]
