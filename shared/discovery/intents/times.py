"""When: deadlines, windows, lengths and recurrences of a sentence, as moments in the caller's zone.

How days are counted: weeks begin on Monday. `Friday` is the coming one; said on a Friday it is the one in seven days
(confidence .8), `this Friday` the same day. `next Friday` is the Friday of the next calendar week. A clock time without
a day is the next such moment. A bare day lasts from 00:00 to 23:59; a deadline is at its end, `before` it at the end of
the day before. What was said wrongly (past, impossible, contradictory) is kept and named, never moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.discovery.conditions import CalendarLeaf
from shared.discovery.hours import WEEKDAYS
from shared.discovery.intent import Span
from shared.discovery.intents.bounds import SEVERAL_DAYS, Almanac, Bounds, Group, Problem
from shared.discovery.intents.calendar_dates import Days
from shared.discovery.intents.clock_words import DAY_END
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.recurrence import Recurrence, weekly_on
from shared.discovery.intents.time_tokens import Sentence
from shared.discovery.intents.window_words import ONGOING
from shared.discovery.intents.windows import Piece, Said, said_in


@dataclass(frozen=True)
class Times:
    """What a sentence says about time. deliver_by, earliest: aware, in the caller's zone.

    daypart: morning, lunchtime, afternoon, evening or night. duration_minutes: of a service. recurrence: an RFC 5545
    rule; with one deliver_by is None. calendar: what a standing intent would wait for. confidence: 1 is clear, below .8
    must be asked. problem: why it cannot be as said. spans: where in the text.
    """

    deliver_by: datetime | None = None
    earliest: datetime | None = None
    daypart: str | None = None
    duration_minutes: int | None = None
    recurrence: str | None = None
    calendar: CalendarLeaf | None = None
    confidence: float = 1.0
    problem: Problem | None = None
    spans: tuple[Span, ...] = ()


NOTHING = Times()


def read_times(reading: Reading, now: datetime, zone: ZoneInfo) -> Times:
    """Everything about time in what is still free; claims what it read, but for the names of holidays.

    Those may be occasions too, and are left to whoever reads occasions; they do appear in `spans`.
    """
    sentence = Sentence(reading, now, zone)
    said = said_in(sentence)
    if not said.places:
        return NOTHING
    spans = _claimed(reading, sentence, said)
    pieces = [piece for piece in said.pieces if piece.relation != "not"]
    recurrence = _recurrence(said.recurrences, pieces) or _ongoing(sentence, pieces)
    if recurrence:  # what is tied to it is no day of its own
        pieces = [piece for piece in pieces if piece.relation != "on" or piece.when.days is None]
    almanac = Almanac(sentence)
    groups = almanac.groups(pieces)
    chosen, bounds, certainty = _chosen(almanac, groups)
    if said.haste and bounds == Bounds() and recurrence is None and not _open_days(pieces):
        bounds, certainty = Bounds(None, _day_end(sentence)), said.haste
    if said.vague and bounds == Bounds() and recurrence is None:
        certainty = min(certainty, said.vague)
    text = " ".join(reading.text[start:end] for start, end in spans)
    return Times(
        deliver_by=None if recurrence else bounds.latest,
        earliest=bounds.earliest,
        daypart=_daypart(pieces, recurrence),
        duration_minutes=said.minutes,
        recurrence=recurrence.rule if recurrence else None,
        calendar=_calendar(pieces, groups, chosen, bounds, recurrence, text),
        confidence=round(min(certainty, recurrence.certainty) if recurrence else certainty, 2),
        problem=_problem(pieces, bounds, recurrence, sentence.now),
        spans=spans,
    )


def _claimed(reading: Reading, sentence: Sentence, said: Said) -> tuple[Span, ...]:
    """Where it was said; claimed unless a holiday is all that was said there."""
    feasts = {piece.places: piece for piece in said.pieces if piece.when.days and piece.when.days.holiday}
    spans = []
    for places in said.places:
        first, last = places
        span = sentence.tokens[first].start, sentence.tokens[last - 1].end
        spans.append(span)
        feast = feasts.get(places)
        if feast is None or feast.when.clock or feast.when.part:
            reading.claim(*span)
        elif feast.lead > first and sentence.texts[first] != "for":
            reading.claim(span[0], sentence.tokens[feast.lead - 1].end)
    return tuple(spans)


def _day_end(sentence: Sentence) -> datetime:
    return datetime.combine(sentence.today, datetime.min.time(), tzinfo=sentence.zone).replace(
        hour=DAY_END // 60, minute=DAY_END % 60
    )


def _chosen(almanac: Almanac, groups: Sequence[Group]) -> tuple[Group | None, Bounds, float]:
    """The group that names the day, and what all groups together allow.

    A change's goal outweighs all else; deadlines and beginnings outweigh days; of several days the one that is asked
    for counts, or else the first.
    """
    closed = [group for group in groups if not _is_open(group)]
    goals = [group for group in closed if group.relation == "set"]
    if goals:
        return goals[-1], goals[-1].bounds, goals[-1].certainty
    ends = [group for group in closed if group.relation in {"by", "before"}]
    starts = [group for group in closed if group.relation in {"after", "from"}]
    days = [group for group in closed if group.relation in {"on", "between"}]
    latest = min((group.bounds.latest for group in ends if group.bounds.latest), default=None)
    earliest = max((group.bounds.earliest for group in (*starts, *ends) if group.bounds.earliest), default=None)
    certainty = min((group.certainty for group in closed), default=1.0)
    if not days:
        latest = latest or min((group.bounds.latest for group in starts if group.bounds.latest), default=None)
        return next(iter(ends or starts), None), Bounds(earliest, latest), certainty
    main = next((group for group in days if almanac.is_asked_for(group)), days[0])
    if not ends and len({group.bounds.latest for group in days if group.day}) > 1:
        certainty = min(certainty, SEVERAL_DAYS)
    if latest:
        return ends[0], Bounds(earliest, latest), certainty
    return main, Bounds(earliest or main.bounds.earliest, main.bounds.latest), certainty


def _is_open(group: Group) -> bool:
    return bool(group.day and group.day.when.days and group.day.when.days.is_open)


def _open_days(pieces: Sequence[Piece]) -> tuple[int, ...]:
    """The weekdays any of which may be meant."""
    found = [day for piece in pieces if piece.when.days and piece.when.days.is_open for day in piece.when.days.weekdays]
    return tuple(sorted(set(found)))


def _recurrence(recurrences: Sequence[Recurrence], pieces: Sequence[Piece]) -> Recurrence | None:
    """All that was said of it in one rule: `weekly … on Tuesdays … at 9`."""
    if not recurrences:
        return None
    whole = recurrences[0]
    for other in recurrences[1:]:
        whole = whole.joined(other)
    for piece in pieces:
        if piece.relation == "on" and piece.when.days:
            whole = whole.on_days(piece.when.days)
    return whole


def _ongoing(sentence: Sentence, pieces: Sequence[Piece]) -> Recurrence | None:
    """`monday to friday at 7am, ongoing`: days that are said to come again."""
    if not any(ONGOING.at(sentence.texts, index) for index in range(sentence.length)):
        return None
    named = [piece.when.days for piece in pieces if piece.relation in {"on", "between"} and piece.when.days]
    weekdays = [days for days in named if days.weekdays and not (days.month_day or days.holiday)]
    return weekly_on(tuple(day for days in weekdays for day in _run(days))) if weekdays else None


def _run(days: Days) -> tuple[int, ...]:
    """The weekdays said, and with a span those between."""
    if not days.is_span:
        return days.weekdays
    first, last = days.weekdays[0], days.weekdays[-1]
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def _daypart(pieces: Sequence[Piece], recurrence: Recurrence | None) -> str | None:
    parts = [piece.when.part for piece in pieces if piece.when.part]
    if recurrence and recurrence.part:
        parts.insert(0, recurrence.part)
    return parts[0].name if parts else None


def _problem(pieces: Sequence[Piece], bounds: Bounds, recurrence: Recurrence | None, now: datetime) -> Problem | None:
    troubles = [piece.when.days.trouble for piece in pieces if piece.when.days and piece.when.days.trouble]
    if any(piece.when.clock and not piece.when.clock.is_possible for piece in pieces):
        return "impossible"
    if troubles:
        return troubles[0]
    if bounds.earliest and bounds.latest and bounds.earliest > bounds.latest:
        return "contradictory"
    if bounds.latest and bounds.latest < now and recurrence is None:
        return "past"
    return None


def _calendar(
    pieces: Sequence[Piece],
    groups: Sequence[Group],
    chosen: Group | None,
    bounds: Bounds,
    recurrence: Recurrence | None,
    text: str,
) -> CalendarLeaf | None:
    """What a standing intent would wait for; a recurrence's `from` tells its hour, as DTSTART does in RFC 5545."""
    if recurrence:
        at = next((group.bounds.latest for group in groups if _has_clock(group)), None)
        return _leaf(
            text, bounds.earliest or at, None if at else bounds.latest, recurrence.weekdays,
            recurrence=recurrence.rule, holiday=recurrence.holiday,
        )  # fmt: skip
    open_days = _open_days(pieces)
    if open_days:
        return _leaf(text, bounds.earliest, bounds.latest, open_days)
    if bounds == Bounds():
        return None
    days = chosen.day.when.days if chosen and chosen.day else None
    if chosen is None or days is None or not days.is_one or chosen.relation not in {"on", "set"}:
        return _leaf(text, bounds.earliest, bounds.latest, holiday=_feast(days))
    is_narrow = bool(chosen.times or (chosen.day and (chosen.day.when.clock or chosen.day.when.part)))
    start, end = (bounds.earliest, bounds.latest) if is_narrow else (None, None)
    return _leaf(text, start, end, days.weekdays, date=days.first, holiday=_feast(days))


def _leaf(
    text: str, start: datetime | None, end: datetime | None, weekdays: Sequence[int] = (), **others: object
) -> CalendarLeaf:
    names = tuple(WEEKDAYS[day] for day in sorted(set(weekdays)))
    return CalendarLeaf.model_validate({"text": text, "from": start, "to": end, "weekdays": names, **others})


def _has_clock(group: Group) -> bool:
    """Whether it names no day, but an hour that comes again."""
    return group.day is None and any(piece.when.clock and piece.relation == "on" for piece in group.times)


def _feast(days: Days | None) -> str | None:
    return days.holiday.name if days and days.holiday else None
