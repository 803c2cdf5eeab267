"""An order of which nothing is left has not been delivered: it is void, and called off."""

from __future__ import annotations

from shared.orders import legs as of
from shared.orders.changes import happened, moved, with_all_legs
from tests.dialogue import orders

NOTHING_LEFT = with_all_legs(orders.order(status="in_progress"), status="cancelled", escrow="refunded")


def test_nothing_left_is_not_delivered() -> None:
    assert not of.is_all_delivered(NOTHING_LEFT)
    assert of.is_void(NOTHING_LEFT)
    assert not of.is_void(orders.order(status="in_progress"))
    assert not of.is_void(NOTHING_LEFT.model_copy(update={"status": "completed"}))


def test_what_waits_for_somebody_else_or_a_decision_is_not_given_back() -> None:
    given_up = with_all_legs(orders.order(status="in_progress"), status="rejected", escrow="held")
    assert not of.is_void(given_up)
    assert of.to_recover(given_up)
    assert not of.is_void(with_all_legs(given_up, escrow="disputed"))


def test_what_has_begun_can_still_be_called_off_once_all_is_refunded() -> None:
    after = moved(NOTHING_LEFT, "cancel", happened("x", orders.NOW, "Everything was refunded."))
    assert after.status == "cancelled"
    assert not of.can_be_cancelled(orders.order(status="in_progress")), "but not by the customer alone"
