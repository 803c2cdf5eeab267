"""The nouns that every room shares: events of a history, messages that bring them, steps that code asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What an event of a history says."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"
    TERMINATED = "terminated"
    TASK_SCHEDULED = "task_scheduled"
    TASK_COMPLETED = "task_completed"
    TASK_FAILED = "task_failed"
    CHILD_CREATED = "child_created"
    CHILD_COMPLETED = "child_completed"
    CHILD_FAILED = "child_failed"
    TIMER_CREATED = "timer_created"
    TIMER_FIRED = "timer_fired"
    TURN_STARTED = "turn_started"
    TURN_COMPLETED = "turn_completed"
    SENT = "sent"
    RAISED = "raised"
    RESPONDED = "responded"
    CONTINUED = "continued"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


class Event(NamedTuple):
    """One line of a history, or what a message will add to one.

    task: the id of the task that it ends; payload: JSON text (input, result) or, for SENT, the operation's id.
    """

    kind: Kind
    id: int = -1
    task: int = -1
    name: str = ""
    payload: str | None = None
    reason: str = ""
    details: str = ""
    instance: str = ""
    fire_at: datetime | None = None
    version: str | None = None


class Message(NamedTuple):
    """An event on its way to an orchestration; execution is None where any execution may have it."""

    id: int
    execution: str | None
    event: Event


class StepKind(StrEnum):
    """What an orchestrator can ask for."""

    ACTIVITY = "activity"
    CHILD = "sub-orchestration"
    TIMER = "timer"
    WAIT = "wait for event"
    CALL = "entity call"
    SIGNAL = "entity signal"
    HTTP = "http call"
    CONTINUE = "continue as new"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a failing step is tried, and the pause between."""

    interval_ms: int
    attempts_max: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an orchestrator asked for; name: the function, event, or entity id that it is aimed at."""

    kind: StepKind
    name: str = ""
    payload: str | None = None
    operation: str = ""
    instance: str | None = None
    version: str | None = None
    fire_at: datetime | None = None
    is_cancelled: bool = False
    retry: RetryPolicy | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one replay of an orchestrator came to; error is set where it raised."""

    steps: list[Step] = field(default_factory=list)
    is_done: bool = False
    output: str | None = None
    error: str | None = None
    custom_status: str | None = None


class Status(StrEnum):
    """The runtime states of an instance, by their names on the wire."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUSPENDED = "Suspended"
    COMPLETED = "Completed"
    FAILED = "Failed"
    TERMINATED = "Terminated"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to the instance."""
        return self in (Status.COMPLETED, Status.FAILED, Status.TERMINATED)


class Outcome(NamedTuple):
    """How an execution ended: its status and its output, or its next input where it continues as new."""

    status: Status
    payload: str | None
    continues: bool = False


class Parent(NamedTuple):
    """Whom an instance answers to when it is over."""

    instance: str
    execution: str
    task: int


@dataclass(slots=True)
class Instance:
    """What is known of one orchestration; input, output and custom_status are JSON text."""

    id: str
    name: str
    version: str | None
    input: str | None
    created: datetime
    updated: datetime
    root: str
    parent: Parent | None = None
    status: Status = Status.PENDING
    output: str | None = None
    custom_status: str | None = None


class Activity(NamedTuple):
    """A piece of work handed out; due is set where it must not run before (a poll); input is JSON text."""

    id: int
    instance: str
    execution: str
    task: int
    name: str
    input: str | None
    root: str
    due: datetime | None


class Alarm(NamedTuple):
    """A durable timer."""

    fire_at: datetime
    instance: str
    execution: str
    task: int


class Operation(NamedTuple):
    """A call of an entity, or a signal where caller is None; input is JSON text of JSON text, as the SDK reads it."""

    id: int
    entity: str
    name: str
    input: str | None
    caller: Parent | None
    guid: str
    root: str
