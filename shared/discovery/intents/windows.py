"""What a sentence says about time, piece by piece: deadlines, beginnings, days, lengths, recurrences, haste."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from shared.discovery.intents.calendar_dates import Days
from shared.discovery.intents.calendar_spans import unit_of
from shared.discovery.intents.elapsed import Amount, amount_at, later, shifted
from shared.discovery.intents.holidays import HOLIDAYS
from shared.discovery.intents.moments import Lead, When, when_at
from shared.discovery.intents.recurrence import Recurrence, recurrence_at
from shared.discovery.intents.time_tokens import Sentence
from shared.discovery.intents.time_words import CHANGE_VERBS, CONDITIONS, FORECAST, PAST_VERBS, STARTERS
from shared.discovery.intents.window_words import (
    AGAIN,
    APPOINTMENTS,
    BEHIND,
    BESIDE,
    BUSY,
    BUT,
    ENOUGH,
    FITTING,
    HASTE,
    INSIDE,
    LENGTH,
    MILESTONES,
    MODALS,
    NEEDS_MANY,
    NOT_A_LENGTH,
    NOW,
    ON_WORDS,
    RELATIONS,
    RUSH,
    TO,
    VAGUE,
    WITHIN,
    Relation,
)

DAY = timedelta(days=1)
Places = tuple[int, int]
"""From a token on, up to another."""

_STARTING = frozenset(STARTERS).union(
    *(phrases.starts for phrases in (RELATIONS, HASTE, VAGUE, WITHIN, AGAIN, BESIDE)),
    LENGTH,
    (name.split()[0] for name in HOLIDAYS),
)
"""Words with which anything about time can begin; others are passed over."""


class Piece(NamedTuple):
    """One thing said. until: what it reaches to, if a span was said; places: its tokens; lead: where its own word ends.

    is_explicit: a word such as `on` or `by` came before it.
    """

    relation: Relation
    when: When
    places: Places
    lead: int
    until: When | None = None
    is_explicit: bool = True


@dataclass
class Said:
    """All that a sentence says about time."""

    pieces: list[Piece] = field(default_factory=list)
    recurrences: list[Recurrence] = field(default_factory=list)
    minutes: int | None = None
    haste: float | None = None
    vague: float | None = None
    places: list[Places] = field(default_factory=list)
    restarts: list[tuple[int, int]] = field(default_factory=list)

    def forget_what_was_taken_back(self) -> None:
        """Drop what stood before a correction, if a day or recurrence follows it."""
        for pieces, recurrences in reversed(self.restarts):
            later_days = [piece for piece in self.pieces[pieces:] if not piece.when.is_within_a_day]
            if later_days or self.recurrences[recurrences:]:
                del self.pieces[:pieces], self.recurrences[:recurrences]
                return


def said_in(sentence: Sentence) -> Said:
    """Everything about time, left to right; each token is read once."""
    said = Said()
    sentence.is_change = not sentence.words.isdisjoint(CHANGE_VERBS)
    raws = {token.raw for token in sentence.tokens}
    sentence.is_conditional = not (raws.isdisjoint(CONDITIONS) or raws.isdisjoint(FORECAST))
    index = 0
    while index < sentence.length:
        index = max(_read(sentence, index, said), index + 1)
    said.forget_what_was_taken_back()
    if any(piece.relation == "set" for piece in said.pieces):  # `move it from 3 to 5`: 3 is over
        said.pieces = [piece for piece in said.pieces if piece.relation != "from"]
    return said


def _read(sentence: Sentence, index: int, said: Said) -> int:
    """Read what begins here into `said`; where to go on."""
    token = sentence.tokens[index]
    if not token.text or (token.kind in {"word", "mark"} and token.text not in _STARTING):
        return index
    for reader in (_haste, _recurring, _elapsed, _length, _ago):
        end = reader(sentence, index, said)
        if end:
            said.places.append((index, end))
            return end
    beside = _beside_the_last(sentence, index, said)
    if beside:
        return beside
    again = AGAIN.at(sentence.texts, index)
    if again:
        said.restarts.append((len(said.pieces), len(said.recurrences)))
        return again[1]
    piece = _piece(sentence, index)
    if piece:
        if not _is_told_of_the_past(sentence, piece):
            said.pieces.append(_as_condition(piece) if sentence.is_conditional else piece)
        said.places.append(piece.places)
        return piece.places[1]
    vague = VAGUE.at(sentence.texts, index)
    if vague and sentence.texts[index - 1] != "as":
        said.vague = vague[0]
        said.places.append((index, vague[1]))
        return vague[1]
    return index


def _haste(sentence: Sentence, index: int, said: Said) -> int | None:
    found = HASTE.at(sentence.texts, index)
    if found:
        said.haste = found[0]
    return found[1] if found else None


def _recurring(sentence: Sentence, index: int, said: Said) -> int | None:
    start = index + (sentence.texts[index] in {"on", "at", "during", "for", "in"})
    found = recurrence_at(sentence, start)
    if not found:
        return None
    if sentence.texts[index - 1] not in BUT:
        said.recurrences.append(found[0])
    return found[1]


def _elapsed(sentence: Sentence, index: int, said: Said) -> int | None:
    """`within 2 hours`, `in the next 90 minutes`, `2-hour delivery`, `within the week`."""
    texts = sentence.texts
    found = WITHIN.at(texts, index)
    start = found[1] if found else index
    start += texts[start] == "the" and found is not None
    amount = amount_at(sentence, start)
    if amount is None and found and texts[start] in {"hour", "day", "week", "month"} and texts[index] in INSIDE:
        if texts[start - 1] not in {"next", "coming", "following"}:
            return _within_the(sentence, start, index, said)
        amount = Amount(1, 1, texts[start]), start + 1
    if not amount:
        return None
    if found is None and texts[amount[1]] not in RUSH:
        return None
    phrase = " ".join(texts[index:start])
    if phrase in NEEDS_MANY and amount[0].is_article:
        return None
    if amount[0].is_clock:
        exact = later(sentence.now, amount[0])
        when = When(exact=exact, certainty=amount[0].certainty) if exact else None
    else:
        day = shifted(sentence.today, amount[0], amount[0].high)
        when = When(days=Days(sentence.today, day), certainty=amount[0].certainty) if day else None
    if when is None:
        return None
    said.pieces.append(Piece("by", when, (index, amount[1]), start))
    return amount[1]


def _within_the(sentence: Sentence, start: int, index: int, said: Said) -> int:
    """`within the hour` is an hour from now, `within the week` the end of this one."""
    word = sentence.texts[start]
    if word == "hour":
        when = When(exact=later(sentence.now, Amount(1, 1, word)))
    else:
        when = When(days=Days(sentence.today, sentence.today) if word == "day" else unit_of(sentence.today, word, 0))
    said.pieces.append(Piece("by", when, (index, start + 1), start))
    return start + 1


def _length(sentence: Sentence, index: int, said: Said) -> int | None:
    """How long a service is to last: `for 3 hours`, `a 90-minute massage`, `two hours`."""
    texts = sentence.texts
    is_led = texts[index] in LENGTH
    start = index
    while texts[start] in LENGTH:
        start += 1
    found = amount_at(sentence, start)
    if not found:
        return None
    amount, end = found
    is_clear = amount.is_clock and not amount.is_article
    is_long = texts[end] == "long" or (texts[end] == "-" and texts[end + 1] == "long")
    if amount.is_clock and texts[end] in MODALS and texts[end + 1] in ENOUGH and said.minutes is None:
        said.minutes = amount.whole_minutes
        return end + 2
    if not (is_clear or is_long or (is_led and (texts[index] == "for" or amount.is_clock))):
        return None
    if texts[end] in NOT_A_LENGTH or amount.whole_minutes is None or said.minutes is not None:
        return None
    if not is_clear and not amount.is_clock and texts[start] in {"a", "an"} and not sentence.is_followed_well(end):
        return None
    said.minutes = amount.whole_minutes
    return end + is_long


def _ago(sentence: Sentence, index: int, _said: Said) -> int | None:
    """`two days ago` tells of the past and asks for nothing."""
    found = amount_at(sentence, index)
    return found[1] + 1 if found and sentence.texts[found[1]] == "ago" else None


def _piece(sentence: Sentence, index: int) -> Piece | None:
    texts = sentence.texts
    if texts[index] in {"in", "during", "later", "after", "before"} and (early := when_at(sentence, index)):
        return _with_end(sentence, Piece("on", early[0], (index, early[1]), index, is_explicit=True))
    found = RELATIONS.at(texts, index)
    if found:
        relation, start = found
        if relation == "set" and texts[index] == "to" and not sentence.is_change:
            return None
        related = _related(sentence, relation, index, start)
        if related:
            return related
    bare = when_at(sentence, index)
    if not bare:
        return None
    return _with_end(sentence, Piece("on", bare[0], (index, bare[1]), index, is_explicit=False))


def _related(sentence: Sentence, relation: Relation, index: int, lead_end: int) -> Piece | None:
    texts = sentence.texts
    start = lead_end
    while texts[start] in ON_WORDS and start < lead_end + 2:
        start += 1
    if relation in {"between", "from"} and texts[start] in NOW and texts[start + 1] in TO | {"now"}:
        return _from_now(sentence, index, start)
    word = texts[start - 1]
    is_hour = word in {"at", "@"} or relation in {"by", "before", "after", "from", "between"}
    if word in {"around", "about", "~", "circa"} or relation == "set":
        is_hour = not sentence.words.isdisjoint(APPOINTMENTS)
    found = when_at(sentence, start, Lead(day=True, hour=is_hour, span=relation == "between"))
    if not found and (relation in {"before", "after", "from"} or (relation == "by" and not sentence.is_change)):
        found = _in_so_long(sentence, start)
    if not found:
        return None
    if relation == "from" and found[0].is_within_a_day and not sentence.words.isdisjoint(FITTING):
        return None  # `ring resizing from 7 to 6`
    if relation == "from" and found[0].days and found[0].days.is_span:
        relation = "between"
    piece = _with_end(sentence, Piece(relation, found[0], (index, found[1]), start))
    return None if piece.relation == "between" and _is_one_sided(piece) else piece


def _is_one_sided(piece: Piece) -> bool:
    """`between 6 …` without its other end is no time (`between 6 and 8 people`)."""
    when = piece.when
    return not (piece.until or when.until or (when.days and when.clock is None and not when.days.is_one))


def _in_so_long(sentence: Sentence, index: int) -> tuple[When, int] | None:
    """`after 2 hours`, `by 3 days`: counted from now."""
    found = amount_at(sentence, index)
    if not found or found[0].is_article or sentence.texts[found[1]] in {"of", "old"}:
        return None
    amount, end = found
    if amount.is_clock:
        exact = later(sentence.now, amount)
        return (When(exact=exact), end) if exact else None
    day = shifted(sentence.today, amount, amount.high)
    return (When(days=Days(day, day)), end) if day else None


def _from_now(sentence: Sentence, index: int, start: int) -> Piece | None:
    """`between now and Friday`, `from now until 5`."""
    texts = sentence.texts
    joint = start + 1 + (texts[start] == "right")
    if texts[start] == "today" and texts[joint] == "and":
        return None
    found = when_at(sentence, joint + 1, Lead(day=True, hour=True)) if texts[joint] in TO else None
    return Piece("by", found[0], (index, found[1]), joint) if found else None


def _with_end(sentence: Sentence, piece: Piece) -> Piece:
    """With what it reaches to (`from 9am Monday to 5pm Friday`) or what is said behind it (`Friday at the latest`)."""
    texts = sentence.texts
    start, end = piece.places
    is_span = texts[end] in TO and (texts[end] != "and" or piece.relation == "between")
    is_asked = piece.relation in {"from", "between"} or (piece.when.clock and not sentence.is_change)
    if is_span and is_asked and not (sentence.is_change and texts[end] == "to"):
        found = when_at(sentence, end + 1, Lead(day=True, hour=piece.when.clock is not None))
        if found and (piece.relation in {"from", "between"} or found[0].clock):
            return piece._replace(relation="between", until=found[0], places=(start, found[1]))
    behind = BEHIND.at(texts, end)
    if behind and piece.relation in {"on", "by", "from"} and texts[behind[1]] != "of":
        return piece._replace(relation=behind[0], places=(start, behind[1]))
    return piece


def _beside_the_last(sentence: Sentence, index: int, said: Said) -> int | None:
    """`the trip is May 1, have them there the day before`: counted from the day that was named last."""
    found = BESIDE.at(sentence.texts, index)
    last = next((piece for piece in reversed(said.pieces) if piece.when.days and piece.when.days.is_one), None)
    if not found or not last or not last.when.days or not sentence.is_followed_well(found[1]):
        return None
    day = last.when.days.first + found[0] * DAY
    piece = Piece("on", When(Days(day, day), certainty=last.when.certainty), (index, found[1]), index)
    said.pieces = [one for one in said.pieces if one is not last] + [piece]
    said.places.append(piece.places)
    return found[1]


def _as_condition(piece: Piece) -> Piece:
    """`if it rains on Saturday`: any such day is waited for."""
    days = piece.when.days
    if piece.relation != "on" or days is None or days.kind not in {"weekday", "weekdays"}:
        return piece
    return piece._replace(when=piece.when._replace(days=days._replace(is_open=True)))


def _is_told_of_the_past(sentence: Sentence, piece: Piece) -> bool:
    """Whether it says when something was, and not when it is to be."""
    before = sentence.texts[piece.places[0] - 1] if piece.places[0] else ""
    lead = sentence.texts[piece.places[0]]
    days = piece.when.days
    if piece.relation == "from" and days and (days.is_over or (days.month_day and days.last < sentence.today)):
        return True
    if not BUSY.isdisjoint(sentence.texts[max(piece.places[0] - 3, 0) : piece.places[0]]) and (
        piece.relation in {"by", "from", "between"} or piece.until
    ):
        return True
    if days and days.kind == "year" and not piece.is_explicit and not sentence.words.isdisjoint(MILESTONES):
        return True
    if piece.relation != "on" or piece.when.days is None:
        return False
    if before in PAST_VERBS and lead not in {"for"}:
        return True
    if not piece.when.days.is_over:
        return False
    return not piece.is_explicit or not sentence.words.isdisjoint(PAST_VERBS)
