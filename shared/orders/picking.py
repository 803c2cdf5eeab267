"""From ids to what can be had of them now: lines or a bundle, as they were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.discovery.bundles import Bundle, Part
from shared.discovery.scout import Scout
from shared.orders.chosen import Chosen, NotForSale, own_work


class Pick(NamedTuple):
    """One product by its id; options: what is to be done to it, its kind under `customization`."""

    product: str
    quantity: int
    options: Mapping[str, str]


async def picked(scout: Scout, picks: Sequence[Pick], field: str = "lines") -> list[Chosen]:
    """The products as they are now; field: where the lines stand in the request. Raises NotForSale."""
    chosen: list[Chosen] = []
    for number, pick in enumerate(picks):
        there = await scout.product(pick.product)
        if there is None:
            raise NotForSale(f"{field}[{number}].product_id", "There is no such product, or it is no longer offered.")
        own = own_work(there[0], pick.options.get("customization"))
        part = Part(
            product=pick.product,
            quantity=pick.quantity,
            options=dict(pick.options),
            extra_minor=own.minor_per_unit * pick.quantity if own else 0,
        )
        chosen.append(Chosen(*there, part))
    return chosen


async def picked_bundle(scout: Scout, bundle_id: str) -> tuple[list[Chosen], Bundle]:
    """A bundle with its parts as they are now; raises NotForSale."""
    found = await scout.bundle(bundle_id)
    if found is None:
        raise NotForSale("bundle_id", "There is no such bundle, or a part of it is no longer offered.")
    bundle, parts = found
    pairs = zip(bundle.parts, parts, strict=True)
    return [Chosen(product, partner, part) for part, (product, partner) in pairs], bundle
