"""Opening hours: how they are written, and when a place is next open, through nights, holidays and clock changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.discovery.hours import WEEKDAYS, Hours, spans_of

ZONE = ZoneInfo("America/Chicago")
SHOP = Hours(
    time_zone="America/Chicago",
    week={"mon": "9:00-13:00, 14:00-18:00", "tue": "9:00-18:00", "fri": "18:00-2:00", "sat": "closed"},
    closed_on=(date(2026, 11, 24),),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T08:00", "2026-11-23T09:00"),  # a Monday, before opening
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T13:00", "2026-11-23T14:00"),  # closing is no longer open
        ("2026-11-23T18:00", "2026-11-27T18:00"),  # Tuesday is a closed day
        ("2026-11-28T01:59", "2026-11-28T01:59"),  # Friday's night
        ("2026-11-28T02:00", "2026-11-30T09:00"),
        ("2026-11-22T12:00", "2026-11-23T09:00"),  # a day that is left out is closed
    ],
)
def test_next_open(now: str, opens: str) -> None:
    assert SHOP.next_open(at(now)) == at(opens)
    assert SHOP.is_open(at(now)) == (now == opens)


def test_the_wall_clock_rules_when_the_clocks_change() -> None:
    early = Hours(time_zone="America/Chicago", week={"sun": "1:00-4:00"})
    spring = next(early.openings(at("2026-03-08T00:00")))
    autumn = next(early.openings(at("2026-11-01T00:00")))
    assert spring[1] - spring[0] == timedelta(hours=2)
    assert autumn[1] - autumn[0] == timedelta(hours=4)


def test_who_never_opens_is_closed() -> None:
    assert Hours(time_zone="UTC", week={}).next_open(at("2026-11-22T12:00")) is None


@pytest.mark.parametrize(
    "text", ["9-18", "9:00", "25:00-26:00", "9:60-10:00", "9:00-12:00, 11:00-13:00", "x", "9:00-18:00;"]
)
def test_what_is_no_opening_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValidationError, match="week"):
        Hours.model_validate({"time_zone": "UTC", "week": {"mon": text}})


def test_zones_have_names() -> None:
    with pytest.raises(ValidationError, match="IANA"):
        Hours(time_zone="Texas", week={})
    with pytest.raises(ValidationError, match="IANA"):
        Hours(time_zone="../etc/passwd", week={})


@given(
    st.dictionaries(st.sampled_from(WEEKDAYS), st.tuples(st.integers(0, 23), st.integers(0, 24)), max_size=7),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
)
def test_whoever_comes_when_it_next_opens_finds_it_open(week: dict[str, tuple[int, int]], now: datetime) -> None:
    written = {day: f"{opens}:00-{closes}:00" for day, (opens, closes) in week.items() if opens != closes}
    hours = Hours.model_validate({"time_zone": "America/Chicago", "week": written})
    moment = now.replace(tzinfo=ZONE)
    opens = hours.next_open(moment)
    assert (opens is None) == (not written)
    if opens is not None:
        assert opens >= moment
        assert hours.is_open(opens)
        assert opens - moment <= timedelta(days=8)


def test_spans() -> None:
    assert spans_of("9:00-13:00,14:00-18:30") == ((540, 780), (840, 1110))
    assert spans_of("18:00-2:00") == ((1080, 1560),)
    assert spans_of("0:00-24:00") == ((0, 1440),)
