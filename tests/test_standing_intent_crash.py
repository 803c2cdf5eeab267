"""The host stopped and killed while intents wait and are bought: none is bought twice, and none is missed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from devhost.testing import DevHost
from tests.conftest import ROOT, House, forget
from tests.test_checkout_crash import Host, customer
from tests.waiting import ALONE, HOME, PAID, PATH, SHOP, Waiting, at, below, data, on, sky, tree, usd

KILLS = 4
SECONDS_MAX = 300
"""A word that was lost on the way is sent again after two minutes."""
MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
SKU = "CANDLE-CEDAR"
ENDED = {"done", "failed", "expired", "cancelled"}


@contextmanager
def running(folder: Path) -> Iterator[House]:
    """The app on a folder of its own, begun anew or gone on with; its clock goes on where it stood."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DATA_DIR", str(folder / "data"))
        patch.setenv("CALLS_PER_MINUTE", "1000000")
        patch.setenv("CITY", "data/austin")
        forget()
        stack.callback(forget)
        yield House(stack.enter_context(DevHost(ROOT, folder / "hub", start=MONDAY)), stack)


def test_stopped_again_and_again_it_still_buys_once_on_the_right_day(tmp_path: Path) -> None:
    thursday = date(2026, 12, 3)
    with running(tmp_path) as town:
        ann = Waiting(town)
        ann.play("rain", date(2026, 11, 22), 30)
        sunny = tree("and", sky("sunny"), on("thu"))
        intents = [ann.candle(SKU, sunny) for _ in range(2)] + [ann.candle(SKU, below(2_000))]
        town.host.advance(timedelta(hours=5))
    with running(tmp_path) as town:  # down at an hour, and up again
        ann = Waiting(town)
        ann.play("sun", thursday)
        town.host.advance(timedelta(hours=3, minutes=20))
    with running(tmp_path) as town:
        ann = Waiting(town)
        ann.go_to(at(thursday, 5))
        assert [ann.status(one) for one in intents] == ["waiting"] * 3
    with running(tmp_path) as town:
        ann = Waiting(town)
        shop = town.as_("partner", SHOP)
        data(shop.patch(f"/api/v1/partners/{SHOP}/products/{SKU}", json={"price": usd(1_900), "net": usd(1_500)}))
    with running(tmp_path) as town:  # stopped right after a price was pushed
        ann = Waiting(town)
        town.host.settle()
        ann.go_to(at(thursday, 11))
        assert [ann.status(one) for one in intents] == ["done"] * 3
        assert [order["status"] for order in ann.orders()] == ["placed"] * 3
        ann.hours(24 * 8)
        assert len(ann.orders()) == 3


def test_killed_anywhere_nothing_is_bought_twice_and_nothing_missed(tmp_path: Path) -> None:
    """Some are set up and some find their price met while the host dies, again and again."""
    chance = random.Random(2027)
    host = Host(tmp_path)
    try:
        with customer(host) as ann:
            intents = [begun(ann, number, 1_900) for number in range(KILLS)]
        for kill in range(KILLS):
            with customer(host) as ann, shop(host) as seller:
                intents.append(begun(ann, KILLS + kill, 9_000))
                priced(seller, 2_900 if kill < KILLS // 2 else 1_500 + kill)
                httpx.post(f"{host.url}/admin/functions/watch_intents", json={})
            time.sleep(chance.uniform(0, 0.5))
            host.kill()
            host.start()
        with customer(host) as ann:
            ended = [wait(host, ann, one) for one in intents]
            orders = data(ann.get("/api/v1/orders", params={"limit": 200}))["items"]
        assert [one["status"] for one in ended] == ["done"] * 2 * KILLS, [one["progress"] for one in ended]
        placed = [order["id"] for order in orders if order["status"] == "placed"]
        assert sorted(placed) == sorted(one["order_id"] for one in ended), "each has bought once"
    finally:
        host.kill()


def begun(ann: httpx.Client, number: int, minor: int) -> str:
    body = {
        "lines": [{"product_id": f"{SHOP}.{SKU}"}], "conditions": below(minor), "approval": ALONE,
        "deliver_to": HOME, "payment": PAID,
    }  # fmt: skip
    answer = ann.post(PATH, json=body, headers={"Idempotency-Key": f"crash-{number}"})
    return str(data(answer)["id"])


def shop(host: Host) -> httpx.Client:
    token = data(httpx.post(f"{host.url}/api/v1/dev/token", json={"role": "partner", "subject": SHOP}))["token"]
    return httpx.Client(base_url=host.url, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS_MAX)


def priced(seller: httpx.Client, minor: int) -> None:
    body = {"price": usd(minor), "net": usd(minor * 8 // 10)}
    data(seller.patch(f"/api/v1/partners/{SHOP}/products/{SKU}", json=body))


def wait(host: Host, ann: httpx.Client, intent: str) -> dict[str, Any]:
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        for _ in range(20):
            seen: dict[str, Any] = data(ann.get(f"{PATH}/{intent}"))
            if seen["status"] in ENDED:
                return seen
            time.sleep(0.25)
        httpx.post(f"{host.url}/admin/functions/sweep_inbox", json={})
    raise AssertionError(seen)
