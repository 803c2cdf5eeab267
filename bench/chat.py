"""`python -m bench.chat [COUNT ...]`: the chat entry over HTTP, beside the same host's answer that costs least.

One devhost a size, with the demo city and so many made-up products; routes take turns, each with 1 and 10 clients, so
that a drift of the machine hits all. Ratios are to GET /api/v1/health with as many clients.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import numpy as np

from bench.client import Connection
from bench.devhost import Round
from bench.listings import CENTRE, wishes
from bench.report import machine
from bench.scratch import ROOT, free_port
from bench.shop import shop

SENTENCES = ROOT / "tests" / "discovery" / "intents" / "sentences" / "dev.jsonl"
COUNTS = (0, 10_000, 100_000)
CLIENTS = (1, 10)
ROUNDS = 5
SECONDS = 2.0
START_SECONDS_MAX = 30.0
POLL_SECONDS = 0.01
WISHES = 200
BASE = "health"

Request = tuple[str, str, bytes]
"""Method, target, body."""


def _health() -> Iterator[Request]:
    return itertools.repeat(("GET", "/api/v1/health", b""))


def _products() -> Iterator[Request]:
    """Wishes near the centre within a budget, as nearly every search is."""
    where = {"lat": CENTRE.lat, "lng": CENTRE.lng, "max_price_minor": 6_000}
    targets = [f"/api/v1/products?{urlencode({'q': one.text, **where})}" for one in wishes(WISHES)]
    return (("GET", target, b"") for target in itertools.cycle(targets))


def _sentences(target: str) -> Iterator[Request]:
    """The labelled sentences of the tests; each begins a conversation of its own."""
    texts = [json.loads(line)["text"] for line in SENTENCES.read_text("utf-8").splitlines()]
    where = {"lat": CENTRE.lat, "lng": CENTRE.lng}
    bodies = [json.dumps({"text": text, "location": where}).encode() for text in texts]
    return (("POST", target, body) for body in itertools.cycle(bodies))


ROUTES: dict[str, Callable[[], Iterator[Request]]] = {
    BASE: _health,
    "products": _products,
    "resolve": lambda: _sentences("/api/v1/intents/resolve"),
    "chat": lambda: _sentences("/api/v1/chat"),
}


@asynccontextmanager
async def served(count: int) -> AsyncIterator[int]:
    """The app on devhost with so many made-up products, open and warm; its port."""
    port = free_port()
    async with shop(count) as data:
        settings = {"DATA_DIR": str(data), "ANONYMOUS_CALLS_PER_MINUTE": "1000000"}
        command = ("-m", "devhost", "--app", str(ROOT), "--port", str(port), "--data", str(data / "host"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, env={**os.environ, **settings}, stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                connection = await _connected(port)
                for requests in ROUTES.values():
                    await connection.expect(200, *next(requests()))
                await connection.close()
            yield port
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _connected(port: int) -> Connection:
    while True:
        try:
            return await Connection.open(port)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)


async def latencies(port: int, requests: Iterator[Request], clients: int, seconds: float) -> list[float]:
    """Seconds of every call that so many clients make one after the other for a while. RuntimeError for a refusal."""
    connections = [await Connection.open(port) for _ in range(clients)]
    end = time.perf_counter() + seconds
    taken: list[float] = []

    async def work(connection: Connection) -> None:
        while (began := time.perf_counter()) < end:
            await connection.expect(200, *next(requests))
            taken.append(time.perf_counter() - began)

    await asyncio.gather(*map(work, connections))
    for connection in connections:
        await connection.close()
    return taken


@asynccontextmanager
async def requests(*, route: str, clients: int, count: int) -> AsyncIterator[Round]:
    """Requests a second of one route."""
    async with served(count) as port:
        wanted = ROUTES[route]()

        async def one_round() -> float:
            began = time.perf_counter()
            made = len(await latencies(port, wanted, clients, SECONDS))
            return made / (time.perf_counter() - began)

        yield one_round


async def measured(count: int, rounds: int) -> list[dict[str, Any]]:
    """Every figure of one size: p50, p99 in ms, requests a second, and each as ratio to BASE."""
    async with served(count) as port:
        turns = [(route, clients, wanted()) for clients in CLIENTS for route, wanted in ROUTES.items()]
        taken: dict[tuple[str, int], list[float]] = {(route, clients): [] for route, clients, _ in turns}
        spent = dict.fromkeys(taken, 0.0)
        for _ in range(rounds):
            for route, clients, wanted in turns:
                began = time.perf_counter()
                taken[route, clients] += await latencies(port, wanted, clients, SECONDS)
                spent[route, clients] += time.perf_counter() - began
    figures = {key: _figures(values, spent[key]) for key, values in taken.items()}
    return [
        {"products": count, "route": route, "clients": clients, **own, **_ratios(own, figures[BASE, clients])}
        for (route, clients), own in figures.items()
    ]


def _figures(taken: Sequence[float], seconds: float) -> dict[str, float]:
    p50, p99 = (round(float(value), 2) for value in np.percentile(taken, [50, 99]) * 1_000)
    return {"p50_ms": p50, "p99_ms": p99, "per_second": round(len(taken) / seconds, 1)}


def _ratios(own: dict[str, float], base: dict[str, float]) -> dict[str, float]:
    return {f"{name}_ratio": round(value / base[name], 3) for name, value in own.items()}


def main() -> None:
    """Measure each size, print a line a figure for people, then JSON lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat", description="Measure the chat entry over HTTP.")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, help=f"made-up products (default: {COUNTS})")
    parser.add_argument("--quick", action="store_true", help="one round each instead of several")
    given = parser.parse_args()
    about, results = machine(), []
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}", file=sys.stderr)
    for count in given.counts:
        print(f"\nthe demo city and {count:,} products; in brackets: times {BASE}")
        for one in asyncio.run(measured(count, 1 if given.quick else ROUNDS)):
            shown = (f"{name} {one[name]} ({one[f'{name}_ratio']})" for name in ("p50_ms", "p99_ms", "per_second"))
            print(f"  {one['clients']:>2} clients  {one['route']:<9} {'  '.join(shown)}", flush=True)
            results.append(one)
    print("", *map(json.dumps, [{"run": about}, *results]), sep="\n")


if __name__ == "__main__":
    main()
