"""When it would be ready, by what a clause says: so much later than agreed, or at a moment."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from shared.dialogue.reply.model import Asked
from shared.dialogue.reply.signs import Clause
from shared.discovery.intent import Span
from shared.discovery.intents.elapsed import amount_at
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.time_tokens import Sentence as TimeSentence
from shared.discovery.intents.time_words import MONTHS, TIME_WORDS, UNITS, WEEKDAY_NAMES
from shared.discovery.intents.times import Times, read_times
from shared.discovery.intents.words import key_of

NEAR = 3
"""So many words may stand between an amount of time and what makes it a delay."""
SHORT_WORDS_MAX = 4
"""So few words with a time among them are about that time."""
DELAY_MINUTES_MAX = 60 * 24 * 365
UNIT_KEYS = frozenset({*UNITS, "minute", "hour", "day", "week", "half"})
_DAY_WORDS = frozenset({
    *WEEKDAY_NAMES, *MONTHS, "today", "tomorrow", "tonight", "day", "week", "weekend", "month",
})  # fmt: skip
_NAMED_DAYS = frozenset({*WEEKDAY_NAMES, "tomorrow", "tonight", "noon"})
_LEADS_TO_TIME = frozenset({
    "ready", "by", "deliver", "come", "there", "pick", "earliest", "send", "arrive", "done", "say", "eta",
})  # fmt: skip
_NEARLY = re.compile(
    r"\b(?:around|about|closer to|close to|nearer|like|roughly|says?|eta|towards) (?=\d)", re.IGNORECASE
)


class WhenReader:
    """Reads delays and moments; made once."""

    def __init__(self, late: frozenset[str]) -> None:
        """late: keys of the words that make an amount of time a delay."""
        self._late = late

    def delay(self, clause: Clause, before: Clause | None, now: datetime, zone: ZoneInfo) -> tuple[int, Span] | None:
        """By how many minutes it would be later, and where it says so; claims the words."""
        if UNIT_KEYS.isdisjoint(clause.keys):
            return None
        is_late = clause.has("late") or (before is not None and before.has("late") and _is_short(clause))
        first, last = clause.span
        words = TimeSentence(Reading(clause.sentence.reading.text[first:last]), now, zone)
        for at in range(words.length):
            found = amount_at(words, at)
            if found is None or not (is_late or self._is_late(words, at, found[1])):
                continue
            minutes = found[0].whole_minutes
            if minutes is None or not 0 < minutes <= DELAY_MINUTES_MAX:
                return None
            span = first + words.tokens[at].start, first + words.tokens[found[1] - 1].end
            _claim(clause, [span])
            return minutes, span
        return None

    def ready(self, clause: Clause, asked: Asked, now: datetime, zone: ZoneInfo) -> tuple[datetime, Span] | None:
        """The moment that it names, and where, unless that is no news; claims the words."""
        if not _is_about_time(clause):
            return None
        first, last = clause.span
        piece = Reading(_told_at(clause, first, last))
        for start, end in clause.sentence.reading.taken:
            piece.claim(start - first, end - first)
        moment, times = _moment(piece, set(clause.keys), asked, now, zone)
        if moment is None or _is_same_day(moment, asked) or _is_as_ordered(moment, asked, now, zone):
            return None
        spans = [(first + start, first + end) for start, end in times.spans]
        _claim(clause, spans)
        return moment, (spans[0][0], spans[-1][1])

    def _is_late(self, words: TimeSentence, start: int, end: int) -> bool:
        return not self._late.isdisjoint(map(key_of, words.texts[max(start - NEAR, 0) : end + NEAR]))


def moment_in(words: str, asked: Asked, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that words name."""
    piece = Reading(_NEARLY.sub(_at, words))
    return _moment(piece, {key_of(word.text) for word in piece.words}, asked, now, zone)[0]


def minutes_in(words: str, now: datetime, zone: ZoneInfo) -> int | None:
    """The minutes that words name."""
    sentence = TimeSentence(Reading(words), now, zone)
    found = next((one for at in range(sentence.length) if (one := amount_at(sentence, at))), None)
    minutes = found[0].whole_minutes if found else None
    return minutes if minutes is not None and 0 < minutes <= DELAY_MINUTES_MAX else None


def _moment(
    piece: Reading, keys: set[str], asked: Asked, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, Times]:
    """A clock time without a day is that of the day which was asked for."""
    anchor = _anchor(asked, now, zone) if keys.isdisjoint(_DAY_WORDS | UNIT_KEYS) else now
    times = read_times(piece, anchor, zone)
    is_sound = times.problem not in {"impossible", "past"} and not times.recurrence
    return (times.deliver_by or times.earliest) if is_sound else None, times


def _anchor(asked: Asked, now: datetime, zone: ZoneInfo) -> datetime:
    if asked.ready_by is None:
        return now
    day = asked.ready_by.astimezone(zone).date()
    return max(now, datetime.combine(day, time(), tzinfo=zone))


def _claim(clause: Clause, spans: list[Span]) -> None:
    for start, end in spans:
        clause.sentence.reading.claim(start, end)
    clause.sentence.sync()


def _is_short(clause: Clause) -> bool:
    return clause.length <= SHORT_WORDS_MAX


def _is_about_time(clause: Clause) -> bool:
    """Whether it may say when it would be ready: it agrees, offers or limits, or says little else."""
    keys = set(clause.keys)
    has_digits = any(key[:1].isdigit() for key in keys)
    if keys.isdisjoint(TIME_WORDS) and not has_digits:
        return False
    if clause.keys[:2] == ["it", "is"]:
        return False  # `it's Friday afternoon` tells of now
    names_time = _is_short(clause) and (has_digits or not keys.isdisjoint(_NAMED_DAYS))
    return bool(clause.signs or clause.is_after_but or keys & _LEADS_TO_TIME or names_time)


def _told_at(clause: Clause, first: int, last: int) -> str:
    """The clause with `at` for `not before` and `closer to`, of the same length."""
    text = clause.sentence.reading.text[first:last]
    sign = clause.first("not_before")
    if sign:
        start, end = (place - first for place in clause.sentence.span(sign.start, sign.end))
        text = text[:start] + "at".ljust(end - start) + text[end:]
    return _NEARLY.sub(_at, text)


def _at(found: re.Match[str]) -> str:
    return "at".ljust(len(found.group()))


def _is_same_day(moment: datetime, asked: Asked) -> bool:
    """`today`, where it is asked for today: no news."""
    by = asked.ready_by.astimezone(moment.tzinfo) if asked.ready_by else None
    return by is not None and by.date() == moment.date() and (moment.hour, moment.minute) == (23, 59)


def _is_as_ordered(moment: datetime, asked: Asked, now: datetime, zone: ZoneInfo) -> bool:
    """`not before 5`, where it was to be at 5 before the change: no offer."""
    if not any(map(str.isdigit, asked.ordered)):
        return False
    times = read_times(Reading(asked.ordered), now, zone)
    return times.deliver_by is not None and moment >= times.deliver_by
