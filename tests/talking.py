"""An order whose partners are talked with: what they say turn by turn, who steps in, and what it did to the money."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from shared import wiring
from shared.dialogue.delivery import Outgoing, sent_to
from shared.dialogue.events import negotiation_payload, negotiation_thread
from shared.dialogue.inbound import Inbound
from shared.dialogue.receiving import take
from shared.orders.order import ORDERS, Order
from shared.records import Write
from tests.test_live_demo_flow import Demo, data

PURPLE = "Pink is booked, but I have a Deep Purple Metallic available"
NO_PINK = "No, we don't have pink"
SILENT = {"responses": [{"decision": "silent"}]}
A_CHANGE = {"type": "request", "any_of": ["change_request"]}


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


class Talk(Demo):
    """The demo's order, and a shop A that answers a change by what it is told to say, turn by turn."""

    def __init__(self, town: Any, name: str, *says: dict[str, Any] | str, **order: Any) -> None:
        super().__init__(town, f"nego-{name}", **order)
        self.a, self.b = self.shops["shop_a"]["partner_id"], self.shops["shop_b"]["partner_id"]
        if says:
            self.says(*says)

    def says(self, *turns: dict[str, Any] | str, partner: str = "") -> None:
        steps = [
            {"responses": [{"decision": "counter", "text": turn, "counter": {"item": "-"}}]}
            if isinstance(turn, str)
            else turn
            for turn in turns
        ]
        body = {"name": self.name, "partners": [partner or self.a], "when": A_CHANGE, "steps": steps, "priority": 900}
        assert self.ops.post("/api/v1/simulator/scenarios", json=body).status_code == 201

    def has(self, title: str, price: int, partner: str = "", **more: Any) -> str:
        body = {"partner": partner or self.a, "title": title, "price": usd(price), "stock": 9, **more}
        made = data(self.ops.post("/api/v1/simulator/products", json=body))
        return str(made["product"]["id"])

    def only_pink(self, title: str, price: int, **more: Any) -> None:
        """All that shop B has of pink."""
        self.bunch = self.has(title, price, partner=self.b, attributes={"colour": ["pink"]}, **more)
        path = f"/api/v1/simulator/products/{self.pink}"
        assert self.ops.patch(path, json={"status": "paused"}).status_code == 200

    def ask(self, text: str = "I want pink flowers instead of red") -> None:
        self.talk_id = self.change(text)["negotiation_id"]

    def talk(self) -> dict[str, Any]:
        found: dict[str, Any] = data(self.ops.get(f"/api/v1/negotiations/{self.talk_id}"))
        return found

    def pending(self) -> list[dict[str, Any]]:
        page = data(self.ann.get("/api/v1/approvals", params={"status": "pending"}))
        return [one for one in page["items"] if one["about"] == f"order:{self.id}"]

    def recovery_count(self) -> int:
        return len(data(self.ann.get(f"/api/v1/orders/{self.id}/recoveries"))["items"])

    def recovery(self) -> dict[str, Any]:
        found: dict[str, Any] = data(self.ann.get(f"/api/v1/orders/{self.id}/recoveries"))["items"][0]
        return found

    def queue(self) -> list[dict[str, Any]]:
        about = {"about": f"negotiation:{self.talk_id}"}
        found: list[dict[str, Any]] = data(self.ops.get("/api/v1/escalations", params=about))["items"]
        return found

    def asked_of_partner(self) -> list[Outgoing]:
        """What the partner was written in this talk, the oldest first."""
        sent = asyncio.run(sent_to(wiring.deps().store, "whatsapp:+15125550198", 200))
        ours = (one for one in sent if one.message.thread == negotiation_thread(self.talk_id))
        return sorted(ours, key=lambda one: (one.at, one.message.round or 0))

    def reply(
        self, name: str, text: str = "", *, sender: str = "+15125550198", number: int | None = None, **more: Any
    ) -> None:
        """What the partner writes by itself to a question of ours, else to the last one, as its webhook takes it in."""
        asked = [one for one in self.asked_of_partner() if number in {None, one.message.round}][-1]
        tell(self.town, f"{self.name}-{name}", text, sender=sender, in_reply_to=asked.provider_id, **more)

    def run_out(self) -> None:
        """Nobody answers in time."""
        due = datetime.fromisoformat(self.talk()["rounds"][-1]["due_at"])
        self.town.host.advance(due - self.town.host.now)

    def tap(self, name: str, answer: str, number: int = 1) -> None:
        self.reply(name, payload=negotiation_payload(self.talk_id, number, answer), number=number)

    def staff(self, what: str, **body: Any) -> Any:
        answer = self.ops.post(f"/api/v1/negotiations/{self.talk_id}/{what}", json=body or None)
        self.town.host.settle()
        return answer

    def as_it_was(self) -> None:
        order = self.order()
        assert order["total"] == self.placed["total"]
        assert [leg["escrow_status"] for leg in order["legs"]] == ["held"] * len(order["legs"])
        assert sum(self.balances().values()) == 0

    def flows_are_well(self) -> None:
        flows = self.town.http.get("/runtime/webhooks/durabletask/instances", params={"runtimeStatus": "Failed"}).json()
        assert flows == []


def until_morning(town: Any) -> None:
    """Ten in the morning in Austin, so that what is ordered begins soon."""
    now = town.host.now
    town.host.advance((timedelta(hours=16 - now.hour, minutes=-now.minute, seconds=-now.second)) % timedelta(days=1))


class HostClient:
    """What a webhook has of the durable client, on the test's host."""

    def __init__(self, host: Any) -> None:
        self._host = host

    async def get_status(self, instance_id: str) -> Any:
        found = self._host.status(instance_id)
        return SimpleNamespace(runtime_status=SimpleNamespace(name=found["runtimeStatus"]) if found else None)

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        return str(self._host.start(orchestration_function_name, client_input, instance_id=instance_id))

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        self._host.raise_event(instance_id, event_name, event_data)


def tell(town: Any, name: str, text: str = "", **more: Any) -> None:
    """Something that somebody writes to us comes in, by the id of its provider."""
    given = {"channel": "whatsapp", "provider_id": name, "at": town.host.now, "text": text, **more}
    asyncio.run(take(wiring.deps().store, HostClient(town.host), Inbound.model_validate(given), town.host.now))
    town.host.settle()


def rewritten(order_id: str, change: Callable[[Order], Order]) -> None:
    """The order's record as something outside has made it."""

    async def write() -> None:
        stored = await wiring.deps().store.get(ORDERS, order_id, order_id)
        assert stored is not None
        await wiring.deps().store.apply(ORDERS, order_id, [Write("replace", change(stored.value), stored.etag)])

    asyncio.run(write())
