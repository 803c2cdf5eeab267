"""Conditions in words: the sentence, the logic map as the spec has it, and a few words for a leaf without any."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from shared.discovery.conditions import CalendarLeaf, Condition, InventoryLeaf, PriceLeaf, Range, WeatherLeaf
from shared.standing.wording import leaf_words, sentence, watch_words, watched
from tests.standing.worlds import RAINY, SUNNY, THURSDAY, ZONE, below, both, either, no, stock, usd

FRIDAYS = CalendarLeaf(recurrence="FREQ=WEEKLY;BYDAY=FR", text="every Friday")
WARM_AND_CALM = WeatherLeaf(temperature_c=Range(min=20), wind_kmh=Range(max=15), text="nice")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (both(SUNNY, THURSDAY, below(6000)), "when Thursday is sunny and it costs less than $60"),
        (both(SUNNY, THURSDAY, below(6000, at_most=True)), "when Thursday is sunny and it costs at most $60"),
        (SUNNY, "when it is sunny"),
        (THURSDAY, "when it is Thursday"),
        (FRIDAYS, "every Friday"),
        (both(FRIDAYS, no(RAINY)), "every Friday when it is not rainy"),
        (both(no(RAINY), CalendarLeaf(weekdays=("sat", "sun"), text="w")), "when Saturday or Sunday is not rainy"),
        (both(WARM_AND_CALM, THURSDAY), "when Thursday reaches at least 20 °C and has wind of no more than 15 km/h"),
        (SUNNY.model_copy(update={"daypart": "morning"}), "when it is sunny in the morning"),
        (stock(), "when it is in stock"),
        (stock(3), "when at least 3 are in stock"),
        (either(stock(), below(5000)), "when it is in stock or it costs less than $50"),
        (both(THURSDAY, either(stock(), SUNNY)), "when it is Thursday and (it is in stock or it is sunny)"),
        (no(both(SUNNY, THURSDAY)), "when not (it is sunny and it is Thursday)"),
        (no(no(WARM_AND_CALM)), "when not (not (it reaches at least 20 °C and has wind of no more than 15 km/h))"),
        (PriceLeaf(item="cake", drop_percent=20, text="x"), "when cake costs at least 20 % less"),
        (PriceLeaf(item="figs", below=usd(450), text="x"), "when figs cost less than $4.50"),
        (InventoryLeaf(item="figs", at_least=2, text="x"), "when at least 2 figs are in stock"),
        (CalendarLeaf(date=date(2026, 12, 3), weekdays=("thu",), text="x"), "when it is Thursday, Dec 3, 2026"),
        (CalendarLeaf(holiday="mother's day", text="x"), "when it is mother's day"),
        (
            CalendarLeaf(
                from_=datetime(2026, 11, 27, tzinfo=ZONE), to=datetime(2026, 12, 4, 17, tzinfo=ZONE), text="x"
            ),
            "when it is from Friday, Nov 27, 2026 until Friday, Dec 4, 2026, 17:00",
        ),
    ],
)
def test_one_sentence(condition: Condition, said: str) -> None:
    assert sentence(condition, "roses") == said


def test_the_logic_map_reads_as_the_spec_has_it() -> None:
    assert watch_words(both(SUNNY, THURSDAY), "Order Flowers") == (
        "IF (Weather == Sunny) AND (Day == Thursday) → THEN (Order Flowers)"
    )


@pytest.mark.parametrize(
    ("condition", "logic"),
    [
        (None, "(Now)"),
        (stock(3), "(Stock of roses ≥ 3)"),
        (below(5000), "(Price of roses < $50)"),
        (below(5000, at_most=True, drop_percent=10), "(Price of roses ≤ $50) AND (Price of roses down 10 %)"),
        (no(SUNNY), "NOT (Weather == Sunny)"),
        (no(both(SUNNY, THURSDAY)), "NOT ((Weather == Sunny) AND (Day == Thursday))"),
        (no(WARM_AND_CALM), "NOT ((Temperature ≥ 20 °C) AND (Wind ≤ 15 km/h))"),
        (
            either(both(SUNNY, THURSDAY), no(RAINY)),
            "((Weather == Sunny) AND (Day == Thursday)) OR NOT (Weather == Rainy)",
        ),
        (both(either(SUNNY, RAINY), THURSDAY), "((Weather == Sunny) OR (Weather == Rainy)) AND (Day == Thursday)"),
        (either(WARM_AND_CALM, stock()), "((Temperature ≥ 20 °C) AND (Wind ≤ 15 km/h)) OR (Stock of roses ≥ 1)"),
        (both(SUNNY.model_copy(update={"daypart": "morning"})), "(Weather == Sunny) AND (Time == Morning)"),
    ],
)
def test_the_logic_map_of_any_tree(condition: Condition | None, logic: str) -> None:
    assert watch_words(condition, "X") == f"IF {logic} → THEN (X)"


def test_what_is_watched_is_told_as_it_was_said() -> None:
    assert watched(either(both(SUNNY, THURSDAY), no(RAINY))) == ["sunny", "Thursday", "rains"]
    assert watched(None) == []


def test_a_leaf_without_words_gets_some() -> None:
    leaves = (SUNNY, THURSDAY, stock(), below(100))
    assert [leaf_words(leaf) for leaf in leaves] == [
        "sunny",
        "Thursday",
        "roses are in stock",
        "roses cost less than $1",
    ]
