"""A text as the recognisers read it: words with their places, and which of them are spoken for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.discovery.intent import Span

TEXT_LENGTH_MAX = 2_000
_WORD = re.compile(r"[^\W_]+(?:['.&-][^\W_]+)*|[$€£¥%#@]")
_QUOTES = str.maketrans(
    "\u2019\u2018`\u00b4\u201c\u201d\u201e\u2013\u2014\u2212\u00a0\u202f",
    "''''\"\"\"---  ",
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, without accents, and where it stands."""

    text: str
    start: int
    end: int


def plain(text: str) -> str:
    """Lower case, straight quotes and hyphens, accents folded; of the same length, so that places stay right."""
    folded = []
    for character in text.translate(_QUOTES):
        low = character.lower()
        base = unicodedata.normalize("NFD", low)[0]
        folded.append(base if base.isalnum() or len(low) > 1 else low)
    return "".join(folded)


@dataclass
class Reading:
    """One text, read by one recogniser after the other. text: as given; plain: what patterns are matched on."""

    text: str
    plain: str = ""
    words: list[Word] = field(default_factory=list)
    taken: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plain = plain(self.text)
        self.words = [Word(found.group(), *found.span()) for found in _WORD.finditer(self.plain)]

    def is_free(self, start: int, end: int) -> bool:
        """Whether nobody has claimed any of it."""
        return all(end <= a or b <= start for a, b in self.taken)

    def claim(self, start: int, end: int) -> Span:
        """Take a piece of the text: nobody else reads it."""
        self.taken.append((start, end))
        return start, end

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """The matches in what is still free, left to right."""
        for found in pattern.finditer(self.plain):
            if self.is_free(*found.span()):
                yield found

    def free_words(self) -> Iterator[Word]:
        """The words that nobody has claimed."""
        return (word for word in self.words if self.is_free(word.start, word.end))
