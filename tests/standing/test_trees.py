"""Conditions as agents send them: strict, each problem by its path, hostile input harmless; and as they read them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import Branch, CalendarLeaf, Condition, InventoryLeaf, PriceLeaf, WeatherLeaf, leaves
from shared.standing.readings import PriceReading, StockReading, Watch
from shared.standing.trees import BadConditions, parsed, shown
from shared.standing.truth import evaluate
from tests.standing.worlds import (
    FLOWERS,
    MONDAY,
    RAIN,
    SKY,
    SUNNY,
    THURSDAY,
    any_condition,
    below,
    both,
    either,
    forecast,
    frame_from,
    no,
    stock,
    usd,
)

SUNNY_THURSDAY = {
    "op": "and",
    "of": [{"type": "weather", "is": "sunny"}, {"type": "calendar", "weekdays": ["thu"]}],
}


def problems(raw: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadConditions) as caught:
        parsed(raw)
    return [(error.field, error.message) for error in caught.value.errors]


def test_a_tree_is_read_and_gets_its_words() -> None:
    tree = parsed(SUNNY_THURSDAY)
    assert isinstance(tree, Branch)
    sky, day = tree.of
    assert isinstance(sky, WeatherLeaf) and isinstance(day, CalendarLeaf)
    assert (sky.is_, sky.text, day.weekdays, day.text) == ("sunny", "sunny", ("thu",), "Thursday")


@settings(max_examples=100, deadline=None)
@given(any_condition)
def test_what_is_written_is_read_again(condition: Condition) -> None:
    raw = json.loads(condition.model_dump_json(by_alias=True, exclude_none=True))
    assert parsed(raw) == condition


def test_every_kind_of_leaf_with_all_its_fields() -> None:
    raw = {
        "op": "or",
        "of": [
            {
                "type": "weather",
                "temperature_c": {"min": 18, "max": 25.5},
                "wind_kmh": {"max": 15},
                "daypart": "morning",
            },
            {"type": "calendar", "from": "2026-11-27T00:00:00-06:00", "to": "2026-12-04T23:59:00-06:00"},
            {"type": "calendar", "date": "2026-12-02", "holiday": "hanukkah", "text": "the second light"},
            {"type": "calendar", "recurrence": "FREQ=WEEKLY;BYDAY=FR"},
            {"type": "inventory", "item": "roses", "at_least": 12, "product": FLOWERS},
            {"type": "price", "item": "roses", "below": {"minor": 5000, "currency": "USD"}, "drop_percent": 20},
        ],
    }
    found = leaves(parsed(raw))
    assert isinstance(found[4], InventoryLeaf) and isinstance(found[5], PriceLeaf)
    assert (found[4].product, found[5].below) == (FLOWERS, usd(5000))
    assert [leaf.text for leaf in found] == [
        "reaches 18 to 25.5 °C and has wind of no more than 15 km/h in the morning",
        "from Friday, Nov 27, 2026 until Friday, Dec 4, 2026",
        "the second light",
        "FREQ=WEEKLY;BYDAY=FR",
        "at least 12 roses are in stock",
        "roses cost less than $50 and cost at least 20 % less",
    ]


@pytest.mark.parametrize(
    ("raw", "path", "words"),
    [
        (None, "conditions", "It is an object"),
        ([], "conditions", "It is an object"),
        ("sunny", "conditions", "It is an object"),
        ({}, "conditions.type", "one of weather, calendar, inventory, price"),
        ({"type": "moon"}, "conditions.type", "one of weather"),
        ({"type": ["weather"]}, "conditions.type", "one of weather"),
        ({"op": "xor", "of": []}, "conditions.op", "one of and, or, not"),
        ({"op": "and"}, "conditions.of", "list of 1 to 10"),
        ({"op": "and", "of": []}, "conditions.of", "list of 1 to 10"),
        ({"op": "and", "of": [SUNNY_THURSDAY] * 11}, "conditions.of", "list of 1 to 10"),
        ({"op": "not", "of": [SUNNY_THURSDAY] * 2}, "conditions.of", "exactly one"),
        ({"op": "and", "of": [SUNNY_THURSDAY], "when": 1}, "conditions.when", "`op` and `of` alone"),
        ({"op": "and", "of": [SUNNY_THURSDAY, {"op": "or", "of": [7]}]}, "conditions.of[1].of[0]", "It is an object"),
        ({"type": "weather", "is": "lovely"}, "conditions.is", "'sunny'"),
        ({"type": "weather", "is": "sunny", "moon": 1}, "conditions.moon", "Extra inputs"),
        ({"type": "weather", "temperature_c": {"min": "18"}}, "conditions.temperature_c.min", "valid number"),
        ({"type": "weather", "temperature_c": {"least": 18}}, "conditions.temperature_c.least", "Extra inputs"),
        ({"type": "calendar", "weekdays": ["thu", "xmas"]}, "conditions.weekdays[1]", "'mon'"),
        ({"type": "calendar", "date": "2026-13-01"}, "conditions.date", "date"),
        ({"type": "calendar", "from": "2026-11-27T00:00:00"}, "conditions.from", "timezone"),
        ({"type": "inventory"}, "conditions.item", "required"),
        ({"type": "inventory", "item": "x", "at_least": True}, "conditions.at_least", "integer"),
        ({"type": "inventory", "item": "x", "at_least": 1.5}, "conditions.at_least", "integer"),
        ({"type": "price", "item": "x", "below": 50}, "conditions.below", "dict|object"),
        (
            {"type": "price", "item": "x", "below": {"minor": 50, "currency": "bucks"}},
            "conditions.below.currency",
            "ISO 4217",
        ),
        ({"type": "price", "item": "x", "drop_percent": 100}, "conditions.drop_percent", "less than or equal to 99"),
    ],
)
def test_each_problem_is_named_by_its_path(raw: Any, path: str, words: str) -> None:
    told = problems(raw)
    assert [field for field, _ in told] == [path]
    assert re.search(words, told[0][1]), told[0][1]


def test_all_problems_are_told_at_once_but_not_without_end() -> None:
    bad = {"type": "weather", "is": "lovely", "wind_kmh": 3}
    paths = [field for field, _ in problems({"op": "or", "of": [bad, SUNNY_THURSDAY, {"type": "price"}]})]
    assert paths == ["conditions.of[0].is", "conditions.of[0].wind_kmh", "conditions.of[2].item"]
    assert len(problems({"op": "or", "of": [{"op": "or", "of": [bad] * 3}] * 9})) == 20


def test_a_tree_that_is_too_deep_or_too_large_costs_nothing() -> None:
    deep: Any = {"type": "weather", "is": "sunny"}
    for _ in range(5_000):
        deep = {"op": "not", "of": [deep]}
    assert "5 deep at most" in problems(deep)[0][1]
    wide = {"op": "or", "of": [{"op": "or", "of": [SUNNY_THURSDAY] * 10}] * 10}
    assert any("write fewer" in message for _, message in problems(wide))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(("type", "op", "of", "is", "text", "item", "below", "at_least", "date", "from", "recurrence"))
WORDS = st.sampled_from(("weather", "calendar", "inventory", "price", "and", "not", "sunny"))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, WORDS | json_values, max_size=6))
def test_any_json_is_a_tree_or_refused_by_name(raw: Any) -> None:
    try:
        parsed(raw, "body.conditions")
    except BadConditions as bad:
        assert bad.errors
        assert all(error.field.startswith("body.conditions") and error.message for error in bad.errors)


def test_each_leaf_is_shown_with_its_last_value_and_when_it_was_read() -> None:
    condition = both(SUNNY, THURSDAY, either(no(stock(3)), below(5000)))
    readings = {
        SKY: forecast(MONDAY, otherwise=RAIN),
        Watch("stock", FLOWERS): StockReading(at=MONDAY, units=4),
        Watch("price", FLOWERS): PriceReading(at=MONDAY, amount=usd(6200)),
    }
    frame = frame_from()
    tree = shown(condition, evaluate(condition, readings, MONDAY, frame).truth, MONDAY, frame)
    json.dumps(tree)
    assert (tree["op"], tree["truth"]) == ("and", "false")
    sky, day, other = tree["of"]
    assert (sky["type"], sky["is"], sky["truth"], sky["day"]) == ("weather", "sunny", "false", "2026-11-26")
    assert sky["read_at"] == MONDAY.isoformat()
    assert sky["value"]["rain_max"] == 80
    assert sky["reason"] == "Thursday: rain 80 %, cloud up to 95 %, 14 °C, wind 20 km/h"
    assert (day["value"], day["reason"]) == (None, "next on Thursday")
    in_stock, price = other["of"][0]["of"][0], other["of"][1]
    assert (in_stock["value"], in_stock["truth"], in_stock["reason"]) == (4, "true", "4 in stock")
    assert price["value"] == {"minor": 6200, "currency": "USD"}
    assert price["reason"] == "it costs $62, you asked for less than $50"
    assert parsed(strip(tree)) == condition


def strip(tree: Any) -> Any:
    """Without what a look adds, it is a tree that can be sent."""
    if "of" in tree:
        return {"op": tree["op"], "of": [strip(child) for child in tree["of"]]}
    return {key: value for key, value in tree.items() if key not in {"truth", "value", "day", "read_at", "reason"}}
