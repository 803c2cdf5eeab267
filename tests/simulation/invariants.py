"""What must hold when a bad day is over, order by order and of the whole; on top of tests/order_checks.py."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from orchestrators.reserving import reservation_of
from shared import wiring
from shared.adapters.payments_sandbox import ENTRIES, Chargeback
from shared.dialogue.delivery import Outgoing
from shared.dialogue.inbound import INBOUND
from shared.discovery.products import PRODUCTS
from shared.inbox import INBOX
from shared.logistics.capacity import product_of
from shared.money.accounts import CLEARING
from shared.money.payments import State
from shared.orders.disputes import DISPUTES
from shared.orders.order import ORDERS, Order
from shared.orders.recoveries import RECOVERIES
from shared.people.approvals import APPROVALS
from tests import order_checks
from tests.order_checks import MANAGEMENT, messages_of
from tests.simulation import records, waiters
from tests.simulation.mortal import Mortal
from tests.simulation.world import World

OVER = frozenset({"completed", "failed", "cancelled"})
HEARS_WITHIN = timedelta(hours=2)
"""So late a customer may hear of something, hosts dying and answers being lost on the way."""
IN_ONE = timedelta(minutes=10)
"""What comes to pass so soon after one another may be told in one message."""
TOLD = (
    "The order is placed.",
    "The order was taken back",
    "The customer has cancelled",
    "Everything has been delivered.",
    "Delivered and paid.",
    "Everything was refunded.",
)
"""How what comes to pass with an order as a whole stands in its timeline; each has a message of its own."""
PAGE = 100
ROUNDS_MAX = 500
"""So often a flow may begin anew within weeks: once for whatever happens, not without end."""
_GENERATION = re.compile(r'"generation": (\d+)')


class Broken(NamedTuple):
    """What does not hold, and of which order."""

    order: str
    what: str

    def __str__(self) -> str:
        return f"{self.order}: {self.what}"


def stocks() -> dict[str, int]:
    """Product → how many there are, by the catalog."""
    return {one.id: one.stock for one in records.every(PRODUCTS) if one.stock is not None}


def broken(mortal: Mortal, world: World, stocked: Mapping[str, int]) -> list[Broken]:
    """Everything that does not hold, empty is good; stocked: what there was in the beginning."""
    found = [Broken("-", fault) for fault in mortal.faults]
    for order in records.every(ORDERS):
        found += [Broken(order.id, what) for what in _of_order(mortal, order)]
    found += [Broken("-", what) for what in _of_all(mortal, world)]
    found += [Broken("-", what) for what in waiters.broken(world)]
    found += [Broken("-", what) for what in _shelves(mortal, stocked)]
    return found


def _of_order(mortal: Mortal, order: Order) -> Iterator[str]:
    if order.status not in OVER:
        yield f"it is {order.status} after weeks"
        return
    yield from _money(mortal, order)
    for leg in order.legs:
        yield from _complaints(order_checks.check_purses, order, leg)
    yield from _complaints(order_checks.check_flows, mortal.house, order)
    yield from _said(order)
    yield from _untold(order)


def _of_all(mortal: Mortal, world: World) -> Iterator[str]:
    known = {order.id for order in records.every(ORDERS)}
    for entry in records.every(ENTRIES):
        if entry.order not in known:
            yield f"{entry.order} was charged and is not there"
    for customer in world.customers.values():
        if customer.order is not None and customer.order not in known:
            yield f"{customer.name} was promised {customer.order}, which is not there"
    for approval in records.every(APPROVALS):
        if approval.status == "pending":
            yield f"{approval.customer} is still asked: {approval.title}"
    for flow in _flows(mortal):
        if flow["runtimeStatus"] not in {"Completed"}:
            yield f"flow {flow['name']} {flow['instanceId']} is {flow['runtimeStatus']}: {str(flow['output'])[:400]}"
        begun = _GENERATION.search(str(flow["input"]))
        if begun and int(begun[1]) > ROUNDS_MAX:
            yield f"flow {flow['name']} {flow['instanceId']} has begun anew {begun[1]} times"
    for event in records.every(INBOX):
        if event.status not in {"consumed", "dead"}:
            yield f"event {event.name} of {event.instance} is only {event.status}"


def _shelves(mortal: Mortal, stocked: Mapping[str, int]) -> Iterator[str]:
    """What is sold of a stock is what orders hold of it; of a day that is over, nobody holds what is not theirs.

    Places of days that are over are forgotten sooner or later.
    """
    held: dict[str, dict[str, int]] = defaultdict(dict)
    keys = {hold.key for order in records.every(ORDERS) for leg in order.legs for hold in leg.holds}
    for order in records.every(ORDERS):
        for leg in order.legs:
            if order.status == "completed" and leg.status not in {"rejected", "cancelled"}:
                for hold in leg.holds:
                    held[hold.key][reservation_of(order.id, leg)] = hold.units
    shown = stocks()
    for key in sorted(keys):
        state = order_checks._capacity(mortal.house, key)
        kept = {name: one.units for name, one in state.reservations.items() if one.status in order_checks.KEPT}
        if product_of(key) == key:  # places of a day
            strange = kept.keys() - held[key].keys()
            if strange:
                yield f"{key} is kept for {sorted(strange)}, who have nothing to do there"
            continue
        product = product_of(key)
        left = stocked[product] - sum(held[key].values())
        if kept != held[key] or state.limit != left or shown[product] != left or left < 0:
            words = f"{left} should be left, {state.limit} are, the shelf shows {shown[product]}"
            yield f"{key}: {words}; kept {kept}, held {held[key]}"


def _said(order: Order) -> Iterator[str]:
    """Nobody was told the same twice; who has several legs may hear the same of each, and of each word of another."""
    sent = messages_of(order.id)
    legs = max(Counter(leg.partner for leg in order.legs).values())
    written = Counter(one.message.text for one in records.every(INBOUND))
    for (box, text), count in Counter((one.box, one.message.text) for one in sent).items():
        passed_on = sum(times for words, times in written.items() if words and text.endswith(words))
        if count > max(1 if box.startswith("web:") else legs, passed_on):
            yield f"said {count} times to {box}: {text}"
    unsaid = [one.id for one in sent if one.provider_id is None and one.refused is None]
    if unsaid:
        yield f"noted, but never sent: {unsaid}"


def _money(mortal: Mortal, order: Order) -> Iterator[str]:
    """Ledger and provider agree, and every cent that is still in the books is a payee's or the platform's."""
    balances = order_checks._balances(mortal.house, order)
    payments = records.run(wiring.deps().payments.statement(order.id)).payments
    bodies = [one.body for one in records.every(ENTRIES, {"order": order.id})]
    lost = sum(one.amount.minor for one in bodies if isinstance(one, Chargeback) and one.status == "lost")
    paid = sum(one.captured.minor - one.refunded.minor for one in payments) - lost
    there = paid - sum(one.transferred.minor for one in payments)
    if any(one.state in {State.AUTHORISED, State.NEEDS_ACTION} for one in payments):
        yield f"held on the card for ever: {payments}"
    if sum(balances.values()):
        yield f"the balances come to {sum(balances.values())}: {balances}"
    if balances.get(CLEARING, 0) != -there:
        yield f"{there} lie at the provider, by the ledger {balances}"
    if order.status in {"failed", "cancelled"} and paid > 0:
        yield f"{paid} was charged for an order that is {order.status}"
    if order.status == "completed" and not payments:
        yield "it was never paid"
    for name, minor in balances.items():
        kind = name.partition(":")[0]
        if minor and kind in {"escrow", "customer"}:
            yield f"{minor} lie at {name} of a {order.status} order"
        if minor < 0 and kind not in {"provider", "platform"}:
            yield f"{name} owes {-minor}"


def _untold(order: Order) -> Iterator[str]:
    """Whatever concerns its customer has a message of its own, soon after it came to pass."""
    box = f"web:customer:{order.customer}"
    said = [one for one in messages_of(order.id) if one.box == box]
    told_until = order.created_at
    for moment, what in sorted(_happenings(order)):
        if moment <= told_until:
            continue
        heard = next((one for one in said if moment <= one.at <= moment + HEARS_WITHIN), None)
        if heard is None:
            yield f"nobody told the customer: {what} at {moment:%a %H:%M:%S}; said {_texts(said)}"
        else:
            said.remove(heard)
            told_until = max(heard.at, moment + IN_ONE)


def _happenings(order: Order) -> Iterator[tuple[datetime, str]]:
    for one in order.timeline:
        if one.what.startswith(TOLD):
            yield one.at, one.what
    for recovery in records.every(RECOVERIES, partition=order.id):
        for step in recovery.steps:
            if step.what.startswith("Replaced by") or step.what.endswith("were given back."):
                yield step.at - IN_ONE, f"recovery: {step.what}"  # it is written down behind the message
    for dispute in records.every(DISPUTES, {"order": order.id}):
        if dispute.decision is not None:
            yield dispute.decision.at, f"dispute: {dispute.decision.verdict}"


def _flows(mortal: Mortal) -> Iterator[dict[str, Any]]:
    token = ""
    while True:
        headers = {"x-ms-continuation-token": token} if token else {}
        answer = mortal.house.http.get(f"{MANAGEMENT}/instances", params={"top": PAGE}, headers=headers)
        yield from answer.json()
        token = answer.headers.get("x-ms-continuation-token", "")
        if not token:
            return


def _texts(said: list[Outgoing]) -> list[str]:
    return [f"{one.at:%a %H:%M:%S} {one.message.text[:60]}" for one in said]


def _complaints(check: Any, *given: Any) -> Iterator[str]:
    """What a check has to say against it."""
    try:
        check(*given)
    except AssertionError as no:
        yield str(no).splitlines()[0]
