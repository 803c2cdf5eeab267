"""When somebody is open: through busy slots, holidays and clock changes, against a walk minute by minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.hours import Hours
from shared.logistics.timechain.calendar import HORIZON_DAYS, Calendar, calendar_of
from shared.logistics.timechain.minutes import NEVER, minute_from, minute_until, moment_of

AUSTIN = ZoneInfo("America/Chicago")
EVERY_DAY = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "9:00-17:00")
span = st.tuples(st.integers(0, 120), st.integers(0, 40)).map(lambda one: (one[0], one[0] + one[1]))
spans = st.lists(span, max_size=5)


def at(text: str) -> int:
    return minute_from(datetime.fromisoformat(text).replace(tzinfo=AUSTIN))


def shop(**more: object) -> Hours:
    return Hours.model_validate({"time_zone": "America/Chicago", "week": EVERY_DAY, **more})


def open_minutes(openings: list[tuple[int, int]], busy: list[tuple[int, int]]) -> set[int]:
    taken = {minute for a, z in busy for minute in range(a, z)}
    return {minute for a, z in openings for minute in range(a, z)} - taken


@given(spans, spans, st.integers(-5, 170), st.integers(1, 30))
def test_a_work_that_must_fit(openings: list, busy: list, since: int, work: int) -> None:
    calendar, minutes = Calendar(openings, busy), open_minutes(openings, busy)
    fits = [start for start in range(-60, 200) if minutes.issuperset(range(start, start + work))]
    assert calendar.next_open(since, work) == min((one for one in fits if one >= since), default=NEVER)
    assert calendar.prev_open(since, work) == max((one for one in fits if one + work <= since), default=-NEVER)


@given(spans, spans, st.integers(-5, 170), st.integers(1, 30))
def test_a_work_that_rests_over_closing_time(openings: list, busy: list, mark: int, work: int) -> None:
    clock, minutes = Calendar(openings, busy).clock(work), sorted(open_minutes(openings, busy))
    ends = {start: minutes[n + work - 1] + 1 for n, start in enumerate(minutes) if n + work <= len(minutes)}
    lows, highs = clock.windows
    assert [minute for a, z in zip(lows, highs, strict=True) for minute in range(a, z + 1)] == list(ends)
    assert {start: clock.end(start) for start in ends} == ends
    assert clock.longest() == max((end - start for start, end in ends.items()), default=0)
    assert clock.start_to_end_from(mark) == min((one for one, end in ends.items() if end >= mark), default=NEVER)
    assert clock.start_to_end_by(mark) == max((one for one, end in ends.items() if end <= mark), default=-NEVER)


def test_a_work_of_nothing_may_fall_on_closing_time() -> None:
    assert Calendar([(10, 20)]).next_open(20, 0) == 20
    assert Calendar([(10, 20)]).next_open(21, 0) == NEVER


@pytest.mark.parametrize(
    ("night", "minutes"),
    [("2026-03-07", 15 * 60), ("2026-03-08", 16 * 60), ("2026-10-31", 17 * 60), ("2026-11-01", 16 * 60)],
)
def test_the_night_of_a_clock_change_is_an_hour_shorter_or_longer(night: str, minutes: int) -> None:
    calendar = calendar_of(shop(), at(f"{night}T12:00"))
    closes = at(f"{night}T17:00")
    assert calendar.next_open(closes, 30) - closes == minutes


def test_an_opening_over_the_hour_that_is_skipped_or_comes_twice() -> None:
    bar = shop(week={"sat": "20:00-4:00"})
    for saturday, hours in (("2026-03-07", 7), ("2026-10-31", 9), ("2026-11-07", 8)):
        calendar = calendar_of(bar, at(f"{saturday}T12:00"))
        assert calendar.next_open(at(f"{saturday}T12:00"), hours * 60) == at(f"{saturday}T20:00")
        assert calendar.next_open(at(f"{saturday}T12:00"), hours * 60 + 1) != at(f"{saturday}T20:00")


def test_holidays_and_busy_slots() -> None:
    busy = [(at("2026-11-25T09:00"), at("2026-11-25T16:45"))]
    calendar = calendar_of(shop(closed_on=(date(2026, 11, 26),)), at("2026-11-25T08:00"), busy=busy)
    assert calendar.next_open(at("2026-11-25T08:00"), 15) == at("2026-11-25T16:45")
    assert calendar.next_open(at("2026-11-25T08:00"), 16) == at("2026-11-27T09:00")
    assert calendar.prev_open(at("2026-11-27T09:05"), 30) == at("2026-11-24T16:30")
    assert calendar.prev_open(at("2026-11-24T09:05"), 30) == -NEVER


def test_open_day_and_night_is_one_opening() -> None:
    always = shop(week=dict.fromkeys(EVERY_DAY, "0:00-24:00"))
    assert len(calendar_of(always, at("2026-10-30T12:00"), days=5).opens) == 1


def test_how_far_it_is_known() -> None:
    since = at("2026-11-20T12:00")
    calendar = calendar_of(shop(), since, days=HORIZON_DAYS)
    assert calendar.closes[-1] > since + (HORIZON_DAYS - 2) * 1_440
    assert calendar.opens[0] <= since
    with pytest.raises(ValueError, match="61 days"):
        calendar_of(shop(), since, days=61)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_minutes_and_moments(moment: datetime) -> None:
    aware = moment.replace(tzinfo=AUSTIN)
    assert moment_of(minute_until(aware)) <= aware <= moment_of(minute_from(aware))
    assert minute_from(aware) - minute_until(aware) <= 1
    assert moment_of(minute_from(aware)) - aware < timedelta(minutes=1)
