"""Calendar leaves: their days and hours, across clock changes and the turn of the year; when they change next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import CalendarLeaf
from shared.standing.calendar_days import day_rule, holiday_of, next_change
from shared.standing.frame import Frame
from tests.standing.worlds import CALENDARS, MONDAY, ZONE, frame_from

CHICAGO, LONDON, KOLKATA = ZONE, ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def leaf(**fields: object) -> CalendarLeaf:
    return CalendarLeaf.model_validate({"text": "x", **fields})


def is_true(one: CalendarLeaf, moment: datetime, frame: Frame) -> bool | None:
    return day_rule(one, frame).at(moment)


@pytest.mark.parametrize(
    ("fields", "moment", "value"),
    [
        ({"weekdays": ["thu"]}, "2026-11-26T00:00", True),
        ({"weekdays": ["thu"]}, "2026-11-26T23:59:59", True),
        ({"weekdays": ["thu"]}, "2026-11-27T00:00", False),
        ({"weekdays": ["sat", "sun"]}, "2026-11-29T12:00", True),
        ({"date": "2026-12-31"}, "2026-12-31T23:00", True),
        ({"date": "2026-12-31"}, "2027-01-01T00:00", False),
        ({"weekdays": ["thu"], "date": "2026-11-27"}, "2026-11-27T12:00", False),  # a Friday
        ({"holiday": "Valentine\u2019s Day"}, "2027-02-14T12:00", True),
        ({"holiday": "thanksgiving"}, "2026-11-26T12:00", True),
        ({"holiday": "easter", "recurrence": "FREQ=YEARLY"}, "2027-03-28T12:00", True),
        (
            {"holiday": "easter", "recurrence": "FREQ=YEARLY", "from": "2027-06-01T00:00:00-05:00"},
            "2027-03-28T12:00",
            False,
        ),
        ({"holiday": "diwali"}, "2031-11-14T12:00", None),  # nobody here knows
        ({"from": "2026-11-27T09:00:00-06:00"}, "2026-11-27T08:59", False),
        ({"from": "2026-11-27T09:00:00-06:00"}, "2026-11-27T09:00", True),
        ({"to": "2026-11-27T23:59:00-06:00"}, "2026-11-27T23:59:59", True),
        ({"to": "2026-11-27T23:59:00-06:00"}, "2026-11-28T00:00", False),
        ({"recurrence": "FREQ=WEEKLY;BYDAY=FR"}, "2026-11-27T12:00", True),
        ({"recurrence": "FREQ=WEEKLY"}, "2026-11-30T12:00", True),  # counted from Monday, when it was said
        ({"recurrence": "FREQ=WEEKLY;INTERVAL=2"}, "2026-11-30T12:00", False),
        ({"recurrence": "FREQ=WEEKLY;INTERVAL=2"}, "2026-12-07T12:00", True),
        ({"recurrence": "FREQ=MONTHLY;BYMONTHDAY=1"}, "2027-01-01T12:00", True),
        ({"recurrence": "FREQ=DAILY;COUNT=3"}, "2026-11-25T12:00", True),
        ({"recurrence": "FREQ=DAILY;COUNT=3"}, "2026-11-26T12:00", False),
        # A recurrence's `from` is its first day and its hour.
        ({"recurrence": "FREQ=DAILY", "from": "2026-11-24T07:00:00-06:00"}, "2026-11-23T12:00", False),
        ({"recurrence": "FREQ=DAILY", "from": "2026-11-24T07:00:00-06:00"}, "2026-11-25T06:59", False),
        ({"recurrence": "FREQ=DAILY", "from": "2026-11-24T07:00:00-06:00"}, "2026-11-25T07:00", True),
        ({"recurrence": "FREQ=DAILY;BYHOUR=9"}, "2026-11-25T08:59", False),
        ({"recurrence": "FREQ=DAILY", "to": "2026-11-25T23:59:00-06:00"}, "2026-11-25T20:00", True),
        ({"recurrence": "FREQ=DAILY", "to": "2026-11-25T23:59:00-06:00"}, "2026-11-26T00:00", False),
        # `each Friday before 4 PM`, said on a Monday: a `to` before the first Friday tells the hour alone.
        ({"recurrence": "FREQ=WEEKLY;BYDAY=FR", "to": "2026-11-23T16:00:00-06:00"}, "2026-11-27T16:00", True),
        ({"recurrence": "FREQ=WEEKLY;BYDAY=FR", "to": "2026-11-23T16:00:00-06:00"}, "2026-11-27T16:01", False),
    ],
)
def test_when_a_leaf_is_true(fields: dict[str, object], moment: str, value: bool | None) -> None:
    assert is_true(leaf(**fields), at(moment), frame_from(days=2_000)) is value


def test_days_belong_to_the_zone_not_to_the_offset_that_was_sent() -> None:
    thursday = leaf(weekdays=["thu"])
    moment = datetime(2026, 11, 26, 20, tzinfo=UTC)
    assert is_true(thursday, moment, frame_from(MONDAY)) is True
    assert is_true(thursday, moment, frame_from(at("2026-11-23T09:00", KOLKATA))) is False  # there it is Friday


@pytest.mark.parametrize(
    ("now", "fields", "changes"),
    [
        ("2026-11-23T09:00", {"weekdays": ["thu"]}, "2026-11-26T00:00"),
        ("2026-11-26T09:00", {"weekdays": ["thu"]}, "2026-11-27T00:00"),
        ("2026-12-31T23:59", {"date": "2027-01-01"}, "2027-01-01T00:00"),
        ("2026-12-31T09:00", {"date": "2026-12-31"}, "2027-01-01T00:00"),
        ("2026-11-23T09:00", {"recurrence": "FREQ=DAILY", "from": "2026-11-24T07:00:00-06:00"}, "2026-11-24T07:00"),
        ("2026-11-24T09:00", {"recurrence": "FREQ=DAILY", "from": "2026-11-24T07:00:00-06:00"}, "2026-11-25T00:00"),
        ("2026-11-23T09:00", {"from": "2026-11-27T09:30:00-06:00"}, "2026-11-27T09:30"),
        ("2026-11-23T09:00", {"to": "2026-11-27T17:00:00-06:00"}, "2026-11-27T17:01"),
        ("2026-11-23T09:00", {"date": "2026-11-20"}, None),
        ("2026-11-23T09:00", {"date": "2027-11-20"}, None),  # after it has given up
        ("2026-11-23T09:00", {"recurrence": "FREQ=DAILY"}, None),  # always
        # The clocks change at 2:00: a day of 23 hours, one of 25.
        ("2027-03-13T12:00", {"weekdays": ["sun"]}, "2027-03-14T00:00"),
        ("2027-03-14T12:00", {"weekdays": ["sun"]}, "2027-03-15T00:00"),
        ("2027-03-13T12:00", {"recurrence": "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"}, "2027-03-14T00:00"),
        ("2027-03-14T01:00", {"recurrence": "FREQ=DAILY;BYHOUR=2;BYMINUTE=30"}, "2027-03-14T03:30"),
        ("2026-11-01T00:30", {"recurrence": "FREQ=DAILY;BYHOUR=9"}, "2026-11-01T09:00"),
    ],
)
def test_the_next_change(now: str, fields: dict[str, object], changes: str | None) -> None:
    frame = frame_from(at(now))
    assert next_change(leaf(**fields), at(now), frame) == (at(changes).astimezone(UTC) if changes else None)


def test_a_wall_clock_stays_the_same_when_the_offset_does_not() -> None:
    daily = leaf(recurrence="FREQ=DAILY;BYHOUR=9")
    frame = frame_from(at("2026-10-30T12:00"))
    saturday, sunday = at("2026-10-31T08:00"), at("2026-11-01T08:00")
    first, second = next_change(daily, saturday, frame), next_change(daily, sunday, frame)
    assert (first, second) == (datetime(2026, 10, 31, 14, tzinfo=UTC), datetime(2026, 11, 1, 15, tzinfo=UTC))


ZONES = st.sampled_from((CHICAGO, LONDON, KOLKATA, ZoneInfo("Pacific/Apia"), ZoneInfo("America/Havana")))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CALENDARS), ZONES, st.datetimes(datetime(2026, 10, 20), datetime(2026, 12, 10)))
def test_between_now_and_the_next_change_nothing_changes(one: CalendarLeaf, zone: ZoneInfo, naive: datetime) -> None:
    now = naive.replace(tzinfo=zone)
    frame = frame_from(now, days=20)
    changes = next_change(one, now, frame)
    rule = day_rule(one, frame)
    before = rule.at(now)
    end = changes or frame.until
    steps = int((end - now.astimezone(UTC)) / timedelta(minutes=29))
    assert all(rule.at(now.astimezone(UTC) + step * timedelta(minutes=29)) == before for step in range(steps))
    if changes:
        assert rule.at(changes) != before
        assert rule.at(changes - timedelta(seconds=1)) == before


def test_holidays_are_known_by_many_names() -> None:
    assert holiday_of("Mother's Day").on(2027) == date(2027, 5, 9)
    assert holiday_of(" CHRISTMAS ").on(2026) == date(2026, 12, 25)
    with pytest.raises(ValueError, match="give its date"):
        holiday_of("my birthday")
