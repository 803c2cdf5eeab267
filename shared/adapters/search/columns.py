"""What the filters look at, a column each, a row a listing; texts stand as their numbers in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search.names import Tables
from shared.discovery.listing import Listing

METRES_MAX = 2**31 - 1
STOCK_ANY = 2**31 - 1
"""As ordered: there is always enough."""
MINUTES_MAX = 2**31 - 1
PARTY_ANY = 65_535
"""What stands for no upper limit."""


class Columns(NamedTuple):
    """place: number of a point, 0 for everywhere; reach: metres; stock: STOCK_ANY where it is as ordered; party_max:
    PARTY_ANY for no limit; quality and margin: 0 to 1; all others as in Listing."""

    kind: NDArray[np.uint8]
    category: NDArray[np.uint32]
    partner: NDArray[np.uint32]
    region: NDArray[np.uint32]
    currency: NDArray[np.uint16]
    place: NDArray[np.uint32]
    reach: NDArray[np.int32]
    price: NDArray[np.int64]
    stock: NDArray[np.int32]
    lead: NDArray[np.int32]
    party_min: NDArray[np.uint16]
    party_max: NDArray[np.uint16]
    quality: NDArray[np.float32]
    margin: NDArray[np.float32]


TYPES = ("u1", "u4", "u4", "u4", "u2", "u4", "i4", "i8", "i4", "i4", "u2", "u2", "f4", "f4")


def columns_of(listings: Sequence[Listing], tables: Tables) -> Columns:
    """The columns of listings; new words get their numbers."""
    rows = [_row(listing, tables) for listing in listings]
    values = zip(*rows, strict=True) if rows else [()] * len(TYPES)
    return Columns(*(np.array(column, kind) for column, kind in zip(values, TYPES, strict=True)))


def joined(sources: Sequence[Columns], kept: Sequence[NDArray[np.int64]], order: NDArray[np.int64]) -> Columns:
    """The kept rows of several columns, in a new order."""
    return Columns(
        *(
            np.concatenate([column[rows] for column, rows in zip(columns, kept, strict=True)])[order]
            for columns in zip(*sources, strict=True)
        )
    )


def metres(kilometres: float) -> int:
    """Whole metres, rounded down: what is compared with a distance in whole metres."""
    return int(min(max(kilometres * 1000 + 1e-6, 0), METRES_MAX))


def _row(one: Listing, tables: Tables) -> tuple[float, ...]:
    return (
        tables.kinds.number(one.kind),
        tables.categories.number(one.category),
        tables.partners.number(one.partner),
        tables.regions.number(one.region),
        tables.currencies.number(one.currency),
        tables.places.number(one.point),
        metres(one.reach_km),
        one.price_minor,
        STOCK_ANY if one.stock is None else min(one.stock, STOCK_ANY - 1),
        min(one.lead_minutes, MINUTES_MAX),
        min(one.party_min, PARTY_ANY),
        min(one.party_max, PARTY_ANY - 1) or PARTY_ANY,
        one.quality,
        one.margin,
    )
