"""From what was said to moments: the earliest and the latest that all of it allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, NamedTuple

from shared.discovery.intents.calendar_dates import Days
from shared.discovery.intents.clock_words import DAY_END, MIDNIGHT, NOON, WORKDAY_END, Clock, Part, is_guess, minute_of
from shared.discovery.intents.moments import When
from shared.discovery.intents.time_tokens import Sentence
from shared.discovery.intents.window_words import Relation
from shared.discovery.intents.windows import Piece

Problem = Literal["past", "impossible", "contradictory"]
DAY = timedelta(days=1)
GUESSED_HALF = 0.8
"""How sure a clock is whose am or pm had to be guessed."""
SEVERAL_DAYS = 0.75
"""How sure a day is when others were named too."""
_EVENING = frozenset({
    "dinner", "supper", "drinks", "party", "concert", "gala", "show", "cocktails", "cocktail", "tonight", "evening",
    "night", "bar", "club", "theatre", "theater", "opera", "restaurant", "table", "reservation", "nightclub",
    "prom",
})  # fmt: skip
_MORNING = frozenset({"breakfast", "brunch", "morning", "sunrise", "bagels", "croissants"})
_ASKING = frozenset({
    "deliver", "delivered", "delivery", "arrive", "arriving", "arrives", "need", "needed", "send", "sent", "bring",
    "ship",
    "get", "want", "order", "here", "ready", "pickup", "pick", "collect",
})  # fmt: skip


class Bounds(NamedTuple):
    """Not before, not after, as aware moments in the caller's zone; None where nothing was said."""

    earliest: datetime | None = None
    latest: datetime | None = None


class Group(NamedTuple):
    """What belongs to one day: the piece that names it, if one does, and those that say when on it."""

    day: Piece | None
    times: tuple[Piece, ...]
    bounds: Bounds
    certainty: float

    @property
    def relation(self) -> Relation:
        """How its day, or else its first time, was said."""
        return self.day.relation if self.day else self.times[0].relation


class Almanac:
    """Turns pieces of one sentence into bounds."""

    def __init__(self, sentence: Sentence) -> None:
        self._now, self._zone, self._today = sentence.now, sentence.zone, sentence.today
        self._is_evening = not sentence.words.isdisjoint(_EVENING)
        self._is_morning = not sentence.words.isdisjoint(_MORNING) and not self._is_evening
        self._sentence = sentence

    def groups(self, pieces: Sequence[Piece]) -> list[Group]:
        """The pieces by the days they belong to; a time without a day goes to the day named before it,
        or else after."""
        owners = [index for index, piece in enumerate(pieces) if not piece.when.is_within_a_day]
        if not owners:
            return [self._group(None, _with_part(pieces))] if pieces else []
        owned: dict[int, list[Piece]] = {index: [] for index in owners}
        for index, piece in enumerate(pieces):
            if piece.when.is_within_a_day:
                owned[max((owner for owner in owners if owner < index), default=owners[0])].append(piece)
        return [self._group(pieces[owner], _with_part(times)) for owner, times in owned.items()]

    def is_asked_for(self, group: Group) -> bool:
        """Whether a word of delivering or needing stands right before its day."""
        start = group.day.places[0] if group.day else 0
        return not _ASKING.isdisjoint(self._sentence.texts[max(start - 3, 0) : start])

    def _group(self, day: Piece | None, times: tuple[Piece, ...]) -> Group:
        if day and day.when.clock:
            times = tuple(piece for piece in times if piece.relation not in {"on", "set"})
        certainty = min(
            (min(piece.when.certainty, self._guess(piece.when)) for piece in (*times, *([day] if day else []))),
            default=1.0,
        )
        if day is None:
            return Group(None, times, _meet([self._alone(piece) for piece in times[:3]]), certainty)
        if day.when.exact or not times:
            return Group(day, times, self._bounds(day, day.when.days), certainty)
        on_it = [self._bounds(self._under(day, piece), day.when.days) for piece in times]
        is_whole = day.relation in {"on", "set", "between"} or day.when.clock is not None
        is_today = day.when.days is not None and day.when.days.last == self._today
        if is_today and not day.when.part and all(piece.relation in {"by", "before"} for piece in times):
            is_whole = False  # `today, before 9`: from now on
        if day.relation == "on" and any(piece.when.until for piece in times):
            is_whole = False  # `New Year's Eve from 10 pm till 1 am` ends on the day after
        bounds = _meet([self._bounds(day, day.when.days), *on_it] if is_whole else on_it)
        return Group(day, times, bounds, certainty)

    def _under(self, day: Piece, piece: Piece) -> Piece:
        """A time said apart from its day: `by Friday … at 5` is a deadline too."""
        when = piece.when._replace(part=piece.when.part or day.when.part)
        relation = (
            day.relation
            if piece.relation in {"on", "set"} and day.relation not in {"between", "not"}
            else piece.relation
        )
        return piece._replace(
            when=when, relation="by" if relation == "on" and when.clock and not when.until else relation
        )

    def _guess(self, when: When) -> float:
        is_open = when.clock and when.until is None and is_guess(when.clock, when.part)
        return GUESSED_HALF if is_open and not (self._is_evening or self._is_morning) else 1.0

    def _alone(self, piece: Piece) -> Bounds:
        """A clock or a part of the day without a day: the next that comes."""
        when = piece.when
        if when.clock is None:
            return self._bounds(piece, self._day_of_part(when.part, piece.relation))
        clock = when.until or when.clock
        if not (clock.is_possible and when.clock.is_possible):
            return Bounds()
        zone = clock.zone or self._zone
        first = self._now.astimezone(zone).date()
        for day in (first, first + DAY):
            for minute in self._minutes(clock, when.part):
                if self._at(day, minute, zone) > self._now:
                    sure = clock._replace(minute=minute, half="known")
                    said = when._replace(until=sure) if when.until else when._replace(clock=sure)
                    relation: Relation = "by" if piece.relation in {"on", "set"} and not when.until else piece.relation
                    return self._bounds(piece._replace(when=said, relation=relation), Days(day, day))
        return Bounds()

    def _minutes(self, clock: Clock, part: Part | None) -> tuple[int, ...]:
        """What a clock may mean, the sooner first: without any hint 9 may be of the morning or the evening."""
        if is_guess(clock, part) and not (self._is_evening or self._is_morning):
            return clock.minute % NOON, clock.minute % NOON + NOON
        if clock.minute == WORKDAY_END and clock.half == "known":
            return WORKDAY_END, DAY_END
        return (self._minute(clock, part),)

    def _minute(self, clock: Clock, part: Part | None) -> int:
        return minute_of(clock, part, is_evening=self._is_evening, is_morning=self._is_morning)

    def _day_of_part(self, part: Part | None, relation: Relation) -> Days:
        """Today, if the part has not begun yet; else tomorrow."""
        start = part.start if part else 0
        is_due = self._at(self._today, start, self._zone) > self._now
        if not is_due and relation in {"by", "after"} and part:
            is_due = self._at(self._today, part.end, self._zone) > self._now and relation == "after"
        day = self._today if is_due else self._today + DAY
        return Days(day, day)

    def _bounds(self, piece: Piece, days: Days | None) -> Bounds:
        """What one piece allows on its days."""
        if piece.until is not None:
            return self._from_to(piece, days)
        when, relation = piece.when, piece.relation
        if when.exact:
            return Bounds(when.exact, None) if relation in {"after", "from"} else Bounds(None, when.exact)
        if days is None or days.is_open or days.trouble == "impossible":
            return Bounds()
        if when.clock:
            return self._clock_bounds(when, when.clock, relation, days)
        if when.part:
            return self._part_bounds(when.part, relation, days)
        return self._day_bounds(relation, days)

    def _from_to(self, piece: Piece, days: Days | None) -> Bounds:
        until = piece.until or When()
        end_days = until.days or piece.when.days or days
        start_days = piece.when.days or until.days or days
        end = self._bounds(piece._replace(when=until, until=None, relation="by"), end_days)
        begin = self._bounds(piece._replace(until=None, relation="from"), start_days)
        if begin.earliest and end.latest and end.latest < begin.earliest:
            later = timedelta(days=1 if until.days is None else 7 if until.days.kind == "weekday" else 0)
            return Bounds(begin.earliest, end.latest + later)
        return Bounds(begin.earliest, end.latest)

    def _clock_bounds(self, when: When, clock: Clock, relation: Relation, days: Days) -> Bounds:
        if not clock.is_possible or (when.until and not when.until.is_possible):
            return Bounds()
        if when.until:
            return self._clock_span(when, clock, when.until, relation, days)
        at = self._clock(clock, when.part, days.last)
        if relation in {"after", "from"} and clock.minute == MIDNIGHT:
            at += timedelta(minutes=1)
        if relation in {"after", "from"}:
            is_on_the_day = when.is_day_last and relation == "after"
            return Bounds(at, self._at(days.last, DAY_END, self._zone) if is_on_the_day else None)
        if relation in {"by", "before"} or when.days is None:
            return Bounds(None, at)
        return Bounds(self._at(days.first, 0, self._zone), at)

    def _clock_span(self, when: When, clock: Clock, until: Clock, relation: Relation, days: Days) -> Bounds:
        end = self._clock(until, when.part, days.last)
        start = self._clock(clock, when.part, days.first)
        if start > end and clock.half == "either" and start - timedelta(hours=12) <= end:
            start -= timedelta(hours=12)
        if start > end and until.half == "either" and start < end + timedelta(hours=12):
            end += timedelta(hours=12)
        if start > end:
            end += DAY
        return {"by": Bounds(None, end), "before": Bounds(None, start), "after": Bounds(end, None)}.get(
            relation, Bounds(start, end)
        )

    def _part_bounds(self, part: Part, relation: Relation, days: Days) -> Bounds:
        start, end = self._at(days.first, part.start, self._zone), self._at(days.last, part.end, self._zone)
        return {
            "by": Bounds(None, end), "before": Bounds(None, start), "after": Bounds(end, None), "from": Bounds(start,
            None),
        }.get(relation, Bounds(start, end))  # fmt: skip

    def _day_bounds(self, relation: Relation, days: Days) -> Bounds:
        start, end = self._at(days.first, 0, self._zone), self._at(days.last, DAY_END, self._zone)
        if relation == "before":
            return Bounds(None, self._at(days.first - DAY, DAY_END, self._zone))
        if relation == "after":
            return Bounds(self._at(days.last + DAY, 0, self._zone), None)
        return {"by": Bounds(None, end), "from": Bounds(start, None)}.get(relation, Bounds(start, end))

    def _clock(self, clock: Clock, part: Part | None, day: date) -> datetime:
        """The moment a clock shows on a day; a guess today is for what is still to come."""
        zone = clock.zone or self._zone
        at = self._at(day, self._minute(clock, part), zone)
        if is_guess(clock, part) and at <= self._now < at + timedelta(hours=12) and at.astimezone(zone).hour < 12:
            at = self._at(day, clock.minute % NOON + NOON, zone)
        return at

    def _at(self, day: date, minute: int, zone: tzinfo) -> datetime:
        """A moment by the wall clock of a zone, in the caller's; 24:00 is kept within its day as 23:59.

        What falls into the hour that daylight saving takes away moves forward by it, in the doubled hour the first
        counts.
        """
        minute = DAY_END if minute == MIDNIGHT else minute
        local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
        return local.astimezone(UTC).astimezone(self._zone)


def _with_part(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """A part of the day said apart from its clock (`at 9 … in the morning`) tells am from pm."""
    parts = [piece for piece in pieces if piece.when.clock is None and piece.relation == "on"]
    clocks = [piece for piece in pieces if piece.when.clock]
    if not parts or not clocks:
        return _without_second_clock(pieces)
    part = parts[0].when.part
    joined = [piece._replace(when=piece.when._replace(part=piece.when.part or part)) for piece in clocks]
    return _without_second_clock([*joined, *(piece for piece in pieces if piece not in clocks and piece not in parts)])


def _without_second_clock(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Of two moments on the clock (`dinner at 7, limo at 6`) the first is meant, or the one it was changed to."""
    pieces = [piece for piece in pieces if piece.relation == "set"] or list(pieces)
    points = [piece for piece in pieces if piece.relation == "on"]
    return tuple(piece for piece in pieces if piece not in points[1:])


def _meet(all_bounds: Sequence[Bounds]) -> Bounds:
    """What all of them allow."""
    earliest = [bounds.earliest for bounds in all_bounds if bounds.earliest]
    latest = [bounds.latest for bounds in all_bounds if bounds.latest]
    return Bounds(max(earliest, default=None), min(latest, default=None))
