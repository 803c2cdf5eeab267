"""`python -m bench load`: what the whole app stands, over HTTP from another process, as it and its catalog grow.

One devhost a size, with the demo city and so many made-up products; every kind of call takes its turn with 1, 10 and
50 clients, the health route in each turn just before it, so that a drift of the machine hits both. A rate counts until
all that the calls have set going is done: what cannot be kept up is no rate. `--write` puts the figures into
docs/load.md and docs/load.svg.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.chat import ROUTES
from bench.load_calls import Deed, Plain, Visitor, deeds, visitors_of
from bench.load_page import write
from bench.load_shop import Site, site
from bench.report import machine

BASE = "health"
COUNTS = (1_000, 10_000, 100_000)
CLIENTS = (1, 10, 50)
ROUNDS = 3
SECONDS = 1.0
BASE_SECONDS = 0.4
DECIDED_EACH = {1: 10, 10: 3, 50: 1}
"""Clients → approvals that each decides in a round; every one takes an order before."""


@dataclass
class Taken:
    """What one kind of call took with so many clients: seconds a call, and a figure a round of the rest."""

    latencies: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    written_kb: list[float] = field(default_factory=list)
    executions: list[float] = field(default_factory=list)


async def measured(count: int, clients: Sequence[int], rounds: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One size: what its start took and what memory it needs, and a row a kind of call and number of clients."""
    rows = []
    async with site(count) as there:
        visitors = await visitors_of(there, max(clients))
        await _with_clients(there, visitors[:1], 1, seconds=0.0)  # to warm up
        for some in clients:
            taken = await _with_clients(there, visitors[:some], rounds, SECONDS)
            rows += [_row(count, some, name, *both) for name, both in taken.items()]
        began = there.start
        start = {
            "products": count,
            "health_s": round(began.health_seconds, 2),
            "search_s": round(began.search_seconds, 2),
            "rss_mb": round(began.rss_mb),
            "rss_after_mb": round(there.rss_mb()),
        }
    return start, rows


async def _with_clients(
    there: Site, visitors: Sequence[Visitor], rounds: int, seconds: float
) -> dict[str, tuple[Taken, Taken]]:
    """Kind of call → what it took, and what the health route took beside it."""
    base, kinds = Plain(ROUTES[BASE]), deeds(DECIDED_EACH[len(visitors)])
    found = {name: (Taken(), Taken()) for name in kinds}
    for _ in range(rounds):
        for name, deed in kinds.items():
            await deed.prepare(visitors)
            await there.quiet()
            own, beside = found[name]
            await _round(there, base, visitors, BASE_SECONDS, beside)
            await _round(there, deed, visitors, seconds, own)
    return found


async def _round(there: Site, deed: Deed, visitors: Sequence[Visitor], seconds: float, into: Taken) -> None:
    """All visitors do it, each once at least and then for a while."""
    before = await there.usage()
    end, latencies = before.at + seconds, []

    async def work(visitor: Visitor) -> None:
        while True:
            began = time.perf_counter()
            if not await deed.do(visitor):
                return
            now = time.perf_counter()
            latencies.append(now - began)
            if now > end:
                return

    await asyncio.gather(*map(work, visitors))
    answered = time.perf_counter()
    after = await there.quiet()
    made = len(latencies)
    into.latencies += latencies
    into.medians.append(median(latencies))
    into.per_second.append(made / (max(answered, after.at) - before.at))
    into.cpu_ms.append(1_000 * (after.cpu_seconds - before.cpu_seconds) / made)
    into.written_kb.append((after.bytes_written - before.bytes_written) / made / 1_000)
    into.executions.append((after.executions - before.executions) / made)


def _row(count: int, clients: int, name: str, own: Taken, beside: Taken) -> dict[str, Any]:
    p50, p99 = (float(value) * 1_000 for value in np.percentile(own.latencies, [50, 99]))
    pairs = list(zip(own.medians, beside.medians, own.per_second, beside.per_second, strict=True))
    return {
        "products": count,
        "clients": clients,
        "kind": name,
        "calls": len(own.latencies),
        "p50_ms": p50,
        "p99_ms": p99,
        "per_second": median(own.per_second),
        "p50_ratio": median(mine / its for mine, its, _, _ in pairs),
        "p99_ratio": p99 / float(np.percentile(beside.latencies, 99) * 1_000),
        "rate_ratio": median(mine / its for _, _, mine, its in pairs),
        "health_p50_ms": median(beside.medians) * 1_000,
        "health_per_second": median(beside.per_second),
        "cpu_ms": median(own.cpu_ms),
        "written_kb": median(own.written_kb),
        "executions": median(own.executions),
    }


def main(arguments: Sequence[str]) -> int:
    """Measure each size; a line a figure for people, JSON lines for machines."""
    given = _given(arguments)
    about = machine()
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}", file=sys.stderr)
    counts, clients, rounds = (COUNTS[:1], CLIENTS[:2], 1) if given.quick else (COUNTS, CLIENTS, ROUNDS)
    starts, rows = [], []
    for count in counts:
        start, some = asyncio.run(measured(count, clients, rounds))
        starts.append(start)
        rows += some
        _show(start, some)
        if given.write:  # after each size, for the run is long
            write(about, starts, rows)
    lines = [json.dumps(one) for one in ({"run": about}, *starts, *rows)]
    if given.json:
        given.json.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench load", description="What the whole app stands, over HTTP.")
    parser.add_argument("--quick", action="store_true", help="1,000 products, 1 and 10 clients, one round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write JSON lines there")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/load.md and docs/load.svg")
    return parser.parse_args(arguments)


def _show(start: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    print(
        f"\n{start['products']:,} products: answers after {start['health_s']} s, searches after {start['search_s']} s; "
        f"{start['rss_mb']} MB, {start['rss_after_mb']} MB after the load. In brackets: times {BASE}"
    )
    for one in rows:
        print(
            f"  {one['clients']:>2} clients  {one['kind']:<9}  p50 {one['p50_ms']:>8.1f} ms ({one['p50_ratio']:.1f})"
            f"  p99 {one['p99_ms']:>8.1f} ms ({one['p99_ratio']:.1f})"
            f"  {one['per_second']:>7.1f}/s ({one['rate_ratio']:.3f})"
            f"  {one['cpu_ms']:>6.1f} ms CPU  {one['written_kb']:>6.0f} KB  {one['executions']:>5.1f} executions",
            flush=True,
        )
