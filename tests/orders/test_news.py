"""How far legs have come, for every status a leg can have."""

from __future__ import annotations

from typing import get_args

import pytest

from shared.orders.news import news_of
from shared.orders.order import LegStatus, Order
from tests.dialogue.orders import order

STATUSES: tuple[LegStatus, ...] = get_args(LegStatus)
OF_MAKERS = {
    "in_progress": "begun", "customization_started": "begun", "customization_complete": "customized",
    "ready_for_pickup": "ready",
}  # fmt: skip
OF_COURIERS = {"in_transit": "in_transit"}


def chained() -> Order:
    """An order whose last leg brings what all the others make."""
    base = order()
    *makers, last = base.legs
    brings = last.model_copy(update={"after": tuple(leg.id for leg in makers)})
    return base.model_copy(update={"legs": (*makers, brings)})


@pytest.mark.parametrize("status", STATUSES)
def test_each_leg_is_told_by_its_own_status(status: LegStatus) -> None:
    base = chained()
    last, first = base.legs[-1], base.legs[0]
    for leg, known in ((first, OF_MAKERS), (last, OF_COURIERS)):
        legs = tuple(one.model_copy(update={"status": status}) if one.id == leg.id else one for one in base.legs)
        told = {name: news for news, name in news_of(base.model_copy(update={"legs": legs}))}
        if status == "delivered" and leg is last:
            assert told[leg.id] == "delivered"
        else:
            assert told.get(leg.id) == known.get(status)


def test_that_all_is_there_is_told_of_the_order_as_a_whole() -> None:
    base = order()
    legs = tuple(leg.model_copy(update={"status": "delivered"}) for leg in base.legs)
    assert news_of(base.model_copy(update={"legs": legs})) == ()
