"""The progress ledger: bounded, told once, and only what has turned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import Condition, WeatherLeaf
from shared.standing.progress import ENTRIES_MAX, WORDS_LENGTH_MAX, Entry, entered, news
from shared.standing.readings import PriceReading, StockReading, Watch
from shared.standing.truth import evaluate
from tests.standing.worlds import (
    CLOUDS,
    FLOWERS,
    MONDAY,
    RAIN,
    SKY,
    SNOW,
    SUN,
    SUNNY,
    THURSDAY,
    any_condition,
    any_readings,
    below,
    both,
    forecast,
    frame_from,
    stock,
    usd,
)


def line(number: int, words: str | None = None, kind: Any = "status") -> Entry:
    return Entry(id=f"e-{number}", at=MONDAY, kind=kind, words=words or f"line {number}")


def test_the_ledger_keeps_its_beginning_and_the_newest_lines() -> None:
    entries: tuple[Entry, ...] = ()
    for number in range(ENTRIES_MAX + 50):
        entries = entered(entries, line(number))
    assert len(entries) == ENTRIES_MAX
    assert [one.id for one in entries[:2]] == ["e-0", "e-51"]
    assert entries[-1].id == f"e-{ENTRIES_MAX + 49}"


def test_a_line_is_entered_once() -> None:
    entries = entered((), line(1))
    assert entered(entries, line(1, "told again")) == entries
    assert entered(entries, line(2, "line 1")) == entries
    assert len(entered(entries, line(2, "line 1", "trouble"))) == 2
    back_and_forth = entered(entered(entries, line(2)), line(3, "line 1"))
    assert len(back_and_forth) == 3


def test_long_words_are_cut() -> None:
    entry = line(1).model_construct(id="x", at=MONDAY, kind="status", words="w" * 2_000)
    assert len(entered((), entry)[0].words) == WORDS_LENGTH_MAX


def turned(condition: Condition, before: dict[Watch, Any] | None, after: dict[Watch, Any]) -> list[str]:
    frame = frame_from()
    was = evaluate(condition, before, MONDAY, frame).truth if before is not None else None
    return [one.words for one in news(condition, was, evaluate(condition, after, MONDAY, frame).truth, MONDAY, frame)]


DAY = (MONDAY + timedelta(days=3)).date()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, SUN, "The forecast for Thursday, Nov 26 says sun."),
        (SUN, RAIN, "The forecast for Thursday, Nov 26 turned to rain."),
        (SUN, SNOW, "The forecast for Thursday, Nov 26 turned to snow."),
        (SUN, CLOUDS, "The forecast for Thursday, Nov 26 turned to clouds."),
        (CLOUDS, SUN, "The forecast for Thursday, Nov 26 turned to sun."),
        (RAIN, CLOUDS, None),  # no better for whom it matters
        (SUN, SUN, None),
    ],
)
def test_forecasts(before: Any, after: Any, words: str | None) -> None:
    first = {SKY: forecast(MONDAY, {DAY: before})} if before else None
    found = turned(both(SUNNY, THURSDAY), first, {SKY: forecast(MONDAY, {DAY: after})})
    assert found == ([words] if words else [])


def test_heat_and_wind_are_told_in_figures() -> None:
    warm = WeatherLeaf.model_validate({"temperature_c": {"min": 18}, "text": "warm"})
    calm = WeatherLeaf.model_validate({"wind_kmh": {"max": 10}, "text": "calm"})
    before, after = {SKY: forecast(MONDAY, {DAY: SUN})}, {SKY: forecast(MONDAY, {DAY: RAIN})}
    assert turned(both(warm, THURSDAY), before, after) == ["The forecast for Thursday, Nov 26 turned to 14 °C."]
    assert turned(both(calm, THURSDAY), before, after) == [
        "The forecast for Thursday, Nov 26 turned to wind of 20 km/h."
    ]


def test_stock_and_price() -> None:
    def shop(units: int | None, minor: int) -> dict[Watch, Any]:
        return {
            Watch("stock", FLOWERS): StockReading(at=MONDAY, units=units),
            Watch("price", FLOWERS): PriceReading(at=MONDAY, amount=usd(minor)),
        }

    condition = both(stock(3), below(5000))
    assert turned(condition, None, shop(0, 6000)) == ["Roses: sold out.", "Roses: $60 now."]
    assert turned(condition, shop(0, 6000), shop(12, 4500)) == ["Roses: 12 in stock.", "Roses: $45 now, as you wanted."]
    assert turned(condition, shop(0, 6000), shop(2, 5100)) == []
    assert turned(condition, shop(12, 4500), shop(None, 4400)) == []
    assert turned(condition, shop(12, 4500), {}) == [
        "The stock of roses could not be read; I go on trying.",
        "The price of roses could not be read; I go on trying.",
    ]


@settings(max_examples=100, deadline=None)
@given(any_condition, st.data())
def test_where_no_truth_has_changed_there_is_no_news(condition: Condition, data: st.DataObject) -> None:
    readings = data.draw(any_readings(MONDAY))
    frame = frame_from()
    truth = evaluate(condition, readings, MONDAY, frame).truth
    assert news(condition, truth, truth, MONDAY, frame) == []
