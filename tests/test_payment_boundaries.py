"""The host stopped dead at step boundaries of paying and of giving back: every cent moves once, everybody hears once.

By default every STRIDE-th boundary; BOUNDARIES=all takes each of them.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared import wiring
from shared.money.accounts import OUTSIDE, parse
from shared.money.book import records_of, transfers_of
from shared.money.ledger import Transfer
from shared.money.payouts import PAYOUTS, Payout
from shared.money.purses import PURSES, TOTALS
from shared.orders.order import ORDERS
from shared.records import Query
from tests import boundaries
from tests.boundaries import Left, Scenario, Stage
from tests.conftest import House
from tests.order_checks import check_flows, check_messages, messages_of

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
TRUFFLES = "cocoa-room.TRUFFLES"
STRIDE = 9
SWEPT = timedelta(minutes=6)
"""After so long, what a dying host had left unsaid to a flow has been said again."""
CLEARING = "provider:clearing"


def delivered(stage: Stage) -> str:
    """Ordered, charged, delivered; the customer says so and everybody is paid."""
    ann = stage.as_("customer", "ann")
    body = {"lines": [{"product_id": TRUFFLES, "quantity": 2}], "deliver_to": HOME, "payment": {"method": "card_ok"}}
    by = {"deliver_by": "2026-11-29T00:00:00Z"}
    order: str = ann.post("/api/v1/orders", {**body, **by}, key="one").data["id"]
    stage.settle()
    assert ann.post(f"/api/v1/orders/{order}/delivery-confirmation", {}).status in {202, 412}
    stage.advance(SWEPT)
    return order


def given_back(stage: Stage) -> str:
    """And then all of it goes back: payees' money is reversed, the platform gives its fee, the card is refunded."""
    order = delivered(stage)
    ann = stage.as_("customer", "ann")
    complaint = {"legs": ["leg-1"], "reason": "damaged", "text": "They had melted."}
    dispute = ann.post(f"/api/v1/orders/{order}/disputes", complaint, key="two").data["id"]
    stage.settle()
    decision = {"decision": "refund", "note": "We are sorry."}
    olga = stage.as_("ops", "olga")
    assert olga.post(f"/api/v1/disputes/{dispute}/decision", decision).status == 200
    stage.advance(SWEPT)
    return order


EVERY = (Scenario(delivered, ends="completed"), Scenario(given_back, ends="completed"))


class Ends:
    """Checks how a scenario ends: as it must, and with as many words to everybody as when it was undisturbed."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._said: Counter[str] | None = None

    def __call__(self, house: House, order_id: str) -> None:
        stored = asyncio.run(wiring.deps().store.get(ORDERS, order_id, order_id))
        assert stored is not None
        assert stored.value.status == self._scenario.ends
        check_money(order_id, is_returned=self._scenario.name == "given_back")
        check_messages(stored.value)
        check_flows(house, stored.value)
        said = Counter(one.box for one in messages_of(order_id))
        self._said = self._said or said
        assert said == self._said, f"said {said}, undisturbed {self._said}"


def check_money(order: str, *, is_returned: bool) -> None:
    """Ledger, provider, payouts and purses tell the same."""
    transfers, payouts, at_provider, totals = asyncio.run(_kept(order))
    balances: Counter[str] = Counter()
    for one in transfers:
        if one.kind == "posted":
            balances[one.debit] -= one.amount.minor
            balances[one.credit] += one.amount.minor
    open_ = {name: minor for name, minor in balances.items() if minor}
    assert open_.keys() <= {CLEARING, "platform:fees"}, open_
    reversed_ = sum(one.amount.minor for one in at_provider.reversals)
    assert (reversed_ > 0) == is_returned
    assert reversed_ == _moved(transfers, CLEARING, "payee")
    assert sum(one.amount.minor for one in at_provider.transfers) == _moved(transfers, "payee", CLEARING)
    assert sum(one.amount.minor for one in at_provider.refunds) == _moved(transfers, "customer", CLEARING)
    assert len(at_provider.transfers) == len(payouts), "each sum was sent once"
    assert {one.status for one in payouts} == {"paid"}
    for account, figures in totals.items():
        assert figures.pending.get("USD", 0) == 0
        assert figures.balance == {"USD": balances[account]}
        assert figures.earned["USD"] == sum(one.amount.minor for one in payouts if one.account == account)


def _moved(transfers: list[Transfer], debit: str, credit: str) -> int:
    posted = [one for one in transfers if one.kind == "posted"]
    return sum(one.amount.minor for one in posted if _is(one.debit, debit) and _is(one.credit, credit))


def _is(account: str, what: str) -> bool:
    kind = parse(account).kind
    return account == what or kind == what or (what == "payee" and kind in OUTSIDE)


async def _kept(order: str) -> tuple[list[Transfer], list[Payout], Any, dict[str, Any]]:
    deps = wiring.deps()
    transfers = transfers_of([one.entry for one in await records_of(deps.store, order)])
    accounts = {one.credit for one in transfers if parse(one.credit).kind in OUTSIDE}
    payouts = [one.value for one in (await deps.store.query(PAYOUTS, Query({"order": order}, limit=200))).items]
    totals = {}
    for account in accounts:
        stored = await deps.store.get(PURSES, account, TOTALS)
        assert stored is not None
        totals[account] = stored.value.figures
    return transfers, payouts, await deps.payments.statement(order), totals


@pytest.mark.parametrize("scenario", EVERY, ids=lambda one: one.name)
def test_dead_at_any_boundary_every_cent_moves_once(scenario: Scenario, begin: Left, scratch: Path) -> None:
    ends = Ends(scenario)
    recording = boundaries.record(scenario, begin, scratch, ends)
    stride = 1 if os.environ.get("BOUNDARIES") == "all" else STRIDE
    broken = []
    for boundary in recording.boundaries[::stride]:
        try:
            boundaries.resume(scenario, recording.left_at(boundary.number), ends)
        except AssertionError as error:
            broken.append(f"{boundary}: {error}")
    assert not broken, f"{len(broken)} of {len(recording.boundaries)}:\n" + "\n".join(broken)
