"""A partner's Pro-Agent through the whole app: orders within its rules are taken alone, others are asked about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.buying import HOME, SATURDAY, Shop, data

ROSIE = "rosie-and-thorn"
PATH = f"/api/v1/partners/{ROSIE}/pro-agent"


@pytest.fixture(scope="module")
def ann(town: Any) -> Shop:
    return Shop(town, "ann")


@pytest.fixture
def rosie(town: Any, ann: Shop) -> Iterator[Any]:
    ann.product("red roses", ROSIE)  # the city is open
    client = town.as_("partner", ROSIE)
    yield client
    data(client.put(PATH, json={"accepts_all": True}))


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def begun(ann: Shop, key: str) -> dict[str, Any]:
    body = {
        "lines": [{"product_id": ann.product("red roses", ROSIE)}],
        "deliver_to": HOME,
        "deliver_by": SATURDAY,
        "payment": {"method": "card_ok"},
    }
    order = data(ann.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key}))
    ann.town.host.settle()
    return ann.order(order["id"])


def test_orders_within_the_rules_are_taken_alone_and_listed(town: Any, ann: Shop, rosie: Any) -> None:
    near = {"min_total": usd(1_500), "within_km": 30}
    said = data(rosie.put(PATH, json={"rules": [{"lead_hours_min": 24}, near]}))
    assert said["accepts_all"] is False
    assert [one["words"] for one in said["rules"]] == [
        "orders 24 hours ahead or more", "orders at least $15.00, within 30 km",
    ]  # fmt: skip
    assert data(rosie.get(PATH)) == said
    order = begun(ann, "within")
    assert order["status"] == "placed", order["reason"]
    listed = data(rosie.get(f"{PATH}/activity"))["items"]
    assert (listed[0]["order"], listed[0]["rule"]) == (order["id"], "orders at least $15.00, within 30 km")
    assert listed[0]["price"] == order["legs"][0]["price"]


def test_what_no_rule_accepts_is_asked_about(town: Any, ann: Shop, rosie: Any) -> None:
    data(rosie.put(PATH, json={"rules": [{"lead_hours_min": 24}, {"within_km": 0.5}]}))
    before = data(rosie.get(f"{PATH}/activity"))["items"]
    order = begun(ann, "beyond")
    assert order["status"] == "placing"
    reply = f"/api/v1/orders/{order['id']}/legs/leg-1/reply"
    data(rosie.post(reply, json={"decision": "accept"}))
    town.host.result(order["id"])
    assert ann.order(order["id"])["status"] == "placed"
    assert data(rosie.get(f"{PATH}/activity"))["items"] == before, "it has said yes itself"


def test_only_the_partner_itself_sets_and_sees_its_rules(town: Any, rosie: Any) -> None:
    other = town.as_("partner", "south-congress-blooms")
    for client, status in ((other, 404), (town.as_("customer", "ann"), 403), (town.as_("curator", "c"), 403)):
        assert client.get(PATH).status_code == status
        assert client.put(PATH, json={"accepts_all": True}).status_code == status
        assert client.get(f"{PATH}/activity").status_code == status
    assert town.http.get(PATH).status_code == 401


def test_bad_rules_name_what_is_wrong_and_what_has_changed_is_not_overwritten(rosie: Any) -> None:
    for rule, field in (({}, "body.rules[0]"), ({"within_km": -1}, "body.rules[0].within_km")):
        answer = rosie.put(PATH, json={"rules": [rule]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    etag = rosie.get(PATH).headers["ETag"]
    assert rosie.put(PATH, json={"accepts_all": True}, headers={"If-Match": etag}).status_code == 200
    assert rosie.put(PATH, json={"accepts_all": False}, headers={"If-Match": etag}).status_code == 412
