"""The host stopped dead while a change is negotiated or recovered: one leg in the end, charged once, told once.

By default every STRIDE-th boundary behind the request for the change; BOUNDARIES=all takes every one.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrators.reserving import reservation_of
from shared import wiring
from shared.orders.order import ORDERS
from tests import boundaries
from tests.boundaries import Left, Scenario, Speaker, Stage
from tests.conftest import House
from tests.order_checks import check_messages, check_money, messages_of

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SATURDAY = "2026-11-29T00:00:00Z"
STRIDE = 1 if os.environ.get("BOUNDARIES") == "all" else 9
SWEPT = timedelta(minutes=6)
PURPLE = "Pink is booked, but I have a Deep Purple Metallic available for $5 more"
KEPT = frozenset({"reserved", "confirmed"})
BEFORE = {"recovered": 5, "countered": 6}
"""Answers until the order is placed: the clock's after it, by scenario."""
LEAD = {"lead_minutes": 600}
"""So that nothing is late, however long somebody waits to be answered."""


def placed(stage: Stage, says: str | None = None) -> tuple[Speaker, str, dict[str, str]]:
    """Red flowers of shop A, which answers a change by its own scenario, or by what it is told to say."""
    ops = stage.as_("ops", "olga")
    shops = ops.post("/api/v1/simulator/live-demo", {}).data
    if says is not None:
        step = {"responses": [{"decision": "counter", "text": says, "counter": {"item": "-"}}]}
        body = {
            "name": "says", "partners": [shops["shop_a"]["partner_id"]], "steps": [step], "priority": 900,
            "when": {"type": "request", "any_of": ["change_request"]},
        }  # fmt: skip
        ops.post("/api/v1/simulator/scenarios", body, key="says")
    for shop in ("shop_a", "shop_b"):
        path = f"/api/v1/simulator/products/{shops[shop]['product_id']}"
        assert stage.ask("PATCH", path, token=ops.token, json=LEAD).status == 200
    ann = stage.as_("customer", "ann")
    lines = [{"product_id": shops["shop_a"]["product_id"]}]
    order = {"lines": lines, "deliver_to": HOME, "deliver_by": SATURDAY, "payment": {"method": "card_ok"}}
    name: str = ann.post("/api/v1/orders", order, key="one").data["id"]
    stage.settle()
    return ann, name, shops


def changed(stage: Stage, ann: Speaker, name: str) -> str:
    """Pink is wanted, something else is offered, and the customer agrees."""
    text = {"text": "I want pink flowers instead of red"}
    ann.post(f"/api/v1/orders/{name}/changes", text, key="pink")
    stage.advance(SWEPT)
    (question,) = ann.get("/api/v1/approvals")["items"]
    assert ann.post(f"/api/v1/approvals/{question['id']}", {"decision": "approve"}).status == 200
    stage.advance(SWEPT)
    return name


def recovered(stage: Stage) -> str:
    """A says no by itself, and B takes its place."""
    ann, name, _ = placed(stage)
    return changed(stage, ann, name)


def countered(stage: Stage) -> str:
    """A offers another thing at another price."""
    ann, name, _ = placed(stage, PURPLE)
    return changed(stage, ann, name)


SCENARIOS = (Scenario(recovered, ends="placed"), Scenario(countered, ends="placed"))


class Ends:
    """Checks how a scenario ends: exchanged once, and with as many words to everybody as when it was undisturbed."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._said: Counter[str] | None = None

    def __call__(self, house: House, order_id: str) -> None:
        stored = asyncio.run(wiring.deps().store.get(ORDERS, order_id, order_id))
        assert stored is not None
        order = stored.value
        assert order.status == self._scenario.ends, f"the order is {order.status}: {order.reason}"
        assert [leg.escrow for leg in order.legs] == ["replaced", "held", "held"]
        old, courier, new = order.legs
        assert (old.status, new.status, courier.after) == ("cancelled", "accepted", (new.id,))
        check_money(house, order)
        paid = asyncio.run(wiring.deps().payments.statement(order_id)).payments
        assert sum(one.captured.minor - one.refunded.minor for one in paid) == order.total.minor, "charged once"
        assert sorted(one.captured.minor for one in paid) == [500, order.total.minor - 500]
        for leg in (courier, new):
            for hold in leg.holds:
                found = house.host.entity("capacity", hold.key)["reservations"]
                kept = [name for name, one in found.items() if one["status"] in KEPT and name.startswith(order_id)]
                assert kept == [reservation_of(order_id, leg)], kept
        if self._scenario.name == "recovered":
            (hold,) = old.holds
            (gone,) = house.host.entity("capacity", hold.key)["reservations"].values()
            assert gone["status"] == "released"
        failed = house.http.get("/runtime/webhooks/durabletask/instances", params={"runtimeStatus": "Failed"}).json()
        assert failed == []
        check_messages(order)
        said = Counter(one.box for one in messages_of(order_id))
        self._said = self._said or said
        assert said == self._said, f"said {said}, undisturbed {self._said}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_dead_at_any_boundary_it_is_exchanged_once(scenario: Scenario, begin: Left, scratch: Path) -> None:
    ends = Ends(scenario)
    recording = boundaries.record(scenario, begin, scratch, ends)
    first = recording.answers[BEFORE[scenario.name]].since
    broken = []
    for boundary in recording.boundaries[first::STRIDE]:
        try:
            boundaries.resume(scenario, recording.left_at(boundary.number), ends)
        except AssertionError as error:
            broken.append(f"{boundary}: {error}")
    assert not broken, f"{len(broken)} of {len(recording.boundaries)}:\n" + "\n".join(broken)
