"""What can take a leg's place: when nobody can without a person, and the order with another in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest

from shared.orders.legs import can_be_replaced, next_number
from shared.orders.order import EscrowStatus, LegStatus, Order, OrderLeg, OrderStatus
from shared.orders.replacement import ranked, swapped, why_not
from tests.orders.made_up import HOME, HUB, MONDAY, courier, maker
from tests.orders.test_agreed import order, usd


def legs(**news: object) -> list[OrderLeg]:
    """A thing, and who brings it."""
    return [maker(1, HUB, 20).model_copy(update={"escrow": "held", **news}), courier(2, HOME, 1)]


def run(some: Sequence[OrderLeg], status: OrderStatus = "placed") -> Order:
    return order(*some).model_copy(update={"status": status})


@pytest.mark.parametrize("status", get_args(OrderStatus))
@pytest.mark.parametrize("leg_status", get_args(LegStatus))
@pytest.mark.parametrize("escrow", get_args(EscrowStatus))
@pytest.mark.parametrize("has_begun", [False, True])
def test_what_runs_and_is_held_can_be_replaced(
    status: OrderStatus, leg_status: LegStatus, escrow: EscrowStatus, has_begun: bool
) -> None:
    began = MONDAY if has_begun else None
    made = run(legs(status=leg_status, escrow=escrow, began=began), status)
    is_free = leg_status == "rejected" or (leg_status != "cancelled" and not has_begun)
    assert can_be_replaced(made, "leg-1") == (status in {"placed", "in_progress"} and escrow == "held" and is_free)


def test_who_can_be_replaced_without_a_person() -> None:
    made = run(legs())
    assert [why_not(made, leg) for leg in made.legs] == [None, None]
    assert "bound" in (why_not(made, made.legs[0].model_copy(update={"lock": "hard"})) or "")
    assert "without a person" in (why_not(made, made.legs[0].model_copy(update={"role": "assembly"})) or "")
    gone = made.legs[1].model_copy(update={"began": MONDAY})
    fetched = run([made.legs[0], gone])
    assert "set out" in (why_not(fetched, gone) or "")
    assert "other hands" in (why_not(fetched, made.legs[0]) or ""), "what is fetched already"


def test_what_came_after_the_old_one_comes_after_the_new_one() -> None:
    new = maker(3, HOME, 10).model_copy(update={"price": usd(1_500)})
    after = swapped(run(legs()), "leg-1", new)
    assert [leg.status for leg in after.legs] == ["cancelled", "planned", "planned"]
    assert after.legs[1].after == ("leg-3",)
    assert after.total.minor == run(legs()).total.minor + 500
    given_up = swapped(run(legs(status="rejected")), "leg-1", new)
    assert given_up.legs[0].status == "rejected"


def test_numbers_are_never_given_twice() -> None:
    made = run(legs())
    assert next_number(made) == "leg-3"
    assert next_number(made, "leg-3") == "leg-4"
    assert ranked(made, []) == []
