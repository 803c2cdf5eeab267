"""What load is put on: a shop of some size, with districts that are ordered from, on devhost in another process."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.city import NOW, parts
from bench.client import Connection
from bench.listings import CENTRE
from bench.scratch import ROOT, free_port
from bench.shop import shop
from shared.discovery.hours import WEEKDAYS, Hours
from shared.discovery.partners import PARTNERS, Capability, Contact, Partner, Place
from shared.discovery.products import PRODUCTS, Product, product_id
from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.records import Write

DISTRICTS = 25
"""Each with a maker and a courier of its own, so that no one partner's day is what everybody waits for."""
JOBS_A_DAY = 10_000
START_SECONDS_MAX = 60.0
POLL_SECONDS = 0.005
QUIET_SECONDS = 0.25
"""The host is done when it has executed nothing for so long."""
QUIET_SECONDS_MAX = 120.0
_SIDE = 5
_STEP_DEGREES = 0.07
_REACH_KM = 3.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class District:
    """Where orders go; maker: a partner's id; product: what is ordered."""

    point: Point
    maker: str
    product: str


@dataclass(frozen=True)
class Usage:
    """What the host has used so far: processor seconds, bytes written, functions run; at: when."""

    at: float
    cpu_seconds: float
    bytes_written: int
    executions: int


@dataclass(frozen=True)
class Start:
    """Seconds from the command to the first answer, and to the first search; RSS in MB after that."""

    health_seconds: float
    search_seconds: float
    rss_mb: float


class Site:
    """A host that runs, warm."""

    def __init__(self, port: int, process: Process, start: Start, wires: Connection) -> None:
        self.port = port
        self.start = start
        self._pid = process.pid
        self._wires = wires

    async def connect(self) -> Connection:
        """One more connection."""
        return await Connection.open(self.port)

    async def data(self, method: str, target: str, body: Any = None, token: str = "", status: int = 200) -> Any:
        """The `data` of an answer; RuntimeError for another status."""
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return json.loads(await self._wires.expect(status, method, target, sent, headers))["data"]

    async def token(self, role: str, subject: str, **more: Any) -> str:
        """A bearer token."""
        return str((await self.data("POST", "/api/v1/dev/token", {"role": role, "subject": subject, **more}))["token"])

    async def quiet(self) -> Usage:
        """Wait until what was set going is done; the usage by then, `at` being when it last did something."""
        last = await self.usage()
        until = time.perf_counter() + QUIET_SECONDS_MAX
        while (now := await self.usage()).executions != last.executions or now.at - last.at < QUIET_SECONDS:
            if now.executions != last.executions:
                last = now
            if now.at > until:
                raise RuntimeError(f"the host is still at work after {QUIET_SECONDS_MAX:g} s")
            await asyncio.sleep(QUIET_SECONDS / 5)
        return last

    def rss_mb(self) -> float:
        """Resident memory."""
        pages = int(self._told("statm").split()[1])
        return pages * resource.getpagesize() / 1_000_000

    async def usage(self) -> Usage:
        """As it is now."""
        meter = json.loads(await self._wires.expect(200, "GET", "/admin/host/meter?instance=none"))["functions"]
        fields, io = self._told("stat").rpartition(")")[2].split(), self._told("io").split()
        cpu_seconds = (int(fields[11]) + int(fields[12])) / _TICKS
        executions = sum(one["executions"] for one in meter.values())
        return Usage(time.perf_counter(), cpu_seconds, int(io[io.index("write_bytes:") + 1]), executions)

    def _told(self, name: str) -> str:
        """What the system tells of the host."""
        return Path(f"/proc/{self._pid}/{name}").read_text("ascii")


def districts() -> list[District]:
    """Places a few kilometres apart, around the centre."""
    found = []
    for number in range(DISTRICTS):
        row, column = divmod(number, _SIDE)
        lat, lng = (value - _SIDE // 2 for value in (row, column))
        point = Point(lat=CENTRE.lat + lat * _STEP_DEGREES, lng=CENTRE.lng + lng * _STEP_DEGREES)
        maker = f"load-maker-{number}"
        found.append(District(point, maker, product_id(maker, "lamp")))
    return found


@asynccontextmanager
async def site(count: int) -> AsyncIterator[Site]:
    """The app on devhost with so many made-up products, open and warm."""
    port = free_port()
    async with shop(count) as data:
        await _settle_in(data)
        settings = {
            "DATA_DIR": str(data), "CALLS_PER_MINUTE": "1000000", "ANONYMOUS_CALLS_PER_MINUTE": "1000000",
        }  # fmt: skip
        command = ("-m", "devhost", "--app", str(ROOT), "--port", str(port), "--data", str(data / "host"))
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=ROOT, env={**os.environ, **settings}, stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                opened = await _opened(port, process, began)
            yield opened
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _opened(port: int, process: Process, began: float) -> Site:
    wires = await _connected(port, process)
    await wires.expect(200, "GET", "/api/v1/health")
    answered = time.perf_counter() - began
    await wires.expect(200, "GET", f"/api/v1/products?q=roses&lat={CENTRE.lat}&lng={CENTRE.lng}")
    opened = Site(port, process, Start(answered, time.perf_counter() - began, 0.0), wires)
    opened.start = Start(answered, opened.start.search_seconds, opened.rss_mb())
    return opened


async def _connected(port: int, process: Process) -> Connection:
    while process.returncode is None:
        try:
            return await Connection.open(port)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError(f"the host ended with {process.returncode} before it answered")


async def _settle_in(data: Path) -> None:
    """Put the districts' makers and couriers into the shop, who never run out of anything."""
    async with parts(data) as city:
        for district in districts():
            maker = district.maker
            courier = maker.replace("maker", "courier")
            for name, category, price in ((maker, "candle", 2_400), (courier, "courier", 400)):
                await city.store.apply(PARTNERS, name, [Write("put", _partner(name, category, district.point))])
                await city.store.apply(PRODUCTS, name, [Write("put", _product(name, category, price))])
        await city.follower.catch_up()


def _partner(name: str, category: str, point: Point) -> Partner:
    does = "delivery" if category == "courier" else "gift-wrapping"
    return Partner(
        id=name,
        name=name.replace("-", " ").capitalize(),
        kind=category,
        place=Place(address="Austin, TX", point=point, region="austin"),
        reach_km=_REACH_KM,
        hours=Hours.model_validate({"time_zone": "America/Chicago", "week": dict.fromkeys(WEEKDAYS, "0:00-24:00")}),
        contact=Contact(channel="api", address=f"https://{name}.example.com/orders"),
        capabilities=(Capability(tag=does, per_day=JOBS_A_DAY),),
    )


def _product(name: str, category: str, minor: int) -> Product:
    is_courier = category == "courier"
    return Product.model_validate(
        {
            "id": product_id(name, "lamp"), "partner": name, "sku": "lamp", "category": category,
            "kind": "service" if is_courier else "product",
            "title": "Delivery within the district" if is_courier else "Candle of the district",
            "tags": ("delivery",) if is_courier else ("gift-wrapping",),
            "price": Money(minor=minor, currency="USD"), "net": Money(minor=minor * 7 // 10, currency="USD"),
            "lead_minutes": 15, "updated_at": NOW,
        }
    )  # fmt: skip
