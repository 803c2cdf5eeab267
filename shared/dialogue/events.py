"""What an answer is for: the event of a flow that waits, which thread and round or button name; or a flow of its own.

Threads: `neg:<negotiation>`, whose flow waits for `reply-<round>`; `order:<order>`, whose checkout waits for each leg
that was asked about; all else in it is said in the order's conversation (the flow `support_message`);
`intent:<intent>`: the customer's word about a standing intent (the flow `customer_word`). Payloads of buttons:
`neg:<negotiation>:<round>:<answer>`, `leg:<order>:<leg>:accept|reject`, `order:<order>:track|support`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from shared.dialogue.saying import SUPPORT_FLOW, WORD_FLOW, Bringing, Heard, HeardOfIntent
from shared.orders.order import reply_event
from shared.wire import Plain, pack

_LEG_ID = re.compile(r"leg-\d{1,3}")
NEGOTIATION, ORDER, LEG, INTENT = "neg", "order", "leg", "intent"
REPLY = "reply"


class Answered(Plain):
    """What a flow is told of an answer; what it says stands in the record of its id (shared.dialogue.inbound.INBOUND).

    kind: a reply, or that our message did not arrive, with the provider's code as its reason. message: ours that it is
    about. payload: of the reply chosen, None where it is to be read.
    """

    kind: Literal["reply", "undelivered"]
    inbound: str | None = None
    message: str | None = None
    payload: str | None = None
    round: int | None = None
    reason: Annotated[str, Field(max_length=40)] = ""

    @property
    def choice(self) -> str | None:
        """The last part of the payload, such as `accept`."""
        return self.payload.rsplit(":", 1)[-1] if self.payload else None


class Event(NamedTuple):
    """An event of a flow; sender_id: under which the inbox keeps it, None for that of the answer itself."""

    instance: str
    name: str
    data: Any
    sender_id: str | None = None


class Begins(NamedTuple):
    """A flow that an answer begins, once."""

    flow: str
    instance: str
    given: dict[str, Any]


def negotiation_thread(negotiation: str) -> str:
    """The thread of a negotiation's messages."""
    return f"{NEGOTIATION}:{negotiation}"


def negotiation_payload(negotiation: str, number: int, answer: str) -> str:
    """The payload of a button of a negotiation's round."""
    return f"{NEGOTIATION}:{negotiation}:{number}:{answer}"


def leg_payload(order: str, leg: str, decision: Literal["accept", "reject"]) -> str:
    """The payload of a button by which a partner takes or refuses its leg."""
    return f"{LEG}:{order}:{leg}:{decision}"


def instance_of(thread: str) -> str | None:
    """The flow behind a thread, None where there is none."""
    kind, _, instance = thread.partition(":")
    return instance if kind in _EVENTS and instance else None


def is_talk(thread: str | None) -> bool:
    """Whether what is written in a thread is heard though no question in it is open."""
    kind, _, order = (thread or "").partition(":")
    return kind == ORDER and bool(order)


def event_of(thread: str | None, answer: Answered) -> Event | Begins | None:
    """What an answer in a thread is for; None where no flow waits for such a thing."""
    instance = instance_of(thread) if thread else None
    if thread is None or instance is None:
        return None
    return _EVENTS[thread.partition(":")[0]](instance, answer)


def _of_negotiation(instance: str, answer: Answered) -> Event | None:
    number = answer.round or _round_of(answer.payload)
    return Event(instance, f"{REPLY}-{number}", answer) if number else None


def _round_of(payload: str | None) -> int | None:
    parts = (payload or "").rsplit(":", 2)
    return int(parts[1]) if len(parts) == 3 and parts[1].isascii() and parts[1].isdecimal() else None


def _of_order(instance: str, answer: Answered) -> Event | Begins | None:
    """The partner's yes or no about a leg; the first answer counts. Anything else is said in the conversation."""
    kind, _, rest = (answer.payload or "").partition(":")
    if kind != LEG or not rest.startswith(f"{instance}:"):
        return _said(instance, answer)
    leg, _, decision = rest.removeprefix(f"{instance}:").partition(":")
    if not _LEG_ID.fullmatch(leg) or decision not in {"accept", "reject"}:
        return None
    data = {"leg": leg, "decision": decision, "note": ""}
    return Event(instance, f"{reply_event(leg)}-1", data, f"{REPLY}:{leg}")


def _said(order: str, answer: Answered) -> Begins | None:
    if answer.kind != "reply" or answer.inbound is None:
        return None
    heard = Heard(order=order, inbound=answer.inbound, payload=answer.payload)
    return Begins(SUPPORT_FLOW, _flow_of(answer.inbound), pack(Bringing(heard=heard)))


def _of_intent(intent: str, answer: Answered) -> Begins | None:
    if answer.kind != "reply" or answer.inbound is None:
        return None
    return Begins(WORD_FLOW, _flow_of(answer.inbound), pack(HeardOfIntent(intent=intent, inbound=answer.inbound)))


def _flow_of(inbound: str) -> str:
    return f"said:{hashlib.sha256(inbound.encode()).hexdigest()[:32]}"


_EVENTS: dict[str, Callable[[str, Answered], Event | Begins | None]] = {
    NEGOTIATION: _of_negotiation,
    ORDER: _of_order,
    INTENT: _of_intent,
}
"""Kind of thread → what an answer in it is for. A flow of another kind adds a line."""
