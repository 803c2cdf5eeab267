"""Dates by their numbers: `Dec 5th`, `5 December 2026`, `12/5`, `2026-12-05`, `the 15th`, `December`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple

from shared.discovery.intents.elapsed import month_later
from shared.discovery.intents.holidays import Holiday, month_end
from shared.discovery.intents.time_tokens import Sentence
from shared.discovery.intents.time_words import FORECAST, MONTHS, NAMES_TOO, ORDINAL_TENS, ORDINAL_WORDS, WEATHER

YEAR_MIN, YEAR_MAX = 1900, 2199
_NUMBERS = re.compile(r"\d+")
_LOOKS_BACK = frozenset({"and", "or", "but", "at", "least", "not", "too", "very", "next", "first", "the", ","})
_FRACTION_OF = frozenset({2, 3, 4, 5, 8, 10, 16})

Trouble = Literal["impossible", "contradictory"]


class Days(NamedTuple):
    """A day or a run of them, both ends included.

    kind: day, weekday, weekdays, week, weekend, month, year or number (of a month). weekdays: those said by name (0 is
    Monday). month_day: (month, day) where a date was said, month 0 where only its day was. is_open: any such day may be
    meant (`a Saturday`, `the next sunny Thursday`). is_over: told of the past (`last week`). is_span: said as from one
    to another. trouble: what keeps it from being a day.
    """

    first: date
    last: date
    kind: str = "day"
    weekdays: tuple[int, ...] = ()
    month_day: tuple[int, int] | None = None
    holiday: Holiday | None = None
    is_open: bool = False
    is_over: bool = False
    is_span: bool = False
    trouble: Trouble | None = None
    certainty: float = 1.0

    @property
    def is_one(self) -> bool:
        """Whether it is a single day."""
        return self.first == self.last


def date_at(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """The date that begins here; is_led: a word before it lets expect one, so that weak forms count."""
    kind = sentence.tokens[index].kind
    if kind == "iso":
        return _iso(sentence, index)
    if kind == "date":
        return _numeric(sentence, index, is_led=is_led)
    return (
        _month_day(sentence, index)
        or _day_month(sentence, index)
        or _month(sentence, index, is_led=is_led)
        or _day_number(sentence, index, is_led=is_led)
        or (_year_alone(sentence, index) if is_led else None)
    )


def on_date(today: date, year: int | None, month: int, day: int) -> Days:
    """A date as said; without a year the next time it comes. One that no calendar has is impossible."""
    if year is None:
        years = range(today.year, today.year + 9)
        found = next((on for y in years if (on := real_date(y, month, day)) and on >= today), None)
        certainty = 0.75 if found and found.year > today.year + 1 else 1.0
    else:
        found, certainty = real_date(year, month, day), 1.0
    if found is None:
        return Days(today, today, month_day=(month, day), trouble="impossible")
    return Days(found, found, month_day=(month, day), certainty=certainty)


def real_date(year: int, month: int, day: int) -> date | None:
    """The date, or None if no calendar has it."""
    if not (YEAR_MIN <= year <= YEAR_MAX and 1 <= month <= 12 and day >= 1):
        return None
    return date(year, month, day) if day <= month_end(year, month).day else None


def month_days(today: date, month: int, year: int | None) -> Days:
    """The whole month; without a year the one under way or the next to come."""
    if year is None:
        year = today.year if month >= today.month else today.year + 1
    return Days(date(year, month, 1), month_end(year, month), "month")


def next_month_day(today: date, day: int) -> Days:
    """The next time that a month has this day: `the 15th`."""
    if not 1 <= day <= 31:
        return Days(today, today, month_day=(0, day), trouble="impossible")
    for months in range(4):
        start = month_later(today.replace(day=1), months)
        found = real_date(start.year, start.month, day)
        if found and found >= today:
            return Days(found, found, "number", month_day=(0, day))
    return Days(today, today, month_day=(0, day), trouble="impossible")


def day_number_at(sentence: Sentence, index: int) -> tuple[int, int, bool] | None:
    """A day of the month, where it ends, and whether it was said as an ordinal: `5`, `5th`, `fifth`, `twenty-fifth`."""
    token = sentence.tokens[index]
    if token.kind == "ordinal" and token.text:
        return int(token.text[:-2]), index + 1, True
    number = sentence.number(index)
    if number is not None:
        return (number, index + 1, False) if len(token.text) <= 2 else None
    if token.text in ORDINAL_WORDS:
        return ORDINAL_WORDS[token.text], index + 1, True
    ones = ORDINAL_WORDS.get(sentence.texts[index + 1], 0)
    if token.text in ORDINAL_TENS and 0 < ones < 10:
        return ORDINAL_TENS[token.text] + ones, index + 2, True
    return None


def year_at(sentence: Sentence, index: int) -> tuple[int | None, int]:
    """The year behind a date, with a comma or not; None if there is none."""
    start = index + 1 if sentence.texts[index] in {",", "of", "in"} else index
    number = sentence.number(start)
    if number is not None and len(sentence.texts[start]) == 4 and YEAR_MIN <= number <= YEAR_MAX:
        return number, start + 1
    return None, index


def _iso(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    text = sentence.texts[index]
    if not text:
        return None
    year, month, day = (int(number) for number in _NUMBERS.findall(text)[:3])
    return on_date(sentence.today, year, month, day), index + 1


def _numeric(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """`12/5/2026`, `12/5`: month first, as Americans write; day first where only that can be, or between dots."""
    text = sentence.texts[index]
    if not text:
        return None
    first, second, *rest = (int(number) for number in _NUMBERS.findall(text))
    year = (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else None
    is_fraction = year is None and first < second and second in _FRACTION_OF and "0" not in text[:1]
    if year is None and not is_led and (is_fraction or first == 0 or not sentence.is_followed_well(index + 1)):
        return None
    if is_fraction and not sentence.is_followed_well(index + 1):
        return None
    is_day_first = "." in text or (first > 12 >= second)
    month, day = (second, first) if is_day_first else (first, second)
    if year is None and not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    days = on_date(sentence.today, year, month, day)
    is_doubtful = first != second and max(first, second) <= 12
    return days._replace(certainty=min(days.certainty, 0.75 if is_doubtful else 1.0)), index + 1


def _month_day(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`Dec 5`, `December the 5th`, `Dec. 5-7, 2026`."""
    texts = sentence.texts
    month = MONTHS.get(texts[index])
    if not month:
        return None
    start = index + 1
    if texts[start] == "." and len(texts[index]) <= 4:
        start += 1
    start += texts[start] == "the"
    day = day_number_at(sentence, start)
    if not day or (day[1] == start + 1 and texts[start] == "second" and texts[start + 1] in {"one", "hand"}):
        return None
    if not day[2] and not _is_day_figure(sentence, start, day[1]):
        return None
    days, end = _with_run(sentence, month, day[0], day[1])
    return days, end


def _is_day_figure(sentence: Sentence, start: int, end: int) -> bool:
    """`May 5` is a date, `may 5 people` is not; names that are nothing but months need no more proof."""
    return (
        sentence.texts[start - 1] not in NAMES_TOO
        or sentence.is_followed_well(end)
        or (sentence.number(end) is not None)
    )


def _with_run(sentence: Sentence, month: int, day: int, end: int) -> tuple[Days, int]:
    texts, last = sentence.texts, day
    if texts[end] in {"-", "to", "through", "thru", "until", "and", "or"} and not sentence.is_change:
        start = end + 1 + (texts[end + 1] == "the")
        second = day_number_at(sentence, start)
        is_joined = second and day < second[0] <= 31 and (texts[end] == "-" or sentence.is_followed_well(second[1]))
        if second and is_joined and texts[second[1]] not in MONTHS:
            last, end = second[0], second[1]
    year, end = year_at(sentence, end)
    return _run(sentence.today, year, month, day, last), end


def _run(today: date, year: int | None, month: int, day: int, last: int) -> Days:
    start = on_date(today, year, month, day)
    if last == day or start.trouble:
        return start
    end = real_date(start.first.year, month, last)
    return start._replace(last=end, is_span=True) if end else start._replace(trouble="impossible")


def _day_month(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`5 Dec`, `the 5th of December 2026`, `5-7 December`, `the fifth of May`."""
    texts = sentence.texts
    start = index + (texts[index] == "the")
    day = day_number_at(sentence, start)
    if not day:
        return None
    number, end, is_ordinal = day
    last = number
    if texts[end] in {"-", "to", "and", "or", "through", "&"}:
        second = day_number_at(sentence, end + 1 + (texts[end + 1] == "the"))
        if second and second[0] > number and _month_behind(sentence, second[1]):
            last, end, is_ordinal = second[0], second[1], is_ordinal or second[2]
    end += texts[end] == "of"
    month = MONTHS.get(texts[end])
    if not month or not (is_ordinal or texts[end - 1] == "of" or _is_plain_month(sentence, end)):
        return None
    end += 2 if texts[end + 1] == "." and len(texts[end]) <= 4 and _is_glued(sentence, end) else 1
    year, end = year_at(sentence, end)
    return _run(sentence.today, year, month, number, last), end


def _month_behind(sentence: Sentence, index: int) -> bool:
    return sentence.texts[index + (sentence.texts[index] == "of")] in MONTHS


def _is_glued(sentence: Sentence, index: int) -> bool:
    return sentence.tokens[index].end == sentence.tokens[index + 1].start and sentence.tokens[index + 2].kind != "end"


def _is_plain_month(sentence: Sentence, index: int) -> bool:
    """`5 may` is doubtful (`table for 5 may I`), `5 March` is not if a year or nothing that it describes follows."""
    is_dated = year_at(sentence, index + 1)[0] is not None
    return is_dated or sentence.texts[index] not in NAMES_TOO or sentence.is_followed_well(index + 1)


def _month(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """`December`, `December 2026`."""
    texts = sentence.texts
    month = MONTHS.get(texts[index])
    if not month:
        return None
    year, end = year_at(sentence, index + 1)
    if year is None and (not is_led or not sentence.is_followed_well(end)):
        return None
    if year is None and texts[index] in NAMES_TOO and texts[index - 1] in {"for", "to", "at"}:
        return None
    return month_days(sentence.today, month, year), end


def _day_number(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """`the 15th`, `the 1st of next month`."""
    texts = sentence.texts
    has_the = texts[index] == "the"
    day = day_number_at(sentence, index + has_the)
    if not day or not day[2]:
        return None
    is_figure = sentence.tokens[index + has_the].kind == "ordinal"
    of = _of_month(sentence, day[1])
    if of and texts[of[1] - 2] == "the":
        return next_month_day(sentence.today, day[0]), of[1]
    if of:
        found = real_date(of[0].first.year, of[0].first.month, day[0])
        days = Days(found or of[0].first, found or of[0].first, trouble=None if found else "impossible")
        return days, of[1]
    if not (is_led or (has_the and is_figure)) or not (has_the or is_figure):
        return None
    if not sentence.is_followed_well(day[1]):
        return None
    return next_month_day(sentence.today, day[0]), day[1]


def _of_month(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    texts = sentence.texts
    start = index + (texts[index] in {"of", "in"})
    start += texts[start] == "the"
    step = {"this": 0, "next": 1}.get(texts[start])
    if step is not None and texts[start + 1] == "month":
        start += 1
    elif texts[start] != "month" or texts[start - 1] != "the":
        return None
    first = month_later(sentence.today.replace(day=1), step or 0)
    return Days(first, month_end(first.year, first.month), "month"), start + 1


def _year_alone(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`in 2027`."""
    year, end = year_at(sentence, index)
    if year is None or end != index + 1 or year < sentence.today.year or year > sentence.today.year + 10:
        return None
    if not sentence.is_followed_well(end) or sentence.texts[index - 1] not in {"in", "by", "before", "until", "of"}:
        return None
    return Days(date(year, 1, 1), date(year, 12, 31), "year"), end


def week_of(day: date) -> Days:
    """Monday to Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + timedelta(days=6), "week")


def is_weathered_behind(sentence: Sentence, index: int) -> bool:
    """Whether a relative clause behind this day tells its weather: `the first Sunday that is sunny`."""
    if sentence.tokens[index].raw not in {"that", "thats", "which", "with"}:
        return False
    return any(token.raw in FORECAST for token in sentence.tokens[index : index + 5])


def is_weathered(sentence: Sentence, index: int) -> bool:
    """Whether weather stands between this day and what points at it: any day that has it is meant."""
    for before in range(index - 1, max(index - 6, -1), -1):
        raw = sentence.tokens[before].raw
        if raw in WEATHER:
            return True
        if raw not in _LOOKS_BACK:
            return False
    return False
