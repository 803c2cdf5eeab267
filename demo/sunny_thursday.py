"""A standing intent: flowers for mom on the next sunny Thursday; it rains, it waits at no cost, it asks, it buys."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from demo.stage import AUSTIN, HOME, Stage
from demo.terminal import Voice, dim, dollars

TITLE = "The next sunny Thursday"
WISH = "send my mom flowers on the next sunny Thursday, about $60"
SUN = {"code": 0, "cloud_percent": 5, "rain_percent": 0, "temperature_c": 22.0, "wind_kmh": 8.0}
RAIN = {"code": 63, "cloud_percent": 95, "rain_percent": 90, "temperature_c": 14.0, "wind_kmh": 20.0}
PATH = "/api/v1/standing-intents"
DAYS_SHOWN = 14
LOOKS_AGAIN = timedelta(hours=2)
"""In which the forecast is read once more."""


def play(stage: Stage, voice: Voice) -> dict[str, Any]:
    """Wait through rain for a sunny Thursday; ok: it fires on that day and no other, asks, buys, and tells its cost."""
    today = stage.now.astimezone(AUSTIN).date()
    first = today + timedelta(days=(3 - today.weekday()) % 7 or 7)
    second = first + timedelta(days=7)
    _weather(stage, RAIN, today, DAYS_SHOWN * 2)
    _weather(stage, SUN, first, 1)
    voice.asks("Ann", WISH)
    begun = stage.ann.post(PATH, {"text": WISH, "deliver_to": HOME, "payment": {"method": "card_ok"}}, "demo-thursday")
    name = begun["id"]
    stage.host.settle()
    voice.answers(_see(stage, name)["reasoning"])
    voice.say(dim(_see(stage, name)["logic"]), 4)
    _weather(stage, RAIN, first, 1)
    stage.go_to(stage.now + LOOKS_AGAIN)
    _told(stage, voice, name)
    stage.go_to(_at(second - timedelta(days=5), 7))
    _weather(stage, SUN, second, 1)
    stage.go_to(stage.now + LOOKS_AGAIN)
    _told(stage, voice, name)
    return _bought(stage, voice, name, second)


def _bought(stage: Stage, voice: Voice, name: str, day: date) -> dict[str, Any]:
    stage.go_to(_at(day, 7))
    question = stage.waiting(name)
    voice.say(f"It is {stage.now:%A, %b %d, %H:%M}; it will be a sunny day.")
    voice.answers(question["text"])
    voice.asks("Ann", "Yes!")
    stage.ann.post(f"/api/v1/approvals/{question['id']}", {"decision": "approve"})
    stage.host.settle()
    now = _see(stage, name)
    order = stage.order(now["order_id"])
    is_bought = voice.done(
        f"Ordered: {order['legs'][0]['title']}, {dollars(order['total']['minor'])} with the courier.",
        is_good=order["status"] == "placed",
    )
    cost = now["cost"]
    usd = float(cost["usd"]) if not isinstance(cost["usd"], dict) else min(map(float, cost["usd"].values()))
    voice.done(f"Waiting for it cost {cost['billed_seconds']:.1f} s of execution, all told: ${usd:.5f}.")
    is_right_day = datetime.fromisoformat(question["created_at"]).astimezone(AUSTIN).date() == day
    return {
        "ok": is_bought and is_right_day, "intent": name, "status": now["status"], "order": order["id"],
        "fired_on": str(day), "billed_seconds": cost["billed_seconds"], "usd": usd,
    }  # fmt: skip


def _told(stage: Stage, voice: Voice, name: str) -> None:
    """Why it waits, as it says itself."""
    voice.say(f"{dim(f'{stage.now:%a %b %d %H:%M}')}  {_see(stage, name)['reasoning']}", 4)


def _see(stage: Stage, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stage.ann.get(f"{PATH}/{name}")
    return found


def _weather(stage: Stage, sky: dict[str, Any], first: date, days: int) -> None:
    """Play a weather for whole days."""
    for number in range(days):
        start = _at(first + timedelta(days=number), 0)
        span = {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}
        stage.ops.put("/api/v1/simulator/weather", {"lat": HOME["lat"], "lng": HOME["lng"], **span, "conditions": sky})


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=AUSTIN)
