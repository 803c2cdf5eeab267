"""Hubs that bid: in range, able, with room; the winner's reasons in words."""

from __future__ import annotations

from typing import Any

import pytest

from shared.discovery.partners import Capability
from shared.logistics.geo import Point
from shared.orders.couriers import Load
from shared.orders.hubs import ASKED_MAX, Day, able_hubs, bids, why
from tests.orders.made_up import HOME
from tests.orders.people import hub, place

SHOP = Point(lat=30.30, lng=-97.75)
LOAD = Load((SHOP,), HOME, 4, is_cold=False)
COLD = Load((SHOP,), HOME, 4, is_cold=True)


@pytest.mark.parametrize(
    ("more", "load", "is_able"),
    [
        ({}, LOAD, True),
        ({"reach_km": 3}, LOAD, False),
        ({"capabilities": ()}, LOAD, False),
        ({"shelf_litres": 39}, LOAD, False),
        ({"shelf_litres": 40}, LOAD, True),
        ({}, COLD, False),
        ({"cold_litres": 40}, COLD, True),
        ({"capabilities": (Capability(tag="assembly"),), "minor_per_job": 0}, LOAD, False),
    ],
)
def test_who_is_asked(more: dict[str, Any], load: Load, is_able: bool) -> None:
    assert bool(able_hubs([hub(**more)], load, "USD")) is is_able
    assert able_hubs([hub(**more)], load, "EUR") == ()


def test_the_nearest_and_cheapest_are_asked_and_no_more() -> None:
    near = [hub(f"near{n}", 500 + n) for n in range(3)]
    far = [hub(f"far{n}", 500, place=place(Point(lat=30.35, lng=-97.75))) for n in range(3)]
    found = [one.id for one in able_hubs([*far, *near], LOAD, "USD")]
    assert found == ["near0", "near1", "near2", "far0"]
    assert len(found) == ASKED_MAX


def test_a_full_day_is_no_bid_and_a_busy_one_counts_as_dearer() -> None:
    some = [hub("free"), hub("busy"), hub("full"), hub("small", jobs_per_day=5)]
    some += [hub("closed"), hub("larger")]
    days = {"busy": Day(25), "full": Day(50), "small": Day(4), "closed": Day(0, 0), "larger": Day(60, 100)}
    found = bids(some, LOAD, days)
    assert [(one.hub.id, one.jobs, one.jobs_max) for one in found] == [
        ("free", 0, 50), ("busy", 25, 50), ("small", 4, 5), ("larger", 60, 100),
    ]  # fmt: skip
    counts = {one.hub.id: one.counts_minor for one in found}
    assert counts == {"free": 1_200, "busy": 1_400, "small": 1_520, "larger": 1_440}
    assert {one.price_minor for one in found} == {1_200}


def test_the_reasons_name_the_figures_and_the_rivals() -> None:
    found = bids([hub("one"), hub("two", 800)], LOAD, {"one": Day(3)})
    said = why(found[0], found, "USD")
    assert said == (
        "0.0 km from the door, 3 of 50 jobs that day, $12.00; with its couriers the least dear in time, "
        "before two (0.0 km, 0 of 50, $15.00)."
    )
    assert why(found[0], found[:1], "USD").endswith("the least dear in time.")
