"""Why it waits, in words: each reason, what hangs on what, and nothing that was not read."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import CalendarLeaf, Condition, PriceLeaf, WeatherLeaf
from shared.money.amounts import Money
from shared.standing.leaves import Truth
from shared.standing.readings import PriceReading, StockReading, Watch
from shared.standing.reasons import Turn, blocking, estimate, reason, reasoning, since_words
from shared.standing.truth import evaluate
from tests.standing.worlds import (
    CLOUDS,
    FLOWERS,
    FRIDAY,
    MONDAY,
    RAIN,
    RAINY,
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

CLOUDY = "rain 15 %, cloud up to 90 %, 17 °C, wind 12 km/h"
WET = "rain 80 %, cloud up to 95 %, 14 °C, wind 20 km/h"
FINE = "rain 0 %, cloud up to 10 %, 21 °C, wind 8 km/h"
LATER = "Thursday, Dec 3"
KEEPS = "I keep watching for a clear window."
FRAME = frame_from()
DAY = date(2026, 11, 26)


def why(condition: Condition, readings: dict[Watch, Any], now: datetime = MONDAY, **more: Any) -> str:
    frame = frame_from(now)
    return reasoning(condition, evaluate(condition, readings, now, frame), now, frame, **more)


def order(day: str) -> str:
    return f"I order on {day} 8 AM if it stays so."


def costs(minor: int, at: datetime = MONDAY) -> dict[Watch, Any]:
    return {Watch("price", FLOWERS): PriceReading(at=at, amount=usd(minor))}


def there(units: int | None) -> dict[Watch, Any]:
    return {Watch("stock", FLOWERS): StockReading(at=MONDAY, units=units)}


def sky(weather: Any = RAIN, **days: Any) -> dict[Watch, Any]:
    return {SKY: forecast(MONDAY, otherwise=weather, **days)}


@pytest.mark.parametrize(
    ("condition", "readings", "said"),
    [
        (both(SUNNY, THURSDAY), sky(CLOUDS), f"Still waiting: Thursday's forecast says clouds ({CLOUDY}) — {KEEPS}"),
        (both(no(RAINY), THURSDAY), sky(RAIN), f"Still waiting: Thursday's forecast says rain ({WET}) — {KEEPS}"),
        (both(SUNNY, CalendarLeaf(date=date(2026, 12, 20), text="x")), sky(SUN),
         f"Still waiting: Sunday, Dec 20 is still beyond the forecast, which reaches 16 days — {KEEPS}"),
        (both(SUNNY, THURSDAY), {}, f"Still waiting: it has not been looked at yet — {KEEPS}"),
        (below(5000), costs(6200), "Still waiting: it costs $62, you asked for less than $50."),
        (below(5000, at_most=True), costs(6200), "Still waiting: it costs $62, you asked for at most $50."),
        (PriceLeaf(item="x", product=FLOWERS, drop_percent=20, reference=usd(7000), text="x"), costs(6200),
         "Still waiting: it costs $62, you asked for 20 % off $70."),
        (stock(), there(0), "Still waiting: it is sold out."),
        (stock(3), there(2), "Still waiting: 2 in stock, 3 wanted."),
        (both(stock(), below(5000)), {**there(0), **costs(6200)},
         "Still waiting: it is sold out and it costs $62, you asked for less than $50."),
        (no(stock()), there(None), "Still waiting: it is made as ordered."),
        (THURSDAY, {}, "Waiting for its time: I order on Thursday 8 AM."),
        (both(below(5000), THURSDAY), costs(4000), "Waiting for its time: I order on Thursday 8 AM."),
        (both(SUNNY, THURSDAY), sky(SUN), f"Thursday looks right ({FINE}). I order on Thursday 8 AM if it stays so."),
        (below(5000), costs(4000), "The moment has come: when roses cost less than $50."),
        (SUNNY, sky(SUN), f"Today looks right ({FINE}). I wait for one more forecast that says so."),
        (both(THURSDAY, FRIDAY), {}, "Still waiting when it is Thursday and it is Friday."),
        # The first chance is out, another one is to come: of its own day, or of an alternative.
        (both(SUNNY, THURSDAY), sky(CLOUDS, days={date(2026, 12, 3): SUN}),
         f"Still waiting: Thursday's forecast says clouds ({CLOUDY}) — {LATER} looks right. {order(LATER)}"),
        (either(both(SUNNY, THURSDAY), both(RAINY, FRIDAY)), sky(RAIN),
         f"Still waiting: Thursday's forecast says rain ({WET}) — Friday looks right ({WET}). {order('Friday')}"),
    ],
)  # fmt: skip
def test_why_it_waits(condition: Condition, readings: dict[Watch, Any], said: str) -> None:
    assert why(condition, readings) == said


def test_how_the_forecast_turned_is_told_while_its_day_is_waited_for() -> None:
    turn = Turn(at=MONDAY - timedelta(hours=1), day=DAY, to="rain")
    told = why(both(SUNNY, THURSDAY), sky(RAIN), turn=turn)
    assert (
        told == "Still waiting: Thursday's forecast turned to rain this morning — I keep watching for a clear window."
    )
    other = turn.model_copy(update={"day": date(2026, 11, 19)})
    assert "turned" not in why(both(SUNNY, THURSDAY), sky(RAIN), turn=other)


@pytest.mark.parametrize(
    ("hours", "said"),
    [(1, "this morning"), (10, "yesterday"), (24, "yesterday"), (3 * 24, "on Friday"), (8 * 24, "on Nov 15")],
)
def test_how_long_ago(hours: int, said: str) -> None:
    assert since_words(MONDAY - timedelta(hours=hours), MONDAY, ZONE) == said


def test_later_the_same_day() -> None:
    evening = MONDAY.replace(hour=22)
    assert since_words(MONDAY.replace(hour=14), evening, ZONE) == "this afternoon"
    assert since_words(MONDAY.replace(hour=19), evening, ZONE) == "this evening"


@pytest.mark.parametrize(
    ("leaf", "truth", "said"),
    [
        (SUNNY, {"value": "unknown", "why": "in_part", "day": DAY}, "the forecast does not cover all of Thursday yet"),
        (SUNNY, {"value": "unknown", "why": "no_place"}, "there is no place whose weather could be looked up"),
        (SUNNY, {"value": "false", "day": DAY}, "nothing is known of Thursday"),
        (THURSDAY, {"value": "true", "day": MONDAY.date()}, "it is so today"),
        (THURSDAY, {"value": "false", "day": DAY}, "next on Thursday"),
        (THURSDAY, {"value": "false"}, "not again before Wednesday, Dec 23"),
        (THURSDAY, {"value": "unknown", "why": "no_date"}, "the date of that holiday is not known here"),
        (stock(), {"value": "unknown", "why": "no_product"}, "what it is about has not been found yet"),
        (
            below(5),
            {"value": "unknown", "why": "no_reference", "at": MONDAY},
            "there is no earlier price to measure a drop from",
        ),
        (
            below(5),
            {"value": "unknown", "why": "other_currency", "price": Money(minor=700, currency="EUR")},
            "it costs €7, in another currency than was asked for",
        ),
        (
            below(5),
            {"value": "unknown", "why": "stale", "at": MONDAY - timedelta(days=2)},
            "it was last read on Saturday, too long ago to go by",
        ),
        (stock(), {"value": "true", "units": 4}, "4 in stock"),
    ],
)
def test_each_reason(leaf: Any, truth: dict[str, Any], said: str) -> None:
    assert reason(leaf, Truth.model_validate(truth), MONDAY, FRAME) == said


@pytest.mark.parametrize(
    ("condition", "readings", "said"),
    [
        (both(SUNNY, THURSDAY), sky(SUN), "on Thursday 8 AM at the earliest"),
        (both(SUNNY, THURSDAY), sky(RAIN), "on Thursday, Dec 10 8 AM at the earliest"),
        (below(5000), costs(4000), "now"),
        (below(5000), costs(6000), "today 9 AM at the earliest"),
        (both(THURSDAY, FRIDAY), {}, "nothing fits before Wednesday, Dec 23"),
    ],
)
def test_the_estimate(condition: Condition, readings: dict[Watch, Any], said: str) -> None:
    assert estimate(evaluate(condition, readings, MONDAY, FRAME), MONDAY, FRAME) == said


@settings(max_examples=150, deadline=None)
@given(any_condition, any_moment, st.data())
def test_what_hangs_on_nothing_else_would_turn_it(condition: Condition, now: datetime, data: st.DataObject) -> None:
    frame = frame_from()
    truth = evaluate(condition, data.draw(any_readings(now)), now, frame).truth
    blockers = blocking(condition, truth)
    assert bool(blockers) is (truth.value != "true")


@settings(max_examples=150, deadline=None)
@given(any_condition, any_moment, st.data())
def test_every_figure_that_is_told_was_read(condition: Condition, now: datetime, data: st.DataObject) -> None:
    """Amounts and percents come from a reading or from what was asked."""
    readings = data.draw(any_readings(now))
    frame = frame_from()
    told = reasoning(condition, evaluate(condition, readings, now, frame), now, frame)
    read = {f"${reading.amount.minor / 100:g}" for reading in readings.values() if isinstance(reading, PriceReading)}
    asked = {"$50", "$70"}
    prices = {one.removesuffix(".00") for one in re.findall(r"\$[\d.]*\d", told)}
    assert {float(one[1:]) for one in prices} <= {float(one[1:]) for one in read | asked}
    if SKY not in readings:
        assert "forecast says" not in told
        assert "looks right" not in told


def test_weather_of_an_unnamed_sky_is_told_by_what_fails() -> None:
    mild = WeatherLeaf.model_validate({"temperature_c": {"min": 18}, "is": "dry", "text": "x"})
    wet = RAIN.model_copy(update={"temperature_c": 20.0})
    assert "says rain" in why(both(mild, THURSDAY), sky(wet))
    cold = SUN.model_copy(update={"temperature_c": 4.5})
    assert "says 4.5 °C" in why(both(mild, THURSDAY), sky(cold))
