"""A reading cut into words with their keys, contractions taken apart; which words are spoken for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from shared.discovery.intent import Span
from shared.discovery.intents.numbers_words import ARTICLES, HALVED, ONES, TENS, number_at
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.words import Phrases, key_of

T = TypeVar("T")

TOKENS_MAX = 500
_TOKEN = re.compile(
    r"[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])|\d+(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
    r"|\bw/o\b|\bw/(?=\s)|[^\W\d_]+(?:'[^\W\d_]+)*|[$\u20ac\u00a3\u00a5%#@+~<>&=/\u2264\u2265\u2248]"
)
_NUMBER_WORDS = {*ARTICLES, *HALVED, *ONES, *TENS, "half"}
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
"""As they are written in Europe: `2.000`."""
_SPOKEN = {"2": "to", "4": "for"}
_SPOKEN_BEFORE = frozenset({"my", "our", "her", "his", "their", "me", "us", "your", "you", "mom", "mum", "dad"})
_SPOKEN_BEFORE_TIMES = frozenset({"funeral", "tomorrow", "tmrw", "tonight", "today", "christmas", "xmas", "everyone"})
_PAUSE = re.compile(r"[^\s\-]|\s-+\s")


@dataclass(slots=True)
class Token:
    """A word in lower case, its key, and where it stands.

    is_after_pause: punctuation stands before it; is_joined: a hyphen does; is_capital: as it was written.
    """

    text: str
    key: str
    start: int
    end: int
    is_after_pause: bool = False
    is_joined: bool = False
    is_capital: bool = False
    is_mended: bool = False


class Sentence:
    """The words of a reading. taken: which of them somebody has claimed; ends: where the clause of each word ends."""

    def __init__(
        self, reading: Reading, contractions: Mapping[str, tuple[str, ...]], mended: Callable[[str], str]
    ) -> None:
        self.reading = reading
        self.is_shouted = reading.text.isupper()
        self.tokens: list[Token] = []
        last = 0
        for found in _TOKEN.finditer(reading.plain):
            gap = reading.plain[last : found.start()]
            last = found.end()
            self._add(found.group(), found.start(), last, gap, contractions, mended)
            if len(self.tokens) >= TOKENS_MAX:
                break
        self._speak()
        self.keys = [token.key for token in self.tokens]
        self.length = len(self.tokens)
        self.ends = self._clause_ends()
        self.taken = [False] * self.length
        self._claims = 0
        self.normal = self.without(())
        self.sync()

    def _add(
        self,
        text: str,
        start: int,
        end: int,
        gap: str,
        contractions: Mapping[str, tuple[str, ...]],
        mended: Callable[[str], str],
    ) -> None:
        is_paused = bool(self.tokens) and bool(_PAUSE.search(gap))
        is_joined = gap == "-"
        is_capital = self.reading.text[start : start + 1].isupper()
        parts = contractions.get(text)
        if parts:
            for index, part in enumerate(parts):
                self.tokens.append(Token(part, key_of(part), start, end, is_paused and not index))
            return
        if text[0].isdigit():
            text = text.replace(".", "") if _THOUSANDS.fullmatch(text) else text.replace(",", "")
            self.tokens.append(Token(text, text, start, end, is_paused, is_joined))
            return
        is_name = is_capital and bool(self.tokens) and not is_paused and not self.is_shouted
        word = text if is_name else mended(text)
        self.tokens.append(Token(word, key_of(word), start, end, is_paused, is_joined, is_capital, word != text))

    def _speak(self) -> None:
        """`a card 2 my dad`, `roses 4 mom`: figures that sound like words."""
        for token, behind in pairwise(self.tokens):
            is_spoken = behind.key in _SPOKEN_BEFORE or (token.text == "4" and behind.key in _SPOKEN_BEFORE_TIMES)
            if token.text in _SPOKEN and is_spoken and not behind.is_after_pause:
                token.text = token.key = _SPOKEN[token.text]

    def _clause_ends(self) -> list[int]:
        ends = [self.length] * self.length
        for index in range(self.length - 2, -1, -1):
            ends[index] = index + 1 if self.tokens[index + 1].is_after_pause else ends[index + 1]
        return ends

    def sync(self) -> None:
        """Take in what others have claimed on the reading since."""
        for start, end in self.reading.taken[self._claims :]:
            for index, token in enumerate(self.tokens):
                if token.start < end and start < token.end:
                    self.taken[index] = True
        self._claims = len(self.reading.taken)

    def claim(self, start: int, end: int) -> Span:
        """Claim these words, from and to; the span of the text that they cover."""
        span = self.span(start, end)
        self.reading.claim(*span)
        self.sync()
        return span

    def span(self, start: int, end: int) -> Span:
        """Where in the text these words stand."""
        return self.tokens[start].start, self.tokens[end - 1].end

    def is_free(self, start: int, end: int) -> bool:
        """Whether none of these words is claimed."""
        return not any(self.taken[start:end])

    def text(self, start: int, end: int) -> str:
        """These words with one space between, or the hyphen that joins them."""
        words = [self.tokens[index] for index in range(start, end)]
        return "".join(
            word.text if not index else f"{'-' if word.is_joined else ' '}{word.text}"
            for index, word in enumerate(words)
        )

    def said(self, start: int, end: int) -> str:
        """The piece of the text that these words cover, as it was written."""
        first, last = self.span(start, end)
        return self.reading.text[first:last]

    def without(self, spans: Sequence[Span]) -> str:
        """All words as patterns are matched on them, pauses as commas; but for those within these spans."""
        kept = [one for one in self.tokens if not any(start <= one.start < end for start, end in spans)]
        return " ".join(f", {one.text}" if one.is_after_pause else one.text for one in kept)

    def key(self, index: int) -> str:
        """The key of a word, empty beyond both ends."""
        return self.keys[index] if 0 <= index < self.length else ""

    def at(self, phrases: Phrases[T], index: int) -> tuple[T, int] | None:
        """The phrase that begins here, within its clause and unclaimed."""
        if index >= self.length or self.taken[index]:
            return None
        found = phrases.at(self.keys, index, self.ends[index])
        if found and not self.is_free(index, found[1]):
            found = phrases.at(self.keys, index, self.taken.index(True, index))
        return found

    def all(self, phrases: Phrases[T]) -> Iterator[tuple[T, int, int]]:
        """Every phrase that is unclaimed, left to right, none over another."""
        index = 0
        while index < self.length:
            found = self.at(phrases, index)
            if found:
                yield found[0], index, found[1]
            index = found[1] if found else index + 1

    def number(self, index: int) -> tuple[float, int] | None:
        """The number that begins here, and the word behind it."""
        if index >= self.length or self.taken[index]:
            return None
        if self.tokens[index].text not in _NUMBER_WORDS and not self.tokens[index].text[0].isdigit():
            return None
        end = min(self.ends[index], index + 8)
        if self.tokens[index].text[0].isdigit() and self.key(index + 1)[:1].isdigit():
            end = index + 1  # `100-150` are two, not one with a comma in it
        found = number_at(self.tokens[index:end], 0)
        if not found or not self.is_free(index, index + found[1]):
            return None
        return float(found[0]), index + found[1]
