"""The live demo over HTTP alone: red flowers from A, pink wanted; A says no, B is found, the customer agrees."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.adapters.language_rules import RulesOnly
from shared.dialogue.narration.event import Narration

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


class Demo:
    """Shops A and B, and an order of red flowers at A."""

    def __init__(
        self, town: Any, name: str, *, method: str = "card_ok", lead_minutes: int | None = None, **order: Any
    ) -> None:
        self.town = town
        self.name = name
        self.shops = data(self.ops.post("/api/v1/simulator/live-demo", json={}))
        self.red, self.pink = self.shops["shop_a"]["product_id"], self.shops["shop_b"]["product_id"]
        if lead_minutes is not None:  # the work on it begins so much later
            path = f"/api/v1/simulator/products/{self.red}"
            assert self.ops.patch(path, json={"lead_minutes": lead_minutes}).status_code == 200
        body = {
            "lines": [{"product_id": self.red}],
            "deliver_to": HOME,
            "deliver_by": (town.host.now + timedelta(days=3)).isoformat(),
            "payment": {"method": method},
            **order,
        }
        placed = data(self.ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": f"demo-{name}"}))
        self.id = placed["id"]
        town.host.result(self.id)
        town.host.settle()
        self.placed = self.order()
        assert self.placed["status"] == "placed", self.placed["reason"]

    @property
    def ops(self) -> Any:
        return self.town.as_("ops", "olga")

    @property
    def ann(self) -> Any:
        return self.town.as_("customer", "ann")

    def order(self) -> dict[str, Any]:
        found: dict[str, Any] = data(self.ann.get(f"/api/v1/orders/{self.id}"))
        return found

    def change(self, text: str = "I want pink flowers instead of red") -> dict[str, Any]:
        path = f"/api/v1/orders/{self.id}/changes"
        headers = {"Idempotency-Key": f"change-{self.name}"}
        made: dict[str, Any] = data(self.ann.post(path, json={"text": text}, headers=headers))
        self.town.host.settle()
        return made

    def waiting(self) -> dict[str, Any]:
        page = data(self.ann.get("/api/v1/approvals", params={"status": "pending"}))
        found: list[dict[str, Any]] = [one for one in page["items"] if one["about"] == f"order:{self.id}"]
        assert len(found) == 1, found
        return found[0]

    def decide(self, word: str) -> None:
        answer = self.ann.post(f"/api/v1/approvals/{self.waiting()['id']}", json={"decision": word})
        assert answer.status_code == 200, answer.text
        self.town.host.settle()

    def balances(self) -> dict[str, int]:
        view = data(self.ann.get(f"/api/v1/orders/{self.id}/ledger"))
        assert view["verified"]
        return {name: moneys[0]["minor"] for name, moneys in view["balances"].items() if moneys}

    def stock(self, product: str) -> int | None:
        from shared.discovery.products import PRODUCTS, partner_of

        stored = asyncio.run(wiring.deps().store.get(PRODUCTS, partner_of(product), product))
        assert stored is not None
        return stored.value.stock

    def told(self, box: str) -> list[str]:
        from shared.dialogue.delivery import sent_to

        return [one.message.text for one in asyncio.run(sent_to(wiring.deps().store, box, 200))]


def test_red_to_pink_without_staff(town: Any) -> None:
    demo = Demo(town, "yes")
    made = demo.change()
    talk = data(demo.ann.get(f"/api/v1/negotiations/{made['negotiation_id']}"))
    assert talk["status"] == "declined"
    assert "don't have pink" in talk["rounds"][0]["said"]
    approval = demo.waiting()
    assert approval["kind"] == "recovery"
    assert approval["facts"]["price_difference"] == {"minor": 500, "currency": "USD"}
    assert "$5 more" in approval["text"]
    assert "Should I proceed?" in approval["text"]
    assert demo.order()["legs"][0]["status"] == "accepted", "the original is not given up before"
    before = demo.balances()
    demo.decide("approve")
    order = demo.order()
    red, pink = order["legs"][0], order["legs"][-1]
    assert (red["status"], red["escrow_status"]) == ("cancelled", "replaced")
    assert (pink["status"], pink["escrow_status"], pink["partner"]["name"]) == ("accepted", "held", "Flower Shop B")
    courier = order["legs"][1]
    assert courier["after"] == [pink["id"]]
    assert order["total"]["minor"] == demo.placed["total"]["minor"] + 500
    after = demo.balances()
    assert sum(after.values()) == 0
    assert after["provider:clearing"] == before["provider:clearing"] - 500, "$5.00 more, never $105.00"
    recovery = data(demo.ann.get(f"/api/v1/orders/{demo.id}/recoveries"))["items"][0]
    assert recovery["status"] == "replaced"
    assert [step["what"].split(":")[0].split(" ")[0] for step in recovery["steps"]] == ["Began", "Proposed", "Replaced"]
    ops = town.as_("ops", "olga")
    assert data(ops.get("/api/v1/escalations", params={"about": f"order:{demo.id}"}))["items"] == []
    told = demo.told("web:customer:ann")
    assert any("Pink Flowers" in text and "Red Flowers" in text for text in told), told


def test_a_no_leaves_everything_as_it_was(town: Any) -> None:
    demo = Demo(town, "no")
    before = demo.balances()
    demo.change()
    demo.decide("reject")
    order = demo.order()
    assert [leg["status"] for leg in order["legs"]] == [leg["status"] for leg in demo.placed["legs"]]
    assert demo.balances() == before
    assert order["total"] == demo.placed["total"]


def test_silence_leaves_everything_as_it_was(town: Any) -> None:
    demo = Demo(town, "silence")
    before = demo.balances()
    demo.change()
    town.host.advance(timedelta(hours=25))
    assert demo.balances() == before
    assert demo.order()["total"] == demo.placed["total"]
    recoveries = data(demo.ann.get(f"/api/v1/orders/{demo.id}/recoveries"))["items"]
    assert [one["status"] for one in recoveries if one["reason"] != "late"] == ["kept"]


def test_nobody_else_has_it(town: Any) -> None:
    demo = Demo(town, "nobody")
    demo.change("I want turquoise flowers instead of red")
    assert demo.order()["total"] == demo.placed["total"]


@pytest.mark.parametrize("text", ["hello", "where is my order?"])
def test_what_is_no_change_is_asked_back(town: Any, text: str) -> None:
    demo = Demo(town, f"odd-{text[:3]}")
    path = f"/api/v1/orders/{demo.id}/changes"
    answer = demo.ann.post(path, json={"text": text}, headers={"Idempotency-Key": "odd"})
    assert answer.status_code == 422
    assert "?" in answer.json()["detail"]


class Teller(RulesOnly):
    """A model that tells the truth in one part, and lies in the others."""

    async def retell(self, told: Narration) -> Narration | None:
        lies = {"what": "Your order is placed and the vase is free.", "means": "All of it is held safely."}
        return told.model_copy(update={**lies, "doing": "Everybody is in, and I watch it.", "reasoning": "It is $1."})


def test_a_customer_hears_a_models_words_where_the_record_bears_them_out(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(wiring.deps()), "language", Teller())
    demo = Demo(town, "retold")
    placed = next(text for text in demo.told("web:customer:ann") if "held safely" in text)
    assert placed.startswith("Your order is placed: Red Flowers. $"), "a part that leaves out a figure is not taken"
    assert "Everybody is in, and I watch it." in placed
    assert not any("$1" in one["reasoning"] for one in demo.order()["narration"])
