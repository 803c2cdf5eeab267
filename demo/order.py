"""A bundle ordered over HTTP: planned to the minute, paid once, held, delivered, paid out; and the ledger of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from demo.terminal import dim, dollars, mark, say
from devhost.testing import DevHost

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SATURDAY = "2026-11-28T17:00:00-06:00"
AUSTIN = ZoneInfo("America/Chicago")


def play(host: DevHost) -> bool:
    """Order a monogrammed blanket with roses; whether everybody is paid at the end and the ledger holds."""
    token = host.http.post("/api/v1/dev/token", json={"role": "customer", "subject": "ann"}).json()["data"]["token"]
    with httpx.Client(base_url=host.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as ann:
        order = _placed(host, ann)
        is_placed = bool(order["status"] == "placed")
        say(f"  {mark(is_good=is_placed)} Ann pays {dollars(order['total']['minor'])} once; escrow holds every part.")
        for leg in order["legs"]:
            _show(leg)
        ann.post(f"/api/v1/orders/{order['id']}/delivery-confirmation").raise_for_status()
        host.result(f"{order['id']}:release")
        view = ann.get(f"/api/v1/orders/{order['id']}/ledger").json()["data"]
    total = sum(money["minor"] for moneys in view["balances"].values() for money in moneys)
    is_right = is_placed and bool(view["verified"]) and total == 0
    say(f"\n  {mark(is_good=is_right)} It has arrived. Everyone is paid:")
    for account, moneys in view["balances"].items():
        if moneys[0]["minor"] > 0:
            say(f"      {dollars(moneys[0]['minor']):>10}  {account}")
    say(f"  {mark(is_good=is_right)} The ledger is sealed and sums to {dollars(total)}.")
    return is_right


def _placed(host: DevHost, ann: httpx.Client) -> dict[str, Any]:
    lines = [
        {"product_id": _first(ann, "baby blanket with monogram", "monogram-room"), "customization": _INITIALS},
        {"product_id": _first(ann, "a dozen pink roses", "rosie-and-thorn")},
    ]
    body = {"lines": lines, "deliver_to": HOME, "deliver_by": SATURDAY, "payment": {"method": "card_ok"}}
    answer = ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "demo-order"})
    answer.raise_for_status()
    order: dict[str, Any] = answer.json()["data"]
    host.result(order["id"])
    placed: dict[str, Any] = ann.get(f"/api/v1/orders/{order['id']}").json()["data"]
    return placed


_INITIALS = {"kind": "monogramming", "text": "ELM"}


def _first(ann: httpx.Client, words: str, partner: str) -> str:
    found = ann.get("/api/v1/products", params={"q": words, "partner": partner, "limit": 1})
    return str(found.json()["data"]["items"][0]["id"])


def _show(leg: dict[str, Any]) -> None:
    starts, ends = (datetime.fromisoformat(leg[name]).astimezone(AUSTIN) for name in ("starts", "ends"))
    when = f"{starts:%a %H:%M} to {ends:%a %H:%M}"
    title = leg["items"][0]["title"]
    say(f"      {when:<24}{dollars(leg['price']['minor']):>9}  {title}  {dim(leg['partner']['name'])}")
