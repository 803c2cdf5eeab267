"""A checkout that fails says what else would work, and undoes all the same where nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.orders.order import ALTERNATIVES_MAX
from tests.buying import HOME, SATURDAY, Shop, data, told

ROSIE = "rosie-and-thorn"
PATH = f"/api/v1/partners/{ROSIE}/pro-agent"


@pytest.fixture(scope="module")
def ann(town: Any) -> Shop:
    return Shop(town, "ann")


@pytest.fixture
def rosie(town: Any, ann: Shop) -> Iterator[Any]:
    """She wants to be asked about every order."""
    ann.product("red roses", ROSIE)  # the city is open
    client = town.as_("partner", ROSIE)
    data(client.put(PATH, json={"accepts_all": False}))
    yield client
    data(client.put(PATH, json={"accepts_all": True}))


def refused(ann: Shop, rosie: Any, key: str, product: str) -> dict[str, Any]:
    body = {
        "lines": [{"product_id": product}],
        "deliver_to": HOME,
        "deliver_by": SATURDAY,
        "payment": {"method": "card_ok"},
    }
    order = data(ann.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key}))
    ann.town.host.settle()
    data(rosie.post(f"/api/v1/orders/{order['id']}/legs/leg-1/reply", json={"decision": "reject"}))
    ann.town.host.result(order["id"])
    return ann.order(order["id"])


def test_a_vendors_no_names_others_who_would_do(town: Any, ann: Shop, rosie: Any) -> None:
    failed = refused(ann, rosie, "others", ann.product("a dozen pink roses", ROSIE))
    assert failed["status"] == "failed"
    asked, found = failed["legs"][0], failed["alternatives"]
    assert 1 <= len(found) <= ALTERNATIVES_MAX
    for one in found:
        assert one["leg"] == "leg-1"
        assert not one["product_id"].startswith(f"{ROSIE}.")
        assert one["price"]["minor"] - asked["price"]["minor"] == one["more"]["minor"]
        assert abs(one["more"]["minor"]) * 100 <= asked["price"]["minor"] * 20
    said = next(text for text in told("web", "customer:ann") if "this would work" in text)
    assert all(one["title"] in said for one in found)
    assert data(rosie.get(f"/api/v1/orders/{failed['id']}"))["alternatives"] == [], "they are not for its rival"
    placed = ann.place("instead", found[0]["product_id"])
    assert placed["legs"][0]["price"] == found[0]["price"]


def test_where_nothing_else_would_do_all_is_taken_back_the_same(town: Any, ann: Shop, rosie: Any) -> None:
    csv = "sku,title,price,net,stock,category\nGOLD-1,The golden orchid,9000.00,8000.00,5,orchids\n"
    data(rosie.post(f"/api/v1/partners/{ROSIE}/manifests", content=csv.encode(), headers={"Content-Type": "text/csv"}))
    failed = refused(ann, rosie, "nothing", f"{ROSIE}.GOLD-1")
    assert (failed["status"], failed["alternatives"]) == ("failed", [])
    assert "cannot do it" in failed["reason"]
