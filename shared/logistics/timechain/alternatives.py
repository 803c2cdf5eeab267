"""What would work where a choice is too late: each with its price, each planned through before it is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from shared.logistics.timechain.choices import Candidate, Choice, Item, Order, Pick, chain_of
from shared.logistics.timechain.schedule import plan
from shared.logistics.timechain.select import select


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something that works instead.

    choices: who does what, one a delivery: two where it is split, those in time and then the rest. more_minor: what it
    costs more than the choice that is too late, below zero for less. finish: when all is delivered; for `later` that is
    the deadline it needs, for `split` the rest comes after the deadline.
    """

    kind: Literal["later", "courier", "vendor", "hub", "split"]
    choices: tuple[Choice, ...]
    more_minor: int
    finish: int


def alternatives(order: Order, choice: Choice) -> list[Alternative]:
    """What works in place of a choice that misses the order's deadline, the cheapest first. Raises BadOrder.

    Each changes as little as it can: another courier alone, other vendors and customizers for the late items alone,
    another hub with the same vendors if that is enough; `later` keeps the choice, `split` brings what is ready in time.
    """
    late = _late_items(order, choice)
    found = [_later(order, choice), _courier(order, choice), _hub(order, choice)]
    if late:
        found += [_vendor(order, choice, late), _split(order, choice, late)]
    kept = [one for one in found if one is not None]
    return sorted(kept, key=lambda one: (one.more_minor, one.finish))


def _late_items(order: Order, choice: Choice) -> frozenset[str]:
    """Items that alone would miss the deadline, hub and courier being what they are."""
    fixed = _narrowed(order, choice)
    return frozenset(one.id for one in fixed.items if select(replace(fixed, items=(one,))) is None)


def _later(order: Order, choice: Choice) -> Alternative | None:
    """The same, with the deadline it needs."""
    return _checked("later", replace(order, deadline=choice.finish), choice, (choice,))


def _courier(order: Order, choice: Choice) -> Alternative | None:
    others = tuple(one for one in order.couriers if one.id != choice.courier)
    return _selected("courier", replace(_narrowed(order, choice), couriers=others), choice) if others else None


def _vendor(order: Order, choice: Choice, late: frozenset[str]) -> Alternative | None:
    return _selected("vendor", _narrowed(order, choice, late), choice)


def _hub(order: Order, choice: Choice) -> Alternative | None:
    """Another hub with the same vendors and courier, else the same vendors, else all anew."""
    others = tuple(one for one in order.hubs if one.id != choice.hub)
    if not others:
        return None
    fixed = replace(_narrowed(order, choice), hubs=others)
    tries = (fixed, replace(fixed, couriers=order.couriers), replace(order, hubs=others))
    return next((found for one in tries if (found := _selected("hub", one, choice)) is not None), None)


def _split(order: Order, choice: Choice, late: frozenset[str]) -> Alternative | None:
    """What is ready comes in time, the rest by the courier who is cheapest for it, whenever that is."""
    fixed = _narrowed(order, choice)
    ready = tuple(one for one in fixed.items if one.id not in late)
    rest = tuple(one for one in fixed.items if one.id in late)
    if not ready:
        return None
    first = select(replace(fixed, items=ready))
    second = select(replace(fixed, items=rest, couriers=order.couriers, deadline=None))
    if first is None or second is None:
        return None
    if not plan(chain_of(replace(order, deadline=None), second)).is_feasible:
        return None
    return _checked("split", order, choice, (first, second))


def _selected(kind: Literal["courier", "vendor", "hub"], order: Order, choice: Choice) -> Alternative | None:
    found = select(order)
    return None if found is None else _checked(kind, order, choice, (found,))


def _checked(
    kind: Literal["later", "courier", "vendor", "hub", "split"], order: Order, choice: Choice, found: tuple[Choice, ...]
) -> Alternative | None:
    """With its price, if the plan of the first delivery holds."""
    if not plan(chain_of(order, found[0])).is_feasible:
        return None
    more = sum(one.cost for one in found) - choice.cost
    return Alternative(kind, found, more, max(one.finish for one in found))


def _narrowed(order: Order, choice: Choice, free: frozenset[str] = frozenset()) -> Order:
    """The order with nothing left to choose but the vendors and customizers of the `free` items. Raises BadOrder."""
    chain_of(order, choice)
    picks = {pick.item: pick for pick in choice.picks}
    items = [one if one.id in free else _fixed(one, picks[one.id]) for one in order.items if one.id in picks]
    return replace(
        order,
        items=tuple(items),
        hubs=_only(order.hubs, choice.hub),
        couriers=_only(order.couriers, choice.courier),
    )


def _fixed(item: Item, pick: Pick) -> Item:
    customizers = () if pick.customizer is None else _only(item.customizers, pick.customizer)
    return Item(item.id, _only(item.vendors, pick.vendor), customizers)


def _only(candidates: tuple[Candidate, ...], name: str) -> tuple[Candidate, ...]:
    return tuple(one for one in candidates if one.id == name)
