"""Planners of rounds: the heuristic and PyVRP keep the same promises, and PyVRP is never the worse."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.adapters.fleet_heuristic import HeuristicFleet
from shared.adapters.fleet_pyvrp import PyVrpFleet
from shared.logistics.timechain.fleet import Rounds
from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.route import BadRound, Courier, Stop, route_one
from shared.logistics.timechain.ways import way_by_samples
from shared.ports import Fleet
from tests.logistics.timechain.generated import round_of
from tests.logistics.timechain.rules import check_rounds

ROOT = Path(__file__).parents[2]
SECONDS = 0.02
FLEETS: list[Fleet] = [HeuristicFleet(), PyVrpFleet(SECONDS)]
COMPARED = 100
each_fleet = pytest.mark.parametrize("fleet", FLEETS, ids=lambda one: type(one).__name__)


def plan(fleet: Fleet, *given: Any) -> Rounds:
    return asyncio.run(fleet.plan(*given))


@each_fleet
@pytest.mark.parametrize("jobs", [1, 4, 8])
def test_the_rules_hold(fleet: Fleet, jobs: int) -> None:
    left = 0
    for seed in range(12):
        given = round_of(Random(f"rules {seed}"), jobs, couriers=2)
        found = plan(fleet, *given)
        check_rounds(*given, found)
        left += len(found.left)
    assert jobs == 1 or left > 0, "some instances have jobs that cannot be"


@each_fleet
def test_travel_by_the_hour(fleet: Fleet) -> None:
    for seed in range(12):
        random = Random(f"by hour {seed}")
        couriers, stops, ways = round_of(random, 5, couriers=2)
        slow = {
            pair: way_by_samples([(hour, round(minutes * random.uniform(0.5, 2.5))) for hour in range(0, 600, 60)])
            for pair, minutes in ways.items()
        }
        check_rounds(couriers, stops, slow, plan(fleet, couriers, stops, slow))


@each_fleet
def test_what_nobody_can_take_is_named_whole(fleet: Fleet) -> None:
    couriers = [Courier("ann", 0, until=100, load_max=2), Courier("bob", 0, until=100, load_max=2)]
    stops = [
        Stop("far", 5), Stop("far door", 5, after="far"),
        Stop("heavy", 5, load=3), Stop("heavy door", 5, after="heavy", load=-3),
        Stop("missed", 5, last=3), Stop("missed door", 5, after="missed"),
        Stop("long", 95), Stop("long door", 5, after="long"),
        Stop("good", 5, load=1), Stop("good door", 5, after="good", load=-1),
    ]  # fmt: skip
    names = ["ann", "bob", *(stop.id for stop in stops)]
    ways = {(a, b.id): 4 for a in names for b in stops if a != b.id and "far" not in (a, b.id)}
    found = plan(fleet, couriers, stops, ways)
    assert set(found.left) == {stop.id for stop in stops} - {"good", "good door"}
    [route] = found.routes
    assert (route.stops, route.begins, route.finish) == (("good", "good door"), (4, 13), 18)


@each_fleet
def test_a_chain_of_three_and_loads_that_do_not_come_out_even(fleet: Fleet) -> None:
    stops = [
        Stop("dress", 5, load=1), Stop("tailor", 30, after="dress"), Stop("home", 5, after="tailor", load=-1),
        Stop("crate", 5, load=2), Stop("half", 5, after="crate", load=-1), Stop("empties", 5, load=-1),
    ]  # fmt: skip
    couriers = [Courier("ann", 10, until=300, load_max=2), Courier("bob", 0, until=300, load_max=3)]
    ways = {(a, b.id): 7 for a in ("ann", "bob", *(one.id for one in stops)) for b in stops if a != b.id}
    found = plan(fleet, couriers, stops, ways)
    check_rounds(couriers, stops, ways, found)
    assert found.left == ()


@each_fleet
def test_shifts_without_end_and_windows_far_away(fleet: Fleet) -> None:
    week = 10_080
    couriers = [Courier("ann", 29_000_000), Courier("bob", 29_000_000 + week)]
    stops = [Stop("a", 5, first=29_000_000 + 2 * week), Stop("b", 5, after="a"), Stop("c", 5, last=29_000_100)]
    ways = {(a, b.id): 9 for a in ("ann", "bob", "a", "b", "c") for b in stops if a != b.id}
    found = plan(fleet, couriers, stops, ways)
    check_rounds(couriers, stops, ways, found)
    assert found.left == ()
    assert found.cost(couriers, stops)[1] == week + 5 + 9 + 5 + 9 + 5


@each_fleet
def test_what_makes_no_round(fleet: Fleet) -> None:
    courier = Courier("c", 0)
    assert plan(fleet, [courier], [], {}) == Rounds((), ())
    assert plan(fleet, [courier], [Stop("a", 1)], {}) == Rounds((), ("a",))
    with pytest.raises(BadRound, match="1 to 50 couriers"):
        plan(fleet, [], [Stop("a", 1)], {})
    with pytest.raises(BadRound, match="same id"):
        plan(fleet, [courier], [Stop("a", 1), Stop("a", 1)], {})
    with pytest.raises(BadRound, match="circle"):
        plan(fleet, [courier], [Stop("a", 1, after="b"), Stop("b", 1, after="a")], {})


def test_pyvrp_is_never_worse_and_better_in_all() -> None:
    heuristic, pyvrp = FLEETS
    ours, theirs, better = 0, 0, 0
    for seed in range(COMPARED):
        given = round_of(Random(f"compared {seed}"), 5 + seed % 4, couriers=1 + seed % 3)
        a, b = (plan(fleet, *given).cost(*given[:2]) for fleet in (heuristic, pyvrp))
        assert b <= a, f"seed 'compared {seed}'"
        better += b < a
        if a[0] == b[0]:
            ours, theirs = ours + a[1], theirs + b[1]
    print(f"{better} of {COMPARED} better, {1 - theirs / ours:.1%} less where both take the same number of jobs")
    assert better > COMPARED // 10


def test_one_round_is_the_optimum() -> None:
    whole = 0
    for seed in range(15):
        (courier,), stops, ways = round_of(Random(f"optimum {seed}"), 4)
        best, found = route_one(courier, stops, ways), plan(PyVrpFleet(0.2), [courier], stops, ways)
        assert (best is None) == bool(found.left)
        if best is not None:
            whole += 1
            assert found.routes[0].finish == best.finish < NEVER, f"seed 'optimum {seed}'"
    assert whole > 3


def test_without_the_extra_it_is_said_which_one_is_missing() -> None:
    code = (
        "import sys; sys.modules['pyvrp'] = None\n"
        "from shared.settings import Settings\n"
        "from shared.wiring import Deps\n"
        "Deps(Settings(fleet='pyvrp')).fleet"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "SettingsError: FLEET=pyvrp needs pyvrp: install the extra `solver`" in done.stderr
