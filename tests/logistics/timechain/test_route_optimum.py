"""One courier's round against CP-SAT, and against trying every order where travel changes by the hour."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from shared.logistics.timechain.fleet import route_many
from shared.logistics.timechain.route import BadRound, Courier, Stop, Table, Ways, route_one
from shared.logistics.timechain.ways import way_by_samples
from tests.logistics.timechain.generated import round_of
from tests.logistics.timechain.oracle import least_end
from tests.logistics.timechain.rules import check_rounds

# name → jobs (a pickup, mostly with its delivery), instances.
CLASSES = {"two jobs": (2, 500), "four jobs": (4, 500)}


@pytest.mark.parametrize("name", CLASSES)
def test_the_round_is_the_optimum(name: str) -> None:
    jobs, instances = CLASSES[name]
    impossible = 0
    for seed in range(instances):
        (courier,), stops, ways = round_of(Random(f"{name} {seed}"), jobs)
        found = route_one(courier, stops, ways)
        assert (found and found.finish) == least_end(courier, stops, ways), f"{name}: seed {seed}"
        impossible += found is None
    print(f"{name}: seeds 0 to {instances - 1}, {impossible} impossible")
    assert 0 < impossible < instances * 0.8


def tried(courier: Courier, stops: list[Stop], ways: Ways) -> int | None:
    """The end of the best of all orders."""
    table, ends = Table(stops, ways, [courier.id]), []
    for order in permutations(range(len(stops))):
        place, now, load, is_kept = len(stops), courier.start, 0, True
        for step, number in enumerate(order):
            load += stops[number].load
            is_kept = is_kept and load <= courier.load_max and table.after[number] in (-1, *order[:step])
            now, place = table.end(place, now, number), number
        if is_kept and now <= courier.until:
            ends.append(now)
    return min(ends, default=None)


@pytest.mark.parametrize("seed", range(60))
def test_travel_by_the_hour(seed: int) -> None:
    random = Random(seed)
    (courier,), stops, ways = round_of(random, 3)
    slow = {
        pair: way_by_samples([(hour, round(minutes * random.uniform(0.5, 2.5))) for hour in range(0, 600, 60)])
        for pair, minutes in ways.items()
    }
    found = route_one(courier, stops, slow)
    assert (found and found.finish) == tried(courier, stops, slow)


@pytest.mark.parametrize("seed", range(30))
def test_several_couriers_keep_every_rule(seed: int) -> None:
    couriers, stops, ways = round_of(Random(seed), 8, couriers=3)
    check_rounds(couriers, stops, ways, route_many(couriers, stops, ways))


def test_several_couriers_are_hardly_worse_than_the_best_round_where_there_is_one() -> None:
    ours = best = 0
    for seed in range(60):
        couriers, stops, ways = round_of(Random(seed), 4)
        alone = route_one(couriers[0], stops, ways)
        found = route_many(couriers, stops, ways)
        if alone is None:
            assert found.left
        elif not found.left:
            ours, best = ours + found.routes[0].finish, best + alone.finish
    assert best <= ours <= best * 1.01


def test_what_makes_no_round() -> None:
    courier = Courier("c", 0)
    with pytest.raises(BadRound, match="at most 16"):
        route_one(courier, [Stop(str(n), 1) for n in range(17)], {})
    with pytest.raises(BadRound, match="same id"):
        route_one(courier, [Stop("a", 1), Stop("a", 1)], {})
    with pytest.raises(BadRound, match="'b' is no stop"):
        route_one(courier, [Stop("a", 1, after="b")], {})
    with pytest.raises(BadRound, match="circle"):
        route_many([courier], [Stop("a", 1, after="b"), Stop("b", 1, after="a")], {})
    with pytest.raises(BadRound, match="two stops"):
        route_many([courier], [Stop("a", 1), Stop("b", 1, after="a"), Stop("c", 1, after="a")], {})


def test_nothing_to_visit_and_no_way() -> None:
    courier = Courier("c", 5)
    assert (found := route_one(courier, [], {})) is not None
    assert found.finish == 5
    assert route_one(courier, [Stop("a", 1)], {}) is None
    assert route_many([courier], [Stop("a", 1)], {}).left == ("a",)
