"""Requests to simulated partners: what came, who sees to it, what was answered; kept until it is answered, and after.

A request has one answer, under an id that follows from the request's own: however often it is spoken, the other side
hears it once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared import changing
from shared.dialogue.inbound import Inbound
from shared.dialogue.messages import Channel, OutboundMessage, Reply
from shared.discovery.partners import Partner
from shared.ports import Store
from shared.records import Container, Record
from shared.simulator.asked import Asked, Facts, RequestType, facts_of, type_of
from shared.simulator.deciding import Decision
from shared.simulator.scenarios import Counter, DecisionKind
from shared.wire import Plain

FLOW = "simulated_reply"
KEPT_SECONDS = 180 * 86_400
TEXT_LENGTH_MAX = 20_000
Status = Literal["pending", "assigned", "responded", "noted"]
Move = Literal["assign", "respond"]
MOVES: dict[tuple[Status, Move], Status] = {
    ("pending", "assign"): "assigned",
    ("assigned", "assign"): "assigned",
    ("noted", "assign"): "assigned",
    ("pending", "respond"): "responded",
    ("assigned", "respond"): "responded",
    ("noted", "respond"): "responded",
}
"""Every other pair is refused. noted: a notice, to which nobody waits for an answer."""

_FLOW_ID = re.compile(r"[A-Za-z0-9._:=+-]{1,80}")
_YES = re.compile(r"(yes|ok|accept|agree|approve|confirm|take|can do)\b", re.IGNORECASE)
_NO = re.compile(r"(no|reject|decline|refuse|cannot|can't)\b", re.IGNORECASE)
_SAID_BY_BUTTON: frozenset[DecisionKind] = frozenset({"accept", "reject"})
_LABELS: Mapping[DecisionKind, re.Pattern[str]] = {"accept": _YES, "reject": _NO, "unavailable": _NO}


class ImpossibleMove(Exception):
    """A request that is answered is neither assigned nor answered again."""


class Answer(Plain):
    """What is answered, and when it is due; person: by whom, None for a scenario's. said_at: None until it is said.

    text: empty where a button is tapped.
    """

    kind: DecisionKind
    text: str = ""
    counter: Counter | None = None
    person: str | None = None
    due_at: AwareDatetime
    said_at: AwareDatetime | None = None


class SimulatedRequest(Record):
    """What a simulated partner was told or asked; id: the message's own.

    sender: the partner's address on the channel, from which it answers; provider_id: by which the answer names the
    message it answers. decided_at: when it was first seen to, by which scenario and step; without an answer it then
    waits for a person, or is_silent.
    """

    id: str
    partner: str
    type: RequestType
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)]
    facts: Facts
    buttons: tuple[Reply, ...] = ()
    channel: Channel
    sender: str
    provider_id: str
    thread: str | None = None
    received_at: AwareDatetime
    status: Status
    assigned_to: str | None = None
    decided_at: AwareDatetime | None = None
    scenario: str | None = None
    step: int = 0
    is_silent: bool = False
    answer: Answer | None = None

    @property
    def asked(self) -> Asked:
        """The request as conditions see it."""
        return Asked(id=self.id, type=self.type, text=self.text, facts=self.facts)


REQUESTS = Container(
    "simulator_requests",
    SimulatedRequest,
    "id",
    indexes=("received_at", "partner,received_at", "status,received_at", "type", "status", "thread,received_at"),
    ttl_seconds=KEPT_SECONDS,
)


def received(message: OutboundMessage, partner: Partner, provider_id: str, at: datetime) -> SimulatedRequest:
    """A message as it reaches a partner that is played."""
    facts = facts_of(message.facts)
    kind = type_of(facts, message.text, has_buttons=bool(message.replies))
    return SimulatedRequest(
        id=message.id,
        partner=partner.id,
        type=kind,
        text=message.text[:TEXT_LENGTH_MAX],
        facts=facts,
        buttons=message.replies,
        channel=message.channel,
        sender=message.to,
        provider_id=provider_id,
        thread=message.thread,
        received_at=at,
        status="noted" if kind == "notice" else "pending",
    )


def assigned(request: SimulatedRequest, to: str) -> SimulatedRequest:
    """The request once somebody sees to it; raises ImpossibleMove."""
    return request.model_copy(update={"status": _moved(request, "assign"), "assigned_to": to})


def planned(request: SimulatedRequest, decision: Decision, at: datetime) -> SimulatedRequest:
    """The request once it is decided how it is answered; what is decided already, or answered, stays as it is."""
    if request.decided_at is not None or request.status == "responded":
        return request
    return request.model_copy(
        update={
            "decided_at": at,
            "scenario": decision.scenario,
            "step": decision.step,
            "is_silent": decision.kind == "silent",
            "answer": None if decision.kind in {"silent", "manual"} else _answer(request, decision, at),
        }
    )


def said(request: SimulatedRequest, at: datetime) -> SimulatedRequest:
    """The request once its answer is said; one that was said, or has none, stays as it is."""
    if request.answer is None or request.answer.said_at is not None:
        return request
    answer = request.answer.model_copy(update={"said_at": at})
    return request.model_copy(update={"status": _moved(request, "respond"), "answer": answer})


def answered(request: SimulatedRequest, answer: Answer) -> SimulatedRequest:
    """The request answered by a person, in place of what may have been planned; raises ImpossibleMove.

    The very same answer of the same person again changes nothing.
    """
    there = request.answer
    if request.status == "responded" and there is not None and _what(there) == _what(answer):
        return request
    return request.model_copy(update={"status": _moved(request, "respond"), "answer": answer})


def inbound_of(request: SimulatedRequest) -> Inbound | None:
    """What the partner says, as an outside one would: a button tapped, or words; None where nothing is said yet.

    A yes or no taps the button for it, where there is one, whatever it says with that.
    """
    answer = request.answer
    if answer is None or answer.said_at is None:
        return None
    button = _button(request, answer.kind)
    return Inbound(
        channel=request.channel,
        sender=request.sender,
        provider_id=f"sim-reply:{request.id}",
        in_reply_to=request.provider_id,
        payload=button.payload if button else "",
        text=answer.text or (button.label if button else ""),
        at=answer.said_at,
    )


def flow_of(message: str) -> str:
    """The id of the flow that answers a message; hosts take short ones of few characters."""
    return f"sim-{message}" if _FLOW_ID.fullmatch(message) else f"sim-{hashlib.sha256(message.encode()).hexdigest()}"


async def change(
    store: Store, request_id: str, changed: Callable[[SimulatedRequest], SimulatedRequest]
) -> SimulatedRequest | None:
    """Change a request as it stands; None where there is none."""
    return await changing.changed(store, REQUESTS, request_id, request_id, changed)


def _moved(request: SimulatedRequest, move: Move) -> Status:
    status = MOVES.get((request.status, move))
    if status is None:
        raise ImpossibleMove(f"the request is {request.status}")
    return status


def _answer(request: SimulatedRequest, decision: Decision, at: datetime) -> Answer:
    taps = decision.is_usual and decision.kind in _SAID_BY_BUTTON and _button(request, decision.kind) is not None
    return Answer(
        kind=decision.kind,
        text="" if taps else decision.text,
        counter=decision.counter,
        due_at=request.received_at + timedelta(seconds=decision.after_seconds) if decision.after_seconds else at,
    )


def _what(answer: Answer) -> tuple[object, ...]:
    return answer.kind, answer.text, answer.counter, answer.person


def _button(request: SimulatedRequest, kind: DecisionKind) -> Reply | None:
    wanted = _LABELS.get(kind)
    return next((one for one in request.buttons if wanted and wanted.match(one.label)), None)
