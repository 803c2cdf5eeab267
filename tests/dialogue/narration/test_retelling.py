"""A model's words for what a customer is told: taken where they say what the record says, else the rules' stand."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.narration.event import EventKind, Narration
from shared.dialogue.narration.retelling import PARTS
from tests.dialogue.narration.test_narrator import LANGUAGES, NARRATOR, event
from tests.dialogue.orders import ZONE, order

PROPOSED = event("recovery_proposed", reason=None)
TOLD = NARRATOR.narrate(PROPOSED, order(), order(), ZONE)
WHAT = "I've found Pink Flowers from a different vendor, Flower Shop B."
MEANS = "It would be $5 more, and your timeline would be at the same time."


def retold(**parts: str) -> Narration:
    return NARRATOR.retold(TOLD, TOLD.model_copy(update=parts), PROPOSED, order(), order(), ZONE)


def test_what_is_retold_here() -> None:
    assert (TOLD.what, TOLD.means) == (WHAT, MEANS)
    assert TOLD.doing == "It is reserved for you. Should I proceed?"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("what", "Good news: Flower Shop B has Pink Flowers for you."),
        ("what", "I looked around, and found\nPink Flowers at a lovely place: Flower Shop B."),
        ("means", "For $5 more you would have it at the same time."),
        ("doing", "I keep it for you. Shall I go ahead?"),
    ],
)
def test_the_same_in_other_words_is_taken(part: str, words: str) -> None:
    expected = TOLD.model_copy(update={part: words.replace("\n", " ")})
    assert retold(**{part: words}) == expected


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("means", MEANS.replace("$5", "$4")),
        ("means", MEANS.replace("$5 more", "a little more")),
        ("means", MEANS.replace("at the same time", "a bit later")),
        ("means", MEANS.replace("It would", "It would not")),
        ("what", WHAT.replace("Flower Shop B", "another shop")),
        ("what", WHAT.replace("Flower Shop B", "Flower Shop B and Garden Queen")),
        ("what", WHAT.replace("Pink Flowers", "Red Flowers")),
        ("what", WHAT.replace("I've found", "Today I've found")),
        ("what", WHAT.replace("I've found", "With a free vase: I've found")),
        ("what", WHAT.replace("I've found", "I guarantee it: I've found")),
        ("what", WHAT.replace("I've found", "I've found (see https://x.example)")),
        ("what", WHAT.replace("I've found", "* I've found")),
        ("what", WHAT + " Really." * 30),
        ("what", ""),
        ("doing", "It is reserved for you until tomorrow. Should I proceed?"),
    ],
)
def test_what_the_record_does_not_say_is_not_taken(part: str, words: str) -> None:
    assert retold(**{part: words}) == TOLD


def test_each_part_stands_by_itself() -> None:
    found = retold(what="It is all free.", doing="I keep it for you. Shall I go ahead?")
    assert (found.what, found.doing) == (TOLD.what, "I keep it for you. Shall I go ahead?")


def test_what_was_empty_stays_empty() -> None:
    told = TOLD.model_copy(update={"means": ""})
    other = told.model_copy(update={"means": "I am so sorry."})
    assert NARRATOR.retold(told, other, PROPOSED, order(), order(), ZONE) == told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(EventKind))
def test_the_rules_own_words_are_borne_out(kind: EventKind, language: str) -> None:
    one = event(kind)
    told = NARRATOR.narrate(one, order(), order(), ZONE, language)
    shouted = told.model_copy(update={part: f"{getattr(told, part)} !" for part in PARTS if getattr(told, part)})
    assert NARRATOR.retold(told, shouted, one, order(), order(), ZONE) == shouted


@given(st.text(max_size=200))
def test_whatever_a_model_says_the_facts_stay(text: str) -> None:
    found = retold(**dict.fromkeys(PARTS, text))
    assert "Pink Flowers" in found.what
    assert "Flower Shop B" in found.what
    assert "$5 more" in found.means
