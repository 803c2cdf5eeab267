"""What has to be looked at: nothing more, nothing less; and a reading that changes nothing wakes nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import CalendarLeaf, Condition, InventoryLeaf, PriceLeaf, leaves
from shared.logistics.geo import Cell, Point, cell_of
from shared.logistics.weather import HOURS_MAX, hours_of
from shared.records import is_id
from shared.standing.readings import PriceReading, StockReading, Watch, is_stale, span_to_read, watch_of, weather_watch
from shared.standing.truth import evaluate
from shared.standing.watching import Told, affected, aspect_of, bound, group_of, in_daypart, turns, watches
from tests.standing.worlds import (
    CELL,
    FLOWERS,
    FRIDAY,
    MONDAY,
    RAINY,
    SKY,
    SUN,
    SUNNY,
    THURSDAY,
    any_condition,
    any_leaf,
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

ELSEWHERE = weather_watch(Cell(515, -2))


def test_what_a_condition_depends_on() -> None:
    condition = both(SUNNY, THURSDAY, either(stock(), below(5000)), no(RAINY))
    kinds = sorted(watch.kind for watch in watches(condition, frame_from()))
    assert kinds == ["calendar", "price", "stock", "weather"]
    assert {SKY, Watch("stock", FLOWERS), Watch("price", FLOWERS)} < watches(condition, frame_from())
    assert watches(both(SUNNY, THURSDAY), frame_from(cell=None)) == watches(THURSDAY, frame_from())
    assert watches(InventoryLeaf(item="roses", text="x"), frame_from()) == frozenset()


def test_intents_of_a_cell_share_one_watch() -> None:
    near, far = Point(lat=30.21, lng=-97.71), Point(lat=30.31, lng=-97.71)
    assert weather_watch(cell_of(near)) == SKY
    assert weather_watch(cell_of(far)) != SKY


def test_intents_of_a_rule_share_one_watch_but_not_with_another_zone_or_beginning() -> None:
    monday, london = frame_from(), frame_from(datetime(2026, 11, 23, 9, tzinfo=MONDAY.tzinfo))
    assert watches(THURSDAY, monday) == watches(THURSDAY.model_copy(update={"text": "thurs."}), london)
    assert watches(THURSDAY, monday) != watches(FRIDAY, monday)
    fortnightly = CalendarLeaf(recurrence="FREQ=WEEKLY;INTERVAL=2", text="x")
    later = frame_from(MONDAY + timedelta(days=7))
    assert watches(fortnightly, monday) != watches(fortnightly, later)
    assert watches(THURSDAY, monday) == watches(THURSDAY, later)


@given(st.sampled_from([*watches(both(SUNNY, THURSDAY, stock(), below(1)), frame_from()), ELSEWHERE]))
def test_a_watch_is_an_id_and_back(watch: Watch) -> None:
    assert is_id(watch.key)
    assert watch_of(watch.key) == watch


@pytest.mark.parametrize("key", ["", "weather", "weather:", "moon:302:-978", "302:-978"])
def test_other_keys_are_none(key: str) -> None:
    with pytest.raises(ValueError, match="watched"):
        watch_of(key)


def test_a_cell_is_read_back_from_its_watch() -> None:
    assert SKY.cell == CELL
    with pytest.raises(ValueError, match="no cell"):
        _ = Watch("stock", FLOWERS).cell


def test_one_call_brings_all_that_a_day_anywhere_needs() -> None:
    now = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)
    hours = hours_of(*span_to_read(now))
    assert len(hours) == HOURS_MAX
    assert hours[0] == datetime(2026, 11, 22, tzinfo=UTC)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), st.integers(-12, 14))
def test_the_local_day_of_any_place_lies_within_the_call(now: datetime, offset: int) -> None:
    local = now.astimezone(timezone(timedelta(hours=offset)))
    start, end = span_to_read(now)
    assert start <= local.replace(hour=0, minute=0, second=0, microsecond=0) <= now < end


@settings(max_examples=100, deadline=None)
@given(any_condition, any_moment, st.data())
def test_no_reading_outside_its_watches_changes_a_truth(
    condition: Condition, now: datetime, data: st.DataObject
) -> None:
    frame = frame_from()
    readings, others = data.draw(any_readings(now)), data.draw(any_readings(now))
    watched = watches(condition, frame)
    others = {watch: reading for watch, reading in others.items() if watch not in watched}
    others |= {ELSEWHERE: forecast(now, otherwise=SUN), Watch("stock", "else.where"): StockReading(at=now, units=9)}
    kept = {watch: reading for watch, reading in readings.items() if watch in watched}
    assert evaluate(condition, kept, now, frame) == evaluate(condition, {**kept, **others}, now, frame)


@settings(max_examples=150, deadline=None)
@given(any_condition, any_moment, st.data())
def test_a_reading_that_affects_nothing_leaves_the_verdict_as_it_was(
    condition: Condition, now: datetime, data: st.DataObject
) -> None:
    frame = frame_from()
    readings, later = data.draw(any_readings(now)), data.draw(any_readings(now))
    for watch, reading in later.items():
        if not affected(condition, watch, readings.get(watch), reading, now, frame):
            before, after = (evaluate(condition, one, now, frame) for one in (readings, {**readings, watch: reading}))
            assert decides(before) == decides(after)


def costs(minor: int) -> PriceReading:
    return PriceReading(at=MONDAY, amount=usd(minor))


def decides(verdict: Any) -> tuple[Any, ...]:
    return verdict.holds, verdict.next, verdict.possible, verdict.truth.value, verdict.needs_forecast


@pytest.mark.parametrize(
    ("condition", "watch", "before", "after", "is_affected"),
    [
        (stock(3), "stock", StockReading(at=MONDAY, units=0), StockReading(at=MONDAY, units=2), False),
        (stock(3), "stock", StockReading(at=MONDAY, units=2), StockReading(at=MONDAY, units=3), True),
        (stock(3), "stock", None, StockReading(at=MONDAY, units=0), True),
        (below(5000), "stock", None, StockReading(at=MONDAY, units=0), False),
        (below(5000), "price", costs(9000), costs(5000), False),
        (below(5000), "price", costs(9000), costs(4000), True),
    ],
)
def test_whether_a_change_can_matter(
    condition: Condition, watch: Any, before: Any, after: Any, is_affected: bool
) -> None:
    assert affected(condition, Watch(watch, FLOWERS), before, after, MONDAY, frame_from()) is is_affected


def test_rain_that_becomes_heavier_wakes_nobody() -> None:
    before = forecast(MONDAY)
    heavier = before.model_copy(update={"rain_percent": tuple(97 for _ in before.rain_percent), "_days": {}})
    heavier = type(before).model_validate(heavier.model_dump())
    assert not affected(both(SUNNY, THURSDAY), SKY, before, heavier, MONDAY, frame_from())
    assert affected(both(SUNNY, THURSDAY), SKY, before, forecast(MONDAY, otherwise=SUN), MONDAY, frame_from())


@pytest.mark.parametrize("days", [0, 1, 10, 15])
def test_any_day_of_the_forecast_may_matter(days: int) -> None:
    before, after = forecast(MONDAY), forecast(MONDAY, {MONDAY.date() + timedelta(days=days): SUN})
    assert affected(SUNNY, SKY, before, after, MONDAY, frame_from())
    assert not affected(THURSDAY, SKY, before, after, MONDAY, frame_from())


def test_what_is_meant_is_filled_in_once_it_is_known() -> None:
    drop = PriceLeaf(item="roses", drop_percent=20, text="20 % off")
    condition = both(
        InventoryLeaf(item="roses", text="x"), no(drop), PriceLeaf(item="cake", below=usd(900), text="x"), SUNNY
    )
    told = bound(condition, {"roses": FLOWERS}, {FLOWERS: usd(7000)})
    roses, dropped, cake, _ = leaves(told)
    assert isinstance(roses, InventoryLeaf) and isinstance(dropped, PriceLeaf) and isinstance(cake, PriceLeaf)
    assert (roses.product, dropped.product, dropped.reference) == (FLOWERS, FLOWERS, usd(7000))
    assert (cake.product, cake.reference) == (None, None)
    dearer = leaves(bound(told, {"roses": "other.roses"}, {FLOWERS: usd(9000)}))[1]
    assert isinstance(dearer, PriceLeaf)
    assert (dearer.product, dearer.reference) == (FLOWERS, usd(7000))  # as it was when it began


def test_a_daypart_reaches_the_weather_that_has_none() -> None:
    own = SUNNY.model_copy(update={"daypart": "night"})
    told = leaves(in_daypart(both(SUNNY, no(own), THURSDAY), "morning"))
    assert [getattr(leaf, "daypart", None) for leaf in told] == ["morning", "night", None]


def test_a_group_shares_the_verdict() -> None:
    frame = frame_from()
    one = group_of(both(SUNNY, THURSDAY), frame)
    assert one == group_of(both(SUNNY, THURSDAY), frame_from(MONDAY + timedelta(days=3)))
    others = (
        group_of(both(SUNNY, FRIDAY), frame),
        group_of(both(SUNNY, THURSDAY), frame_from(cell=Cell(515, -2))),
        group_of(both(SUNNY, THURSDAY), frame_from(daypart="morning")),
        group_of(both(SUNNY, THURSDAY), frame_from(lead=timedelta(hours=2))),
        group_of(both(SUNNY, THURSDAY), frame_from(after=MONDAY)),
    )
    assert len({one, *others}) == 6
    weekly = CalendarLeaf(recurrence="FREQ=WEEKLY", text="x")
    assert group_of(weekly, frame) != group_of(weekly, frame_from(MONDAY + timedelta(days=1)))


@settings(max_examples=100, deadline=None)
@given(any_condition, any_leaf, any_leaf, any_moment, st.data())
def test_groups_of_an_aspect_are_turned_alike(
    shared: Condition, one: Condition, other: Condition, now: datetime, data: st.DataObject
) -> None:
    frame = frame_from()
    first, second = both(shared, one), either(no(other), shared)
    before, after = data.draw(any_readings(now)), data.draw(any_readings(now))
    for watch in watches(first, frame) & watches(second, frame) & after.keys():
        if aspect_of(first, watch, frame) == aspect_of(second, watch, frame):
            told = Told(before[watch], is_stale(before[watch], now)) if watch in before else None
            alike = [turns(each, watch, told, after[watch], now, frame) for each in (first, second)]
            assert alike[0] is alike[1]


def test_an_aspect_is_what_matters_for_a_thing() -> None:
    frame = frame_from()
    plain = aspect_of(both(SUNNY, THURSDAY), SKY, frame)
    assert plain == aspect_of(either(FRIDAY, below(5000), SUNNY.model_copy(update={"text": "bright"})), SKY, frame)
    others = (
        aspect_of(both(RAINY, THURSDAY), SKY, frame),
        aspect_of(both(SUNNY, RAINY), SKY, frame),
        aspect_of(both(SUNNY, THURSDAY), SKY, frame_from(daypart="morning")),
        aspect_of(both(SUNNY, THURSDAY), SKY, frame_from(datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Tokyo")))),
    )
    assert len({plain, *others}) == 5
    price = Watch("price", FLOWERS)
    assert aspect_of(below(5000), price, frame) != aspect_of(below(5001), price, frame)
