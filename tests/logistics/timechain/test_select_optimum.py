"""Choices against CP-SAT and against trying everything: the same least cost, and the same orders that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, product
from random import Random

import pytest

from shared.logistics.timechain.choices import BadOrder, Choice, Order, Pick, chain_of
from shared.logistics.timechain.schedule import plan
from shared.logistics.timechain.select import frontier, next_best, select
from tests.logistics.timechain.generated import order
from tests.logistics.timechain.oracle import least_cost

# name → items, vendors and customizers of each, instances.
CLASSES = {"one item, wide choice": (1, 4, 500), "two items": (2, 3, 500), "four items": (4, 2, 500)}


@pytest.mark.parametrize("name", CLASSES)
def test_the_cost_is_the_optimum(name: str) -> None:
    items, choices, instances = CLASSES[name]
    impossible = 0
    for seed in range(instances):
        one = order(Random(f"{name} {seed}"), items, choices)
        found = select(one)
        assert (found and found.cost) == least_cost(one), f"{name}: seed {seed}"
        if found is None:
            impossible += 1
        else:
            planned = plan(chain_of(one, found))
            assert planned.is_feasible
            assert planned.finish == found.finish
    print(f"{name}: seeds 0 to {instances - 1}, {impossible} impossible")
    assert 0 < impossible < instances * 0.8


def every_choice(one: Order) -> Iterator[Choice]:
    """Every way to choose, planned as a chain and priced by adding up."""
    per_item = [
        [Pick(item.id, vendor.id, other) for vendor in item.vendors for other in _names(item.customizers)]
        for item in one.items
    ]
    cost = {c.id: c.cost for group in _groups(one) for c in group}
    for hub, courier, *picks in product(_names(one.hubs), _names(one.couriers), *per_item):
        ids = [(pick.vendor, pick.customizer, hub) if pick.customizer else (pick.vendor, hub) for pick in picks]
        ways = [*(pair for chain in ids for pair in pairwise(chain)), (hub, courier)]
        choice = Choice(tuple(picks), hub, courier, 0, 0)
        try:
            finish = plan(chain_of(replace(one, deadline=None), choice)).finish
        except BadOrder:
            continue
        if finish is not None:
            people = [name for chain in ids for name in chain[:-1]] + [hub, courier]
            total = sum(cost[name] for name in people) + sum(one.transfers[way].cost for way in ways)
            yield replace(choice, finish=finish, cost=total)


def _names(candidates: tuple) -> list:
    return [one.id for one in candidates] or [None]


def _groups(one: Order) -> list:
    return [one.hubs, one.couriers, *(item.vendors for item in one.items), *(item.customizers for item in one.items)]


@pytest.mark.parametrize("seed", range(60))
def test_frontier_and_the_next_best_are_what_trying_everything_finds(seed: int) -> None:
    one = order(Random(seed), 2, 2)
    tried = sorted(every_choice(one), key=lambda choice: (choice.finish, choice.cost))
    best: list[tuple[int, int]] = []
    for choice in tried:
        if not best or choice.cost < best[-1][1]:
            best.append((choice.finish, choice.cost))
    assert [(choice.finish, choice.cost) for choice in frontier(one)] == best
    in_time = [choice for choice in tried if choice.finish <= (one.deadline or 0)]
    costs = sorted(choice.cost for choice in in_time)
    found = next_best(one, 10)
    assert [choice.cost for choice in found] == costs[:10]
    assert len(set(found)) == len(found)
    assert set(found) <= set(in_time)
    if found:
        assert select(one) == min(in_time, key=lambda choice: (choice.cost, choice.finish))
    else:
        assert select(one) is None
