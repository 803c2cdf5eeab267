"""What a reply asks for what it offers: price, more or less of it, a delay, a moment, how many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.reply.counts import read_count
from shared.dialogue.reply.model import Asked
from shared.dialogue.reply.prices import PriceReader
from shared.dialogue.reply.signs import Clause, Read
from shared.dialogue.reply.when import WhenReader
from shared.discovery.intent import Span
from shared.money.amounts import Money


@dataclass(slots=True)
class Terms:
    """The terms of a reply; spans: where each stands, in characters of the cleaned text.

    is_each: the price is that of one piece; is_least: the quantity is the fewest they do; is_vague: an amount is named
    that may be the price or what comes on top.
    """

    price: Money | None = None
    price_change: Money | None = None
    is_each: bool = False
    delay_minutes: int | None = None
    ready_at: datetime | None = None
    quantity: int | None = None
    is_least: bool = False
    is_vague: bool = False
    spans: dict[str, Span] = field(default_factory=dict)

    def merge(self, other: Terms) -> None:
        """Take in what is said elsewhere, where nothing is known yet."""
        self.is_each |= other.is_each
        for name in ("price", "price_change", "delay_minutes", "ready_at", "quantity"):
            if getattr(self, name) is None and getattr(other, name) is not None:
                setattr(self, name, getattr(other, name))
                if span := other.spans.get(name):
                    self.spans[name] = span


class TermReader:
    """Reads terms, clause by clause; made once."""

    def __init__(self, prices: PriceReader, when: WhenReader) -> None:
        self._prices = prices
        self._when = when

    def read(
        self, read: Read, at: int, asked: Asked, now: datetime, zone: ZoneInfo, named: Collection[int], *, refuses: bool
    ) -> Terms:
        """The terms of the clause of this number; their words are marked as taken in the sentence.

        named: where things begin. refuses: it says what can not be done, so that only its limits are terms (`not for
        less than 95`).
        """
        clause, terms = read.clauses[at], Terms()
        before = read.clauses[at - 1] if at else None
        if not (refuses or clause.has("none_more", "waits")) and (late := self._when.delay(clause, before, now, zone)):
            terms.delay_minutes, terms.spans["delay_minutes"] = late
        self._prices.read(clause, before, asked, terms, named, refuses=refuses)
        if count := read_count(clause, before, asked, named, refuses=refuses):
            terms.quantity, terms.spans["quantity"] = count
            terms.is_least = clause.has("at_least")
        if (not refuses or _is_limit(clause)) and not clause.has("waits", "asks"):
            ready = self._when.ready(clause, asked, now, zone)
            if ready is not None:
                terms.ready_at, terms.spans["ready_at"] = ready
        return terms


def _is_limit(clause: Clause) -> bool:
    """`not until 6`, `can't have it before 5`: what can not be done tells from when it can."""
    is_bound = not {"before", "until"}.isdisjoint(clause.keys) and clause.has("cannot", "lack")
    return (clause.has("not_before") or is_bound) and not clause.has("standing")
