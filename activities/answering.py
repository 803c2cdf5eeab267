"""Who answers what is said about an order, and what the assistant says, from the order's own record (spec 6.5)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, JsonValue

from activities.narration import voice_of
from shared.dialogue.support_topics import ASKS_FOR_A_PERSON, NO_ANSWER, NOT_ROUTINE
from shared.wire import Plain

if TYPE_CHECKING:
    from activities import Client
    from shared.dialogue.asked_back import Meant, Reads
    from shared.dialogue.support import SupportMessage
    from shared.dialogue.support_topics import Routing
    from shared.flows import Call
    from shared.orders.order import Order
    from shared.wiring import Deps

PRESSING, ORDINARY = timedelta(minutes=30), timedelta(hours=4)
"""How soon a person is to see to it."""
EXCERPT_LENGTH_MAX = 300
EARLIER_MAX = 20
"""So far back the customer's last message is looked for; a question is not remembered longer."""
_CALLED = "A person is wanted."


class Answering(Plain):
    """What becomes of a message.

    text: the assistant's answer, is_private: for the customer alone; reason, matter, urgent_at: where a person is
    called; change: what a change is begun with.
    """

    text: str | None = None
    is_private: bool = False
    reason: str | None = None
    matter: str = ""
    urgent_at: AwareDatetime | None = None
    change: dict[str, JsonValue] | None = None


async def answer_of_customer(
    deps: Deps, message: SupportMessage, order: Order, call: Call, client: Client
) -> tuple[Answering, dict[str, Any]]:
    """What becomes of a customer's message, and how it was routed; a yes or no to what they are asked decides it."""
    from activities.decisions import Word, decided_by_word  # noqa: PLC0415
    from shared.dialogue.support import AI  # noqa: PLC0415

    if not message.mentions and message.button is None:
        change = await _answered(deps, message, order, call)
        if change is not None:
            return await _changed(deps, message, order, change, call)
        word = Word(order.customer, f"order:{order.id}", message.text, await _is_proven(deps, message, order))
        told = await decided_by_word(deps, client, word, call)
        if told is not None:
            return Answering(text=told, is_private=True), {"topic": "decision", "asked": AI}
    routing, text = await _routed(deps, message, order, call)
    if _is_to_party(message):
        return Answering(), {"topic": routing.topic, "asked": message.mentions[0]}
    asked = {"topic": routing.topic, "asked": _ref_of(routing)}
    if routing.who == "person":
        return await _to_person(deps, message, order, routing, call), asked
    if routing.who != "ai":
        return Answering(), asked
    if text is None and routing.topic == "change":
        return await _change(deps, message, order, call)
    from shared.dialogue.support import PRIVATE_QUESTIONS  # noqa: PLC0415

    is_private = message.is_private or routing.question in PRIVATE_QUESTIONS
    return Answering(text=text, is_private=is_private), asked


async def answer_of_party(
    deps: Deps, message: SupportMessage, order: Order, call: Call, _: Client
) -> tuple[Answering, dict[str, Any]]:
    """What becomes of a party's message: damage, danger and the wish for a person go to one, the rest to the others.

    The assistant answers a party only where it is asked to, and never what is the customer's alone.
    """
    from shared.dialogue.support import AI, PRIVATE_QUESTIONS, STAFF  # noqa: PLC0415

    routing, text = await _routed(deps, message, order, call)
    is_pressing = routing.urgency == "high" or routing.why == ASKS_FOR_A_PERSON
    if STAFF in message.mentions or (routing.who == "person" and is_pressing):
        person = routing.model_copy(update={"who": "person"})
        return await _to_person(deps, message, order, person, call), {"topic": routing.topic, "asked": STAFF}
    if AI in message.mentions and routing.question not in PRIVATE_QUESTIONS:
        return Answering(text=text), {"topic": routing.topic, "asked": AI}
    return Answering(), {"topic": routing.topic}


def reason_of(routing: Routing) -> str:
    """Why a person is called, in the words of the queue (shared.dialogue.escalations.Reason)."""
    if routing.why in {ASKS_FOR_A_PERSON, _CALLED}:
        return "human_asked"
    return "unclear" if routing.why in {NOT_ROUTINE, NO_ANSWER} else "complaint"


async def _routed(deps: Deps, message: SupportMessage, order: Order, call: Call) -> tuple[Routing, str | None]:
    """Who answers, and the answer that the record has; what was tapped or mentioned goes before what was written."""
    from shared.dialogue.support import STAFF  # noqa: PLC0415
    from shared.dialogue.support_topics import Routing  # noqa: PLC0415

    customer, zone = await voice_of(deps, order.customer)
    if message.button == "track":
        text = deps.hybrid.answer("where", order, call.at, zone, customer.language)
        return Routing(topic="delivery", who="ai", question="where", why="They want to know where it is."), text
    if message.button == "support" or STAFF in message.mentions:
        return Routing(topic="general", who="person", why=_CALLED), None
    response = deps.hybrid.respond(message.text, order, call.at, zone, customer.language)
    return response.routing, response.text


async def _to_person(
    deps: Deps, message: SupportMessage, order: Order, routing: Routing, call: Call
) -> Answering:
    """A matter for the queue of staff, and the assistant's last word until it is handed back."""
    from shared.dialogue.narration.event import Event  # noqa: PLC0415
    from shared.dialogue.support import forwarded, name_of  # noqa: PLC0415

    customer, zone = await voice_of(deps, order.customer)
    told = deps.narrator.narrate(Event(kind="escalated", at=call.at), None, order, zone, customer.language)
    said = forwarded(message.text)[:EXCERPT_LENGTH_MAX]
    return Answering(
        text=told.text,
        is_private=message.is_private,
        reason=reason_of(routing),
        matter=f"{name_of(message, order, is_customer=False)} writes: {said} ({routing.why})",
        urgent_at=call.at + (PRESSING if routing.urgency == "high" else ORDINARY),
    )


async def _answered(deps: Deps, message: SupportMessage, order: Order, call: Call) -> Meant | None:
    """What a message makes of a change that the customer's last one left open; None where it is about something else.

    A yes goes to what was asked last.
    """
    from activities.decisions import is_asked_since  # noqa: PLC0415
    from shared.dialogue.asked_back import joined  # noqa: PLC0415
    from shared.dialogue.support import MESSAGES  # noqa: PLC0415
    from shared.records import Query  # noqa: PLC0415

    earlier = Query({"at": {"lt": message.at}}, order.id, "-at", EARLIER_MAX)
    page = await deps.store.query(MESSAGES, earlier)
    before = next((one.value for one in page.items if one.value.by == "customer"), None)
    if before is None or before.open is None:
        return None
    if before.open.unclear.about == "number" and await is_asked_since(deps, order, before.at, call.at):
        return None
    return await joined(before.open, order, message.text, await _reads(deps, order, call))


async def _change(
    deps: Deps, message: SupportMessage, order: Order, call: Call
) -> tuple[Answering, dict[str, Any]]:
    """What becomes of a wish for something else."""
    from shared.dialogue.asked_back import Meant, meant  # noqa: PLC0415
    from shared.orders.wanted import Unclear  # noqa: PLC0415

    reads = await _reads(deps, order, call)
    intent = await reads.read(message.text, order)
    change = await meant(order, message.text, intent, reads)
    if isinstance(change.found, Unclear) and not intent.entities.items:
        change = Meant(change.text, None)
    return await _changed(deps, message, order, change, call)


async def _changed(
    deps: Deps, message: SupportMessage, order: Order, change: Meant, call: Call
) -> tuple[Answering, dict[str, Any]]:
    """Begin a change, or ask back; what cannot be begun so is for a person."""
    from shared.dialogue.asked_back import Open  # noqa: PLC0415
    from shared.dialogue.support import AI, STAFF  # noqa: PLC0415
    from shared.dialogue.support_topics import Routing  # noqa: PLC0415
    from shared.orders.changing import Beginning, change_given  # noqa: PLC0415
    from shared.orders.wanted import Unclear  # noqa: PLC0415

    found, asked = change.found, {"topic": "change", "asked": AI}
    if isinstance(found, Unclear):
        unclear = Open(text=change.text, unclear=found)
        return Answering(text=found.question), {**asked, "open": unclear}
    if isinstance(found, Beginning):
        name = hashlib.sha256(f"{order.id} {message.id}".encode()).hexdigest()[:24]
        given: Any = change_given(name, order.id, found.wanted)
        return Answering(text=found.words, change=given), asked
    if found is not None:
        return Answering(text=found.reason), asked
    routing = Routing(topic="change", who="person", why="They want something changed that takes a person.")
    return await _to_person(deps, message, order, routing, call), {**asked, "asked": STAFF}


async def _reads(deps: Deps, order: Order, call: Call) -> Reads:
    from shared.dialogue.asked_back import Reads  # noqa: PLC0415

    _, zone = await voice_of(deps, order.customer)
    await deps.catalog_ready()
    return Reads(deps.understanding, deps.replies, deps.taxonomy, call.at, zone)


async def _is_proven(deps: Deps, message: SupportMessage, order: Order) -> bool:
    """Whether a message is surely the customer's own, as what they write here is, for they are signed in."""
    from activities.decisions import is_proven  # noqa: PLC0415
    from shared.dialogue.receiving import received  # noqa: PLC0415

    if message.inbound is None:
        return not message.is_agents
    record = await received(deps.store, message.inbound)
    customer, _ = await voice_of(deps, order.customer)
    return record is not None and is_proven(record, customer)


def _is_to_party(message: SupportMessage) -> bool:
    """Whether the customer asks somebody by name."""
    return bool(message.mentions) and message.mentions[0].startswith("leg-")


def _ref_of(routing: Routing) -> str | None:
    return {"ai": "ai", "person": "staff"}.get(routing.who, routing.leg)
