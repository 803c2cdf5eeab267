"""`python -m bench.timechain`: the time-chain beside OR-Tools CP-SAT, the same instances in one run, in turns.

Best of some rounds, in milliseconds: passes (earliest and latest starts), selection, rounds of stops, conflicts. CP-SAT
is asked by the models of the tests, one worker; `solve` leaves out building its model. Rounds of several couriers stand
beside PyVRP's. ortools and pyvrp are in requirements-dev.txt; without them the rest is measured alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from random import Random
from statistics import median
from subprocess import run
from typing import Any

from bench.report import machine
from shared.adapters.fleet_pyvrp import PyVrpFleet
from shared.logistics.timechain.buffers import Reliability
from shared.logistics.timechain.conflict import Change, Separately, simulate
from shared.logistics.timechain.fleet import Cost, Rounds, route_many
from shared.logistics.timechain.model import Chain, Leg, Precedence
from shared.logistics.timechain.network import Network
from shared.logistics.timechain.passes import Stuck, backward, forward
from shared.logistics.timechain.route import route_one
from shared.logistics.timechain.schedule import Plan, bounds, plan
from shared.logistics.timechain.select import select
from shared.logistics.timechain.suggestion import suggestion
from shared.orders.planning import chain_of, is_round, planned

LEGS = (5, 20, 100, 1_000)
LAG_MAX_SHARE = 0.05
ITEMS = (1, 5, 25)
ITEMS_PEER_MAX = 5
JOBS = (4, 8)
FLEET = (20, 5)
FLEETS = 5
ROUNDS = 15
ROUNDS_PEER = 3
CHAINS = 9
SEEDS_TRIED_MAX = 500
GENERATED = "tests.logistics.timechain.generated"
ORACLE = "tests.logistics.timechain.oracle"
ORDERS = "tests.orders.made_up"
AIMS_MS = {"passes, 100 legs": 0.2, "selection, 25 items": 2.0, "round, 8 jobs": 60.0, "conflict, 100 legs": 1.0}
RATIO_AIM = 50.0


def main() -> None:
    """Measure everything, print lines for people, then JSON lines."""
    about = machine()
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}", file=sys.stderr)
    has_peer = find_spec("ortools") is not None
    oracle = import_module(ORACLE) if has_peer else None
    parts = (_passes(oracle), _selections(oracle), _rounds(oracle), _fleets(), _conflicts(), _orders(), _imports())
    results = [_shown(one) for part in parts for one in part]
    print(*map(json.dumps, [{"run": about}, *results]), sep="\n")


def _passes(oracle: Any) -> Iterator[dict[str, Any]]:
    """Earliest and latest starts of chains with calendars, longest lags and arrivals together; medians over chains."""
    for legs in LEGS:
        chains = _chains(legs, CHAINS)
        found = {
            "what": f"passes, {legs} legs",
            "ms": _median(lambda net: _best(partial(_both, net)), map(Network, chains)),
            "with network ms": _median(lambda one: _best(lambda: _both(Network(one))), chains),
            "plan ms": _median(lambda one: _best(partial(plan, one)), chains),
        }
        if oracle is not None:
            models = [oracle.chain_model(chain, None)[0] for chain in chains]
            found["peer solve ms"] = _median(lambda one: _best(partial(oracle.solved, one), ROUNDS_PEER), models)
            found["peer ms"] = _median(lambda one: _best(partial(oracle.starts, one), ROUNDS_PEER), chains)
            assert all(oracle.starts(chain) == plan(chain).starts for chain in chains)
        yield found


def _selections(oracle: Any) -> Iterator[dict[str, Any]]:
    """Five vendors and five customizers an item, five hubs."""
    for items in ITEMS:
        order = _generated().order(Random(items), items, 5, hubs=5, couriers=1)
        order = replace(order, deadline=1_400)
        found: dict[str, Any] = {"what": f"selection, {items} items", "ms": _best(partial(select, order))}
        if oracle is not None and items <= ITEMS_PEER_MAX:
            found["peer ms"] = _best(partial(oracle.least_cost, order), 1)
            choice = select(order)
            assert oracle.least_cost(order) == (choice and choice.cost)
        yield found


def _rounds(oracle: Any) -> Iterator[dict[str, Any]]:
    """One courier, exact."""
    for jobs in JOBS:
        (courier,), stops, ways = _generated().round_of(Random(1), jobs)
        wide = [replace(stop, first=0, last=2_000) for stop in stops]
        free = replace(courier, load_max=1_000, until=2_000)
        found: dict[str, Any] = {
            "what": f"round, {jobs} jobs",
            "ms": _best(partial(route_one, free, wide, ways), ROUNDS_PEER),
        }
        if oracle is not None and jobs <= min(JOBS):
            found["peer ms"] = _best(partial(oracle.least_end, free, wide, ways), ROUNDS_PEER)
        yield found


def _fleets() -> Iterator[dict[str, Any]]:
    """Several couriers: the heuristic, and what PyVRP makes of its rounds in the time that it is given."""
    jobs, couriers = FLEET
    given = [_generated().round_of(Random(seed), jobs, couriers) for seed in range(FLEETS)]
    ours, took = _rounded(route_many, given)
    found: dict[str, Any] = {"what": f"rounds, {jobs} jobs, {couriers} couriers", "ms": took, "left": ours[0]}
    if find_spec("pyvrp") is not None:
        theirs, peer_took = _rounded(lambda *args: asyncio.run(PyVrpFleet().plan(*args)), given)
        found |= {"peer ms": peer_took, "peer left": theirs[0]}
        found |= {"cost ratio": round(ours[1] / theirs[1], 3), "time ratio": round(took / peer_took, 4)}
    yield found


def _rounded(planned: Callable[..., Rounds], given: Sequence[tuple[Any, ...]]) -> tuple[Cost, float]:
    """What the rounds of some instances cost together, and the milliseconds for one of them."""
    began = time.perf_counter()
    costs = [planned(*args).cost(args[0], args[1]) for args in given]
    took = 1e3 * (time.perf_counter() - began) / len(given)
    return (sum(left for left, _ in costs), sum(minutes for _, minutes in costs)), round(took, 1)


def _conflicts() -> Iterator[dict[str, Any]]:
    """A new leg between two of a running order, with a courier as the way out, to the sentence."""
    for legs in LEGS:
        (chain,) = _chains(legs, 1)
        before = plan(replace(chain, deadline=plan(chain).finish))
        path = before.critical_path
        new = Leg("new", "pickup", 30)
        change = Change("chocolates", (new,), (Precedence(path[0], "new"), Precedence("new", path[-1])))
        apart = [Separately(Change("chocolates", (new,), price_minor=1_200), "the restaurant")]
        yield {"what": f"conflict, {legs} legs", "ms": _best(partial(_proposed, before, change, apart))}


def _orders() -> Iterator[dict[str, Any]]:
    """From the legs of an order to its plan: as it is quoted, couriers' rounds settled, and as it runs."""
    made_up = import_module(ORDERS)
    legs = max((made_up.some_order(Random(seed), has_hub=True, is_fresh=True) for seed in range(9)), key=len)
    couriers: dict[str, Reliability] = {leg.id: "high" for leg in legs if is_round(leg)}
    start = made_up.START
    quoted = partial(planned, legs, start, start + 20_000, couriers)
    timed, _ = quoted()
    running = _best(lambda: plan(chain_of(timed, start, start + 20_000)))
    yield {"what": f"order, {len(legs)} legs", "ms": running, "quoted ms": _best(quoted)}


def _imports() -> Iterator[dict[str, Any]]:
    """Whether the time-chain brings a solver or numpy with it."""
    names = ("conflict", "alternatives", "fleet", "progress")
    code = f"import sys, {', '.join(f'shared.logistics.timechain.{name}' for name in names)}; print(*sys.modules)"
    loaded = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    yield {"what": "solvers loaded", "modules": sorted({"ortools", "numpy", "pyvrp"}.intersection(loaded))}


def _chains(legs: int, count: int) -> list[Chain]:
    """The first random chains that have a schedule; of the long ones none would with longest lags everywhere."""
    found: list[Chain] = []
    for seed in range(SEEDS_TRIED_MAX):
        chain: Chain = _generated().chain(Random(seed), legs, LAG_MAX_SHARE if legs < max(LEGS) else 0.0, 0.3)
        chain = replace(chain, legs=tuple(replace(leg, due=None) for leg in chain.legs))
        if plan(chain).starts:
            found.append(chain)
        if len(found) == count:
            return found
    raise RuntimeError(f"too few chains of {legs} legs have a schedule")


def _proposed(before: Plan, change: Change, apart: Sequence[Separately]) -> str:
    return suggestion(simulate(before, change, apart), "USD")


def _both(net: Network) -> None:
    times = forward(net)
    assert not isinstance(times, Stuck)
    backward(net, bounds(net, times))


def _generated() -> Any:
    return import_module(GENERATED)


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds of the quickest round."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(1e3 * (time.perf_counter() - began))
    return round(min(taken), 4)


def _median(measured: Callable[[Any], float], things: Iterable[Any]) -> float:
    return round(median(map(measured, things)), 4)


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    """A line for people, with what was aimed at."""
    figures: Sequence[str] = [f"{name} {value}" for name, value in one.items() if name != "what"]
    aim = AIMS_MS.get(one["what"])
    if aim is not None:
        figures = [*figures, f"(aim <= {aim} ms: {'met' if one['ms'] <= aim else 'missed'})"]
    if "peer solve ms" in one:
        ratio = one["peer solve ms"] / one["ms"]
        figures = [*figures, f"{ratio:.0f} x as fast as its solve (aim >= {RATIO_AIM:g} at 100 legs)"]
    print(f"{one['what']:<28}", *figures, sep="  ", flush=True)
    return one


if __name__ == "__main__":
    main()
