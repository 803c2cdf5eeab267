"""Disputes through the whole app: the money stands still, everybody is heard, and the decision is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.money.payouts import PAYOUTS
from tests.buying import Shop, data, record, statement, told, usd

ROSIE, NIB = "rosie-and-thorn", "nib-and-nectar"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0f01f0005000"
    "1ff5fd3d5c20000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def ann(town: Any) -> Shop:
    return Shop(town, "ann")


@pytest.fixture(scope="module")
def goods(ann: Shop) -> tuple[str, str]:
    return ann.product("red roses", ROSIE), ann.product("truffles", NIB)


@pytest.fixture
def staff(town: Any) -> Any:
    return town.as_("ops", "olga")


@pytest.fixture
def order(ann: Shop, goods: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    ann.sign_in()
    by = ann.town.host.now + timedelta(days=6)
    yield ann.place(f"dispute {request.node.name}", *goods, deliver_by=by.isoformat())


def complain(ann: Shop, order: dict[str, Any], *legs: str, key: str = "k", **more: Any) -> Any:
    body = {"legs": list(legs), "reason": "damaged", "text": "Half of them wilted.", **more}
    path = f"/api/v1/orders/{order['id']}/disputes"
    return ann.http.post(path, json=body, headers={"Idempotency-Key": f"{order['id']} {key}"})


def opened(ann: Shop, order: dict[str, Any], *legs: str, **more: Any) -> dict[str, Any]:
    dispute: dict[str, Any] = data(complain(ann, order, *legs, **more))
    ann.town.host.settle()
    return seen(ann, dispute)


def seen(ann: Shop, dispute: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data(ann.http.get(f"/api/v1/disputes/{dispute['id']}"))
    return found


def decide(town: Any, staff: Any, dispute: dict[str, Any], decision: str, **amounts: int) -> Any:
    named = {name.replace("_", "-"): usd(minor) for name, minor in amounts.items()}
    body = {"decision": decision, "amounts": named, "note": "We have looked at the photo."}
    answer = staff.post(f"/api/v1/disputes/{dispute['id']}/decision", json=body)
    town.host.settle()
    return answer


def escrows(ann: Shop, order: dict[str, Any]) -> dict[str, str]:
    return {leg["id"]: leg["escrow_status"] for leg in ann.order(order["id"])["legs"]}


def price(order: dict[str, Any], leg: str) -> int:
    return next(one["price"]["minor"] for one in order["legs"] if one["id"] == leg)


def on_card(ann: Shop, order: dict[str, Any]) -> int:
    """What has gone back to the customer's card, by the ledger and by the provider alike."""
    booked = ann.moved(order["id"], "customer:ann", "provider:clearing")
    assert booked == sum(one.amount.minor for one in statement(order["id"]).refunds)
    return booked


def test_money_stands_still_until_everything_goes_back(
    town: Any, ann: Shop, staff: Any, order: dict[str, Any]
) -> None:
    dispute = opened(ann, order, "leg-1")
    assert (dispute["status"], dispute["legs"][0]["money"]) == ("open", "frozen")
    assert escrows(ann, order) == {"leg-1": "disputed", "leg-2": "held", "leg-3": "held"}
    assert any(f"Damaged: order {order['id']}" in text for text in told("web", "staff"))
    assert "The money for it is frozen" in told("web", "customer:ann")[0]
    ann.confirm(order["id"])
    assert escrows(ann, order) == {"leg-1": "disputed", "leg-2": "released", "leg-3": "released"}
    assert ann.order(order["id"])["status"] != "completed"

    assert decide(town, staff, dispute, "refund").status_code == 200
    assert seen(ann, dispute)["returned"] == usd(price(order, "leg-1"))
    assert escrows(ann, order)["leg-1"] == "refunded"
    assert on_card(ann, order) == price(order, "leg-1")
    assert ann.balances(order["id"]).keys() == {"provider:clearing", "platform:fees"}
    assert ann.order(order["id"])["status"] == "completed"
    assert "It was decided: your complaint:" in told("web", "customer:ann")[0]


def test_a_claim_that_is_denied_pays_who_has_worked(town: Any, ann: Shop, staff: Any, order: dict[str, Any]) -> None:
    dispute = opened(ann, order, "leg-1")
    ann.confirm(order["id"])
    decide(town, staff, dispute, "deny")
    assert escrows(ann, order)["leg-1"] == "released"
    assert on_card(ann, order) == 0
    assert seen(ann, dispute)["returned"] == usd(0)
    assert f"acct-vendor-{ROSIE}" in {one.to for one in statement(order["id"]).transfers}


def test_a_claim_denied_before_delivery_holds_the_money_on(
    town: Any, ann: Shop, staff: Any, order: dict[str, Any]
) -> None:
    dispute = opened(ann, order, "leg-1", reason="late")
    decide(town, staff, dispute, "deny")
    assert escrows(ann, order)["leg-1"] == "held"
    ann.confirm(order["id"])
    assert escrows(ann, order)["leg-1"] == "released"


def test_what_is_given_back_before_it_is_done_is_called_off(
    town: Any, ann: Shop, staff: Any, order: dict[str, Any]
) -> None:
    dispute = opened(ann, order, "leg-1", reason="late")
    decide(town, staff, dispute, "refund")
    rosie = town.as_("partner", ROSIE)
    assert escrows(ann, order) == {"leg-1": "refunded", "leg-2": "held", "leg-3": "held"}
    (leg,) = data(rosie.get(f"/api/v1/orders/{order['id']}"))["legs"]
    assert leg["status"] == "cancelled"
    assert order["id"] not in {task["order"] for task in data(rosie.get("/api/v1/tasks"))["items"]}
    path = f"/api/v1/orders/{order['id']}/legs/leg-1/status"
    assert rosie.post(path, json={"status": "in_progress"}).status_code == 409
    ann.confirm(order["id"])
    assert escrows(ann, order) == {"leg-1": "refunded", "leg-2": "released", "leg-3": "released"}
    assert ann.order(order["id"])["status"] == "completed"


def test_what_is_cancelled_while_it_is_disputed_goes_back_though_the_claim_is_denied(
    town: Any, ann: Shop, staff: Any, order: dict[str, Any]
) -> None:
    dispute = opened(ann, order, "leg-1", reason="late")
    assert ann.http.post(f"/api/v1/orders/{order['id']}/cancel", json={}).status_code == 202
    town.host.settle()
    assert escrows(ann, order) == {"leg-1": "disputed", "leg-2": "refunded", "leg-3": "refunded"}
    decide(town, staff, dispute, "deny")
    assert set(escrows(ann, order).values()) == {"refunded"}
    assert on_card(ann, order) == order["total"]["minor"]
    assert ann.balances(order["id"]) == {}
    assert seen(ann, dispute)["returned"] == usd(price(order, "leg-1"))


def test_a_part_goes_back_and_the_rest_is_shared(town: Any, ann: Shop, staff: Any, order: dict[str, Any]) -> None:
    dispute = opened(ann, order, "leg-1", "leg-2")
    ann.confirm(order["id"])
    half = price(order, "leg-1") // 2
    decide(town, staff, dispute, "partial", leg_1=half)
    assert escrows(ann, order) == {"leg-1": "released", "leg-2": "released", "leg-3": "released"}
    assert on_card(ann, order) == half
    left = ann.balances(order["id"])
    assert left.keys() == {"provider:clearing", "platform:fees"}
    passed = ann.moved(order["id"], f"escrow:{order['id']}:leg-1", "vendor")
    fees = ann.moved(order["id"], f"escrow:{order['id']}:leg-1", "platform")
    assert passed + fees == price(order, "leg-1") - half


def test_what_was_paid_out_comes_back_from_those_who_have_it(
    town: Any, ann: Shop, staff: Any, order: dict[str, Any]
) -> None:
    """The customer confirms, and finds the damage an hour later: transfers are reversed, then the card is refunded."""
    ann.confirm(order["id"])
    town.host.advance(timedelta(hours=1))
    ann.sign_in()
    dispute = opened(ann, order, "leg-1")
    assert dispute["legs"][0]["money"] == "passed_on"
    third = price(order, "leg-1") // 3
    assert decide(town, town.as_("ops", "olga"), dispute, "partial", leg_1=third).status_code == 200
    assert seen(ann, dispute)["returned"] == usd(third)
    assert on_card(ann, order) == third
    reversed_ = sum(one.amount.minor for one in statement(order["id"]).reversals)
    assert 0 < reversed_ < third, "the platform gives its part of the fee"
    assert ann.moved(order["id"], "provider:clearing", f"vendor:{ROSIE}") == reversed_
    assert ann.moved(order["id"], "platform:fees", f"escrow:{order['id']}:leg-1") == third - reversed_
    assert ann.balances(order["id"]).keys() == {"provider:clearing", "platform:fees"}
    assert escrows(ann, order)["leg-1"] == "released"


def test_what_still_waits_to_be_paid_out_is_kept_back(
    town: Any, ann: Shop, staff: Any, order: dict[str, Any]
) -> None:
    rosie = town.as_("partner", ROSIE)
    data(rosie.put("/api/v1/finance/schedule", json={"schedule": "manual"}))
    ann.confirm(order["id"])
    dispute = opened(ann, order, "leg-1")
    decide(town, staff, dispute, "refund")
    assert on_card(ann, order) == price(order, "leg-1")
    assert statement(order["id"]).reversals == ()
    assert escrows(ann, order)["leg-1"] == "refunded"
    assert data(rosie.get("/api/v1/finance/summary"))["waiting"] == []
    entry = next(
        one
        for one in ann.ledger(order["id"])["entries"]
        if one["credit"] == f"vendor:{ROSIE}" and one["debit"].startswith("escrow:")
    )
    assert record(PAYOUTS, f"vendor:{ROSIE}", entry["id"]).status == "kept"
    data(rosie.put("/api/v1/finance/schedule", json={"schedule": "at_once"}))


def test_a_refund_asked_for_twice_is_made_once(town: Any, ann: Shop, order: dict[str, Any]) -> None:
    asked = {"order": order["id"], "leg": "leg-2", "amount": usd(500), "reason": "One was broken.", "id": "r-1"}
    for _ in range(2):
        assert town.host.result(town.host.start("refund", asked))["returned"] == usd(500)
    assert on_card(ann, order) == 500
    assert escrows(ann, order)["leg-2"] == "held"
    ann.confirm(order["id"])
    after = {**asked, "amount": None, "id": "r-2"}
    for _ in range(2):
        assert town.host.result(town.host.start("refund", after))["returned"] == usd(price(order, "leg-2") - 500)
    assert on_card(ann, order) == price(order, "leg-2")
    assert escrows(ann, order)["leg-2"] == "refunded"
    assert town.host.result(town.host.start("refund", {**after, "id": "r-3"}))["returned"] == usd(0)


def test_a_refund_is_for_what_is_there(town: Any, ann: Shop, order: dict[str, Any]) -> None:
    asked = {"order": order["id"], "leg": "leg-1", "amount": usd(10_000_000), "reason": "All and more.", "id": "x"}
    answer = town.host.result(town.host.start("refund", asked))
    assert answer["returned"] == usd(0)
    assert "holds" in answer["why"]
    ann.move(order["id"], kind="dispute", id="d", leg="leg-1")
    frozen = town.host.result(town.host.start("refund", {**asked, "amount": None, "id": "y"}))
    assert frozen["returned"] == usd(0), "what is in dispute is decided there"
    assert on_card(ann, order) == 0


def test_each_side_sees_its_own(town: Any, ann: Shop, staff: Any, order: dict[str, Any]) -> None:
    photo = data(ann.http.post("/api/v1/dispute-photos", content=PNG, headers={"Content-Type": "image/png"}))
    assert complain(ann, order, "leg-1", photos=["0" * 64], key="no photo").status_code == 422
    dispute = opened(ann, order, photos=[photo["name"]])
    assert [leg["id"] for leg in dispute["legs"]] == ["leg-1", "leg-2", "leg-3"]
    rosie, nib = town.as_("partner", ROSIE), town.as_("partner", NIB)
    path = f"/api/v1/disputes/{dispute['id']}"
    own = data(rosie.get(path))
    assert ([leg["id"] for leg in own["legs"]], own["photos"], own["returned"]) == (["leg-1"], [photo["name"]], None)
    said = data(rosie.post(f"{path}/response", json={"text": "They left here fresh."}))
    assert (said["status"], [one["partner"] for one in said["answers"]]) == ("responded", [ROSIE])
    said = data(rosie.post(f"{path}/response", json={"text": "We can bring new ones."}))
    assert [one["text"] for one in said["answers"]] == ["We can bring new ones."]
    assert data(nib.get(path))["answers"] == [], "what others say is not for a party's eyes"
    assert len(seen(ann, dispute)["answers"]) == 1
    listed = f"/api/v1/orders/{order['id']}/disputes"
    for client in (ann.http, rosie, nib, staff):
        assert [one["id"] for one in data(client.get(listed))["items"]] == [dispute["id"]]
    for stranger in (town.as_("customer", "bob"), town.as_("partner", "flour-and-fable"), town.as_("hub", ROSIE)):
        assert stranger.get(path).status_code == 404
        assert stranger.get(listed).status_code == 404
    assert town.as_("partner", "flour-and-fable").post(f"{path}/response", json={"text": "x"}).status_code == 404
    assert town.as_("customer", "bob").post(
        listed, json={"reason": "late", "text": "x"}, headers={"Idempotency-Key": "b"}
    ).status_code == 404  # fmt: skip
    assert ann.http.get("/api/v1/disputes").status_code == 403
    assert ann.http.post(f"{path}/decision", json={"decision": "refund", "note": "x"}).status_code == 403
    page = data(staff.get("/api/v1/disputes", params={"status": "responded", "limit": 1}))
    assert page["items"][0]["id"] == dispute["id"]
    assert decide(town, staff, dispute, "partial", leg_1=100).status_code == 200
    after = data(nib.get(path))["decision"]
    assert (after["amounts"], after["by"]) == ({}, None)
    assert data(staff.get(path))["decision"]["by"] == "olga"
    assert rosie.post(f"{path}/response", json={"text": "Too late?"}).status_code == 409


def test_one_dispute_at_a_time_about_a_leg(town: Any, ann: Shop, staff: Any, order: dict[str, Any]) -> None:
    first, again = data(complain(ann, order, "leg-1")), data(complain(ann, order, "leg-1"))
    assert first["id"] == again["id"], "the same key is the same dispute"
    assert complain(ann, order, "leg-1", key="other").status_code == 409
    assert complain(ann, order, "leg-2", key="other leg").status_code == 201
    assert complain(ann, order, "leg-9", key="none").status_code == 422
    assert complain(ann, order, "leg-1", key="bank", reason="unrecognised").status_code == 422
    town.host.settle()
    for wrong in (
        {"decision": "partial"},
        {"decision": "partial", "amounts": {"leg-2": usd(1)}},
        {"decision": "partial", "amounts": {"leg-1": usd(price(order, "leg-1") + 1)}},
        {"decision": "partial", "amounts": {"leg-1": usd(0)}},
        {"decision": "deny", "amounts": {"leg-1": usd(1)}},
    ):
        answer = staff.post(f"/api/v1/disputes/{first['id']}/decision", json={**wrong, "note": "n"})
        assert answer.status_code == 422, wrong
    assert decide(town, staff, first, "deny").status_code == 200
    assert decide(town, staff, first, "deny").status_code == 200
    assert decide(town, staff, first, "refund").status_code == 409


def test_it_can_be_disputed_until_48_hours_after_delivery(town: Any, ann: Shop, order: dict[str, Any]) -> None:
    ann.confirm(order["id"])
    town.host.advance(timedelta(hours=48))
    ann.sign_in()
    assert complain(ann, order, "leg-1").status_code == 201
    town.host.advance(timedelta(minutes=1))
    ann.sign_in()
    late = complain(ann, order, "leg-2", key="late")
    assert late.status_code == 409
    assert "48 hours" in late.json()["detail"]
