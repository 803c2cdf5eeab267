"""`python -m bench.recovery [COUNT]`: how fast a rejection becomes a proposal, and whether crowds of answers are lost.

One host in this process on a frozen clock, with the demo city and so many made-up products (default 100,000). Orders
are placed and given up by their partners, one by one: the time until the customer has a proposal, by the wall and
of this process alone (host, app, store, and the asking), beside one search over the same products and the route that
costs least. Then NEGOTIATIONS talks at once over the demo city, each answered twice, in random order; what must hold of
them is printed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from statistics import median
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx

from bench.city import NOW
from bench.devhost import Round
from bench.listings import CENTRE, wishes
from bench.report import machine
from bench.scratch import ROOT
from bench.shop import shop
from devhost.host import Host, Options

COUNT = 100_000
ROUNDS = 12
TRIED_MAX = 80
"""Wishes of which some have nothing that can be ordered, or nothing that could take its place."""
NEGOTIATIONS = 1_000
AT_ONCE = 50
AIM_MS = 100.0
SEED = 2026
DEADLINE = timedelta(days=6)
HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": CENTRE.lat, "lng": CENTRE.lng}
WARM_SECONDS_MAX = 600
"""The first search of so many products opens their index."""
POLL_SECONDS = 0.005
SETTINGS = {"CALLS_PER_MINUTE": "1000000", "ANONYMOUS_CALLS_PER_MINUTE": "1000000"}


class Bench:
    """The app on a host, and those who speak to it."""

    def __init__(self, host: Host, http: httpx.AsyncClient) -> None:
        self.host, self.http = host, http
        self._tokens: dict[tuple[str, str], str] = {}

    async def call(self, who: tuple[str, str] | None, method: str, path: str, **more: Any) -> httpx.Response:
        """One request in somebody's name."""
        headers = dict(more.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {await self.token(who)}"
        return await self.http.request(method, path, headers=headers, **more)

    async def token(self, who: tuple[str, str]) -> str:
        """A token of somebody, asked for once."""
        if who not in self._tokens:
            role, subject = who
            answer = await self.http.post("/api/v1/dev/token", json={"role": role, "subject": subject})
            self._tokens[who] = answer.json()["data"]["token"]
        return self._tokens[who]

    async def placed(self, text: str, key: str) -> dict[str, Any] | None:
        """An order of what is found for some words; None where nothing is, or it cannot be placed."""
        where = {"q": text, "lat": CENTRE.lat, "lng": CENTRE.lng, "limit": 1}
        found = (await self.call(None, "GET", "/api/v1/products", params=where)).json()["data"]["items"]
        if not found:
            return None
        body = {
            "lines": [{"product_id": found[0]["id"]}], "deliver_to": HOME,
            "deliver_by": (self.host.clock.now() + DEADLINE).isoformat(), "payment": {"method": "card_ok"},
        }  # fmt: skip
        ann = ("customer", f"ann-{key}")
        answer = await self.call(ann, "POST", "/api/v1/orders", json=body, headers={"Idempotency-Key": key})
        if answer.status_code >= 300:
            return None
        await self.host.settle()
        order = (await self.call(ann, "GET", f"/api/v1/orders/{answer.json()['data']['id']}")).json()["data"]
        return order if order["status"] == "placed" else None


@asynccontextmanager
async def opened(count: int) -> AsyncIterator[Bench]:
    """The app with so many made-up products, warm."""
    from shared import wiring  # the settings are read when it is first asked

    async with shop(count) as data:
        os.environ.update({"DATA_DIR": str(data), **SETTINGS})
        wiring.deps.cache_clear()
        host = await Host.start(Options(ROOT, data / "host", is_frozen=True, start=NOW))
        try:
            async with httpx.AsyncClient(base_url=host.url, timeout=WARM_SECONDS_MAX) as http:
                bench = Bench(host, http)
                await bench.call(None, "GET", "/api/v1/products", params={"q": "roses"})
                await proposals(bench, 1, "warm")
                yield bench
        finally:
            await host.close()
            await wiring.deps().store.close()


# --- from a rejection to a proposal


class Taken(NamedTuple):
    """Seconds from a partner's word until the customer has a proposal: by the wall, and of this process."""

    wall: float
    own: float


async def proposals(bench: Bench, wanted: int, name: str) -> list[Taken]:
    """How long it took, for so many orders."""
    taken: list[Taken] = []
    for number, wish in enumerate(wishes(TRIED_MAX)):
        if len(taken) == wanted:
            break
        order = await bench.placed(wish.text, f"{name}-{number}")
        if order is not None and (one := await _proposed(bench, order, f"ann-{name}-{number}")) is not None:
            taken.append(one)
    return taken


async def _proposed(bench: Bench, order: dict[str, Any], customer: str) -> Taken | None:
    """None where nobody else has it."""
    leg = order["legs"][0]
    path = f"/api/v1/orders/{order['id']}/legs/{leg['id']}/give-up"
    await bench.call(("customer", customer), "GET", "/api/v1/approvals")
    doer = ("partner", leg["partner"]["id"])
    await bench.token(doer)
    began = Taken(time.perf_counter(), time.process_time())
    answer = await bench.call(doer, "POST", path, json={"reason": "rejected"})
    assert answer.status_code == 202, answer.text
    while not (found := await _pending(bench, customer)):  # noqa: ASYNC110  it is asked over HTTP
        await asyncio.sleep(POLL_SECONDS)
    taken = Taken(time.perf_counter() - began.wall, time.process_time() - began.own)
    await bench.host.settle()
    return taken if "refund" not in found[0]["facts"] else None


async def _pending(bench: Bench, customer: str) -> list[dict[str, Any]]:
    answer = await bench.call(("customer", customer), "GET", "/api/v1/approvals", params={"status": "pending"})
    items: list[dict[str, Any]] = answer.json()["data"]["items"]
    return items


async def routes(bench: Bench) -> dict[str, float]:
    """Median seconds of one search, and of the route that costs least."""
    found: dict[str, list[float]] = {"search": [], "health": []}
    for wish in wishes(4 * ROUNDS):
        where = {"q": wish.text, "lat": CENTRE.lat, "lng": CENTRE.lng}
        for name, path, params in (("search", "/api/v1/products", where), ("health", "/api/v1/health", {})):
            began = time.perf_counter()
            assert (await bench.call(None, "GET", path, params=params)).status_code == 200
            found[name].append(time.perf_counter() - began)
    return {name: median(taken) for name, taken in found.items()}


# --- many at once


class HostClient:
    """What a webhook has of the durable client."""

    def __init__(self, host: Host) -> None:
        self._engine = host.engine

    async def get_status(self, instance_id: str) -> Any:
        """As the SDK's client has it."""
        status = self._engine.get(instance_id).status.value
        return SimpleNamespace(runtime_status=SimpleNamespace(name=status))

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        """The same."""
        given = json.dumps(json.dumps(client_input))
        return str(self._engine.start_new(orchestration_function_name, given, instance_id, None))

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        """The same."""
        self._engine.raise_event(instance_id, event_name, json.dumps(event_data))


async def crowd(bench: Bench, count: int) -> dict[str, Any]:
    """So many talks, each answered twice in random order: how long it took, and what must hold of them."""
    names = await _opened_talks(bench, count)
    began = time.perf_counter()
    for name in names:
        bench.host.engine.start_new("negotiation", json.dumps(json.dumps(name)), name, None)
    await bench.host.settle()
    asked = time.perf_counter()
    chance = random.Random(SEED)
    says = {name: chance.choice(("accept", "decline")) for name in names}
    replies = [(name, number) for name in names for number in (1, 2)]
    chance.shuffle(replies)
    await _answered(bench, replies, says)
    await bench.host.settle()
    done = time.perf_counter()
    return {
        "negotiations": count, "asked_seconds": round(asked - began, 2), "answered_seconds": round(done - asked, 2),
        "per_second": round(count / (done - began), 1), **await _invariants(bench, says),
    }  # fmt: skip


async def _opened_talks(bench: Bench, count: int) -> list[str]:
    """Talks about one leg of one order, with its partner."""
    from shared import wiring
    from shared.dialogue.negotiation import NEGOTIATIONS as TALKS
    from shared.dialogue.negotiation import Negotiation
    from shared.orders.order import ORDERS
    from shared.records import Write

    store = wiring.deps().store
    found = [await bench.placed(wish.text, f"crowd-{number}") for number, wish in enumerate(wishes(TRIED_MAX)[:8])]
    order = next(one for one in found if one is not None)
    kept = await store.get(ORDERS, order["id"], order["id"])
    assert kept is not None
    leg, now = kept.value.legs[0], bench.host.clock.now()
    names = [f"crowd-{number}" for number in range(count)]
    for name in names:
        talk = Negotiation(
            id=name, order=kept.value.id, leg=leg.id, change=name, customer=kept.value.customer, partner=leg.partner,
            partner_name=leg.partner_name, channel="email", wanted="pink flowers", ordered=leg.title,
            price=leg.price, leg_starts=leg.starts, leg_ends=leg.ends, created_at=now, updated_at=now,
        )  # fmt: skip
        await store.apply(TALKS, name, [Write("create", talk)])
    return names


async def _answered(bench: Bench, replies: list[tuple[str, int]], says: dict[str, str]) -> None:
    """Every reply as a provider brings it in; both of one talk carry the same id."""
    from shared import wiring
    from shared.dialogue.events import negotiation_payload
    from shared.dialogue.inbound import Inbound
    from shared.dialogue.receiving import take

    client, gate, store = HostClient(bench.host), asyncio.Semaphore(AT_ONCE), wiring.deps().store
    asked = {one.message.thread: one async for one in _sent()}

    async def reply(name: str) -> None:
        question = asked[f"neg:{name}"]
        inbound = Inbound(
            channel=question.message.channel, sender=question.message.to, provider_id=f"said-{name}",
            in_reply_to=question.provider_id or "", payload=negotiation_payload(name, 1, says[name]),
            at=bench.host.clock.now(),
        )  # fmt: skip
        async with gate:
            await take(store, client, inbound, bench.host.clock.now())

    await asyncio.gather(*(reply(name) for name, _ in replies))


async def _sent() -> AsyncIterator[Any]:
    from shared import wiring
    from shared.dialogue.delivery import OUTGOING
    from shared.records import PAGE_MAX, Query

    after: str | None = None
    while True:
        page = await wiring.deps().store.query(OUTGOING, Query({}, limit=PAGE_MAX, after=after))
        for stored in page.items:
            if (stored.value.message.thread or "").startswith("neg:crowd-"):
                yield stored.value
        after = page.next
        if after is None:
            return


async def _invariants(bench: Bench, says: dict[str, str]) -> dict[str, Any]:
    from shared import wiring
    from shared.dialogue.negotiation import NEGOTIATIONS as TALKS

    ends = {"accept": "agreed", "decline": "declined"}
    wrong = []
    for name, word in says.items():
        stored = await wiring.deps().store.get(TALKS, name, name)
        assert stored is not None
        talk = stored.value
        if talk.status != ends[word] or [one.said_at is None for one in talk.rounds] != [False]:
            wrong.append(name)
    flows = Counter(bench.host.engine.get(name).status.value for name in says)
    asked = Counter([one.message.thread async for one in _sent()])
    return {
        "lost_or_wrong": len(wrong), "flows": dict(flows), "asked_once": sum(n == 1 for n in asked.values()),
        "asked_more_than_once": sum(n > 1 for n in asked.values()),
    }  # fmt: skip


# --- as rows of the table, and by itself


@asynccontextmanager
async def proposal(*, count: int) -> AsyncIterator[Round]:
    """Milliseconds of this process from a rejection to a proposal, median of some orders."""
    async with opened(count) as bench:
        rounds = iter(range(10_000))

        async def one_round() -> float:
            return 1_000 * median(one.own for one in await proposals(bench, 4, f"round-{next(rounds)}"))

        yield one_round


@asynccontextmanager
async def search(*, count: int) -> AsyncIterator[Round]:
    """Milliseconds of one search over the same products, median."""
    async with opened(count) as bench:

        async def one_round() -> float:
            return 1_000 * (await routes(bench))["search"]

        yield one_round


async def measured(count: int) -> list[dict[str, Any]]:
    """Both parts, as lines."""
    async with opened(count) as bench:
        taken = await proposals(bench, ROUNDS, "timed")
        base = await routes(bench)
    own, wall = median(one.own for one in taken), median(one.wall for one in taken)
    first = {
        "products": count, "orders": len(taken), "rejection_to_proposal_own_ms": round(1_000 * own, 1),
        "aim_ms": AIM_MS, "wall_ms": round(1_000 * wall, 1), "wall_times_health": round(wall / base["health"], 1),
        "wall_times_search": round(wall / base["search"], 2), "health_ms": round(1_000 * base["health"], 2),
        "search_ms": round(1_000 * base["search"], 2),
    }  # fmt: skip
    async with opened(0) as bench:
        return [first, await crowd(bench, NEGOTIATIONS)]


def main() -> None:
    """Measure, print lines for people, then JSON lines."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    about = machine()
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}", file=sys.stderr)
    results = asyncio.run(measured(count))
    for one in results:
        print("  ".join(f"{name} {value}" for name, value in one.items()), flush=True)
    print("", *map(json.dumps, [{"run": about}, *results]), sep="\n")


if __name__ == "__main__":
    main()
