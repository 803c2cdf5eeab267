"""The nouns of flows: steps as activities declare them, how often they are tried, and how they may end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from shared.wire import pack, unpack

In = TypeVar("In")
Out = TypeVar("Out")

FAULT_LENGTH_MAX = 2_000
"""How much of a fault's message is kept; the host of 2.x hangs on very long ones."""


class Retry(NamedTuple):
    """How often a step is tried before it has failed, and the pause between."""

    attempts_max: int
    pause_seconds: int


ONCE = Retry(1, 0)
QUICK = Retry(3, 2)
PATIENT = Retry(10, 60)


class Refusal(NamedTuple):
    """An expected "no" of a step, as a value; reason is a stable word, detail a sentence for a person."""

    reason: str
    detail: str = ""


class Call(NamedTuple):
    """What a step is told beside its input: a key that all its attempts share, for idempotency, and the flow's time."""

    key: str
    at: datetime


@dataclass(frozen=True)
class Step(Generic[In, Out]):
    """An activity as flows see it; takes and gives are annotations, gives without the Refusal. Tests may await run."""

    name: str
    takes: Any
    gives: Any
    retry: Retry
    run: Callable[..., Awaitable[Out]]


class Stopped(Exception):
    """The way forward of a flow is at its end: what was done is to be undone."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Refused(Stopped):
    """A step that the flow cannot do without was refused."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(*refusal)


class StepFailed(Stopped):
    """A step, an entity, a child flow or the data of an event is at fault, after all attempts."""

    def __init__(self, name: str, fault: object) -> None:
        super().__init__("step_failed", f"{name}: {fault}"[:FAULT_LENGTH_MAX])
        self.name = name


@dataclass(frozen=True)
class TimedOut:
    """Nothing came in time; at is the flow's time when the wait ended."""

    at: datetime


class Happened(NamedTuple):
    """Which of several events came, by the name that was waited for, and its data."""

    event: str
    data: Any


def pack_call(call: Call, given: object) -> Any:
    """A step's call and input as plain JSON: `{"key", "at", "input"}`."""
    return pack({"key": call.key, "at": call.at, "input": given})


def unpack_call(takes: Any, plain: dict[str, Any]) -> tuple[Call, Any]:
    """The reverse of pack_call."""
    return Call(plain["key"], datetime.fromisoformat(plain["at"])), unpack(takes, plain["input"])


def pack_answer(answer: object) -> Any:
    """A step's answer as plain JSON: `{"done": …}`, or `{"refused": {"reason", "detail"}}`."""
    return pack({"refused": answer._asdict()} if isinstance(answer, Refusal) else {"done": answer})


def unpack_answer(gives: Any, plain: dict[str, Any]) -> Any:
    """The reverse of pack_answer."""
    return Refusal(**plain["refused"]) if "refused" in plain else unpack(gives, plain["done"])
