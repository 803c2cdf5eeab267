"""Changes to running orders: the limousine and the chocolates, and others."""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logistics.geo import Point
from shared.logistics.timechain.conflict import Change, Separately, changed, simulate
from shared.logistics.timechain.minutes import minute_from
from shared.logistics.timechain.model import BadChain, Chain, Leg, Precedence
from shared.logistics.timechain.progress import progressed
from shared.logistics.timechain.schedule import plan
from shared.logistics.timechain.suggestion import suggestion
from shared.logistics.timechain.ways import Way, way_by_hour
from tests.logistics.timechain.generated import chain

AUSTIN = ZoneInfo("America/Chicago")
HOME, SHOP = Point(lat=30.25, lng=-97.75), Point(lat=30.296, lng=-97.743)
RESTAURANT = Point(lat=30.2672, lng=-97.7431)


def at(hour: int, minute: int) -> int:
    return minute_from(datetime(2026, 11, 21, hour, minute, tzinfo=AUSTIN))


def drive(origin: Point, target: Point) -> Way:
    way = way_by_hour(origin, target, "car", AUSTIN)
    assert way is not None
    return way


# Ten minutes before the limousine comes.
EVENING = Chain(
    (
        Leg("limo", "pickup", 5, ready_from=at(18, 20), title="the limousine"),
        Leg("dinner", "wait", 0, due=at(18, 45), title="dinner"),
    ),
    (Precedence("limo", "dinner", way=drive(HOME, RESTAURANT)),),
    start=at(18, 10),
)
CHOCOLATES = Change(
    "chocolates",
    (Leg("chocolates", "pickup", 4),),
    (
        Precedence("limo", "chocolates", way=drive(HOME, SHOP)),
        Precedence("chocolates", "dinner", way=drive(SHOP, RESTAURANT)),
    ),
    price_minor=3_000,
)


def by_courier(price_minor: int) -> Separately:
    legs = (Leg("chocolates", "pickup", 4, ready_from=at(18, 30)), Leg("handed over", "delivery", 3, due=at(19, 30)))
    precedences = (Precedence("chocolates", "handed over", way=drive(SHOP, RESTAURANT)),)
    return Separately(Change("chocolates", legs, precedences, price_minor=price_minor), "the restaurant")


def test_the_chocolates_and_the_limousine() -> None:
    running = plan(EVENING)
    assert running.is_feasible
    impact = simulate(running, CHOCOLATES, [by_courier(3_000)])
    assert impact.late == {"dinner": 15}
    assert impact.arrivals == {"dinner": (at(18, 33), at(19, 0))}
    assert [way.kind for way in impact.ways_out] == ["courier", "later", "drop"]
    assert suggestion(impact, "USD") == (
        "Adding chocolates will make you 15 minutes late for dinner. Should I proceed, "
        "or would you like me to courier the chocolates separately to the restaurant?"
    )


def test_a_courier_that_costs_something_has_its_price_and_the_cheapest_is_offered() -> None:
    impact = simulate(plan(EVENING), CHOCOLATES, [by_courier(5_000), by_courier(4_200)])
    assert suggestion(impact, "USD").endswith("separately to the restaurant for $12.00?")
    assert impact.ways_out[0].more_minor == 1_200
    assert impact.ways_out[-1].more_minor == -3_000
    later = next(way for way in impact.ways_out if way.kind == "later")
    assert later.due == {"dinner": at(19, 0)}


def test_a_courier_who_would_be_late_is_not_offered() -> None:
    late = by_courier(0)
    legs = tuple(Leg(leg.id, leg.kind, leg.minutes, ready_from=at(19, 20), due=leg.due) for leg in late.change.adds)
    impact = simulate(plan(EVENING), CHOCOLATES, [Separately(Change("", legs, late.change.precedences), "there")])
    assert [way.kind for way in impact.ways_out] == ["later", "drop"]
    assert suggestion(impact, "USD") == (
        "Adding chocolates will make you 15 minutes late for dinner. Should I proceed, or leave the order as it is?"
    )


def test_what_fits_is_said_and_nothing_else_offered() -> None:
    impact = simulate(plan(EVENING), Change("a rose", (Leg("rose", "pickup", 5),), (Precedence("rose", "limo"),)))
    assert (impact.late, impact.arrivals, impact.ways_out) == ({}, {}, ())
    assert suggestion(impact, "USD") == "Adding a rose works: everything stays in time."


def test_taking_out_and_replacing() -> None:
    with_chocolates = plan(changed(EVENING, CHOCOLATES))
    assert with_chocolates.late == {"dinner": 15}
    out = simulate(with_chocolates, Change("the chocolates", removes=("chocolates",)))
    assert out.arrivals == {"dinner": (at(19, 0), at(18, 33))}
    assert suggestion(out, "USD") == "Removing the chocolates works: everything stays in time."
    slow = Change("the chocolates", (Leg("chocolates", "pickup", 9),), removes=("chocolates",))
    replaced = simulate(with_chocolates, slow)
    assert replaced.late == {"dinner": 18}  # worse than it was already; at seven the streets are emptier
    assert suggestion(replaced, "USD").startswith("Changing the chocolates will make you 18 minutes late for dinner.")


def test_no_time_at_all() -> None:
    change = Change("a cake", (Leg("cake", "pickup", 1),), (Precedence("limo", "cake", 60, 30),))
    impact = simulate(plan(EVENING), change, [by_courier(0)])
    assert not impact.is_possible
    said = suggestion(impact, "USD")
    assert said.startswith("There is no time for a cake any more. Should I leave the order as it is, or would you like")
    assert simulate(plan(EVENING), change).ways_out[0].kind == "drop"


def test_a_leg_that_is_there_already() -> None:
    with pytest.raises(BadChain, match="same id"):
        simulate(plan(EVENING), Change("a limousine", (Leg("limo", "pickup", 5),)))


@given(st.integers(0, 10**9))
def test_an_impact_is_the_difference_of_two_plans(seed: int) -> None:
    random = Random(seed)
    before = plan(chain(random, 8, 0.1))
    names = [leg.id for leg in before.chain.legs]
    a, b = sorted(random.sample(range(8), 2))
    between = (Precedence(names[a], "new"), Precedence("new", names[b]))
    change = Change("it", (Leg("new", "pickup", random.randint(1, 200)),), between)
    if not before.starts:
        return
    impact, after = simulate(before, change), plan(changed(before.chain, change))
    assert impact.is_possible == bool(after.starts)
    if impact.is_possible:
        moved = {name: (end, after.ends[name]) for name, end in before.ends.items() if after.ends[name] != end}
        assert impact.arrivals == moved
        assert impact.late == {name: one for name, one in after.late.items() if one > before.late.get(name, 0)}


def test_a_chain_on_its_way() -> None:
    one = Chain(
        (Leg("a", "pickup", 10, 5), Leg("b", "assembly", 20), Leg("c", "delivery", 10)),
        (Precedence("a", "b", 5), Precedence("b", "c", 5, lag_max=20)),
        deadline=70,
    )
    assert plan(one).ends == {"a": 15, "b": 40, "c": 55}
    late = plan(progressed(one, 30, {"a": 2}, {}))  # under way, longer than planned
    assert late.ends == {"a": 30, "b": 55, "c": 70}
    early = plan(progressed(one, 9, {"a": 0}, {"a": 9}))
    assert early.starts == {"a": 0, "b": 14, "c": 39}
    idle = plan(progressed(one, 50, {"a": 0, "b": 12}, {"a": 9, "b": 25}))
    assert idle.starts == {"a": 0, "b": 25 - 13 + (50 - 25 - 20), "c": 50}
    assert idle.late == {"b": 5}  # what should have gone on 20 minutes after it waits 25
