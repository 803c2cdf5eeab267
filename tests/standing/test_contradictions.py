"""What can never come true is refused with the reason; what only may not is not."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import Branch, CalendarLeaf, Condition, InventoryLeaf, PriceLeaf, Range, WeatherLeaf
from shared.standing.contradictions import refused
from shared.standing.limits import LEAVES_MAX
from shared.standing.truth import evaluate
from tests.standing.worlds import (
    DRY,
    FRIDAY,
    MONDAY,
    RAINY,
    SUNNY,
    THURSDAY,
    ZONE,
    any_condition,
    any_moment,
    any_readings,
    below,
    both,
    either,
    frame_from,
    no,
    stock,
    usd,
)

WEEK = CalendarLeaf(weekdays=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), text="any day")


def sky(name: str, **more: Any) -> WeatherLeaf:
    return WeatherLeaf.model_validate({"is": name, "text": name, **more})


def on(day: date, **more: Any) -> CalendarLeaf:
    return CalendarLeaf(date=day, text=str(day), **more)


def heat(**bounds: float) -> WeatherLeaf:
    return WeatherLeaf(temperature_c=Range(**bounds), text="heat")


NEVER: list[tuple[Condition, str, str]] = [
    (both(THURSDAY, FRIDAY), "c", "“Thursday” and “Friday” never come together"),
    (both(SUNNY, both(THURSDAY, stock()), FRIDAY), "c", "never come together"),
    (on(date(2026, 11, 20)), "c", "Friday, Nov 20, 2026 is past"),
    (both(SUNNY, on(date(2026, 11, 20))), "c.of[1]", "is past"),
    (on(date(2027, 1, 20)), "c", "comes after the wait ends on Wednesday, Dec 23: set `max_wait_days` higher"),
    (on(date(2026, 11, 27), weekdays=("thu",)), "c", "Friday, Nov 27, 2026 is not Thursday"),
    (CalendarLeaf(to=datetime(2026, 11, 20, 12, tzinfo=ZONE), text="x"), "c", "is past"),
    (CalendarLeaf(from_=datetime(2027, 2, 1, tzinfo=ZONE), text="x"), "c", "begins after the wait ends"),
    (CalendarLeaf(recurrence="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", text="x"), "c", "does not come before"),
    (CalendarLeaf(holiday="mother's day", text="Mother's Day"), "c", "“Mother's Day” does not come before"),
    (no(WEEK), "c.of[0]", "`not` is never true"),
    (no(either(THURSDAY, no(THURSDAY))), "c", "never come together"),
    (both(SUNNY, no(SUNNY)), "c", "exclude each other"),
    (both(DRY, RAINY), "c", "“rains” and “dry” exclude each other|“dry” and “rains” exclude each other"),
    (both(sky("clear"), sky("cloudy")), "c", "exclude each other"),
    (both(sky("sunny"), sky("cloudy")), "c", "exclude each other"),
    (both(sky("dry"), sky("snowy")), "c", "exclude each other"),
    (both(sky("warm"), sky("cold")), "c", "exclude each other"),
    (both(sky("warm"), heat(max=15)), "c", "exclude each other"),
    (both(heat(min=25), no(heat(min=20))), "c", "exclude each other"),
    (both(below(4000), no(below(5000))), "c", "exclude each other"),
    (both(below(5000), no(below(5000))), "c", "exclude each other"),
    (both(stock(5), no(stock(3))), "c", "exclude each other"),
    (either(both(THURSDAY, FRIDAY), both(DRY, RAINY)), "c", "never come together"),
]


@pytest.mark.parametrize(("condition", "path", "words"), NEVER)
def test_what_can_never_be_is_refused(condition: Condition, path: str, words: str) -> None:
    (error,) = refused(condition, MONDAY, frame_from(), "c")
    assert error.field == path
    assert re.search(words, error.message), error.message


FLAWS: list[tuple[Condition, str, str]] = [
    (WeatherLeaf(text="x"), "c", "asks for no weather"),
    (heat(min=30, max=20), "c.temperature_c", "Nothing is at least 30 and at most 20"),
    (heat(min=70), "c.temperature_c", "On Earth it is between -90 and 60"),
    (heat(max=-120), "c.temperature_c", "On Earth"),
    (heat(min=float("nan")), "c.temperature_c", "plain numbers"),
    (heat(), "c.temperature_c", "no bound"),
    (WeatherLeaf(wind_kmh=Range(min=900), text="x"), "c.wind_kmh", "On Earth"),
    (sky("sunny", daypart="teatime"), "c.daypart", "one of morning"),
    (CalendarLeaf(text="x"), "c", "names no day"),
    (
        CalendarLeaf(from_=MONDAY, to=MONDAY - timedelta(days=1), text="x"),
        "c.to",
        "lies before `from`",
    ),
    (on(date(9999, 12, 31)), "c.date", "from 2000 to 2199"),
    (CalendarLeaf(to=datetime(9999, 12, 31, 23, 59, tzinfo=UTC), text="x"), "c.to", "from 2000 to 2199"),
    (CalendarLeaf(from_=datetime(1, 1, 1, tzinfo=ZONE), text="x"), "c.from", "from 2000 to 2199"),
    (CalendarLeaf(holiday="pizza day", text="x"), "c.holiday", "no holiday"),
    (CalendarLeaf(recurrence="FREQ=HOURLY", text="x"), "c.recurrence", "too often"),
    (InventoryLeaf(item="", text="x"), "c.item", "names what is watched"),
    (InventoryLeaf(item="x", product="../../etc", text="x"), "c.product", "product's id"),
    (PriceLeaf(item="x", product="p" * 145, below=usd(1), text="x"), "c.product", "product's id"),
    (InventoryLeaf(item="x", at_least=0, text="x"), "c.at_least", "from 1"),
    (PriceLeaf(item="x", text="x"), "c", "asks for no price"),
    (PriceLeaf(item="x", below=usd(0), text="x"), "c.below", "Nothing costs less than \\$0.00"),
    (PriceLeaf(item="x", below=usd(-5), text="x"), "c.below", "above zero"),
    (PriceLeaf(item="x", drop_percent=5, reference=usd(0), text="x"), "c.reference", "above zero"),
    (both(*[both(SUNNY, SUNNY, SUNNY)] * 7), "c", f"{LEAVES_MAX} are the most"),
    (no(no(no(no(no(no(SUNNY)))))), "c", "5 deep at most"),
    (Branch(op="not", of=(SUNNY, DRY)), "c.of", "exactly one"),
    (SUNNY.model_copy(update={"text": "x" * 501}), "c.text", "at most 500"),
]


@pytest.mark.parametrize(("condition", "path", "words"), FLAWS)
def test_what_is_out_of_bounds_is_refused_by_name(condition: Condition, path: str, words: str) -> None:
    errors = refused(condition, MONDAY, frame_from(), "c")
    assert [error.field for error in errors] == [path]
    assert re.search(words, errors[0].message), errors[0].message


FINE: list[Condition] = [
    both(SUNNY, THURSDAY),
    both(sky("snowy"), WEEK),  # in Austin, but who knows
    both(SUNNY, RAINY),  # a shower at dusk
    either(THURSDAY, FRIDAY),
    either(on(date(2026, 11, 20)), FRIDAY),
    no(THURSDAY),
    no(both(THURSDAY, FRIDAY)),
    both(heat(min=20), heat(max=20)),
    both(below(5000), no(below(4000))),
    both(stock(3), no(stock(5))),
    both(sky("dry", daypart="morning"), sky("rainy", daypart="evening")),
    both(below(4000), no(PriceLeaf(item="roses", product="other.roses", below=usd(5000), text="x"))),
    on(MONDAY.date()),
    CalendarLeaf(recurrence="FREQ=MONTHLY;BYMONTHDAY=1", text="x"),
    both(*[no(no(SUNNY))] * 10),
]


@pytest.mark.parametrize("condition", FINE)
def test_what_may_be_is_not_refused(condition: Condition) -> None:
    assert refused(condition, MONDAY, frame_from()) == ()


def test_today_is_too_late_for_what_takes_a_day() -> None:
    (error,) = refused(on(MONDAY.date()), MONDAY, frame_from(lead=timedelta(hours=20)), "c")
    assert "too late" in error.message


def test_a_holiday_whose_date_is_not_known_asks_for_it() -> None:
    now = datetime(2031, 11, 1, 9, tzinfo=ZONE)
    (error,) = refused(CalendarLeaf(holiday="diwali", text="Diwali"), now, frame_from(now), "c")
    assert "give it as `date`" in error.message


@settings(max_examples=200, deadline=None)
@given(any_condition, any_moment, st.data())
def test_what_is_refused_never_holds_whatever_is_read(condition: Condition, now: datetime, data: st.DataObject) -> None:
    frame = frame_from(days=20)
    if refused(condition, now, frame):
        for _ in range(3):
            verdict = evaluate(condition, data.draw(any_readings(now)), now, frame)
            assert not verdict.holds
            assert verdict.next is None


@settings(max_examples=100, deadline=None)
@given(any_condition, any_moment)
def test_what_the_calendar_alone_bars_is_always_refused(condition: Condition, now: datetime) -> None:
    frame = frame_from(days=20)
    if evaluate(condition, {}, now, frame).possible is None:
        assert refused(condition, now, frame)


def test_the_largest_tree_is_judged_quickly() -> None:
    leaf = [CalendarLeaf(weekdays=(day,), text=day) for day in ("mon", "tue", "wed")]
    worst = both(*[either(*leaf) for _ in range(6)])
    began = time.process_time()
    assert refused(worst, MONDAY, frame_from(days=365)) == ()
    assert refused(both(worst, THURSDAY), MONDAY, frame_from(days=365))
    assert time.process_time() - began < 3


def test_nothing_could_arrive_any_more() -> None:
    (error,) = refused(below(5000), MONDAY + timedelta(days=31), frame_from(), "c")
    assert error.field == "c"
    assert "before the wait ends" in error.message
