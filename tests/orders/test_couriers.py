"""Couriers: who can bring what, for how much, by when; and who of many is looked at."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import Point
from shared.logistics.timechain.buffers import buffer_minutes
from shared.logistics.timechain.minutes import NEVER, minute_from
from shared.orders.couriers import CARRIERS_TRIED, Load, Round, of_offer, of_worker, shortlist, workers_for
from shared.orders.rounds import slowest_minutes, whole_km
from tests.orders.made_up import DAY, HOME, MONDAY, START, hours, somewhere, walked
from tests.orders.people import chosen, partner, place, product, worker

SHOP = Point(lat=30.30, lng=-97.75)
PATH = (SHOP, HOME)
WORDS = Taxonomy.model_validate(
    {
        "categories": {
            "courier": {"names": ["courier"], "capabilities": ["delivery"]},
            "cold-courier": {"names": ["cold"], "parent": "courier", "capabilities": ["cold-chain"]},
        },
        "capabilities": {
            "delivery": {"names": ["delivery"], "kind": "delivery"},
            "cold-chain": {"names": ["cold"], "kind": "delivery"},
        },
        "attributes": {}, "occasions": {}, "recipients": {},
    }
)  # fmt: skip


def load(**more: Any) -> Load:
    return Load(**{"doors": (SHOP,), "to": HOME, "pieces": 3, "is_cold": False, **more})


def test_a_worker_is_paid_by_job_and_kilometre_and_sets_out_from_where_it_is() -> None:
    far = Point(lat=30.35, lng=-97.75)
    one = of_worker(worker(place=place(far)))
    assert one.price_minor(PATH) == 700 + 60 * whole_km(PATH)
    approach = slowest_minutes(far, SHOP, "car")
    ride = walked([SHOP, HOME], MONDAY + timedelta(minutes=approach))
    reserve = buffer_minutes("delivery", ride, one.reliability)
    assert one.ends(PATH, "delivery", START, START) == START + approach + ride + reserve


@pytest.mark.parametrize(
    ("who", "more", "fits"),
    [
        ({}, {}, True),
        ({"carry_litres": 29}, {}, False),
        ({"carry_litres": 30}, {}, True),
        ({}, {"is_cold": True}, False),
        ({"vehicle": "cold-van"}, {"is_cold": True}, True),
        ({"vehicle": "van"}, {"is_cold": True}, False),
        ({"reach_km": 4}, {}, False),
        ({"reach_km": 4, "place": place(SHOP)}, {}, False),
        ({"reach_km": 6, "place": place(SHOP)}, {}, True),
    ],
)
def test_what_fits_where(who: dict[str, Any], more: dict[str, Any], fits: bool) -> None:
    assert load(**more).fits(of_worker(worker(carry_litres=who.pop("carry_litres", 100), **who))) is fits


def test_offers_of_the_catalog_cost_their_price_and_say_whether_they_are_cold() -> None:
    firm = partner("firm")
    plain = of_offer(chosen(at=firm, of=product("firm", price=900, category="courier", lead_minutes=45)), WORDS)
    cold = of_offer(chosen(at=firm, of=product("firm", category="cold-courier")), WORDS)
    assert (plain.price_minor(PATH), plain.notice(PATH), plain.is_cold) == (900, 45, False)
    assert (cold.is_cold, load(is_cold=True, pieces=9_000).fits(cold)) == (True, True)


def test_only_those_who_work_and_can_be_paid() -> None:
    people = [worker("a"), worker("b", status="paused")]
    assert [one.id for one in workers_for(people, "USD")] == ["a"]
    assert workers_for(people, "EUR") == ()


def test_work_begins_in_hours_and_ends_in_them() -> None:
    one = of_worker(worker(place=place(SHOP), hours=DAY))
    late = minute_from(MONDAY + timedelta(hours=6, minutes=50))  # ten to five in the afternoon
    morning = MONDAY.replace(day=24, hour=15)
    assert one.sets_out(PATH, late, START) == minute_from(morning)
    ride = walked([SHOP, HOME], morning)
    reserve = buffer_minutes("delivery", ride, one.reliability, is_rush=True)
    assert one.ends(PATH, "delivery", late, START) == minute_from(morning) + ride + reserve
    assert of_worker(worker(hours=hours("closed"))).ends(PATH, "delivery", START, START) == NEVER


@pytest.mark.parametrize("seed", range(30))
def test_nobody_who_is_quicker_and_cheaper_is_left_out(seed: int) -> None:
    random = Random(seed)
    people = [
        of_worker(
            worker(
                f"w{n}", place=place(somewhere(random)), minor_per_job=random.randint(300, 2_000), reach_km=60,
                hours=random.choice((DAY, hours("12:00-22:00"), hours("6:00-9:00"))),
            )
        )
        for n in range(30)
    ]  # fmt: skip
    doors = (somewhere(random), somewhere(random))
    asked = Round(load(doors=doors), "delivery", START + random.randint(0, 1_000), START)
    found = shortlist(people, [asked], CARRIERS_TRIED)
    assert len(found) == CARRIERS_TRIED
    for by in map(asked.ends, people):
        cheapest = min(one.price_minor(asked.path) for one in people if asked.ends(one) <= by)
        assert any(one.price_minor(asked.path) == cheapest and asked.ends(one) <= by for one in found)


def test_a_way_is_never_slower_than_the_leg_will_be() -> None:
    one = of_worker(worker(hours=DAY))
    way = one.way(PATH, "delivery", START)
    for depart in range(START, START + 2_880, 37):
        there = way.arrive(depart)
        assert depart + way.least <= there <= one.ends(PATH, "delivery", depart, START)
        assert way.depart_by(there) >= depart
