"""The moment at which it is bought: by when it is to be there, how long an answer may take, what is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.standing.intent import ApprovalPolicy, Purchase, Wanted
from shared.standing.moment import (
    Terms,
    answer_until,
    deliver_by,
    found_words,
    most_of,
    on_silence,
    question_words,
    rest_after,
    try_again_at,
)
from shared.standing.moves import Fact
from shared.standing.offer import Offered
from shared.standing.truth import last_chance
from tests.standing.test_story import intent
from tests.standing.worlds import (
    FLOWERS,
    FRIDAY,
    MONDAY,
    RAINY,
    SUNNY,
    THURSDAY,
    ZONE,
    below,
    both,
    either,
    frame_from,
    no,
    stock,
    usd,
)

MORNING = datetime(2026, 11, 26, 7, tzinfo=ZONE)
HOUR = timedelta(hours=1)


def asking(**fields: Any) -> Any:
    return intent(asking=ApprovalPolicy.model_validate({"when": "always", **fields}))


@pytest.mark.parametrize(
    ("daypart", "now", "by"),
    [
        (None, MORNING, datetime(2026, 11, 26, 22, tzinfo=ZONE)),
        ("morning", MORNING, datetime(2026, 11, 26, 12, tzinfo=ZONE)),
        ("evening", MORNING, datetime(2026, 11, 26, 21, tzinfo=ZONE)),
        (None, MORNING + 16 * HOUR, datetime(2026, 11, 26, 23, 59, tzinfo=ZONE)),
    ],
)
def test_what_is_for_a_day_is_there_on_that_day(daypart: str | None, now: datetime, by: datetime) -> None:
    assert deliver_by(intent(daypart=daypart), now) == by


def test_what_takes_two_days_is_for_the_day_on_which_it_arrives() -> None:
    assert deliver_by(intent(lead_minutes=2 * 24 * 60), MORNING).date() == date(2026, 11, 29)  # 22:00 there, in UTC


def test_what_is_for_no_day_has_a_week() -> None:
    assert deliver_by(intent().model_copy(update={"conditions": below(5000)}), MORNING) == MORNING + timedelta(days=7)


def test_a_try_that_came_to_nothing_rests_an_hour_or_until_the_next_day() -> None:
    one = intent(lead_minutes=90)
    now = MORNING + timedelta(minutes=20)
    assert try_again_at(one, now) == MORNING + HOUR + timedelta(minutes=90)
    assert rest_after(one, now, is_soon=True) == try_again_at(one, now)
    assert rest_after(one, now, is_soon=False) == datetime(2026, 11, 27, tzinfo=ZONE)
    late = datetime(2026, 11, 26, 23, 30, tzinfo=ZONE)
    assert rest_after(intent(), late, is_soon=True) == datetime(2026, 11, 27, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("trust", "in_person", "fact"),
    [
        ("high", False, "approve"),
        ("high", True, "miss"),
        ("medium", False, "cancel"),
        ("medium", True, "cancel"),
        ("low", False, "miss"),
        ("low", True, "miss"),
    ],
)
def test_silence_never_allows_what_only_a_person_may(trust: str, in_person: bool, fact: str) -> None:
    assert on_silence(asking(trust=trust), in_person=in_person) == fact


def test_an_answer_is_waited_for_as_long_as_it_can_still_be_there() -> None:
    one = asking(timeout_hours=4)
    assert answer_until(one, MORNING, MORNING + HOUR, MORNING + 15 * HOUR) == MORNING + 4 * HOUR
    assert answer_until(one, MORNING, MORNING + HOUR, MORNING + 3 * HOUR) == MORNING + timedelta(minutes=90)
    assert answer_until(one, MORNING, MORNING + HOUR, MORNING + HOUR + timedelta(minutes=20)) == MORNING + timedelta(
        minutes=10
    )
    assert answer_until(one, MORNING, MORNING + HOUR, MORNING) == MORNING


@pytest.mark.parametrize(
    ("budget", "total", "most"), [(None, 5_000, 5_250), (6_000, 5_000, 5_250), (5_100, 5_000, 5_100), (None, 33, 35)]
)
def test_it_may_cost_a_little_more_but_never_more_than_the_budget(budget: int | None, total: int, most: int) -> None:
    one = intent().model_copy(update={"budget": usd(budget) if budget else None})
    assert most_of(one, usd(total)) == usd(most)


def test_what_is_asked_says_why_what_for_how_much_and_what_silence_means() -> None:
    one = intent().model_copy(update={"conditions": both(SUNNY, THURSDAY)})
    terms = Terms(("12 Pink Roses", "a card"), MORNING + 3 * HOUR, MORNING + 8 * HOUR)

    def asked(most: int, silence: Fact = "miss") -> str:
        offered = Offered(total=usd(5_000), most=usd(most), by=MORNING, silence=silence)
        return question_words(one, offered, terms, MORNING)

    assert asked(5_250) == (
        "The moment has come: Thursday is sunny. Shall I order 12 Pink Roses and a card for $50.00 (at most $52.50), "
        "with you today 10 AM? Without a word from you by today 3 PM I wait for the next chance."
    )
    assert "for $50.00, with" in asked(5_000)
    assert asked(5_000, "approve").endswith("by today 3 PM I order it.")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (both(SUNNY, THURSDAY), "Found your flowers! Waiting for sunny Thursday."),
        (both(THURSDAY, SUNNY), "Found your flowers! Waiting for sunny Thursday."),
        (below(6000), "Found your flowers! I order when roses cost less than $60."),
        (both(SUNNY, THURSDAY, stock(2)), "at least 2 roses are in stock"),
        (either(SUNNY, THURSDAY), "Found your flowers! I order when it is sunny or it is Thursday."),
    ],
)
def test_what_was_found_is_told_with_what_is_waited_for(condition: Any, words: str) -> None:
    assert words in found_words(intent().model_copy(update={"conditions": condition}))


def test_what_has_no_name_is_found_all_the_same() -> None:
    bare = Purchase(lines=(Wanted(product=FLOWERS),))
    assert found_words(intent().model_copy(update={"purchase": bare})).startswith("Found what you asked for!")


@pytest.mark.parametrize(
    ("condition", "days", "last"),
    [
        (THURSDAY, 30, date(2026, 12, 17)),
        (both(THURSDAY, below(5000)), 10, date(2026, 12, 3)),
        (both(THURSDAY, no(THURSDAY)), 30, None),
        (either(THURSDAY, FRIDAY), 4, date(2026, 11, 27)),
        (both(SUNNY, THURSDAY, no(RAINY)), 5, date(2026, 11, 26)),
        (below(5000), 30, None),
        (SUNNY, 30, None),
    ],
)
def test_the_last_day_on_which_it_could_come_true(condition: Any, days: int, last: date | None) -> None:
    assert last_chance(condition, MONDAY, frame_from(days=days)) == last
