"""`python -m bench.standing`: a tick of the watcher, with 1,000 to 1,000,000 intents that wait for 1,000 things.

Each size in a process of its own, on a file like the app's: a quiet tick (every forecast's figures change, and none of
it turns anything), a tick at which one place's forecast and one product's price turn, and a loop over all intents that
holds each against the same readings. Filled stores are kept in bench/results; a million intents take some minutes to
fill. A week on the host, where one intent waits: `python -m bench waiting`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from subprocess import run
from typing import Any

from bench.city import NOW
from bench.report import machine
from bench.scratch import RESULTS
from bench.standing_fill import CELLS, PRODUCTS_COUNT, Skies, filled
from shared.adapters.store_sqlite import SqliteStore
from shared.records import PAGE_MAX, Query
from shared.standing.cost import HEADLINE_SECONDS, HEADLINE_USD, Meter, bill, meter
from shared.standing.intent import STANDING_INTENTS, SUBJECTS
from shared.standing.readings import watch_of
from shared.standing.sources import Sources
from shared.standing.tick import House, Left, watch_once
from shared.standing.truth import evaluate
from triggers.timer_intent_watcher import SECONDS_MAX

Round = Callable[[], Awaitable[float]]
SIZES = (1_000, 10_000, 100_000)
MOST = 1_000_000
TICKS_A_WEEK = 7 * 24
SETUP_EXECUTIONS = 5
"""What an intent runs of its own until it waits."""
QUIET_ROUNDS = 3
LOOP_MAX = 100_000
_KB = 1024


class Clock:
    """An hour at a time."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The present hour."""
        return self.at


class Quiet:
    """A durable client that nobody hears."""

    async def get_status(self, instance_id: str) -> Any:
        """Not asked for here."""
        raise NotImplementedError(instance_id)

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        """Nothing."""


class Bench:
    """A filled store, its weather, and runs of the watcher; runs, writes: of the last tick, of intents."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.skies = Skies()
        self.runs = self.writes = 0
        store.apply = self._counted(store.apply)  # type: ignore[method-assign,assignment]

    async def tick(self) -> float:
        """Everything that is due an hour later, in as many runs as it takes; seconds."""
        self.clock.at += timedelta(hours=1)
        self.skies.wobble += 1
        self.runs = self.writes = 0
        began = time.perf_counter()
        while (await self._run()).is_some:
            pass
        return time.perf_counter() - began

    async def _run(self) -> Left:
        """One, as the timer makes it."""
        self.runs += 1
        now, began = self.clock.now(), time.perf_counter()
        key = f"bench-{now:%d-%H}-{self.runs}"
        house = House(self.store, self.skies, Quiet(), key, now, lambda: time.perf_counter() - began > SECONDS_MAX)
        return await watch_once(house)

    def _counted(self, apply: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """How many intents are written."""

        async def applied(container: Any, partition: str, writes: Any) -> Any:
            self.writes += len(writes) if container is STANDING_INTENTS else 0
            return await apply(container, partition, writes)

        return applied

    async def loop(self) -> float:
        """Every intent held against the readings, a page at a time, as a watcher without groups does it; seconds."""
        began = time.perf_counter()
        readings = {}
        async for subject in pages(self.store, SUBJECTS):
            reading = await Sources(self.store, self.skies).read(watch_of(subject.id), self.clock.now())
            readings[watch_of(subject.id)] = reading
        async for intent in pages(self.store, STANDING_INTENTS):
            evaluate(intent.conditions, readings, self.clock.now(), intent.frame)
        return time.perf_counter() - began


async def pages(store: SqliteStore, container: Any) -> AsyncIterator[Any]:
    """All records, a page at a time."""
    after: str | None = None
    while True:
        page = await store.query(container, Query({}, None, None, PAGE_MAX, after))
        for stored in page.items:
            yield stored.value
        after = page.next
        if after is None:
            return


@asynccontextmanager
async def opened(intents: int) -> AsyncIterator[Bench]:
    """A store with so many intents, made at first."""
    clock = Clock()
    async with filled(intents, clock) as store:
        yield Bench(store, clock)


@asynccontextmanager
async def watcher(*, intents: int) -> AsyncIterator[Round]:
    """Seconds of a quiet tick."""
    async with opened(intents) as bench:
        yield bench.tick


@asynccontextmanager
async def every_intent(*, intents: int) -> AsyncIterator[Round]:
    """Seconds of a loop over all intents."""
    async with opened(intents) as bench:
        yield bench.loop


async def measure(intents: int) -> dict[str, Any]:
    """All figures of one size."""
    began = time.perf_counter()
    async with opened(intents) as bench:
        ready = time.perf_counter() - began
        await bench.tick()  # warms up
        before = _peak_mb()
        quiet = min([await bench.tick() for _ in range(QUIET_ROUNDS)])
        runs, peak = bench.runs, _peak_mb() - before
        bench.skies.turned = 0
        turning = await bench.tick()
        writes = bench.writes
        loop = await bench.loop() if intents <= LOOP_MAX else None
    week = meter(Meter(), runs * TICKS_A_WEEK, quiet * TICKS_A_WEEK, 256).share(intents)
    own = meter(Meter(), SETUP_EXECUTIONS, SETUP_EXECUTIONS * 0.02, 256)
    alone, whole = bill(week, "consumption"), bill(week + own, "consumption")
    return {
        "intents": intents,
        "things": CELLS + 2 * PRODUCTS_COUNT,
        "fill or open s": round(ready, 1),
        "quiet tick s": round(quiet, 3),
        "runs": runs,
        "more memory MB": round(peak, 1),
        "tick with a turn s": round(turning, 3),
        "intents it writes": writes,
        "loop over all s": None if loop is None else round(loop, 2),
        "times as fast": None if loop is None else round(loop / quiet, 1),
        "billed s a week, watcher": round(alone.billed_seconds, 6),
        "billed s a week, with its beginning": round(whole.billed_seconds, 4),
        "usd a week, watcher": round(alone.usd, 9),
        "usd a week, with its beginning": round(whole.usd, 9),
        "of the spec's seconds": f"{whole.billed_seconds / HEADLINE_SECONDS:.3%}",
        "of the spec's usd": f"{whole.usd / HEADLINE_USD:.2%}",
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KB


def main() -> None:
    """Each size in its own process; lines for people, then JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.standing", description=__doc__)
    parser.add_argument("--most", type=int, default=max(SIZES), help=f"the largest size, up to {MOST:,}")
    parser.add_argument("--one", type=int, help="measure one size in this process")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(asyncio.run(measure(given.one))))
        return
    about = machine()
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}", file=sys.stderr)
    rows = list(_rows([size for size in (*SIZES, MOST) if size <= given.most]))
    for before, after in pairwise(rows):
        growth = after["quiet tick s"] / before["quiet tick s"]
        print(f"{before['intents']:,} → {after['intents']:,} intents: a quiet tick takes {growth:.2f} times as long")
    print(*map(json.dumps, [{"run": about}, *rows]), sep="\n")


def _rows(sizes: list[int]) -> Iterator[dict[str, Any]]:
    RESULTS.mkdir(exist_ok=True)
    for size in sizes:
        command = [sys.executable, "-m", "bench.standing", "--one", str(size)]
        row = json.loads(run(command, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout)
        print(*(f"{name}: {value}" for name, value in row.items() if value is not None), sep="; ", flush=True)
        yield row


if __name__ == "__main__":
    main()
