"""A dispute that nobody decides: staff are reminded, it grows urgent, and after a year it can be decided still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.orders.disputes import DECIDE_DAYS_MAX, DISPUTES, REMIND_HOURS, UNDECIDED_DAYS_MAX
from tests.buying import Shop, data, record, statement, told
from tests.conftest import house

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The app without timers, so that a year goes by in a moment."""
    folder = tmp_path_factory.mktemp("still")
    with house(folder, Path(__file__).parent / "timeless", MONDAY, CITY="data/austin") as running:
        yield running


def test_it_is_remembered_and_grows_urgent_and_is_never_lost(still: Any) -> None:
    ann = Shop(still, "ann")
    order = ann.place("waits", ann.product("red roses", "rosie-and-thorn"))
    body = {"legs": ["leg-1"], "reason": "damaged", "text": "Half of them wilted."}
    path = f"/api/v1/orders/{order['id']}/disputes"
    dispute = data(ann.http.post(path, json=body, headers={"Idempotency-Key": "d"}))["id"]
    still.host.settle()

    def escalations() -> int:
        return len(record(DISPUTES, dispute, dispute).escalations)

    assert escalations() == 1
    still.host.advance(timedelta(hours=REMIND_HOURS) - timedelta(seconds=1))
    assert escalations() == 1
    still.host.advance(timedelta(seconds=1))
    assert escalations() == 2
    assert any("Undecided for 24 hours" in text for text in told("web", "staff"))
    assert any("We still wait for your side" in text for text in of_rosie())
    still.host.advance(timedelta(days=DECIDE_DAYS_MAX - 1))
    assert escalations() == 3
    assert any("must not wait much longer" in text for text in told("web", "staff"))
    still.host.advance(timedelta(days=UNDECIDED_DAYS_MAX - DECIDE_DAYS_MAX, minutes=1))
    assert still.host.result(f"dispute:{dispute}") == {"status": "undecided"}

    ann.sign_in()
    assert ann.order(order["id"])["legs"][0]["escrow_status"] == "disputed"
    decision = {"decision": "refund", "note": "At last."}
    assert still.as_("ops", "olga").post(f"/api/v1/disputes/{dispute}/decision", json=decision).status_code == 200
    assert still.host.result(f"dispute:{dispute}:late")["status"] == "decided"
    price = order["legs"][0]["price"]["minor"]
    assert ann.moved(order["id"], "customer:ann", "provider:clearing") == price
    assert sum(one.amount.minor for one in statement(order["id"]).refunds) == price


def of_rosie() -> list[str]:
    """What the florist was told, on whichever channel it wants."""
    from shared.discovery.partners import PARTNERS

    contact = record(PARTNERS, "rosie-and-thorn", "rosie-and-thorn").contact
    to = "rosie-and-thorn" if contact.channel in {"api", "web"} else contact.address
    return [*told(contact.channel, to), *told("web", "rosie-and-thorn")]
