"""The Support Hub: one conversation an order for everybody in it: who is in, what was said, who sees what of it.

Whoever takes part has a ref: `customer`, `ai`, `staff`, or the id of a leg, which stands for its party. What a bundle
hides from its customer stays hidden here: a hidden party speaks to the customer under its role, and its names, wherever
somebody writes them, become that role, too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from shared.blobs import BlobRef
from shared.dialogue.asked_back import Open
from shared.dialogue.escalations import ESCALATIONS
from shared.dialogue.messages import Channel
from shared.dialogue.saying import MENTIONS_MAX, By, Ref, Said, Text
from shared.orders.legs import live
from shared.orders.order import Order, OrderLeg, PartyKind
from shared.ports import Store
from shared.records import Container, Record

FORWARDED_LENGTH_MAX = 900
"""How much of a message is sent on to telephones; the rest is read in the thread."""
ATTACHMENTS_MAX = 10
PRIVATE_QUESTIONS = frozenset({"address", "cost", "charged", "escrow"})
"""Whose answers are the customer's alone."""
CUSTOMER, AI, STAFF = "customer", "ai", "staff"
_SPACES = re.compile(r"\s+")


class Seat(NamedTuple):
    """Somebody who takes part: what they are, their id, the leg they are known by, and whether the customer may know.

    key: unique among all seats of all orders.
    """

    by: By
    id: str
    ref: str
    name: str
    is_shown: bool = True

    @property
    def key(self) -> str:
        """Such as `partner:rosie`."""
        return seat_key(self.by, self.id)


class SupportMessage(Record):
    """One message. who: the id of the party or member of staff, or of the customer; ref: of whoever wrote it.

    mentions: refs. inbound: the record of what came in by a channel; button: that was tapped. is_private: between the
    customer and the platform; no party sees it. is_agents: an agent wrote it in the customer's name. topic: what it is
    about; asked: who is to answer, a ref, None while nobody has looked; open: what was asked back, where a change was
    not clear. answers: the message that it answers.
    negotiation: which one staff wrote it in.
    """

    order: str
    by: By
    who: str
    ref: str
    text: Text
    mentions: Annotated[tuple[Ref, ...], Field(max_length=MENTIONS_MAX)] = ()
    attachments: Annotated[tuple[BlobRef, ...], Field(max_length=ATTACHMENTS_MAX)] = ()
    channel: Channel = "web"
    inbound: str | None = None
    button: Literal["track", "support"] | None = None
    is_private: bool = False
    is_agents: bool = False
    topic: str | None = None
    asked: str | None = None
    open: Open | None = None
    answers: str | None = None
    negotiation: str | None = None
    at: AwareDatetime


MESSAGES = Container("support_messages", SupportMessage, "order", indexes=("at", "negotiation,at"))


class SupportThread(Record):
    """The conversation of an order; id: the order's. taken_by: the member of staff who has it in hand.

    escalation: the matter in the queue of staff, while a person is called for; last_at: of the newest message.
    """

    customer: str
    taken_by: str | None = None
    escalation: str | None = None
    is_with_person: bool = False
    last_at: AwareDatetime


THREADS = Container("support_threads", SupportThread, "id", indexes=("last_at", "is_with_person,last_at"))


async def is_with_person(store: Store, thread: SupportThread) -> bool:
    """Whether somebody has a conversation in hand, or was called and has not settled it: the assistant is silent."""
    if thread.taken_by is not None or thread.escalation is None:
        return thread.taken_by is not None
    stored = await store.get(ESCALATIONS, thread.escalation, thread.escalation)
    return stored is not None and stored.value.status != "resolved"


FREE: dict[str, object] = {"taken_by": None, "escalation": None, "is_with_person": False}
"""What is new in a conversation that the assistant has again."""


class Reading(Record):
    """How far somebody has read the conversation of an order; id: the order's. last_at: of what they can see."""

    seat: str
    last_at: AwareDatetime
    read_at: AwareDatetime | None = None


READINGS = Container("support_readings", Reading, "seat", indexes=("last_at",))


def read_to(reading: Reading, last_at: datetime, read_at: datetime | None = None) -> Reading:
    """A reading moved on, never back."""
    read = max(filter(None, (reading.read_at, read_at)), default=None)
    return reading.model_copy(update={"last_at": max(reading.last_at, last_at), "read_at": read})


def message_of(said: Said, at: datetime) -> SupportMessage:
    """The record of what is said."""
    return SupportMessage.model_validate({**said.model_dump(), "at": at})


def seat_key(by: By, who: str) -> str:
    """How the readings of somebody are filed."""
    return by if by in {AI, STAFF} else f"{by}:{who}"


def seats_of(order: Order, customer_name: str = "") -> list[Seat]:
    """Everybody in the conversation of an order, each once: the parties of its live legs, or of all when it is over."""
    seats = [Seat("customer", order.customer, CUSTOMER, customer_name or "Customer"), Seat("ai", "", AI, "Assistant")]
    found: dict[str, Seat] = {}
    for leg in live(order) or order.legs:
        seat = Seat(leg.party, leg.partner, leg.id, leg.partner_name, is_shown=is_shown(order, leg.party, leg.partner))
        found.setdefault(seat.key, seat)
    return [*seats, *found.values(), Seat("staff", "", STAFF, "Support")]


def is_shown(order: Order, party: PartyKind, who: str) -> bool:
    """Whether the customer may know a party: they may of any of its legs."""
    return any(leg.shows_partner for leg in order.legs if (leg.party, leg.partner) == (party, who))


def seat_of(seats: Iterable[Seat], order: Order, ref: str) -> Seat | None:
    """Who is meant by a ref; the party of a leg that is over is no longer there."""
    leg = order.leg(ref)
    if leg is None:
        return next((seat for seat in seats if seat.ref == ref), None)
    return next((seat for seat in seats if (seat.by, seat.id) == (leg.party, leg.partner)), None)


def name_of(message: SupportMessage, order: Order, *, is_customer: bool) -> str:
    """Under which name a message stands for somebody."""
    if message.by == "customer":
        return "Customer"
    if message.by == "ai":
        return "Assistant"
    if message.by == "staff":
        return "Support"
    leg = order.leg(message.ref)
    if leg is None:
        return message.by.capitalize()
    if is_customer and not is_shown(order, leg.party, leg.partner):
        return role_words(leg)
    return leg.partner_name


def role_words(leg: OrderLeg) -> str:
    """What the customer is told of a party that is hidden."""
    return leg.role.replace("_", " ").capitalize()


def veiled(text: str, order: Order) -> str:
    """A text as the customer may read it: the names of hidden parties and their things give way to their roles."""
    hidden: dict[str, str] = {}
    for leg in order.legs:
        if leg.shows_partner:
            continue
        role = f"the {leg.role.replace('_', ' ')} partner"
        hidden |= dict.fromkeys((name.casefold() for name in _names(order, leg)), role)
    if not hidden:
        return text
    names = sorted(hidden, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(map(_loose, names)) + r")(?!\w)"
    return re.sub(pattern, lambda found: hidden[_SPACES.sub(" ", found.group().casefold())], text, flags=re.IGNORECASE)


def _names(order: Order, leg: OrderLeg) -> set[str]:
    """What a hidden leg is known by; the name of a party that the customer may know from another leg stays."""
    things = {leg.title, *(line.title for line in leg.lines), *(line.product for line in leg.lines)}
    party = () if is_shown(order, leg.party, leg.partner) else (leg.partner, leg.partner_name)
    shown = {name for one in order.legs if one.shows_partner for name in (one.title, *(x.title for x in one.lines))}
    return {_SPACES.sub(" ", name).strip() for name in {*things, *party} - shown} - {""}


def _loose(name: str) -> str:
    """A name with any space between its words."""
    return r"\s+".join(map(re.escape, name.split(" ")))


def forwarded(text: str) -> str:
    """A message as it is sent on: one line, no longer than telephones take."""
    line = _SPACES.sub(" ", text).strip()
    return line if len(line) <= FORWARDED_LENGTH_MAX else f"{line[: FORWARDED_LENGTH_MAX - 1].rstrip()}…"


def sending_key(message: str, seat: Seat) -> str:
    """The key of a message on its way to somebody, from which its ids on all channels follow."""
    return f"support:{message}:{seat.key}"


def sent_ids(message: str, seat: Seat) -> dict[str, Channel]:
    """The ids under which a message may have been sent to somebody → the channel."""
    digest = hashlib.sha256(sending_key(message, seat).encode()).hexdigest()[:40]
    channels: tuple[Channel, ...] = ("whatsapp", "sms", "email", "api", "web")
    return {f"notice:{digest}:{channel}": channel for channel in channels}


def is_for(message: SupportMessage, seat: Seat) -> bool:
    """Whether somebody is told of a message: everybody but its author, and of what is private no party."""
    if seat.by == "ai" or (seat.by, seat.id) == (message.by, message.who) or (seat.by == message.by == "staff"):
        return False
    return not message.is_private or seat.by in {"customer", "staff"}
