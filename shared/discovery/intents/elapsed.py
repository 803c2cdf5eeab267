"""Amounts of time: `2 hours`, `half an hour`, `an hour and a half`, `2-3 business days`, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from shared.discovery.intents.holidays import month_end
from shared.discovery.intents.numbers_words import number_at
from shared.discovery.intents.time_tokens import Sentence
from shared.discovery.intents.time_words import UNITS

_MINUTES = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "fortnight": 20_160}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_BUSINESS = frozenset({"business", "working", "work", "workdays"})
_FILLERS = frozenset({"more", "full", "whole", "short", "long", "additional", "extra", "solid", "straight", "good"})
_FEW = {"few": 3, "several": 4}
YEARS_MAX = 10
_ARTICLES = frozenset({"a", "an", "one"})


class Amount(NamedTuple):
    """So much time. low, high: in units, alike unless a span was said; minutes: what smaller units add.

    certainty: below 1 for a few. is_article: said as `an hour`, which may be a price's or an idiom's.
    """

    low: float
    high: float
    unit: str
    minutes: float = 0
    is_business: bool = False
    is_article: bool = False
    certainty: float = 1.0

    @property
    def is_clock(self) -> bool:
        """Whether it is counted in hours or minutes, exactly, and not in days."""
        return self.unit in {"hour", "minute"}

    @property
    def whole_minutes(self) -> int | None:
        """As minutes, None for months and years, which have no length."""
        size = _MINUTES.get(self.unit)
        return round(self.high * size + self.minutes) if size else None


def amount_at(sentence: Sentence, index: int) -> tuple[Amount, int] | None:
    """The amount of time that begins here, and where it ends."""
    if index not in sentence.amounts:
        found = _counted(sentence, index)
        sentence.amounts[index] = _with_more(sentence, *found) if found else None
    return sentence.amounts[index]


def _counted(sentence: Sentence, index: int) -> tuple[Amount, int] | None:
    texts = sentence.texts
    start = index + 1 if texts[index] == "a" and texts[index + 1] in _FEW else index
    if texts[start] in _FEW:
        end = start + 2 if texts[start + 1] == "more" else start + 1
        count = _FEW[texts[start]]
        return _of_unit(sentence, Amount(count, count, "", certainty=0.7), end)
    number = number_at(sentence.tokens, index)
    if number is None:
        if texts[index] not in _ARTICLES:
            return None
        return _of_unit(sentence, Amount(1, 1, "", is_article=True), index + 1)
    low, end = number[0], index + number[1]
    high = low
    if texts[end] in {"-", "to", "or"} and (second := number_at(sentence.tokens, end + 1)) and second[0] > low:
        high, end = second[0], end + 1 + second[1]
    certainty = 0.85 if texts[index] in {"couple", "a"} else 1.0
    return _of_unit(sentence, Amount(low, high, "", certainty=certainty), end)


def _of_unit(sentence: Sentence, amount: Amount, end: int) -> tuple[Amount, int] | None:
    texts = sentence.texts
    is_business = False
    while texts[end] in _FILLERS or texts[end] in _BUSINESS or texts[end] in {"-", "of"}:
        is_business |= texts[end] in _BUSINESS
        end += 1
    if texts[end] in {"workdays", "workday", "weekdays"}:
        unit, is_business = "day", True
    else:
        unit = UNITS.get(texts[end], "")
    return (amount._replace(unit=unit, is_business=is_business), end + 1) if unit else None


def _with_more(sentence: Sentence, amount: Amount, end: int) -> tuple[Amount, int]:
    """`an hour and a half`, `1 hour 30 minutes`, `1h30`."""
    texts = sentence.texts
    if texts[end : end + 3] == ["and", "a", "half"] or texts[end : end + 2] == ["and", "half"]:
        more = 3 if texts[end + 1] == "a" else 2
        return amount._replace(low=amount.low + 0.5, high=amount.high + 0.5, is_article=False), end + more
    if amount.unit != "hour":
        return amount, end
    start = end + 1 if texts[end] == "and" else end
    number = number_at(sentence.tokens, start)
    if number and UNITS.get(texts[start + number[1]]) == "minute":
        return amount._replace(minutes=float(number[0]), is_article=False), start + number[1] + 1
    return amount, end


def later(now: datetime, amount: Amount) -> datetime | None:
    """The moment so many hours or minutes of elapsed time after another, in its zone; None if it is out of reach."""
    minutes = amount.whole_minutes
    if minutes is None or minutes > YEARS_MAX * 366 * 1_440:
        return None
    return (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)


def shifted(day: date, amount: Amount, count: float) -> date | None:
    """The day so many of the amount's units away, back if the count is below zero; None if it is out of reach.

    A month later is the same day of the month, or its last.
    """
    if amount.unit in _MONTHS:
        months = round(count * _MONTHS[amount.unit])
        return month_later(day, months) if abs(months) <= YEARS_MAX * 12 else None
    days = round(count * _MINUTES[amount.unit] / _MINUTES["day"])
    if abs(days) > YEARS_MAX * 366:
        return None
    return _working_day(day, days) if amount.is_business else day + timedelta(days=days)


def month_later(day: date, months: int) -> date:
    """The same day so many months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, month_end(year, month + 1).day))


def _working_day(day: date, count: int) -> date | None:
    step = timedelta(days=1 if count > 0 else -1)
    for moved in _days_from(day, step):
        if count == 0:
            return day
        day = moved
        if moved.weekday() < 5:
            count -= step.days
    return None


def _days_from(day: date, step: timedelta) -> Iterator[date]:
    for _ in range(YEARS_MAX * 366 * 2):
        day += step
        yield day
