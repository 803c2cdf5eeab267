"""How the things of an order hang together: what is brought to the door, from where last, and who is to be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.discovery.taxonomy import Taxonomy
from shared.orders.chosen import Chosen, own_work
from shared.orders.planning import FRESH_MINUTES_MAX, WORKS_ON_OTHERS

HUB_FROM_VENDORS = 3
"""What comes from so many vendors, customizers among them, meets at a hub."""
_BROUGHT = frozenset({"courier", "cold"})
_MOVES = frozenset({"delivery", "transport"})


@dataclass(frozen=True)
class Shape:
    """What was chosen, by number, the first being 0."""

    goods: tuple[Chosen, ...]
    taxonomy: Taxonomy

    @cached_property
    def followers(self) -> tuple[tuple[int, ...], ...]:
        """For each, what comes directly after it."""
        found: list[list[int]] = [[] for _ in self.goods]
        for number, one in enumerate(self.goods):
            for before in one.part.after:
                found[before].append(number)
        return tuple(map(tuple, found))

    @cached_property
    def to_customize(self) -> tuple[int, ...]:
        """What needs a customizer: asked for, not done by its seller, and nobody chosen for it."""
        return tuple(number for number, one in enumerate(self.goods) if self._needs_customizer(number, one))

    @cached_property
    def has_courier(self) -> bool:
        """Whether somebody was chosen who brings it."""
        return any(one.part.role == "delivery" for one in self.goods)

    @cached_property
    def brought(self) -> frozenset[int]:
        """What leaves its place in a courier's hands, sooner or later."""
        found: set[int] = set()
        waiting = [number for number, one in enumerate(self.goods) if self._way(one) in _BROUGHT and _is_thing(one)]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self._worked_on_by(number)
        return frozenset(found)

    @cached_property
    def doors(self) -> tuple[int, ...]:
        """Where couriers come: what is brought and nobody works on or takes any more."""
        return tuple(number for number in sorted(self.brought) if not self._goes_on(number))

    @cached_property
    def is_cold(self) -> bool:
        """Whether something of it must be kept cold on the way."""
        return any(self._way(self.goods[number]) == "cold" for number in self.brought)

    @cached_property
    def pieces(self) -> int:
        """How many pieces are brought; work on them adds none."""
        return sum(self.goods[n].part.quantity for n in self.brought if self.goods[n].part.role == "product")

    def last_of(self, number: int) -> int:
        """Who has a thing in hands last before it is brought; itself, where nobody works on it."""
        return [number, *self._work_on(number)][-1]

    def fresh_minutes_max(self, number: int) -> int | None:
        """How long a thing may be on its way, the work that others do on it left out; None for what does not perish."""
        one = self.goods[number]
        if one.part.role != "product" or not self.taxonomy.is_perishable(one.product.category):
            return None
        works = [self.goods[after].product for after in self._work_on(number)]
        return FRESH_MINUTES_MAX + sum(work.lead_minutes + work.work_minutes for work in works)

    def wants_hub(self, customizers: Sequence[str]) -> bool:
        """Whether it comes from so many vendors that it is better put together before; customizers: their ids."""
        vendors = {self.goods[number].partner.id for number in self.brought} | set(customizers)
        return len(vendors) >= HUB_FROM_VENDORS

    def _needs_customizer(self, number: int, one: Chosen) -> bool:
        tag = one.part.options.get("customization")
        if tag is None or own_work(one.product, tag) is not None or one.part.role == "customization":
            return False
        return not any(self.goods[after].part.role == "customization" for after in self.followers[number])

    def _work_on(self, number: int) -> list[int]:
        """Who works on a thing, one after the other."""
        found: list[int] = []
        while (after := self._worked_on_by(number)) and after[0] not in found:
            number = after[0]
            found.append(number)
        return found

    def _worked_on_by(self, number: int) -> list[int]:
        return [after for after in self.followers[number] if self.goods[after].part.role in WORKS_ON_OTHERS]

    def _goes_on(self, number: int) -> bool:
        return any(self.goods[after].part.role in WORKS_ON_OTHERS | _MOVES for after in self.followers[number])

    def _way(self, one: Chosen) -> str:
        category = self.taxonomy.categories.get(one.product.category)
        return category.delivery if category else "courier"


def _is_thing(one: Chosen) -> bool:
    return one.part.role not in _MOVES | {"venue"}
