"""What must hold of an order whenever nothing runs, and of all that its partners have to give.

    check_order(house, order_id)   one order: its status, money, places and stock, messages and flows
    check_shelves(house)           everything that was reserved or sold is some order's
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from orchestrators.reserving import reservation_of
from shared import wiring
from shared.dialogue.delivery import OUTGOING, Outgoing
from shared.logistics.capacity import Capacity, Reservation, Status
from shared.money.accounts import CLEARING, account
from shared.money.payments import Payment, State
from shared.money.purses import PURSES, is_payee
from shared.orders.order import ORDERS, Order, OrderLeg
from shared.records import PAGE_MAX, Container, Query, Record
from tests.conftest import House

T = TypeVar("T")
R = TypeVar("R", bound=Record)

IN_BETWEEN = frozenset({"placing", "awaiting_approval"})
HELD = frozenset({"placed", "in_progress", "delivered", "completed"})
"""While an order is so, it has what it reserved, and its customer has paid."""
LIVES_WITH_ITS_ORDER = frozenset({"time_chain"})
"""Flows that go on until their order is over; every other has an end of its own."""
KEPT = frozenset({Status.RESERVED, Status.CONFIRMED})
MANAGEMENT = "/runtime/webhooks/durabletask"


def check_order(house: House, order_id: str) -> Order:
    """AssertionError unless the order has come out whole, or not at all; the order.

    It has to be settled: neither being placed nor waiting for a word.
    """
    order = _order(order_id)
    assert order.status not in IN_BETWEEN, f"the order is in between: {order.status}"
    check_money(house, order)
    for leg in order.legs:
        check_reservations(house, order, leg)
        check_purses(order, leg)
    check_messages(order)
    check_flows(house, order)
    return order


def check_money(house: House, order: Order) -> None:
    """Ledger and provider agree; the customer has paid the whole amount once, or nothing."""
    balances = _balances(house, order)
    payments = _payments(order.id)
    paid = sum(one.captured.minor - one.refunded.minor for one in payments)
    there = paid - sum(one.transferred.minor for one in payments)
    assert sum(balances.values()) == 0, f"the balances come to {sum(balances.values())}: {balances}"
    assert balances.get(CLEARING, 0) == -there, f"{there} lie at the provider, by the ledger {balances}"
    assert balances.get(account("customer", order.customer), 0) == 0, f"neither held nor given back: {balances}"
    is_whole = all(leg.escrow in {"held", "released"} for leg in order.legs)
    if order.status in HELD and is_whole:
        assert paid == order.total.minor, f"{paid} was charged for an order of {order.total}"
    if order.status not in HELD:
        assert paid == 0, f"{paid} was charged for an order that is {order.status}"
    for leg in order.legs:
        left = balances.get(account("escrow", order.id, leg.id), 0)
        most = leg.price.minor if leg.escrow in {"held", "disputed"} else 0
        assert 0 <= left <= most, f"{left} in escrow for {leg.id}, which is {leg.escrow}"


def check_reservations(house: House, order: Order, leg: OrderLeg) -> None:
    """The leg of an order that holds has sold what it asked for, any other has nothing."""
    keeps = order.status in HELD and leg.status not in {"rejected", "cancelled"}
    for hold in leg.holds:
        found = _reservations(house, hold.key).get(reservation_of(order.id, leg))
        kept = found.units if found is not None and found.status in KEPT else 0
        assert kept == (hold.units if keeps else 0), f"{kept} of {hold.key} kept for {leg.id} of a {order.status} order"
        if keeps:
            assert found is not None
            assert found.status is Status.CONFIRMED, f"{hold.key} is only {found.status} for {leg.id}"


def check_purses(order: Order, leg: OrderLeg) -> None:
    """Whoever is to be paid from a leg sees just that."""
    for share in leg.shares if leg.escrow == "held" else ():
        if is_payee(share.account):
            due = _run(wiring.deps().store.get(PURSES, share.account, f"due:{order.id}:{leg.id}"))
            assert due is not None, f"{share.account} does not know of {leg.id}"
            assert due.value.amount == share.amount


def check_messages(order: Order) -> None:
    """Nobody was told the same twice, and nothing that was to be said is still unsaid."""
    sent = messages_of(order.id)
    twice = [one for one, count in Counter((one.box, one.message.text) for one in sent).items() if count > 1]
    assert not twice, f"said twice: {twice}"
    unsaid = [one for one in sent if one.provider_id is None and one.refused is None]
    assert not unsaid, f"noted, but never sent: {unsaid}"


def check_flows(house: House, order: Order) -> None:
    """No flow has failed, and none goes on that should have ended."""
    flows = house.http.get(f"{MANAGEMENT}/instances", params={"instanceIdPrefix": order.id}).json()
    for flow in flows:
        told = f"{flow['name']} {flow['instanceId']} is {flow['runtimeStatus']}: {flow['output']}"
        may_run = order.status in HELD - {"completed"} and flow["name"] in LIVES_WITH_ITS_ORDER
        assert flow["runtimeStatus"] == "Completed" or (may_run and flow["runtimeStatus"] == "Running"), told


def check_shelves(house: House) -> None:
    """What is reserved or sold of anything is what orders hold, and no more than there was of it."""
    wanted: Counter[tuple[str, str]] = Counter()
    limits: dict[str, int] = {}
    for order in _all(ORDERS, {}):
        for leg in order.legs:
            for hold in leg.holds:
                limits.setdefault(hold.key, hold.limit)
                if order.status in HELD and leg.status not in {"rejected", "cancelled"}:
                    wanted[hold.key, reservation_of(order.id, leg)] += hold.units
    kept: Counter[tuple[str, str]] = Counter()
    for key in limits:
        state = _capacity(house, key)
        units = {name: one.units for name, one in state.reservations.items() if one.status in KEPT}
        kept.update({(key, name): count for name, count in units.items()})
        there = limits[key] - sum(units.values()) if state.day is None else limits[key]
        assert state.limit in {None, there}, f"{key}: {state.limit} left of {limits[key]}, with {units}"
        assert sum(units.values()) <= limits[key], f"{key} is oversold"
    assert kept == wanted


def messages_of(order_id: str) -> list[Outgoing]:
    """All that was said in an order's thread, to whomever."""
    return _all(OUTGOING, {"thread": f"order:{order_id}"}, "at")


def _order(order_id: str) -> Order:
    stored = _run(wiring.deps().store.get(ORDERS, order_id, order_id))
    assert stored is not None, f"there is no order {order_id}"
    return stored.value


def _balances(house: House, order: Order) -> dict[str, int]:
    """Account → minor units, by a ledger that verifies; nothing where none has moved."""
    who = {"Authorization": f"Bearer {house.token('customer', order.customer)}"}
    answer = house.http.get(f"/api/v1/orders/{order.id}/ledger", headers=who)
    if answer.status_code == 404:
        return {}
    ledger = answer.json()["data"]
    assert ledger["verified"], ledger["broken"]
    return {name: moneys[0]["minor"] if moneys else 0 for name, moneys in ledger["balances"].items()}


def _payments(order_id: str) -> tuple[Payment, ...]:
    """As the provider knows them; AssertionError where one is held that nobody will take."""
    payments = _run(wiring.deps().payments.statement(order_id)).payments
    open_holds = [one.id for one in payments if one.state is State.AUTHORISED]
    assert not open_holds, f"held on the card, neither taken nor let go: {open_holds}"
    return payments


def _reservations(house: House, key: str) -> Mapping[str, Reservation]:
    return _capacity(house, key).reservations


def _capacity(house: House, key: str) -> Capacity:
    answer = house.http.get(f"{MANAGEMENT}/entities/capacity/{quote(key, safe='')}")
    return Capacity(day=None) if answer.status_code == 404 else Capacity.model_validate(answer.json())


def _all(container: Container[R], where: Mapping[str, Any], order: str | None = None) -> list[R]:
    found: list[R] = []
    after = None
    while True:
        query = Query(where, order=order, limit=PAGE_MAX, after=after)
        page = _run(wiring.deps().store.query(container, query))
        found += [stored.value for stored in page.items]
        after = page.next
        if after is None:
            return found


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
