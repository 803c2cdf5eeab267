"""Conflict: chocolates are to come along with a limousine that is ten minutes away, and dinner will not wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo.stage import AUSTIN, HOME, Stage
from demo.terminal import Voice, dim, dollars

TITLE = "A conflict, seen before it happens"
LIMO, CHOCOLATES = "texas-limo-co.TOWN-2H", "barton-truffle-room.MILK-24"
RESTAURANT = {**HOME, "address": "the restaurant"}


def play(stage: Stage, voice: Voice) -> dict[str, Any]:
    """Try chocolates ten minutes before the pick-up; ok: it makes late, another way is offered, nothing has moved."""
    order = _ordered(stage)
    limo = order["legs"][0]
    comes = datetime.fromisoformat(limo["starts"])
    stage.go_to(comes - timedelta(minutes=10))
    voice.say(f"It is {stage.now:%a %H:%M}. The limousine comes at {comes.astimezone(AUSTIN):%H:%M}, then dinner.")
    voice.asks("Ann", "Could we take a box of chocolates along?")
    path = f"/api/v1/orders/{order['id']}/simulate"
    found = stage.ann.post(path, {"add": [{"product_id": CHOCOLATES}], "occasion": "dinner"})
    voice.answers(found["suggestion"])
    for option in found["options"]:
        arrives = datetime.fromisoformat(option["arrives"]).astimezone(AUSTIN)
        voice.say(f"{option['words'][:66]:<68}{dollars(option['price']['minor']):>9}  {dim(f'{arrives:%H:%M}')}", 4)
    after = stage.order(order["id"])
    is_untouched = voice.done("Nothing was altered by trying.", is_good=after["legs"] == order["legs"])
    courier = [one for one in found["options"] if one["kind"] == "courier"]
    return {
        "ok": is_untouched and found["late_minutes"] > 0 and bool(courier), "order": order["id"],
        "late_minutes": found["late_minutes"], "suggestion": found["suggestion"],
        "courier_minor": courier[0]["more"]["minor"] if courier else None,
    }  # fmt: skip


def _ordered(stage: Stage) -> dict[str, Any]:
    """A ride with dinner right behind it: the deadline leaves no room for a detour."""
    late = (stage.host.now + timedelta(days=2)).isoformat()
    lines = [{"product_id": LIMO}]
    body = {"lines": lines, "deliver_to": RESTAURANT, "deliver_by": late}
    plan = stage.ann.post("/api/v1/time-chain/plan", body)
    dinner = datetime.fromisoformat(plan["arrives"]) + timedelta(minutes=20)
    return stage.place("demo-limo", {**body, "deliver_by": dinner.isoformat()})
