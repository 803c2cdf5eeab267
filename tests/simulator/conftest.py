"""A shop, requests to it and scenarios, as the tests of this room want them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.discovery.partners import Partner
from shared.money.amounts import Money
from shared.simulator.asked import Asked, Facts
from shared.simulator.scenarios import Scenario

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday."""


def shop(name: str = "sim-flora", **more: Any) -> Partner:
    place = {"address": "1 Main St", "point": {"lat": 30.27, "lng": -97.74}, "region": "austin"}
    facts = {
        "id": name, "name": "Flora", "kind": "florist", "place": place,
        "hours": {"time_zone": "America/Chicago", "week": {"mon": "9:00-17:00"}},
        "contact": {"channel": "whatsapp", "address": "+15125550191"}, "is_simulated": True,
    }  # fmt: skip
    return Partner.model_validate({**facts, **more})


def asked(item: str = "", kind: Any = "change_request", *, request: str = "m1", text: str = "", **facts: Any) -> Asked:
    return Asked(id=request, type=kind, text=text, facts=Facts(requested_item=item, **facts))


def scenario(name: str = "one", *responses: Any, **more: Any) -> Scenario:
    steps = [{"responses": list(responses) or [{"decision": "reject"}]}]
    times = {"created_at": NOON, "updated_at": NOON}
    given = {"id": name, "name": name, "partners": ["sim-flora"], "steps": steps, **times, **more}
    return Scenario.model_validate(given)


def dollars(amount: int) -> Money:
    return Money(minor=amount * 100, currency="USD")


@pytest.fixture
def flora() -> Partner:
    return shop()
