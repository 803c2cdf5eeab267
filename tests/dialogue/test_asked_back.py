"""A change that is not clear is asked back, and the next sentence completes it, where it answers that."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared import wiring
from shared.dialogue.asked_back import Meant, Open, Reads, joined, meant
from shared.orders.changing import Beginning
from shared.orders.order import Order
from shared.orders.wanted import Unclear
from tests.orders.test_agreed import order
from tests.orders.test_wanted import titled

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.fixture
def reads() -> Reads:
    house = wiring.deps()
    return Reads(house.understanding, house.replies, house.taxonomy, NOW, ZoneInfo("America/Chicago"))


@pytest.fixture
def two() -> Order:
    return order(titled(1, "Red garden roses", "roses"), titled(2, "Lavender candle", "candle"))


def say(made: Order, text: str, reads: Reads) -> Meant:
    async def work() -> Meant:
        return await meant(made, text, await reads.read(text, made), reads)

    return asyncio.run(work())


def asked(made: Order, text: str, reads: Reads) -> Open:
    found = say(made, text, reads)
    assert isinstance(found.found, Unclear), found
    return Open(text=found.text, unclear=found.found)


def answer(made: Order, before: Open, text: str, reads: Reads) -> Any:
    return asyncio.run(joined(before, made, text, reads))


def begun(one: Meant | None) -> tuple[str | None, str]:
    assert one is not None
    assert isinstance(one.found, Beginning), one.found
    return one.found.wanted.leg, one.found.wanted.words


@pytest.mark.parametrize(
    ("said", "leg"),
    [
        ("the candle", "leg-2"), ("Lavender candle, please", "leg-2"), ("the roses", "leg-1"),
        ("the second one", "leg-2"), ("the first", "leg-1"), ("the last one please", "leg-2"),
        ("I mean the garden roses", "leg-1"),
    ],
)  # fmt: skip
def test_which_one_is_meant_is_said_by_name_or_place(two: Order, reads: Reads, said: str, leg: str) -> None:
    before = asked(two, "swap one for a chocolate cake instead", reads)
    assert before.unclear.about == "leg"
    assert before.unclear.question == "Which one do you mean: Red garden roses or Lavender candle?"
    assert begun(answer(two, before, said, reads)) == (leg, "chocolate cake")


@pytest.mark.parametrize("said", ["never mind", "where is my order?", "both", "the third one", "a card for my mom"])
def test_what_names_none_of_them_answers_something_else(two: Order, reads: Reads, said: str) -> None:
    assert answer(two, asked(two, "swap one for a chocolate cake instead", reads), said, reads) is None


@pytest.mark.parametrize(
    ("said", "words"),
    [("pink tulips", "pink tulips"), ("something pink", "pink roses"), ("white, please", "white roses")],
)
def test_what_is_wanted_instead(reads: Reads, said: str, words: str) -> None:
    one = order(titled(1, "Red garden roses", "roses"))
    before = asked(one, "I want something else instead", reads)
    assert before.unclear.about == "thing"
    assert before.unclear.question == "What would you like instead of Red garden roses?"
    assert begun(answer(one, before, said, reads)) == ("leg-1", words)


@pytest.mark.parametrize("said", ["never mind", "leave it as it is", "where is my order?", "the roses were broken"])
def test_what_says_nothing_of_it_changes_nothing(reads: Reads, said: str) -> None:
    one = order(titled(1, "Red garden roses", "roses"))
    assert answer(one, asked(one, "I want something else instead", reads), said, reads) is None


def test_two_questions_in_a_row(two: Order, reads: Reads) -> None:
    first = asked(two, "I want something else instead", reads)
    assert first.unclear.about == "leg"
    which = answer(two, first, "the roses", reads)
    assert which is not None
    assert isinstance(which.found, Unclear)
    second = Open(text=which.text, unclear=which.found)
    assert begun(answer(two, second, "yellow tulips", reads)) == ("leg-1", "yellow tulips")


@pytest.mark.parametrize(
    ("said", "is_begun"), [("yes", True), ("yes please, do that", True), ("no", False), ("hm", False)]
)
def test_as_many_as_were_ordered_if_they_say_yes(reads: Reads, said: str, is_begun: bool) -> None:
    one = order(titled(1, "Red garden roses", "roses", 12))
    before = asked(one, "I want 5 pink tulips instead", reads)
    assert before.unclear.about == "number"
    after = answer(one, before, said, reads)
    assert (after is not None) == is_begun
    if after is not None:
        assert begun(after) == ("leg-1", "pink tulips")
        assert isinstance(after.found, Beginning)
        assert after.found.wanted.quantity == 12


def test_a_thing_to_be_taken_out_takes_a_person(two: Order, reads: Reads) -> None:
    before = asked(two, "cancel one of them", reads)
    assert answer(two, before, "the candle", reads) == Meant("cancel one of them", None)


@pytest.mark.parametrize("said", ["make it pink", "can you make them pink?", "change it to pink"])
def test_what_is_said_of_it_is_said_of_its_kind(reads: Reads, said: str) -> None:
    assert begun(say(order(titled(1, "Red garden roses", "roses")), said, reads)) == ("leg-1", "pink roses")


def test_an_address_is_no_colour(reads: Reads) -> None:
    found = say(order(titled(1, "Red garden roses", "roses")), "change it to 5 Pink Street", reads).found
    assert isinstance(found, Unclear)


def test_a_hidden_thing_is_asked_about_by_its_kind(two: Order, reads: Reads) -> None:
    hidden = two.model_copy(update={"legs": tuple(leg.model_copy(update={"shows_partner": False}) for leg in two.legs)})
    before = asked(hidden, "swap one for a chocolate cake instead", reads)
    assert before.unclear.question == "Which one do you mean: the roses or the candle?"
    assert begun(answer(hidden, before, "the candle", reads)) == ("leg-2", "chocolate cake")
    which = answer(hidden, asked(hidden, "I want something else instead", reads), "the roses", reads)
    assert isinstance(which.found, Unclear)
    assert which.found.question == "What would you like instead of the roses?"
