"""Discovery over HTTP: what anybody may see, what a partner may change, what a curator may set."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

HERE = {"lat": 30.2672, "lng": -97.7431}
CSV = """sku,title,price,stock,category,description
A-1,Yellow tulips in a jar,24.00,9,tulips,Ten tulips in a jar you keep.
A-2,Broken price,twelve,9,tulips,No number at all.
A-3,,18.00,9,tulips,A row without a title.
A-4,Stock gone wrong,18.00,many,tulips,Nobody knows how many.
A-5,White tulips in a jar,26.00,4,tulips,The same in white.
"""


def data(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def search(town: Any, **query: Any) -> Any:
    return data(town.http.get("/api/v1/products", params=query))


def test_every_field_of_the_contract_is_there(town: Any) -> None:
    (item,) = search(town, q="pink roses", limit=1, **HERE)["items"]
    assert {"id", "title", "price", "partner", "distance_km", "in_stock", "score", "url"} <= item.keys()
    assert item["partner"].keys() >= {"id", "name"}
    why = item["why"]
    assert item["score"] == pytest.approx(sum(part["adds"] for part in why.values()), abs=2e-4)
    assert {name: part["weight"] for name, part in why.items()} == {
        "relevance": 0.4, "boost": 0.3, "quality": 0.2, "margin": 0.1,
    }  # fmt: skip


def test_a_product_has_a_url_that_leads_to_it_with_its_tracking_id(town: Any) -> None:
    item = search(town, q="pink roses", limit=1)["items"][0]
    assert re.search(r"\?via=[a-z0-9-]+$", item["url"])
    assert data(town.http.get(item["url"]))["id"] == item["id"]
    away = data(town.http.get(f"/api/v1/products/{item['id']}", params={"lat": 30.5, "lng": -97.7}))
    assert away["distance_km"] > 10


def test_filters_by_query(town: Any) -> None:
    cheap = search(town, q="chocolates", max_price_minor=2500, capability="vegan", limit=50)["items"]
    assert cheap
    assert all(item["price"]["minor"] <= 2500 for item in cheap)
    blanks = search(town, q="cap", kind="blank", limit=50)["items"]
    assert blanks
    assert {item["kind"] for item in blanks} == {"blank"}
    near = search(town, q="flowers", within_km=3, limit=50, **HERE)["items"]
    assert near
    assert all(item["distance_km"] <= 3 for item in near)
    soon = search(town, q="birthday cake", deliver_by="2026-11-23T20:00:00-06:00", limit=50)["items"]
    assert soon
    assert all(item["lead_minutes"] <= 600 for item in soon)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"lat": 30}, "query.lat"),
        ({"within_km": 3}, "query.within_km"),
        ({"lat": 95, "lng": 0}, "query.lat"),
        ({"limit": 0}, "query.limit"),
        ({"limit": 51}, "query.limit"),
        ({"max_price_minor": -1}, "query.max_price_minor"),
        ({"deliver_by": "tomorrow"}, "query.deliver_by"),
        ({"deliver_by": "2026-11-23T20:00:00"}, "query.deliver_by"),
        ({"q": "x" * 401}, "query.q"),
        ({"capability": ",".join(["x"] * 11)}, "query.capability"),
        ({"colour": "pink"}, "query.colour"),
        ({"kind": "cat"}, "query.kind"),
        ({"q": "roses", "after": "x"}, "query.after"),
    ],
)
def test_bad_queries_name_their_field(town: Any, query: dict[str, Any], field: str) -> None:
    answer = town.http.get("/api/v1/products", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_pages_by_token(town: Any) -> None:
    first = search(town, q="birthday", limit=5)
    second = search(town, q="birthday", limit=5, after=first["next"])
    assert len(first["items"]) == len(second["items"]) == 5
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}


def test_nothing_found_says_so(town: Any) -> None:
    page = search(town, q="nuclear submarine")
    assert page["items"] == []
    assert "Nothing" in page["summary"]


def test_what_is_not_there_is_not_found(town: Any) -> None:
    for path in ("products/no.such", "bundles/none", "bundles/made-none", "images/none", f"images/{'0' * 64}"):
        assert town.http.get(f"/api/v1/{path}").status_code == 404


def test_agents_find_the_doors_in_the_manifest(town: Any) -> None:
    manifest = town.http.get("/.well-known/agent-manifest.json").json()
    actions = {action["name"]: action for action in manifest.get("data", manifest)["actions"]}
    assert {"search_products", "search_bundles", "chat", "resolve_intent"} <= actions.keys()
    assert not any(actions[name]["needs_token"] for name in ("search_products", "chat"))


@pytest.fixture(scope="module")
def rosie(town: Any) -> httpx.Client:
    client: httpx.Client = town.as_("partner", "rosie-and-thorn")
    return client


@pytest.fixture(scope="module")
def curator(town: Any) -> httpx.Client:
    client: httpx.Client = town.as_("curator", "cleo")
    return client


class TestConcierge:
    def hidden_words(self, town: Any) -> set[str]:
        """Names, ids, addresses and links of every partner."""
        import tomllib

        from tests.discovery.conftest import DATA

        words: set[str] = set()
        for file in (DATA / "austin" / "partners").glob("*/partner.toml"):
            partner = tomllib.loads(file.read_text("utf-8"))
            words |= {partner["id"], partner["name"], partner["place"]["address"], partner["contact"]["address"]}
            words |= {partner.get("tracking_id") or partner["id"]}
        return words

    def test_nothing_of_a_concierge_bundle_leads_to_a_partner(self, town: Any) -> None:
        found = town.http.get("/api/v1/bundles", params={"q": "gift for somebody special", "limit": 50, **HERE})
        concierge = [item for item in data(found)["items"] if item["visibility"] == "concierge"]
        assert len(concierge) >= 6
        secret = self.hidden_words(town)
        for item in concierge:
            one = town.http.get(f"/api/v1/bundles/{item['id']}")
            by_card = [part for part in found.json()["adaptive_card"]["body"] if item["title"] in json.dumps(part)]
            by_machine = [
                entry
                for entry in found.json()["machine_readable"]["itemListElement"]
                if entry["item"]["identifier"] == item["id"]
            ]
            text = json.dumps([item, one.json(), by_card, by_machine], ensure_ascii=False).lower()
            assert [word for word in secret if re.search(rf"\b{re.escape(word.lower())}\b", text)] == []
            assert item["parts"] == []

    def test_hybrid_shows_only_the_partners_it_means_to(self, town: Any) -> None:
        found = data(town.http.get("/api/v1/bundles", params={"limit": 50, **HERE}))["items"]
        hybrid = [item for item in found if item["visibility"] == "hybrid"]
        assert hybrid
        hidden = [part for item in hybrid for part in item["parts"] if part["partner"] is None]
        assert hidden
        assert all(part["product_id"] is None and part["price"] is None for part in hidden)


class TestPartner:
    def submit(self, client: httpx.Client, text: str, partner: str = "rosie-and-thorn", **query: Any) -> httpx.Response:
        path = f"/api/v1/partners/{partner}/manifests"
        return client.post(path, content=text.encode(), headers={"Content-Type": "text/csv"}, params=query)

    def test_a_csv_with_three_broken_rows(self, town: Any, rosie: httpx.Client) -> None:
        report = data(self.submit(rosie, CSV))
        assert (report["accepted"], report["changed"], report["refused"]) == (2, 2, 3)
        assert [(one["row"], one["field"]) for one in report["problems"]] == [(3, "price"), (4, "title"), (5, "stock")]
        assert report["problems"][0]["value"] == "twelve"
        assert "write 12.00" in report["problems"][0]["message"]
        found = search(town, q="yellow tulips in a jar", partner="rosie-and-thorn")["items"]
        assert found[0]["id"] == "rosie-and-thorn.A-1"
        again = data(self.submit(rosie, CSV))
        assert (again["changed"], again["unchanged"]) == (0, 2)

    def test_price_stock_and_removal_show_at_once(self, town: Any, rosie: httpx.Client) -> None:
        data(self.submit(rosie, CSV.replace("A-1", "B-1").replace("Yellow tulips", "Apricot tulips")))
        path = "/api/v1/partners/rosie-and-thorn/products/B-1"
        changed = data(rosie.patch(path, json={"price": {"minor": 3100, "currency": "USD"}, "stock": 2}))
        assert (changed["price"]["minor"], changed["stock"]) == (3100, 2)
        assert search(town, q="apricot tulips", min_price_minor=3100, max_price_minor=3100)["items"][0]["stock"] == 2
        data(rosie.patch(path, json={"stock": 0}))
        assert "B-1" not in json.dumps(search(town, q="apricot tulips", partner="rosie-and-thorn"))
        data(rosie.patch(path, json={"is_made_to_order": True}))
        assert "B-1" in json.dumps(search(town, q="apricot tulips", partner="rosie-and-thorn"))
        assert data(rosie.delete(path))["status"] == "removed"
        assert town.http.get("/api/v1/products/rosie-and-thorn.B-1").status_code == 404
        assert rosie.patch(path.replace("B-1", "NONE"), json={"stock": 0}).status_code == 404

    def test_a_picture_is_served_by_the_platform_itself(self, town: Any, rosie: httpx.Client) -> None:
        data(self.submit(rosie, CSV))
        png = bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060f8cf00000301010"
            "0c9fe92ef0000000049454e44ae426082"
        )
        path = "/api/v1/partners/rosie-and-thorn/products/A-1/images"
        product = data(rosie.post(path, content=png, headers={"Content-Type": "image/png"}))
        assert len(product["images"]) == 1
        view = data(town.http.get("/api/v1/products/rosie-and-thorn.A-1"))
        served = town.http.get(view["images"][0])
        assert served.content == png
        assert served.headers["content-type"] == "image/png"
        assert rosie.post(path, content=b"no picture", headers={"Content-Type": "image/png"}).status_code == 415

    def test_nobody_touches_the_shelves_of_another(self, town: Any, rosie: httpx.Client) -> None:
        other = "south-congress-blooms"
        assert self.submit(rosie, CSV, partner=other).status_code == 404
        assert self.submit(rosie, CSV, partner="no-such-partner").status_code == 404
        assert rosie.get(f"/api/v1/partners/{other}/products").status_code == 404
        assert rosie.delete(f"/api/v1/partners/{other}/products/ROSES-RED-10").status_code == 404
        assert self.submit(town.http, CSV).status_code == 401
        assert self.submit(town.as_("customer", "ann"), CSV).status_code == 403
        assert rosie.post("/api/v1/partners/rosie-and-thorn/products/A-1/approval").status_code == 403

    def test_an_experience_waits_for_a_look(self, town: Any, rosie: httpx.Client, curator: httpx.Client) -> None:
        walk = {
            "sku": "PETAL-WALK", "title": "Petal walk with a picnic", "category": "experience",
            "pricing": {"price": "90.00", "net": "70.00"}, "scheduling": {"lead": "1d", "work": "3h"},
            "components": [
                {"title": "A walk through the rose garden", "starts_after": "0m", "lasts": "90m"},
                {"title": "A picnic under the pecans", "starts_after": "90m", "lasts": "90m"},
            ],
        }  # fmt: skip
        manifest = {"experiences": [walk]}
        path = "/api/v1/partners/rosie-and-thorn"
        report = data(rosie.post(f"{path}/manifests", json=manifest, params={"shape": "experience"}))
        assert report["accepted"] == 1, report
        assert town.http.get("/api/v1/products/rosie-and-thorn.PETAL-WALK").status_code == 404
        assert "PETAL-WALK" in {one["sku"] for one in data(curator.get("/api/v1/curation/reviews"))["items"]}
        assert rosie.get("/api/v1/curation/reviews").status_code == 403
        data(curator.post(f"{path}/products/PETAL-WALK/approval"))
        assert search(town, q="petal walk with a picnic")["items"][0]["id"] == "rosie-and-thorn.PETAL-WALK"
        assert "PETAL-WALK" not in {one["sku"] for one in data(curator.get("/api/v1/curation/reviews"))["items"]}

    def test_own_products_by_page(self, rosie: httpx.Client) -> None:
        first = data(rosie.get("/api/v1/partners/rosie-and-thorn/products", params={"limit": 5}))
        assert len(first["items"]) == 5
        assert first["next"]
        assert {item["partner"] for item in first["items"]} == {"rosie-and-thorn"}

    def test_files_of_no_known_kind(self, rosie: httpx.Client) -> None:
        path = "/api/v1/partners/rosie-and-thorn/manifests"
        assert rosie.post(path, content=b"x", headers={"Content-Type": "application/zip"}).status_code == 415
        assert rosie.post(path, content=b"x" * 5_000_001, headers={"Content-Type": "text/csv"}).status_code == 413
        report = data(rosie.post(path, content=b"\xff\xfe\x00garbage", headers={"Content-Type": "text/csv"}))
        assert report["accepted"] == 0
        assert report["problems"]


class TestCurator:
    def test_weights_count_from_the_next_search_on(self, town: Any, curator: httpx.Client) -> None:
        usual = data(curator.get("/api/v1/curation/ranking"))
        assert usual["weights"] == {"relevance": 0.4, "boost": 0.3, "quality": 0.2, "margin": 0.1}
        weights = {"relevance": 0.7, "boost": 0.1, "quality": 0.1, "margin": 0.1}
        data(curator.put("/api/v1/curation/ranking", json={"weights": weights}))
        assert search(town, q="roses", limit=1)["items"][0]["why"]["relevance"]["weight"] == 0.7
        wrong = {"relevance": 0.7, "boost": 0.7, "quality": 0.1, "margin": 0.1}
        assert curator.put("/api/v1/curation/ranking", json={"weights": wrong}).status_code == 422
        data(curator.put("/api/v1/curation/ranking", json={"weights": usual["weights"]}))

    def test_what_has_changed_meanwhile_is_not_overwritten(self, curator: httpx.Client) -> None:
        path = "/api/v1/curation/ranking"
        usual = {"weights": {"relevance": 0.4, "boost": 0.3, "quality": 0.2, "margin": 0.1}}
        first = curator.put(path, json=usual).headers["ETag"]
        second = curator.put(path, json=usual, headers={"If-Match": first})
        assert second.status_code == 200
        late = curator.put(path, json=usual, headers={"If-Match": first})
        assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
        assert curator.put(path, json=usual, headers={"If-Match": second.headers["ETag"]}).status_code == 200
        path = "/api/v1/curation/bundles/matched"
        body = self.bundle(parts=[{"product": "rosie-and-thorn.ROSE-PINK-12"}], status="draft")
        none = curator.put(path, json=body, headers={"If-Match": '"never"'})
        assert none.status_code == 404, "there is nothing that could have been read"
        made = curator.put(path, json=body).headers["ETag"]
        assert curator.put(path, json={**body, "title": "Other"}, headers={"If-Match": made}).status_code == 200
        assert curator.put(path, json=body, headers={"If-Match": made}).status_code == 412
        assert data(curator.get(path))["bundle"]["title"] == "Other"

    def test_a_promotion_lifts_and_is_labelled(self, town: Any, curator: httpx.Client) -> None:
        last = search(town, q="sourdough bread", limit=5)["items"][-1]
        body = {
            "target": last["id"], "kind": "sponsored", "weight": 1,
            "starts": "2026-11-01T00:00:00Z", "ends": "2026-12-01T00:00:00Z",
        }  # fmt: skip
        data(curator.put("/api/v1/curation/promotions/bread", json=body))
        first = search(town, q="sourdough bread", limit=5)["items"][0]
        assert (first["id"], first["label"]) == (last["id"], "sponsored")
        assert "bread" in {one["id"] for one in data(curator.get("/api/v1/curation/promotions"))["items"]}
        data(curator.put("/api/v1/curation/promotions/bread", json={**body, "ends": "2026-11-02T00:00:00Z"}))
        assert search(town, q="sourdough bread", limit=5)["items"][0]["label"] is None
        bad = curator.put("/api/v1/curation/promotions/bread", json={**body, "ends": "2026-10-01T00:00:00Z"})
        assert bad.status_code == 422

    def bundle(self, **more: Any) -> dict[str, Any]:
        parts = [
            {"product": "rosie-and-thorn.ROSE-PINK-12"},
            {"product": "bluebonnet-couriers.NEXT-DAY", "role": "delivery", "after": [0]},
        ]
        made = {"title": "Pink by Surprise", "category": "flowers", "region": "austin", "parts": parts}
        return {**made, "status": "published", **more}

    def test_a_bundle_is_published_found_and_taken_away(self, town: Any, curator: httpx.Client) -> None:
        courier = search(town, q="next-day delivery", partner="bluebonnet-couriers")["items"][0]["id"]
        body = self.bundle()
        body["parts"][1]["product"] = courier
        record = data(curator.put("/api/v1/curation/bundles/pink-by-surprise", json=body))
        assert record["preview"]["price"]["minor"] == sum(part["price"]["minor"] for part in record["preview"]["parts"])
        found = data(town.http.get("/api/v1/bundles", params={"q": "pink by surprise"}))
        assert found["items"][0]["id"] == "pink-by-surprise"
        data(curator.put("/api/v1/curation/bundles/pink-by-surprise", json={**body, "status": "draft"}))
        assert town.http.get("/api/v1/bundles/pink-by-surprise").status_code == 404
        assert data(curator.get("/api/v1/curation/bundles/pink-by-surprise"))["bundle"]["status"] == "draft"

    def test_a_concierge_bundle_may_not_name_its_partners(self, town: Any, curator: httpx.Client) -> None:
        body = self.bundle(parts=[{"product": "rosie-and-thorn.ROSE-PINK-12"}], visibility="concierge")
        for words in ("By Rosie & Thorn", "From rosie-and-thorn", "See https://rosie.example"):
            refused = curator.put("/api/v1/curation/bundles/secret", json={**body, "description": words})
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["field"] == "body.description"
        assert curator.put("/api/v1/curation/bundles/secret", json=body).status_code == 200

    def test_bad_bundles_name_what_is_wrong(self, curator: httpx.Client) -> None:
        wrong = [
            (self.bundle(parts=[{"product": "no.such"}]), "body.parts[0].product"),
            (self.bundle(parts=[{"product": "rosie-and-thorn.ROSE-PINK-12", "after": [0]}]), "body.parts[0].after"),
            (self.bundle(parts=[]), "body.parts"),
            (self.bundle(title=""), "body.title"),
        ]
        for body, field in wrong:
            refused = curator.put("/api/v1/curation/bundles/wrong", json=body)
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["field"] == field

    def test_only_curators_curate(self, town: Any) -> None:
        assert town.http.get("/api/v1/curation/ranking").status_code == 401
        for role in ("customer", "partner", "ops", "agent"):
            more = {"acting_for": "ann"} if role == "agent" else {}
            answer = town.as_(role, "someone", **more).get("/api/v1/curation/ranking")
            assert answer.status_code == 403
