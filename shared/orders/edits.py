"""An order's legs as they would be with something more, something less, or something else; nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from shared.orders.chosen import NotForSale
from shared.orders.legs import live
from shared.orders.order import LEGS_MAX, Order, OrderLeg
from shared.orders.planning import is_round

_THINGS = frozenset({"product", "packaging", "venue", "transport", "customization"})


def with_legs(order: Order, legs: Sequence[OrderLeg]) -> Order:
    """The order with further legs; raises NotForSale for more than an order has."""
    if len(order.legs) + len(legs) > LEGS_MAX:
        raise NotForSale("add", f"An order has {LEGS_MAX} parts at most.")
    return order.model_copy(update={"legs": (*order.legs, *legs)})


def numbered_on(order: Order, legs: Sequence[OrderLeg], now: datetime) -> tuple[OrderLeg, ...]:
    """New legs with numbers that the order has not used; their notice runs from now."""
    first = max(int(leg.id.removeprefix("leg-")) for leg in order.legs)
    names = {leg.id: f"leg-{first + count}" for count, leg in enumerate(legs, 1)}
    return tuple(
        leg.model_copy(
            update={
                "id": names[leg.id],
                "after": tuple(names[name] for name in leg.after),
                "since": now,
            }
        )
        for leg in legs
    )


def ends_of(legs: Sequence[OrderLeg]) -> tuple[OrderLeg, ...]:
    """The legs that none other comes after."""
    followed = {name for leg in legs for name in leg.after}
    return tuple(leg for leg in legs if leg.id not in followed)


def taken_out(order: Order, names: Collection[str], field: str, instead: Sequence[str] = ()) -> Order:
    """The order without some legs and what was done for them alone; instead: what comes in their place.

    Raises NotForSale, naming the field.
    """
    for name in names:
        _check(order, name, field)
    legs = live(order)
    gone = _with_work_on(legs, set(names))
    if not instead:
        gone = _with_all_for(legs, gone)
    kept = tuple(_without(leg, gone, instead) for leg in order.legs if leg.id not in gone)
    if not live(order.model_copy(update={"legs": kept})) and not instead:
        raise NotForSale(field, "That would be all of it: cancel the order instead.")
    return order.model_copy(update={"legs": kept})


def _check(order: Order, name: str, field: str) -> None:
    leg = order.leg(name)
    if leg is None or leg not in live(order):
        raise NotForSale(field, f"The order has no {name}.")
    if is_round(leg) or leg.role not in _THINGS:
        raise NotForSale(field, f"{leg.title} comes and goes with the things of the order: name one of those.")
    if leg.began is not None or leg.ended is not None:
        raise NotForSale(field, f"{leg.title} has begun: it can no longer be taken out.")


def _with_work_on(legs: Sequence[OrderLeg], gone: set[str]) -> set[str]:
    """What is done to a thing goes with it."""
    for leg in legs:
        if leg.role == "customization" and leg.after and gone.issuperset(leg.after):
            gone.add(leg.id)
    return gone


def _with_all_for(legs: Sequence[OrderLeg], gone: set[str]) -> set[str]:
    """Who has nothing left to work on or to bring has nothing to do."""
    for leg in legs:
        if leg.after and gone.issuperset(leg.after) and (is_round(leg) or leg.role in {"assembly", "packaging"}):
            gone.add(leg.id)
    return gone


def _without(leg: OrderLeg, gone: Collection[str], instead: Sequence[str]) -> OrderLeg:
    if not any(name in gone for name in leg.after):
        return leg
    kept = [name for name in leg.after if name not in gone]
    return leg.model_copy(update={"after": (*kept, *instead)})
