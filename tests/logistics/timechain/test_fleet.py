"""Rounds that go on from another planner's orders, and which of two plans is the better one."""

from __future__ import annotations

from random import Random

import pytest

from shared.logistics.timechain.fleet import Rounds, route_many
from shared.logistics.timechain.route import Courier, Route, Stop
from tests.logistics.timechain.generated import round_of
from tests.logistics.timechain.rules import check_rounds


@pytest.mark.parametrize("seed", range(20))
def test_whatever_it_starts_from_the_rules_hold(seed: int) -> None:
    random = Random(seed)
    couriers, stops, ways = round_of(random, 6, couriers=2)
    begun: dict[str, list[str]] = {courier.id: [] for courier in couriers}
    for stop in random.sample(stops, len(stops)):  # whole jobs, in an order that keeps few windows
        if stop.after is None:
            begun[random.choice(couriers).id] += [stop.id, *(one.id for one in stops if one.after == stop.id)]
    check_rounds(couriers, stops, ways, route_many(couriers, stops, ways, begun))


@pytest.mark.parametrize("seed", range(20))
def test_it_never_ends_worse_than_it_started(seed: int) -> None:
    couriers, stops, ways = round_of(Random(seed), 6, couriers=2)
    first = route_many(couriers, stops, ways)
    again = route_many(couriers, stops, ways, {route.courier: route.stops for route in first.routes})
    assert again.cost(couriers, stops) <= first.cost(couriers, stops)


def test_the_cost_counts_jobs_before_minutes() -> None:
    couriers = [Courier("c", 10), Courier("d", 20)]
    stops = [Stop("a", 1), Stop("b", 1, after="a"), Stop("e", 1)]
    assert Rounds((Route("d", ("e",), (29,), 30),), ("a", "b")).cost(couriers, stops) == (1, 10)
    both = Rounds((Route("c", ("a", "b"), (1, 2), 40), Route("d", ("e",), (1,), 50)), ())
    assert both.cost(couriers, stops) == (0, 60)
