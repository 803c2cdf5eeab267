"""Measuring: every contender in a fresh process, one round each in turn, so that a drift of the machine hits all."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import IO

from bench.catalogue import Contender, Measurement
from bench.scratch import RESULTS, ROOT

ROUND_SECONDS_MAX = 60.0
END_SECONDS_MAX = 20.0
LOG_BYTES_SHOWN = 1_500


@dataclass(frozen=True)
class Row:
    """What a contender reached, a figure a round; ratio: how many times as fast as the one beside it, if any."""

    measurement: Measurement
    contender: Contender
    figures: tuple[float, ...]
    ratio: float | None = None

    @property
    def median(self) -> float:
        """The figure that stands for all."""
        return median(self.figures)

    @property
    def is_aim_met(self) -> bool | None:
        """None where nothing is aimed at."""
        aim = self.contender.aim
        if aim is None:
            return None
        return self.median >= aim if self.measurement.is_rate else self.median <= aim

    @property
    def is_level_met(self) -> bool | None:
        """As is_aim_met, for the ratio."""
        level = self.contender.level
        return None if level is None or self.ratio is None else self.ratio >= level


class _Child:
    """A process that measures one contender whenever told."""

    def __init__(self, contender: Contender, process: Process, log: IO[bytes]) -> None:
        self.contender = contender
        self.figures: list[float] = []
        self.failure: str | None = None
        self._process = process
        self._log = log

    async def warm_up(self) -> None:
        """One round that does not count."""
        await self.round()
        self.figures.clear()

    async def round(self) -> None:
        """Take one more figure, or note why there is none; nothing more is asked of one that has failed."""
        if self.failure is not None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), ROUND_SECONDS_MAX)
        except TimeoutError:
            self._fail(f"a round took more than {ROUND_SECONDS_MAX:g} s")
            return
        if line:
            self.figures.append(float(line))
        else:
            self._fail(f"exit code {await self._process.wait()}")

    def _fail(self, reason: str) -> None:
        end = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, end - LOG_BYTES_SHOWN))
        self.failure = f"{self.contender.label}: {reason}\n{self._log.read().decode(errors='replace')}".rstrip()

    async def close(self) -> None:
        """Let it end by itself; end it, and all that it has started, where it has failed or takes too long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            if self.failure is None:
                await asyncio.wait_for(self._process.wait(), END_SECONDS_MAX)
        except TimeoutError:
            pass
        finally:
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


@asynccontextmanager
async def _child(measurement: Measurement, number: int) -> AsyncIterator[_Child]:
    """A probe's process; its files lie beside the code: a system's folder for temporary ones may be memory."""
    command = [sys.executable, "-m", "bench.probe", measurement.name, str(number)]
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory(dir=RESULTS) as folder:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder},
            stdin=PIPE,
            stdout=PIPE,
            stderr=log,
            start_new_session=True,
        )
        child = _Child(measurement.contenders[number], process, log)
        try:
            yield child
        finally:
            await child.close()


async def measure(measurement: Measurement, rounds: int) -> tuple[list[Row], list[str]]:
    """A row a contender, after one round each to warm up; and why others have none."""
    async with AsyncExitStack() as stack:
        children = []
        for number in range(len(measurement.contenders)):
            child = await stack.enter_async_context(_child(measurement, number))
            await child.warm_up()
            children.append(child)
        for _ in range(rounds):
            for child in children:
                await child.round()
    rows = _rows(measurement, {child.contender: child.figures for child in children if child.failure is None})
    return list(rows), [f"{measurement.name}, {child.failure}" for child in children if child.failure is not None]


def _rows(measurement: Measurement, figures: Mapping[Contender, Sequence[float]]) -> Iterator[Row]:
    by_label = {contender.label: taken for contender, taken in figures.items()}
    for contender, own in figures.items():
        ratio = None
        if contender.beside in by_label:
            pairs = zip(own, by_label[contender.beside], strict=True)
            ratio = median(mine / its if measurement.is_rate else its / mine for mine, its in pairs)
        yield Row(measurement, contender, tuple(own), ratio)
