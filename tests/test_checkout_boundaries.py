"""The host stopped dead at every step boundary of a checkout: each order comes out whole or not at all, told once.

By default every boundary of an order that is placed and of one that a partner refuses, every STRIDE-th of the others,
and two kinds of boundary with a real kill; BOUNDARIES=all takes every boundary of all of them, and four kinds.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests import boundaries
from tests.boundaries import Left, Scenario, Speaker, Stage
from tests.commits import Kind
from tests.conftest import House
from tests.order_checks import check_order, check_shelves, messages_of

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
SATURDAY = "2026-11-29T00:00:00Z"
ROSES, TRUFFLES = "petal-desk.ROSES", "cocoa-room.TRUFFLES"
ALL = os.environ.get("BOUNDARIES") == "all"
STRIDE = 8
ASKED = 2
"""The answer in `placed` before which the florist was asked, one step after the other with nothing beside it."""
LIFE = 25
"""Boundaries that a host lives to see, where one after another dies."""
SWEPT = timedelta(minutes=6)
"""After so long, what a dying host had left unsaid to a flow has been said again."""


def order(who: Speaker, *products: str, method: str = "card_ok", quantity: int = 1) -> str:
    lines = [{"product_id": product, "quantity": quantity} for product in products]
    body = {"lines": lines, "deliver_to": HOME, "deliver_by": SATURDAY, "payment": {"method": method}}
    placed: str = who.post("/api/v1/orders", body, key="one").data["id"]
    who.stage.settle()
    return placed


def reply(stage: Stage, placed: str, decision: str) -> None:
    """The florist's word about its leg; 409 where it had been heard and only its answer was lost."""
    florist = stage.as_("partner", "petal-desk")
    (leg,) = florist.get(f"/api/v1/orders/{placed}")["legs"]
    answer = florist.post(f"/api/v1/orders/{placed}/legs/{leg['id']}/reply", {"decision": decision})
    assert answer.status in {200, 409}, answer.body
    stage.advance(SWEPT)


def placed(stage: Stage) -> str:
    """Two partners, of whom one wants to be asked, and a courier."""
    name = order(stage.as_("customer", "ann"), ROSES, TRUFFLES)
    reply(stage, name, "accept")
    return name


def refused(stage: Stage) -> str:
    """A partner that cannot do it."""
    name = order(stage.as_("customer", "ann"), ROSES, TRUFFLES)
    reply(stage, name, "reject")
    return name


def declined(stage: Stage) -> str:
    """A card that is not taken."""
    return order(stage.as_("customer", "ann"), TRUFFLES, method="card_declined")


def answer_lost(stage: Stage) -> str:
    """A card that is charged though nobody hears of it."""
    name = order(stage.as_("customer", "ann"), TRUFFLES, method="card_timeout_after_effect")
    stage.advance(SWEPT)
    return name


def confirmed(stage: Stage) -> str:
    """A card whose bank wants to hear from the customer first, and does."""
    ann = stage.as_("customer", "ann")
    name = order(ann, TRUFFLES, method="card_needs_action")
    page = ann.get(f"/api/v1/orders/{name}")["payment_action"]["url"]
    assert ann.post(page, {"outcome": "succeed"}).status in {200, 409}  # 409: heard, and captured since
    stage.advance(SWEPT)
    return name


def approved(stage: Stage) -> str:
    """An agent's order that waits for the customer's word, and gets it."""
    agent = stage.as_("agent", "gpt", acting_for="ann", scopes=["orders:read", "orders:write"])
    name = order(agent, TRUFFLES, quantity=6)
    ann = stage.as_("customer", "ann")
    (question,) = ann.get("/api/v1/approvals")["items"]
    assert ann.post(f"/api/v1/approvals/{question['id']}", {"decision": "approve"}).status == 200
    stage.advance(SWEPT)
    return name


EVERY = (Scenario(placed, ends="placed"), Scenario(refused, ends="failed"))
SOME = (
    Scenario(declined, ends="failed"),
    Scenario(answer_lost, ends="placed"),
    Scenario(confirmed, ends="placed"),
    Scenario(approved, ends="placed"),
)


class Ends:
    """Checks how a scenario ends: as it must, and with as many words to everybody as when it was undisturbed."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._said: Counter[str] | None = None

    def __call__(self, house: House, order_id: str) -> None:
        ended = check_order(house, order_id)
        check_shelves(house)
        assert ended.status == self._scenario.ends, f"the order is {ended.status}: {ended.reason}"
        said = Counter(one.box for one in messages_of(order_id))
        self._said = self._said or said
        assert said == self._said, f"said {said}, undisturbed {self._said}"


@pytest.mark.parametrize("scenario", [*EVERY, *SOME], ids=lambda one: one.name)
def test_dead_at_any_boundary_it_comes_out_whole(scenario: Scenario, begin: Left, scratch: Path) -> None:
    ends = Ends(scenario)
    recording = boundaries.record(scenario, begin, scratch, ends)
    kinds = Counter(one.kind for one in recording.boundaries)
    assert all(kinds[kind] >= 2 for kind in Kind), kinds
    stride = 1 if scenario in EVERY or ALL else STRIDE
    broken = []
    for boundary in recording.boundaries[::stride]:
        try:
            boundaries.resume(scenario, recording.left_at(boundary.number), ends)
        except AssertionError as error:
            broken.append(f"{boundary}: {error}")
    assert not broken, f"{len(broken)} of {len(recording.boundaries)}:\n" + "\n".join(broken)


def test_kill_9_leaves_just_that(begin: Left, scratch: Path) -> None:
    scenario = EVERY[0]
    ends = Ends(scenario)
    recording = boundaries.record(scenario, begin, scratch / "recorded", ends)
    quiet = recording.boundaries[: recording.answers[ASKED].since - 1]
    for kind in (Kind.EFFECT, Kind.TURN, *([Kind.RESULT, Kind.OPERATION] if ALL else [])):
        number = [one.number for one in quiet if one.kind is kind][-1]
        killed = boundaries.killed_at(scenario, number, begin, scratch / kind)
        assert boundaries.contents(killed.folder) == boundaries.contents(recording.left_at(number).folder), number
        boundaries.resume(scenario, killed, ends)


def test_dying_again_and_again_it_gets_there(begin: Left, scratch: Path) -> None:
    scenario = EVERY[0]
    ends = Ends(scenario)
    left, lives = begin, 0
    while True:
        recording = boundaries.record(scenario, left, scratch / str(lives), ends)
        lives += 1
        if len(recording.boundaries) <= LIFE:
            break
        left = recording.left_at(LIFE)
    assert lives > 3
