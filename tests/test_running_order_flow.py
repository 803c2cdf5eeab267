"""An order on its way: tasks that open one after the other, moves along the table, lateness told, silence and money."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


class Running:
    """One order over two partners and a courier, and those who have a part in it."""

    def __init__(self, town: Any, name: str, deliver_days: int = 5) -> None:
        self.town = town
        lines = [
            {"product_id": self.product("baby blanket with monogram", partner="monogram-room"),
             "customization": {"kind": "monogramming", "text": "ELM"}},
            {"product_id": self.product("a dozen pink roses", partner="rosie-and-thorn")},
        ]  # fmt: skip
        by = (town.host.now + timedelta(days=deliver_days)).isoformat()
        body = {"lines": lines, "deliver_to": HOME, "deliver_by": by, "payment": {"method": "card_ok"}}
        placed = data(self.ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": name}))
        self.id = placed["id"]
        town.host.result(self.id)
        town.host.settle()
        assert self.order()["status"] == "placed", self.order()["reason"]

    @property
    def ann(self) -> Any:
        return self.town.as_("customer", "ann")

    def product(self, words: str, **query: Any) -> str:
        found = data(self.town.http.get("/api/v1/products", params={"q": words, "limit": 1, **query}))
        return str(found["items"][0]["id"])

    def order(self) -> dict[str, Any]:
        found: dict[str, Any] = data(self.ann.get(f"/api/v1/orders/{self.id}"))
        return found

    def leg(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.order()["legs"][number]
        return found

    def doer(self, number: int) -> Any:
        leg = self.leg(number)
        role = leg["party"]
        return self.town.as_(role, leg["partner"]["id"])

    def move(self, number: int, status: str, **more: Any) -> Any:
        leg = self.leg(number)["id"]
        answer = self.doer(number).post(f"/api/v1/orders/{self.id}/legs/{leg}/status", json={"status": status, **more})
        self.town.host.settle()
        return answer

    def tasks(self, number: int) -> list[dict[str, Any]]:
        page = data(self.doer(number).get("/api/v1/tasks"))
        return [task for task in page["items"] if task["order"] == self.id]

    def go_to(self, moment: str) -> None:
        self.town.host.advance(max(datetime.fromisoformat(moment) - self.town.host.now, timedelta(0)))

    def told(self) -> list[str]:
        from shared import wiring
        from shared.dialogue.delivery import sent_to

        sent = asyncio.run(sent_to(wiring.deps().store, "web:customer:ann", 200))
        return [one.message.text for one in sent if one.message.thread == f"order:{self.id}"]


def test_each_works_when_it_is_its_turn_and_everybody_is_paid(town: Any) -> None:
    run = Running(town, "turns")
    assert [task["leg"] for task in run.tasks(0)] == ["leg-1"]
    assert run.tasks(2) == [], "the courier's turn comes when both are ready"
    assert run.move(2, "in_transit").status_code == 409
    for number in (0, 1):
        assert run.move(number, "delivered").status_code == 409, "not along the table"
        run.go_to(run.leg(number)["starts"])
        assert data(run.move(number, "in_progress"))["status"] == "in_progress"
    for number in (0, 1):
        run.go_to(run.leg(number)["ends"])
        assert data(run.move(number, "ready_for_pickup"))["may"]
        assert data(run.move(number, "ready_for_pickup"))["status"] == "ready_for_pickup", "twice is once"
    assert run.order()["status"] == "in_progress"
    assert run.tasks(0) == [], "what is done is not open"
    assert [task["leg"] for task in run.tasks(2)] == ["leg-3"]
    run.go_to(run.leg(2)["starts"])
    run.move(2, "in_transit")
    assert [run.leg(number)["status"] for number in (0, 1)] == ["in_transit"] * 2
    run.go_to(run.leg(2)["ends"])
    picture = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    run.move(2, "delivered")
    order = run.order()
    assert order["status"] == "delivered"
    assert {leg["status"] for leg in order["legs"]} == {"delivered"}
    assert {leg["escrow_status"] for leg in order["legs"]} == {"held"}
    assert order["lateness"] == "on_time"
    doer = run.doer(2)
    path = f"/api/v1/orders/{run.id}/legs/leg-3/proof/photo"
    proved = doer.put(path, content=picture, headers={"content-type": "image/png"})
    assert proved.status_code in {200, 415}, proved.text
    assert data(run.ann.post(f"/api/v1/orders/{run.id}/delivery-confirmation"))
    town.host.settle()
    done = run.order()
    assert done["status"] == "completed"
    assert {leg["escrow_status"] for leg in done["legs"]} == {"released"}
    assert any("arrived" in text for text in run.told())
    told = [one["headline"] for one in Running.order(run)["narration"]]
    assert told[0] == "Your order is placed"
    assert told.count("Work has begun") == 2, "each maker once"
    assert told.count("On its way to you") == told.count("It has arrived") == 1
    assert told.count("Everybody has been paid") == 1


def test_a_silent_customer_releases_after_two_days(town: Any) -> None:
    run = Running(town, "silent")
    for number in (0, 1):
        run.move(number, "ready_for_pickup")
    run.move(2, "in_transit")
    run.move(2, "delivered")
    town.host.advance(timedelta(hours=47))
    assert run.order()["status"] == "delivered"
    town.host.advance(timedelta(hours=2))
    assert Running.order(run)["status"] == "completed"


def test_nobody_moves_what_is_not_theirs(town: Any) -> None:
    run = Running(town, "others")
    path = f"/api/v1/orders/{run.id}/legs/leg-1/status"
    for who in (town.as_("partner", "rosie-and-thorn"), town.as_("hub", "monogram-room"), town.as_("partner", "x")):
        assert who.post(path, json={"status": "in_progress"}).status_code == 404
    assert run.ann.post(path, json={"status": "in_progress"}).status_code == 403
    assert town.http.post(path, json={"status": "in_progress"}).status_code == 401
    assert run.doer(0).post(path, json={"status": "gone"}).status_code == 422


def test_lateness_is_told_stage_by_stage(town: Any) -> None:
    run = Running(town, "late")
    first = datetime.fromisoformat(run.order()["promised"])
    town.host.advance(first - town.host.now + timedelta(minutes=90))
    order = run.order()
    assert order["lateness"] == "swap_proposed"
    assert order["arrives"] > order["promised"]
    told = [one["headline"] for one in order["narration"]]
    assert sum(headline.startswith("A delay of") for headline in told) == 1
    assert told.count("We are looking into a delay") == 1
    assert any("minutes late" in text for text in run.told())
    ops = town.as_("ops", "olga")
    queue = data(ops.get("/api/v1/escalations", params={"about": f"order:{run.id}"}))["items"]
    assert {one["reason"] for one in queue} == {"sla_breach"}
    assert len(queue) == 2


def test_an_order_can_be_called_off_until_somebody_begins(town: Any) -> None:
    run = Running(town, "off")
    assert run.ann.post(f"/api/v1/orders/{run.id}/cancel", json={"reason": "Changed my mind."}).status_code == 202
    town.host.settle()
    order = run.order()
    assert order["status"] == "cancelled"
    assert {leg["escrow_status"] for leg in order["legs"]} == {"refunded"}
    assert run.ann.post(f"/api/v1/orders/{run.id}/cancel", json={}).status_code == 202, "twice changes nothing"
    other = Running(town, "on")
    other.move(0, "in_progress")
    assert other.ann.post(f"/api/v1/orders/{other.id}/cancel", json={}).status_code == 409


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/api/v1/escalations"])
def test_lists_are_not_for_customers(town: Any, path: str) -> None:
    assert town.as_("customer", "ann").get(path).status_code == 403


def test_what_is_given_up_is_taken_on_by_somebody_else(town: Any) -> None:
    run = Running(town, "given-up")
    roses = run.leg(1)
    path = f"/api/v1/orders/{run.id}/legs/{roses['id']}/give-up"
    body = {"reason": "unavailable", "note": "The delivery of roses did not come."}
    assert run.doer(0).post(path, json=body).status_code == 404, "it is not theirs to say"
    assert run.doer(1).post(path, json=body).status_code == 202
    run.town.host.settle()
    (approval,) = [
        one
        for one in data(run.ann.get("/api/v1/approvals", params={"status": "pending"}))["items"]
        if one["about"] == f"order:{run.id}"
    ]
    assert approval["kind"] == "recovery"
    assert run.tasks(2) == [], "the courier does not set out without"
    assert run.ann.post(f"/api/v1/approvals/{approval['id']}", json={"decision": "approve"}).status_code == 200
    run.town.host.settle()
    order = run.order()
    new = order["legs"][-1]
    assert (new["status"], new["escrow_status"]) == ("accepted", "held")
    assert new["partner"]["id"] != roses["partner"]["id"]
    assert new["id"] in order["legs"][2]["after"]
    assert [task["leg"] for task in run.tasks(3)] == [new["id"]], "its task is open"


def test_nothing_else_is_wanted_and_the_money_comes_back(town: Any) -> None:
    run = Running(town, "money-back")
    leg = run.leg(1)["id"]
    run.doer(1).post(f"/api/v1/orders/{run.id}/legs/{leg}/give-up", json={"reason": "rejected"})
    run.town.host.settle()
    for _ in range(4):
        waiting = [
            one
            for one in data(run.ann.get("/api/v1/approvals", params={"status": "pending"}))["items"]
            if one["about"] == f"order:{run.id}"
        ]
        if waiting[0]["title"].startswith("Your money back"):
            break
        run.ann.post(f"/api/v1/approvals/{waiting[0]['id']}", json={"decision": "reject"})
        run.town.host.settle()
    run.ann.post(f"/api/v1/approvals/{waiting[0]['id']}", json={"decision": "approve"})
    run.town.host.settle()
    order = run.order()
    assert order["legs"][1]["escrow_status"] == "refunded"
    assert order["legs"][0]["escrow_status"] == "held", "the rest goes on"


def test_an_order_of_one_leg_that_is_given_up_waits_in_peace(town: Any) -> None:
    ann = town.as_("customer", "ann")
    by = (town.host.now + timedelta(days=5)).isoformat()
    lines = [{"product_id": "texas-limo-co.TOWN-2H"}]
    body = {"lines": lines, "deliver_to": HOME, "deliver_by": by, "payment": {"method": "card_ok"}}
    order = data(ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "one-leg"}))["id"]
    town.host.settle()
    chain = f"{order}:chain"
    before = rounds(town, chain)
    driver = town.as_("partner", "texas-limo-co")
    data(driver.post(f"/api/v1/orders/{order}/legs/leg-1/give-up", json={"reason": "rejected"}))
    town.host.settle()
    town.host.advance(timedelta(hours=1))
    assert data(ann.get(f"/api/v1/orders/{order}"))["status"] == "placed"
    assert rounds(town, chain) - before <= 3, "it looks again where something has changed, not all the time"


def rounds(town: Any, flow: str) -> int:
    """How often a flow has begun anew."""
    given = town.http.get(f"/runtime/webhooks/durabletask/instances/{flow}").json()["input"]
    return int(json.loads(given).get("$carried", {}).get("generation", 0)) if "$carried" in given else 0
