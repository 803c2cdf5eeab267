"""Weeks, weekends, months, years and seasons: `next week`, `early December`, `last Friday of the month`."""

from __future__ import annotations

from datetime import date, timedelta

from shared.discovery.intents.calendar_dates import (
    Days,
    day_number_at,
    is_weathered,
    is_weathered_behind,
    month_days,
    real_date,
    week_of,
    year_at,
)
from shared.discovery.intents.elapsed import month_later
from shared.discovery.intents.holidays import month_end, nth_weekday
from shared.discovery.intents.time_tokens import Phrases, Sentence
from shared.discovery.intents.time_words import MONTHS, ORDINAL_WORDS, SEASONS, WEEKDAY_NAMES

DAY = timedelta(days=1)
SAT = 5
_THIS = frozenset({"this", "coming", "upcoming", "following"})
_OPEN = frozenset({"a", "any", "some"})
_UNITS = frozenset({"week", "weekend", "month", "year", "quarter"})
_RANKS = {word: rank for word, rank in ORDINAL_WORDS.items() if rank <= 5} | {
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1, "final": -1,
}  # fmt: skip
_EDGES = Phrases({
    "end of": "end", "end": "end", "close of": "end", "late in": "late", "late": "late", "later": "late",
    "later in": "late",
    "early in": "early", "early": "early", "earlier in": "early", "start of": "start", "beginning of": "start",
    "first of": "start", "top of": "start", "middle of": "mid", "mid": "mid", "mid of": "mid",
})  # fmt: skip
_SHORT = Phrases({
    "eow": ("week", "end"), "eom": ("month", "end"), "eoy": ("year", "end"), "month end": ("month", "end"),
    "months end": ("month", "end"), "year end": ("year", "end"), "years end": ("year", "end"), "weeks end": ("week",
    "end"),
    "midweek": ("week", "mid"), "mid week": ("week", "mid"),
})  # fmt: skip
_PIECES = {
    "week": {"start": (0, 0), "early": (0, 1), "mid": (1, 3), "late": (3, 6), "end": (6, 6)},
    "month": {"start": (0, 0), "early": (0, 9), "mid": (9, 19), "late": (20, 30), "end": (20, 30)},
    "year": {"start": (0, 0), "early": (0, 89), "mid": (150, 211), "late": (273, 365), "end": (364, 365)},
    "weekend": {"start": (0, 0), "early": (0, 0), "mid": (0, 1), "late": (1, 1), "end": (1, 1)},
}  # fmt: skip
"""Days from the first, both included, cut to what there is."""


def weekday_after(today: date, weekday: int) -> date:
    """The coming such weekday; said on that very weekday it means the one in seven days."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def weekend_of(day: date) -> Days:
    """Saturday and Sunday of a day's week, Monday being its first day."""
    saturday = day - timedelta(days=day.weekday() - SAT)
    return Days(saturday, saturday + DAY, "weekend")


def span_at(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """The run of days that begins here."""
    texts = sentence.texts
    start = index + 1 if texts[index] == "the" or (texts[index] in _OPEN and texts[index + 1] == "weekend") else index
    short = _SHORT.at(texts, start)
    if short:
        (unit, edge), end = short
        piece = _piece(unit_of(sentence.today, unit, 0), edge)
        return piece if piece.last >= sentence.today else _piece(unit_of(sentence.today, unit, 1), edge), end
    return (
        _ranked(sentence, start)
        or _edge(sentence, start)
        or _pointed(sentence, start)
        or _weekend(sentence, start, is_led=is_led or texts[index] == "the")
        or _week_of(sentence, start)
    )


def unit_of(today: date, unit: str, step: int) -> Days:
    """This (0), the next (1) or the last (-1) week, weekend, month, quarter or year."""
    if unit == "week":
        return week_of(today + timedelta(weeks=step))
    if unit == "weekend":
        return weekend_of(today + timedelta(weeks=step))
    if unit == "year":
        return Days(date(today.year + step, 1, 1), date(today.year + step, 12, 31), "year")
    if unit == "quarter":
        first = month_later(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), step * 3)
        last = month_later(first, 2)
        return Days(first, month_end(last.year, last.month), "year")
    first = month_later(today.replace(day=1), step)
    return Days(first, month_end(first.year, first.month), "month")


def _pointed(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`this`, `next` or `last` before a unit, month, season or weekday; `week after next`."""
    texts = sentence.texts
    word = texts[index]
    if texts[index + 1 : index + 3] == ["after", "next"] and word in _UNITS:
        return unit_of(sentence.today, word, 2), index + 3
    if word in _THIS:
        start = index + 2 if texts[index + 1] == "coming" else index + 1
        return _pointed_at(sentence, start, 0)
    if word in {"next", "last", "past"}:
        return _pointed_at(sentence, index + 1, 1 if word == "next" else -1)
    return None


def _pointed_at(sentence: Sentence, index: int, step: int) -> tuple[Days, int] | None:
    texts, today = sentence.texts, sentence.today
    word = texts[index]
    if word in _UNITS:
        unit = unit_of(today, word, step)
        return _weekday_within(sentence, unit._replace(is_over=step < 0), index + 1)
    if word in WEEKDAY_NAMES and (len(word) > 5 or sentence.is_followed_well(index + 1)):
        return _pointed_weekday(sentence, WEEKDAY_NAMES[word], step), index + 1
    if word in MONTHS and sentence.is_followed_well(index + 1):
        return _pointed_month(today, MONTHS[word], step), index + 1
    if word in SEASONS and sentence.is_followed_well(index + 1):
        return season(today, SEASONS[word], step), index + 1
    if step == 1 and texts[index : index + 2] in (["business", "day"], ["working", "day"]):
        day = today + DAY * (7 - today.weekday() if today.weekday() >= 4 else 1)
        return Days(day, day), index + 2
    if step == 1 and word == "day" and texts[index + 1] in {"delivery", "shipping", "courier", "dispatch"}:
        return Days(today + DAY, today + DAY), index + 1
    return None


def _pointed_weekday(sentence: Sentence, weekday: int, step: int) -> Days:
    """`this` is the coming one, today too; `next` the one of the next calendar week; `last` the one gone by."""
    today = sentence.today
    if step > 0:
        day = week_of(today).first + timedelta(days=7 + weekday)
    elif step < 0:
        day = weekday_after(today, weekday) - timedelta(days=14 if weekday == today.weekday() else 7)
    else:
        day = weekday_after(today - DAY, weekday)
    return Days(day, day, "day", (weekday,), is_over=step < 0)


def _weekday_within(sentence: Sentence, unit: Days, end: int) -> tuple[Days, int]:
    """`next week Friday`, `next week on Friday`, `next month on the 3rd`."""
    texts = sentence.texts
    start = end
    while texts[start] in {"on", ","} and start < end + 2:
        start += 1
    if unit.kind == "month" and texts[start] == "the" and (number := day_number_at(sentence, start + 1)):
        date_in = real_date(unit.first.year, unit.first.month, number[0])
        return (unit._replace(first=date_in, last=date_in, kind="day"), number[1]) if date_in else (unit, end)
    weekday = WEEKDAY_NAMES.get(texts[start])
    if unit.kind != "week" or weekday is None or (texts[end] == "," and len(texts[start]) < 6):
        return unit, end
    day = unit.first + timedelta(days=weekday)
    return Days(day, day, "day", (weekday,), is_over=unit.is_over), start + 1


def _pointed_month(today: date, month: int, step: int) -> Days:
    days = month_days(today, month, None)
    if step < 0:
        year = today.year if month < today.month else today.year - 1
        return month_days(today, month, year)._replace(is_over=True)
    return month_days(today, month, today.year + 1) if step and month == today.month else days


def season(today: date, month: int, step: int) -> Days:
    """Three whole months from one on: the season under way or to come; the one after it if step is above zero."""
    for years in (-1, 0, 1):
        first = date(today.year + years, month, 1)
        last = month_later(first, 2)
        end = month_end(last.year, last.month)
        if end >= today and not (step > 0 and first <= today):
            return Days(first, end, "year", is_over=False)
    raise AssertionError("a season comes every year")


def _weekend(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """`the weekend`, `the weekend of the 12th`, `weekend after next`."""
    texts = sentence.texts
    if texts[index] != "weekend":
        return None
    if texts[index + 1] == "of" and (day := _day_of(sentence, index + 2)):
        return weekend_of(day[0].first), day[1]
    is_article = texts[index - 1] in _OPEN
    end = index + 1 + (texts[index + 1] == "day")
    is_told = is_article and texts[end] in {"is", "looks", "turns", "gets", "has", "comes"}
    if not is_led and not is_told and (is_article or not sentence.is_followed_well(end)):
        return None
    is_open = is_article or is_weathered(sentence, index) or is_weathered_behind(sentence, end)
    days = weekend_of(sentence.today)
    if days.first <= sentence.today and "before" in texts[max(index - 2, 0) : index]:
        days = unit_of(sentence.today, "weekend", 1)  # before one that has begun is before the next
    return days._replace(weekdays=(5, 6), is_open=is_open), end


def _week_of(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`the week of Dec 7`, `week commencing 7 December`."""
    texts = sentence.texts
    if texts[index] != "week" or texts[index + 1] not in {"of", "commencing", "beginning", "starting"}:
        return None
    found = _day_of(sentence, index + 2)
    return (week_of(found[0].first), found[1]) if found and not found[0].trouble else None


def _day_of(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    # Imported here for the two grammars are one: a week is named by a day, and a day by its week.
    from shared.discovery.intents.calendar_words import one_day_at  # noqa: PLC0415

    return one_day_at(sentence, index, is_led=True)


def _scope(sentence: Sentence, index: int) -> tuple[Days, int, bool] | None:
    """The month or year in which something is counted, where it ends, and whether a year was left open."""
    texts, today = sentence.texts, sentence.today
    start = index + 1 if texts[index] in {"of", "in"} else index
    if texts[start] in MONTHS:
        year, end = year_at(sentence, start + 1)
        return month_days(today, MONTHS[texts[start]], year), end, year is None
    word = texts[start]
    if word not in {"the", "this", "next"}:
        return None
    start += 1
    step = 1 if word == "next" or texts[start] == "next" else 0
    start += texts[start] in {"next", "new", "coming"}
    unit = texts[start]
    if texts[start] in {"month", "year", "week"}:
        return unit_of(today, unit, step), start + 1, word == "the" and not step
    return None


def _ranked(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`first Monday of January`, `last day of the month`, `second weekend in December`, `first week of May`."""
    texts, today = sentence.texts, sentence.today
    rank = _RANKS.get(texts[index])
    if rank is None or texts[index + 2] not in {"of", "in"}:
        return None
    scope = _scope(sentence, index + 2)
    if not scope:
        return None
    within, end, is_free = scope
    word = texts[index + 1]
    found = _nth(within, word, rank)
    if found and found.last < today and is_free:
        step = 1 if texts[end - 1] in {"month"} else 12
        first = month_later(within.first, step)
        found = _nth(Days(first, month_end(first.year, first.month), "month"), word, rank)
    return (found, end) if found else None


def _nth(within: Days, word: str, rank: int) -> Days | None:
    if word in WEEKDAY_NAMES and within.kind == "month":
        day = nth_weekday(within.first.year, within.first.month, WEEKDAY_NAMES[word], rank)
        return Days(day, day, "day", (WEEKDAY_NAMES[word],)) if day else None
    if word == "weekend" and within.kind == "month":
        saturday = nth_weekday(within.first.year, within.first.month, SAT, rank)
        return weekend_of(saturday) if saturday else None
    if word == "week" and within.kind == "month":
        start = within.last - 6 * DAY if rank < 0 else within.first + 7 * (rank - 1) * DAY
        return Days(start, min(start + 6 * DAY, within.last), "week") if start <= within.last else None
    if word == "half" and within.kind == "month" and rank in {1, 2, -1}:
        middle = within.first + 14 * DAY
        return Days(within.first, middle, "week") if rank == 1 else Days(middle + DAY, within.last, "week")
    if word == "day":
        day = within.last if rank < 0 else within.first + (rank - 1) * DAY
        return Days(day, day)
    return None


def _edge(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`end of the month`, `mid-December`, `early next week`, `end of next year`."""
    texts = sentence.texts
    found = _EDGES.at(texts, index)
    if not found:
        return None
    edge, start = found
    scope = _scope(sentence, start)
    whole = (scope[0], scope[1]) if scope else _pointed(sentence, start)
    start += texts[start] == "the"
    whole = whole or _pointed(sentence, start) or _weekend(sentence, start, is_led=True)
    if whole:
        return (_piece(whole[0], edge), whole[1]) if whole[0].kind in _PIECES else None
    is_bare = edge in {"end", "mid", "start"} and texts[start] in _PIECES
    if is_bare and (texts[start - 1] != edge or texts[index - 1] in {"by", "at", "before", "until"} or edge == "mid"):
        return _piece(unit_of(sentence.today, texts[start], 0), edge), start + 1
    if edge == "end" and texts[start - 1] in {"of", "the"} and (day := _day_of(sentence, start)):
        return day[0]._replace(first=day[0].last), day[1]
    return None


def _piece(whole: Days, edge: str) -> Days:
    first, last = _PIECES[whole.kind][edge]
    end = min(whole.first + last * DAY, whole.last)
    return whole._replace(first=min(whole.first + first * DAY, end), last=end, kind="week" if first != last else "day")
