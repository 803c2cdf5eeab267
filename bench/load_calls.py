"""What clients do to the host: each kind of call, prepared before it is timed."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from bench.chat import ROUTES, Request
from bench.client import Connection
from bench.load_shop import District, Site, districts
from shared.dialogue.signed import HEADER, signature

DAYS_TO_DELIVER = 5
PIECES_TO_ASK = 12
"""So many that an agent may not order them without asking."""
ASKED_AT_ONCE = 8
PLACED_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.01
LOOK_SHARE = 0.2
"""An order is looked at again after this share of the time it has taken: at most that much its time is too long."""
NOT_YET = frozenset({"placing", "awaiting_approval"})


@dataclass
class Visitor:
    """One client: its connection, where it lives, its tokens; placed: its last order; seconds: how long that took."""

    connection: Connection
    home: District
    customer: str
    agent: str
    secret: str
    placed: str = ""
    seconds: float = 0.0
    approvals: list[str] = field(default_factory=list)

    async def send(self, status: int, target: str, body: Any, token: str) -> Any:
        """POST with a key of its own; the `data` of the answer."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        answer = await self.connection.expect(status, "POST", target, json.dumps(body).encode(), headers)
        return json.loads(answer)["data"]

    async def see(self, target: str) -> Any:
        """GET as the customer; the `data` of the answer."""
        headers = {"Authorization": f"Bearer {self.customer}"}
        return json.loads(await self.connection.expect(200, "GET", target, headers=headers))["data"]


class Deed(Protocol):
    """One kind of call."""

    async def prepare(self, visitors: Sequence[Visitor]) -> None:
        """Whatever must be there before it can be done."""

    async def do(self, visitor: Visitor) -> bool:
        """Do it once; False where nothing is left to be done. RuntimeError for a refusal."""


async def visitors_of(site: Site, count: int) -> list[Visitor]:
    """So many, spread over the districts."""
    places, found = districts(), []
    for number in range(count):
        home = places[number % len(places)]
        customer, partner = f"load-customer-{number}", await site.token("partner", home.maker)
        webhook = await site.data("GET", f"/api/v1/partners/{home.maker}/webhook", token=partner)
        found.append(
            Visitor(
                await site.connect(),
                home,
                await site.token("customer", customer),
                await site.token("agent", f"load-agent-{number}", acting_for=customer, scopes=["orders:write"]),
                webhook["secret"],
            )
        )
    return found


class Plain:
    """Requests that need nothing beforehand, one after the other."""

    def __init__(self, requests: Callable[[], Iterator[Request]]) -> None:
        self._requests = requests()

    async def prepare(self, visitors: Sequence[Visitor]) -> None:
        """Nothing is needed."""

    async def do(self, visitor: Visitor) -> bool:
        """The next request."""
        await visitor.connection.expect(200, *next(self._requests))
        return True


class Ordering:
    """An order, from POST until it is placed: everything reserved, paid and in escrow."""

    async def prepare(self, visitors: Sequence[Visitor]) -> None:
        """How long one took among others says nothing of the next."""
        for visitor in visitors:
            visitor.seconds = 0.0

    async def do(self, visitor: Visitor) -> bool:
        """Place one and wait."""
        began = time.perf_counter()
        order = await visitor.send(202, "/api/v1/orders", _body(visitor, 1), visitor.customer)
        await asyncio.sleep(max(0.0, 0.5 * visitor.seconds - (time.perf_counter() - began)))
        while (there := await visitor.see(f"/api/v1/orders/{order['id']}"))["status"] in NOT_YET:
            taken = time.perf_counter() - began
            if taken > PLACED_SECONDS_MAX:
                raise RuntimeError(f"an order is not placed after {PLACED_SECONDS_MAX:g} s")
            await asyncio.sleep(max(LOOK_SECONDS, LOOK_SHARE * taken))
        if there["status"] != "placed":
            raise RuntimeError(f"an order came to be {there['status']}: {there['reason']}")
        visitor.placed, visitor.seconds = order["id"], time.perf_counter() - began
        return True


class Approving:
    """The customer's word about what their agent wants to order, who then orders it or, as here, does not."""

    def __init__(self, each: int) -> None:
        """each: how many a visitor decides in a round."""
        self._each = each

    async def prepare(self, visitors: Sequence[Visitor]) -> None:
        """The agents ask."""
        places = asyncio.Semaphore(ASKED_AT_ONCE)

        async def ask(visitor: Visitor) -> None:
            async with places:
                for _ in range(self._each - len(visitor.approvals)):
                    body = _body(visitor, PIECES_TO_ASK)
                    order = await visitor.send(202, "/api/v1/orders", body, visitor.agent)
                    visitor.approvals.append(await _asked_about(visitor, order["id"]))

        await asyncio.gather(*map(ask, visitors))

    async def do(self, visitor: Visitor) -> bool:
        """Decide one."""
        if not visitor.approvals:
            return False
        target = f"/api/v1/approvals/{visitor.approvals.pop()}"
        await visitor.send(200, target, {"decision": "reject"}, visitor.customer)
        return True


class Answering:
    """A maker's own system writes, signed, in the conversation of an order."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    async def prepare(self, visitors: Sequence[Visitor]) -> None:
        """Everybody has an order that can be written about."""
        await asyncio.gather(*(Ordering().do(visitor) for visitor in visitors if not visitor.placed))

    async def do(self, visitor: Visitor) -> bool:
        """One message."""
        said = {
            "id": f"{visitor.home.maker}-{next(self._numbers)}-{uuid4().hex[:8]}",
            "thread": f"order:{visitor.placed}",
            "text": "The candle is wrapped and stands at the door.",
        }
        body = json.dumps(said).encode()
        headers = {HEADER: signature(visitor.secret, body, datetime.now(UTC))}
        target = f"/webhooks/partners/{visitor.home.maker}"
        await visitor.connection.expect(200, "POST", target, body, headers)
        return True


def deeds(decided_each: int) -> dict[str, Deed]:
    """What is measured, beside `health`; decided_each: approvals of a visitor in a round."""
    return {
        "chat": Plain(ROUTES["chat"]),
        "discovery": Plain(ROUTES["products"]),
        "order": Ordering(),
        "approval": Approving(decided_each),
        "webhook": Answering(),
    }


def _body(visitor: Visitor, pieces: int) -> dict[str, Any]:
    home = visitor.home
    return {
        "lines": [{"product_id": home.product, "quantity": pieces}],
        "deliver_to": {"address": "1 Main St, Austin", "lat": home.point.lat, "lng": home.point.lng},
        "deliver_by": (datetime.now(UTC) + timedelta(days=DAYS_TO_DELIVER)).isoformat(),
        "payment": {"method": "card_ok"},
    }


async def _asked_about(visitor: Visitor, order: str) -> str:
    """The id of the question about an order, when it is there."""
    async with asyncio.timeout(PLACED_SECONDS_MAX):
        while True:
            waiting = (await visitor.see("/api/v1/approvals?status=pending&limit=20"))["items"]
            for one in waiting:
                if one["about"] == f"order:{order}":
                    return str(one["id"])
            await asyncio.sleep(LOOK_SECONDS)
