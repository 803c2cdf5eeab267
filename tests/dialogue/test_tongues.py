"""Times, amounts of time, money and lists in the languages that are spoken."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from shared.dialogue.tongues import Tongue, Tongues
from tests.dialogue.orders import NOW, ZONE, hour, usd

TABLES = tomllib.loads((Path(__file__).parents[2] / "data" / "dialogue" / "tongues.toml").read_text("utf-8"))
TONGUES = Tongues(TABLES)


@pytest.fixture
def english() -> Tongue:
    return TONGUES.tongue("en", ZONE)


@pytest.fixture
def spanish() -> Tongue:
    return TONGUES.tongue("es", ZONE)


def test_moments(english: Tongue, spanish: Tongue) -> None:
    for moment, in_english, in_spanish in (
        (hour("17:00"), "today 5 PM", "hoy a las 17:00"),
        (hour("00:05"), "today 12:05 AM", "hoy a las 0:05"),
        (hour("12:30") + timedelta(days=1), "tomorrow 12:30 PM", "ma\u00f1ana a las 12:30"),
        (hour("09:00") - timedelta(days=1), "yesterday 9 AM", "ayer a las 9:00"),
        (hour("23:59") + timedelta(days=3), "Monday, Nov 23", "el lunes 23 de nov"),
        (hour("08:00") + timedelta(days=60), "Tuesday, Jan 19, 2027 8 AM", "el martes 19 de ene de 2027 a las 8:00"),
    ):
        assert english.time(moment, NOW) == in_english
        assert spanish.time(moment, NOW) == in_spanish


def test_spans_and_lengths(english: Tongue, spanish: Tongue) -> None:
    assert english.span(hour("15:00"), hour("16:30"), NOW) == "today 3 PM to 4:30 PM"
    assert english.span(hour("15:00"), hour("09:00") + timedelta(days=1), NOW) == "today 3 PM to tomorrow 9 AM"
    assert [english.duration(minutes) for minutes in (0, 1, 60, 95, 1_500)] == [
        "no time", "1 minute", "1 hour", "1 hour 35 minutes", "1 day 1 hour",
    ]  # fmt: skip
    shifts = [english.shift(minutes) for minutes in (5, -60, 0)]
    assert shifts == ["5 minutes later", "1 hour earlier", "at the same time"]
    assert spanish.shift(90) == "1 hora 30 minutos m\u00e1s tarde"


def test_money_and_lists(english: Tongue, spanish: Tongue) -> None:
    assert [english.difference(usd(minor)) for minor in (500, -250, 0)] == ["$5 more", "$2.50 less", "the same price"]
    assert spanish.difference(usd(500)) == "$5 m\u00e1s"
    assert english.listed(["a", "b", "c"]) == "a, b and c"
    assert spanish.listed(["a", "b"]) == "a y b"
    assert english.listed([]) == ""


def test_both_languages_have_the_same_words_but_for_what_only_english_says() -> None:
    assert TABLES["en"].keys() - TABLES["es"].keys() == {"hidden_thing"}
    assert TABLES["es"].keys() <= TABLES["en"].keys()
    assert [TONGUES.speaks(code) for code in ("ES-mx", "en-GB", "de", "")] == ["es", "en", "en", "en"]
