"""What the host remembers of a running execution between two turns."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from devhost.events import Outcome, Status, StepKind


@dataclass(slots=True)
class Retry:
    """A step with a retry policy, and how often it was tried."""

    kind: StepKind
    name: str
    payload: str | None
    instance: str | None
    version: str | None
    interval_ms: int
    attempts_max: int
    attempts: int = 1


@dataclass(slots=True)
class Execution:
    """What the host remembers of a running execution between turns."""

    id: str
    next_id: int = 0
    steps: list[str] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    timers: dict[int, int] = field(default_factory=dict)
    retries: dict[int, Retry] = field(default_factory=dict)
    outcome: Outcome | None = None
    turn_at: datetime | None = None
    turns: int = 0

    def take_id(self) -> int:
        """The next task id."""
        self.next_id += 1
        return self.next_id - 1

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON."""
        plain = {
            "id": self.id,
            "next_id": self.next_id,
            "steps": self.steps,
            "open": list(self.open),
            "turns": self.turns,
        }
        if self.timers:
            plain["timers"] = self.timers
        if self.retries:
            plain["retries"] = {task: asdict(retry) for task, retry in self.retries.items()}
        if self.outcome:
            plain["outcome"] = list(self.outcome)
        if self.turn_at:
            plain["turn_at"] = self.turn_at.isoformat()
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Execution:
        """The reverse of to_plain."""
        outcome = plain.get("outcome")
        return cls(
            id=plain["id"],
            next_id=plain["next_id"],
            steps=plain["steps"],
            open=set(plain["open"]),
            turns=plain["turns"],
            timers={int(step): task for step, task in plain.get("timers", {}).items()},
            retries={
                int(task): Retry(**{**retry, "kind": StepKind(retry["kind"])})
                for task, retry in plain.get("retries", {}).items()
            },
            outcome=Outcome(Status(outcome[0]), outcome[1], outcome[2]) if outcome else None,
            turn_at=datetime.fromisoformat(plain["turn_at"]) if "turn_at" in plain else None,
        )
