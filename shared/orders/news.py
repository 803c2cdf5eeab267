"""How far the legs of an order have come, as what is worth telling its customer."""

from __future__ import annotations

from typing import Literal

from shared.orders.legs import is_all_delivered, is_courier, live
from shared.orders.order import LegStatus, Order, OrderLeg

News = Literal["begun", "customized", "ready", "in_transit", "delivered"]
_MADE: dict[LegStatus, News] = {
    "in_progress": "begun",
    "customization_started": "begun",
    "customization_complete": "customized",
    "ready_for_pickup": "ready",
}
_BROUGHT: dict[LegStatus, News] = {"in_transit": "in_transit", "delivered": "delivered"}
"""Told of whoever brings it to the customer: what was made before moves along with it."""


def news_of(order: Order) -> tuple[tuple[News, str], ...]:
    """What each leg has come to, with its id; that all is there is told of the order as a whole."""
    legs = live(order)
    before = {name for leg in legs for name in leg.after}
    found = [(_news(leg, is_last=leg.id not in before), leg.id) for leg in legs]
    told = tuple((news, leg) for news, leg in found if news is not None)
    return tuple(one for one in told if one[0] != "delivered") if is_all_delivered(order) else told


def _news(leg: OrderLeg, *, is_last: bool) -> News | None:
    if is_last and leg.status in _BROUGHT:
        return _BROUGHT[leg.status]
    return None if is_courier(leg) else _MADE.get(leg.status)
