"""What an agent may not order alone waits for the customer's own word, and nothing is reserved or charged before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SCOPES = ["orders:read", "orders:write", "approvals:read"]


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


@pytest.fixture(scope="module")
def ann(town: Any) -> Any:
    return town.as_("customer", "ann")


@pytest.fixture(scope="module")
def agent(town: Any) -> Any:
    return town.as_("agent", "gpt", acting_for="ann", scopes=SCOPES)


def dear(town: Any, agent: Any, key: str) -> dict[str, Any]:
    """An order of more than $200 that an agent places."""
    roses = data(town.http.get("/api/v1/products", params={"q": "a dozen pink roses", "limit": 1}))["items"][0]
    pieces = 20_001 // roses["price"]["minor"] + 1
    body = {
        "lines": [{"product_id": roses["id"], "quantity": pieces}],
        "deliver_to": HOME,
        "deliver_by": "2026-11-29T00:00:00Z",
        "payment": {"method": "card_ok"},
    }
    placed = data(agent.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key}))
    town.host.settle()
    order: dict[str, Any] = data(agent.get(f"/api/v1/orders/{placed['id']}"))
    return order


def waiting(client: Any, order: dict[str, Any]) -> dict[str, Any]:
    page = data(client.get("/api/v1/approvals", params={"status": "pending"}))
    found: list[dict[str, Any]] = [one for one in page["items"] if one["about"] == f"order:{order['id']}"]
    assert len(found) == 1
    return found[0]


def decide(client: Any, approval: str, word: str) -> Any:
    return client.post(f"/api/v1/approvals/{approval}", json={"decision": word})


def test_a_yes_lets_it_be_placed(town: Any, ann: Any, agent: Any) -> None:
    order = dear(town, agent, "yes")
    assert order["status"] == "awaiting_approval"
    assert ann.get(f"/api/v1/orders/{order['id']}/ledger").status_code == 404, "nothing has moved"
    approval = waiting(agent, order)
    assert approval["facts"]["total"] == order["total"]
    assert decide(agent, approval["id"], "approve").status_code == 403, "an agent never approves its own order"
    bob = town.as_("customer", "bob")
    assert decide(bob, approval["id"], "approve").status_code == 404
    assert data(decide(ann, approval["id"], "approve"))["status"] == "approved"
    assert data(decide(ann, approval["id"], "approve"))["status"] == "approved", "twice is once"
    assert decide(ann, approval["id"], "reject").status_code == 409
    town.host.result(order["id"])
    assert data(ann.get(f"/api/v1/orders/{order['id']}"))["status"] == "placed"


def test_a_no_ends_it(town: Any, ann: Any, agent: Any) -> None:
    order = dear(town, agent, "no")
    decide(ann, waiting(ann, order)["id"], "reject")
    town.host.result(order["id"])
    ended = data(ann.get(f"/api/v1/orders/{order['id']}"))
    assert (ended["status"], ended["reason"]) == ("failed", "You did not want it.")


def test_the_card_can_be_shown_by_an_agent(agent: Any) -> None:
    answer = agent.get("/api/v1/approvals").json()
    assert answer["data"]["summary"]
    assert answer["machine_readable"]["itemListElement"]


def test_silence_ends_it_after_a_day(town: Any, ann: Any, agent: Any) -> None:
    order = dear(town, agent, "silence")
    approval = waiting(ann, order)
    town.host.advance(timedelta(hours=25))
    town.host.result(order["id"])
    ann = town.as_("customer", "ann")
    ended = data(ann.get(f"/api/v1/orders/{order['id']}"))
    assert (ended["status"], ended["reason"]) == ("failed", "Nobody has said yes in time.")
    assert decide(ann, approval["id"], "approve").status_code == 409
