"""Amounts, times and lists as people say them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.dialogue.words import duration_words, listed, money_words, time_words

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 22, 10, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (5500, "USD", "$55"),
        (5550, "USD", "$55.50"),
        (-99, "USD", "-$0.99"),
        (123_456_700, "EUR", "€1,234,567"),
        (1200, "JPY", "¥1,200"),
        (1234, "KWD", "1.234 KWD"),
    ],
)
def test_money(minor: int, currency: str, words: str) -> None:
    assert money_words(minor, currency) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T23:59", "today"),
        ("2026-11-22T17:00", "today 5 PM"),
        ("2026-11-23T12:30", "tomorrow 12:30 PM"),
        ("2026-11-28T23:59", "Saturday"),
        ("2026-11-29T18:30", "Sunday, Nov 29 6:30 PM"),
        ("2027-01-02T00:00", "Saturday, Jan 2"),
        ("2027-12-05T09:00", "Sunday, Dec 5, 2027 9 AM"),
        ("2026-11-20T09:00", "Friday, Nov 20 9 AM"),
    ],
)
def test_times(moment: str, words: str) -> None:
    assert time_words(datetime.fromisoformat(moment).replace(tzinfo=ZONE), NOW) == words


def test_lists_and_durations() -> None:
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"
    said = [duration_words(minutes) for minutes in (0, 1, 45, 60, 90, 1440, 1500, 4321)]
    assert said[:5] == ["no time", "1 minute", "45 minutes", "1 hour", "1 hour 30 minutes"]
    assert said[5:] == ["1 day", "1 day 1 hour", "3 days 1 minute"]
