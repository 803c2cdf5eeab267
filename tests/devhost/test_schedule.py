"""Timer schedules: syntax, the two day fields, time zones, and the next moment against brute force."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devhost.schedule import Schedule, ScheduleError

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def firings(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """Every firing in (start, end], and proof that none stands still."""
    found: list[datetime] = []
    moment = schedule.next_after(start)
    while moment <= end:
        assert not found or moment > found[-1]
        found.append(moment)
        moment = schedule.next_after(moment)
    return found


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("*/5 * * * *", "2026-01-01T00:00:00", "2026-01-01T00:05:00"),
        ("0 */5 * * * *", "2026-01-01T00:04:59", "2026-01-01T00:05:00"),
        ("30 9 * * *", "2026-01-01T09:30:00", "2026-01-02T09:30:00"),
        ("15 30 9 * * *", "2026-01-01T09:30:00", "2026-01-01T09:30:15"),
        ("0 0 9 * * MON-FRI", "2026-01-02T09:00:00", "2026-01-05T09:00:00"),
        ("0 0 9 * * mon", "2026-01-01T00:00:00", "2026-01-05T09:00:00"),
        ("0 0 9 * * Monday", "2026-01-01T00:00:00", "2026-01-05T09:00:00"),
        ("0 0 9 * * SUN", "2026-01-01T00:00:00", "2026-01-04T09:00:00"),
        ("0 0 9 * * 0", "2026-01-01T00:00:00", "2026-01-04T09:00:00"),
        ("0 0 0 1 JAN *", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
        ("0 0 0 1 FEB,OCT *", "2026-03-01T00:00:00", "2026-10-01T00:00:00"),
        ("0 0 0 1 Jan-Mar/2 *", "2026-01-15T00:00:00", "2026-03-01T00:00:00"),
        ("0 10/20 * * * *", "2026-01-01T00:31:00", "2026-01-01T00:50:00"),
        ("0 10-20/5 * * * *", "2026-01-01T00:11:00", "2026-01-01T00:15:00"),
        ("0 0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 0 29 2 TUE", "2028-03-01T00:00:00", "2056-02-29T00:00:00"),
        ("0 0 0 31 * *", "2026-01-31T00:00:00", "2026-03-31T00:00:00"),
        ("59 59 23 31 12 *", "2026-01-01T00:00:00", "2026-12-31T23:59:59"),
        ("  0   0 9 * *   * ", "2026-01-01T00:00:00", "2026-01-01T09:00:00"),
        ("0 0 20-9/11 * * *", "2026-01-01T00:00:00", "2026-01-01T09:00:00"),
        ("00:30:00", "2026-01-01T00:10:00", "2026-01-01T00:40:00"),
        ("1.12:00:00", "2026-01-01T00:00:00", "2026-01-02T12:00:00"),
        ("24:00:00", "2026-01-01T00:00:00", "2026-01-25T00:00:00"),
        ("00:00:00.5", "2026-01-01T00:00:00", "2026-01-01T00:00:00.5"),
    ],
)
def test_the_next_moment(text: str, after: str, expected: str) -> None:
    assert Schedule(text).next_after(at(after)) == at(expected)


def test_day_of_month_and_day_of_week_must_both_suit() -> None:
    friday_13 = firings(Schedule("0 0 0 13 * FRI"), START, at("2027-12-31"))
    assert [moment.date() for moment in friday_13] == [
        date(2026, 2, 13), date(2026, 3, 13), date(2026, 11, 13), date(2027, 8, 13),
    ]  # fmt: skip


def test_parts_of_a_second_do_not_repeat_or_skip_a_firing() -> None:
    schedule = Schedule("* * * * * *")
    assert schedule.next_after(at("2026-01-01T00:00:00.999999")) == at("2026-01-01T00:00:01")
    assert schedule.next_after(at("2026-01-01T00:00:01.000001")) == at("2026-01-01T00:00:02")


def test_any_aware_moment_is_read_as_the_same_instant() -> None:
    moment = datetime(2026, 1, 1, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = Schedule("0 0 2 * * *").next_after(moment)
    assert found == at("2026-01-01T02:00:00")
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has 0 fields"),
        ("* * * *", "has 4 fields"),
        ("* * * * * * *", "has 7 fields"),
        ("@daily", "has 1 fields"),
        ("0 60 * * * *", 'field minute cannot be "60"; write 0 to 59'),
        ("61 * * * * *", 'field second cannot be "61"'),
        ("0 0 24 * * *", 'field hour cannot be "24"'),
        ("0 0 0 0 * *", 'field day of month cannot be "0"'),
        ("0 0 0 32 * *", 'field day of month cannot be "32"'),
        ("0 0 0 1 13 *", 'field month cannot be "13"; write 1 to 12 or JAN to DEC'),
        ("0 0 0 * * 7", 'field day of week cannot be "7"; write 0 to 6 or SUN to SAT; Sunday is 0'),
        ("0 0 0 * * MONK", 'field day of week cannot be "MONK"'),
        ("0 0 0 L * *", 'field day of month cannot be "L"'),
        ("0 0 0 ? * *", 'field day of month cannot be "?"'),
        ("0 0 0 15W * *", 'field day of month cannot be "15W"'),
        ("0 0 0 * * 2#3", 'field day of week cannot be "2#3"'),
        ("0 R * * * *", 'field minute cannot be "R"'),
        ("0 H/5 * * * *", 'field minute cannot be "H"'),
        ("0 */0 * * * *", "field minute has the step 0"),
        ("0 1,,2 * * * *", 'field minute cannot be "1,,2"'),
        ("0 -5 * * * *", 'field minute cannot be "-5"'),
        ("0 *-5 * * * *", 'field minute cannot be "*-5"'),
        ("0 \u0665 * * * *", "field minute cannot be"),
        ("0 " + "9" * 9999 + " * * * *", "field minute cannot be"),
        ("0 0 0 30 2 *", "never comes: no month of its month field has a day 30"),
        ("0 0 0 31 2,4,6,9,11 *", "never comes"),
        ("00:00:00", "an interval of nothing"),
        ("00:60:00", "no interval"),
        ("1.24:00:00", "no interval"),
        ("99999999.00:00:00", "too long"),
        ("-00:05:00", "has 1 fields"),
    ],
)
def test_bad_text_is_refused_by_field(text: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        Schedule(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "../../etc/passwd", "Eastern Standard Time", "Europe", "\0", "/x"]
)
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ScheduleError, match="IANA name"):
        Schedule("* * * * *", name)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        assert Schedule(text).next_after(START) > START
    except ScheduleError as refused:
        assert str(refused)


@pytest.mark.parametrize(
    ("text", "is_frequent"),
    [
        ("*/10 * * * * *", True),
        ("0,30 * * * * *", True),
        ("5 * * * * *", False),
        ("* * * * *", False),
        ("00:00:59", True),
        ("00:01:00", False),
    ],
)
def test_frequent_is_more_than_once_a_minute(text: str, *, is_frequent: bool) -> None:
    assert Schedule(text).is_frequent is is_frequent


def test_a_schedule_is_checked_without_loading_the_calendar_library() -> None:
    code = (
        "import sys; from devhost.schedule import Schedule; Schedule('0 0 * * *', 'Europe/Berlin');"
        "assert 'croniter' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Clock changes. New York 2026: 02:00 -> 03:00 on 8 March (07:00Z), 02:00 -> 01:00 on 1 November (06:00Z).


def local_times(text: str, zone: str, start: str, end: str) -> list[str]:
    found = firings(Schedule(text, zone), at(start), at(end))
    return [moment.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z") for moment in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 30 2 * * *", ["07 02:30-0500", "08 03:30-0400", "09 02:30-0400"]),
        ("0 0 2 * * *", ["07 02:00-0500", "08 03:00-0400", "09 02:00-0400"]),
        ("0 0 3 * * *", ["07 03:00-0500", "08 03:00-0400", "09 03:00-0400"]),
        ("0 0 2,3 * * *", [
            "07 02:00-0500", "07 03:00-0500", "08 03:00-0400", "09 02:00-0400", "09 03:00-0400",
        ]),
    ],
)
def test_a_time_the_clock_skips_moves_on_with_it(text: str, expected: list[str]) -> None:
    assert local_times(text, "America/New_York", "2026-03-07T06:00", "2026-03-09T10:00") == expected


def test_an_interval_runs_on_through_a_skipped_hour() -> None:
    assert local_times("*/30 * * * *", "America/New_York", "2026-03-08T06:00", "2026-03-08T08:00") == [
        "08 01:30-0500", "08 03:00-0400", "08 03:30-0400", "08 04:00-0400",
    ]  # fmt: skip


def test_a_point_of_the_day_in_a_repeated_hour_fires_in_the_first_pass_only() -> None:
    assert local_times("30 1 * * *", "America/New_York", "2026-10-31T05:00", "2026-11-02T12:00") == [
        "31 01:30-0400", "01 01:30-0400", "02 01:30-0500",
    ]  # fmt: skip


def test_asked_in_the_second_pass_a_point_of_the_day_waits_for_the_next_day() -> None:
    found = Schedule("30 1 * * *", "America/New_York").next_after(at("2026-11-01T06:10"))
    assert found == at("2026-11-02T06:30")


def test_an_interval_runs_in_both_passes_of_a_repeated_hour() -> None:
    assert local_times("*/30 * * * *", "America/New_York", "2026-11-01T04:30", "2026-11-01T07:30") == [
        "01 01:00-0400", "01 01:30-0400", "01 01:00-0500", "01 01:30-0500", "01 02:00-0500", "01 02:30-0500",
    ]  # fmt: skip


def test_a_day_that_never_was_is_made_up_for_on_the_next() -> None:
    """Samoa left out Friday 30 December 2011."""
    assert local_times("0 12 * * FRI", "Pacific/Apia", "2011-12-20T00:00", "2012-01-07T00:00") == [
        "23 12:00-1000", "31 12:00+1400", "06 12:00+1400",
    ]  # fmt: skip


def test_half_an_hour_of_change() -> None:
    """Lord Howe goes from 02:00 to 02:30 on 4 October 2026."""
    assert local_times("15,40 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-04T12:00") == [
        "04 02:40+1100", "04 02:45+1100",
    ]  # fmt: skip


def wall_values(field: str, low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        value.map(str),
        st.integers(1, 30).map(lambda step: f"*/{step}"),
        st.tuples(value, value).map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.lists(value, min_size=1, max_size=4).map(lambda values: ",".join(map(str, values))),
    )


def matches(word: str, value: int, low: int, high: int) -> bool:
    """The plain reading of one field, written without looking at the code under test."""
    for item in word.split(","):
        if item == "*":
            return True
        if item.startswith("*/"):
            if (value - low) % int(item[2:]) == 0:
                return True
        elif "-" in item:
            first, last = sorted(map(int, item.split("-")))
            if first <= value <= last:
                return True
        elif int(item) == value:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(
    minute=wall_values("minute", 0, 59),
    hour=wall_values("hour", 0, 23),
    day=wall_values("day", 1, 31),
    weekday=wall_values("weekday", 0, 6),
    offset=st.integers(0, 60 * 24 * 365 * 4),
)
def test_next_is_the_first_matching_minute(
    minute: str, hour: str, day: str, weekday: str, offset: int
) -> None:
    start = START + timedelta(minutes=offset)
    window = [start + timedelta(minutes=step) for step in range(1, 60 * 24 * 3)]
    expected = [
        moment for moment in window
        if matches(minute, moment.minute, 0, 59) and matches(hour, moment.hour, 0, 23)
        and matches(day, moment.day, 1, 31) and matches(weekday, moment.isoweekday() % 7, 0, 6)
    ]  # fmt: skip
    found = Schedule(f"{minute} {hour} {day} * {weekday}").next_after(start)
    assert found == expected[0] if expected else found > window[-1]


@settings(max_examples=60, deadline=None)
@given(day=wall_values("day", 1, 31), month=wall_values("month", 1, 12), weekday=wall_values("weekday", 0, 6))
def test_next_is_the_first_matching_day(day: str, month: str, weekday: str) -> None:
    window = [START + timedelta(days=step) for step in range(1, 3000)]
    expected = [
        moment for moment in window
        if matches(day, moment.day, 1, 31) and matches(month, moment.month, 1, 12)
        and matches(weekday, moment.isoweekday() % 7, 0, 6)
    ]  # fmt: skip
    try:
        schedule = Schedule(f"0 0 0 {day} {month} {weekday}")
    except ScheduleError:
        assert not expected
        return
    moment = START
    for wanted in expected[:40]:
        moment = schedule.next_after(moment)
        assert moment == wanted


ZONES = [
    "America/New_York", "Europe/Dublin", "Australia/Lord_Howe",
    "Africa/Casablanca", "Pacific/Apia", "Asia/Kolkata",
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    minute=wall_values("minute", 0, 59),
    hour=wall_values("hour", 0, 5),
    zone=st.sampled_from(ZONES),
    change=st.sampled_from(["2026-03-08T07:00", "2026-11-01T06:00", "2026-10-03T15:30", "2026-04-04T15:00",
                            "2011-12-30T10:00", "2026-03-29T01:00", "2026-10-25T01:00", "2026-02-15T02:00"]),
)  # fmt: skip
def test_firings_do_not_depend_on_when_they_are_asked_for(
    minute: str, hour: str, zone: str, change: str
) -> None:
    """Around clock changes: asking at any moment finds no other firing than running through them all."""
    start, end = at(change) - timedelta(hours=5), at(change) + timedelta(hours=5)
    schedule = Schedule(f"{minute} {hour} * * *", zone)
    all_at_once = firings(schedule, start, end)
    asked_each_minute = sorted(
        {schedule.next_after(start + timedelta(minutes=step)) for step in range(0, 600, 7)} | set(all_at_once)
    )
    assert [moment for moment in asked_each_minute if moment <= end] == all_at_once
    existing = {
        moment for moment in (start + timedelta(minutes=step) for step in range(1, 601))
        if matches(minute, (local := moment.astimezone(ZoneInfo(zone))).minute, 0, 59)
        and matches(hour, local.hour, 0, 23) and local.fold == 0
    }  # fmt: skip
    assert existing <= set(all_at_once)
