"""From what somebody asks for, in words or field by field, to a standing intent that can begin; or what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.dialogue.replies import item_words
from shared.dialogue.words import listed
from shared.discovery.conditions import CalendarLeaf, Condition, leaves
from shared.discovery.intent import Clarification, Intent
from shared.errors import FieldError
from shared.money.amounts import Money
from shared.orders.order import Destination
from shared.people.access import Limits
from shared.standing.contradictions import refused
from shared.standing.intent import (
    TEXT_LENGTH_MAX,
    WAIT_DAYS,
    WAIT_DAYS_MAX,
    ApprovalPolicy,
    Purchase,
    StandingIntent,
    expires_at,
)
from shared.standing.polls import GOOD_POLLS
from shared.standing.watching import in_daypart

_QUESTIONS = {
    "conditions": "What shall I wait for? Name a day, the weather, a price, or that something is in stock.",
    "items": "What shall I order when the moment has come?",
    "deliver_to": "Where shall it go? Send the address as deliver_to.",
    "payment": "How will it be paid? Send a method, or the mandate that your agent has, as payment.",
}


class Unclear(Exception):
    """Something is missing, or not understood: the one question to ask, and every field that is missing."""

    def __init__(self, clarification: Clarification, missing: Sequence[str] = ()) -> None:
        super().__init__(clarification.question)
        self.clarification = clarification
        self.missing = tuple(missing)


class Never(Exception):
    """Conditions that cannot come true; errors: why, by field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(errors[0].message)
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Asked:
    """What was asked for; None where it is left to the words, or to what is usual."""

    customer: str
    zone: str
    agent: str | None = None
    limits: Limits | None = None
    text: str | None = None
    purchase: Purchase | None = None
    conditions: Condition | None = None
    deliver_to: Destination | None = None
    method: str | None = None
    mandate: str | None = None
    budget: Money | None = None
    asking: ApprovalPolicy | None = None
    max_wait_days: int | None = None
    good_polls: int | None = None
    is_recurring: bool | None = None
    daypart: str | None = None


def drafted(intent_id: str, asked: Asked, read: Intent | None, now: datetime) -> StandingIntent:
    """The intent, still to be scouted for; read: what its words mean. Raises Unclear and Never."""
    conditions = asked.conditions or (read.conditions if read else None)
    purchase = asked.purchase or _purchase(asked, read)
    if read is not None and read.clarification and read.clarification.field not in _given(asked):
        raise Unclear(read.clarification, _missing(asked, conditions, purchase))
    missing = _missing(asked, conditions, purchase)
    if missing:
        raise Unclear(Clarification(question=_QUESTIONS[missing[0]], field=missing[0]), missing)
    assert conditions is not None
    assert purchase is not None
    assert asked.deliver_to is not None
    assert asked.method is not None
    budget = read.entities.budget if read else None
    draft = StandingIntent(
        id=intent_id,
        instance=intent_id,
        customer=asked.customer,
        agent=asked.agent,
        limits=asked.limits,
        mandate=asked.mandate,
        text=asked.text or "",
        purchase=purchase,
        deliver_to=asked.deliver_to,
        method=asked.method,
        budget=asked.budget or (budget.max if budget else None),
        conditions=conditions,
        zone=asked.zone,
        daypart=asked.daypart or (read.entities.daypart if read else None),
        asking=asked.asking or ApprovalPolicy(),
        good_polls=asked.good_polls or GOOD_POLLS,
        is_recurring=_recurs(conditions) if asked.is_recurring is None else asked.is_recurring,
        created_at=now,
        updated_at=now,
        expires_at=expires_at(now, asked.max_wait_days or WAIT_DAYS),
    )
    return _checked(draft, asked, read, now)


def renewed(intent: StandingIntent, conditions: Condition, now: datetime) -> StandingIntent:
    """The intent with other conditions; raises Never."""
    after = intent.model_copy(update={"conditions": in_daypart(conditions, intent.daypart)})
    errors = refused(after.conditions, now, after.frame)
    if errors:
        raise Never(errors)
    return after


def _checked(draft: StandingIntent, asked: Asked, read: Intent | None, now: datetime) -> StandingIntent:
    """The draft if its conditions can come true; the words alone may be waited for longer than is usual."""
    by = read.entities.deliver_by if read else None
    waits = [asked.max_wait_days or WAIT_DAYS]
    if asked.max_wait_days is None and asked.conditions is None:
        waits.append(WAIT_DAYS_MAX)
    errors: tuple[FieldError, ...] = ()
    for days in waits:
        until = expires_at(now, days)
        wait = draft.model_copy(update={"expires_at": min(until, by) if by and by > now else until})
        try:
            return renewed(wait, draft.conditions, now)
        except Never as never:
            errors = errors or never.errors
    if asked.conditions is not None:
        raise Never(errors)
    raise Unclear(Clarification(question=f"{errors[0].message} What shall I wait for instead?", field="conditions"))


def _purchase(asked: Asked, read: Intent | None) -> Purchase | None:
    """What the words ask for."""
    if read is None or asked.text is None or not (read.entities.items or read.entities.occasion):
        return None
    thing = listed([item_words(item) for item in read.entities.items])
    return Purchase(wish=asked.text[:TEXT_LENGTH_MAX], thing=thing[:100])


def _missing(asked: Asked, conditions: Condition | None, purchase: Purchase | None) -> list[str]:
    there = {"conditions": conditions, "items": purchase, "deliver_to": asked.deliver_to, "payment": asked.method}
    return [name for name, value in there.items() if value is None]


def _given(asked: Asked) -> set[str]:
    """The fields that need no question, for they were sent."""
    pairs = {
        "items": asked.purchase, "items[0]": asked.purchase, "recipient": asked.purchase, "budget": asked.budget,
        "location": asked.deliver_to, "recurrence": asked.conditions, "kind": asked.conditions,
    }  # fmt: skip
    return {name for name, value in pairs.items() if value is not None}


def _recurs(conditions: Condition) -> bool:
    return any(isinstance(leaf, CalendarLeaf) and leaf.recurrence for leaf in leaves(conditions))
