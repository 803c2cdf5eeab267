"""What a sentence asks to have changed in an order; where that is not clear, the next one completes it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from shared.dialogue.ordinals import place_named
from shared.dialogue.reply.model import Asked
from shared.orders.changing import Beginning, Cannot, beginning, begun
from shared.orders.wanted import Unclear, as_ordered, kind_words, leg_named
from shared.wire import Plain

if TYPE_CHECKING:
    from shared.dialogue.reply.replies import Replies
    from shared.discovery.intent import Intent
    from shared.discovery.taxonomy import Taxonomy
    from shared.discovery.understanding import Understanding
    from shared.orders.order import Order

_SAID_OF_IT = re.compile(
    r"^\D*\b(?:make|turn|change|switch|swap|have|want|like|prefer) (?:it|them|that|those|these)\b\D*$", re.IGNORECASE
)
"""`Make it pink`; with a number in it, it may be said of an address or a time."""
_OF_ITS_OWN = frozenset({"track", "support", "standing"})


class Open(Plain):
    """What was asked back. text: the sentence that was not clear."""

    text: str
    unclear: Unclear


class Meant(NamedTuple):
    """What is to be changed; found None: something that takes a person. text: the sentence that says so."""

    text: str
    found: Beginning | Unclear | Cannot | None


class Reads(NamedTuple):
    """By what sentences are read, and when and where they are said."""

    understanding: Understanding
    replies: Replies
    taxonomy: Taxonomy
    now: datetime
    zone: ZoneInfo

    async def read(self, text: str, order: Order) -> Intent:
        """What a sentence about an order means."""
        return await self.understanding.read(text, self.now, self.zone, order.deliver_to.point)


async def meant(order: Order, text: str, intent: Intent, reads: Reads) -> Meant:
    """What a sentence means by itself; `make it pink` is said of the kind of thing that is meant."""
    found = beginning(order, intent, text, reads.taxonomy)
    if isinstance(found, Unclear) and found.about == "thing" and _SAID_OF_IT.search(text):
        return await _instead(order, found.legs[0], text, intent, reads) or Meant(text, found)
    return Meant(text, found)


async def joined(before: Open, order: Order, answer: str, reads: Reads) -> Meant | None:
    """What the answer to a question makes of a change; None where it answers something else."""
    legs = before.unclear.legs
    match before.unclear.about:
        case "leg":
            place = place_named(answer, len(legs))
            leg = legs[place] if place is not None else leg_named(order, legs, answer)
            if leg is None:
                return None
            intent = await reads.read(before.text, order)
            return Meant(before.text, beginning(order, intent, before.text, reads.taxonomy, leg_id=leg))
        case "thing":
            return await _instead(order, legs[0], answer, await reads.read(answer, order), reads)
        case "number":
            return await _agreed(before, order, answer, reads)


async def _instead(order: Order, leg_id: str, text: str, intent: Intent, reads: Reads) -> Meant | None:
    """What a sentence wants instead of a leg; `pink` is said of its kind."""
    leg = order.leg(leg_id)
    if leg is None or intent.kind in _OF_ITS_OWN:
        return None
    if not intent.entities.items:
        intent = await reads.read(f"{kind_words(leg)} {text}", order)
        if not any(item.attributes for item in intent.entities.items):
            return None
    return Meant(text, beginning(order, intent, text, reads.taxonomy, leg_id=leg_id))


async def _agreed(before: Open, order: Order, answer: str, reads: Reads) -> Meant | None:
    """A yes to as many as were ordered."""
    reply = await reads.replies.read_reply(answer, Asked(wanted=""), reads.now, reads.zone)
    if reply.decision != "yes":
        return None
    wanted = as_ordered(order, before.unclear.legs[0], await reads.read(before.text, order), reads.taxonomy)
    return Meant(before.text, begun(order, wanted)) if wanted else None
