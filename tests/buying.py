"""What whole-flow tests of money share: an order that is placed and paid, its ledger, and what people were told."""

from __future__ import annotations

import asyncio
from typing import Any

from shared import wiring
from shared.money.amounts import Money

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SATURDAY = "2026-11-29T00:00:00Z"


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def money(plain: dict[str, Any]) -> Money:
    return Money.model_validate(plain)


class Shop:
    """Buys in the demo city for one customer."""

    def __init__(self, town: Any, customer: str, method: str = "card_ok") -> None:
        self.town = town
        self.customer = customer
        self.method = method
        self.sign_in()

    def sign_in(self) -> None:
        """Tokens do not outlive a clock that is moved by days."""
        self.http = self.town.as_("customer", self.customer)

    def product(self, words: str, partner: str) -> str:
        query = {"q": words, "limit": 1, "partner": partner}
        return str(data(self.town.http.get("/api/v1/products", params=query))["items"][0]["id"])

    def place(self, key: str, *products: str, **more: Any) -> dict[str, Any]:
        """An order that was placed, its money in escrow."""
        body = {
            "lines": [{"product_id": one} for one in products],
            "deliver_to": HOME,
            "deliver_by": SATURDAY,
            "payment": {"method": self.method},
            **more,
        }
        begun = data(self.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key}))
        self.town.host.result(begun["id"])
        order = self.order(begun["id"])
        assert order["status"] == "placed", order["reason"]
        return order

    def move(self, order: str, **command: Any) -> dict[str, Any]:
        asked = {
            "order": order,
            "customer": self.customer,
            "currency": "USD",
            "command": {"at": self.town.host.now.isoformat(), **command},
        }
        outcome: dict[str, Any] = self.town.host.result(self.town.host.start("move_money", asked))
        return outcome

    def order(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = data(self.http.get(f"/api/v1/orders/{order}"))
        return found

    def confirm(self, order: str) -> None:
        assert self.http.post(f"/api/v1/orders/{order}/delivery-confirmation").status_code == 202
        self.town.host.settle()

    def ledger(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = data(self.http.get(f"/api/v1/orders/{order}/ledger"))
        assert found["verified"], found["broken"]
        return found

    def balances(self, order: str) -> dict[str, int]:
        """Account → minor units, for those that are not at zero; together they are."""
        moneys = self.ledger(order)["balances"]
        found = {name: one[0]["minor"] for name, one in moneys.items() if one and one[0]["minor"]}
        assert sum(found.values()) == 0
        return found

    def moved(self, order: str, debit: str, credit: str) -> int:
        entries = self.ledger(order)["entries"]
        return sum(
            one["amount"]["minor"]
            for one in entries
            if one["debit"].startswith(debit) and one["credit"].startswith(credit) and one["kind"] == "posted"
        )


def statement(order: str) -> Any:
    """What the payment provider has of an order."""

    async def read() -> Any:
        try:
            return await wiring.deps().payments.statement(order)
        finally:
            await hang_up()

    return asyncio.run(read())


async def hang_up() -> None:
    """Let go of this loop's connections to the payment provider, if that is one that has any."""
    payments: Any = wiring.deps().payments
    if hasattr(payments, "close"):
        await payments.close()


def told(channel: str, to: str) -> list[str]:
    """What somebody was told, newest first."""

    async def read() -> list[str]:
        page = await wiring.deps().message_inbox.inbox(channel, to, 100)
        return [one.message.text for one in page.items]

    return asyncio.run(read())


def record(container: Any, partition: str, name: str) -> Any:
    """What is kept under an id."""
    stored = asyncio.run(wiring.deps().store.get(container, partition, name))
    return stored.value if stored else None
