"""Recoveries that do not come about: sold out between proposal and yes, a card that says no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, House, house
from tests.talking import PURPLE, Talk, rewritten
from tests.test_live_demo_flow import data


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    """A town in which nobody else has an order that could run late, or stock that was sold."""
    with house(tmp_path, ROOT, datetime(2026, 11, 23, 16, tzinfo=UTC), CITY="data/austin") as running:
        yield running


def test_sold_out_between_proposal_and_yes(fresh: Any) -> None:
    town = fresh
    talk = Talk(town, "sold-out")
    talk.only_pink("Pink Flowers Bunch", 5_200, stock=1)
    talk.ask()
    assert "Bunch" in talk.waiting()["title"]
    before = talk.balances()
    town.host.advance(timedelta(minutes=16))  # what was reserved for it has run out
    body = {
        "lines": [{"product_id": talk.bunch}],
        "deliver_to": {"address": "1 Elsewhere", "lat": 30.26, "lng": -97.75},
        "deliver_by": (town.host.now + timedelta(days=3)).isoformat(),
        "payment": {"method": "card_ok"},
    }
    bob = town.as_("customer", "bob")
    placed = data(bob.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "all-the-pink"}))
    town.host.result(placed["id"])
    assert data(bob.get(f"/api/v1/orders/{placed['id']}"))["status"] == "placed"
    talk.decide("approve")
    assert talk.balances() == before
    talk.as_it_was()
    assert talk.recovery()["status"] == "kept"
    bob.post(f"/api/v1/orders/{placed['id']}/cancel", json={})
    town.host.settle()
    talk.flows_are_well()


def test_a_card_that_says_no_changes_nothing(fresh: Any) -> None:
    town = fresh
    for name, says in (("recovery", None), ("agreed", f"{PURPLE} for $5 more")):
        talk = Talk(town, f"declined-{name}", *([says] if says else []))
        talk.ask()
        rewritten(talk.id, lambda order: order.model_copy(update={"method": "card_declined"}))
        before, stock = talk.balances(), talk.stock(talk.pink)
        talk.decide("approve")
        assert talk.balances() == before
        talk.as_it_was()
        assert len(talk.order()["legs"]) == len(talk.placed["legs"])
        assert talk.stock(talk.pink) == stock
        assert any("declined" in text for text in talk.told("web:customer:ann"))
        talk.flows_are_well()
