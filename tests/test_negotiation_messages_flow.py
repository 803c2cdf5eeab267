"""Staff watch a negotiation without joining, and write in it once they have taken it over."""

from __future__ import annotations

from typing import Any

from tests.buying import told
from tests.test_live_demo_flow import Demo, data
from tests.test_support_flow import Hub, inbox_of


def spoken(town: Any, talk: str, **query: Any) -> list[dict[str, Any]]:
    ops = town.as_("ops", "olga")
    items: list[dict[str, Any]] = data(ops.get(f"/api/v1/negotiations/{talk}/messages", params=query))["items"]
    return items


def test_all_that_is_said_is_seen_by_staff_alone(town: Any) -> None:
    demo = Demo(town, "watched")
    talk = demo.change()["negotiation_id"]
    answer, asked = spoken(town, talk)
    assert (asked["direction"], asked["by"], asked["to"], asked["round"]) == ("out", "assistant", "partner", 1)
    assert asked["state"] == "delivered"
    assert (answer["direction"], answer["by"], answer["state"]) == ("in", "partner", "received")
    assert "don't have pink" in answer["text"]
    assert answer["mood"] == "calm"
    path = f"/api/v1/negotiations/{talk}/messages"
    assert demo.ann.get(path).status_code == 403
    assert town.http.get(path).status_code == 401
    assert town.as_("ops", "olga").get("/api/v1/negotiations/none/messages").status_code == 404


def test_staff_write_to_both_sides_once_they_have_it_in_hand(town: Any) -> None:
    hub = Hub(town, "talks")
    change = {"line_id": "leg-2", "replacement": "white roses"}
    headers = {"Idempotency-Key": "white"}
    made = data(hub.ann.post(f"/api/v1/orders/{hub.id}/changes", json=change, headers=headers))
    town.host.settle()
    talk, ops = made["negotiation_id"], town.as_("ops", "olga")
    path = f"/api/v1/negotiations/{talk}/messages"
    body = {"to": "partner", "text": "Could you do it for ten more?"}
    assert ops.post(path, json=body).status_code == 409, "not before it is taken over"
    assert hub.ann.post(path, json=body).status_code == 403
    data(ops.post(f"/api/v1/negotiations/{talk}/take-over"))
    town.host.settle()
    assert town.as_("ops", "oscar").post(path, json=body).status_code == 409, "it is in another's hands"
    for _ in range(2):
        assert ops.post(path, json=body, headers={"Idempotency-Key": "once"}).status_code == 202
    answer = ops.post(path, json={"to": "customer", "text": "Would ten more be all right?"})
    assert answer.status_code == 202
    town.host.settle()
    assert inbox_of(hub, 1).count("Could you do it for ten more?") == 1
    assert "Support: Would ten more be all right?" in told("web", "customer:ann")
    staff = [(one["to"], one["text"]) for one in spoken(town, talk) if one["by"] == "staff"]
    assert sorted(staff) == [
        ("customer", "Would ten more be all right?"), ("partner", "Could you do it for ten more?"),
    ]  # fmt: skip
    assert hub.read(hub.ann)[0]["private"], "what staff ask the customer is not for the partner"
    assert hub.read(hub.doer(1)) == []
