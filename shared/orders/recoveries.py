"""The log of a recovery: why it began, what was tried, what was proposed and what came of it, step by step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.orders.replacement import Reason
from shared.records import Container, Record
from shared.wire import Plain

RecoveryStatus = Literal["searching", "proposed", "replaced", "kept", "refunded", "with_person", "overtaken"]
STEPS_MAX = 60


class RecoveryStep(Plain):
    """One step; id: told again it is the same."""

    id: str
    at: AwareDatetime
    what: str


class Recovery(Record):
    """One recovery of one leg. partner: who was given up; new_leg: what took its place."""

    order: str
    customer: str
    leg: str
    partner: str
    reason: Reason
    wanted: str
    status: RecoveryStatus = "searching"
    new_leg: str | None = None
    approval: str | None = None
    steps: Annotated[tuple[RecoveryStep, ...], Field(max_length=STEPS_MAX)] = ()
    created_at: AwareDatetime
    updated_at: AwareDatetime


RECOVERIES = Container("recoveries", Recovery, "order", indexes=("created_at", "status,updated_at"))
