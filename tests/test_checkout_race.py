"""Two hundred checkouts at once for fifty places, and for fifty pieces: exactly fifty are sold and paid."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import boundaries
from tests.conftest import House
from tests.order_checks import check_order, check_shelves

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SATURDAY = "2026-11-29T00:00:00Z"
BUYERS, PLACES = 200, 50
SECONDS_MAX = 300


@pytest.fixture(scope="module")
def corner() -> Iterator[House]:
    with boundaries.scratch() as folder, boundaries.on_disk(boundaries.opened(folder).folder) as house:
        yield house


def all_at_once(house: House, products: tuple[str, ...]) -> list[httpx.Response]:
    """Every buyer's order, sent before any of them is answered."""
    tokens = [house.token("customer", f"buyer-{number}") for number in range(BUYERS)]
    lines = [{"product_id": product} for product in products]
    body = {"lines": lines, "deliver_to": HOME, "deliver_by": SATURDAY, "payment": {"method": "card_ok"}}

    async def send() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=BUYERS)
        async with httpx.AsyncClient(base_url=house.host.url, timeout=SECONDS_MAX, limits=limits) as client:
            return await asyncio.gather(*(order(client, token) for token in tokens))

    async def order(client: httpx.AsyncClient, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": products[0]}
        return await client.post("/api/v1/orders", json=body, headers=headers)

    return asyncio.run(send())


@pytest.mark.parametrize(
    "products", [("kiln-house.WHEEL",), ("cocoa-room.LAST", "swift-bikes.DAY")], ids=["places", "pieces"]
)
def test_fifty_are_sold_and_no_more(corner: House, products: tuple[str, ...]) -> None:
    answers = all_at_once(corner, products)
    corner.host.settle(SECONDS_MAX)
    assert {answer.status_code for answer in answers} <= {202, 422}, "who comes late finds it sold out at the door"
    begun = [answer.json()["data"] for answer in answers if answer.status_code == 202]
    ended: list[Any] = [check_order(corner, one["id"]) for one in begun]
    assert Counter(one.status for one in ended) == {"placed": PLACES, "failed": len(begun) - PLACES}
    assert all("no longer to be had" in one.reason for one in ended if one.status == "failed")
    check_shelves(corner)
