"""Payments that the customer's bank wants to hear about first, through the whole app: shown, waited for, taken back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.money.payments import ACTION_MINUTES_MAX
from tests.buying import HOME, SATURDAY, Shop, data, statement, told


@pytest.fixture(scope="module")
def ann(town: Any) -> Shop:
    return Shop(town, "ann", "card_needs_action")


@pytest.fixture(scope="module")
def roses(ann: Shop) -> str:
    return ann.product("red roses", "rosie-and-thorn")


def begun(shop: Shop, key: str, product: str) -> dict[str, Any]:
    """An order that waits for the customer at their bank."""
    body = {
        "lines": [{"product_id": product}],
        "deliver_to": HOME,
        "deliver_by": SATURDAY,
        "payment": {"method": shop.method},
    }
    order = data(shop.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key}))
    shop.town.host.settle()
    return shop.order(order["id"])


def at_the_bank(town: Any, order: dict[str, Any], outcome: str) -> Any:
    answer = town.http.post(order["payment_action"]["url"], json={"outcome": outcome})
    town.host.settle()
    return answer


def test_it_waits_for_the_customer_and_then_goes_on(town: Any, ann: Shop, roses: str) -> None:
    order = begun(ann, "confirms", roses)
    assert order["status"] == "placing"
    action = order["payment_action"]
    assert action["expires_at"] > order["created_at"]
    assert any("confirm the payment" in text and action["url"] in text for text in told("web", "customer:ann"))
    (payment,) = statement(order["id"]).payments
    assert payment.state == "needs_action"
    rosie = town.as_("partner", "rosie-and-thorn")
    assert data(rosie.get(f"/api/v1/orders/{order['id']}"))["payment_action"] is None, "it is the customer's alone"
    town.host.advance(timedelta(minutes=5))
    assert ann.order(order["id"])["status"] == "placing"
    assert at_the_bank(town, order, "succeed").status_code == 200
    town.host.result(order["id"])
    placed = ann.order(order["id"])
    assert (placed["status"], placed["payment_action"]) == ("placed", None)
    assert ann.balances(order["id"])["provider:clearing"] == -order["total"]["minor"]
    assert [one.state for one in statement(order["id"]).payments] == ["captured"]
    assert at_the_bank(town, order, "succeed").status_code == 409, "there is nothing to confirm any more"


def test_who_fails_at_the_bank_gets_everything_taken_back(town: Any, ann: Shop, roses: str) -> None:
    order = begun(ann, "fails", roses)
    assert at_the_bank(town, order, "fail").status_code == 200
    town.host.result(order["id"])
    failed = ann.order(order["id"])
    assert (failed["status"], failed["payment_action"]) == ("failed", None)
    assert "bank has not confirmed" in failed["reason"]
    assert [one.state for one in statement(order["id"]).payments] == ["declined"]


def test_who_does_not_come_gets_everything_taken_back(town: Any, ann: Shop, roses: str) -> None:
    order = begun(ann, "late", roses)
    town.host.advance(timedelta(minutes=ACTION_MINUTES_MAX, seconds=1))
    town.host.result(order["id"])
    failed = ann.order(order["id"])
    assert (failed["status"], failed["payment_action"]) == ("failed", None)
    assert "not confirmed in time" in failed["reason"]
    assert at_the_bank(town, order, "succeed").status_code == 409
    assert {one.state for one in statement(order["id"]).payments} <= {"expired", "voided"}


def test_a_nudge_that_was_lost_costs_time_and_nothing_else(town: Any, ann: Shop, roses: str) -> None:
    order = begun(ann, "lost nudge", roses)
    (payment,) = statement(order["id"]).payments
    bank = wiring.deps().bank
    assert bank is not None
    asyncio.run(bank.answer(payment.id, is_confirmed=True))  # and nobody tells the flow
    town.host.advance(timedelta(minutes=4))
    town.host.result(order["id"])
    assert ann.order(order["id"])["status"] == "placed"


def test_the_bank_page_names_what_is_wrong(town: Any) -> None:
    path = "/api/v1/dev/payments/payment_0/confirm"
    assert town.http.post(path, json={"outcome": "succeed"}).status_code == 404
    refused = town.http.post(path, json={"outcome": "perhaps"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.outcome")
    assert town.http.post("/api/v1/dev/payments/payment_0/chargeback", json={"outcome": "won"}).status_code == 404


@pytest.mark.parametrize("method", ["card_timeout_before_effect", "card_timeout_after_effect"])
def test_an_unknown_outcome_is_asked_again_by_the_same_key(town: Any, roses: str, method: str) -> None:
    bob = Shop(town, "bob", method)
    body = {
        "lines": [{"product_id": roses}],
        "deliver_to": HOME,
        "deliver_by": SATURDAY,
        "payment": {"method": method},
    }
    order = data(bob.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": method}))
    town.host.advance(timedelta(minutes=2))
    town.host.result(order["id"])
    placed = bob.order(order["id"])
    assert placed["status"] == "placed", placed["reason"]
    (payment,) = statement(order["id"]).payments
    assert (payment.state, payment.captured.minor) == ("captured", order["total"]["minor"])
    assert bob.balances(order["id"])["provider:clearing"] == -order["total"]["minor"]


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_chargeback_freezes_what_is_held_until_the_bank_decides(town: Any, roses: str, outcome: str) -> None:
    eve = Shop(town, f"eve-{outcome}", "card_dispute")
    order = eve.place(f"charged back {outcome}", roses)
    town.host.advance(timedelta(minutes=7))  # the sweeper hears the bank; the case came while it was being placed
    (dispute,) = data(eve.http.get(f"/api/v1/orders/{order['id']}/disputes"))["items"]
    assert (dispute["is_of_bank"], dispute["reason"]) == (True, "unrecognised")
    assert {leg["escrow_status"] for leg in eve.order(order["id"])["legs"]} == {"disputed"}
    (payment,) = statement(order["id"]).payments
    for _ in range(2):
        data(town.http.post(f"/api/v1/dev/payments/{payment.id}/chargeback", json={"outcome": outcome}))
        town.host.settle()
    after = {leg["escrow_status"] for leg in eve.order(order["id"])["legs"]}
    assert after == ({"held"} if outcome == "won" else {"refunded"})
    assert statement(order["id"]).refunds == ()
