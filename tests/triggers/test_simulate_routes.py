"""Changes that are tried over HTTP: the limousine and the chocolates, and others; nothing is altered by it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared import wiring
from shared.discovery.partners import PARTNERS
from shared.discovery.products import PRODUCTS
from shared.logistics.geo import Point
from shared.logistics.travel import travel_minutes
from shared.orders.order import ORDERS, Order
from shared.people.workers import WORKERS
from shared.records import Write

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
AUSTIN = ZoneInfo("America/Chicago")
RESTAURANT = {"address": "Heron Point, 1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
LIMO = {"product_id": "texas-limo-co.TOWN-2H"}
CHOCOLATES = {"product_id": "barton-truffle-room.MILK-24"}
ROSES = {"product_id": "rosie-and-thorn.ROSE-12"}
BLANKET = {"product_id": "premium-registry.POSH-BLK", "customization": {"kind": "monogramming", "text": "ELM"}}
SATURDAY = "2026-11-29T00:00:00Z"


def kept(container: Any, partition: str, name: str) -> Any:
    stored = asyncio.run(wiring.deps().store.get(container, partition, name))
    assert stored is not None
    return stored.value


def place(town: Any, key: str, *lines: dict[str, Any], by: str = SATURDAY, method: str = "card_ok") -> str:
    body = {"lines": list(lines), "deliver_to": RESTAURANT, "deliver_by": by, "payment": {"method": method}}
    client = town.as_("customer", "ann")
    answer = client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["data"]["id"]
    town.host.result(name)
    return name


def answer_to(town: Any, order: str, client: Any = None, **body: Any) -> Any:
    return (client or town.as_("customer", "ann")).post(f"/api/v1/orders/{order}/simulate", json=body)


def tried(town: Any, order: str, **body: Any) -> dict[str, Any]:
    """What an answer holds; the order is the same before and after."""
    before = kept(ORDERS, order, order)
    answer = answer_to(town, order, **body)
    assert answer.status_code == 200, answer.text
    assert kept(ORDERS, order, order) == before
    found: dict[str, Any] = answer.json()
    return found


def way(here: Point, there: Point, at: datetime) -> timedelta:
    minutes = travel_minutes(here, there, at, "car", AUSTIN)
    assert minutes is not None
    return timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def evening(town: Any) -> dict[str, Any]:
    """Ten minutes before the limousine comes, with dinner fifteen minutes before what chocolates on the way allow."""
    assert town.http.get("/api/v1/products", params={"q": "limo"}).status_code == 200  # opens the catalog
    limo = kept(PRODUCTS, "texas-limo-co", "texas-limo-co.TOWN-2H")
    comes = NOW + timedelta(minutes=limo.lead_minutes)
    arrives = comes + timedelta(minutes=limo.work_minutes * 5 // 4)  # a quarter of it in reserve
    now = comes - timedelta(minutes=10)
    shop = kept(PARTNERS, "barton-truffle-room", "barton-truffle-room").place.point
    box = kept(PRODUCTS, "barton-truffle-room", "barton-truffle-room.MILK-24")
    ready = now + timedelta(minutes=box.lead_minutes + -(-box.work_minutes // 10))
    home = Point(lat=RESTAURANT["lat"], lng=RESTAURANT["lng"])  # type: ignore[arg-type]
    leaves = max(comes + way(home, shop, comes), ready) + timedelta(minutes=10)
    longer = leaves + way(shop, home, leaves) - comes
    dinner = arrives + longer - timedelta(minutes=15)
    order = place(town, "limo", LIMO, by=dinner.isoformat())
    town.host.advance(now - town.host.now)
    return {"order": order, "dinner": dinner, "arrives": arrives, "longer": longer, "comes": comes}


def test_the_limousine_and_the_chocolates(town: Any, evening: dict[str, Any]) -> None:
    order: Order = kept(ORDERS, evening["order"], evening["order"])
    assert (order.legs[0].starts, order.legs[0].ends) == (evening["comes"], evening["arrives"])
    answer = tried(town, evening["order"], add=[CHOCOLATES], occasion="dinner")
    found = answer["data"]
    proceed, *others = found["options"]
    courier = next(one for one in others if one["kind"] == "courier")
    price = f"${courier['more']['minor'] / 100:.2f}"
    assert found["suggestion"] == found["summary"] == (
        "Adding chocolates will make you 15 minutes late for dinner. Should I proceed, or would you like me to courier "
        f"the chocolates separately to {RESTAURANT['address']} for {price}?"
    )
    assert (found["late_minutes"], found["is_possible"]) == (15, True)
    limo, box = found["legs"]
    longer = int(evening["longer"].total_seconds()) // 60
    assert (limo["later_by_minutes"], limo["late_minutes"]) == (longer, 15)
    assert datetime.fromisoformat(limo["ends_after"]) == evening["dinner"] + timedelta(minutes=15)
    assert (box["id"], box["ends_before"]) == ("leg-2", None)
    assert (proceed["kind"], proceed["price"]["minor"], proceed["arrives"]) == ("proceed", 3_800, limo["ends_after"])
    assert [one["kind"] for one in others if one["kind"] != "courier"] == ["later", "drop"]
    assert courier["price"]["minor"] == 3_800 + courier["more"]["minor"]
    assert datetime.fromisoformat(courier["arrives"]) <= evening["dinner"]
    costs = [one["more"]["minor"] for one in others if one["kind"] == "courier"]
    assert costs == sorted(costs)


def test_its_courier_is_a_real_one_who_keeps_things_cold(town: Any, evening: dict[str, Any]) -> None:
    found = tried(town, evening["order"], add=[CHOCOLATES], occasion="dinner")["data"]
    courier = next(one for one in found["options"] if one["kind"] == "courier")
    workers = asyncio.run(wiring.deps().roster.now())[0]
    (worker,) = [one for one in workers.values() if one.name == courier["courier"]]
    assert kept(WORKERS, worker.id, worker.id).vehicle == "cold-van"
    kilometres, rest = divmod(courier["more"]["minor"] - worker.minor_per_job, worker.minor_per_km)
    assert (rest, 1 <= kilometres <= 10) == (0, True)


def test_machines_and_chats_get_it_in_their_own_way(town: Any, evening: dict[str, Any]) -> None:
    answer = tried(town, evening["order"], add=[CHOCOLATES], occasion="dinner")
    told, card = answer["machine_readable"], answer["adaptive_card"]
    assert (told["@type"], told["orderNumber"]) == ("Order", evening["order"])
    actions = {one["identifier"]: one for one in told["potentialAction"]}
    assert actions["drop"]["priceSpecification"] == {
        "@type": "PriceSpecification", "price": "0.00", "priceCurrency": "USD",
    }  # fmt: skip
    assert card["version"] == "1.5"
    assert card["body"][0]["text"].startswith("Adding chocolates will make you 15 minutes late")
    assert [one["data"]["option"] for one in card["actions"]] == ["proceed", "courier", "later", "drop"]


def test_what_fits_is_said_and_costs_what_it_costs(town: Any, evening: dict[str, Any]) -> None:
    order = place(town, "roses", ROSES)
    found = tried(town, order, add=[{"product_id": "juniper-and-wren.CANDLE-CEDAR"}])["data"]
    assert found["suggestion"] == "Adding candle works: everything stays in time."
    assert [one["kind"] for one in found["options"]] == ["proceed", "drop"]
    _, courier, candle = found["legs"]
    assert candle["ends_before"] is None
    assert courier["ends_after"] > courier["ends_before"], "one door more"
    assert 2_900 <= found["options"][0]["price"]["minor"] <= 2_900 + 1_000


def test_taking_out_and_replacing(town: Any, evening: dict[str, Any]) -> None:
    order = place(town, "several", BLANKET, ROSES)
    kept_order: Order = kept(ORDERS, order, order)
    names = {leg.role: leg.id for leg in kept_order.legs}
    out = tried(town, order, remove=["leg-1"])["data"]
    gone = {leg["id"] for leg in out["legs"] if leg["ends_after"] is None}
    assert gone == {"leg-1", names["customization"]}, "the monogram goes with the blanket"
    prices = {leg.id: leg.price.minor for leg in kept_order.legs}
    assert out["options"][0]["price"]["minor"] == -sum(prices[name] for name in gone)
    assert out["suggestion"].startswith("Removing ")
    other = {"product_id": "rosie-and-thorn.ROSE-24"}
    swap = tried(town, order, replace={"leg_id": "leg-3", "line": other})["data"]
    assert swap["suggestion"].startswith("Changing roses works")
    dearer = kept(PRODUCTS, "rosie-and-thorn", "rosie-and-thorn.ROSE-24").price.minor
    assert swap["options"][0]["price"]["minor"] == dearer - prices["leg-3"]
    assert {leg["id"] for leg in swap["legs"] if leg["ends_after"] is None} == {"leg-3"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.add"),
        ({"add": [ROSES], "remove": ["leg-1"]}, "body.add"),
        ({"remove": ["leg-1"]}, "body.remove"),
        ({"remove": ["leg-2"]}, "body.remove"),
        ({"remove": ["leg-99"]}, "body.remove"),
        ({"remove": ["1"]}, "body.remove[0]"),
        ({"add": [{"product_id": "no.such"}]}, "body.add[0].product_id"),
        ({"add": [{**ROSES, "quantity": 1_000}]}, "body.add[0].quantity"),
        ({"add": [ROSES] * 6}, "body.add"),
        ({"replace": {"leg_id": "leg-7", "line": ROSES}}, "body.replace"),
        ({"add": [ROSES], "occasion": "a\nb"}, "body.occasion"),
        (
            {"add": [{**BLANKET, "customization": {"kind": "monogramming", "by": "nobody"}}]},
            "body.add[0].customization.by",
        ),
    ],
)
def test_what_cannot_be_tried_names_the_field(
    town: Any, evening: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    order = place(town, "for bad ones", ROSES)
    answer = answer_to(town, order, **body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_who_may_try_it(town: Any, evening: dict[str, Any]) -> None:
    order, body = evening["order"], {"add": [CHOCOLATES]}
    writes = town.as_("agent", "gemini", acting_for="ann", scopes=["orders:write"])
    reads = town.as_("agent", "gemini", acting_for="ann", scopes=["orders:read"])
    for client, status in [
        (town.as_("customer", "bob"), 404),
        (town.as_("partner", "texas-limo-co"), 403),
        (town.as_("agent", "gemini", acting_for="bob", scopes=["orders:write"]), 404),
        (reads, 403),
        (writes, 200),
        (town.as_("ops", "olga"), 200),
        (town.as_("curator", "cora"), 404),
    ]:
        assert answer_to(town, order, client, **body).status_code == status, client.headers
    assert town.http.post(f"/api/v1/orders/{order}/simulate", json=body).status_code == 401
    assert answer_to(town, "no-such-order", **body).status_code == 404


def test_only_running_orders_are_tried(town: Any, evening: dict[str, Any]) -> None:
    failed = place(town, "declined", ROSES, method="card_declined")
    answer = answer_to(town, failed, add=[CHOCOLATES])
    assert (answer.status_code, "failed" in answer.json()["detail"]) == (409, True)


def test_what_has_begun_stays(town: Any, evening: dict[str, Any]) -> None:
    order = place(town, "begun", BLANKET, ROSES)

    async def begin() -> None:
        store = wiring.deps().store
        stored = await store.get(ORDERS, order, order)
        assert stored is not None
        legs = tuple(
            leg.model_copy(update={"began": town.host.now, "status": "in_progress"}) if leg.id == "leg-3" else leg
            for leg in stored.value.legs
        )
        begun = stored.value.model_copy(update={"legs": legs})
        await store.apply(ORDERS, order, [Write("replace", begun, stored.etag)])

    asyncio.run(begin())
    refused = answer_to(town, order, remove=["leg-3"])
    assert refused.status_code == 422
    assert "has begun" in refused.json()["detail"]
    assert answer_to(town, order, remove=["leg-1"]).status_code == 200
