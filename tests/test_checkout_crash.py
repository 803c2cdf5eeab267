"""The host killed in the middle of checkouts: each order ends placed or failed, and the money agrees."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
KILLS = 6
ORDERS = 12
SECONDS_MAX = 60
HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}


class Host:
    """The app in a process that can be killed and started again on the same folders."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "devhost", "--app", str(ROOT), "--data", str(self._folder / "hub")]
        limits = {"CALLS_PER_MINUTE": "1000000", "ANONYMOUS_CALLS_PER_MINUTE": "1000000"}
        environment = {**os.environ, **limits, "PYTHONPATH": str(ROOT), "DATA_DIR": str(self._folder / "data")}
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)], env=environment, stdout=quiet, stderr=quiet
        )
        for _ in range(SECONDS_MAX * 20):
            try:
                if httpx.get(f"{self.url}/api/v1/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the host does not come up")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def customer(host: Host) -> httpx.Client:
    answer = httpx.post(f"{host.url}/api/v1/dev/token", json={"role": "customer", "subject": "ann"})
    token = answer.json()["data"]["token"]
    return httpx.Client(base_url=host.url, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS_MAX)


def place(client: httpx.Client, number: int, product: str, by: str) -> httpx.Response:
    method = "card_declined" if number % 4 == 3 else "card_ok"
    body: dict[str, Any] = {"lines": [{"product_id": product}], "deliver_to": HOME, "deliver_by": by}
    return client.post(
        "/api/v1/orders", json={**body, "payment": {"method": method}}, headers={"Idempotency-Key": f"crash-{number}"}
    )


def test_killed_anywhere_an_order_ends_whole_or_not_at_all(tmp_path: Path) -> None:
    chance = random.Random(2026)
    host = Host(tmp_path)
    by = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 20 * 24 * 3600))
    try:
        with customer(host) as ann:
            found = ann.get("/api/v1/products", params={"q": "soy candle", "kind": "product", "limit": 1}).json()
            product = found["data"]["items"][0]["id"]
        for kill in range(KILLS):
            with customer(host) as ann:
                for number in range(kill * 2, kill * 2 + 2):
                    assert place(ann, number, product, by).status_code == 202
            time.sleep(chance.uniform(0, 0.15))
            host.kill()
            host.start()
        with customer(host) as ann:
            orders = [place(ann, number, product, by).json()["data"]["id"] for number in range(ORDERS)]
            ended = [wait(ann, order) for order in orders]
            assert len(set(orders)) == ORDERS, "the same key is the same order, through every kill"
            for number, order in enumerate(ended):
                check(ann, order, is_declined=number % 4 == 3)
    finally:
        host.kill()


def wait(ann: httpx.Client, order: str) -> dict[str, Any]:
    for _ in range(SECONDS_MAX * 10):
        seen: dict[str, Any] = ann.get(f"/api/v1/orders/{order}").json()["data"]
        if seen["status"] != "placing":
            return seen
        time.sleep(0.1)
    raise AssertionError(f"order {order} is stuck")


def check(ann: httpx.Client, order: dict[str, Any], *, is_declined: bool) -> None:
    answer = ann.get(f"/api/v1/orders/{order['id']}/ledger")
    if is_declined:
        assert order["status"] == "failed"
        assert answer.status_code == 404, "nothing moved"
        return
    assert order["status"] == "placed", order["reason"]
    ledger = answer.json()["data"]
    balances = {name: moneys[0]["minor"] for name, moneys in ledger["balances"].items()}
    assert ledger["verified"]
    assert sum(balances.values()) == 0
    assert balances["provider:clearing"] == -order["total"]["minor"]
    assert len(ledger["entries"]) == 1 + len(order["legs"]), "charged once, each leg held once"
