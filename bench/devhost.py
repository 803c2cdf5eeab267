"""Probes of the engine in this process: orchestrations, entities, events and moving the clock."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.scratch import APP, GREETINGS, folder
from devhost.engine import Engine
from devhost.events import Status
from devhost.host import Host, Options

Round = Callable[[], Awaitable[float]]

CHAINS_ALONE = 40
CHAINS_AT_ONCE = 400
SIGNALS = 10_000
SIGNALS_IN_A_ROW = 100
FAN_OUT = 500
CHECKS = 168


@asynccontextmanager
async def _host(*, on_file: bool, is_frozen: bool = False) -> AsyncIterator[Host]:
    with folder() as data:
        host = await Host.start(Options(APP, Path(data) if on_file else None, is_frozen=is_frozen))
        try:
            yield host
        finally:
            await host.close()


def _start(engine: Engine, name: str, data: object = None) -> str:
    return engine.start_new(name, None if data is None else json.dumps(json.dumps(data)))


def _expect(engine: Engine, instance: str, output: object) -> None:
    """A figure counts only if the result is right; RuntimeError otherwise."""
    one = engine.get(instance)
    if one.status is not Status.COMPLETED or json.loads(one.output or "null") != output:
        raise RuntimeError(f"{one.name} is {one.status} with {one.output}, expected {output!r}")


async def _timed(host: Host, name: str, data: object, output: object) -> float:
    """Seconds from the request to start an orchestration until its end is committed."""
    began = time.perf_counter()
    instance = _start(host.engine, name, data)
    await host.settle()
    seconds = time.perf_counter() - began
    _expect(host.engine, instance, output)
    return seconds


@asynccontextmanager
async def chain_alone(*, on_file: bool) -> AsyncIterator[Round]:
    """Milliseconds of a chain of three activities with nothing beside it."""
    async with _host(on_file=on_file) as host:

        async def one_round() -> float:
            return 1_000 * median([await _timed(host, "chain", None, GREETINGS) for _ in range(CHAINS_ALONE)])

        yield one_round


@asynccontextmanager
async def chains(*, on_file: bool) -> AsyncIterator[Round]:
    """Chains a second, all started at once."""
    async with _host(on_file=on_file) as host:

        async def one_round() -> float:
            began = time.perf_counter()
            instances = [_start(host.engine, "chain") for _ in range(CHAINS_AT_ONCE)]
            await host.settle()
            seconds = time.perf_counter() - began
            for instance in instances:
                _expect(host.engine, instance, GREETINGS)
            return CHAINS_AT_ONCE / seconds

        yield one_round


@asynccontextmanager
async def fan_out(*, on_file: bool) -> AsyncIterator[Round]:
    """Seconds of one orchestration that runs many activities at once."""
    squares = sum(n * n for n in range(FAN_OUT))
    async with _host(on_file=on_file) as host:

        async def one_round() -> float:
            return await _timed(host, "fan_out", FAN_OUT, squares)

        yield one_round


@asynccontextmanager
async def signals(*, on_file: bool, entities: int) -> AsyncIterator[Round]:
    """Signals a second, each a commit of its own when sent, until the last is executed and committed."""
    async with _host(on_file=on_file) as host:

        async def one_round() -> float:
            before = _counted(host.engine, entities)
            began = time.perf_counter()
            for sent in range(SIGNALS):
                host.engine.signal("counter", str(sent % entities), "add", json.dumps(json.dumps(1)))
                if sent % SIGNALS_IN_A_ROW == 0:
                    await asyncio.sleep(0)
            await host.settle()
            seconds = time.perf_counter() - began
            if _counted(host.engine, entities) - before != SIGNALS:
                raise RuntimeError("signals were lost or counted twice")
            return SIGNALS / seconds

        yield one_round


def _counted(engine: Engine, entities: int) -> int:
    return sum(int(engine.read_entity("counter", str(key)) or 0) for key in range(entities))


@asynccontextmanager
async def events(*, received: int, timed: int, instances: int) -> AsyncIterator[Round]:
    """Milliseconds from raise_event until the orchestrator has gone on and that is committed, on file.

    received: how many events an instance has had before; timed: how many of the next ones count.
    """
    async with _host(on_file=True) as host:

        async def one_instance() -> list[float]:
            instance = _start(host.engine, "inbox", received + timed)
            await host.settle()
            took = [await _raised(host, instance, number) for number in range(1, received + timed + 1)]
            _expect(host.engine, instance, None)
            return took[received:]

        async def one_round() -> float:
            return 1_000 * median([took for _ in range(instances) for took in await one_instance()])

        yield one_round


async def _raised(host: Host, instance: str, number: int) -> float:
    began = time.perf_counter()
    host.engine.raise_event(instance, "word", "1")
    await host.settle()
    seconds = time.perf_counter() - began
    status = host.engine.get(instance).custom_status
    if status != str(number):
        raise RuntimeError(f"after event {number} the orchestrator says {status}")
    return seconds


@asynccontextmanager
async def week(*, flow: str) -> AsyncIterator[Round]:
    """Seconds that seven days of hourly checks take on a frozen clock, in memory."""
    async with _host(on_file=False, is_frozen=True) as host:

        async def one_round() -> float:
            began = time.perf_counter()
            instance = _start(host.engine, flow, CHECKS)
            await host.advance(timedelta(days=7))
            seconds = time.perf_counter() - began
            _expect(host.engine, instance, "done")
            return seconds

        yield one_round
