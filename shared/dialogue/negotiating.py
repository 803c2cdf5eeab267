"""What is said in a negotiation: to the partner in each round, and to the customer of an offer."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from shared.dialogue.events import negotiation_payload, negotiation_thread
from shared.dialogue.messages import Reply, TemplateUse
from shared.dialogue.negotiation import Negotiation, Round
from shared.dialogue.reply.counter import Offer
from shared.dialogue.templates import NEWS_LENGTH_MAX
from shared.dialogue.terms import Why

ANSWERS = (("Accept", "accept"), ("Decline", "decline"), ("Modify", "modify"))
"""Buttons and what they answer; what says more is typed."""
_WITH_BUTTONS = frozenset({"first", "unclear", "declined", "reminder", "handed_back"})


class Said(NamedTuple):
    """How a round is said beside its text."""

    thread: str
    replies: tuple[Reply, ...]
    template: TemplateUse | None
    facts: dict[str, JsonValue]


def asked_words(negotiation: Negotiation, why: Why, due: datetime, time_zone: str) -> str:
    """What a partner is written in a round."""
    wanted, ordered = negotiation.wanted, negotiation.ordered
    last = next((one for one in reversed(negotiation.rounds) if one.offer), None)
    offered = last.offer.title if last and last.offer else "that"
    words = {
        "first": f"Customer requested change: {wanted} instead of {ordered}. Can you fulfill?",
        "modify": f"What could you offer instead of {ordered}? Write what it is, and what it costs.",
        "unclear": f"Sorry, I did not quite understand. Can you do {wanted} instead of {ordered}? Yes, no, what else?",
        "price": (last.offer.asks if last and last.offer else None) or f"What would {offered} cost altogether?",
        "photo_again": f"Thank you. {_photo_words(negotiation)}",
        "declined": f"Thank you. The customer would not like {offered}. Could you do {wanted}, or something else?",
        "reminder": f"We still need your word: {wanted} instead of {ordered}? A colleague will be in touch otherwise.",
        "handed_over": "Thank you for your patience. A colleague of mine takes over and will write to you.",
        "handed_back": f"I am back for my colleague: can you do {wanted} instead of {ordered}?",
    }[why]
    until = f" Please answer by {due.astimezone(ZoneInfo(time_zone)):%H:%M}." if why == "first" else ""
    return words + until


def said_in(negotiation: Negotiation, one: Round, why: Why) -> Said:
    """A round as it is said on any channel: with buttons where a tap can answer it, and the facts behind it."""
    buttons = tuple(
        Reply(label=label, payload=negotiation_payload(negotiation.id, one.number, answer)) for label, answer in ANSWERS
    )
    is_question = why in _WITH_BUTTONS
    template = TemplateUse(
        name="negotiation_request",
        variables=(negotiation.partner_name, negotiation.order, one.asked[:NEWS_LENGTH_MAX], f"{one.due_at:%H:%M} UTC"),
    )
    return Said(
        thread=negotiation_thread(negotiation.id),
        replies=buttons if is_question else (),
        template=template if is_question else None,
        facts={
            "request_type": "notice" if why == "handed_over" else "change_request",
            "requested_item": negotiation.wanted,
            "product": negotiation.ordered,
            "order_value": negotiation.price.model_dump(),
            "customer": negotiation.customer,
        },
    )


def _photo_words(negotiation: Negotiation) -> str:
    said = next((one.photo_words for one in reversed(negotiation.rounds) if one.photo_words), "")
    return said or "That photo does not show it well: could you send another, sharp and in good light?"


def offer_words(negotiation: Negotiation, offer: Offer, *, is_shown: bool) -> str:
    """An offer as a question to the customer, with nothing in it that was not said or found."""
    who = negotiation.partner_name if is_shown else "The partner"
    price = "at the same price"
    if offer.difference is not None and offer.difference.minor:
        more = offer.difference
        price = f"for {more} more" if more.minor > 0 else f"for {-more} less"
    elif offer.difference is None and offer.price is not None:
        price = f"for {offer.price}"
    later = f", {offer.delay_minutes} minutes later" if offer.delay_minutes else ""
    return f"{who} offers {offer.title} instead of {negotiation.ordered}, {price}{later}. Shall I take it?"


def offer_facts(negotiation: Negotiation, one: Round, *, is_shown: bool) -> dict[str, JsonValue]:
    """What the card of an offer shows."""
    offer = one.offer
    assert offer is not None
    facts: dict[str, JsonValue] = {"you_asked_for": negotiation.wanted, "instead_of": negotiation.ordered}
    if is_shown:
        facts["from"] = negotiation.partner_name
    if offer.price is not None:
        facts["price"] = offer.price.model_dump()
    if offer.difference is not None:
        facts["price_difference"] = offer.difference.model_dump()
    if offer.delay_minutes:
        facts["later_by_minutes"] = offer.delay_minutes
    facts |= {name.lower().replace(" ", "_"): value for name, value in offer.specs.items()}
    if photo := one.photo or offer.image:
        facts["photo"] = photo
    return facts
