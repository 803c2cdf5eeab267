"""Days as people name them: `tomorrow`, `Friday the 13th`, `two days before Christmas`, `Monday to Wednesday`."""

from __future__ import annotations

from datetime import date, timedelta

from shared.discovery.intents.calendar_dates import Days, date_at, is_weathered, is_weathered_behind, week_of
from shared.discovery.intents.calendar_spans import season, span_at, weekday_after, weekend_of
from shared.discovery.intents.elapsed import Amount, amount_at, shifted
from shared.discovery.intents.holidays import HOLIDAYS, Holiday
from shared.discovery.intents.time_tokens import Phrases, Sentence
from shared.discovery.intents.time_words import ABBREVIATED_DAYS, SEASONS, WEEKDAY_NAMES

DAY = timedelta(days=1)
DEPTH_MAX = 4
"""Of days named by other days (`the day before the Friday after Easter`)."""
_NEAR = Phrases({
    "today": 0, "day after tomorrow": 2, "the day after tomorrow": 2, "tomorrow": 1, "tomorrows": 1, "todays": 0,
    "yesterday": -1, "yesterdays": -1, "day before yesterday": -2, "the day before yesterday": -2, "same day": 0,
    "the following day": 1, "overnight delivery": 1, "overnight shipping": 1, "overnight courier": 1,
})  # fmt: skip
_HOLIDAYS = Phrases(HOLIDAYS)
_TO = frozenset({"-", "to", "through", "thru", "until", "till", "til"})
_OR = frozenset({"or", "and", "&", "/"})
_OR_ELSE = frozenset({"or", "/"})
_BEFORE, _AFTER = frozenset({"before", "prior"}), frozenset({"after", "from", "following"})
_ON = frozenset({"on", "the", ","})
_OPEN = frozenset({"a", "any", "some", "whichever"})
_HOLIDAY_MEALS = frozenset(
    {"dinner", "lunch", "brunch", "breakfast", "day", "morning", "evening", "night", "afternoon"}
)


def days_at(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """The day or days named here, spans and alternatives included; is_led: the word before lets expect a time."""
    found = one_day_at(sentence, index, is_led=is_led)
    while found:
        days, end = found
        joint = sentence.texts[end]
        if joint not in _OR and (joint not in _TO or (joint == "to" and sentence.is_change)):
            break
        second = one_day_at(sentence, end + 1 + (sentence.texts[end + 1] == "on"), is_led=True)
        joined = _joined(days, second[0], joint) if second else None
        if not second or not joined:
            break
        found = joined, second[1]
    return found


def one_day_at(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """One day, or a run of days with a name of its own."""
    if not sentence.texts[index] or sentence.depth >= DEPTH_MAX:
        return None
    sentence.depth += 1
    found = _one_day(sentence, index, is_led=is_led)
    sentence.depth -= 1
    return found


def _one_day(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    near = _NEAR.at(sentence.texts, index)
    if near:
        day = sentence.today + near[0] * DAY
        return _a_week_later(sentence, Days(day, day, is_over=near[0] < 0), near[1])
    return (
        _amount_beside(sentence, index)
        or _weekday_beside(sentence, index)
        or _elapsed_days(sentence, index)
        or span_at(sentence, index, is_led=is_led)
        or _holiday(sentence, index, is_led=is_led)
        or _weekday(sentence, index, is_led=is_led)
        or _season(sentence, index)
        or date_at(sentence, index, is_led=is_led)
    )


def _joined(first: Days, second: Days, joint: str) -> Days | None:
    """From one to the other; weekdays and bare numbers of the second follow upon the first."""
    is_span = joint in _TO
    if first.is_open and second.is_open:
        return first._replace(weekdays=(*first.weekdays, *second.weekdays))
    if first.trouble or second.trouble or first.is_open or second.is_open:
        return None
    if first.kind == "number" and second.month_day and second.month_day[0] and first.month_day:
        day = first.month_day[1]
        if day < second.first.day:
            first = second._replace(first=second.first.replace(day=day), last=second.first.replace(day=day))
    last = second.last
    if is_span and first.kind == "weekday" and second.month_day and second.first.weekday() == first.weekdays[0]:
        return second  # "Saturday - Dec 5" names one day twice
    while last < first.first and second.kind == "weekday":
        last += 7 * DAY
    if last < first.first and is_span:
        return first._replace(trouble="contradictory")
    certainty = min(first.certainty, second.certainty, 1.0 if joint not in _OR_ELSE else 0.9)
    kind = "weekdays" if first.kind == second.kind == "weekday" and not is_span else "week"
    return Days(
        min(first.first, last), max(last, first.last), kind, weekdays=(*first.weekdays, *second.weekdays),
        is_span=is_span, certainty=certainty,
    )  # fmt: skip


def _amount_beside(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`two days before Christmas`, `the day after Thanksgiving`, `a week from Friday`, `a week on Friday`."""
    texts = sentence.texts
    start = index + 1 if texts[index] == "the" else index
    if texts[start] in _HEADS:
        amount, end = Amount(1, 1, _HEADS[texts[start]]), start + 1
    else:
        found = amount_at(sentence, index)
        if not found or found[0].is_clock:
            return None
        amount, end = found
    sign = -1 if texts[end] in _BEFORE else 1 if texts[end] in _AFTER else 0
    if texts[end] == "on" and amount.unit in {"week", "fortnight"} and WEEKDAY_NAMES.get(texts[end + 1]) is not None:
        sign = 1
    if not sign or (start > index and texts[end] == "from"):
        return None
    anchor = _anchor(sentence, end + 1 + (texts[end + 1] == "to"))
    if not anchor:
        return None
    days, end = anchor
    base = days.first if sign < 0 else days.last
    if texts[start] == "weekend":
        return _weekend_beside(days, sign), end
    if texts[start] in {"week", "month"} and start > index:
        return week_of(base + sign * 7 * DAY), end
    moved = shifted(base, amount, sign * amount.high)
    return (Days(moved, moved, certainty=min(amount.certainty, days.certainty)), end) if moved else None


def _weekend_beside(days: Days, sign: int) -> Days:
    """The last weekend that is over before the days, or the first that begins after them."""
    weekend = weekend_of(days.first if sign < 0 else days.last)
    is_clear = weekend.last < days.first if sign < 0 else weekend.first > days.last
    return weekend if is_clear else weekend_of(weekend.first + sign * 7 * DAY)


def _anchor(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """The day that others are counted from."""
    if sentence.texts[index] == "now":
        return Days(sentence.today, sentence.today), index + 1
    found = one_day_at(sentence, index, is_led=True)
    return found if found and not (found[0].trouble or found[0].is_open) else None


def _weekday_beside(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`the Friday after next`, `the Saturday before Christmas`."""
    texts = sentence.texts
    start = index + 1 if texts[index] == "the" else index
    weekday = WEEKDAY_NAMES.get(texts[start])
    if weekday is None or texts[start + 1] not in {"before", "after", "following"}:
        return None
    if texts[start + 2] == "next":
        day = week_of(sentence.today).first + (14 + weekday) * DAY
        return Days(day, day, "weekday", (weekday,)), start + 3
    anchor = _anchor(sentence, start + 2) if start > index else None
    if not anchor:
        return None
    if texts[start + 1] == "before":
        day = weekday_after(anchor[0].first, weekday) - 7 * DAY
        day -= 7 * DAY if day == anchor[0].first else 0 * DAY
    else:
        day = weekday_after(anchor[0].last, weekday)
    return Days(day, day, "weekday", (weekday,)), anchor[1]


def _elapsed_days(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`in 3 days`, `in a fortnight`, `two weeks from now`, `in 2-3 days' time`."""
    texts = sentence.texts
    has_in = texts[index] == "in"
    start = index + has_in
    while has_in and texts[start] in {"about", "around", "exactly", "roughly", "approximately"}:
        start += 1
    found = amount_at(sentence, start)
    if not found or found[0].is_clock:
        return None
    amount, end = found
    is_counted = has_in
    if texts[end] == "time":
        end += 1
    elif texts[end : end + 2] == ["from", "now"] or texts[end : end + 3] == ["from", "right", "now"]:
        end, is_counted = end + 2 + (texts[end + 1] == "right"), True
    elif texts[end] == "hence":
        end, is_counted = end + 1, True
    first, last = shifted(sentence.today, amount, amount.low), shifted(sentence.today, amount, amount.high)
    if not is_counted or not first or not last:
        return None
    return Days(first, last, certainty=amount.certainty), end


def _a_week_later(sentence: Sentence, days: Days, end: int) -> tuple[Days, int]:
    """`Friday week`, `tomorrow week`, as the British say."""
    if sentence.texts[end] == "week" and sentence.is_followed_well(end + 1):
        return days._replace(first=days.first + 7 * DAY, last=days.last + 7 * DAY), end + 1
    return days, end


def _holiday(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """A holiday that tells a time: not one that describes what follows, as in `a Christmas gift`."""
    texts = sentence.texts
    start = index + 1 if texts[index] in {"the", "this", "next", "coming"} else index
    found = _HOLIDAYS.at(texts, start)
    if not found:
        return None
    holiday, end = found
    is_pointed = start > index and texts[index] != "the"
    lead = texts[index - 1]
    is_meal = texts[end] in _HOLIDAY_MEALS or (holiday.name == "new year's eve" and texts[end] == "party")
    if not (is_pointed or is_meal or sentence.is_followed_well(end) or (is_led and lead not in {"for", "at", "in"})):
        return None
    if lead in {"happy", "merry", "a", "an", "my", "our", "her", "his", "some"} and not is_led:
        return None
    return _holiday_days(sentence, holiday, end)


def _holiday_days(sentence: Sentence, holiday: Holiday, end: int) -> tuple[Days, int] | None:
    year = sentence.number(end)
    if year is not None and 1900 <= year <= 2199 and len(sentence.texts[end]) == 4:
        day, end = holiday.on(year), end + 1
    else:
        day = holiday.next_from(sentence.today)
    return (Days(day, day, holiday=holiday, certainty=holiday.certainty), end) if day else None


def _season(sentence: Sentence, index: int) -> tuple[Days, int] | None:
    """`in spring`, `over the summer`."""
    texts = sentence.texts
    start = index + 1 if texts[index] == "the" else index
    if texts[start] not in SEASONS or texts[index - 1] not in {"in", "during", "over", "until", "before"}:
        return None
    return (
        (season(sentence.today, SEASONS[texts[start]], 0), start + 1) if sentence.is_followed_well(start + 1) else None
    )


def _weekday(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Days, int] | None:
    """`Friday`, `Sat`, `Saturday the 12th`, `Friday, Dec 5`, `Friday next week`, `the next sunny Thursday`."""
    texts = sentence.texts
    start = index
    if is_led and texts[index] in {"the", *_OPEN}:
        start += 1
    word = texts[start]
    weekday = WEEKDAY_NAMES.get(word)
    if weekday is None:
        return _any_weekday(sentence, start) if start > index and word == "weekday" else None
    end = start + 1
    dated = _date_behind(sentence, end, weekday)
    if dated:
        return dated
    if word in ABBREVIATED_DAYS and not _is_abbreviation(sentence, start, is_led=is_led):
        return None
    if is_weathered(sentence, start) or is_weathered_behind(sentence, end) or texts[start - 1] in _OPEN:
        day = weekday_after(sentence.today, weekday)
        return Days(day, day, "weekday", (weekday,), is_open=True), end
    day = weekday_after(sentence.today, weekday)
    certainty = 0.8 if weekday == sentence.today.weekday() else 1.0
    return _a_week_later(sentence, Days(day, day, "weekday", (weekday,), certainty=certainty), end)


def _any_weekday(sentence: Sentence, index: int) -> tuple[Days, int]:
    """`on a weekday`."""
    return Days(sentence.today, sentence.today, "week", (0, 1, 2, 3, 4), is_open=True), index + 1


def _is_abbreviation(sentence: Sentence, index: int, *, is_led: bool) -> bool:
    """Whether `sat`, `sun`, `mon` … is a day here."""
    token = sentence.tokens[index]
    is_closed = sentence.is_followed_well(index + 1)
    if is_led or sentence.tokens[index - 1].text in {*_OR, "-", "next", "this", "every"}:
        return is_closed or sentence.tokens[index + 1].kind == "number"
    behind = sentence.tokens[index + 1]
    if is_closed and sentence.texts[index - 1] in _HANDOVERS:
        return True
    if behind.kind == "clock" or behind.text in _DAY_PARTS:
        return True
    further = sentence.tokens[index + 2]
    if behind.text in _TO | _OR and further.text in WEEKDAY_NAMES:
        return True
    if behind.text in {"at", "@"} and (further.kind in {"number", "clock"} or further.text == "noon"):
        return sentence.texts[index - 1] not in _PRONOUNS
    is_named = token.is_capital and index > 0 and sentence.tokens[index - 1].text not in {".", "!", "?"}
    return is_closed and (is_named or token.text in {"tues", "thurs", "fri"}) and behind.text not in {"and", "is"}


def _date_behind(sentence: Sentence, index: int, weekday: int) -> tuple[Days, int] | None:
    """The date that a weekday is said with; contradictory if it is another weekday."""
    texts = sentence.texts
    start = index
    if texts[start] == "." and sentence.tokens[start - 1].end == sentence.tokens[start].start:
        start += 1
    start += texts[start] in _ON or texts[start] == "-"
    week = span_at(sentence, start + (texts[start] == "of"), is_led=True)
    if week and week[0].kind == "week" and texts[start] in {"next", "this", "of"} and len(week[0].weekdays) == 0:
        day = week[0].first + weekday * DAY
        return Days(day, day, "weekday", (weekday,)), week[1]
    found = date_at(sentence, start - (start > index and texts[start - 1] == "the"), is_led=True)
    if not found or found[0].kind not in {"day", "number"}:
        return None
    days, end = found
    if days.trouble:
        return found
    if days.kind == "number" and days.first.weekday() != weekday:
        days = _next_such_day(sentence.today, days, weekday)
    is_same = days.first.weekday() == weekday
    return days._replace(kind="day", weekdays=(weekday,), trouble=None if is_same else "contradictory"), end


def _next_such_day(today: date, days: Days, weekday: int) -> Days:
    """`Friday the 13th`: the next within a few months."""
    wanted = days.first.day
    for offset in range(120):
        day = today + offset * DAY
        if day.day == wanted and day.weekday() == weekday:
            return days._replace(first=day, last=day)
    return days


_PRONOUNS = frozenset({"i", "he", "she", "we", "they", "who", "it", "you"})
_HANDOVERS = frozenset({
    "pickup", "delivery", "deliver", "due", "needed", "arriving", "arrive", "ready", "collect", "collection", "dropoff",
    "delivered", "here", "party", "wedding", "shower", "dinner", "lunch", "brunch", "up", "off", "for",
})  # fmt: skip
"""Behind these `sat` and `sun` are days."""
_DAY_PARTS = frozenset({"morning", "afternoon", "evening", "night", "lunchtime", "noon", "midday"})
_HEADS = {"day": "day", "night": "day", "eve": "day", "week": "week", "weekend": "week", "month": "month"}
