"""Times of day as people write them: clocks (`5pm`, `half past six`, `17:30`), spans of them, and parts of the day."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Literal, NamedTuple

from shared.discovery.intents.numbers_words import ONES, number_at
from shared.discovery.intents.time_tokens import Phrases, Sentence
from shared.discovery.intents.zones import fixed_zone

NOON, MIDNIGHT = 12 * 60, 24 * 60
DAY_END = MIDNIGHT - 1
Half = Literal["am", "pm", "either", "known"]


class Clock(NamedTuple):
    """A time on a clock face. minute: since midnight, 24:00 for the end of a day.

    half: am and pm were said; known: said by the figure itself (17:30, noon); either: must be guessed. is_possible: no
    clock shows 25:00. certainty: below 1 for about.
    """

    minute: int
    half: Half = "known"
    zone: tzinfo | None = None
    is_possible: bool = True
    certainty: float = 1.0


class Part(NamedTuple):
    """A part of the day, in minutes since midnight."""

    name: str
    start: int
    end: int


PARTS = {
    "morning": Part("morning", 6 * 60, NOON),
    "lunchtime": Part("lunchtime", 11 * 60 + 30, 14 * 60),
    "afternoon": Part("afternoon", NOON, 17 * 60),
    "evening": Part("evening", 17 * 60, 21 * 60),
    "night": Part("night", 18 * 60, DAY_END),
}
_FINER = {
    ("early", "morning"): (6 * 60, 9 * 60), ("mid", "morning"): (9 * 60, 11 * 60), ("late", "morning"): (10 * 60, NOON),
    ("early", "afternoon"): (NOON, 14 * 60), ("mid", "afternoon"): (14 * 60, 16 * 60),
    ("late", "afternoon"): (15 * 60, 17 * 60), ("early", "evening"): (17 * 60, 19 * 60),
    ("late", "evening"): (19 * 60, 21 * 60), ("late", "night"): (21 * 60, DAY_END),
}  # fmt: skip
_PART_NAMES = {
    **PARTS, **{f"{name}s": part for name, part in PARTS.items()},
    "lunch time": PARTS["lunchtime"], "lunch": PARTS["lunchtime"], "dinnertime": PARTS["evening"],
    "dinner time": PARTS["evening"], "suppertime": PARTS["evening"], "breakfast time": PARTS["morning"],
    "overnight": PARTS["night"], "midmorning": Part("morning", 9 * 60, 11 * 60),
    "midafternoon": Part("afternoon", 14 * 60, 16 * 60), "first thing": PARTS["morning"],
    "first thing in the morning": PARTS["morning"], "am": PARTS["morning"], "nite": PARTS["night"],
    "before work": Part("morning", 6 * 60, 9 * 60), "after work": PARTS["evening"], "after hours": PARTS["evening"],
}  # fmt: skip
_PARTS = Phrases(
    _PART_NAMES
    | {f"{finer} {name}": Part(name, *span) for (finer, name), span in _FINER.items()}
    | {f"{finer} in the {name}": Part(name, *span) for (finer, name), span in _FINER.items()}
)
_ALONE = frozenset({"early", "late", "first", "after", "before"})
"""What begins a part of the day that needs no word before it."""
NEEDS_CONTEXT = frozenset({"lunch", "am", "first", "before", "after", "overnight"})

_NAMED = Phrases({
    "noon": NOON, "midday": NOON, "12 noon": NOON, "high noon": NOON, "noonish": NOON, "twelve noon": NOON,
    "midnight": MIDNIGHT, "12 midnight": MIDNIGHT, "twelve midnight": MIDNIGHT,
    **dict.fromkeys((
        "cob", "eod", "eob", "close of business", "close of play", "close of the business day", "end of business",
        "end of day", "end of the day", "end of the business day", "end of business day", "end of the work day",
        "end of the workday", "end of working day", "end of the working day", "business close", "the end of the day",
        "the end of day", "the end of the business day", "the close of business", "quitting time",
    ), 17 * 60),
})  # fmt: skip
WORKDAY_END = 17 * 60
_WRITTEN = re.compile(r"(\d{1,2}?)(?:[:.]?(\d{2}))?(?::\d{2})?\s?(?:([ap])\.?\s?m\.?)?([+]\d{2}:?\d{2})?$")
_WORD_HOURS = {word: number for word, number in ONES.items() if 1 <= number <= 12}
_WORD_MINUTES = {"fifteen": 15, "thirty": 30, "forty-five": 45, "twenty": 20, "ten": 10, "forty": 40, "fifty": 50}
_PAST, _TO = frozenset({"past", "after"}), frozenset({"to", "of", "till", "before"})


def clock_at(sentence: Sentence, index: int, *, is_bare_fine: bool) -> tuple[Clock, int] | None:
    """The clock time that begins here; a bare hour (`5`, `seven`) only where the words before it let expect one."""
    found = (
        _named(sentence, index)
        or _written(sentence, index)
        or _relative(sentence, index, is_bare_fine=is_bare_fine)
        or _hour(sentence, index, is_bare_fine=is_bare_fine)
    )
    return _with_about(sentence, *found) if found else None


def clocks_at(sentence: Sentence, index: int, joints: frozenset[str]) -> tuple[Clock, Clock, int] | None:
    """Two clock times with one of the joints between: `2 to 4 pm`, `2pm-4pm`, `between 2 and 4`."""
    first = clock_at(sentence, index, is_bare_fine=True) or _bare(sentence, index)
    if not first or sentence.texts[first[1]] not in joints:
        return None
    second = clock_at(sentence, first[1] + 1, is_bare_fine=True)
    if not second or not first[0].is_possible or not second[0].is_possible:
        return None
    return _halves_of_a_span(first[0], second[0]), second[0], second[1]


def _halves_of_a_span(first: Clock, second: Clock) -> Clock:
    """`2 to 4 pm` begins at 2 pm, `10 to 2pm` at 10 am."""
    if first.half != "either" or second.half not in {"am", "pm"}:
        return first._replace(zone=first.zone or second.zone)
    minute, end = first.minute % NOON, second.minute
    if second.half == "pm" and minute + NOON < end:
        minute += NOON
    return Clock(minute, "known", first.zone or second.zone)


def part_at(sentence: Sentence, index: int, *, is_led: bool) -> tuple[Part, int] | None:
    """The part of the day that begins here; without a word before that lets expect one only as `in the morning`."""
    texts, start = sentence.texts, index
    if texts[start] in {"in", "during", "at", "on"}:
        start, is_led = start + 1, True
    if texts[start] in {"the", "this", "that"} and (is_led or texts[start + 2] == "of"):
        start, is_led = start + 1, True
    found = _PARTS.at(texts, start)
    if not found or (not is_led and texts[start] not in _ALONE):
        return None
    if texts[start] in NEEDS_CONTEXT and not sentence.is_followed_well(found[1]):
        return None
    return found


def finer_part(finer: str, part: Part) -> Part:
    """`early` or `late` said apart from its part of the day: `early tomorrow morning`."""
    span = _FINER.get((finer, part.name))
    return Part(part.name, *span) if span else part


def minute_of(clock: Clock, part: Part | None, *, is_evening: bool, is_morning: bool) -> int:
    """Minutes since midnight, with a guess where neither am nor pm was said: 1 to 7 are pm, 8 to 11 am, 12 is noon.

    The part of the day beside it decides first, then what the sentence is about.
    """
    if clock.half != "either":
        return clock.minute
    minute = clock.minute % NOON
    if part and part.name in {"afternoon", "evening", "night"}:
        return MIDNIGHT if part.name == "night" and minute < 60 else minute + NOON
    if part and part.name == "morning":
        return minute
    if minute < 7 * 60 and not (is_morning and minute >= 5 * 60):
        return minute + NOON
    if is_morning:
        return minute
    return minute + NOON if is_evening or minute < 8 * 60 else minute


def is_guess(clock: Clock, part: Part | None) -> bool:
    """Whether the clock could as well mean the other half of the day."""
    return clock.half == "either" and part is None and clock.minute % NOON >= 7 * 60


def _named(sentence: Sentence, index: int) -> tuple[Clock, int] | None:
    found = _NAMED.at(sentence.texts, index)
    return (Clock(found[0]), found[1]) if found else None


def _written(sentence: Sentence, index: int) -> tuple[Clock, int] | None:
    """A token that is a clock by its shape: `5pm`, `5:30`, `17:30`, `530pm`, `10:00+02:00`."""
    token = sentence.tokens[index]
    if token.kind != "clock" or not token.text:
        return None
    found = _WRITTEN.match(token.text)
    if not found:
        return None
    hour, minute, half, offset = found.groups()
    clock = _face(int(hour), int(minute or 0), f"{half}m" if half else None, is_padded=hour.startswith("0"))
    end = index + 1
    if clock.half == "either" and sentence.texts[end] in {"am", "pm"}:
        clock, end = _face(int(hour), int(minute or 0), sentence.texts[end], is_padded=False), end + 1
    if offset:
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        clock = clock._replace(half="known", zone=fixed_zone(minutes)) if minutes < MIDNIGHT else clock
    return clock, end


def _face(hour: int, minute: int, half: str | None, *, is_padded: bool) -> Clock:
    if half:
        if not 1 <= hour <= 12 or minute > 59:
            # 17:30 pm says the same twice; 0:30 am is how some write half past midnight.
            is_double = minute < 60 and ((12 < hour < 24 and half == "pm") or (hour == 0 and half == "am"))
            return Clock(hour * 60 + minute if is_double else 0, is_possible=is_double)
        return Clock(hour % 12 * 60 + minute + (NOON if half == "pm" else 0), "am" if half == "am" else "pm")
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return Clock(0, is_possible=False)
    is_known = is_padded or hour == 0 or hour > 12
    return Clock(hour * 60 + minute, "known" if is_known else "either")


def _relative(sentence: Sentence, index: int, *, is_bare_fine: bool) -> tuple[Clock, int] | None:
    """`half past six`, `half six`, `quarter to 8`, `ten past five`, `5 to 6` where an hour is expected."""
    texts, start = sentence.texts, index + 1 if sentence.texts[index] == "a" else index
    word = texts[start]
    if word == "half":
        end = start + 2 if texts[start + 1] in _PAST else start + 1
        hour = _hour_number(sentence, end)
        if hour is None or (end == start + 1 and not (is_bare_fine and sentence.is_followed_well(end + 1))):
            return None
        return _with_half(sentence, hour * 60 + 30, end + 1)
    minutes = 15 if word == "quarter" else _minutes(sentence, start)
    if minutes is None:
        return None
    joint = start + 2 if texts[start + 1] in {"minutes", "mins", "min"} else start + 1
    hour = _hour_number(sentence, joint + 1)
    is_joint = texts[joint] in _PAST or texts[joint] in _TO
    if hour is None or not is_joint or not (word == "quarter" or joint > start + 1 or is_bare_fine):
        return None
    return _with_half(sentence, hour * 60 + (minutes if texts[joint] in _PAST else -minutes), joint + 2)


def _minutes(sentence: Sentence, index: int) -> int | None:
    found = number_at(sentence.tokens, index)
    return int(found[0]) if found and found[1] == 1 and found[0] in {5, 10, 20, 25} else None


def _hour(sentence: Sentence, index: int, *, is_bare_fine: bool) -> tuple[Clock, int] | None:
    """`5 o'clock`, `seven pm`, `seven thirty`, `5ish`, `1700 hours`, `8 tonight`, and `5` where one is expected."""
    texts = sentence.texts
    if (number := sentence.number(index)) and len(texts[index]) == 4 and texts[index + 1] in {"hours", "hrs"}:
        clock = _face(number // 100, number % 100, None, is_padded=True)
        return (clock, index + 2) if clock.is_possible else None
    hour = _hour_number(sentence, index)
    if number and len(texts[index]) == 4 and is_bare_fine and 600 <= number < 2400 and number % 5 == 0:
        clock = _face(number // 100, number % 100, None, is_padded=True)  # `at 1730`
        return (clock, index + 1) if clock.is_possible and sentence.is_followed_well(index + 1) else None
    if number and 12 < number <= 24 and texts[index + 1] == "oclock":
        return Clock(number * 60), index + 2
    if hour is None:
        return _dotted(sentence, index) if is_bare_fine else None
    after = texts[index + 1]
    if after == "oclock":
        return _with_half(sentence, hour * 60, index + 2)
    if after in {"am", "pm"} and sentence.tokens[index].kind == "word":
        return _face(hour, 0, after, is_padded=False), index + 2
    is_fine = is_bare_fine or (after in {"fifteen", "thirty", "forty-five"} and texts[index - 1] != "for")
    if after in _WORD_MINUTES and sentence.tokens[index].kind == "word" and is_fine:
        return _with_half(sentence, hour * 60 + _WORD_MINUTES[after], index + 2)
    if after == "sharp":
        return _bare(sentence, index)
    if after == "ish" or (after == "-" and texts[index + 2] == "ish"):
        return Clock(hour * 60, "either"), index + 1
    is_expected = is_bare_fine and sentence.is_followed_well(index + 1)
    if is_expected or (_is_part_behind(sentence, index + 1) and texts[index - 1] not in {"for", "of"}):
        return _bare(sentence, index)
    return None


def _bare(sentence: Sentence, index: int) -> tuple[Clock, int] | None:
    hour = _hour_number(sentence, index)
    return (Clock(hour * 60, "either"), index + 1) if hour else _dotted(sentence, index)


def _is_part_behind(sentence: Sentence, index: int) -> bool:
    texts = sentence.texts
    if texts[index] == "tonight" or (texts[index] == "tomorrow" and texts[index + 1] in PARTS):
        return True
    return texts[index] in {"in", "at"} and part_at(sentence, index, is_led=False) is not None


def _dotted(sentence: Sentence, index: int) -> tuple[Clock, int] | None:
    """`5.30`, as the British write it."""
    hour, dot, minute = sentence.texts[index].partition(".")
    is_clock = dot and hour.isdecimal() and len(minute) == 2 and minute.isdecimal() and len(hour) <= 2
    if not is_clock or not 1 <= int(hour) <= 24 or int(minute) > 59:
        return None
    clock = _face(int(hour), int(minute), None, is_padded=False)
    return (clock, index + 1) if clock.is_possible else None


def _hour_number(sentence: Sentence, index: int) -> int | None:
    number = sentence.number(index) or _WORD_HOURS.get(sentence.texts[index])
    return number if number and 1 <= number <= 12 else None


def _with_half(sentence: Sentence, minute: int, end: int) -> tuple[Clock, int]:
    """With the am or pm that may stand behind."""
    minute %= NOON
    half = sentence.texts[end]
    if half == "am":
        return Clock(minute, "am"), end + 1
    if half == "pm":
        return Clock(minute + NOON, "pm"), end + 1
    return Clock(minute, "either"), end


def _with_about(sentence: Sentence, clock: Clock, end: int) -> tuple[Clock, int]:
    """With `ish`, `sharp` or `o'clock` behind."""
    texts = sentence.texts
    if texts[end] == "-" and texts[end + 1] == "ish":
        end += 1
    if texts[end] == "ish":
        return clock._replace(certainty=0.9), end + 1
    if texts[end] in {"sharp", "oclock"} or (texts[end] == "on" and texts[end + 1 : end + 3] == ["the", "dot"]):
        return clock, end + (3 if texts[end] == "on" else 1)
    return clock, end
