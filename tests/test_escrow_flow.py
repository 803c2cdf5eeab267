"""An order's money through the whole app: entity, flow, store and route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

NOW = "2030-01-01T12:00:00Z"
USD = "USD"


@pytest.fixture
def house(run_app: Callable[..., Any]) -> Iterator[Any]:
    with run_app() as running:
        yield running


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": USD}


def move(house: Any, order: str, **command: Any) -> dict[str, Any]:
    asked = {"order": order, "customer": "ann", "currency": USD, "command": {"at": NOW, **command}}
    outcome: dict[str, Any] = house.host.result(house.host.start("move_money", asked))
    return outcome


def ledger(house: Any, order: str, subject: str = "ann", role: str = "customer") -> Any:
    with house.as_(role, subject) as client:
        return client.get(f"/api/v1/orders/{order}/ledger")


def fill(house: Any, order: str) -> None:
    """Two legs held, one released in shares, the other refunded in part."""
    move(house, order, kind="hold", id="h1", leg="flowers", amount=usd(5000))
    move(house, order, kind="hold", id="h2", leg="cake", amount=usd(3000))
    shares = [{"account": "vendor:rosie", "amount": usd(4400)}, {"account": "platform:fees", "amount": usd(600)}]
    move(house, order, kind="release", id="r1", leg="flowers", shares=shares)
    move(house, order, kind="refund", id="f1", leg="cake", amount=usd(1000))


def test_held_partly_released_partly_refunded(house: Any) -> None:
    fill(house, "o1")
    view = ledger(house, "o1").json()["data"]
    assert view["verified"] is True
    assert view["broken"] is None
    balances = {account: moneys[0]["minor"] for account, moneys in view["balances"].items()}
    assert sum(balances.values()) == 0
    assert balances["escrow:o1:cake"] == 2000
    assert balances["vendor:rosie"] == 4400
    assert balances["platform:fees"] == 600
    assert balances.get("escrow:o1:flowers", 0) == 0


def test_a_command_sent_again_moves_nothing(house: Any) -> None:
    fill(house, "o1")
    before = ledger(house, "o1").json()["data"]
    again = move(house, "o1", kind="refund", id="f1", leg="cake", amount=usd(1000))
    assert again["refusal"] is None
    assert ledger(house, "o1").json()["data"] == before


def test_an_expected_no_is_a_value_and_moves_nothing(house: Any) -> None:
    fill(house, "o1")
    before = ledger(house, "o1").json()["data"]
    outcome = move(house, "o1", kind="refund", id="f2", leg="flowers")
    assert outcome["refusal"]["reason"]
    assert outcome["entries"] == []
    assert ledger(house, "o1").json()["data"] == before


def test_who_sees_the_ledger(house: Any, caplog: pytest.LogCaptureFixture) -> None:
    fill(house, "o1")
    with caplog.at_level("INFO", logger="audit"):
        assert ledger(house, "o1", "bob").status_code == 404
    assert '"subject": "bob", "reason": "order o1 belongs to others"' in caplog.text
    assert ledger(house, "nothing").status_code == 404
    assert ledger(house, "o1", "staff", "ops").status_code == 200
    assert ledger(house, "o1", "rosie", "partner").status_code == 403


def test_a_changed_entry_is_named(house: Any) -> None:
    import asyncio

    from shared.money.book import LEDGER
    from shared.records import Query, Write
    from shared.wiring import deps

    fill(house, "o1")

    async def tamper() -> str:
        page = await deps().store.query(LEDGER, Query({}, partition="o1", order="seq"))
        record = page.items[1].value
        content = record.entry.content | {"memo": "nothing to see"}
        changed = record.model_copy(update={"entry": record.entry.model_copy(update={"content": content})})
        await deps().store.apply(LEDGER, "o1", [Write("put", changed)])
        return record.id

    tampered = asyncio.run(tamper())
    view = ledger(house, "o1").json()["data"]
    assert view["verified"] is False
    assert tampered in view["broken"]
