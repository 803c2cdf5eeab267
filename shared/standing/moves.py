"""Where a standing intent may go: one table, and what silence means to whom."""

from __future__ import annotations

from typing import Literal

Status = Literal[
    "scouting", "waiting", "awaiting_approval", "buying", "done", "cancelled", "expired", "failed", "paused"
]
Fact = Literal[
    "find",
    "fail",
    "ask",
    "buy",
    "approve",
    "miss",
    "finish",
    "repeat",
    "pause",
    "resume",
    "rescout",
    "cancel",
    "expire",
]
"""find: there is something to buy; ask: the customer is asked; miss: the moment has passed, or was declined; finish:
it is bought, and that was all; repeat: it is bought, and waited for anew; rescout: something else is wanted."""
Trust = Literal["high", "medium", "low"]

MOVES: dict[tuple[Status, Fact], Status] = {
    ("scouting", "find"): "waiting",
    ("scouting", "fail"): "failed",
    ("waiting", "ask"): "awaiting_approval",
    ("waiting", "buy"): "buying",
    ("awaiting_approval", "approve"): "buying",
    ("awaiting_approval", "miss"): "waiting",
    ("buying", "finish"): "done",
    ("buying", "repeat"): "waiting",
    ("buying", "miss"): "waiting",
    ("buying", "fail"): "failed",
    ("scouting", "pause"): "paused",
    ("waiting", "pause"): "paused",
    ("awaiting_approval", "pause"): "paused",
    ("paused", "resume"): "scouting",
    ("waiting", "rescout"): "scouting",
    ("awaiting_approval", "rescout"): "scouting",
    ("scouting", "cancel"): "cancelled",
    ("waiting", "cancel"): "cancelled",
    ("awaiting_approval", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
    ("scouting", "expire"): "expired",
    ("waiting", "expire"): "expired",
    ("awaiting_approval", "expire"): "expired",
    ("paused", "expire"): "expired",
}
"""Every other pair is refused. What is being bought cannot be called back here: its order can."""

ENDED: frozenset[Status] = frozenset({"done", "cancelled", "expired", "failed"})
"""Nothing comes after these."""
WATCHED: frozenset[Status] = frozenset({"waiting"})
"""Only these are looked at; the others wait for something else than their conditions."""

ON_SILENCE: dict[Trust, Fact] = {"high": "approve", "medium": "cancel", "low": "miss"}
"""What an unanswered question comes to: it goes ahead, is called off, or waits on; low never buys without a yes."""
