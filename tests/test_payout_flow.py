"""Payouts through the whole app: released, sent to the payee's account, booked; seen by whose money it is."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.money.payouts import PAYOUTS
from shared.records import Query
from tests.buying import Shop, data, statement, told

ROSIE, NIB = "rosie-and-thorn", "nib-and-nectar"


@pytest.fixture(scope="module")
def ann(town: Any) -> Shop:
    return Shop(town, "ann")


@pytest.fixture(scope="module")
def rosie(town: Any) -> Any:
    return town.as_("partner", ROSIE)


@pytest.fixture(scope="module")
def nib(town: Any) -> Any:
    return town.as_("partner", NIB)


@pytest.fixture(scope="module")
def two(ann: Shop) -> tuple[str, str]:
    return ann.product("red roses", ROSIE), ann.product("truffles", NIB)


def summary(client: Any, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(client.get("/api/v1/finance/summary", params=query))
    return found


def minor(moneys: list[dict[str, Any]]) -> int:
    return sum(one["minor"] for one in moneys)


def net(order: dict[str, Any], partner: str, ann: Shop) -> int:
    """What the partner gets of the order, by the ledger."""
    return ann.moved(order["id"], f"escrow:{order['id']}", f"vendor:{partner}")


def test_a_card_pays_for_everybody_and_the_fees_stay(ann: Shop, two: tuple[str, str]) -> None:
    order = ann.place("all", *two)
    total = order["total"]["minor"]
    held = ann.balances(order["id"])
    assert held.pop("provider:clearing") == -total
    assert sum(held.values()) == total
    assert all(name.startswith(f"escrow:{order['id']}") for name in held)
    ann.confirm(order["id"])
    assert ann.order(order["id"])["status"] == "completed"
    left = ann.balances(order["id"])
    assert left.keys() == {"provider:clearing", "platform:fees"}
    kept = statement(order["id"])
    assert kept.payments[0].transferred.minor == total - left["platform:fees"]
    assert {one.to for one in kept.transfers} >= {f"acct-vendor-{ROSIE}", f"acct-vendor-{NIB}"}
    assert sum(one.amount.minor for one in kept.transfers) == total - left["platform:fees"]
    amount = next(one.amount for one in kept.transfers if one.to.endswith(ROSIE))
    assert any(f"{amount} are on the way to your account." == text for text in of_rosie())


def of_rosie() -> list[str]:
    from shared.discovery.partners import PARTNERS

    contact = asyncio.run(wiring.deps().store.get(PARTNERS, ROSIE, ROSIE)).value.contact
    to = ROSIE if contact.channel in {"api", "web"} else contact.address
    return told(contact.channel, to)


def test_released_twice_is_paid_once(ann: Shop, town: Any, two: tuple[str, str]) -> None:
    order = ann.place("twice", *two)
    first = town.host.start("release", order["id"], instance_id=f"{order['id']}:release")
    again = {"order": order["id"], "legs": ["leg-1", "leg-2", "leg-3"]}
    second = town.host.start("release", again, instance_id=f"{order['id']}:release:again")
    town.host.result(first)
    town.host.result(second)
    third = town.host.result(town.host.start("release", order["id"]))
    assert third == {"released": []}
    kept = statement(order["id"])
    assert len(kept.transfers) == len(order["legs"])
    assert ann.balances(order["id"]).keys() == {"provider:clearing", "platform:fees"}


def test_only_the_legs_that_are_asked_for_are_released(ann: Shop, town: Any, two: tuple[str, str]) -> None:
    order = ann.place("some", *two)
    asked = {"order": order["id"], "legs": ["leg-2"]}
    assert town.host.result(town.host.start("release", asked)) == {"released": ["leg-2"]}
    seen = ann.order(order["id"])
    assert [leg["escrow_status"] for leg in seen["legs"]] == ["held", "released", "held"]
    assert seen["status"] != "completed"
    assert f"escrow:{order['id']}:leg-1" in ann.balances(order["id"])
    ann.confirm(order["id"])
    assert ann.order(order["id"])["status"] == "completed"


def test_a_leg_in_dispute_is_not_released_and_can_be_afterwards(ann: Shop, town: Any, two: tuple[str, str]) -> None:
    order = ann.place("frozen", *two)
    ann.move(order["id"], kind="dispute", id="d", leg="leg-1")
    released = town.host.result(town.host.start("release", order["id"]))
    assert released == {"released": ["leg-2", "leg-3"]}
    ann.move(order["id"], kind="resume", id="r", leg="leg-1")
    assert town.host.result(town.host.start("release", order["id"])) == {"released": ["leg-1"]}


def test_a_partner_sees_what_is_held_released_and_paid(ann: Shop, rosie: Any, two: tuple[str, str]) -> None:
    before = summary(rosie)
    order = ann.place("figures", *two)
    held = summary(rosie)
    share = minor(held["pending"]) - minor(before["pending"])
    assert 0 < share < order["legs"][0]["price"]["minor"]
    assert minor(held["released"]) == minor(before["released"])
    ann.confirm(order["id"])
    assert share == net(order, ROSIE, ann)
    paid = summary(rosie)
    assert minor(paid["pending"]) == minor(before["pending"])
    assert minor(paid["released"]) == minor(before["released"]) + share
    assert minor(paid["paid_out"]) == minor(before["paid_out"]) + share
    assert minor(paid["balance"]) == 0
    assert (paid["waiting"], paid["next_payout"]["at"]) == ([], None)


def test_every_movement_is_listed_once_and_exported(ann: Shop, town: Any, rosie: Any, two: tuple[str, str]) -> None:
    order = ann.place("listed", *two)
    ann.confirm(order["id"])
    lines = data(rosie.get("/api/v1/finance/transactions", params={"order": order["id"]}))["items"]
    assert {(one["kind"], one["leg"]) for one in lines} == {("earned", "leg-1"), ("paid_out", None)}
    assert sum(one["amount"]["minor"] for one in lines) == 0
    earned = data(rosie.get("/api/v1/finance/transactions", params={"kind": "earned", "limit": 2}))
    assert len(earned["items"]) == 2
    assert earned["next"]
    more = data(rosie.get("/api/v1/finance/transactions", params={"kind": "earned", "after": earned["next"]}))
    assert not {one["id"] for one in more["items"]} & {one["id"] for one in earned["items"]}
    late = {"since": (town.host.now + timedelta(days=1)).isoformat()}
    assert data(rosie.get("/api/v1/finance/transactions", params=late))["items"] == []
    file = rosie.get("/api/v1/finance/transactions.csv", params={"order": order["id"]})
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["cache-control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert sorted(int(row["amount_minor"]) for row in rows) == sorted(one["amount"]["minor"] for one in lines)


def test_a_file_holds_no_formulas(ann: Shop, rosie: Any, two: tuple[str, str]) -> None:
    order = ann.place("formula", *two)
    ann.confirm(order["id"])
    share = {"account": f"vendor:{ROSIE}", "amount": {"minor": 100, "currency": "USD"}}
    ann.move(order["id"], kind="taken_back", id="tb", of=share["account"], amount=share["amount"], memo="@SUM(A1)")
    ann.move(order["id"], kind="reclaim", id="rc", leg="leg-1", shares=[share], memo="=HYPERLINK(1)")
    rows = list(
        csv.DictReader(
            io.StringIO(rosie.get("/api/v1/finance/transactions.csv", params={"order": order["id"]}).text)
        )
    )
    memos = {row["memo"] for row in rows}
    assert {"'=HYPERLINK(1)", "'@SUM(A1)"} <= memos
    returned = summary(rosie)
    assert minor(returned["returned"]) >= 100
    assert minor(returned["taken_back"]) >= 100


def test_nobody_sees_or_sets_the_money_of_others(town: Any, ann: Shop, rosie: Any, nib: Any) -> None:
    account = f"vendor:{ROSIE}"
    for path in ("summary", "transactions", "transactions.csv", "schedule", "payout-account"):
        assert nib.get(f"/api/v1/finance/{path}", params={"account": account}).status_code == 404
        assert ann.http.get(f"/api/v1/finance/{path}").status_code == 403
    assert nib.get(f"/api/v1/partners/{ROSIE}/payout-account").status_code == 404
    assert nib.put(f"/api/v1/partners/{ROSIE}/payout-account", json={"destination": "mine"}).status_code == 404
    # The same id in another role is somebody else.
    hub = town.as_("hub", ROSIE)
    assert summary(hub)["account"] == f"hub:{ROSIE}"
    assert hub.get("/api/v1/finance/summary", params={"account": account}).status_code == 404
    staff = town.as_("ops", "olga")
    assert summary(staff, account=account)["account"] == account
    assert staff.get("/api/v1/finance/summary").status_code == 422
    assert staff.get("/api/v1/finance/summary", params={"account": "platform:fees"}).status_code == 404
    assert staff.put(f"/api/v1/partners/{ROSIE}/payout-account", json={"destination": "x"}).status_code == 403
    assert town.as_("super", "sue").put(
        "/api/v1/finance/payout-account", params={"account": account}, json={"destination": "x"}
    ).status_code == 403  # fmt: skip
    narrow = town.as_("partner", ROSIE, scopes=["catalog:write"])
    assert narrow.put(f"/api/v1/partners/{ROSIE}/payout-account", json={"destination": "x"}).status_code == 403


def test_without_stripe_nobody_listens_to_it(town: Any) -> None:
    answer = town.http.post("/webhooks/stripe", content=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status_code == 404


def test_where_one_is_paid(town: Any, ann: Shop, nib: Any, two: tuple[str, str]) -> None:
    path = f"/api/v1/partners/{NIB}/payout-account"
    assert data(nib.get(path))["destination"] == f"acct-vendor-{NIB}"
    assert nib.put(path, json={"destination": "no good id"}).status_code == 422
    assert data(nib.put(path, json={"destination": "bank-7"}))["is_named"] is True
    order = ann.place("named", *two)
    ann.confirm(order["id"])
    assert "bank-7" in {one.to for one in statement(order["id"]).transfers}
    worker = town.as_("worker", "max")
    assert data(worker.put("/api/v1/finance/payout-account", json={"destination": "w-1"}))["account"] == "worker:max"


def test_weekly_payouts_leave_on_monday_morning(ann: Shop, town: Any, nib: Any, two: tuple[str, str]) -> None:
    chosen = data(nib.put("/api/v1/finance/schedule", json={"schedule": "weekly"}))
    assert chosen["next_at"] == "2026-11-30T12:00:00Z", "Monday at six in Austin"
    order = ann.place("weekly", *two)
    ann.confirm(order["id"])
    amount = net(order, NIB, ann)
    waits = summary(nib)
    assert (minor(waits["balance"]), minor(waits["next_payout"]["amounts"])) == (amount, amount)
    assert waits["next_payout"]["at"] == "2026-11-30T12:00:00Z"
    assert waits["waiting"][0]["status"] == "waiting"
    assert not [one for one in statement(order["id"]).transfers if one.to == "bank-7"]
    nib = later(town, ann, timedelta(days=7))
    assert summary(nib)["waiting"] == []
    assert [one.amount.minor for one in statement(order["id"]).transfers if one.to == "bank-7"] == [amount]
    assert "provider:clearing" in ann.balances(order["id"])
    assert ann.balances(order["id"]).get(f"vendor:{NIB}", 0) == 0


def later(town: Any, ann: Shop, span: timedelta) -> Any:
    """Time goes by; the partner as they sign in then."""
    town.host.advance(span)
    town.host.settle()
    ann.sign_in()
    return town.as_("partner", NIB)


def test_manual_payouts_leave_when_asked(ann: Shop, town: Any, two: tuple[str, str]) -> None:
    nib = town.as_("partner", NIB)
    data(nib.put("/api/v1/finance/schedule", json={"schedule": "manual"}))
    more = {"deliver_by": (town.host.now + timedelta(days=5)).isoformat()}
    order = ann.place("manual", *two, **more)
    ann.confirm(order["id"])
    nib = later(town, ann, timedelta(days=8))
    assert len(summary(nib)["waiting"]) == 1
    assert summary(nib)["next_payout"]["at"] is None
    for _ in range(2):
        data(nib.post("/api/v1/finance/payouts", headers={"Idempotency-Key": "now"}))
        town.host.settle()
    assert summary(nib)["waiting"] == []
    assert len([one for one in statement(order["id"]).transfers if one.to == "bank-7"]) == 1
    data(nib.put("/api/v1/finance/schedule", json={"schedule": "at_once"}))


def test_choosing_at_once_sends_what_waits(ann: Shop, town: Any, two: tuple[str, str]) -> None:
    nib = town.as_("partner", NIB)
    data(nib.put("/api/v1/finance/schedule", json={"schedule": "daily"}))
    more = {"deliver_by": (town.host.now + timedelta(days=5)).isoformat()}
    order = ann.place("impatient", *two, **more)
    ann.confirm(order["id"])
    assert len(summary(nib)["waiting"]) == 1
    data(nib.put("/api/v1/finance/schedule", json={"schedule": "at_once"}))
    town.host.settle()
    assert summary(nib)["waiting"] == []


def test_what_every_purse_says_agrees_with_the_ledger(town: Any) -> None:
    """Over all that this file has done: what was earned less what went out is what is left."""
    for partner in (ROSIE, NIB):
        client = town.as_("partner", partner)
        figures = summary(client)
        out = minor(figures["returned"]) + minor(figures["paid_out"]) - minor(figures["taken_back"])
        assert minor(figures["balance"]) == minor(figures["released"]) - out
        lines = rows_of(client)
        assert sum(lines) == minor(figures["balance"])

        async def paid(whose: str = f"vendor:{partner}") -> list[Any]:
            found = await wiring.deps().store.query(PAYOUTS, Query({}, whose, limit=200))
            return [stored.value for stored in found.items]

        payouts = asyncio.run(paid())
        assert {one.status for one in payouts} == {"paid"}
        assert sum(one.amount.minor for one in payouts) == minor(figures["released"])


def rows_of(client: Any) -> list[int]:
    file = client.get("/api/v1/finance/transactions.csv")
    return [int(row["amount_minor"]) for row in csv.DictReader(io.StringIO(file.text))]
