"""One order over four vendors with a monogram and a hub, in the demo city: to the minute, and to the cent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared import wiring
from shared.discovery.partners import PARTNERS
from shared.discovery.products import PRODUCTS
from shared.logistics.geo import Point
from shared.logistics.hubs import HUBS
from shared.logistics.travel import travel_minutes
from shared.orders.order import ORDERS, Order, OrderLeg
from shared.people.workers import WORKERS
from tests.orders.made_up import shortest

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
AUSTIN = ZoneInfo("America/Chicago")
BLANKET = {
    "product_id": "premium-registry.POSH-BLK",
    "customization": {"kind": "monogramming", "text": "ELM", "position": "Corner", "colours": ["pink"]},
}
ROSES = {"product_id": "rosie-and-thorn.ROSE-12", "quantity": 2}
HAND_OVER = timedelta(minutes=10)
FAIR, GOOD = 25, 10


@pytest.fixture(scope="module")
def ann(town: Any) -> Any:
    return town.as_("customer", "ann")


def place(town: Any, ann: Any, key: str, *lines: dict[str, Any], by: str, **more: Any) -> Order:
    """The order as it is kept once it is placed."""
    body = {"lines": list(lines), "deliver_to": HOME, "deliver_by": by, "payment": {"method": "card_ok"}, **more}
    answer = ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 202, answer.text
    name = answer.json()["data"]["id"]
    assert town.host.result(name)["status"] == "placed"
    return kept(ORDERS, name, name)


def kept(container: Any, partition: str, name: str) -> Any:
    stored = asyncio.run(wiring.deps().store.get(container, partition, name))
    assert stored is not None
    return stored.value


@pytest.fixture(scope="module")
def order(town: Any, ann: Any) -> Order:
    return place(town, ann, "four vendors", BLANKET, ROSES, by="2026-11-25T02:00:00Z")


def test_its_legs_are_those_of_four_vendors_a_hub_and_two_rounds(order: Order) -> None:
    roles = [(leg.role, leg.timing.kind, leg.after) for leg in order.legs]
    assert roles == [
        ("product", "processing", ()),
        ("customization", "customization", ("leg-1",)),
        ("product", "processing", ()),
        ("transport", "pickup", ("leg-2", "leg-3")),
        ("assembly", "assembly", ("leg-4",)),
        ("delivery", "delivery", ("leg-5",)),
    ]
    assert order.legs[1].partner not in {"premium-registry", "rosie-and-thorn"}
    assert order.legs[4].party == "hub"
    assert all(leg.title and leg.lines for leg in order.legs)
    assert order.legs[0].lines[0].options == {}, "who sells the blank is not asked for letters"
    assert order.legs[1].lines[0].options == {
        "customization": "monogramming", "text": "ELM", "position": "corner", "colours": "pink",
    }  # fmt: skip
    assert "jobs that day" in order.legs[4].why
    assert order.legs[4].why.count("km") >= 3, "the winner's figures and those of its rivals"


def test_its_times_are_right_to_the_minute(order: Order) -> None:
    blank, stitched, roses, fetched, together, brought = order.legs
    assert blank.starts == blank.ends == NOW + timedelta(minutes=30), "its lead, and no work"

    partner = kept(PARTNERS, stitched.partner, stitched.partner)
    lead = next(one for one in partner.capabilities if one.tag == "monogramming").lead_minutes
    there = blank.ends + way(blank, stitched, blank.ends) + HAND_OVER
    work = 20
    assert stitched.starts == opens(stitched, there + timedelta(minutes=lead - work), work)
    percent = 25 + reserve(partner.trust)
    assert stitched.ends == stitched.starts + timedelta(minutes=work + up(work * percent / 100))

    dozen = kept(PRODUCTS, "rosie-and-thorn", "rosie-and-thorn.ROSE-12")
    assert roses.ends - roses.starts == timedelta(minutes=dozen.work_minutes + up(dozen.work_minutes * GOOD / 100))
    assert roses.ends <= fetched.starts == max(stitched.ends, roses.ends), "cut as late as delays nothing"
    assert brought.ends - roses.ends <= timedelta(hours=24)

    round_(fetched, [stitched.timing.point, roses.timing.point], kind=10)
    hub = kept(HUBS, together.partner, together.partner)
    assembly = next(one for one in hub.capabilities if one.tag == "assembly")
    minutes = hub.handling_minutes + assembly.lead_minutes
    assert together.starts == opens(together, fetched.ends, minutes)
    assert together.ends == together.starts + timedelta(minutes=minutes + up(minutes * (20 + reserve(hub.trust)) / 100))
    assert brought.starts == opens(brought, together.ends, brought.timing.minutes)
    round_(brought, [together.timing.point], kind=15)
    assert order.arrives == brought.ends <= order.deliver_by


def round_(leg: OrderLeg, doors: list[Point], kind: int) -> None:
    """A round by hand: the shorter of all orders, every way by its hour, ten minutes a door, and the reserve."""
    to = leg.timing.point
    tries = [doors, doors[::-1]]
    path = min(tries, key=lambda one: shortest_of([*one, to]))
    assert shortest_of([*path, to]) == shortest(doors, to)
    now = leg.starts
    for here, there in zip(path, [*path[1:], to], strict=True):
        minutes = travel_minutes(here, there, now, leg.timing.mode, AUSTIN)
        assert minutes is not None
        now += timedelta(minutes=minutes) + HAND_OVER
    ride = int((now - leg.starts).total_seconds()) // 60
    container = WORKERS if leg.party == "worker" else PARTNERS
    trust = kept(container, leg.partner, leg.partner).trust
    rush = 1.2 if leg.starts.astimezone(AUSTIN).hour in {7, 8, 9, 16, 17, 18} else 1
    assert leg.ends == now + timedelta(minutes=up(ride * (kind + reserve(trust)) * rush / 100))


def shortest_of(path: list[Point]) -> int:
    return shortest(path[:1], path[1]) + (shortest_of(path[1:]) if len(path) > 2 else 0)


def way(before: OrderLeg, leg: OrderLeg, at: datetime) -> timedelta:
    minutes = travel_minutes(before.timing.point, leg.timing.point, at, "car", AUSTIN)
    assert minutes is not None
    return timedelta(minutes=minutes)


def opens(leg: OrderLeg, at: datetime, minutes: int) -> datetime:
    """The first minute from which somebody is there for so long."""
    assert leg.timing.hours is not None
    for begin, end in leg.timing.hours.openings(at):
        start = max(begin, at)
        if start + timedelta(minutes=minutes) <= end:
            return start
    raise AssertionError("never open")


def reserve(trust: Any) -> int:
    return GOOD if trust.on_time >= 9_500 else FAIR if trust.on_time >= 8_800 else 50


def up(minutes: float) -> int:
    return -int(-round(minutes, 6) // 1)


def test_every_price_is_shared_out_whole_and_reserved_where_it_is_due(order: Order) -> None:
    assert order.total.minor == sum(leg.price.minor for leg in order.legs)
    for leg in order.legs:
        assert sum(share.amount.minor for share in leg.shares) == leg.price.minor
        assert len(leg.holds) == 1
    kinds = {"partner": "vendor", "hub": "hub", "worker": "worker"}
    assert all(f"{kinds[leg.party]}:{leg.partner}" in {one.account for one in leg.shares} for leg in order.legs)
    stitched, together = order.legs[1], order.legs[4]
    assert stitched.holds[0].key == f"{stitched.partner}|monogramming|{stitched.day}"
    assert together.holds[0].key == f"{together.partner}|assembly|{together.day}"
    assert (order.legs[0].holds[0].key, order.legs[0].holds[0].units) == ("stock|premium-registry.POSH-BLK", 1)


def test_its_places_are_taken_and_its_money_is_held(town: Any, ann: Any, order: Order) -> None:
    for leg in order.legs:
        (hold,) = leg.holds
        state = town.host.entity("capacity", hold.key)
        assert state["reservations"][f"{order.id}:{leg.id}"]["status"] == "confirmed"
    ledger = ann.get(f"/api/v1/orders/{order.id}/ledger").json()["data"]
    balances = {name: one[0]["minor"] for name, one in ledger["balances"].items() if one}
    assert sum(balances.values()) == 0
    assert sum(one for name, one in balances.items() if name.startswith("escrow:")) == order.total.minor


def test_cheaper_by_gig_workers_who_are_paid_all_of_it(town: Any, ann: Any) -> None:
    order = place(town, ann, "workers", BLANKET, ROSES, by="2026-11-29T00:00:00Z")
    workers = [leg for leg in order.legs if leg.party == "worker"]
    assert workers
    for leg in workers:
        worker = kept(WORKERS, leg.partner, leg.partner)
        kilometres, rest = divmod(leg.price.minor - worker.minor_per_job, worker.minor_per_km)
        assert (rest, kilometres > 0) == (0, True)
        assert [(one.account, one.amount) for one in leg.shares] == [(f"worker:{leg.partner}", leg.price)]
        assert leg.holds[0].key == f"{leg.partner}|jobs|{leg.day}"


@pytest.fixture
def full_hub(town: Any, ann: Any) -> Iterator[str]:
    """The hub that would win, on the day on which it would, with no job free."""
    order = place(town, ann, "who would win", BLANKET, ROSES, by="2026-11-29T00:00:00Z")
    hub = order.legs[4]
    at = town.host.now + timedelta(seconds=1)
    town.host.signal("capacity", hub.holds[0].key, "set_limit", {"limit": 0, "at": at.isoformat()})
    town.host.settle()
    yield hub.partner


def test_a_hub_with_no_job_left_that_day_is_not_taken(town: Any, ann: Any, full_hub: str) -> None:
    order = place(town, ann, "not there", BLANKET, ROSES, by="2026-11-29T00:00:00Z")
    assert order.legs[4].party == "hub"
    assert order.legs[4].partner != full_hub


def test_meeting_at_a_hub_is_a_matter_of_who_asks_and_how_many_they_are(town: Any, ann: Any) -> None:
    def roles(key: str, *lines: dict[str, Any], **more: Any) -> list[str]:
        return [leg.role for leg in place(town, ann, key, *lines, by="2026-11-29T00:00:00Z", **more).legs]

    candle = {"product_id": "juniper-and-wren.CANDLE-CEDAR"}
    assert "assembly" not in roles("two", ROSES, candle)
    assert "assembly" in roles("two at a hub", ROSES, candle, meet_at_hub=True)
    assert "assembly" not in roles("three apart", BLANKET, ROSES, meet_at_hub=False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "engraving"}, "body.lines[0].customization"),
        ({"text": "ELMXY"}, "body.lines[0].customization.text"),
        ({"position": "sleeve"}, "body.lines[0].customization.position"),
        ({"colours": ["a", "b", "c", "d"]}, "body.lines[0].customization.colours"),
        ({"by": "rosie-and-thorn"}, "body.lines[0].customization.by"),
        ({"by": "needle-and-oak", "text": "ELMX"}, "body.lines[0].customization.by"),
        ({"by": "NOT AN ID"}, "body.lines[0].customization.by"),
        ({"colours": ["<b>"]}, "body.lines[0].customization.colours[0]"),
    ],
)
def test_what_nobody_can_do_names_the_field(ann: Any, change: dict[str, Any], field: str) -> None:
    line = {**BLANKET, "customization": {**BLANKET["customization"], **change}}  # type: ignore[dict-item]
    body = {
        "lines": [line], "deliver_to": HOME, "deliver_by": "2026-11-29T00:00:00Z", "payment": {"method": "card_ok"},
    }  # fmt: skip
    answer = ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": f"cannot {change}"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_who_is_named_customizes(town: Any, ann: Any) -> None:
    line = {**BLANKET, "customization": {**BLANKET["customization"], "by": "monogram-room"}}  # type: ignore[dict-item]
    order = place(town, ann, "by name", line, by="2026-11-29T00:00:00Z")
    assert order.legs[1].partner == "monogram-room"
    assert "customizer" not in order.legs[1].lines[0].options
