"""What follows from the status of an order's legs alone; every pair of the table of moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.money.commands import Share
from shared.orders import legs as of
from shared.orders.changes import ImpossibleMove, all_delivered, given_up, happened, leg_moved
from shared.orders.order import LEG_MOVES, Destination, LegStatus, Line, Order, OrderLeg, Timing
from tests.orders.made_up import hours

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
PRICE = Money(minor=1_000, currency="USD")
STATUSES = get_args(LegStatus)


def leg(number: int, kind: str = "processing", after: tuple[str, ...] = (), **more: Any) -> OrderLeg:
    return OrderLeg.model_validate(
        {
            "id": f"leg-{number}", "partner": f"p{number}", "partner_name": f"P{number}", "title": f"Thing {number}",
            "role": "delivery" if kind == "delivery" else "product", "price": PRICE, "after": after,
            "lines": (Line(product=f"p{number}.x", title="Thing", quantity=1, unit_price=PRICE),),
            "shares": (Share(account=f"vendor:p{number}", amount=PRICE),),
            "timing": Timing.model_validate({"kind": kind, "minutes": 30, "point": Point(lat=30, lng=-97)}),
            "starts": NOW, "ends": NOW + timedelta(minutes=30), "status": "accepted", "escrow": "held", **more,
        }
    )  # fmt: skip


def order(*legs: OrderLeg, **more: Any) -> Order:
    return Order.model_validate(
        {
            "id": "o1", "customer": "ann", "legs": legs, "total": PRICE, "currency": "USD", "method": "card_ok",
            "deliver_to": Destination(address="Here", lat=30, lng=-97), "deliver_by": NOW + timedelta(days=1),
            "begins": NOW, "arrives": NOW + timedelta(hours=2), "status": "placed", "created_at": NOW,
            "updated_at": NOW, **more,
        }
    )  # fmt: skip


def brought(*statuses: LegStatus) -> Order:
    """Two makers and a courier."""
    first, second, third = statuses
    return order(
        leg(1, status=first), leg(2, status=second), leg(3, "delivery", ("leg-1", "leg-2"), status=third)
    )


@pytest.mark.parametrize(("here", "there"), list(product(STATUSES, STATUSES)))
def test_every_pair_goes_where_the_table_says(here: LegStatus, there: LegStatus) -> None:
    before = order(leg(1, status=here))
    if there in LEG_MOVES[here]:
        after = leg_moved(before, "leg-1", there, happened("h", NOW, "It moves.", "leg-1"))
        assert after.legs[0].status == there
        assert leg_moved(after, "leg-1", there, happened("h", NOW, "It moves.", "leg-1")) == after, "told twice is once"
    else:
        with pytest.raises(ImpossibleMove):
            leg_moved(before, "leg-1", there, happened("h", NOW, "It moves.", "leg-1"))


def test_a_turn_comes_when_all_before_are_done() -> None:
    assert [one.id for one in of.to_open(brought("accepted", "accepted", "accepted"))] == ["leg-1", "leg-2"]
    assert [one.id for one in of.to_open(brought("ready_for_pickup", "in_progress", "accepted"))] == ["leg-2"]
    assert [one.id for one in of.to_open(brought("ready_for_pickup", "ready_for_pickup", "accepted"))] == ["leg-3"]


def test_nobody_sets_out_without_what_was_given_up() -> None:
    waiting = brought("ready_for_pickup", "rejected", "accepted")
    assert of.to_open(waiting) == ()
    assert [one.id for one in of.to_recover(waiting)] == ["leg-2"]
    assert not of.is_all_delivered(waiting)


def test_what_a_courier_takes_is_on_the_way_and_what_it_brings_is_delivered() -> None:
    ready = brought("ready_for_pickup", "ready_for_pickup", "accepted")
    away = leg_moved(ready, "leg-3", "in_transit", happened("a", NOW, "Away.", "leg-3"))
    assert [one.status for one in away.legs] == ["in_transit"] * 3
    there = leg_moved(away, "leg-3", "delivered", happened("b", NOW, "There.", "leg-3"))
    assert [one.status for one in there.legs] == ["delivered"] * 3
    assert of.is_all_delivered(there)


def test_legs_with_nothing_left_go_with_what_is_gone() -> None:
    alone = order(leg(1), leg(3, "delivery", ("leg-1",)))
    assert [one.id for one in of.left_with_nothing(alone, "leg-1")] == ["leg-3"]
    assert of.left_with_nothing(brought("accepted", "accepted", "accepted"), "leg-1") == ()


def test_only_what_is_held_can_be_given_up() -> None:
    held = brought("accepted", "accepted", "accepted")
    after = given_up(held, "leg-1", "damaged", happened("g", NOW, "Damaged.", "leg-1"))
    assert (after.legs[0].status, after.legs[0].given_up) == ("rejected", "damaged")
    paid = order(leg(1, escrow="released"))
    with pytest.raises(ImpossibleMove):
        given_up(paid, "leg-1", "damaged", happened("g", NOW, "Damaged.", "leg-1"))


@given(st.lists(st.sampled_from(STATUSES), min_size=3, max_size=3))
def test_whatever_was_said_a_confirmed_order_is_delivered(statuses: list[LegStatus]) -> None:
    after = all_delivered(brought(*statuses), happened("c", NOW, "It is here."))
    assert {one.status for one in of.live(after)} <= {"delivered"}
    assert after.confirmed_at == NOW


def test_work_counts_on_the_day_of_whoever_does_it() -> None:
    evening = datetime(2026, 11, 24, 2, tzinfo=UTC)  # Monday at eight, in Austin
    open_late = leg(1, starts=evening).timing.model_copy(update={"hours": hours("9:00-22:00")})
    assert leg(1, starts=evening, timing=open_late).day == date(2026, 11, 23)
    assert leg(1, starts=evening).day == date(2026, 11, 24), "who is always there tells no clock"
