"""Recovery over HTTP: called off, taken over, dearer, cheaper, sold out meanwhile; couriers that do not set out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.orders.changes import with_all_legs, with_leg
from tests.talking import PURPLE, SILENT, Talk, rewritten, until_morning, usd
from tests.test_live_demo_flow import data
from tests.test_running_order_flow import Running


def test_an_order_is_called_off_while_its_partner_is_asked(town: Any) -> None:
    for name, says in (("asked", SILENT), ("offered", f"{PURPLE} for $5 more")):
        talk = Talk(town, f"off-{name}", says)
        talk.ask()
        assert talk.ann.post(f"/api/v1/orders/{talk.id}/cancel", json={}).status_code == 202
        town.host.settle()
        assert talk.talk()["status"] == "withdrawn"
        assert talk.pending() == []
        talk.reply(f"off-{name}", "Yes, we can")
        assert talk.order()["status"] == "cancelled"
        assert talk.balances().get("provider:clearing", 0) == 0
        assert talk.queue() == []
        talk.flows_are_well()


def test_one_thing_at_a_time_is_asked_about_a_leg(town: Any) -> None:
    talk = Talk(town, "one-by-one", SILENT)
    talk.ask()
    path, key = f"/api/v1/orders/{talk.id}/changes", {"Idempotency-Key": "another"}
    again = talk.ann.post(path, json={"text": "I want white flowers instead of red"}, headers=key)
    assert again.status_code == 409
    assert "already" in again.json()["detail"]


def test_what_has_begun_is_not_changed(town: Any) -> None:
    talk = Talk(town, "begun")
    shop = town.as_("partner", talk.a)
    path = f"/api/v1/orders/{talk.id}/legs/leg-1/status"
    assert shop.post(path, json={"status": "in_progress"}).status_code == 200
    town.host.settle()
    change = talk.ann.post(
        f"/api/v1/orders/{talk.id}/changes", json={"text": "I want pink flowers instead of red"},
        headers={"Idempotency-Key": "begun"},
    )  # fmt: skip
    assert change.status_code == 409


# --- recovery


def test_work_that_begins_while_another_is_proposed_stays(town: Any) -> None:
    talk = Talk(town, "began-meanwhile")
    talk.ask()
    before = talk.balances()
    shop = town.as_("partner", talk.a)
    assert shop.post(f"/api/v1/orders/{talk.id}/legs/leg-1/status", json={"status": "in_progress"}).status_code == 200
    town.host.settle()
    talk.decide("approve")
    assert talk.recovery()["status"] == "overtaken"
    assert talk.balances() == before
    assert talk.order()["legs"][0]["status"] == "in_progress"


def test_a_cheaper_replacement_gives_the_difference_back(town: Any) -> None:
    talk = Talk(town, "cheaper")
    talk.only_pink("Pink Flowers Petite", 4_600)
    before = talk.balances()
    talk.ask()
    assert talk.waiting()["facts"]["price_difference"] == usd(-400)
    talk.decide("approve")
    order = talk.order()
    assert order["legs"][-1]["items"][0]["product_id"] == talk.bunch
    assert order["total"]["minor"] == talk.placed["total"]["minor"] - 400
    after = talk.balances()
    assert sum(after.values()) == 0
    assert after["provider:clearing"] == before["provider:clearing"] + 400
    talk.flows_are_well()


def test_it_goes_ahead_alone_where_the_customer_lets_it(town: Any) -> None:
    talk = Talk(town, "alone")
    talk.only_pink("Pink Flowers Petite", 4_600)
    consent = {"consent": {"recovers_alone": True, "delay_minutes": 60}}
    assert talk.ann.put("/api/v1/me", json=consent).status_code == 200
    try:
        talk.ask()
        assert talk.pending() == []
        assert talk.recovery()["status"] == "replaced"
        assert talk.order()["total"]["minor"] == talk.placed["total"]["minor"] - 400
    finally:
        talk.ann.put("/api/v1/me", json={"consent": {}})


def test_a_dearer_one_is_asked_about_all_the_same(town: Any) -> None:
    talk = Talk(town, "not-alone")
    talk.ann.put("/api/v1/me", json={"consent": {"recovers_alone": True, "delay_minutes": 60}})
    try:
        talk.ask()
        assert talk.waiting()["kind"] == "recovery"
    finally:
        talk.ann.put("/api/v1/me", json={"consent": {}})


def test_a_hard_lock_keeps_its_partner(town: Any) -> None:
    talk = Talk(town, "locked")
    rewritten(talk.id, lambda order: with_leg(order, "leg-1", lock="hard"))
    talk.ask()
    assert talk.pending() == []
    assert talk.recovery()["status"] == "kept"
    assert "bound to its partner" in talk.recovery()["steps"][-2]["what"]


def test_what_is_bought_in_one_hand_names_no_partner(town: Any) -> None:
    talk = Talk(town, "concierge")
    rewritten(talk.id, lambda order: with_all_legs(order, shows_partner=False))
    talk.ask()
    question = talk.waiting()
    assert "Flower Shop" not in str(question)
    talk.decide("approve")
    assert "Flower Shop" not in str(talk.recovery())
    new = talk.order()["legs"][-1]
    assert (new["partner"], new["escrow_status"]) == (None, "held")


def test_two_legs_are_exchanged_at_once(town: Any) -> None:
    talk = Talk(town, "both")
    tulips = talk.has("Red Tulips", 5_000, attributes={"colour": ["red"]})
    body = {
        "lines": [{"product_id": talk.red}, {"product_id": tulips}],
        "deliver_to": {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826},
        "deliver_by": (town.host.now + timedelta(days=3)).isoformat(),
        "payment": {"method": "card_ok"},
    }
    talk.id = data(talk.ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "both"}))["id"]
    town.host.settle()
    talk.placed = talk.order()
    for leg in ("leg-1", "leg-2"):
        answer = talk.ann.post(
            f"/api/v1/orders/{talk.id}/changes", json={"line_id": leg, "replacement": "pink flowers"},
            headers={"Idempotency-Key": f"both-{leg}"},
        )  # fmt: skip
        assert answer.status_code == 202, answer.text
    town.host.settle()
    questions = talk.pending()
    assert len(questions) == 2
    ann = talk.ann
    for one in questions:
        assert ann.post(f"/api/v1/approvals/{one['id']}", json={"decision": "approve"}).status_code == 200
    town.host.settle()
    order = talk.order()
    names = [leg["id"] for leg in order["legs"]]
    assert len(names) == len(set(names)) == 5
    assert [leg["escrow_status"] for leg in order["legs"]] == ["replaced", "replaced", "held", "held", "held"]
    assert set(order["legs"][2]["after"]) == set(names[3:])
    assert order["total"]["minor"] == talk.placed["total"]["minor"] + 1_000
    assert sum(talk.balances().values()) == 0
    talk.flows_are_well()


def until_late(talk: Talk, stage: str) -> None:
    for _ in range(60):
        if talk.order()["lateness"] == stage:
            return
        talk.town.host.advance(timedelta(minutes=5))
    raise AssertionError(f"it is only {talk.order()['lateness']}")


def test_a_courier_that_does_not_set_out_is_exchanged(town: Any) -> None:
    until_morning(town)
    talk = Talk(town, "courier")
    shop = town.as_("partner", talk.a)
    leg = f"/api/v1/orders/{talk.id}/legs/leg-1/status"
    assert shop.post(leg, json={"status": "ready_for_pickup"}).status_code == 200
    town.host.settle()
    until_late(talk, "prepared")
    assert any("Prepared" in step["what"] for step in talk.recovery()["steps"])
    assert talk.pending() == []
    until_late(talk, "swap_proposed")
    question = talk.waiting()
    assert (question["kind"], talk.recovery()["reason"]) == ("recovery", "late")
    talk.decide("approve")
    order = talk.order()
    old, new = order["legs"][1], order["legs"][-1]
    assert (old["status"], new["escrow_status"], new["after"]) == ("cancelled", "held", ["leg-1"])
    assert new["partner"]["id"] != old["partner"]["id"]
    assert sum(talk.balances().values()) == 0
    other = town.as_(new["party"], new["partner"]["id"])
    for status in ("in_transit", "delivered"):
        answer = other.post(f"/api/v1/orders/{talk.id}/legs/{new['id']}/status", json={"status": status})
        assert answer.status_code == 200, answer.text
        town.host.settle()
    assert talk.order()["status"] == "delivered"
    talk.flows_are_well()


def test_what_a_pro_agent_takes_on_in_anothers_place_is_written_down(town: Any) -> None:
    talk = Talk(town, "noted")
    talk.change()
    talk.decide("approve")
    new = talk.order()["legs"][-1]
    noted = data(town.as_("partner", talk.b).get(f"/api/v1/partners/{talk.b}/pro-agent/activity"))["items"]
    assert [one["leg"] for one in noted if one["order"] == talk.id] == [new["id"]]


def test_what_is_customized_is_exchanged_and_the_work_on_it_follows(town: Any) -> None:
    until_morning(town)
    run = Running(town, "nego-blanket")
    blanket = run.leg(0)
    path = f"/api/v1/orders/{run.id}/legs/{blanket['id']}/give-up"
    assert run.doer(0).post(path, json={"reason": "unavailable"}).status_code == 202
    town.host.settle()
    log = data(run.ann.get(f"/api/v1/orders/{run.id}/recoveries"))["items"][0]
    assert log["status"] in {"proposed", "with_person"}, log
    if log["status"] == "proposed":
        (question,) = [
            one
            for one in data(run.ann.get("/api/v1/approvals", params={"status": "pending"}))["items"]
            if one["about"] == f"order:{run.id}"
        ]
        run.ann.post(f"/api/v1/approvals/{question['id']}", json={"decision": "approve"})
        town.host.settle()
        new = run.order()["legs"][-1]
        assert new["id"] in run.leg(2)["after"]


def test_what_is_in_other_hands_already_goes_to_a_person(town: Any) -> None:
    talk = Talk(town, "damaged")
    shop = town.as_("partner", talk.a)
    shop.post(f"/api/v1/orders/{talk.id}/legs/leg-1/status", json={"status": "ready_for_pickup"})
    town.host.settle()
    courier = talk.order()["legs"][1]
    bringer = town.as_(courier["party"], courier["partner"]["id"])
    assert bringer.post(f"/api/v1/orders/{talk.id}/legs/leg-2/status", json={"status": "in_transit"}).status_code == 200
    path = f"/api/v1/orders/{talk.id}/legs/leg-1/give-up"
    assert bringer.post(path, json={"reason": "damaged"}).status_code == 202
    town.host.settle()
    assert talk.recovery()["status"] == "with_person"
    question = talk.waiting()
    assert question["title"].startswith("Your money back")
    talk.decide("approve")
    assert talk.recovery()["status"] == "refunded"
    assert talk.order()["legs"][0]["escrow_status"] == "refunded"
    talk.flows_are_well()
