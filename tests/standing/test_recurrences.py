"""Recurrence rules beside dateutil, which unrolls them; and what is refused, with what to write."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.standing.recurrences import FREQUENCIES, WEEKDAY_CODES, BadRule, rule_of

CODES = st.sampled_from(WEEKDAY_CODES)
MONTH_DAYS = st.sampled_from((1, 2, 15, 28, 29, 30, 31, -1, -2, -31))
RANKS = st.sampled_from((1, 2, 3, 4, 5, -1, -2, -5))


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(FREQUENCIES))
    is_ranked = frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans())
    ranked = st.tuples(RANKS, CODES).map(lambda pair: f"{pair[0]}{pair[1]}")
    days = st.lists(ranked if is_ranked else CODES, min_size=1, max_size=3, unique=True)
    optional = {
        "INTERVAL": st.integers(1, 5),
        "BYDAY": days.map(",".join),
        "BYMONTH": st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True).map(
            lambda all_: ",".join(map(str, all_))
        ),
        "WKST": CODES,
        "COUNT": st.integers(1, 20),
    }
    if frequency != "WEEKLY":
        optional["BYMONTHDAY"] = st.lists(MONTH_DAYS, min_size=1, max_size=3, unique=True).map(
            lambda all_: ",".join(map(str, all_))
        )
    chosen = [name for name in optional if draw(st.booleans())]
    return ";".join([f"FREQ={frequency}", *(f"{name}={draw(optional[name])}" for name in chosen)])


@settings(max_examples=300, deadline=None)
@given(rules(), st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_a_rule_falls_on_the_days_that_unrolling_it_gives(text: str, anchor: date) -> None:
    rule = rule_of(text)
    end = anchor + timedelta(days=400)
    start = datetime(anchor.year, anchor.month, anchor.day)
    unrolled = rrulestr(text, dtstart=start).between(start - timedelta(days=1), start + timedelta(days=399), inc=True)
    last = rule.last_day(anchor, ZoneInfo("UTC")) or end
    days = (anchor + timedelta(days=step) for step in range(400))
    assert [day for day in days if rule.falls_on(day, anchor) and day <= last] == [one.date() for one in unrolled]


def test_until_is_told_in_days_or_moments() -> None:
    anchor, zone = date(2026, 1, 1), ZoneInfo("America/Chicago")
    assert rule_of("FREQ=DAILY;UNTIL=20261231").last_day(anchor, zone) == date(2026, 12, 31)
    assert rule_of("FREQ=DAILY;UNTIL=20261231T235959").last_day(anchor, zone) == date(2026, 12, 31)
    assert rule_of("FREQ=DAILY;UNTIL=20270101T050000Z").last_day(anchor, zone) == date(2026, 12, 31)
    assert rule_of("FREQ=DAILY").last_day(anchor, zone) is None


def test_the_time_of_day() -> None:
    assert rule_of("rrule:freq=daily;byhour=7;byminute=30").minute == 7 * 60 + 30
    assert rule_of("FREQ=DAILY;BYHOUR=7").minute == 7 * 60
    assert rule_of("FREQ=DAILY").minute is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not understood"),
        ("every friday", "is not understood"),
        ("BYDAY=FR", "FREQ must be"),
        ("FREQ=HOURLY", "too often"),
        ("FREQ=FORTNIGHTLY", "FREQ must be"),
        ("FREQ=DAILY;FREQ=WEEKLY", "once at most"),
        ("FREQ=MONTHLY;BYSETPOS=-1", "BYSETPOS"),
        ("FREQ=WEEKLY;BYDAY=1FR", "within a month"),
        ("FREQ=MONTHLY;BYDAY=0FR", "no 0th"),
        ("FREQ=MONTHLY;BYDAY=FX", "no weekday"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "none"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "within -31 and 31"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY"),
        ("FREQ=DAILY;INTERVAL=0", "within 1"),
        ("FREQ=DAILY;INTERVAL=99999999999", "whole number"),
        ("FREQ=DAILY;INTERVAL=²", "whole number"),
        ("FREQ=DAILY;INTERVAL=--2", "whole number"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "do not go together"),
        ("FREQ=DAILY;UNTIL=2026-12-31", "is no day"),
        ("FREQ=DAILY;UNTIL=20261331T000000Z", "is no day"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "within 2000 and 2199"),
        ("FREQ=DAILY;UNTIL=00011231", "within 2000 and 2199"),
        ("FREQ=DAILY;BYHOUR=7,8", "one time"),
        ("FREQ=DAILY;BYMINUTE=7", "one time"),
        ("FREQ=DAILY;BYDAY=" + "MO," * 100, "characters"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        rule_of(text)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule_of(f"FREQ=DAILY;{text}")
    except BadRule:
        return
