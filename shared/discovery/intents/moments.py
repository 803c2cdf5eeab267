"""A moment as it is put together: day, clock, part of the day and zone in any order (`7 pm on Saturday, EST`)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from shared.discovery.intents.calendar_dates import Days
from shared.discovery.intents.calendar_words import DAY, days_at
from shared.discovery.intents.clock_words import (
    PARTS,
    Clock,
    Part,
    clock_at,
    clocks_at,
    finer_part,
    part_at,
)
from shared.discovery.intents.elapsed import amount_at, later
from shared.discovery.intents.time_tokens import Sentence
from shared.discovery.intents.zones import zone_at

_TO = frozenset({"-", "to", "till", "until", "til", "through", "or"})
_AND = _TO | {"and", "&"}
_GLUE = frozenset(
    {"at", "on", "in", "around", "about", "of", ",", "the", "@", "-", "~", "sometime", "anytime", "approximately"}
)
_CLOCK_GLUE = frozenset({"at", "around", "about", "@", "~", "approximately"})
_GLUE_WORDS_MAX = 2


class When(NamedTuple):
    """What was said of a moment. until: the clock's end, if a span was said; exact: counted from now, to the minute.

    is_day_last: the day was said behind the clock.
    """

    days: Days | None = None
    part: Part | None = None
    clock: Clock | None = None
    until: Clock | None = None
    exact: datetime | None = None
    is_day_last: bool = False
    certainty: float = 1.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.days or self.part or self.clock or self.exact)

    @property
    def is_within_a_day(self) -> bool:
        """Whether it still lacks the day: a clock or a part of the day alone."""
        return self.days is None and self.exact is None


class Lead(NamedTuple):
    """What the words before let expect: a day, a bare hour (`at 7`), or two of them with `and` between."""

    day: bool = False
    hour: bool = False
    span: bool = False


def when_at(sentence: Sentence, index: int, lead: Lead = Lead()) -> tuple[When, int] | None:  # noqa: B008 - immutable
    """The moment that begins here, and where it ends."""
    when, end = When(), index
    while piece := _next_piece(sentence, when, end, lead):
        when, end = piece
    return None if when.is_empty else (when, end)


def _next_piece(sentence: Sentence, when: When, end: int, lead: Lead) -> tuple[When, int] | None:
    if when.is_empty:
        return _piece(sentence, when, end, lead)
    start = end
    for glued in range(_GLUE_WORDS_MAX + 1):
        is_hour = glued > 0 and sentence.texts[start - 1] in _CLOCK_GLUE
        found = _piece(sentence, when, start, Lead(glued > 0 or lead.day, is_hour, lead.span))
        if found:
            return found
        if sentence.texts[start] not in _GLUE:
            return None
        start += 1
    return None


def _piece(sentence: Sentence, when: When, index: int, lead: Lead) -> tuple[When, int] | None:
    if not sentence.texts[index]:
        return None
    if when.is_empty and (exact := _exact(sentence, index)):
        return exact
    pointed = _pointed_part(sentence, when, index) or (_finer(sentence, index) if when.is_empty else None)
    if pointed:
        return pointed
    if when.days is None and when.exact is None and (days := days_at(sentence, index, is_led=lead.day)):
        return _with_days(sentence, when, *days)
    if when.clock is None and when.exact is None:
        spanned = clocks_at(sentence, index, _AND if lead.span else _TO)
        if (
            spanned
            and not _is_change_to(sentence, index)
            and _is_clear(sentence, index, spanned, is_led=lead.hour or bool(when.days))
        ):
            return when._replace(clock=spanned[0], until=spanned[1]), spanned[2]
        is_dotted = when.days is not None and "." in sentence.texts[index]
        clock = clock_at(sentence, index, is_bare_fine=lead.hour or is_dotted)
        if clock:
            return when._replace(clock=clock[0], certainty=min(when.certainty, clock[0].certainty)), clock[1]
    if when.part is None and (part := part_at(sentence, index, is_led=lead.day or not when.is_empty)):
        return when._replace(part=part[0]), part[1]
    if when.clock and when.clock.zone is None and (zone := zone_at(sentence, index)):
        until = when.until._replace(zone=zone[0]) if when.until else None
        return when._replace(clock=when.clock._replace(zone=zone[0]), until=until), zone[1]
    return None


def _is_change_to(sentence: Sentence, index: int) -> bool:
    """`move it from 7 to 8` names no span."""
    return sentence.is_change and sentence.texts[index - 1] == "from"


def _is_clear(sentence: Sentence, index: int, spanned: tuple[Clock, Clock, int], *, is_led: bool) -> bool:
    """Whether two numbers with a dash between are clocks and not a count."""
    is_shaped = sentence.tokens[index].kind == "clock" or spanned[0].half != "either"
    is_shaped = is_shaped or sentence.texts[spanned[2]] in {"today", "tomorrow", "tonight"}
    return is_led or is_shaped or spanned[1].half != "either"


def _with_days(sentence: Sentence, when: When, days: Days, end: int) -> tuple[When, int]:
    token = sentence.tokens[end - 1]
    clock = when.clock
    if token.kind == "iso" and len(token.text) > 10:
        clock = _iso_clock(token.text) or clock
    certainty = min(when.certainty, days.certainty)
    return when._replace(days=days, clock=clock, is_day_last=when.clock is not None, certainty=certainty), end


def _iso_clock(text: str) -> Clock | None:
    """The clock of `2026-12-05t17:00z`."""
    try:
        said = datetime.fromisoformat(text.replace("t", "T").replace("z", "+00:00"))
    except ValueError:
        return Clock(0, is_possible=False)
    return Clock(said.hour * 60 + said.minute, zone=said.tzinfo)


def _exact(sentence: Sentence, index: int) -> tuple[When, int] | None:
    """`in 2 hours`, `half an hour from now`, `in an hour's time`."""
    texts = sentence.texts
    has_in = texts[index] == "in"
    start = index + has_in
    while has_in and texts[start] in {"about", "around", "exactly", "roughly", "approximately", "like"}:
        start += 1
    found = amount_at(sentence, start)
    if not found or not found[0].is_clock:
        return None
    amount, end = found
    is_counted = has_in
    if texts[end] == "time" and has_in:
        end += 1
    elif texts[end : end + 2] == ["from", "now"]:
        end, is_counted = end + 2, True
    elif texts[end] == "hence":
        end, is_counted = end + 1, True
    exact = later(sentence.now, amount) if is_counted else None
    return (When(exact=exact, certainty=amount.certainty), end) if exact else None


def _pointed_part(sentence: Sentence, when: When, index: int) -> tuple[When, int] | None:
    """`tonight`, `this evening`, `last night`: a day and its part in one."""
    texts, today = sentence.texts, sentence.today
    if when.days or when.part:
        return None
    start = index + (texts[index] == "later")
    word = texts[start]
    if word == "tonight":
        return _today(when, today_part=PARTS["night"], days=Days(today, today)), start + 1
    if word == "last" and texts[start + 1] in {"night", "evening"}:
        return _today(
            when, today_part=PARTS[texts[start + 1]], days=Days(today - DAY, today - DAY, is_over=True)
        ), start + 2
    if word == "this" and (part := part_at(sentence, start + 1, is_led=True)) and texts[start + 1] != "the":
        return _today(when, today_part=part[0], days=Days(today, today)), part[1]
    return None


def _finer(sentence: Sentence, index: int) -> tuple[When, int] | None:
    """`early tomorrow morning`, `late on Friday afternoon`, `early tomorrow`."""
    texts = sentence.texts
    finer = texts[index]
    if finer not in {"early", "late"} or texts[index + 1] in {"next", "this", "in"}:
        return None
    days = days_at(sentence, index + 1 + (texts[index + 1] == "on"), is_led=True)
    if not days or not days[0].is_one:
        return None
    part = part_at(sentence, days[1], is_led=True)
    if not part:
        return (When(days[0], finer_part(finer, PARTS["morning"])), days[1]) if finer == "early" else None
    return When(days[0], finer_part(finer, part[0]), certainty=days[0].certainty), part[1]


def _today(when: When, *, today_part: Part, days: Days) -> When:
    return when._replace(days=days, part=today_part, is_day_last=when.clock is not None)
