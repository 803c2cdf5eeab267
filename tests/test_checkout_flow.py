"""An order through the whole app: placed over several partners or taken back whole, seen by few, paid at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.discovery.partners import PARTNERS
from shared.records import Write

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SATURDAY = "2026-11-29T00:00:00Z"


@pytest.fixture(scope="module")
def ann(town: Any) -> Any:
    return town.as_("customer", "ann")


@pytest.fixture
def buy(town: Any, ann: Any) -> Callable[..., Any]:
    def place(*lines: dict[str, Any], key: str, method: str = "card_ok", client: Any = None, **more: Any) -> Any:
        where = {"deliver_to": HOME, "deliver_by": SATURDAY}
        body = {"lines": list(lines), **where, "payment": {"method": method}, **more}
        return (client or ann).post("/api/v1/orders", json=body, headers={"Idempotency-Key": key})

    return place


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def settled(town: Any, ann: Any, placed: Any) -> Any:
    """The order when its checkout has come to its end."""
    order = data(placed)
    town.host.result(order["id"])
    return data(ann.get(f"/api/v1/orders/{order['id']}"))


def ledger(ann: Any, order: str) -> Any:
    return data(ann.get(f"/api/v1/orders/{order}/ledger"))


def balances(ann: Any, order: str) -> dict[str, int]:
    return {name: moneys[0]["minor"] for name, moneys in ledger(ann, order)["balances"].items() if moneys}


def product(town: Any, words: str, **query: Any) -> dict[str, Any]:
    found = data(town.http.get("/api/v1/products", params={"q": words, "limit": 1, **query}))
    item: dict[str, Any] = found["items"][0]
    return item


def test_over_several_partners_held_released_and_everyone_paid(town: Any, ann: Any, buy: Any) -> None:
    blanket = product(town, "baby blanket with monogram", partner="monogram-room")
    roses = product(town, "a dozen pink roses", partner="rosie-and-thorn")
    order = settled(
        town,
        ann,
        buy(
            {"product_id": blanket["id"], "customization": {"kind": "monogramming", "text": "ELM"}},
            {"product_id": roses["id"], "quantity": 2},
            key="several",
        ),
    )
    assert order["status"] == "placed", order["reason"]
    assert [leg["partner"]["id"] for leg in order["legs"][:2]] == ["monogram-room", "rosie-and-thorn"]
    assert order["legs"][-1]["role"] == "delivery"
    assert order["legs"][-1]["after"] == ["leg-1", "leg-2"]
    assert order["arrives"] <= SATURDAY
    blanket_leg, roses_leg, courier = order["legs"]
    assert roses_leg["ends"] <= courier["starts"] < order["arrives"]
    assert roses_leg["starts"][:10] == courier["starts"][:10] > "2026-11-24", "flowers are cut on the day"
    assert blanket_leg["ends"] <= courier["starts"]
    assert order["total"]["minor"] == sum(leg["price"]["minor"] for leg in order["legs"])
    assert {leg["escrow_status"] for leg in order["legs"]} == {"held"}
    held = balances(ann, order["id"])
    assert sum(held.values()) == 0
    assert held["provider:clearing"] == -order["total"]["minor"]
    assert held.get("customer:ann", 0) == 0

    first = ann.post(f"/api/v1/orders/{order['id']}/delivery-confirmation")
    assert first.status_code == 202
    town.host.settle()
    assert ann.post(f"/api/v1/orders/{order['id']}/delivery-confirmation").status_code == 202
    done = data(ann.get(f"/api/v1/orders/{order['id']}"))
    assert done["status"] == "completed"
    assert {leg["escrow_status"] for leg in done["legs"]} == {"released"}
    paid = balances(ann, order["id"])
    assert sum(paid.values()) == 0
    assert all(minor == 0 for name, minor in paid.items() if name.startswith("escrow:"))
    assert paid["vendor:rosie-and-thorn"] == 0, "all that was released to it is on its own account"
    assert sum(one["amount"]["minor"] for one in ledger(ann, order["id"])["entries"]
               if (one["debit"], one["credit"]) == ("vendor:rosie-and-thorn", "provider:clearing")) > 0  # fmt: skip
    assert paid["platform:fees"] > 0
    assert ledger(ann, order["id"])["verified"]


@pytest.mark.parametrize(
    ("method", "reason"), [("card_declined", "declined"), ("card_insufficient", "not enough"), ("card_x", "not known")]
)
def test_what_is_not_paid_is_taken_back_whole(town: Any, ann: Any, buy: Any, method: str, reason: str) -> None:
    tulips = product(town, "tulips", partner="wild-bluebonnet-farm")
    for attempt in range(2):  # what was reserved is free again
        line = {"product_id": tulips["id"], "quantity": tulips["stock"]}
        order = settled(town, ann, buy(line, key=f"{method}-{attempt}", method=method))
        assert order["status"] == "failed"
        assert reason in order["reason"]
        assert ledger_is_empty(ann, order["id"])


def ledger_is_empty(ann: Any, order: str) -> bool:
    status: int = ann.get(f"/api/v1/orders/{order}/ledger").status_code
    return status == 404


def test_an_answer_that_was_lost_charges_once(town: Any, ann: Any, buy: Any) -> None:
    candle = product(town, "scented candle")
    placed = buy({"product_id": candle["id"]}, key="lost", method="card_timeout_after_effect")
    town.host.advance(timedelta(minutes=2))  # the provider is asked again, by the same key
    order = settled(town, ann, placed)
    assert order["status"] == "placed"
    assert balances(ann, order["id"])["provider:clearing"] == -order["total"]["minor"]


def test_one_key_one_order(town: Any, ann: Any, buy: Any) -> None:
    tulips = product(town, "tulips", partner="south-congress-blooms")
    first, second = (data(buy({"product_id": tulips["id"]}, key="once")) for _ in range(2))
    assert first["id"] == second["id"]
    assert buy({"product_id": tulips["id"], "quantity": 2}, key="once").status_code == 409


def test_more_than_there_is_is_never_sold(town: Any, ann: Any, buy: Any) -> None:
    rosie = town.as_("partner", "rosie-and-thorn")
    csv = "sku,title,price,net,stock,category\nLAST-5,The last five peonies,30.00,20.00,5,peonies\n"
    path = "/api/v1/partners/rosie-and-thorn/manifests"
    data(rosie.post(path, content=csv.encode(), headers={"Content-Type": "text/csv"}))
    keys = [f"peony-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda key: buy({"product_id": "rosie-and-thorn.LAST-5"}, key=key), keys))
    assert {answer.status_code for answer in answers} <= {202, 422}  # who comes late finds it sold out at the door
    begun = [data(answer)["id"] for answer in answers if answer.status_code == 202]
    for order in begun:
        town.host.result(order)
    statuses = [data(ann.get(f"/api/v1/orders/{order}"))["status"] for order in begun]
    assert statuses.count("placed") == 5
    assert set(statuses) <= {"placed", "failed"}
    town.host.settle()
    seen = data(town.http.get("/api/v1/products", params={"q": "the last five peonies", "partner": "rosie-and-thorn"}))
    assert "rosie-and-thorn.LAST-5" not in {item["id"] for item in seen["items"]}, "sold out is not offered"
    town.host.advance(timedelta(seconds=1))
    data(rosie.patch("/api/v1/partners/rosie-and-thorn/products/LAST-5", json={"stock": 1}))
    assert settled(town, ann, buy({"product_id": "rosie-and-thorn.LAST-5"}, key="restocked"))["status"] == "placed"
    town.host.settle()
    data(rosie.post(path, content=csv.replace(",5,", ",1,").encode(), headers={"Content-Type": "text/csv"}))
    assert settled(town, ann, buy({"product_id": "rosie-and-thorn.LAST-5"}, key="delivered"))["status"] == "placed"


def test_a_bundle_hides_its_partners_in_the_order_too(town: Any, ann: Any, buy: Any) -> None:
    order = settled(town, ann, buy(key="bundle", bundle_id="custom-cap-experience"))
    assert order["status"] == "placed", order["reason"]
    assert order["total"]["minor"] == 7200 + sum(
        leg["price"]["minor"] for leg in order["legs"] if leg["price"] is not None
    )
    assert all(leg["partner"] is None and leg["price"] is None for leg in order["legs"] if leg["role"] != "delivery")
    assert sum(balances(ann, order["id"]).values()) == 0


def test_strangers_see_nothing_and_partners_their_own(town: Any, ann: Any, buy: Any) -> None:
    roses = product(town, "a dozen pink roses", partner="rosie-and-thorn")
    order = settled(town, ann, buy({"product_id": roses["id"]}, key="private"))
    path = f"/api/v1/orders/{order['id']}"
    assert town.as_("customer", "bob").get(path).status_code == 404
    assert town.as_("partner", "south-congress-blooms").get(path).status_code == 404
    assert town.http.get(path).status_code == 401
    (leg,) = data(town.as_("partner", "rosie-and-thorn").get(path))["legs"]
    assert leg["partner"]["id"] == "rosie-and-thorn"
    assert town.as_("customer", "bob").post(f"{path}/delivery-confirmation").status_code == 404
    assert data(town.as_("customer", "bob").get("/api/v1/orders"))["items"] == []
    assert order["id"] in {one["id"] for one in data(ann.get("/api/v1/orders", params={"limit": 50}))["items"]}


def test_agents_order_within_their_limits(town: Any, buy: Any) -> None:
    agent = town.as_("agent", "gemini", acting_for="ann", scopes=["orders:write", "orders:read"])
    candle = product(town, "scented candle", max_price_minor=4000)
    assert buy({"product_id": candle["id"]}, key="agent-1", client=agent).status_code == 202
    dear = buy({"product_id": candle["id"], "quantity": 12}, key="agent-2", client=agent)
    waiting = data(dear)["id"]
    town.host.settle()
    assert data(agent.get(f"/api/v1/orders/{waiting}"))["status"] == "awaiting_approval", "the customer decides"
    too_dear = buy({"product_id": candle["id"], "quantity": 300}, key="agent-3", client=agent)
    assert too_dear.status_code in {403, 422}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "body.lines"),
        ({"bundle_id": "birthday-bash"}, "body.lines"),
        ({"lines": [{"product_id": "no.such"}]}, "body.lines[0].product_id"),
        ({"lines": [{"product_id": "rosie-and-thorn.ROSE-12", "quantity": 0}]}, "body.lines[0].quantity"),
        (
            {"lines": [{"product_id": "rosie-and-thorn.ROSE-12", "customization": {"kind": "engraving"}}]},
            "body.lines[0].customization",
        ),
        ({"deliver_by": "2026-11-23T16:01:00Z"}, "body.deliver_by"),
        ({"deliver_to": {"address": "", "lat": 0, "lng": 0}}, "body.deliver_to.address"),
        ({"deliver_to": {"address": "Rome", "lat": 41.9, "lng": 12.5}}, "body.deliver_to"),
    ],
)
def test_bad_orders_name_what_is_wrong(town: Any, ann: Any, buy: Any, change: dict[str, Any], field: str) -> None:
    more = {"lines": [{"product_id": "rosie-and-thorn.ROSE-12"}], **change}
    answer = buy(key=f"bad-{field}-{len(str(change))}", **more)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


@pytest.fixture
def asking(town: Any) -> Iterator[None]:
    """Two partners that want to be asked about every order."""

    def ask(*, accepts_alone: bool) -> None:
        async def change() -> None:
            store = wiring.deps().store
            for name in ("rosie-and-thorn", "nib-and-nectar"):
                stored = await store.get(PARTNERS, name, name)
                assert stored is not None
                partner = stored.value.model_copy(update={"accepts_alone": accepts_alone})
                await store.apply(PARTNERS, name, [Write("replace", partner, stored.etag)])

        asyncio.run(change())

    ask(accepts_alone=False)
    yield
    ask(accepts_alone=True)


def reply(town: Any, order: dict[str, Any], partner: str, decision: str) -> Any:
    leg = next(leg for leg in order["legs"] if leg["partner"]["id"] == partner)
    client = town.as_("partner", partner)
    return client.post(f"/api/v1/orders/{order['id']}/legs/{leg['id']}/reply", json={"decision": decision})


@pytest.mark.parametrize("first", ["rosie-and-thorn", "nib-and-nectar"])
def test_every_partner_that_is_asked_must_say_yes(town: Any, ann: Any, buy: Any, asking: None, first: str) -> None:
    second = {"rosie-and-thorn": "nib-and-nectar", "nib-and-nectar": "rosie-and-thorn"}[first]
    lines = [
        {"product_id": product(town, "red roses", partner="rosie-and-thorn")["id"]},
        {"product_id": product(town, "truffles", partner="nib-and-nectar")["id"]},
    ]
    order = data(buy(*lines, key=f"asked-{first}"))
    town.host.settle()
    assert reply(town, order, first, "accept").status_code == 200
    assert reply(town, order, first, "accept").status_code == 200  # told twice is told once
    town.host.settle()
    assert data(ann.get(f"/api/v1/orders/{order['id']}"))["status"] == "placing"
    assert town.as_("partner", "flour-and-fable").post(
        f"/api/v1/orders/{order['id']}/legs/leg-1/reply", json={"decision": "reject"}
    ).status_code == 404  # fmt: skip
    data(reply(town, order, second, "accept"))
    town.host.result(order["id"])
    assert data(ann.get(f"/api/v1/orders/{order['id']}"))["status"] == "placed"
    assert reply(town, order, first, "reject").status_code == 409

    refused = data(buy(*lines, key=f"refused-{first}"))
    town.host.settle()
    data(reply(town, refused, first, "accept"))
    data(reply(town, refused, second, "reject"))
    town.host.result(refused["id"])
    seen = data(ann.get(f"/api/v1/orders/{refused['id']}"))
    assert seen["status"] == "failed"
    assert "cannot do it" in seen["reason"]
    assert ledger_is_empty(ann, refused["id"])


def test_silence_is_no(town: Any, ann: Any, buy: Any, asking: None) -> None:
    order = data(buy({"product_id": product(town, "red roses", partner="rosie-and-thorn")["id"]}, key="silent"))
    town.host.advance(timedelta(minutes=16))
    town.host.result(order["id"])
    seen = data(ann.get(f"/api/v1/orders/{order['id']}"))
    assert (seen["status"], "has not answered in time" in seen["reason"]) == ("failed", True)
