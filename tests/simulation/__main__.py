"""One bad day after the other, from a seed each.

    python -m tests.simulation --seed 7 --orders 20 --days 2     one, with a log of the day
    python -m tests.simulation --soak [N]                        seed after seed, until stopped or N times; a line each
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from shared.orders.order import ORDERS
from tests.boundaries import scratch
from tests.simulation import records
from tests.simulation.day import Day
from tests.simulation.invariants import Broken, broken, stocks
from tests.simulation.mortal import Mortal

ORDERS_A_DAY, DAYS = 20, 2


class Outcome(NamedTuple):
    """How a day ended. statuses: of the orders; deaths: of hosts."""

    broken: list[Broken]
    statuses: Counter[str]
    deaths: int


def play(seed: int, orders: int, days: int, say: Callable[[str], None] = lambda _: None) -> Outcome:
    """Play one."""
    with scratch() as folder, Mortal(folder).living() as mortal:
        stocked = stocks()
        day = Day(mortal, seed, orders, days, say)
        day.run()
        statuses = Counter(order.status for order in records.every(ORDERS))
        return Outcome(broken(mortal, day.world, stocked), statuses, mortal.deaths)


def again(seed: int, orders: int, days: int) -> str:
    """How to see it again."""
    return f"python -m tests.simulation --seed {seed} --orders {orders} --days {days}"


def main(arguments: list[str] | None = None) -> int:
    """0 if everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="A bad day, from a seed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=ORDERS_A_DAY)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--soak", type=int, nargs="?", const=sys.maxsize, default=0, metavar="N")
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # of what the app logs there is plenty on such a day, and all of it is expected
    if not asked.soak:
        return _one(asked.seed, asked.orders, asked.days)
    faults = 0
    for seed in range(asked.seed, asked.seed + asked.soak):
        faults += _line(seed, asked.orders, asked.days)
    return min(faults, 1)


def _one(seed: int, orders: int, days: int) -> int:
    outcome = play(seed, orders, days, print)
    print(f"{_counts(outcome)}; {len(outcome.broken)} broken")
    for one in outcome.broken:
        print(f"  {one}")
    return min(len(outcome.broken), 1)


def _line(seed: int, orders: int, days: int) -> bool:
    began = time.monotonic()
    outcome = play(seed, orders, days)
    print(f"seed {seed}: {_counts(outcome)}, {time.monotonic() - began:.0f} s", flush=True)
    for one in outcome.broken[:5]:
        print(f"  {one}", flush=True)
    if outcome.broken:
        print(f"  again: {again(seed, orders, days)}", flush=True)
    return bool(outcome.broken)


def _counts(outcome: Outcome) -> str:
    orders = ", ".join(f"{count} {status}" for status, count in sorted(outcome.statuses.items()))
    return f"{orders}; {outcome.deaths} deaths of hosts"


if __name__ == "__main__":
    sys.exit(main())
