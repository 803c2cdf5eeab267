"""What works instead of a choice that is too late."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from shared.logistics.timechain.alternatives import Alternative, alternatives
from shared.logistics.timechain.choices import BadOrder, Candidate, Choice, Item, Order, Pick, Transfer, chain_of
from shared.logistics.timechain.schedule import plan
from shared.logistics.timechain.select import frontier, select
from tests.logistics.timechain.generated import order

GIFT = Order(
    items=(
        Item(
            "blanket",
            (Candidate("weaver", 20, 4_000),),
            (Candidate("stitch", 90, 2_000), Candidate("quick", 40, 3_500)),
        ),
        Item("flowers", (Candidate("florist", 30, 2_500),)),
    ),
    hubs=(Candidate("north", 15, 500), Candidate("south", 15, 900)),
    couriers=(Candidate("bike", 5, 600), Candidate("car", 5, 1_500)),
    transfers={
        ("weaver", "stitch"): Transfer(10),
        ("weaver", "quick"): Transfer(10),
        ("stitch", "north"): Transfer(20),
        ("quick", "north"): Transfer(20),
        ("stitch", "south"): Transfer(5),
        ("quick", "south"): Transfer(5),
        ("florist", "north"): Transfer(10),
        ("florist", "south"): Transfer(10),
        ("north", "bike"): Transfer(40),
        ("north", "car"): Transfer(20),
        ("south", "bike"): Transfer(25),
        ("south", "car"): Transfer(15),
    },
    deadline=185,
)
CHEAPEST = select(replace(GIFT, deadline=None))


def test_a_present_that_would_be_late() -> None:
    assert Choice(
        (Pick("blanket", "weaver", "stitch"), Pick("flowers", "florist", None)), "north", "bike", 200, 9_600
    ) == CHEAPEST
    found = {one.kind: one for one in alternatives(GIFT, CHEAPEST)}
    assert {kind: (one.more_minor, one.finish) for kind, one in found.items()} == {
        "later": (0, 200),
        "hub": (400, 170),
        "courier": (900, 180),
        "vendor": (1_500, 150),
        "split": (1_100, 200),
    }
    first, rest = found["split"].choices
    assert ([pick.item for pick in first.picks], first.finish) == (["flowers"], 100)
    assert [pick.item for pick in rest.picks] == ["blanket"]
    assert [one.kind for one in alternatives(GIFT, CHEAPEST)] == ["later", "hub", "courier", "split", "vendor"]


def test_where_nothing_but_time_helps() -> None:
    assert CHEAPEST is not None
    found = alternatives(replace(GIFT, deadline=20), CHEAPEST)
    assert found == [Alternative("later", (CHEAPEST,), 0, 200)]


@pytest.mark.parametrize("seed", range(80))
def test_each_alternative_holds_and_has_its_price(seed: int) -> None:
    random = Random(seed)
    one = order(random, 3, 2)
    cheapest_last = frontier(one)[-1:]
    if not cheapest_last or cheapest_last[0].finish <= 200:
        pytest.skip("everything is in time")
    late = cheapest_last[0]
    tight = replace(one, deadline=random.randint(200, late.finish - 1))
    found = alternatives(tight, late)
    assert found[0].more_minor == 0 if found[0].kind == "later" else found[0].more_minor < 0
    for other in found:
        assert other.more_minor == sum(choice.cost for choice in other.choices) - late.cost
        first = plan(chain_of(tight, other.choices[0]))
        if other.kind == "later":
            assert first.finish == other.finish == late.finish
            continue
        assert first.is_feasible
        assert sorted(pick.item for choice in other.choices for pick in choice.picks) == ["item-0", "item-1", "item-2"]
        if other.kind == "courier":
            assert (other.choices[0].picks, other.choices[0].hub) == (late.picks, late.hub)
        if other.kind == "vendor":
            assert (other.choices[0].courier, other.choices[0].hub) == (late.courier, late.hub)


def test_orders_that_cannot_be_chosen_from() -> None:
    with pytest.raises(BadOrder, match="1 to 50 items"):
        select(replace(GIFT, items=()))
    with pytest.raises(BadOrder, match="1 to 20 hubs"):
        select(replace(GIFT, hubs=()))
    assert CHEAPEST is not None
    with pytest.raises(BadOrder, match="'east' is nobody"):
        alternatives(GIFT, replace(CHEAPEST, hub="east"))
    with pytest.raises(BadOrder, match="no way from 'north' to 'bike'"):
        chain_of(replace(GIFT, transfers={k: v for k, v in GIFT.transfers.items() if k != ("north", "bike")}), CHEAPEST)
