"""From words or fields to an intent that can begin: what is missing is asked, what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.discovery.conditions import CalendarLeaf
from shared.discovery.intent import Budget, Clarification, Entities, Intent, Item
from shared.standing.drafting import Asked, Never, Unclear, drafted
from shared.standing.intent import ApprovalPolicy, Purchase, StandingIntent
from tests.standing.test_story import HOME
from tests.standing.worlds import FRIDAY, MONDAY, SUNNY, THURSDAY, both, usd

ROSES = Entities(items=(Item(name="roses"),), daypart="morning", budget=Budget(max=usd(7_200)))
WORDS = Asked("ann", "America/Chicago", text="roses on a sunny Thursday", deliver_to=HOME, method="card")
FIELDS = Asked(
    "ann", "America/Chicago", purchase=Purchase(wish="roses"), conditions=THURSDAY, deliver_to=HOME, method="card"
)


def read(**more: Any) -> Intent:
    return Intent.model_validate(
        {"kind": "standing", "entities": ROSES, "conditions": both(SUNNY, THURSDAY), "confidence": 1.0, **more}
    )


def draft(asked: Asked = WORDS, intent: Intent | None = None, **more: Any) -> StandingIntent:
    return drafted("si-1", replace(asked, **more), intent or (read() if asked.text else None), MONDAY)


def test_words_say_what_when_and_for_how_much() -> None:
    one = draft()
    assert (one.status, one.instance, one.customer) == ("scouting", "si-1", "ann")
    assert one.purchase == Purchase(wish="roses on a sunny Thursday", thing="roses")
    assert one.budget == usd(7_200)
    assert one.daypart == "morning"
    assert one.expires_at == MONDAY + timedelta(days=30)
    assert one.asking == ApprovalPolicy()
    assert not one.is_recurring
    sky = one.conditions.of[0]  # type: ignore[union-attr]
    assert sky.daypart == "morning"  # type: ignore[union-attr]


def test_fields_go_before_words() -> None:
    one = draft(
        conditions=FRIDAY, budget=usd(100), max_wait_days=10, good_polls=5, is_recurring=True, daypart="evening",
        purchase=Purchase(wish="tulips"), asking=ApprovalPolicy(when="none"), agent="gemini", mandate="m-1",
    )  # fmt: skip
    assert one.conditions == FRIDAY
    assert (one.budget, one.good_polls, one.is_recurring, one.daypart) == (usd(100), 5, True, "evening")
    assert one.purchase.wish == "tulips"
    assert one.expires_at == MONDAY + timedelta(days=10)
    assert (one.agent, one.mandate, one.asking.when) == ("gemini", "m-1", "none")


def test_what_recurs_goes_round() -> None:
    weekly = CalendarLeaf(weekdays=("fri",), recurrence="FREQ=WEEKLY;BYDAY=FR", text="every Friday")
    assert draft(conditions=weekly).is_recurring
    assert not draft(conditions=weekly, is_recurring=False).is_recurring


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"deliver_to": None}, ("deliver_to",)),
        ({"method": None}, ("payment",)),
        ({"conditions": None, "deliver_to": None}, ("conditions", "deliver_to")),
        ({"purchase": None, "method": None}, ("items", "payment")),
    ],
)
def test_what_is_missing_is_asked_for(more: dict[str, Any], missing: tuple[str, ...]) -> None:
    with pytest.raises(Unclear) as unclear:
        draft(FIELDS, **more)
    assert unclear.value.missing == missing
    assert unclear.value.clarification.field == missing[0]
    assert unclear.value.clarification.question.endswith((".", "?"))


def test_a_question_of_the_reader_goes_first_unless_it_is_answered() -> None:
    asked = read(clarification=Clarification(question="How much?", field="budget"))
    with pytest.raises(Unclear, match="How much"):
        draft(intent=asked)
    assert draft(intent=asked, budget=usd(500)).budget == usd(500)


def test_words_about_a_far_day_wait_as_long_as_it_takes() -> None:
    valentine = CalendarLeaf(date=date(2027, 2, 14), text="Valentine's day")
    one = draft(intent=read(conditions=valentine))
    assert one.expires_at == MONDAY + timedelta(days=365)
    with pytest.raises(Never, match="max_wait_days"):
        draft(conditions=valentine)
    assert draft(conditions=valentine, max_wait_days=90).expires_at == MONDAY + timedelta(days=90)


def test_a_deadline_in_words_is_the_end_of_the_wait() -> None:
    by = MONDAY + timedelta(days=9)
    late = read(entities=ROSES.model_copy(update={"deliver_by": by}))
    assert draft(intent=late).expires_at == by
    past = read(entities=ROSES.model_copy(update={"deliver_by": MONDAY - timedelta(days=1)}))
    assert draft(intent=past).expires_at == MONDAY + timedelta(days=30)


def test_what_can_never_come_true_is_a_question_in_words_and_an_error_in_fields() -> None:
    with pytest.raises(Unclear, match="never come together"):
        draft(intent=read(conditions=both(THURSDAY, FRIDAY)))
    with pytest.raises(Never) as never:
        draft(FIELDS, conditions=both(THURSDAY, FRIDAY))
    assert never.value.errors[0].field == "conditions"
