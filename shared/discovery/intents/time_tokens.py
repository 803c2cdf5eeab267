"""A reading cut into what times are written with: words, numbers, ordinals, clock times, dates, marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from shared.discovery.intents.reading import Reading
from shared.discovery.intents.spelling import corrected
from shared.discovery.intents.time_words import FOLLOWERS, IDIOMS, MONTHS, TIME_WORDS, WEEKDAY_NAMES

_TOKEN = re.compile(
    r"(?P<iso>\d{4}(?:-\d{1,2}-|/\d{1,2}/)\d{1,2}(?:[t ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?"
    r"(?:z|[+-]\d{2}:?\d{2})?)?(?![\w-]))"
    r"|(?P<date>\d{1,2}(?:/\d{1,2}(?:/(?:\d{4}|\d{2}))?|([-.])\d{1,2}\3\d{4})(?![\w/]))"
    r"|(?P<clock>\d{1,2}(?:[:.]?\d{2})?(?::\d{2})?\s?[ap]\.?\s?m(?:\.(?!\w))?(?![^\W_])"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?!\d|:)(?:\+\d{2}:?\d{2})?)"
    r"|(?P<ordinal>\d{1,2}(?:st|nd|rd|th)(?![^\W_]))"
    r"|(?P<word>[ap]\.m\.?|a\.s\.a\.p\.?|2(?:day|morrow|moro|nite|night)\b|b4\b|[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"|(?P<mark>[^\w\s])"
)
_TWO_WORDS = re.compile(r"(?:twenty|thirty|forty|fifty)-(?:one|two|three|four|five|six|seven|eight|nine)\b")
if TYPE_CHECKING:
    from shared.discovery.intents.elapsed import Amount

_SIGNS = frozenset("$€£¥#")
PAST_THE_END = 12
"""Empty tokens behind the last one, so that a grammar may look ahead without asking."""
TOKENS_MAX = 600

T = TypeVar("T")


@dataclass(slots=True)
class Token:
    """A piece of the text. text: as grammars compare it, empty where somebody else has claimed it; raw: always there.

    kind: word, number, ordinal, clock, date, iso or mark.
    """

    text: str
    start: int
    end: int
    kind: str
    raw: str
    is_possessive: bool = False
    is_capital: bool = False


class Sentence:
    """The tokens of one reading, and the moment and zone in which they were said.

    depth: of days named by other days; amounts: those of time that were looked for, by where they begin.
    """

    def __init__(self, reading: Reading, now: datetime, zone: ZoneInfo) -> None:
        self.zone = zone
        self.now = now.astimezone(zone)
        self.today: date = self.now.date()
        self.tokens = _tokens(reading)
        self.length = len(self.tokens)
        end = len(reading.plain)
        self.tokens += [Token("", end, end, "end", "")] * PAST_THE_END
        self.is_change = False
        self.is_conditional = False
        self.depth = 0
        self.amounts: dict[int, tuple[Amount, int] | None] = {}
        _block_idioms(self)
        self.texts = [token.text for token in self.tokens]
        self.words = frozenset(self.texts)

    def is_followed_well(self, index: int) -> bool:
        """Whether what stands here cannot be the noun that a time before it would describe."""
        token = self.tokens[index]
        return not token.text or token.kind in _CLOSED or token.text in FOLLOWERS or token.text in TIME_WORDS

    def number(self, index: int) -> int | None:
        """The whole number in figures that stands here."""
        token = self.tokens[index]
        return int(token.text) if token.kind == "number" and token.text.isdecimal() and len(token.text) < 6 else None


_CLOSED = frozenset({"end", "mark", "clock", "date", "iso"})


class Phrases(Generic[T]):
    """Phrases of one or more words, each with its meaning; the longest that fits wins."""

    def __init__(self, meanings: Mapping[str, T]) -> None:
        self._by_first: dict[str, list[tuple[list[str], T]]] = {}
        for phrase in sorted(meanings, key=lambda phrase: -phrase.count(" ")):
            first, *rest = phrase.split()
            self._by_first.setdefault(first, []).append((rest, meanings[phrase]))

    @property
    def starts(self) -> frozenset[str]:
        """The words with which they begin."""
        return frozenset(self._by_first)

    def at(self, texts: list[str], index: int) -> tuple[T, int] | None:
        """The meaning of the phrase that begins here, and where it ends."""
        for rest, meaning in self._by_first.get(texts[index], ()):
            end = index + 1 + len(rest)
            if texts[index + 1 : end] == rest:
                return meaning, end
        return None


_IDIOMS = Phrases(dict.fromkeys(IDIOMS, True))


def _tokens(reading: Reading) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    text = reading.plain
    while len(tokens) < TOKENS_MAX and (found := _TOKEN.search(text, position)):
        position = found.end()
        token = _token(reading, found)
        if token.kind == "word" and (whole := _TWO_WORDS.match(text, token.start)):
            position = token.end = whole.end()
            token.text = token.raw = whole.group()
        is_amount = tokens and tokens[-1].raw in _SIGNS and tokens[-1].end == token.start
        if is_amount or not reading.is_free(token.start, token.end):
            token.text = ""
        tokens.append(token)
    return list(_without_hyphens(tokens))


def _token(reading: Reading, found: re.Match[str]) -> Token:
    kind, start, end = found.lastgroup or "mark", found.start(), found.end()
    raw = found.group()
    if kind != "word":
        return Token(raw, start, end, kind, raw)
    is_possessive = raw.endswith("'s")
    word = corrected(raw[:-2] if is_possessive and raw[:-2] in TIME_WORDS else raw.replace("'", "").replace(".", ""))
    first = reading.text[start : start + 2]
    return Token(word, start, end, kind, word, is_possessive, first[:1].isupper() and first[1:].islower())


def _without_hyphens(tokens: list[Token]) -> Iterable[Token]:
    """A hyphen within a compound (`mid-December`) joins words as a space does; between two days it spans."""
    for index, token in enumerate(tokens):
        if token.text == "-" and 0 < index < len(tokens) - 1:
            before, after = tokens[index - 1], tokens[index + 1]
            is_within = before.end == token.start and token.end == after.start
            if is_within and before.kind == after.kind == "word" and not (_is_day(before) and _is_day(after)):
                continue
        yield token


def _is_day(token: Token) -> bool:
    return token.text in WEEKDAY_NAMES or token.text in MONTHS


def _block_idioms(sentence: Sentence) -> None:
    texts = [token.text for token in sentence.tokens]
    for index in range(sentence.length):
        found = _IDIOMS.at(texts, index)
        if found:
            for token in sentence.tokens[index : found[1]]:
                token.text = ""
