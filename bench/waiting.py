"""Probes of waiting: a week on a host with a frozen clock, through which one intent waits for a sunny Thursday."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from bench.city import NOW
from bench.devhost import Round
from bench.recovery import HOME, SETTINGS, Bench
from bench.scratch import ROOT
from bench.shop import shop
from devhost.host import Host, Options

WEEK = timedelta(days=7)
WATCHER = ROOT / "bench" / "apps" / "watcher"
CUSTOMER, STAFF = ("customer", "ann"), ("admin", "ada")
RAIN = {"code": 63, "cloud_percent": 90, "rain_percent": 80, "temperature_c": 15, "wind_kmh": 15}
SET_DAYS, RAINY_DAYS = 16, 48
"""So many days are set with one call; it rains for all that the rounds last, so the intent waits on."""


@asynccontextmanager
async def week(*, has_all_timers: bool, has_intent: bool) -> AsyncIterator[Round]:
    """Seconds of a week: of the watcher alone, or of all that the app does by the clock."""
    async with _open(ROOT if has_all_timers else WATCHER) as bench:
        if has_intent:
            await _begin(bench)
        await bench.host.advance(timedelta(hours=2))  # what comes with the first tick has come

        async def one_round() -> float:
            began = time.perf_counter()
            await bench.host.advance(WEEK)
            return time.perf_counter() - began

        yield one_round


@asynccontextmanager
async def _open(app: Path) -> AsyncIterator[Bench]:
    from shared import wiring  # the settings are read when it is first asked

    async with shop(0) as data:
        os.environ.update({"DATA_DIR": str(data), **SETTINGS})
        wiring.deps.cache_clear()
        host = await Host.start(Options(app, data / "host", is_frozen=True, start=NOW))
        try:
            async with httpx.AsyncClient(base_url=host.url, timeout=60) as http:
                yield Bench(host, http)
        finally:
            await host.close()
            await wiring.deps().store.close()


async def _begin(bench: Bench) -> None:
    """Let it rain, and wait for the sun."""
    for days in range(-1, RAINY_DAYS, SET_DAYS):
        first = NOW + timedelta(days=days)
        span = {"start": first.isoformat(), "end": (first + timedelta(days=SET_DAYS)).isoformat()}
        place = {"lat": HOME["lat"], "lng": HOME["lng"], "conditions": RAIN}
        answer = await bench.call(STAFF, "PUT", "/api/v1/simulator/weather", json={**place, **span})
        answer.raise_for_status()
    body = {
        "text": "send my mom flowers on the next sunny Thursday, about $60",
        "deliver_to": HOME,
        "payment": {"method": "card_ok"},
    }
    key = {"Idempotency-Key": "week"}
    answer = await bench.call(CUSTOMER, "POST", "/api/v1/standing-intents", json=body, headers=key)
    answer.raise_for_status()
    await bench.host.settle()
    intent = answer.json()["data"]["id"]
    seen = await bench.call(CUSTOMER, "GET", f"/api/v1/standing-intents/{intent}")
    if seen.json()["data"]["status"] != "waiting":
        raise RuntimeError(f"the intent does not wait: {seen.text}")
