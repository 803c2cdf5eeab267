"""An order that an affiliate has brought: it is paid of every vendor's price, and all parts add up."""

from __future__ import annotations

import asyncio
from typing import Any

from shared import wiring
from shared.discovery.partners import PARTNERS
from shared.orders.order import ORDERS
from tests.buying import HOME, SATURDAY, Shop, record


def some_affiliate() -> Any:
    async def read() -> Any:
        await wiring.deps().catalog_ready()
        return await wiring.deps().store.get(PARTNERS, "carat-room", "carat-room")

    stored = asyncio.run(read())
    return stored.value


def test_who_brought_the_customer_is_paid_with_everybody_else(town: Any) -> None:
    ann = Shop(town, "ann")
    brought_by = some_affiliate()
    lines = [ann.product("baby blanket", "monogram-room"), ann.product("red roses", "rosie-and-thorn")]
    plain = ann.place("plain", *lines)
    order = ann.place("brought", *lines, referral=brought_by.tracking_id)
    assert order["total"] == plain["total"], "the customer pays the same"
    earned = 0
    for leg in record(ORDERS, order["id"], order["id"]).legs:
        shares = {share.account: share.amount.minor for share in leg.shares}
        assert sum(shares.values()) == leg.price.minor
        paid = shares.get("affiliate:carat-room", 0)
        assert paid <= leg.price.minor * brought_by.commission.basis_points // 10_000
        earned += paid
    assert earned > 0
    ann.confirm(order["id"])
    assert ann.order(order["id"])["status"] == "completed"
    assert ann.moved(order["id"], "escrow:", "affiliate:carat-room") == earned


def test_an_id_that_nobody_has_is_refused_by_name(town: Any) -> None:
    ann = Shop(town, "ann")
    roses = ann.product("red roses", "rosie-and-thorn")
    where = {"deliver_to": HOME, "deliver_by": SATURDAY, "payment": {"method": "card_ok"}}
    for number, unknown in enumerate(["aus-nobody-0", "no", "A B"]):
        body = {"lines": [{"product_id": roses}], "referral": unknown, **where}
        answer = ann.http.post("/api/v1/orders", json=body, headers={"Idempotency-Key": f"unknown-{number}"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "body.referral"
