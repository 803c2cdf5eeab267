"""Customers who wait for a sunny day, a price, a shelf that is full; and the world that turns for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.orders.order import ORDERS, Order
from shared.standing.intent import STANDING_INTENTS
from tests.simulation import records
from tests.simulation.mischief import CARDS, drawn, minutes
from tests.simulation.world import HOME, RARE, RED, Customer, line, usd, why

if TYPE_CHECKING:
    from tests.simulation.day import Day
    from tests.simulation.world import World

PATH = "/api/v1/standing-intents"
ADMIN = ("admin", "ada")
WAITS = {"sun": 40, "price": 30, "shelf": 15, "sun or price": 15}
"""What is waited for → how often."""
SKIES = {
    "sun": {"code": 0, "cloud_percent": 5, "rain_percent": 0, "temperature_c": 22, "wind_kmh": 8},
    "rain": {"code": 63, "cloud_percent": 95, "rain_percent": 85, "temperature_c": 14, "wind_kmh": 20},
}
PRICES = (2_400, 3_900, 4_800)
DEAR = 2_500
"""Below it a price is waited for; some of PRICES are, some are not."""
WAIT_DAYS = (2, 4, 6)
TURNS_A_DAY = 10
FIRST = 5_000
"""From this number on customers wait for something."""
SKY_HOURS = 30
OVER = frozenset({"done", "failed", "expired", "cancelled"})


class Waiter(Customer):
    """One customer with one standing intent. intent: its id, once it was taken."""

    def __init__(self, day: Day, number: int) -> None:
        super().__init__(day, number)
        self.intent: str | None = None

    def comes(self) -> None:
        """Says what to wait for; may change their mind."""
        wait = drawn(self.luck, WAITS)
        policy = {"when": self.luck.choice(["none", "always"]), "timeout_hours": self.luck.choice([1, 6, 24])}
        body = {
            "lines": [line(RARE if wait == "shelf" else self.luck.choice(RED))],
            "conditions": _condition(wait), "deliver_to": HOME, "payment": {"method": drawn(self.luck, CARDS)},
            "approval": {**policy, "trust": self.luck.choice(["low", "high"])},
            "max_wait_days": self.luck.choice(WAIT_DAYS),
        }  # fmt: skip
        answer = self.day.mortal.ask("POST", PATH, who=self.who, key=self.name, json=body)
        self.day.log(f"{self.name} waits for {wait} ({policy['when']}): {answer.status_code} {why(answer)}")
        if answer.status_code == 202:
            self.intent = answer.json()["data"]["id"]
            self._minds()

    def _minds(self) -> None:
        luck = self.day.dice(self.name, "minds")
        what = drawn(luck, {"": 70, "cancel": 12, "pause": 18})
        after = minutes(luck, 20, 1_800)
        if what == "cancel":
            self.day.later(after, lambda: self._intends("POST", "/cancel", {}))
        elif what == "pause":
            self.day.later(after, lambda: self._intends("PATCH", "", {"is_paused": True}))
            self.day.later(after + minutes(luck, 30, 900), lambda: self._intends("PATCH", "", {"is_paused": False}))

    def _intends(self, method: str, path: str, body: dict[str, Any]) -> None:
        answer = self._ask(method, f"{PATH}/{self.intent}{path}", json=body)
        self.day.log(f"{self.name}, their intent{path} {body}: {answer.status_code} {why(answer)}")


def turns(day: Day) -> None:
    """The sky, the prices, and whether anybody can tell the forecast: each turns a few times a day."""
    luck = day.dice("turns", day.now)
    what = drawn(luck, {"sky": 45, "price": 35, "forecast": 20})
    if what == "sky" and day.mortal.is_forecast_there:
        sky = luck.choice(list(SKIES))
        until = (day.now + timedelta(hours=SKY_HOURS)).isoformat()
        body = {**_place(), "start": day.now.isoformat(), "end": until, "conditions": SKIES[sky]}
        day.mortal.ask("PUT", "/api/v1/simulator/weather", who=ADMIN, json=body)
        day.log(f"the sky: {sky}")
    elif what == "price":
        product, minor = luck.choice(RED), luck.choice(PRICES)
        shop, _, sku = product.partition(".")
        body = {"price": usd(minor), "net": usd(minor * 3 // 4)}
        answer = day.mortal.ask("PATCH", f"/api/v1/partners/{shop}/products/{sku}", who=("partner", shop), json=body)
        day.log(f"{product} costs {minor}: {answer.status_code}")
    elif what == "forecast":
        day.mortal.is_forecast_there = False
        day.log("nobody tells the forecast")
        day.later(minutes(luck, 60, 300), partial(_forecast_is_back, day))


def bought(world: World) -> None:
    """Whoever has got an order by their intent knows it."""
    for one in world.customers.values():
        if isinstance(one, Waiter) and one.intent is not None:
            kept = records.one(STANDING_INTENTS, one.intent, one.intent)
            one.order = kept.order if kept else None


def broken(world: World) -> Iterator[str]:
    """What does not hold of standing intents: each has ended, and has bought once or not at all."""
    kept = {one.id: one for one in records.every(STANDING_INTENTS)}
    for name, one in kept.items():
        if one.status not in OVER:
            yield f"intent {name} is {one.status} after weeks"
    by_intent: dict[str, list[Order]] = defaultdict(list)
    for order in records.every(ORDERS):
        if order.standing is not None:
            by_intent[order.standing].append(order)
    for name, orders in by_intent.items():
        bought = [order.id for order in orders if order.status != "failed"]
        known = [kept[name].order] if name in kept and kept[name].status == "done" else []
        if bought != known:
            yield f"intent {name} has bought {bought}, and knows of {known}"
    for one in world.customers.values():
        if isinstance(one, Waiter) and one.intent is not None and one.intent not in kept:
            yield f"{one.name} was promised intent {one.intent}, which is not there"


def _forecast_is_back(day: Day) -> None:
    day.mortal.is_forecast_there = True
    day.log("the forecast is told again")


def _condition(wait: str) -> dict[str, Any]:
    sun = {"type": "weather", "is": "sunny"}
    price = {"type": "price", "item": "roses", "below": usd(DEAR)}
    shelf = {"type": "inventory", "item": "it", "at_least": 1}
    return {"sun": sun, "price": price, "shelf": shelf, "sun or price": {"op": "or", "of": [sun, price]}}[wait]


def _place() -> dict[str, Any]:
    return {"lat": HOME["lat"], "lng": HOME["lng"]}
