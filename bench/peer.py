"""Probes of the peer: the in-memory backend that Microsoft ships in PyPI `durabletask` for tests.

Backend, worker and client stand in one process and talk gRPC over loopback, as its documentation shows it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from statistics import median
from typing import Any

from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.task import ActivityContext, OrchestrationContext, when_all
from durabletask.testing import create_test_backend
from durabletask.worker import TaskHubGrpcWorker

from bench.devhost import CHAINS_ALONE, CHAINS_AT_ONCE, FAN_OUT, Round
from bench.scratch import GREETINGS, free_port


def _hello(_: ActivityContext, city: str) -> str:
    return f"Hello {city}!"


def _square(_: ActivityContext, number: int) -> int:
    return number * number


def _chain(context: OrchestrationContext, _: Any) -> Any:
    first = yield context.call_activity(_hello, input="Tokyo")
    second = yield context.call_activity(_hello, input="Seattle")
    third = yield context.call_activity(_hello, input="London")
    return [first, second, third]


def _fan_out(context: OrchestrationContext, count: int) -> Any:
    squares = yield when_all([context.call_activity(_square, input=n) for n in range(count)])
    return sum(squares)


@contextmanager
def _client() -> Iterator[TaskHubGrpcClient]:
    port = free_port()
    address, quiet = f"localhost:{port}", logging.getLogger("durabletask")
    backend = create_test_backend(port)
    worker = TaskHubGrpcWorker(host_address=address, logger=quiet)
    for orchestrator in (_chain, _fan_out):
        worker.add_orchestrator(orchestrator)
    for activity in (_hello, _square):
        worker.add_activity(activity)
    worker.start()  # type: ignore[no-untyped-call]  # the library leaves it without a type
    try:
        with TaskHubGrpcClient(host_address=address, logger=quiet) as client:
            yield client
    finally:
        quiet.setLevel(logging.CRITICAL)  # it reports its own end as an error
        worker.stop()  # type: ignore[no-untyped-call]  # as above
        backend.stop()


def _expect(client: TaskHubGrpcClient, instance: str, output: object) -> None:
    """Wait for the end; RuntimeError where the result is not the right one."""
    state = client.wait_for_orchestration_completion(instance)
    if state is None or state.runtime_status is not OrchestrationStatus.COMPLETED:
        raise RuntimeError(f"instance {instance} ended as {state}")
    if json.loads(state.serialized_output or "null") != output:
        raise RuntimeError(f"instance {instance} gave {state.serialized_output}, expected {output!r}")


@asynccontextmanager
async def chain_alone() -> AsyncIterator[Round]:
    """Milliseconds of a chain of three activities with nothing beside it."""
    with _client() as client:

        def timed() -> float:
            began = time.perf_counter()
            _expect(client, client.schedule_new_orchestration(_chain), GREETINGS)
            return time.perf_counter() - began

        async def one_round() -> float:
            return 1_000 * median([timed() for _ in range(CHAINS_ALONE)])

        yield one_round


@asynccontextmanager
async def chains() -> AsyncIterator[Round]:
    """Chains a second, all started at once."""
    with _client() as client:

        async def one_round() -> float:
            began = time.perf_counter()
            instances = [client.schedule_new_orchestration(_chain) for _ in range(CHAINS_AT_ONCE)]
            for instance in instances:
                _expect(client, instance, GREETINGS)
            return CHAINS_AT_ONCE / (time.perf_counter() - began)

        yield one_round


@asynccontextmanager
async def fan_out() -> AsyncIterator[Round]:
    """Seconds of one orchestration that runs many activities at once."""
    squares = sum(n * n for n in range(FAN_OUT))
    with _client() as client:

        async def one_round() -> float:
            began = time.perf_counter()
            _expect(client, client.schedule_new_orchestration(_fan_out, input=FAN_OUT), squares)
            return time.perf_counter() - began

        yield one_round
