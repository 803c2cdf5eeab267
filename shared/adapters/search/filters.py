"""Which rows pass every filter of a query, all of them exact; the cheap and narrow ones come first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.adapters.search import words
from shared.adapters.search.columns import PARTY_ANY, STOCK_ANY, metres
from shared.adapters.search.names import Names, Tables, capability_tag, value_tag
from shared.adapters.search.postings import Mask, Rows, are_among
from shared.adapters.search.segments import Segment
from shared.discovery.listing import IndexQuery
from shared.logistics.geo import EARTH_METRES, Point

TRAVEL_METRES_PER_MINUTE = 1000
"""60 km/h: quicker than anybody drives, so that nothing is left out that might still come."""
NEVER = 2**40


@dataclass(frozen=True, slots=True)
class Sieve:
    """A query's filters in the numbers of the tables; None: does not filter. Worked out once for all segments.

    metres: for each place how far it is, -1 for everywhere. opens: for each partner the minutes until it is open,
    NEVER for one that must not be there. banned: each a phrase, as the numbers of its terms. impossible: it names
    something that no listing has. bundler: the number of the empty partner, -1 where there is none.
    """

    query: IndexQuery
    kinds: list[int] | None
    categories: list[int] | None
    tags: list[int]
    region: int | None
    currency: int | None
    partner: int | None
    bundler: int
    metres: NDArray[np.int32] | None
    opens: NDArray[np.int64] | None
    banned: list[list[int]]
    impossible: bool


def sieve_of(query: IndexQuery, tables: Tables) -> Sieve:
    """The filters of a query."""
    tags = [tables.tags.find(tag) for tag in _tags(query)]
    kinds = _any_of(query.kinds, tables.kinds)
    categories = _any_of(query.categories, tables.categories)
    exact = [(query.region, tables.regions), (query.currency, tables.currencies), (query.partner, tables.partners)]
    numbers = [None if word is None else names.find(word) for word, names in exact]
    unknown = [word is not None and number is None for (word, _), number in zip(exact, numbers, strict=True)]
    return Sieve(
        query,
        kinds,
        categories,
        [tag for tag in tags if tag is not None],
        numbers[0],
        numbers[1],
        numbers[2],
        -1 if (bundler := tables.partners.find("")) is None else bundler,
        None if query.near is None else metres_from(query.near, tables),
        _opens(query, tables.partners),
        [phrase for text in query.exclude if (phrase := _phrase(text, tables.terms))],
        None in tags or kinds == [] or categories == [] or any(unknown),
    )


def passing(segment: Segment, alive: Mask, sieve: Sieve) -> Rows:
    """The living rows of a segment that pass, ascending."""
    if sieve.impossible:
        return np.zeros(0, np.int64)
    left = _Left(alive, _start(segment, sieve))
    _by_value(left, segment, sieve)
    rows = left.rows()
    rows = _in_time(segment, sieve, _reached(segment, sieve, rows))
    for gone in _unwanted(segment, sieve):
        rows = rows[~are_among(rows, gone)]
    return rows


def metres_from(near: Point, tables: Tables) -> NDArray[np.int32]:
    """Whole metres to each place (haversine, as in shared/logistics/geo.py); -1 for place 0, which is everywhere."""
    lat, lng = np.radians(tables.places.degrees().T)
    near_lat, near_lng = np.radians([near.lat, near.lng])
    chord = np.sin((lat - near_lat) / 2) ** 2
    chord += np.cos(near_lat) * np.cos(lat) * np.sin((lng - near_lng) / 2) ** 2
    far = np.rint(2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(chord, 1))))
    return np.concatenate([[-1], far]).astype(np.int32)


class _Left:
    """What is left: a mask over all rows while nothing is known to be rare, else the rows."""

    def __init__(self, alive: Mask, rows: Rows | None) -> None:
        self._mask = alive.copy() if rows is None else alive
        self._rows = None if rows is None else rows[alive[rows]]

    def keep(self, column: NDArray[Any], least: int | None, most: int | None) -> None:
        """Keep rows whose value lies between two numbers, both included."""
        if least is None and most is None:
            return
        values = column if self._rows is None else column[self._rows]
        bounds = np.iinfo(column.dtype)
        low, high = (bounds.min if least is None else least), (bounds.max if most is None else most)
        if low > bounds.max or high < bounds.min or low > high:
            self._only(np.zeros(len(values), np.bool_))
            return
        if low == high:
            self._only(values == low)
            return
        if low > bounds.min:
            self._only(values >= low)
            values = values if self._rows is None else column[self._rows]
        if high < bounds.max:
            self._only(values <= high)

    def keep_any(self, column: NDArray[Any], numbers: Sequence[int]) -> None:
        """Keep rows whose value is one of some numbers."""
        self._only(np.isin(column if self._rows is None else column[self._rows], numbers))

    def _only(self, mask: Mask) -> None:
        if self._rows is None:
            self._mask &= mask
        else:
            self._rows = self._rows[mask]

    def rows(self) -> Rows:
        """The rows, ascending."""
        return np.flatnonzero(self._mask) if self._rows is None else self._rows


def _start(segment: Segment, sieve: Sieve) -> Rows | None:
    """Rows with all tags and of the categories, or None where the query names neither."""
    rows = None if sieve.categories is None else segment.rows_in(sieve.categories)
    for tag in sorted(sieve.tags, key=segment.tags.count):
        having = segment.tags.rows_of(tag)
        rows = having if rows is None else rows[are_among(rows, having)]
    return rows


def _by_value(left: _Left, segment: Segment, sieve: Sieve) -> None:
    columns, query = segment.columns, sieve.query
    if sieve.kinds is not None:
        left.keep_any(columns.kind, sieve.kinds)
    left.keep(columns.partner, sieve.partner, sieve.partner)
    left.keep(columns.price, query.price_min_minor, query.price_max_minor)
    left.keep(columns.stock, min(query.quantity, STOCK_ANY), None)
    left.keep(columns.region, sieve.region, sieve.region)
    left.keep(columns.currency, sieve.currency, sieve.currency)
    if query.party is not None:
        left.keep(columns.party_min, None, query.party)
        left.keep(columns.party_max, min(query.party, PARTY_ANY), None)


def _reached(segment: Segment, sieve: Sieve, rows: Rows) -> Rows:
    if sieve.metres is None:
        return rows
    far = sieve.metres.take(segment.columns.place.take(rows))
    within = sieve.query.within_km
    return rows.compress(far <= (segment.columns.reach.take(rows) if within is None else metres(within)))


def _in_time(segment: Segment, sieve: Sieve, rows: Rows) -> Rows:
    if sieve.opens is None:
        return rows
    columns = segment.columns
    partners = columns.partner.take(rows)
    takes = sieve.opens.take(partners)
    if sieve.query.minutes_left is None:
        return rows.compress(takes < NEVER)
    takes += columns.lead.take(rows)
    if sieve.metres is not None:
        way = np.maximum(sieve.metres.take(columns.place.take(rows)), 0)
        way[partners == sieve.bundler] = 0
        takes = takes * TRAVEL_METRES_PER_MINUTE + way
        return rows.compress(takes <= sieve.query.minutes_left * TRAVEL_METRES_PER_MINUTE)
    return rows.compress(takes <= sieve.query.minutes_left)


def _unwanted(segment: Segment, sieve: Sieve) -> Iterable[Rows]:
    if sieve.query.without_ids:
        yield segment.ids.rows_of(list(sieve.query.without_ids))
    for phrase in sieve.banned:
        rarest, *others = sorted(phrase, key=segment.terms.count)
        rows = segment.terms.named_rows_of(rarest)
        for term in others:
            rows = rows[are_among(rows, segment.terms.named_rows_of(term))]
        yield rows


def _tags(query: IndexQuery) -> Iterable[str]:
    yield from map(capability_tag, query.capabilities)
    yield from map(value_tag, query.values)


def _any_of(wanted: frozenset[str], names: Names) -> list[int] | None:
    return [number for word in wanted if (number := names.find(word)) is not None] if wanted else None


def _phrase(phrase: str, terms: Names) -> list[int]:
    numbers = [terms.find(term) for term in dict.fromkeys(words.parts(phrase))]
    return [] if None in numbers else [number for number in numbers if number is not None]


def _opens(query: IndexQuery, partners: Names) -> NDArray[np.int64] | None:
    """Minutes until each partner is open; those that are not named never are, bundles' always."""
    if query.minutes_left is None and not query.without_partners:
        return None
    known = None if query.minutes_left is None else query.opens_in
    times = {} if known is None else {**known, "": 0}
    times.update(dict.fromkeys(query.without_partners, NEVER))
    return np.fromiter(map(times.get, partners.words, repeat(0 if known is None else NEVER)), np.int64)
