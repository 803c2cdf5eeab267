"""What searches are measured on: made-up offers with the table's vectors, wishes with filters, and right answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bench.listings import listings, opening_hours, tight, typical, wishes
from bench.scratch import ROOT
from shared.adapters.embeddings_table import TableEmbeddings
from shared.adapters.search.ranking import SIMILARITY_FLOOR
from shared.discovery.listing import IndexQuery, Listing
from shared.logistics.geo import distance_metres

WISHES = 60
ANSWERS = 10
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """offers; vectors: row by row; wishes: by the name of their filters; opens_in: minutes until partners open."""

    offers: list[Listing]
    vectors: NDArray[np.float32]
    wishes: dict[str, list[IndexQuery]]
    opens_in: dict[str, int]

    def answers(self, name: str) -> list[tuple[float, Rows]]:
        """For each wish, by vectors alone: the similarity of the last right answer, and the rows that may be answers:
        that pass the filters and are no less similar than the index takes for an answer."""
        within: dict[str, list[int]] = defaultdict(list)
        for row, one in enumerate(self.offers):
            within[one.category].append(row)
        known: dict[frozenset[str], Rows] = {}
        found = []
        for wish in self.wishes[name]:
            if wish.categories not in known:
                rows_in = chain.from_iterable(within[one] for one in wish.categories or within)
                passed = [row for row in rows_in if passes(self.offers[row], wish)]
                known[wish.categories] = np.array(passed, np.int64)
            rows = known[wish.categories]
            similar = self.vectors[rows] @ np.asarray(wish.vector, np.float32)
            is_answer = similar >= SIMILARITY_FLOOR
            last = np.sort(similar[is_answer])[-ANSWERS:][:1]
            found.append((float(last.sum()), rows[is_answer]))
        return found


async def corpus(count: int) -> Corpus:
    """So many offers, and wishes with no filters, the typical ones and tight ones."""
    offers = list(listings(count))
    table = TableEmbeddings(ROOT / "data" / "embeddings")
    opens = opening_hours(count)
    wished = wishes(WISHES)
    vectors = await table.embed([f"{one.title} {one.facts}" for one in offers])
    asked = await table.embed([one.text for one in wished])
    plain = [
        IndexQuery(one.text, vector.tolist(), limit=ANSWERS) for one, vector in zip(wished, asked, strict=True)
    ]
    filters: dict[str, Callable[[int, IndexQuery], IndexQuery]] = {
        "none": lambda _, one: one,
        "typical": lambda _, one: typical(one, opens),
        "tight": lambda at, one: tight(one, opens, wished[at].category),
    }
    named = {name: [chosen(at, one) for at, one in enumerate(plain)] for name, chosen in filters.items()}
    return Corpus(offers, vectors, named, opens)


def passes(one: Listing, query: IndexQuery) -> bool:
    """The filters that the wishes here have."""
    metres = distance_metres(query.near, one.point) if query.near is not None and one.point is not None else 0
    reach = one.reach_km if query.within_km is None else query.within_km
    is_near = query.near is None or one.point is None or metres <= reach * 1000
    is_affordable = query.price_max_minor is None or one.price_minor <= query.price_max_minor
    is_there = one.stock is None or one.stock >= query.quantity
    is_kind = not query.categories or one.category in query.categories
    return is_near and is_affordable and is_there and is_kind and _is_in_time(one, query, metres)


def _is_in_time(one: Listing, query: IndexQuery, metres: int) -> bool:
    if query.minutes_left is None or query.opens_in is None:
        return True
    if not one.partner:
        return one.lead_minutes <= query.minutes_left
    opens = query.opens_in.get(one.partner)
    return opens is not None and opens + one.lead_minutes + metres / 1000 <= query.minutes_left
