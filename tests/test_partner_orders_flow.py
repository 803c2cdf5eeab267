"""What partners, hubs and couriers see of an order: their own task in full, their orders, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.buying import HOME, SATURDAY, Shop, data

ROSIE = "rosie-and-thorn"


@pytest.fixture(scope="module")
def ann(town: Any) -> Shop:
    shop = Shop(town, "ann")
    data(shop.http.put("/api/v1/me", json={"name": "Ann Lee"}))
    return shop


@pytest.fixture(scope="module")
def order(town: Any, ann: Shop) -> dict[str, Any]:
    """A blanket with a monogram, and roses, brought by one courier."""
    blanket = ann.product("baby blanket with monogram", "monogram-room")
    lines = [
        {"product_id": blanket, "customization": {"kind": "monogramming", "text": "ELM"}},
        {"product_id": ann.product("red roses", ROSIE)},
    ]
    placed = ann.place("tasks", lines=lines)
    town.host.settle()
    return placed


def leg_of(order: dict[str, Any], **is_: Any) -> dict[str, Any]:
    def fits(leg: dict[str, Any]) -> bool:
        return all(({**leg, "by": leg["partner"]["id"]})[name] == value for name, value in is_.items())

    found: dict[str, Any] = next(leg for leg in order["legs"] if fits(leg))
    return found


def party(town: Any, leg: dict[str, Any]) -> Any:
    return town.as_(leg["party"], leg["partner"]["id"])


def detail(town: Any, order: dict[str, Any], leg: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data(party(town, leg).get(f"/api/v1/tasks/{order['id']}/{leg['id']}"))
    return found


def test_who_makes_it_learns_what_and_by_when_and_not_for_whom(town: Any, order: dict[str, Any]) -> None:
    leg = leg_of(order, by="monogram-room")
    seen = detail(town, order, leg)
    (thing,) = seen["things"]
    assert thing["options"]["text"] == "ELM"
    assert thing["specs"]
    assert (seen["due"], seen["starts"]) == (leg["ends"], leg["starts"])
    assert seen["drop_off"] is None
    assert 0 < seen["pay"]["minor"] <= seen["price"]["minor"]
    courier = leg_of(order, role="delivery")
    seen_by = {
        one["id"]: data(party(town, one).get(f"/api/v1/orders/{order['id']}"))["deliver_to"] for one in (leg, courier)
    }
    assert seen_by == {leg["id"]: None, courier["id"]: order["deliver_to"]}
    assert [one["leg"] for one in seen["after"]] == [courier["id"]]
    assert seen["after"][0]["address"] is None
    text = str(seen)
    assert "Ann Lee" not in text
    assert HOME["address"] not in text


def test_who_brings_it_learns_where_from_and_where_to(town: Any, order: dict[str, Any]) -> None:
    courier = leg_of(order, role="delivery")
    seen = detail(town, order, courier)
    assert (seen["drop_off"]["name"], seen["drop_off"]["address"]) == ("Ann Lee", HOME["address"])
    assert {one["leg"] for one in seen["before"]} == set(courier["after"])
    assert all(one["address"] for one in seen["before"])


def test_nobody_else_sees_a_task(town: Any, order: dict[str, Any]) -> None:
    leg = leg_of(order, by=ROSIE)
    path = f"/api/v1/tasks/{order['id']}/{leg['id']}"
    assert town.as_("partner", "monogram-room").get(path).status_code == 404
    assert town.as_("worker", ROSIE).get(path).status_code == 404
    assert town.as_("customer", "ann").get(path).status_code == 403
    assert town.http.get(path).status_code == 401
    assert town.as_("partner", ROSIE).get(f"/api/v1/tasks/{order['id']}/leg-99").status_code == 404


def test_a_task_is_taken_on_once_and_declining_finds_another(town: Any, ann: Shop) -> None:
    placed = ann.place("answered", ann.product("red roses", ROSIE))
    town.host.settle()
    leg = leg_of(placed, by=ROSIE)
    path, rosie = f"/api/v1/tasks/{placed['id']}/{leg['id']}/answer", town.as_("partner", ROSIE)
    for _ in range(2):
        assert rosie.post(path, json={"decision": "accept"}).status_code == 202
        town.host.settle()
    taken = [one for one in ann.order(placed["id"])["timeline"] if "Taken on" in one["what"]]
    assert len(taken) == 1
    assert rosie.post(path, json={"decision": "decline", "note": "No roses left."}).status_code == 202
    town.host.settle()
    assert rosie.post(path, json={"decision": "accept"}).status_code == 409
    gone = next(one for one in ann.order(placed["id"])["legs"] if one["id"] == leg["id"])
    assert gone["status"] in {"rejected", "cancelled"}
    assert town.as_("partner", "monogram-room").post(path, json={"decision": "accept"}).status_code == 404
    assert rosie.post(path, json={"decision": "maybe"}).status_code == 422


def test_a_partner_lists_its_orders_by_what_they_want_of_it(town: Any, ann: Shop, order: dict[str, Any]) -> None:
    rosie, path = town.as_("partner", ROSIE), f"/api/v1/partners/{ROSIE}/orders"
    running = data(rosie.get(path, params={"status": "running"}))["items"]
    assert order["id"] in {one["order"] for one in running}
    data(rosie.put(f"/api/v1/partners/{ROSIE}/pro-agent", json={"accepts_all": False}))
    body = {
        "lines": [{"product_id": ann.product("red roses", ROSIE)}],
        "deliver_to": HOME,
        "deliver_by": SATURDAY,
        "payment": {"method": "card_ok"},
    }
    begun = data(ann.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "listed"}))
    town.host.settle()
    asked = data(rosie.get(path, params={"status": "asked"}))["items"]
    assert [one["order"] for one in asked] == [begun["id"]]
    data(rosie.post(f"/api/v1/orders/{begun['id']}/legs/{asked[0]['leg']}/reply", json={"decision": "reject"}))
    town.host.result(begun["id"])
    data(rosie.put(f"/api/v1/partners/{ROSIE}/pro-agent", json={"accepts_all": True}))
    assert data(rosie.get(path, params={"status": "asked"}))["items"] == []
    assert begun["id"] in {one["order"] for one in data(rosie.get(path, params={"status": "over"}))["items"]}
    first = data(rosie.get(path, params={"limit": 1}))
    second = data(rosie.get(path, params={"limit": 1, "after": first["next"]}))
    assert first["items"][0]["placed_at"] >= second["items"][0]["placed_at"]
    assert first["items"] != second["items"]
    assert rosie.get(path, params={"status": "lost"}).status_code == 422
    assert town.as_("partner", "monogram-room").get(path).status_code == 404
    assert town.as_("customer", "ann").get(path).status_code == 403
