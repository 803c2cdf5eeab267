"""Who is in the conversation of an order, and what of it the customer learns."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.saying import Said
from shared.dialogue.support import (
    FORWARDED_LENGTH_MAX,
    Reading,
    Seat,
    forwarded,
    is_for,
    message_of,
    name_of,
    read_to,
    seat_of,
    seats_of,
    veiled,
)
from tests.dialogue.orders import NOW, order

HIDDEN = next(leg for leg in order().legs if not leg.shows_partner)
SHOWN = next(leg for leg in order().legs if leg.shows_partner)


def said(**more: object) -> Said:
    base = {"id": "m1", "order": "ord-1", "by": "customer", "who": "ann", "ref": "customer", "text": "hello"}
    return Said.model_validate({**base, **more})


def test_everybody_is_there_once() -> None:
    keys = [seat.key for seat in seats_of(order())]
    assert len(keys) == len(set(keys))
    assert {"ai", "staff"} < set(keys)
    assert f"{SHOWN.party}:{SHOWN.partner}" in keys


def test_whose_leg_is_over_is_no_longer_there() -> None:
    base = order()
    legs = tuple(leg.model_copy(update={"status": "cancelled"}) if leg.id == SHOWN.id else leg for leg in base.legs)
    after = base.model_copy(update={"legs": legs})
    assert seat_of(seats_of(base), base, SHOWN.id) is not None
    left = {(leg.party, leg.partner) for leg in legs if leg.status != "cancelled"}
    assert (seat_of(seats_of(after), after, SHOWN.id) is None) == ((SHOWN.party, SHOWN.partner) not in left)


def all_cases(text: str) -> list[str]:
    spaced = [text.replace(" ", "  "), text.replace(" ", "\n")]
    return [text, text.upper(), text.lower(), *spaced, f"({text})", f"{text}'s"]


def test_names_of_the_hidden_never_reach_the_customer() -> None:
    base = order()
    for leg in (one for one in base.legs if not one.shows_partner):
        for name in (leg.partner_name, leg.partner):
            for words in all_cases(name):
                text = " ".join(veiled(f"Here is {words}, hello", base).casefold().split())
                assert name.casefold() not in text, words


def test_the_customer_knows_a_hidden_party_by_its_role() -> None:
    base = order()
    for leg in base.legs:
        words = message_of(said(by=leg.party, who=leg.partner, ref=leg.id), NOW)
        assert name_of(words, base, is_customer=False) == leg.partner_name
        is_known = any(one.shows_partner for one in base.legs if (one.party, one.partner) == (leg.party, leg.partner))
        assert (name_of(words, base, is_customer=True) == leg.partner_name) == is_known


def test_what_nobody_hides_is_left_as_it_is() -> None:
    base = order()
    legs = tuple(leg.model_copy(update={"shows_partner": True}) for leg in base.legs)
    text = f"This is {HIDDEN.partner_name}"
    assert veiled(text, base.model_copy(update={"legs": legs})) == text


def test_private_words_are_for_no_party() -> None:
    seats = seats_of(order())
    words = message_of(said(is_private=True), NOW)
    assert {seat.by for seat in seats if is_for(words, seat)} == {"staff"}
    answer = message_of(said(by="ai", who="", ref="ai", is_private=True), NOW)
    assert {seat.by for seat in seats if is_for(answer, seat)} == {"customer", "staff"}


def test_nobody_is_told_what_they_have_said() -> None:
    for seat in seats_of(order()):
        words = message_of(said(by=seat.by, who=seat.id, ref=seat.ref), NOW)
        assert not is_for(words, seat)


@given(st.text(max_size=3_000))
def test_what_is_sent_on_is_one_line_that_telephones_take(text: str) -> None:
    line = forwarded(text)
    assert len(line) <= FORWARDED_LENGTH_MAX
    assert not any(mark in line for mark in "\n\t\r")


@given(st.lists(st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 50))), min_size=1))
def test_reading_never_goes_back(moves: list[tuple[int, int | None]]) -> None:
    reading = Reading(id="ord-1", seat="customer:ann", last_at=NOW)
    for last, read in moves:
        after = read_to(reading, NOW + timedelta(minutes=last), None if read is None else NOW + timedelta(minutes=read))
        assert after.last_at >= reading.last_at
        assert reading.read_at is None or (after.read_at is not None and after.read_at >= reading.read_at)
        reading = after


def test_refs_are_of_those_in_the_order() -> None:
    there = order()
    assert seat_of(seats_of(there), there, "leg-99") is None
    assert seat_of(seats_of(there), there, "customer") == Seat("customer", there.customer, "customer", "Customer")
