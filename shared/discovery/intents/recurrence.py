"""What comes again: `every Friday`, `weekly`, `first Sunday of each month`, as RFC 5545 rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.discovery.intents.calendar_dates import Days, day_number_at
from shared.discovery.intents.clock_words import Part, part_at
from shared.discovery.intents.holidays import HOLIDAYS
from shared.discovery.intents.numbers_words import number_at
from shared.discovery.intents.time_tokens import Phrases, Sentence
from shared.discovery.intents.time_words import (
    MONTHS,
    ORDINAL_WORDS,
    PLURAL_DAYS,
    RULE_DAYS,
    SEASONS,
    UNITS,
    WEATHER,
    WEEKDAY_NAMES,
)

_ORDER = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE")
_WORKDAYS, _WEEKEND = (0, 1, 2, 3, 4), (5, 6)
_EVERY = frozenset({"every", "each"})
_UNIT_RULES = {
    "minute": ("MINUTELY", 1), "hour": ("HOURLY", 1), "day": ("DAILY", 1), "week": ("WEEKLY", 1),
    "fortnight": ("WEEKLY", 2), "month": ("MONTHLY", 1), "quarter": ("MONTHLY", 3), "year": ("YEARLY", 1),
}  # fmt: skip
_ADVERBS = {
    "daily": ("day", 1.0), "everyday": ("day", 0.9), "weekly": ("week", 1.0), "monthly": ("month", 1.0),
    "yearly": ("year", 1.0), "annually": ("year", 1.0), "fortnightly": ("fortnight", 1.0), "hourly": ("hour", 1.0),
    "quarterly": ("quarter", 1.0), "biweekly": ("fortnight", 0.75), "bi weekly": ("fortnight", 0.75),
    "bimonthly": ("month", 0.7), "nightly": ("day", 1.0),
}  # fmt: skip
_ADVERB_PHRASES = Phrases(_ADVERBS)
_GROUPS = Phrases({
    "weekday": _WORKDAYS, "weekdays": _WORKDAYS, "business day": _WORKDAYS, "business days": _WORKDAYS,
    "working day": _WORKDAYS, "work day": _WORKDAYS, "workday": _WORKDAYS, "weeknight": _WORKDAYS,
    "weeknights": _WORKDAYS, "weekend": _WEEKEND, "weekends": _WEEKEND,
})  # fmt: skip
_PLURAL_GROUPS = frozenset({"weekdays", "weekends", "weeknights"})
_HOLIDAYS = Phrases(HOLIDAYS)
_SUITING = frozenset({"suit", "suits", "work", "works", "best", "preferred", "ideal", "fine", "ok", "okay", "easiest"})
_SUITED = frozenset({"prefer", "free", "available", "home", "off", "closed", "around", "like"})
"""With these it is said when somebody can be met, and not that something comes again."""
_PLURAL_PARTS = frozenset({"mornings", "afternoons", "evenings", "nights", "lunchtimes"})
_TIMES = {"once": 1, "twice": 2, "thrice": 3}
_RANKS = {word: rank for word, rank in ORDINAL_WORDS.items() if rank <= 5} | {
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1,
}  # fmt: skip
_EXCEPT = Phrases(
    dict.fromkeys(("except", "except on", "except for", "but not", "but not on", "excluding", "but"), True)
)
_LISTED = frozenset({",", "and", "&", "or", "/", "+"})
OTHER = frozenset({"other", "second", "2nd", "alternate"})


class Recurrence(NamedTuple):
    """A rule's parts by their RFC 5545 names; weekdays: Monday is 0; certainty: below 1 where words leave it open."""

    parts: Mapping[str, str]
    weekdays: tuple[int, ...] = ()
    part: Part | None = None
    certainty: float = 1.0
    holiday: str | None = None

    @property
    def rule(self) -> str:
        """The rule as RFC 5545 writes it, without its `RRULE:`."""
        return ";".join(f"{name}={self.parts[name]}" for name in _ORDER if name in self.parts)

    def with_parts(self, **parts: str) -> Recurrence:
        """With parts that are not there yet."""
        return self._replace(parts={**parts, **self.parts})

    def on_days(self, days: Days) -> Recurrence:
        """Tied to a day: `each month on the 1st`, `every year on May 3`, `weekly, on Tuesday`."""
        frequency = self.parts["FREQ"]
        if "BYDAY" in self.parts or "BYMONTHDAY" in self.parts or not days.is_one:
            return self
        if frequency == "WEEKLY" and days.kind == "weekday":
            return self.with_parts(BYDAY=_days(days.weekdays))._replace(weekdays=days.weekdays)
        if frequency == "MONTHLY" and days.month_day:
            return self.with_parts(BYMONTHDAY=str(days.month_day[1]))
        if frequency == "YEARLY" and (days.month_day or days.holiday):
            return self.with_parts(BYMONTH=str(days.first.month), BYMONTHDAY=str(days.first.day))
        return self

    def joined(self, other: Recurrence) -> Recurrence:
        """Said in two: `weekly … on Fridays`."""
        parts = dict(self.parts)
        if parts["FREQ"] == other.parts["FREQ"]:
            parts = {**other.parts, **parts}
        return self._replace(
            parts=parts, weekdays=self.weekdays or other.weekdays, part=self.part or other.part,
            certainty=min(self.certainty, other.certainty),
        )  # fmt: skip


def recurrence_at(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """The recurrence that begins here, and where it ends."""
    found = _said_at(sentence, index)
    if not found:
        return None
    recurrence, end = _without(sentence, *_tied(sentence, *found))
    part = part_at(sentence, end, is_led=bool(recurrence.weekdays)) if recurrence.part is None else None
    return (recurrence._replace(part=part[0]), part[1]) if part else (recurrence, end)


def _tied(sentence: Sentence, recurrence: Recurrence, end: int) -> tuple[Recurrence, int]:
    """To days said right behind: `each month on the 1st and 15th`, `every week on Monday and Thursday`."""
    texts = sentence.texts
    start = end + (texts[end] == "on")
    if start == end or "BYDAY" in recurrence.parts or "BYMONTHDAY" in recurrence.parts:
        return recurrence, end
    if recurrence.parts["FREQ"] == "WEEKLY" and (listed := _weekdays(sentence, start)):
        return recurrence.with_parts(BYDAY=_days(listed[0]))._replace(weekdays=tuple(sorted(set(listed[0])))), listed[1]
    day = day_number_at(sentence, start + (texts[start] == "the"))
    if recurrence.parts["FREQ"] == "MONTHLY" and day and day[2] and 1 <= day[0] <= 31:
        tied, end = _month_days(sentence, day[0], day[1])
        return recurrence.with_parts(BYMONTHDAY=tied.parts["BYMONTHDAY"]), end
    return recurrence, end


def _without(sentence: Sentence, recurrence: Recurrence, end: int) -> tuple[Recurrence, int]:
    """`every day except Sundays`."""
    found = _EXCEPT.at(sentence.texts, end)
    listed = _weekdays(sentence, found[1]) if found else None
    days = recurrence.weekdays or (tuple(range(7)) if recurrence.parts == {"FREQ": "DAILY"} else ())
    left = tuple(day for day in days if listed and day not in listed[0])
    return (weekly_on(left), listed[1]) if listed and left else (recurrence, end)


def _said_at(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    texts = sentence.texts
    word = texts[index]
    if word in _EVERY:
        start = index + 1
        while texts[start] == "single" or sentence.tokens[start].raw in WEATHER:
            start += 1
        return _every(sentence, start)
    if word in {"alternate", "alternating"} and (found := _every_day(sentence, index + 1, 2)):
        return found
    adverb = _ADVERB_PHRASES.at(texts, index)
    if adverb and (word != "everyday" or sentence.is_followed_well(adverb[1])):
        (unit, certainty), end = adverb
        return _of_unit(unit, 1, certainty), end
    return _plural(sentence, index) or _so_often(sentence, index) or _ranked(sentence, index)


def _of_unit(unit: str, interval: int, certainty: float = 1.0) -> Recurrence:
    frequency, size = _UNIT_RULES[unit]
    parts = {"FREQ": frequency}
    if size * interval > 1:
        parts["INTERVAL"] = str(size * interval)
    return Recurrence(parts, certainty=certainty)


def weekly_on(weekdays: tuple[int, ...], interval: int = 1) -> Recurrence:
    """Every week, or every so many, on these weekdays (0 is Monday)."""
    parts = {"FREQ": "WEEKLY", "BYDAY": _days(weekdays)}
    if interval > 1:
        parts["INTERVAL"] = str(interval)
    return Recurrence(parts, tuple(sorted(set(weekdays))))


def _days(weekdays: tuple[int, ...]) -> str:
    return ",".join(RULE_DAYS[day] for day in sorted(set(weekdays)))


def _every(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """What stands behind `every`."""
    texts = sentence.texts
    return (
        _every_ranked(sentence, index)
        or _every_other(sentence, index)
        or _every_so_many(sentence, index)
        or _every_date(sentence, index)
        or _every_day(sentence, index, 1)
        or _every_holiday(texts, index)
        or _every_season(texts, index)
    )


def _every_day(sentence: Sentence, index: int, interval: int) -> tuple[Recurrence, int] | None:
    """A unit, a part of the day, weekdays, or a month."""
    texts = sentence.texts
    group = _GROUPS.at(texts, index)
    if group:
        return weekly_on(group[0], interval), group[1]
    listed = _weekdays(sentence, index)
    if listed:
        return weekly_on(listed[0], interval), listed[1]
    part = part_at(sentence, index, is_led=True) if texts[index] not in {"lunch", "first", "am"} else None
    if part:
        return _of_unit("day", interval)._replace(part=part[0]), part[1]
    unit = UNITS.get(texts[index])
    return (_of_unit(unit, interval), index + 1) if unit else None


def _weekdays(
    sentence: Sentence, index: int, names: Mapping[str, int] | None = None
) -> tuple[tuple[int, ...], int] | None:
    """`Monday`, `Mon, Wed and Fri`, `Monday to Friday`."""
    texts, known = sentence.texts, {**WEEKDAY_NAMES, **PLURAL_DAYS} if names is None else names
    first = known.get(texts[index])
    if first is None:
        return None
    days, end = [first], index + 1
    if texts[end] in {"to", "through", "thru", "-"} and (last := known.get(texts[end + 1])) is not None:
        return tuple((first + step) % 7 for step in range((last - first) % 7 + 1)), end + 2
    while texts[end] in _LISTED:
        start = end + 1 + (texts[end + 1] in _LISTED)
        start += texts[start] in _EVERY or texts[start] == "on"
        day = known.get(texts[start])
        if day is None:
            break
        days.append(day)
        end = start + 1
    return tuple(days), end


def _every_other(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`every other week`, `every second Friday`, `every third month`."""
    texts = sentence.texts
    interval = 2 if texts[index] in OTHER else _RANKS.get(texts[index], 0)
    if interval < 2:
        return None
    return _every_day(sentence, index + 1, interval)


def _every_so_many(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`every two weeks`, `every few months`, `every 6 hours`."""
    texts = sentence.texts
    found = number_at(sentence.tokens, index)
    count, used, certainty = (found[0], found[1], 1.0) if found else (3, 1, 0.7)
    if (not found and texts[index] != "few") or count != int(count) or not 1 <= count <= 366:
        return None
    if not texts[index + used].endswith(("s", "fortnight", "day", "week", "month", "year", "hour")):
        return None
    unit = UNITS.get(texts[index + used])
    return (_of_unit(unit, int(count), certainty), index + used + 1) if unit else None


def _every_ranked(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`every first Monday`, `every last Friday of the month`, `every second Friday of the month`."""
    texts = sentence.texts
    rank, day = _RANKS.get(texts[index]), WEEKDAY_NAMES.get(texts[index + 1])
    if rank is None or day is None:
        return None
    of = texts[index + 2 : index + 5]
    is_of = of in (["of", "the", "month"], ["in", "the", "month"], ["of", "every", "month"], ["of", "each", "month"])
    if not is_of and rank not in {1, -1}:
        return None
    return _monthly(rank, day), index + (5 if is_of else 2)


def _monthly(rank: int, weekday: int) -> Recurrence:
    return Recurrence({"FREQ": "MONTHLY", "BYDAY": f"{rank}{RULE_DAYS[weekday]}"})


def _every_date(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`every May 3rd`, `every 3rd of May`, `every December`, `every 1st and 15th`."""
    texts = sentence.texts
    month = MONTHS.get(texts[index])
    if month:
        day = day_number_at(sentence, index + 1)
        parts = {"FREQ": "YEARLY", "BYMONTH": str(month)}
        return (Recurrence({**parts, "BYMONTHDAY": str(day[0])}), day[1]) if day else (Recurrence(parts), index + 1)
    day = day_number_at(sentence, index)
    if not day or not day[2] or day[0] > 31 or texts[index] in {"second", "first", "third"}:
        return None
    number, end, _ = day
    of = end + (texts[end] == "of")
    if texts[of] in MONTHS:
        parts = {"FREQ": "YEARLY", "BYMONTH": str(MONTHS[texts[of]]), "BYMONTHDAY": str(number)}
        return Recurrence(parts), of + 1
    if UNITS.get(texts[end]) or texts[end] in WEEKDAY_NAMES:
        return None
    return _month_days(sentence, number, end)


def _month_days(sentence: Sentence, number: int, end: int) -> tuple[Recurrence, int]:
    texts, numbers = sentence.texts, [number]
    while texts[end] in _LISTED:
        more = day_number_at(sentence, end + 1 + (texts[end + 1] == "the"))
        if not more or not more[2]:
            break
        numbers.append(more[0])
        end = more[1]
    if texts[end] == "of" and texts[end + 1] in {"the", "each", "every"} and texts[end + 2] == "month":
        end += 3
    return Recurrence({"FREQ": "MONTHLY", "BYMONTHDAY": ",".join(map(str, numbers))}), end


def _every_holiday(texts: list[str], index: int) -> tuple[Recurrence, int] | None:
    found = _HOLIDAYS.at(texts, index)
    if not found:
        return None
    holiday, end = found
    parts = {"FREQ": "YEARLY", **dict(part.split("=") for part in holiday.rule.split(";") if part)}
    return Recurrence(parts, holiday=holiday.name), end


def _every_season(texts: list[str], index: int) -> tuple[Recurrence, int] | None:
    """`each spring`: in its first month."""
    month = SEASONS.get(texts[index])
    return (Recurrence({"FREQ": "YEARLY", "BYMONTH": str(month)}, certainty=0.8), index + 1) if month else None


def _plural(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`Fridays`, `on Mondays and Thursdays`, `weekends`; but not `weekday mornings suit us best`."""
    texts = sentence.texts
    before, behind = texts[max(index - 2, 0) : index], texts[index + 1 : index + 4]
    if not (_SUITING.isdisjoint(behind) and _SUITED.isdisjoint(before)):
        return None
    if texts[index] in _PLURAL_GROUPS and texts[index - 1] not in {"business", "working"}:
        group = _GROUPS.at(texts, index)
        return (weekly_on(group[0]), group[1]) if group else None
    several = _weekdays(sentence, index, WEEKDAY_NAMES)
    if several and len(several[0]) > 1 and texts[several[1]] in _PLURAL_PARTS:
        return weekly_on(several[0]), several[1]
    if texts[index + 1] in _PLURAL_PARTS:
        group = _GROUPS.at(texts, index)
        days = group[0] if group else (WEEKDAY_NAMES[texts[index]],) if texts[index] in WEEKDAY_NAMES else ()
        return (weekly_on(days), index + 1) if days else None
    if texts[index] not in PLURAL_DAYS or number_at(sentence.tokens, index - 1):
        return None
    listed = _weekdays(sentence, index)
    return (weekly_on(listed[0]), listed[1]) if listed else None


def _so_often(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`once a month`, `twice a week`, `three times a year`, `once every two weeks`."""
    texts = sentence.texts
    count, end = _TIMES.get(texts[index], 0), index + 1
    found = None if count else number_at(sentence.tokens, index)
    if found and texts[index + found[1]] in {"times", "x"}:
        count, end = int(found[0]), index + found[1] + 1
    if not count:
        return None
    if texts[end] in _EVERY:
        every = _every(sentence, end + 1)
        return (every[0]._replace(certainty=0.7) if every and count > 1 else every[0], every[1]) if every else None
    unit = UNITS.get(texts[end + 1])
    if texts[end] not in {"a", "an", "per"} or not unit:
        return None
    return _of_unit(unit, 1, 1.0 if count == 1 else 0.7), end + 2


def _ranked(sentence: Sentence, index: int) -> tuple[Recurrence, int] | None:
    """`the first Sunday of each month`, `the 1st of every month`, `the last day of each month`."""
    texts = sentence.texts
    start = index + 1 if texts[index] == "the" else index
    rank, weekday = _RANKS.get(texts[start]), WEEKDAY_NAMES.get(texts[start + 1])
    if rank and (weekday is not None or texts[start + 1] == "day"):
        if texts[start + 2] not in {"of", "in"} or texts[start + 3] not in _EVERY or texts[start + 4] != "month":
            return None
        if weekday is None:
            return Recurrence({"FREQ": "MONTHLY", "BYMONTHDAY": str(rank)}), start + 5
        return _monthly(rank, weekday), start + 5
    day = day_number_at(sentence, start)
    if not day or not day[2] or not 1 <= day[0] <= 31:
        return None
    found = _month_days(sentence, day[0], day[1])
    return found if texts[found[1] - 1] == "month" and texts[found[1] - 2] in _EVERY else None
