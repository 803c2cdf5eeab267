"""The first request of a process may be an order: it waits for the catalog, and not for the words of the chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shared import wiring
from tests.buying import HOME, SATURDAY, data

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_an_order_learns_no_words(run_app: Callable[..., Any]) -> None:
    with run_app(start=MONDAY, CITY="data/austin") as house:
        ann = house.as_("customer", "ann")
        body = {
            "lines": [{"product_id": "stem-and-story.STORY-WK"}],
            "deliver_to": HOME,
            "deliver_by": SATURDAY,
            "payment": {"method": "card_ok"},
        }
        placed = data(ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "cold"}))
        house.host.result(placed["id"])
        assert data(ann.get(f"/api/v1/orders/{placed['id']}"))["status"] == "placed"
        assert not wiring.deps().understanding.has_learnt
        assert ann.post("/api/v1/chat", json={"text": "pink flowers for mom"}).status_code == 200
        assert wiring.deps().understanding.has_learnt
