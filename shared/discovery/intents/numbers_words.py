"""Numbers as people write them: `12`, `1.5k`, `twenty-five`, `two dozen`, `a couple of`, `half`, `two and a half`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "k": 1_000}
SETS = {"dozen": 12, "dozens": 12, "doz": 12, "couple": 2, "pair": 2, "pairs": 2}
HALVED = {**SETS, **SCALES}
ARTICLES = frozenset({"a", "an"})
DIGITS_MAX = 9
_FIRST = frozenset({*ONES, *TENS, *SETS, *ARTICLES, "half", "baker's"})
"""Every number in words begins with one of these, or is hyphenated."""

Number = int | float


class Spoken(Protocol):
    """A word in lower case and where it stands."""

    @property
    def text(self) -> str:
        """The word."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """Behind its last character."""


def number_at(words: Sequence[Spoken], index: int) -> tuple[Number, int] | None:
    """The number that begins with this word, and how many words it takes; None if none does.

    An article alone is no number, only before one (`a dozen`, `a couple of`). Whole values are int.
    """
    text = _text(words, index)
    if not (text in _FIRST or text[:1].isdigit() or "-" in text):
        return None
    return _half(words, index) or _set(words, index) or _counted(words, index)


def _text(words: Sequence[Spoken], index: int) -> str:
    return words[index].text if 0 <= index < len(words) else ""


def _half(words: Sequence[Spoken], index: int) -> tuple[Number, int] | None:
    """`half`, `half an`, `half a dozen`, `a half`, `a half dozen`."""
    used = 1 if _text(words, index) in ARTICLES else 0
    if _text(words, index + used) != "half":
        return None
    used += 1
    if _text(words, index + used) in ARTICLES:
        used += 1
    size = HALVED.get(_text(words, index + used))
    return (_whole(size / 2), used + 1) if size else (0.5, used)


def _set(words: Sequence[Spoken], index: int) -> tuple[Number, int] | None:
    """`a dozen`, `a couple of`, `a baker's dozen`, `a hundred`, or `dozen` and `couple` alone."""
    used = 1 if _text(words, index) in ARTICLES else 0
    word = _text(words, index + used)
    if word == "baker's" and _text(words, index + used + 1) == "dozen":
        return 13, _with_of(words, index, used + 2)
    if word in SCALES and word != "k" and used:
        return _multiplied(words, index, 1, 1)
    if word in {"dozen", "doz", "couple", "pair"}:
        return SETS[word], _with_of(words, index, used + 1)
    return None


def _counted(words: Sequence[Spoken], index: int) -> tuple[Number, int] | None:
    """A figure or number words, then what multiplies them."""
    small = _figure(words, index) or _small(words, index)
    return _multiplied(words, index, *small) if small else None


def _multiplied(words: Sequence[Spoken], index: int, value: Number, used: int) -> tuple[Number, int]:
    """A number of which `used` words are read, with its hundreds and thousands, dozens or `and a half`."""
    value, used = _scaled(words, index, value, used)
    size = SETS.get(_text(words, index + used))
    if size:
        return _whole(value * size), _with_of(words, index, used + 1)
    if [_text(words, index + used + step) for step in range(3)] == ["and", "a", "half"]:
        return value + 0.5, used + 3
    return value, used


def _scaled(words: Sequence[Spoken], index: int, value: Number, used: int) -> tuple[Number, int]:
    """`two` → `two hundred and fifty thousand`; what is added comes only right behind a hundred or thousand."""
    total: Number = 0
    while scale := SCALES.get(_text(words, index + used)):
        used += 1
        if scale == SCALES["hundred"]:
            value *= scale
        else:
            total, value = total + value * scale, 0
        joined = 1 if _text(words, index + used) == "and" else 0
        if rest := _small(words, index + used + joined):
            value, used = value + rest[0], used + joined + rest[1]
    return _whole(total + value), used


def _figure(words: Sequence[Spoken], index: int) -> tuple[Number, int] | None:
    """`12`, `1.5`, `2k`, and `1,200`, of which a reading makes two words that stand one character apart."""
    text = _text(words, index)
    if not text[:1].isdigit():
        return None
    digits = text[:-1] if text.endswith("k") else text
    whole, dot, part = digits.partition(".")
    if not (whole.isdecimal() and whole.isascii() and len(whole) <= DIGITS_MAX):
        return None
    if dot and not (part.isdecimal() and part.isascii() and len(part) <= DIGITS_MAX):
        return None
    value: Number = _whole(float(digits)) if dot else int(whole)
    if digits != text:
        return _whole(value * 1_000), 1
    used = 1
    while not dot and len(whole) <= 3 and _is_group(words, index + used):
        value = value * 1_000 + int(words[index + used].text)
        used += 1
        if used * 3 > DIGITS_MAX:
            break
    return value, used


def _is_group(words: Sequence[Spoken], index: int) -> bool:
    text = _text(words, index)
    return len(text) == 3 and text.isascii() and text.isdecimal() and words[index].start == words[index - 1].end + 1


def _small(words: Sequence[Spoken], index: int) -> tuple[int, int] | None:
    """Below a hundred, in words: `seven`, `twenty-five`, `twenty five`."""
    first, dash, second = _text(words, index).partition("-")
    if first in ONES and not dash:
        return ONES[first], 1
    if first not in TENS:
        return None
    if dash:
        return (TENS[first] + ONES[second], 1) if 0 < ONES.get(second, 0) < 10 else None
    one = ONES.get(_text(words, index + 1), 0)
    return (TENS[first] + one, 2) if 0 < one < 10 else (TENS[first], 1)


def _with_of(words: Sequence[Spoken], index: int, used: int) -> int:
    return used + 1 if _text(words, index + used) == "of" else used


def _whole(value: float) -> Number:
    return int(value) if value == int(value) else value
