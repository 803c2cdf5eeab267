"""What its customer changes of a standing intent while it waits: its conditions, its limits, a pause, an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.discovery.conditions import Condition
from shared.money.amounts import Money
from shared.people.access import Limits
from shared.standing.changes import ImpossibleMove, moved, noted
from shared.standing.drafting import renewed
from shared.standing.intent import ApprovalPolicy, StandingIntent, expires_at
from shared.standing.moves import ENDED
from shared.standing.polls import Polls
from shared.standing.progress import Entry
from shared.standing.wording import sentence


@dataclass(frozen=True)
class Revision:
    """What is to change; None stays as it is. agent, limits: who changes it, where that is not the customer."""

    conditions: Condition | None = None
    budget: Money | None = None
    asking: ApprovalPolicy | None = None
    max_wait_days: int | None = None
    is_paused: bool | None = None
    agent: str | None = None
    limits: Limits | None = None


def revised(intent: StandingIntent, revision: Revision, now: datetime, key: str) -> StandingIntent:
    """The intent after a change; what is so already stays the very same. Raises ImpossibleMove and Never.

    An agent that changes what may be bought binds the intent to how far agents may go, whoever has set it up.
    """
    if intent.status in ENDED or intent.status == "buying":
        raise ImpossibleMove(f"It is {intent.status}: nothing of it can be changed now.")
    after = _with_limits(intent, revision, now, key)
    if revision.conditions is not None:
        after = _with_conditions(after, revision.conditions, now, key)
    if revision.agent is not None and after is not intent:
        after = _bound_to_agent(after, revision.agent, revision.limits or Limits())
    if revision.is_paused is True and after.status != "paused":
        after = moved(after, "pause", _entry(key, "pause", now, "Paused: I look at nothing until you resume it."))
    elif revision.is_paused is False and after.status == "paused":
        after = moved(after, "resume", _entry(key, "resume", now, "Resumed."))
    return after


def cancelled(intent: StandingIntent, now: datetime, key: str, reason: str = "") -> StandingIntent:
    """The intent called off; again changes nothing. Raises ImpossibleMove."""
    if intent.status == "cancelled":
        return intent
    words = f"You have cancelled it. {reason}".strip()
    return moved(intent, "cancel", _entry(key, "cancel", now, words), reason=words)


def _with_limits(intent: StandingIntent, revision: Revision, now: datetime, key: str) -> StandingIntent:
    """Budget, approval and the end of the wait."""
    days = revision.max_wait_days
    wanted = {
        "budget": revision.budget,
        "asking": revision.asking,
        "expires_at": None if days is None else max(now, expires_at(intent.created_at, days)),
    }
    changes = {name: one for name, one in wanted.items() if one is not None and one != getattr(intent, name)}
    if not changes:
        return intent
    said = {"budget": f"budget {revision.budget}", "asking": "when I ask you", "expires_at": "how long I wait"}
    words = f"You have changed: {', '.join(said[name] for name in changes)}."
    return noted(intent, _entry(key, "limits", now, words), **changes)


def _with_conditions(intent: StandingIntent, conditions: Condition, now: datetime, key: str) -> StandingIntent:
    """Other conditions: what was seen of the old ones is forgotten, and it is scouted for anew."""
    after = renewed(intent, conditions, now)
    if after.conditions == intent.conditions:
        return intent
    entry = _entry(key, "conditions", now, f"You have changed it: I order {sentence(conditions)}.")
    fresh = {"conditions": after.conditions, "verdict": None, "polls": Polls(), "turn": None, "rests_until": None}
    if intent.status in {"scouting", "paused"}:
        return noted(intent, entry, **fresh)
    return moved(intent, "rescout", entry, **fresh)


def _bound_to_agent(intent: StandingIntent, agent: str, limits: Limits) -> StandingIntent:
    narrower = limits.narrowed_by(intent.limits) if intent.limits else limits
    return intent.model_copy(update={"agent": intent.agent or agent, "limits": narrower})


def _entry(key: str, what: str, now: datetime, words: str) -> Entry:
    return Entry(id=f"{key[-100:]}:{what}", at=now, kind="change", words=words[:500])
