"""Activities that write down what they did, and fail or refuse as they are told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import azure.durable_functions as df
from pydantic import BaseModel

from activities import activity
from shared.flows import ONCE, QUICK, Call, Refusal
from shared.wiring import Deps

blueprint = df.Blueprint()


class Work(BaseModel):
    """What to do; faults: how many attempts fail before one works."""

    what: str
    faults: int = 0
    refuse: str | None = None


class Done(BaseModel):
    """What was done, under which key, at which time of the flow, at which attempt."""

    what: str
    key: str
    at: datetime
    attempt: int


def attempt_of(deps: Deps, what: str, key: str) -> int:
    """Write down an attempt; its number."""
    log = Path(deps.settings.data_dir) / "log.txt"
    log.parent.mkdir(exist_ok=True)
    with log.open("a") as lines:
        lines.write(f"{key} {what}\n")
    return log.read_text().splitlines().count(f"{key} {what}")


def tried(deps: Deps, work: Work, call: Call) -> Done | Refusal:
    attempt = attempt_of(deps, work.what, call.key)
    if attempt <= work.faults:
        raise RuntimeError(f"{work.what} is at fault")
    if work.refuse:
        return Refusal(work.refuse, f"no {work.what} today")
    return Done(what=work.what, key=call.key, at=call.at, attempt=attempt)


@activity(blueprint, retry=QUICK)
async def do(deps: Deps, work: Work, call: Call) -> Done | Refusal:
    """Do it, tried quickly."""
    return tried(deps, work, call)


@activity(blueprint, retry=ONCE)
async def do_once(deps: Deps, work: Work, call: Call) -> Done | Refusal:
    """Do it, tried once."""
    return tried(deps, work, call)


@activity(blueprint, retry=ONCE)
async def take_back(deps: Deps, work: Work, call: Call) -> Refusal | None:
    """The undo of both; as an undo it is tried patiently all the same."""
    answer = tried(deps, work, call)
    return answer if isinstance(answer, Refusal) else None


@activity(blueprint, retry=ONCE)
async def count(deps: Deps, names: list[str]) -> int:
    """Two parameters, no model."""
    return len(names)


@activity(blueprint, retry=ONCE)
async def shout(deps: Deps, length: int) -> str:
    """Fail at length."""
    raise RuntimeError("a" * length)


@activity(blueprint, retry=ONCE)
async def overflow(deps: Deps, length: int) -> str:
    """Answer at length."""
    return "a" * length
