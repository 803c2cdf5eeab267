"""Truth: three values by table, days one by one beside a brute force, leads, hours, and what is too old to go by."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import Branch, CalendarLeaf, Condition, PriceLeaf, Range, WeatherLeaf, leaves
from shared.money.amounts import Money
from shared.standing.frame import Frame
from shared.standing.leaves import Truth, known_of, price_truth, stock_truth
from shared.standing.readings import PriceReading, StockReading, Watch
from shared.standing.truth import Look, evaluate, folded, joined
from tests.standing.worlds import (
    CLOUDS,
    FLOWERS,
    MONDAY,
    RAIN,
    SKY,
    SUN,
    SUNNY,
    THURSDAY,
    ZONE,
    any_condition,
    any_moment,
    any_readings,
    below,
    both,
    either,
    forecast,
    frame_from,
    no,
    stock,
    usd,
)

THANKSGIVING = date(2026, 11, 26)
NEXT_THURSDAY = date(2026, 12, 3)
SUNNY_THURSDAY = both(SUNNY, THURSDAY)
KNOWN = (True, False, None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


# --- the tables


@pytest.mark.parametrize(("one", "other"), list(product(KNOWN, KNOWN)))
def test_kleene_and_or(one: bool | None, other: bool | None) -> None:
    values = (one, other)
    assert joined("and", values) is (False if False in values else None if None in values else True)
    assert joined("or", values) is (True if True in values else None if None in values else False)


@pytest.mark.parametrize(("value", "opposite"), [(True, False), (False, True), (None, None)])
def test_kleene_not(value: bool | None, opposite: bool | None) -> None:
    assert joined("not", [value]) is opposite


@settings(max_examples=100, deadline=None)
@given(any_condition, st.data())
def test_unknown_is_said_only_where_it_matters_or_could(condition: Condition, data: st.DataObject) -> None:
    """What is decided with unknown leaves stays so, whatever they turn out to be."""
    found = leaves(condition)
    values = {id(leaf): data.draw(st.sampled_from(KNOWN)) for leaf in found}
    known = folded(condition, lambda leaf: values[id(leaf)])
    settled = {key: data.draw(st.booleans()) if value is None else value for key, value in values.items()}
    assert known is None or folded(condition, lambda leaf: settled[id(leaf)]) is known


@pytest.mark.parametrize(
    ("units", "at_least", "value"),
    [(0, 1, "false"), (1, 1, "true"), (2, 3, "false"), (3, 3, "true"), (None, 9, "true")],
)
def test_stock(units: int | None, at_least: int, value: str) -> None:
    reading = StockReading(at=MONDAY, units=units)
    truth = stock_truth(stock(at_least), {Watch("stock", FLOWERS): reading}, MONDAY)
    assert (truth.value, truth.units, truth.made_to_order, truth.at) == (value, units, units is None, MONDAY)


@pytest.mark.parametrize(
    ("leaf", "minor", "value"),
    [
        (below(5000), 4999, "true"),
        (below(5000), 5000, "false"),
        (below(5000, at_most=True), 5000, "true"),
        (below(5000, at_most=True), 5001, "false"),
        (below(5000, drop_percent=20, reference=usd(6000)), 4800, "true"),
        (below(5000, drop_percent=20, reference=usd(6000)), 4801, "false"),
        (below(4000, drop_percent=20, reference=usd(6000)), 4800, "false"),
        (PriceLeaf(item="x", product=FLOWERS, drop_percent=1, reference=usd(199), text="x"), 197, "true"),
        (PriceLeaf(item="x", product=FLOWERS, drop_percent=1, reference=usd(199), text="x"), 198, "false"),
    ],
)
def test_price(leaf: PriceLeaf, minor: int, value: str) -> None:
    reading = PriceReading(at=MONDAY, amount=usd(minor))
    assert price_truth(leaf, {Watch("price", FLOWERS): reading}, MONDAY).value == value


EURO = PriceReading(at=MONDAY, amount=Money(minor=100, currency="EUR"))
DROP = PriceLeaf(item="x", product=FLOWERS, drop_percent=10, text="x")


@pytest.mark.parametrize(
    ("condition", "readings", "why"),
    [
        (below(5000), {}, "unread"),
        (below(5000).model_copy(update={"product": None}), {}, "no_product"),
        (below(5000), {Watch("price", FLOWERS): EURO}, "other_currency"),
        (DROP, {Watch("price", FLOWERS): PriceReading(at=MONDAY, amount=usd(1))}, "no_reference"),
        (below(5000), {Watch("price", FLOWERS): PriceReading(at=MONDAY - timedelta(hours=25), amount=usd(1))}, "stale"),
        (stock(), {Watch("stock", FLOWERS): StockReading(at=MONDAY - timedelta(hours=7), units=9)}, "stale"),
        (SUNNY, {}, "unread"),
        (SUNNY, {SKY: forecast(MONDAY - timedelta(hours=7), otherwise=SUN)}, "stale"),
        (both(SUNNY, CalendarLeaf(date=date(2026, 12, 20), text="x")), {SKY: forecast(MONDAY)}, "too_far"),
        (CalendarLeaf(holiday="diwali", text="x"), {}, "no_date"),
    ],
)
def test_why_something_is_unknown(condition: Condition, readings: dict[Watch, Any], why: str) -> None:
    now = MONDAY if why != "no_date" else at("2031-11-14T09:00")
    verdict = evaluate(condition, readings, now, frame_from(now))
    leaf = verdict.truth.children[0] if verdict.truth.children else verdict.truth
    assert (leaf.value, leaf.why, verdict.holds) == ("unknown", why, False)


def test_without_a_place_there_is_no_weather() -> None:
    verdict = evaluate(SUNNY, {SKY: forecast(MONDAY, otherwise=SUN)}, MONDAY, frame_from(cell=None))
    assert (verdict.truth.value, verdict.truth.why) == ("unknown", "no_place")


# --- sunny on Thursday


def test_sunny_on_thursday_is_thursdays_own_weather() -> None:
    today_alone = forecast(MONDAY, {MONDAY.date(): SUN})
    verdict = evaluate(SUNNY_THURSDAY, {SKY: today_alone}, MONDAY, frame_from())
    sky, day = verdict.truth.children
    assert (sky.value, sky.day, day.value, day.day) == ("false", THANKSGIVING, "false", THANKSGIVING)
    assert (verdict.holds, verdict.next) == (False, None)
    # The Thursdays of the forecast are out; the first one beyond it is not.
    assert verdict.possible_day == date(2026, 12, 10)


def test_it_is_known_beforehand_and_bought_on_the_day() -> None:
    readings = {SKY: forecast(MONDAY, {THANKSGIVING: SUN})}
    verdict = evaluate(SUNNY_THURSDAY, readings, MONDAY, frame_from())
    assert [one.value for one in verdict.truth.children] == ["true", "false"]
    assert (verdict.holds, verdict.needs_forecast, verdict.forecast_at) == (False, True, MONDAY)
    assert (verdict.next, verdict.next_day) == (at("2026-11-26T08:00"), THANKSGIVING)
    for moment, holds in (("07:59", False), ("08:00", True), ("19:59", True), ("20:00", False)):
        now = at(f"2026-11-26T{moment}")
        on_the_day = evaluate(SUNNY_THURSDAY, {SKY: forecast(now, {THANKSGIVING: SUN})}, now, frame_from())
        assert on_the_day.holds is holds, moment


def test_what_takes_a_day_to_arrive_is_bought_a_day_before() -> None:
    frame = frame_from(lead=timedelta(hours=20))
    readings = {SKY: forecast(MONDAY, {THANKSGIVING: SUN})}
    assert evaluate(SUNNY_THURSDAY, readings, MONDAY, frame).next == at("2026-11-25T12:00")
    now = at("2026-11-25T12:00")
    assert evaluate(SUNNY_THURSDAY, {SKY: forecast(now, {THANKSGIVING: SUN})}, now, frame).holds
    late = at("2026-11-26T00:00")
    assert not evaluate(SUNNY_THURSDAY, {SKY: forecast(late, {THANKSGIVING: SUN})}, late, frame).holds


def test_a_part_of_the_day_is_when_it_is_wanted() -> None:
    def hourly(hour: datetime) -> Any:
        local = hour.astimezone(ZONE)
        return SUN if (local.date(), local.hour < 12) == (THANKSGIVING, True) else RAIN

    verdict = evaluate(SUNNY_THURSDAY, {SKY: forecast(MONDAY, hourly=hourly)}, MONDAY, frame_from(daypart="morning"))
    assert verdict.next == at("2026-11-26T06:00")
    assert evaluate(SUNNY_THURSDAY, {SKY: forecast(MONDAY, hourly=hourly)}, MONDAY, frame_from()).next is None


def test_each_alternative_has_its_own_day() -> None:
    condition = either(
        both(SUNNY, THURSDAY), both(WeatherLeaf(is_="rainy", text="r"), CalendarLeaf(weekdays=("sat",), text="s"))
    )
    verdict = evaluate(condition, {SKY: forecast(MONDAY, {THANKSGIVING: CLOUDS})}, MONDAY, frame_from())
    days = [branch.children[0].day for branch in verdict.truth.children]
    assert days == [THANKSGIVING, date(2026, 11, 28)]
    assert verdict.next_day == date(2026, 11, 28)


def test_a_price_that_is_wrong_today_rules_no_day_out() -> None:
    readings = {
        Watch("price", FLOWERS): PriceReading(at=MONDAY, amount=usd(6000)),
        SKY: forecast(MONDAY, {THANKSGIVING: SUN}),
    }
    verdict = evaluate(both(SUNNY, THURSDAY, below(5000)), readings, MONDAY, frame_from())
    assert (verdict.next, verdict.possible_day) == (None, THANKSGIVING)


def test_what_is_back_in_stock_is_bought_at_night_too() -> None:
    night = at("2026-11-24T03:00")
    readings = {Watch("stock", FLOWERS): StockReading(at=night, units=3)}
    assert evaluate(stock(), readings, night, frame_from()).holds
    assert evaluate(either(stock(), SUNNY_THURSDAY), readings, night, frame_from()).holds
    assert not evaluate(both(stock(), no(SUNNY)), {**readings, SKY: forecast(night)}, night, frame_from()).holds


def test_nothing_is_bought_after_the_end_nor_twice_for_a_day() -> None:
    readings = {Watch("stock", FLOWERS): StockReading(at=MONDAY, units=3)}
    assert not evaluate(stock(), readings, MONDAY, Frame(ZONE, MONDAY, MONDAY - timedelta(seconds=1))).holds
    rested = frame_from(after=at("2026-11-24T00:00"))
    verdict = evaluate(stock(), readings, MONDAY, rested)
    assert (verdict.holds, verdict.next) == (False, at("2026-11-24T00:00"))


def test_a_day_with_a_changed_clock_is_a_day() -> None:
    now = at("2027-03-12T09:00")
    sunday = both(SUNNY, CalendarLeaf(weekdays=("sun",), text="Sunday"))
    verdict = evaluate(sunday, {SKY: forecast(now, {date(2027, 3, 14): SUN})}, now, frame_from(now))
    assert verdict.next == at("2027-03-14T08:00")
    assert verdict.next.utcoffset() is not None
    assert verdict.next == datetime.fromisoformat("2027-03-14T13:00:00+00:00")


def test_new_years_eve_and_new_year() -> None:
    now = at("2026-12-30T09:00")
    frame = frame_from(now)
    for name, day in (("new year's eve", date(2026, 12, 31)), ("new year's day", date(2027, 1, 1))):
        dry = both(WeatherLeaf(is_="dry", text="dry"), CalendarLeaf(holiday=name, text=name))
        verdict = evaluate(dry, {SKY: forecast(now, {day: SUN})}, now, frame)
        assert verdict.next_day == day


def test_an_hour_that_is_named_is_kept() -> None:
    daily = CalendarLeaf(recurrence="FREQ=DAILY", from_=at("2026-11-24T07:00"), text="daily at 7")
    frame = frame_from(lead=timedelta(hours=1))
    assert evaluate(daily, {}, MONDAY, frame).next == at("2026-11-24T06:00")
    assert evaluate(daily, {}, at("2026-11-24T06:00"), frame).holds
    before_seven = both(daily, CalendarLeaf(from_=MONDAY, to=at("2026-11-26T06:30"), text="until then"))
    assert evaluate(before_seven, {}, at("2026-11-25T23:30"), frame).next is None


def test_what_would_arrive_after_the_end_is_not_promised() -> None:
    friday = CalendarLeaf(date=date(2026, 11, 27), text="Friday")
    assert evaluate(friday, {}, MONDAY, frame_from(days=3)).next is None
    assert evaluate(friday, {}, MONDAY, frame_from(days=4)).next == at("2026-11-27T08:00")


def test_the_first_hours_of_the_last_day_of_a_forecast_may_be_enough() -> None:
    last = CalendarLeaf(date=date(2026, 12, 8), text="December 8")
    warm = WeatherLeaf(temperature_c=Range(min=20), text="warm")
    readings = {SKY: forecast(MONDAY, otherwise=SUN)}
    assert evaluate(both(warm, last), readings, MONDAY, frame_from()).next_day == date(2026, 12, 8)
    assert evaluate(both(SUNNY, last), readings, MONDAY, frame_from()).truth.children[0].why == "in_part"


# --- beside a brute force


def brute_force(condition: Condition, readings: dict[Watch, Any], now: datetime, frame: Frame) -> datetime | None:
    """The first moment of a fine grid at which the tree is true."""
    look = Look(condition, readings, now, frame)
    start = frame.arrives(now)
    grid = [start + timedelta(minutes=15) * step for step in range(24 * 4 * 24)]
    for moment in grid:
        if moment <= frame.last and look.value(condition, look._instant(moment)) is True:
            return moment
    return None


@settings(max_examples=200, deadline=None)
@given(any_condition, any_moment, st.sampled_from((0, 3, 20)), st.data())
def test_the_first_moment_is_the_one_that_trying_all_finds(
    condition: Condition, now: datetime, lead: int, data: st.DataObject
) -> None:
    readings = data.draw(any_readings(now))
    frame = frame_from(MONDAY, days=20, lead=timedelta(hours=lead))
    verdict = evaluate(condition, readings, now, frame)
    found = brute_force(condition, readings, now, frame)
    if found is None:
        assert verdict.next is None or frame.last - frame.arrives(verdict.next) < timedelta(minutes=15)
    else:
        assert verdict.next is not None
        assert timedelta(0) <= found - frame.arrives(verdict.next) < timedelta(minutes=15)
    assert verdict.holds is (verdict.next == now)


@settings(max_examples=80, deadline=None)
@given(any_condition, any_moment, st.data())
def test_the_tree_that_is_shown_has_the_value_that_is_acted_on(
    condition: Condition, now: datetime, data: st.DataObject
) -> None:
    readings = data.draw(any_readings(now))
    look = Look(condition, readings, now, frame_from())
    truth = look.verdict().truth
    assert known_of(truth.value) is look.value(condition, look._following())
    assert shape(truth) == shape(condition)


def shape(one: Truth | Condition) -> list[Any]:
    if isinstance(one, Truth):
        return [shape(child) for child in one.children]
    return [shape(child) for child in one.of] if isinstance(one, Branch) else []
