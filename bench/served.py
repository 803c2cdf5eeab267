"""Probes of `python -m devhost` as a process of its own: its start, and what it answers to clients in another one."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from bench.client import Connection
from bench.devhost import CHAINS_AT_ONCE, Round
from bench.scratch import APP, GREETINGS, ROOT, folder, free_port

SENDING_SECONDS = 1.0
CHAINS_ALONE = 40
CLIENTS = 10
START_SECONDS_MAX = 30.0
SETTLE_SECONDS_MAX = 30.0
POLL_SECONDS = 0.002
DURABLE = "/runtime/webhooks/durabletask"

Call = Callable[[Connection, int], Awaitable[None]]


@asynccontextmanager
async def _running(arguments: Sequence[str]) -> AsyncIterator[Process]:
    """A Python process, ended at the end."""
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answering(port: int, process: Process) -> None:
    """Wait until a request to / is answered; RuntimeError where the process ends instead."""
    async with asyncio.timeout(START_SECONDS_MAX):
        while process.returncode is None:
            try:
                connection = await Connection.open(port)
            except OSError:
                await asyncio.sleep(POLL_SECONDS)
                continue
            await connection.expect(200, "GET", "/")
            await connection.close()
            return
    raise RuntimeError(f"the process ended with {process.returncode} before it answered")


@asynccontextmanager
async def _devhost() -> AsyncIterator[int]:
    """The host on file as a user starts it; its port."""
    port = free_port()
    with folder() as data:
        arguments = ["-m", "devhost", "--app", str(APP), "--port", str(port), "--data", data]
        async with _running(arguments) as process:
            await _answering(port, process)
            yield port


@asynccontextmanager
async def _uvicorn() -> AsyncIterator[int]:
    """The bare server; its port."""
    port = free_port()
    arguments = ["-m", "uvicorn", "bench.bare:app", "--port", str(port), "--no-access-log", "--lifespan", "off"]
    async with _running(arguments) as process:
        await _answering(port, process)
        yield port


@asynccontextmanager
async def _connected(port: int, clients: int) -> AsyncIterator[list[Connection]]:
    connections = [await Connection.open(port) for _ in range(clients)]
    try:
        yield connections
    finally:
        for connection in connections:
            await connection.close()


async def _all(connections: Sequence[Connection], numbers: Iterable[int], call: Call) -> None:
    """Make a call for each number, every connection one at a time."""
    left = iter(numbers)

    async def work(connection: Connection) -> None:
        for number in left:
            await call(connection, number)

    await asyncio.gather(*map(work, connections))


async def _for_a_while(connections: Sequence[Connection], call: Call) -> int:
    """Make calls for SENDING_SECONDS; how many."""
    end = time.perf_counter() + SENDING_SECONDS
    made = itertools.count()
    await _all(connections, itertools.takewhile(lambda _: time.perf_counter() < end, made), call)
    return next(made) - 1


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again; TimeoutError where it takes too long."""
    async with asyncio.timeout(SETTLE_SECONDS_MAX):
        while not await is_so():  # noqa: ASYNC110  what is asked is another process
            await asyncio.sleep(POLL_SECONDS)


# start


@asynccontextmanager
async def boot() -> AsyncIterator[Round]:
    """Seconds from the command until the host answers, with an empty store."""

    async def one_round() -> float:
        began = time.perf_counter()
        async with _devhost():
            return time.perf_counter() - began

    yield one_round


@asynccontextmanager
async def imports(*, code: str) -> AsyncIterator[Round]:
    """Seconds of a process that imports something and does nothing else."""

    async def one_round() -> float:
        began = time.perf_counter()
        async with _running(["-c", code]) as process:
            if await process.wait():
                raise RuntimeError("the imports failed")
            return time.perf_counter() - began

    yield one_round


# HTTP


@asynccontextmanager
async def requests(*, clients: int, is_bare: bool) -> AsyncIterator[Round]:
    """Requests a second that an HTTP function answers."""
    async with _uvicorn() if is_bare else _devhost() as port, _connected(port, clients) as connections:

        async def ping(connection: Connection, _: int) -> None:
            if await connection.expect(200, "GET", "/api/ping?n=1") != b"pong 1":
                raise RuntimeError("not the answer of the function")

        async def one_round() -> float:
            began = time.perf_counter()
            return await _for_a_while(connections, ping) / (time.perf_counter() - began)

        yield one_round


@asynccontextmanager
async def chain_alone() -> AsyncIterator[Round]:
    """Milliseconds of a chain whose client starts it and waits for its output in one request, mean of many."""
    async with _devhost() as port, _connected(port, 1) as connections:

        async def chain(connection: Connection, _: int) -> None:
            output = await connection.expect(200, "POST", f"{DURABLE}/orchestrators/chain?timeout=60")
            if json.loads(output) != GREETINGS:
                raise RuntimeError(f"the chain gave {output!r}")

        async def one_round() -> float:
            began = time.perf_counter()
            await _all(connections, range(CHAINS_ALONE), chain)
            return 1_000 * (time.perf_counter() - began) / CHAINS_ALONE

        yield one_round


@asynccontextmanager
async def chains() -> AsyncIterator[Round]:
    """Chains a second: many started by ten clients, until the host lists none as unfinished."""
    unfinished = f"{DURABLE}/instances?runtimeStatus=Pending,Running&top=1"
    completed = f"{DURABLE}/instances?runtimeStatus=Completed&top=1000&instanceIdPrefix="
    rounds = 0
    async with _devhost() as port, _connected(port, CLIENTS) as connections:

        async def start(connection: Connection, number: int) -> None:
            await connection.expect(202, "POST", f"{DURABLE}/orchestrators/chain/{rounds}-{number}")

        async def is_settled() -> bool:
            return await connections[0].expect(200, "GET", unfinished) == b"[]"

        async def one_round() -> float:
            nonlocal rounds
            rounds += 1
            began = time.perf_counter()
            await _all(connections, range(CHAINS_AT_ONCE), start)
            await _until(is_settled)
            seconds = time.perf_counter() - began
            ended = json.loads(await connections[0].expect(200, "GET", f"{completed}{rounds}-"))
            if [one["output"] for one in ended] != [GREETINGS] * CHAINS_AT_ONCE:
                raise RuntimeError("not every chain has completed with its result")
            return CHAINS_AT_ONCE / seconds

        yield one_round


@asynccontextmanager
async def signals() -> AsyncIterator[Round]:
    """Signals a second to one entity by ten clients, until its state shows them all."""
    entity = f"{DURABLE}/entities/counter/one"
    sent = 0
    async with _devhost() as port, _connected(port, CLIENTS) as connections:

        async def signal(connection: Connection, _: int) -> None:
            await connection.expect(202, "POST", f"{entity}?op=add", b'"1"')

        async def is_counted() -> bool:
            return (await connections[0].call("GET", entity))[1] == str(sent).encode()

        async def one_round() -> float:
            nonlocal sent
            before, began = sent, time.perf_counter()
            sent += await _for_a_while(connections, signal)
            await _until(is_counted)
            return (sent - before) / (time.perf_counter() - began)

        yield one_round
