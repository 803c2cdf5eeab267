"""Replies that must be read right, whatever else: those of the spec, and those that are easily read wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.reply.model import Asked, ReplyReading
from shared.dialogue.reply.reading import ReplyReader
from tests.dialogue.reply.asks import ASKS, NOW, ZONE, at, usd


def read(reader: ReplyReader, text: str, asked: str = "pink") -> ReplyReading:
    return reader.read(text, ASKS[asked], NOW, ZONE)


def test_the_counter_offer_of_the_spec(reader: ReplyReader) -> None:
    found = read(reader, "Pink is booked, but I have a Deep Purple Metallic available at no extra cost")
    assert found.kind == "counter"
    assert found.is_sure
    assert found.item is not None
    assert found.item.name == "Deep Purple Metallic"
    assert found.item.attributes == {"colour": ("purple",)}
    assert found.price_change == usd(0)
    assert found.price is None
    assert (found.reason, found.lacks) == ("Pink is booked", ("pink",))
    text = found.text
    assert [text[start:end] for start, end in found.spans["item"]] == ["Deep Purple Metallic"]
    assert [text[start:end] for start, end in found.spans["price_change"]] == ["at no extra cost"]


@pytest.mark.parametrize("text", ["No problem!", "👍", "np", "Sí, sin problema", "can't see why not", "nw, done"])
def test_what_looks_like_a_no_and_is_a_yes(reader: ReplyReader, text: str) -> None:
    found = read(reader, text)
    assert found.kind == "yes"
    assert found.is_sure


NOES = ["No, we don't have pink flowers", "I'd love to but can't", "❌", "yes we have no pink", "no"]


@pytest.mark.parametrize("text", NOES)
def test_what_is_a_no(reader: ReplyReader, text: str) -> None:
    assert read(reader, text).kind == "no"


BUTS = ["We have no pink, but white lilies for the same price", "no pink but white ones, $3 less", "no pink but white"]


@pytest.mark.parametrize("text", BUTS)
def test_a_no_with_something_else_is_an_offer(reader: ReplyReader, text: str) -> None:
    found = read(reader, text)
    assert (found.kind, found.is_sure, found.lacks) == ("counter", True, ("pink",))
    assert found.item is not None
    assert found.item.words.startswith("white")


@pytest.mark.parametrize(
    "text",
    ["yeah right, like I have nothing better to do", "oh great, another change 🙄", "yes when pigs fly", "sure, magic"],
)
def test_mockery_is_no_yes(reader: ReplyReader, text: str) -> None:
    assert read(reader, text).kind == "unclear"


def test_what_is_quoted_is_not_what_they_write(reader: ReplyReader) -> None:
    text = "No, sorry.\n\nOn Fri, Nov 20, 2026 at 9:41 AM Orders <o@example.com> wrote:\n> Can you? Reply Yes or No."
    found = read(reader, text)
    assert (found.kind, found.text) == ("no", "No, sorry.")


@pytest.mark.parametrize(
    ("text", "asked", "kind"),
    [
        ("ready at 4", "roses", "yes"),  # asked for by 5
        ("ready at 6", "roses", "counter"),
        ("$80 is fine", "roses", "yes"),
        ("$81", "roses", "counter"),
        ("24 pink roses, yes", "roses", "yes"),
        ("23 pink roses, yes", "roses", "counter"),
        ("we only have the red", "pink", "no"),  # what was ordered anyway
        ("we are out of red anyway so pink it is", "pink", "yes"),
        ("not before 5", "sooner", "no"),  # as it was before the change
        ("not before 4", "sooner", "counter"),
    ],
)
def test_what_was_asked_decides_what_an_answer_is(reader: ReplyReader, text: str, asked: str, kind: str) -> None:
    assert read(reader, text, asked).kind == kind


def test_terms_are_told_as_the_partner_says_them(reader: ReplyReader) -> None:
    dearer = read(reader, "sure, $5 more")
    assert (dearer.kind, dearer.price_change, dearer.price) == ("counter", usd(500), None)
    later = read(reader, "can do tomorrow 6pm")
    assert (later.kind, later.ready_at) == ("counter", at("2026-11-21T18:00"))
    each = read(reader, "pink ones are $4 each", "roses")
    assert (each.price, each.per) == (usd(400), "item")
    assert read(reader, "it's 50 cents more per stem", "roses").price_change == usd(50)
    assert read(reader, "yes but half an hour late").delay_minutes == 30
    assert read(reader, "Pink costs more").is_dearer
    assert read(reader, "only if they can pick up").condition == "only if they can pick up"


def test_an_amount_that_may_be_either_is_no_price(reader: ReplyReader) -> None:
    found = read(reader, "we could but it'll be 6 bucks")  # of $50
    assert (found.kind, found.price, found.price_change, found.is_dearer) == ("counter", None, None, True)


def test_amounts_beyond_reason_are_no_prices(reader: ReplyReader) -> None:
    for text in ("it costs $99999999999", "$1" + "0" * 40, "add " + "9" * 300 + " dollars"):
        found = read(reader, text)
        assert found.price is None
        assert found.price_change is None


def test_the_day_that_was_asked_for_is_meant_where_only_an_hour_is_said(reader: ReplyReader) -> None:
    assert read(reader, "👍 but we need to come at 10", "balloons").ready_at == at("2026-11-21T10:00")
    assert read(reader, "ready in 2 hours").ready_at == at("2026-11-20T12:00")


def test_a_photo_is_an_offer_unless_they_say_yes_or_no(reader: ReplyReader) -> None:
    asked = ASKS["pink"].model_copy(update={"has_photo": True})
    offers = ("", "Will this purple work?", "like this?")
    for text, kind in (*((one, "counter") for one in offers), ("yes!", "yes")):
        found = reader.read(text, asked, NOW, ZONE)
        assert (found.kind, found.shows_photo) == (kind, kind == "counter")
        assert found.is_sure
    assert read(reader, "Will this work?").kind == "question"


def test_spanish_is_read_and_told_as_it_was_written(reader: ReplyReader) -> None:
    found = read(reader, "no tengo rosa pero tengo morado, 5 dólares más")
    assert (found.kind, found.language) == ("counter", "es")
    assert found.item is not None
    assert (found.item.name, found.item.words) == ("morado", "purple")
    assert found.price_change == usd(500)


def test_who_will_write_again_is_waited_for(reader: ReplyReader) -> None:
    assert read(reader, "one sec, let me check").is_pending
    assert not read(reader, "hmm").is_pending


@pytest.mark.parametrize("text", ["maybe", "ok thanks for the info", "I think so", "sorry", "", "???", "asdf"])
def test_what_decides_nothing_is_not_acted_on(reader: ReplyReader, text: str) -> None:
    assert not read(reader, text).is_sure


@given(st.text(max_size=300))
def test_any_text_is_read(reader: ReplyReader, text: str) -> None:
    found = read(reader, text)
    assert 0 <= found.confidence <= 1
    assert len(found.text) <= 2_000
    for spans in found.spans.values():
        assert all(0 <= start <= end <= len(found.text) for start, end in spans)


_WORDS = [
    "yes", "no", "ok", "but", "$5", "more", "we", "have", "pink", "purple", "tomorrow", "at", "4", "pm", "12", "left",
    "?", ",", "instead", "can't", "until", "each", "sorry", "👍", "lavender", "roses", "half", "an", "hour", "late",
    "si",
]  # fmt: skip


@given(st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join), st.sampled_from(sorted(ASKS)))
def test_any_words_are_read_and_nothing_is_invented(reader: ReplyReader, text: str, asked: str) -> None:
    found = read(reader, text, asked)
    amounts = [money for money in (found.price, found.price_change) if money]
    assert all(not money.minor or str(abs(money.minor) // 100) in text for money in amounts)
    if found.quantity is not None:
        assert str(found.quantity) in text
    if found.item:
        assert found.item.name in found.text


def test_moments_are_aware_whatever_the_zone(reader: ReplyReader) -> None:
    asked = Asked(wanted="pink flowers", ordered="red flowers")
    now = datetime(2026, 11, 20, 16, tzinfo=UTC)
    found = reader.read("ready tomorrow at 3pm", asked, now, ZoneInfo("Asia/Tokyo"))
    assert found.ready_at == datetime(2026, 11, 22, 15, tzinfo=ZoneInfo("Asia/Tokyo"))
