"""Coming along with what is on its way: one door more, or a detour; by hand, from legs alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.logistics.geo import Point
from shared.logistics.timechain.minutes import minute_from
from shared.money.amounts import Money
from shared.orders.couriers import Load, of_worker
from shared.orders.joining import Joined, carrier_of, joined
from shared.orders.order import Destination, Order, OrderLeg
from shared.orders.planning import planned
from shared.orders.rounds import whole_km
from tests.orders.made_up import ALWAYS, HOME, MONDAY, START, courier, hub, leg, maker, walked
from tests.orders.people import worker

A, B, NEW = Point(lat=30.30, lng=-97.75), Point(lat=30.28, lng=-97.76), Point(lat=30.29, lng=-97.72)
WEEK = START + 10_000


def order_of(*legs: OrderLeg) -> Order:
    timed, _ = planned(legs, START, WEEK, {one.id: "high" for one in legs if one.role in {"delivery", "transport"}})
    begun = {one.id: one for one in legs}
    facts = tuple(
        one.model_copy(update={"began": begun[one.id].began, "ended": begun[one.id].ended}) for one in timed
    )
    return Order.model_validate(
        {
            "id": "o", "customer": "ann", "legs": facts, "total": Money(minor=1_000, currency="USD"), "currency": "USD",
            "deliver_to": Destination(address="home", lat=HOME.lat, lng=HOME.lng), "deliver_by": MONDAY + timedelta(7),
            "begins": MONDAY, "arrives": MONDAY, "method": "card", "created_at": MONDAY, "updated_at": MONDAY,
        }
    )  # fmt: skip


def by_worker(number: int, to: Point, *after: int, **more: Any) -> OrderLeg:
    made = courier(number, to, *after, hours=ALWAYS)
    return made.model_copy(update={"party": "worker", "partner": "w", **more})


WORKER = of_worker(worker("w"))
LOAD = Load((NEW,), HOME, 1, is_cold=False)
COLD = Load((NEW,), HOME, 1, is_cold=True)


def new(ready: datetime = MONDAY) -> OrderLeg:
    return maker(9, NEW, 0).model_copy(update={"starts": ready, "ends": ready})


def test_a_round_that_has_not_begun_goes_to_one_door_more_and_costs_its_kilometres() -> None:
    order = order_of(maker(1, A, 0), maker(2, B, 0), by_worker(3, HOME, 1, 2))
    found = joined(order, [new()], LOAD, [WORKER], MONDAY)
    assert found is not None
    assert found.order.legs[2].after == ("leg-1", "leg-2", "leg-9")
    assert found.longer == {}
    ways = [(A, B, HOME), (NEW, A, B, HOME)]
    assert found.more_minor == 60 * (whole_km(ways[1]) - whole_km(ways[0]))


def test_what_goes_to_a_hub_is_fetched_for_the_hub() -> None:
    to_hub = Point(lat=30.2684, lng=-97.7408)
    fetch = courier(2, to_hub, 1, kind="pickup", hours=ALWAYS)
    order = order_of(maker(1, A, 0), fetch, hub(3, 30, 2), by_worker(4, HOME, 3))
    found = joined(order, [new()], LOAD, [WORKER], MONDAY)
    assert found is not None
    assert found.order.legs[1].after == ("leg-1", "leg-9")
    gone = order.model_copy(
        update={
            "legs": tuple(
                one.model_copy(update={"began": MONDAY, "ended": MONDAY}) if one.id == "leg-2" else one
                for one in order.legs
            )
        }
    )
    late = joined(gone, [new()], LOAD, [WORKER], MONDAY)
    assert late is not None
    assert late.order.legs[3].after == ("leg-3", "leg-9"), "who has left is not called back"


@pytest.mark.parametrize(("vehicle", "goes"), [("car", False), ("cold-van", True)])
def test_what_is_cold_goes_only_with_who_keeps_it_so(vehicle: Any, goes: bool) -> None:
    order = order_of(maker(1, A, 0), by_worker(2, HOME, 1))
    found = joined(order, [new()], COLD, [of_worker(worker("w", vehicle=vehicle))], MONDAY)
    assert (found is not None) is goes
    assert joined(order, [new()], COLD, [], MONDAY) is None, "nobody knows whether it is cold there"
    assert joined(order, [new()], LOAD, [], MONDAY) is not None


def drive(began: datetime | None = None) -> OrderLeg:
    made = leg(1, courier(1, HOME, hours=ALWAYS).timing.model_copy(update={"minutes": 120}), role="transport")
    return made.model_copy(update={"began": began})


@pytest.mark.parametrize("waits", [0, 90])
def test_somebody_who_drives_makes_a_detour_and_waits_until_it_is_ready(waits: int) -> None:
    order = order_of(drive())
    ready = MONDAY + timedelta(minutes=waits)
    found = joined(order, [new(ready)], LOAD, [], MONDAY)
    there = walked([HOME, NEW], MONDAY) - 10
    back_at = max(there, waits) + 10
    back = walked([NEW, HOME], MONDAY + timedelta(minutes=back_at)) - 10
    assert found == Joined(found.order, {"leg-1": back_at + back}) if found else False
    assert joined(order_of(drive().model_copy(update={"ended": MONDAY})), [new()], LOAD, [], MONDAY) is None


def test_a_round_under_way_turns_aside_where_it_costs_least() -> None:
    out = MONDAY
    under_way = by_worker(3, HOME, 1, 2, began=out)
    order = order_of(maker(1, A, 0), maker(2, B, 0), under_way)
    first = walked([A, B], out)
    now = out + timedelta(minutes=first + 1)  # at B, with the way home before it
    found = joined(order, [new(now)], LOAD, [WORKER], now)
    assert found is not None
    direct = walked([B, HOME], now)
    aside = walked([B, NEW, HOME], now)
    assert found.longer == {"leg-3": aside - direct}
    assert found.order.legs[2].after == ("leg-1", "leg-2"), "its doors are what they were"


def test_nobody_comes_anyway() -> None:
    assert joined(order_of(maker(1, A, 0)), [new()], LOAD, [WORKER], MONDAY) is None


def test_who_does_a_round_is_known_by_party_and_offer() -> None:
    mine = by_worker(2, HOME, 1)
    assert carrier_of(mine, [of_worker(worker("other")), WORKER]) == WORKER
    assert carrier_of(courier(2, HOME, 1), [WORKER]) is None
    assert minute_from(MONDAY) == START
