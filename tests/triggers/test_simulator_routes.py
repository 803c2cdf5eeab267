"""The simulator over HTTP: for staff alone, for simulated partners alone, and all of spec 5.4's admin flows."""

from __future__ import annotations

import asyncio
import csv
import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared import wiring
from shared.dialogue.inbound import INBOUND
from shared.dialogue.messages import OutboundMessage
from shared.records import Query
from shared.simulator.metrics import COLUMNS
from triggers.register import table

HERE = {"lat": 30.2672, "lng": -97.7431}
HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
API = "/api/v1/simulator"
PINK = {"type": "product", "any_of": ["pink"]}
REAL = "rosie-and-thorn"


def data(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def field(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.text
    found: str = answer.json()["errors"][0]["field"]
    return found


@pytest.fixture(scope="module")
def ada(town: Any) -> httpx.Client:
    """Staff."""
    client: httpx.Client = town.as_("ops", "ada", ttl_seconds=7 * 86_400)
    return client


@pytest.fixture(scope="module")
def ann(town: Any) -> httpx.Client:
    client: httpx.Client = town.as_("customer", "ann", ttl_seconds=7 * 86_400)
    return client


def new_partner(ada: httpx.Client, number: int, name: str = "Test Florist", **more: Any) -> dict[str, Any]:
    body = {
        "name": name, "kind": "florist", "place": {**HERE, "address": "3 Test St"},
        "contact": {"channel": "whatsapp", "address": f"+1512555{number:04}"}, **more,
    }  # fmt: skip
    made: dict[str, Any] = data(ada.post(f"{API}/partners", json=body))
    return made


def new_product(ada: httpx.Client, partner: str, title: str = "Purple Tulips", **more: Any) -> dict[str, Any]:
    body = {"partner": partner, "title": title, "price": {"minor": 4_500, "currency": "USD"}, **more}
    made: dict[str, Any] = data(ada.post(f"{API}/products", json=body))["product"]
    return made


def new_scenario(ada: httpx.Client, *partners: str, **more: Any) -> dict[str, Any]:
    body = {"name": "No pink", "type": "rejection", "partners": list(partners), "when": PINK, **more}
    made: dict[str, Any] = data(ada.post(f"{API}/scenarios", json=body))
    return made


def found(town: Any, words: str, **query: Any) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = data(town.http.get("/api/v1/products", params={"q": words, **query}))["items"]
    return page


def send(partner: dict[str, Any], message: str, text: str = "Can you do pink?", **more: Any) -> None:
    """What the platform says to a partner."""
    contact = partner["contact"]
    said = OutboundMessage(id=message, channel=contact["channel"], to=contact["address"], text=text, **more)
    asyncio.run(wiring.deps().messages.send(said))


def heard(message: str) -> Any:
    """What has come in as the answer to a message."""
    page = asyncio.run(wiring.deps().store.query(INBOUND, Query({"box": "none"})))
    assert not page.items
    name = f"whatsapp:sim-reply:{message}"
    stored = asyncio.run(wiring.deps().store.get(INBOUND, name, name))
    return stored.value.message if stored else None


# --- who may


ROUTES = [(row.method, row.path) for row in table() if row.path.startswith(API)]


def test_there_is_every_route_of_the_contract() -> None:
    roots = {path.removeprefix(f"{API}/").partition("/")[0] for _, path in ROUTES}
    assert roots == {
        "live-demo", "partners", "products", "scenarios", "queue", "templates", "activity", "weather",
    }  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_staff_alone_may(town: Any, method: str, path: str) -> None:
    path = path.replace("{", "x").replace("}", "")
    assert town.http.request(method, path).status_code == 401
    refused = [
        town.as_("customer", "ann"),
        town.as_("partner", "x"),
        town.as_("regional", "rita"),
        town.as_("ops", "olaf", scopes=["operations:read"]),
        town.as_("agent", "gemini", acting_for="ann", scopes=["orders:write"]),
    ]
    assert {client.request(method, path).status_code for client in refused} == {403}


@pytest.mark.parametrize("role", ["admin", "ops", "curator", "super"])
def test_all_of_the_staff_with_the_scope_may(town: Any, role: str) -> None:
    assert town.as_(role, "sam").get(f"{API}/partners").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"partners/{REAL}", None),
        ("PATCH", f"partners/{REAL}", {"name": "Mine"}),
        ("DELETE", f"partners/{REAL}", None),
        ("GET", f"products/{REAL}.ROSE-12", None),
        ("PATCH", f"products/{REAL}.ROSE-12", {"stock": 0}),
        ("DELETE", f"products/{REAL}.ROSE-12", None),
        ("DELETE", f"products/{REAL}.ROSE-12/images/{'0' * 64}", None),
        ("GET", f"products?partner={REAL}", None),
        ("GET", "queue/none", None),
        ("POST", "queue/none/assign", {}),
        ("POST", "queue/none/respond", {"decision": "accept"}),
        ("GET", "scenarios/none", None),
        ("PATCH", "scenarios/none", {"priority": 1}),
        ("PUT", "scenarios/none/partners", {"partners": []}),
        ("DELETE", "scenarios/none", None),
        ("POST", "scenarios/none/test", {"samples": [{}]}),
        ("PUT", "templates/none", {"name": "x", "decision": "accept", "text": "x"}),
        ("DELETE", "templates/none", None),
    ],
)
def test_real_partners_and_strangers_are_not_there(ada: httpx.Client, method: str, path: str, body: Any) -> None:
    assert ada.request(method, f"{API}/{path}", json=body).status_code == 404


def test_real_partners_are_never_named_in_a_body(ada: httpx.Client) -> None:
    price = {"minor": 100, "currency": "USD"}
    assert field(ada.post(f"{API}/products", json={"partner": REAL, "title": "x", "price": price})) == "body.partner"
    body = {"name": "x", "type": "rejection", "partners": [REAL]}
    assert field(ada.post(f"{API}/scenarios", json=body)) == "body.partners[0]"
    made = new_scenario(ada)
    answer = ada.put(f"{API}/scenarios/{made['id']}/partners", json={"partners": [REAL]})
    assert field(answer) == "body.partners[0]"
    taken = {"channel": "whatsapp", "address": "+15125550112"}
    body = {"name": "x", "kind": "florist", "place": HERE, "contact": taken}
    assert ada.post(f"{API}/partners", json=body).status_code == 409, "a real partner is reached there"


# --- the live demo


class TestLiveDemo:
    def test_both_shops_are_as_the_spec_says(self, town: Any, ada: httpx.Client) -> None:
        demo = data(ada.post(f"{API}/live-demo", json={}))
        a, b = demo["shop_a"], demo["shop_b"]
        told = [(one["name"], one["product"]["title"], one["product"]["price"]["minor"]) for one in (a, b)]
        assert told == [("Flower Shop A", "Red Flowers", 5_000), ("Flower Shop B", "Pink Flowers", 5_500)]
        of_a, of_b = (data(ada.get(f"{API}/products", params={"partner": one["partner_id"]})) for one in (a, b))
        assert [one["product"]["title"] for one in of_a["items"]] == ["Red Flowers"]
        assert [one["product"]["title"] for one in of_b["items"]] == ["Pink Flowers"]
        assert {one["id"] for one in found(town, "pink flowers", partner=b["partner_id"])} == {b["product_id"]}
        assert found(town, "pink flowers", partner=a["partner_id"], max_price_minor=9_000)[0]["id"] == a["product_id"]
        pink = found(town, "pink flowers", limit=50, **HERE)
        assert b["product_id"] in {one["id"] for one in pink}
        assert next(one["id"] for one in pink if one["partner"]["id"].startswith("sim-")) == b["product_id"]

    def test_a_rejects_pink_and_takes_orders_and_b_takes_all(self, ada: httpx.Client) -> None:
        demo = data(ada.post(f"{API}/live-demo", json={}))
        kinds = {
            ("shop_a", "pink flowers", "change_request"): ("reject", "No, we don't have pink flowers available"),
            ("shop_a", "red flowers", "order_request"): ("accept", "Yes, we can do red flowers."),
            ("shop_b", "pink flowers", "order_request"): ("accept", "Yes, I have pink flowers available!"),
            ("shop_b", "anything", "question"): ("accept", "Yes, I have pink flowers available!"),
        }
        for (shop, item, kind), expected in kinds.items():
            sample = {"requested_item": item, "type": kind}
            said = []
            for scenario in demo[shop]["scenario_ids"]:
                result = data(ada.post(f"{API}/scenarios/{scenario}/test", json={"samples": [sample]}))
                assert result["warnings"] == []
                said += [one["decision"] for one in result["results"] if one["matches"]]
            assert [(one["kind"], one["text"]) for one in said] == [expected]

    def test_red_is_ordered_from_a_and_a_second_call_puts_everything_back(
        self, town: Any, ada: httpx.Client, ann: httpx.Client
    ) -> None:
        demo = data(ada.post(f"{API}/live-demo", json={}))
        red, a = demo["shop_a"]["product_id"], demo["shop_a"]["partner_id"]
        town.host.advance(timedelta(seconds=1))
        body = {
            "lines": [{"product_id": red, "quantity": 3}], "deliver_to": HOME,
            "deliver_by": "2026-11-29T00:00:00Z", "payment": {"method": "card_ok"},
        }  # fmt: skip
        order = data(ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "red"}))["id"]
        town.host.settle()
        placed = data(ann.get(f"/api/v1/orders/{order}"))
        assert placed["status"] not in {"placing", "failed"}, placed["reason"]
        assert placed["legs"][0]["partner"]["name"] == "Flower Shop A"
        assert data(ada.get(f"{API}/products/{red}"))["product"]["stock"] == 17

        new_product(ada, a, "Pink Peonies")
        stray = new_scenario(ada, a, name="Stray")
        data(ada.patch(f"{API}/partners/{a}", json={"name": "Renamed"}))
        town.host.advance(timedelta(seconds=1))
        again = data(ada.post(f"{API}/live-demo", json={}))
        assert again == demo
        assert data(ada.get(f"{API}/partners/{a}"))["name"] == "Flower Shop A"
        items = data(ada.get(f"{API}/products", params={"partner": a}))["items"]
        assert [(one["product"]["id"], one["product"]["stock"]) for one in items] == [(red, 20)]
        assert data(ada.get(f"{API}/scenarios/{stray['id']}"))["partners"] == []
        more = {**body, "lines": [{"product_id": red, "quantity": 20}]}
        second = data(ann.post("/api/v1/orders", json=more, headers={"Idempotency-Key": "red-20"}))["id"]
        town.host.settle()
        assert data(ann.get(f"/api/v1/orders/{second}"))["status"] != "failed", "all 20 are there again"

        gone = data(ada.delete(f"{API}/live-demo"))
        assert gone == {name: demo[name] for name in ("partner_ids", "product_ids", "scenario_ids")}
        assert data(ada.delete(f"{API}/live-demo")) == {"partner_ids": [], "product_ids": [], "scenario_ids": []}
        for product in demo["product_ids"]:
            assert town.http.get(f"/api/v1/products/{product}").status_code == 404
        assert not [one for one in found(town, "pink flowers", limit=50) if one["partner"]["id"].startswith("sim-")]
        kept = data(ann.get(f"/api/v1/orders/{order}"))
        assert kept["legs"][0]["items"][0]["title"] == "Red Flowers"
        assert data(ada.get(f"{API}/partners/{a}"))["status"] == "closed"
        assert a not in {one["id"] for one in data(ada.get(f"{API}/partners"))["items"]}
        town.host.advance(timedelta(seconds=1))
        assert data(ada.post(f"{API}/live-demo", json={})) == demo

    def test_somewhere_else(self, ada: httpx.Client) -> None:
        demo = data(ada.post(f"{API}/live-demo", json={"lat": 40.7, "lng": -74.0}))
        place = data(ada.get(f"{API}/partners/{demo['shop_a']['partner_id']}"))["place"]
        assert (place["point"], place["region"]) == ({"lat": 40.7, "lng": -74.0}, "elsewhere")
        assert ada.post(f"{API}/live-demo", json={"lat": 40.7}).status_code == 422
        assert ada.post(f"{API}/live-demo", json={"lat": 91, "lng": 0}).status_code == 422
        assert data(ada.post(f"{API}/live-demo"))["shop_a"] == demo["shop_a"]


# --- partners and products


class TestPartners:
    def test_from_opening_to_closing(self, town: Any, ada: httpx.Client) -> None:
        trust = {"has_licence": True, "orders": 40, "on_time": 9_000, "completed": 9_900}
        hours = {"time_zone": "America/Chicago", "week": {"mon": "9:00-17:00"}}
        partner = new_partner(ada, 701, "Old Garden", trust=trust, hours=hours)
        assert partner["is_simulated"]
        assert partner["place"]["region"] == "austin"
        path = f"{API}/partners/{partner['id']}"
        assert data(ada.get(path)) == partner
        rose = new_product(ada, partner["id"], "Antique Velvet Roses", stock=3)
        assert found(town, "antique velvet roses", limit=3)[0]["id"] == rose["id"]

        changed = data(ada.patch(path, json={"name": "New Garden", "status": "paused"}))
        assert (changed["name"], changed["status"], changed["trust"]) == ("New Garden", "paused", partner["trust"])
        assert rose["id"] not in {one["id"] for one in found(town, "antique velvet roses", limit=20)}
        data(ada.patch(path, json={"status": "active", "place": {"lat": 30.3, "lng": -97.7}}))
        assert rose["id"] in {one["id"] for one in found(town, "antique velvet roses", limit=20)}

        scenario = new_scenario(ada, partner["id"])
        assert data(ada.delete(path))["status"] == "closed"
        assert data(ada.get(f"{API}/scenarios/{scenario['id']}"))["partners"] == []
        assert rose["id"] not in {one["id"] for one in found(town, "antique velvet roses", limit=20)}
        assert data(ada.get(path))["status"] == "closed"
        assert ada.patch(path, json={"name": "x"}).status_code == 404
        assert ada.delete(path).status_code == 404

    def test_lists_are_paged_and_by_state(self, ada: httpx.Client) -> None:
        made = {new_partner(ada, 710 + number, f"Paged {number}")["id"] for number in range(3)}
        seen: set[str] = set()
        after = None
        for _ in range(50):
            query = {"limit": 2, **({"after": after} if after else {})}
            page = data(ada.get(f"{API}/partners", params=query))
            seen |= {one["id"] for one in page["items"]}
            after = page["next"]
            if after is None:
                break
        assert made <= seen
        assert REAL not in seen
        closed = data(ada.get(f"{API}/partners", params={"status": "closed", "limit": 200}))["items"]
        assert not made & {one["id"] for one in closed}

    def test_an_address_is_one_partners(self, ada: httpx.Client) -> None:
        first = new_partner(ada, 720)
        body = {"name": "Second", "kind": "florist", "place": HERE, "contact": first["contact"]}
        assert ada.post(f"{API}/partners", json=body).status_code == 409
        second = new_partner(ada, 721)
        path = f"{API}/partners/{second['id']}"
        assert ada.patch(path, json={"contact": first["contact"]}).status_code == 409
        data(ada.delete(f"{API}/partners/{first['id']}"))
        assert data(ada.patch(path, json={"contact": first["contact"]}))["contact"] == first["contact"]

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"name": ""}, "body.name"),
            ({"kind": "Flower Shop"}, "body.kind"),
            ({"place": {"lat": 30}}, "body.place.lng"),
            ({"contact": {"channel": "whatsapp", "address": "512"}}, "body.contact.address"),
            ({"contact": {"channel": "email", "address": "nobody"}}, "body.contact.address"),
            ({"contact": {"channel": "web", "address": "x"}}, "body.contact.channel"),
            ({"contact": {"channel": "pigeon", "address": "x"}}, "body.contact.channel"),
            ({"hours": {"time_zone": "Mars/Olympus", "week": {}}}, "body.hours.time_zone"),
            ({"trust": {"on_time": 10_001}}, "body.trust.on_time"),
            ({"is_simulated": False}, "body.is_simulated"),
            ({"id": REAL}, "body.id"),
        ],
    )
    def test_what_cannot_be_names_its_field(self, ada: httpx.Client, change: dict[str, Any], where: str) -> None:
        body = {
            "name": "x", "kind": "florist", "place": HERE,
            "contact": {"channel": "sms", "address": "+15125550777"}, **change,
        }  # fmt: skip
        assert field(ada.post(f"{API}/partners", json=body)) == where


class TestProducts:
    def test_from_shelf_to_shelf(self, town: Any, ada: httpx.Client) -> None:
        partner = new_partner(ada, 730)["id"]
        made = new_product(ada, partner, "Striped Amaryllis", stock=4, tags=["gift-wrapping"])
        assert (made["sku"], made["stock"], made["net"]["minor"]) == ("STRIPED-AMARYLLIS", 4, 3_600)
        path = f"{API}/products/{made['id']}"
        dearer = data(ada.patch(path, json={"price": {"minor": 5_000, "currency": "USD"}}))["product"]
        assert (dearer["price"]["minor"], dearer["net"]["minor"], dearer["stock"]) == (5_000, 4_000, 4)
        endless = data(ada.patch(path, json={"stock": None, "description": "Red and white."}))["product"]
        assert (endless["stock"], endless["description"]) == (None, "Red and white.")
        assert found(town, "striped amaryllis", limit=1, partner=partner)[0]["price"]["minor"] == 5_000
        renamed = data(ada.patch(path, json={"title": "Blue Hydrangeas"}))["product"]
        assert renamed["attributes"]["colour"] == ["blue"]
        assert data(ada.get(path))["product"] == renamed
        assert data(ada.delete(path))["product"]["status"] == "removed"
        assert ada.get(path).status_code == 404
        assert found(town, "blue hydrangeas", partner=partner, limit=5) == []
        assert new_product(ada, partner, "Striped Amaryllis")["status"] == "active", "it can be put back"

    def test_availability_and_stock(self, town: Any, ada: httpx.Client) -> None:
        partner = new_partner(ada, 731)["id"]
        made = new_product(ada, partner, "Wild Foxgloves", stock=9)
        path = f"{API}/products/{made['id']}"
        out = data(ada.patch(path, json={"availability": {"rule": "out_of_stock"}}))
        assert (out["product"]["stock"], out["availability"]["rule"]) == (0, "out_of_stock")
        assert found(town, "wild foxgloves", partner=partner, limit=5) == []
        back = data(ada.patch(path, json={"availability": {"rule": "always"}}))
        assert back["product"]["stock"] == 9
        only = {"rule": "conditional", "when": {"type": "time", "after": "17:00"}}
        assert data(ada.patch(path, json={"availability": only}))["availability"]["when"]["after"] == "17:00"
        assert found(town, "wild foxgloves", partner=partner, limit=5)[0]["id"] == made["id"]

    def test_pictures(self, ada: httpx.Client) -> None:
        made = new_product(ada, new_partner(ada, 732)["id"])
        path = f"{API}/products/{made['id']}/images"
        kind = {"Content-Type": "image/png"}
        shown = data(ada.post(path, content=png(), headers=kind))["product"]
        assert len(shown["images"]) == 1
        assert data(ada.post(path, content=png(), headers=kind))["product"]["images"] == shown["images"]
        assert data(ada.delete(f"{path}/{shown['images'][0]}"))["product"]["images"] == []
        assert ada.post(path, content=b"no picture", headers=kind).status_code == 415

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"title": ""}, "body.title"),
            ({"price": {"minor": 0, "currency": "USD"}}, "body.price"),
            ({"price": {"minor": 100, "currency": "EUR"}}, "body.price"),
            ({"net": {"minor": 5_000, "currency": "USD"}}, "body.net"),
            ({"stock": -1}, "body.stock"),
            ({"availability": {"rule": "sometimes"}}, "body.availability.rule"),
            ({"availability": {"rule": "conditional"}}, "body.availability"),
            ({"partner": "nobody"}, "body.partner"),
        ],
    )
    def test_what_cannot_be_names_its_field(
        self, ada: httpx.Client, change: dict[str, Any], where: str, florist: str
    ) -> None:
        body = {"partner": florist, "title": "x", "price": {"minor": 100, "currency": "USD"}, **change}
        assert field(ada.post(f"{API}/products", json=body)) == where

    def test_a_sku_stands_on_the_shelf_once(self, ada: httpx.Client, florist: str) -> None:
        new_product(ada, florist, "Once Only")
        body = {"partner": florist, "title": "once ONLY!", "price": {"minor": 100, "currency": "USD"}}
        assert ada.post(f"{API}/products", json=body).status_code == 409


@pytest.fixture(scope="module")
def florist(ada: httpx.Client) -> str:
    made: str = new_partner(ada, 740)["id"]
    return made


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


# --- scenarios


class TestScenarios:
    def test_from_setting_up_to_taking_away(self, ada: httpx.Client, florist: str) -> None:
        made = new_scenario(ada, florist)
        path = f"{API}/scenarios/{made['id']}"
        assert made["steps"][0]["responses"][0]["decision"] == "reject"
        assert data(ada.get(path)) == made
        off = data(ada.patch(path, json={"is_active": False, "when": None, "priority": 7}))
        assert (off["is_active"], off["when"], off["priority"], off["seed"]) == (False, None, 7, made["seed"])
        other = new_partner(ada, 741)["id"]
        both = data(ada.put(f"{path}/partners", json={"partners": [florist, other, other]}))
        assert both["partners"] == [florist, other]
        listed = data(ada.get(f"{API}/scenarios", params={"is_active": False, "type": "rejection", "limit": 200}))
        assert made["id"] in {one["id"] for one in listed["items"]}
        assert data(ada.delete(path))["id"] == made["id"]
        assert ada.get(path).status_code == 404

    def test_the_specs_own_rule_is_tried_out(self, ada: httpx.Client, florist: str) -> None:
        rule = {
            "op": "and",
            "of": [
                {"type": "order_value", "over": {"minor": 50_000, "currency": "USD"}},
                {"type": "product", "any_of": ["flowers"]},
            ],
        }
        text = "Sorry, I don't have {requested_item} available"
        steps = [{"delay": {"minutes": 3}, "responses": [{"decision": "reject", "text": text}]}]
        made = new_scenario(ada, florist, type="custom", when=rule, steps=steps)
        dear, cheap = {"minor": 60_000, "currency": "USD"}, {"minor": 100, "currency": "USD"}
        samples = [
            {"id": "a", "requested_item": "pink flowers", "order_value": dear},
            {"id": "b", "requested_item": "pink flowers", "order_value": cheap},
            {"id": "c", "requested_item": "a cake", "order_value": dear},
        ]
        tried = data(ada.post(f"{API}/scenarios/{made['id']}/test", json={"samples": samples}))
        assert [one["matches"] for one in tried["results"]] == [True, False, False]
        decision = tried["results"][0]["decision"]
        assert (decision["text"], decision["after_seconds"]) == ("Sorry, I don't have pink flowers available", 180)

    def test_samples_of_a_thread_follow_each_other(self, ada: httpx.Client, florist: str) -> None:
        steps = [{"responses": [{"decision": "reject"}]}, {"responses": [{"decision": "accept"}]}]
        made = new_scenario(ada, florist, type="custom", steps=steps)
        pink = {"requested_item": "pink"}
        white = {"requested_item": "white"}
        samples = [{**pink, "thread": "t"}, {**white, "thread": "t"}, pink, white]
        tried = data(ada.post(f"{API}/scenarios/{made['id']}/test", json={"samples": samples}))["results"]
        assert [one["decision"]["kind"] for one in tried] == ["reject", "accept", "reject", "manual"]

    def test_chance_is_the_same_every_time(self, ada: httpx.Client, florist: str) -> None:
        responses = [{"decision": "accept", "weight": 70}, {"decision": "reject", "weight": 30}]
        made = new_scenario(ada, florist, type="custom", when=None, steps=[{"responses": responses}], seed=11)
        samples = [{"id": f"s{number}"} for number in range(20)]
        path = f"{API}/scenarios/{made['id']}/test"
        first, second = (data(ada.post(path, json={"samples": samples})) for _ in range(2))
        assert first == second
        kinds = [one["decision"]["kind"] for one in first["results"]]
        assert (kinds.count("accept"), kinds.count("reject")) == (14, 6)
        other = data(ada.post(path, json={"samples": samples, "seed": 6}))["results"]
        assert [one["decision"]["kind"] for one in other] != kinds

    def test_the_time_is_the_partners(self, ada: httpx.Client, florist: str) -> None:
        made = new_scenario(ada, florist, when={"type": "time", "after": "17:00"})
        samples = [{"at": "2026-11-23T17:30:00-06:00"}, {"at": "2026-11-23T16:30:00-06:00"}]
        tried = data(ada.post(f"{API}/scenarios/{made['id']}/test", json={"samples": samples}))["results"]
        assert [one["matches"] for one in tried] == [True, False]

    def test_what_seems_wrong_is_told(self, ada: httpx.Client) -> None:
        made = new_scenario(ada)
        path = f"{API}/scenarios/{made['id']}/test"
        assert field(ada.post(path, json={"samples": [{}]})) == "body.partner"
        partner = new_partner(ada, 742)["id"]
        tried = data(ada.post(path, json={"samples": [{}], "partner": partner}))
        assert tried["warnings"] == ["it is assigned to no partner"]

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"type": "custom"}, "body.steps"),
            ({"type": "counter_offer"}, "body.counter"),
            ({"type": "moody"}, "body.type"),
            ({"when": {"type": "moon"}}, "body.when"),
            ({"steps": [{"responses": [{"decision": "accept"}]}]}, "body"),
            ({"type": "custom", "steps": [{"responses": [{"decision": "reject", "text": "{x}"}]}]}, None),
            ({"priority": 9_999}, "body.priority"),
            ({"name": "x" * 201}, "body.name"),
        ],
    )
    def test_what_cannot_be_names_its_field(self, ada: httpx.Client, change: dict[str, Any], where: str | None) -> None:
        body = {"name": "x", "type": "rejection", "partners": [], **change}
        assert field(ada.post(f"{API}/scenarios", json=body)) == (where or "body.steps[0].responses[0].text")


# --- the queue


@pytest.fixture
def asked(ada: httpx.Client, request: pytest.FixtureRequest) -> Any:
    """A partner without scenarios, and how to ask it something; its name is in the messages' ids."""
    number = 800 + abs(zlib.crc32(request.node.name.encode())) % 9_000
    partner = new_partner(ada, number)

    def ask(name: str, **more: Any) -> str:
        message = f"{partner['id']}:{name}"
        send(partner, message, **more)
        return message

    ask.partner = partner["id"]  # type: ignore[attr-defined]
    return ask


class TestQueue:
    def test_a_request_waits_is_taken_on_and_answered(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        facts = {"request_type": "change_request", "requested_item": "pink flowers", "customer": "ann"}
        message = asked("one", facts=facts, thread="neg:none")
        (waiting,) = data(ada.get(f"{API}/queue", params={"partner": asked.partner}))["items"]
        assert (waiting["id"], waiting["type"], waiting["status"]) == (message, "change_request", "pending")
        assert waiting["facts"]["requested_item"] == "pink flowers"
        path = f"{API}/queue/{message}"
        taken = data(ada.post(f"{path}/assign", json={}))
        assert (taken["status"], taken["assigned_to"]) == ("assigned", "ada")
        assert data(ada.post(f"{path}/assign", json={"to": "bea"}))["assigned_to"] == "bea"

        said = {"decision": "reject", "text": "No pink today, {sorry}."}
        answered = data(ada.post(f"{path}/respond", json=said))
        town.host.settle()
        assert (answered["status"], answered["answer"]["person"]) == ("responded", "ada")
        assert heard(message).text == "No pink today, {sorry}."
        assert data(ada.post(f"{path}/respond", json=said)) == answered, "the same again changes nothing"
        assert ada.post(f"{path}/respond", json={"decision": "accept"}).status_code == 409
        assert ada.post(f"{path}/assign", json={}).status_code == 409
        assert data(ada.get(f"{API}/queue", params={"partner": asked.partner}))["items"] == []
        done = data(ada.get(f"{API}/queue", params={"partner": asked.partner, "status": "responded"}))["items"]
        assert [one["id"] for one in done] == [message]

    def test_the_conversation_stands_beside_it(self, ada: httpx.Client, asked: Any) -> None:
        first = asked("a", text="News.", thread="order:7")
        second = asked("b", thread="order:7")
        asked("c", thread="order:8")
        detail = data(ada.get(f"{API}/queue/{second}"))
        assert detail["request"]["id"] == second
        assert [one["id"] for one in detail["conversation"]] == [first, second]

    def test_filters_and_pages(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        started = town.host.now.isoformat()
        early = [asked(f"early-{n}", facts={"request_type": "question"}) for n in range(3)]
        town.host.advance(timedelta(hours=1))
        middle = town.host.now.isoformat()
        late = asked("late", facts={"request_type": "order_request"})
        noted = asked("news", text="News.")

        def ids(**query: Any) -> list[str]:
            page = data(ada.get(f"{API}/queue", params={"partner": asked.partner, **query}))
            return [one["id"] for one in page["items"]]

        assert ids() == [late, *early[::-1]]
        assert ids(type="order_request") == [late]
        assert ids(status="noted") == [noted]
        assert ids(since=middle) == [late]
        assert ids(since=started, before=middle) == early[::-1]
        page = data(ada.get(f"{API}/queue", params={"partner": asked.partner, "limit": 3}))
        assert ids(limit=3, after=page["next"]) == [early[0]]
        assert ada.get(f"{API}/queue", params={"since": "yesterday"}).status_code == 422

    def test_templates_are_kept_and_filled(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        body = {"name": "No", "decision": "reject", "text": "Sorry {customer}, no {requested_item}."}
        made = data(ada.post(f"{API}/templates", json=body))
        changed = {**body, "text": "Dear {customer}, no {requested_item}."}
        data(ada.put(f"{API}/templates/{made['id']}", json=changed))
        assert made["id"] in {one["id"] for one in data(ada.get(f"{API}/templates"))["items"]}
        message = asked("t", facts={"requested_item": "pink", "customer": "Ann"})
        data(ada.post(f"{API}/queue/{message}/respond", json={"template": made["id"]}))
        town.host.settle()
        assert heard(message).text == "Dear Ann, no pink."
        data(ada.delete(f"{API}/templates/{made['id']}"))
        again = ada.post(f"{API}/queue/{message}/respond", json={"template": made["id"]})
        assert field(again) == "body.template"
        bad = {**body, "text": "Sorry {whoever}"}
        assert field(ada.post(f"{API}/templates", json=bad)) == "body.text"
        assert field(ada.post(f"{API}/templates", json={**body, "decision": "counter"})) == "body.counter"

    def test_many_at_once(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        messages = [asked(f"m{n}", facts={"requested_item": f"tulips {n}"}) for n in range(4)]
        data(ada.post(f"{API}/queue/{messages[0]}/respond", json={"decision": "reject"}))
        body = {"requests": [*messages, messages[1], "nobody"], "decision": "accept"}
        result = data(ada.post(f"{API}/queue/respond", json=body))
        town.host.settle()
        assert [one["result"] for one in result["items"]] == ["conflict", *["responded"] * 3, "not_found"]
        assert result["responded"] == 3
        assert heard(messages[2]).text == "Yes, we can do tulips 2."
        assert ada.post(f"{API}/queue/respond", json={**body, "requests": ["x"] * 101}).status_code == 422

    def test_a_person_is_quicker_than_a_slow_scenario(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        slow = new_scenario(ada, asked.partner, type="slow", when=None)
        message = asked("slow", facts={"request_type": "change_request"})
        town.host.start("simulated_reply", message, instance_id=f"sim-{message}")
        town.host.settle()
        data(ada.post(f"{API}/queue/{message}/respond", json={"decision": "reject", "text": "By hand."}))
        town.host.settle()
        assert heard(message).text == "By hand."
        town.host.advance(timedelta(hours=1))
        town.host.result(f"sim-{message}")
        request = data(ada.get(f"{API}/queue/{message}"))["request"]
        assert (request["answer"]["text"], request["scenario"]) == ("By hand.", slow["id"])
        assert heard(message).text == "By hand."

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, "body.template"),
            ({"template": "x", "decision": "accept"}, "body.template"),
            ({"template": "none"}, "body.template"),
            ({"decision": "counter"}, "body.counter"),
            ({"decision": "silent"}, "body.decision"),
            ({"decision": "accept", "text": ""}, "body.text"),
            ({"decision": "accept", "text": "x" * 1_501}, "body.text"),
        ],
    )
    def test_what_is_no_answer_names_its_field(self, ada: httpx.Client, body: Any, where: str) -> None:
        assert field(ada.post(f"{API}/queue/none/respond", json=body)) == where


# --- in orders


@pytest.mark.parametrize(
    ("kind", "fails", "reason"),
    [("acceptance", False, ""), ("rejection", True, "cannot do it"), ("slow", True, "not answered in time")],
)
def test_a_played_partner_that_wants_to_be_asked_answers_a_checkout(
    town: Any, ada: httpx.Client, ann: httpx.Client, kind: str, fails: bool, reason: str
) -> None:
    partner = new_partner(ada, 750 + len(kind), f"Asked {kind}", accepts_alone=False)
    product = new_product(ada, partner["id"], "Copper Beech Twigs", stock=5)
    orders = {"type": "request", "any_of": ["order_request"]}
    scenario = new_scenario(ada, partner["id"], type=kind, when=orders)
    by = (town.host.now + timedelta(days=5)).isoformat()
    body = {
        "lines": [{"product_id": product["id"]}], "deliver_to": HOME, "deliver_by": by,
        "payment": {"method": "card_ok"},
    }  # fmt: skip
    order = data(ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": f"asked-{kind}"}))["id"]
    town.host.settle()
    town.host.advance(timedelta(minutes=16 if kind == "slow" else 0))
    town.host.settle()
    seen = data(ann.get(f"/api/v1/orders/{order}"))
    assert seen["status"] != "placing"
    assert ((seen["status"] == "failed"), reason in (seen["reason"] or "")) == (fails, True)
    history = data(ada.get(f"{API}/activity/history", params={"partner": partner["id"], "type": "order_request"}))
    (request,) = history["items"]
    assert (request["thread"], request["scenario"]) == (f"order:{order}", scenario["id"])


# --- activity


class TestActivity:
    def test_figures_history_and_export_agree(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        no_pink = new_scenario(ada, asked.partner)
        steps = [{"delay": {"seconds": 90}, "responses": [{"decision": "accept", "text": "=2+3 is @yours"}]}]
        slow = new_scenario(ada, asked.partner, type="slow", when=None, steps=steps, priority=1)
        pink = [asked(f"p{n}", facts={"requested_item": "pink"}) for n in range(3)]
        red = asked("r", text="+cmd|' /C calc'!A0, red?", facts={"requested_item": "red"})
        asked("news", text="News.")
        for message in (*pink, red):
            town.host.start("simulated_reply", message, instance_id=f"sim-{message}")
        town.host.advance(timedelta(seconds=100))
        town.host.settle()
        by_hand = asked("h", facts={"requested_item": "white"})
        data(ada.post(f"{API}/queue/{by_hand}/respond", json={"decision": "accept"}))
        town.host.settle()

        query = {"partner": asked.partner}
        view = data(ada.get(f"{API}/activity", params=query))
        activity = view["activity"]
        assert view["is_whole"]
        assert (activity["received"], activity["answered"], activity["automated"], activity["manual"]) == (6, 5, 4, 1)
        assert activity["by_decision"] == {"accept": 2, "reject": 3}
        assert (activity["acceptance_rate"], activity["rejection_rate"]) == (0.4, 0.6)
        assert activity["triggers"] == {no_pink["id"]: 3, slow["id"]: 1}
        assert activity["by_status"] == {"noted": 1, "responded": 5}
        seconds = activity["response_seconds"]
        assert seconds["median"] < 1
        assert 89 < seconds["longest"] < 92

        history = data(ada.get(f"{API}/activity/history", params=query))["items"]
        assert [one["id"] for one in history][-1] == pink[0]
        assert len(history) == 6

        file = ada.get(f"{API}/activity/export", params=query)
        assert file.headers["content-type"].startswith("text/csv")
        assert "simulator.csv" in file.headers["content-disposition"]
        assert file.headers["cache-control"] == "no-store"
        rows = list(csv.DictReader(io.StringIO(file.text)))
        assert tuple(rows[0]) == COLUMNS
        assert len(rows) == 6
        row = next(one for one in rows if one["id"] == red)
        assert row["text"].startswith("'+cmd")
        assert row["answer"].startswith("'=2+3")
        assert (row["answered_by"], row["decision"], row["scenario"]) == ("automated", "accept", slow["id"])
        plain = ada.get(f"{API}/activity/export", params={**query, "format": "json"}).json()
        assert [one["id"] for one in plain] == [one["id"] for one in rows]
        assert next(one for one in plain if one["id"] == by_hand)["answered_by"] == "ada"

    def test_spans_and_nothing(self, town: Any, ada: httpx.Client, asked: Any) -> None:
        query = {"partner": asked.partner, "since": town.host.now.isoformat()}
        empty = data(ada.get(f"{API}/activity", params=query))
        assert (empty["activity"]["received"], empty["first"]) == (0, None)
        assert empty["activity"]["acceptance_rate"] is None
        asked("x")
        assert data(ada.get(f"{API}/activity", params=query))["activity"]["waiting"] == 1
        assert ada.get(f"{API}/activity/export", params={**query, "format": "xls"}).status_code == 422


# --- weather


def test_the_weather_is_as_one_wants_it(town: Any, ada: httpx.Client) -> None:
    now = town.host.now
    span = {**HERE, "start": now.isoformat(), "end": (now + timedelta(hours=3)).isoformat()}
    storm = {"code": 63, "cloud_percent": 100, "rain_percent": 99, "temperature_c": 3.5, "wind_kmh": 88}
    before = data(ada.get(f"{API}/weather", params=span))["items"]
    set_ = data(ada.put(f"{API}/weather", json={**span, "conditions": storm}))["items"]
    assert len(set_) == len(before)
    assert all({name: hour[name] for name in storm} == storm for hour in set_)
    assert data(ada.get(f"{API}/weather", params=span))["items"] == set_
    data(ada.delete(f"{API}/weather", params=HERE))
    assert data(ada.get(f"{API}/weather", params=span))["items"] == before
    backwards = {**span, "end": (now - timedelta(hours=3)).isoformat()}
    assert field(ada.get(f"{API}/weather", params=backwards)) == "query.end"
    no_weather = {**span, "conditions": {**storm, "code": 500}}
    assert field(ada.put(f"{API}/weather", json=no_weather)) == "body.conditions.code"
