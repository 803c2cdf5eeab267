"""What whole-flow tests of standing intents share: a customer who waits, the shelf, the weather as it is played."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from shared import wiring
from tests.standing.worlds import CLOUDS, RAIN, SUN

ZONE = ZoneInfo("America/Chicago")
HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
PATH = "/api/v1/standing-intents"
WEATHER = "/api/v1/simulator/weather"
SKIES = {"sun": SUN, "rain": RAIN, "clouds": CLOUDS}
SHOP = "juniper-and-wren"
ALONE = {"when": "none"}
PAID = {"method": "card_ok"}
HISTORY_MAX = 200
_KEYS = count()


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


class Waiting:
    """One customer and what they wait for, in a running town."""

    def __init__(self, town: Any, customer: str = "ann", method: str = "card_ok") -> None:
        self.town = town
        self.customer = customer
        self.method = method

    @property
    def http(self) -> Any:
        return self.town.as_("customer", self.customer)

    # the world

    def play(self, sky: str, first: date, days: int = 1) -> None:
        """Let whole local days at home have a weather."""
        start = datetime(first.year, first.month, first.day, tzinfo=ZONE)
        body = {"lat": HOME["lat"], "lng": HOME["lng"], "conditions": SKIES[sky].model_dump()}
        staff = self.town.as_("admin", "ada")
        for since in range(0, days, 16):
            span = start + timedelta(days=since), start + timedelta(days=min(since + 16, days))
            data(staff.put(WEATHER, json={**body, "start": span[0].isoformat(), "end": span[1].isoformat()}))

    def shelf(self, sku: str, **change: Any) -> None:
        """Another price (minor) or stock of a product of the shop; whoever waits for it hears of it."""
        minor = change.pop("minor", None)
        body = {**change, **({"price": usd(minor), "net": usd(minor * 8 // 10)} if minor else {})}
        self.town.host.advance(timedelta(seconds=1))  # of two changes in the same instant only one would count
        shop = self.town.as_("partner", SHOP)
        data(shop.patch(f"/api/v1/partners/{SHOP}/products/{sku}", json=body))
        self.town.host.settle()

    def go_to(self, moment: datetime) -> None:
        self.town.host.advance(max(moment - self.town.host.now, timedelta(0)))
        self.town.host.settle()

    def hours(self, hours: int = 1) -> None:
        self.go_to(self.town.host.now + timedelta(hours=hours))

    def next_day(self, weekday: int) -> date:
        """The next such day by the clock of Austin, Monday being 0; not today."""
        today = self.town.host.now.astimezone(ZONE).date()
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)

    # what is waited for

    def ask(self, client: Any = None, **body: Any) -> Any:
        """Set one up; the answer as it comes."""
        usual = {"deliver_to": HOME, "payment": {"method": self.method}}
        sent = {name: one for name, one in {**usual, **body}.items() if one is not None}
        return (client or self.http).post(PATH, json=sent, headers={"Idempotency-Key": f"wait-{next(_KEYS)}"})

    def begin(self, client: Any = None, **body: Any) -> str:
        """Set one up and let its scouting end; its id."""
        begun = data(self.ask(client, **body))
        assert begun["id"], begun["clarification"]
        self.town.host.settle()
        return str(begun["id"])

    def candle(self, sku: str, conditions: dict[str, Any], **more: Any) -> str:
        """Wait for something before a candle of the shop is bought."""
        lines = [{"product_id": f"{SHOP}.{sku}"}]
        return self.begin(**{"lines": lines, "conditions": conditions, "approval": ALONE, **more})

    def see(self, intent: str) -> dict[str, Any]:
        found: dict[str, Any] = data(self.http.get(f"{PATH}/{intent}"))
        return found

    def status(self, intent: str) -> str:
        """How it stands; and its flow is short, as at any time."""
        self.short(intent)
        return str(self.see(intent)["status"])

    def short(self, intent: str) -> None:
        flow = self.town.host.status(intent, history=True)
        assert flow is not None
        assert len(flow["historyEvents"]) < HISTORY_MAX

    def words(self, intent: str) -> list[str]:
        return [line["words"] for line in self.see(intent)["progress"]]

    def change(self, intent: str, **body: Any) -> dict[str, Any]:
        changed: dict[str, Any] = data(self.http.patch(f"{PATH}/{intent}", json=body))
        self.town.host.settle()
        return changed

    def cancel(self, intent: str) -> Any:
        answer = self.http.post(f"{PATH}/{intent}/cancel", json={})
        self.town.host.settle()
        return answer

    # questions and orders

    def questions(self, intent: str) -> list[dict[str, Any]]:
        page = data(self.http.get("/api/v1/approvals", params={"status": "pending"}))
        return [one for one in page["items"] if one["about"] == f"intent:{intent}"]

    def answer(self, intent: str, word: str) -> None:
        (one,) = self.questions(intent)
        data(self.http.post(f"/api/v1/approvals/{one['id']}", json={"decision": word}))
        self.town.host.settle()

    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = data(self.http.get("/api/v1/orders", params={"limit": 200}))["items"]
        return found


def sky(word: str) -> dict[str, Any]:
    return {"type": "weather", "is": word}


def on(*days: str) -> dict[str, Any]:
    return {"type": "calendar", "weekdays": list(days)}


def below(minor: int, **more: Any) -> dict[str, Any]:
    return {"type": "price", "item": "candle", "below": usd(minor), **more}


def stocked(at_least: int = 1) -> dict[str, Any]:
    return {"type": "inventory", "item": "candle", "at_least": at_least}


def tree(op: str, *of: dict[str, Any]) -> dict[str, Any]:
    return {"op": op, "of": list(of)}


def local(text: str) -> datetime:
    """A moment by the clock of Austin, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)


def record(container: Any, partition: str, name: str) -> Any:
    """What is kept under an id."""
    stored = asyncio.run(wiring.deps().store.get(container, partition, name))
    return stored.value if stored else None
