"""WordPiece: words cut into the longest pieces that a vocabulary knows.

The algorithm is the greedy longest match of BERT's uncased models (Devlin et al. 2019, arXiv 1810.04805; Wu et al.
2016, arXiv 1609.08144): lower case, accents folded, punctuation by itself, "##" before a piece that continues a word.
Where BERT puts its unknown word, nothing stands here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

CHARACTERS_MAX = 8_192
"""What stands after so many characters of a text is not read."""
TOKENS_MAX = 512
"""Nor what comes after so many tokens."""
WORD_CHARACTERS_MAX = 64
"""A longer word is nobody's word: it has no pieces."""
WORDS_REMEMBERED_MAX = 32_768

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORDS = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+|[^\w\s]|_")


class WordPieces:
    """Gives the tokens of a text by their numbers in a vocabulary."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self._pieces = lru_cache(WORDS_REMEMBERED_MAX)(self._cut)

    def tokens(self, text: str) -> list[int]:
        """The numbers of a text's pieces in their order, at most TOKENS_MAX; words that cannot be cut give none."""
        found: list[int] = []
        for word in words(text):
            found += self._pieces(word)
            if len(found) >= TOKENS_MAX:
                return found[:TOKENS_MAX]
        return found

    def _cut(self, word: str) -> tuple[int, ...]:
        if len(word) > WORD_CHARACTERS_MAX:
            return ()
        pieces: list[int] = []
        first = 0
        while first < len(word):
            longest = self._longest(word, first)
            if longest is None:
                return ()
            last, number = longest
            pieces.append(number)
            first = last
        return tuple(pieces)

    def _longest(self, word: str, first: int) -> tuple[int, int] | None:
        mark = "##" if first else ""
        for last in range(len(word), first, -1):
            number = self._numbers.get(mark + word[first:last])
            if number is not None:
                return last, number
        return None


def words(text: str) -> Iterator[str]:
    """The words, ideographs and marks of a text: lower case, without accents and control characters."""
    return (match[0] for match in _WORDS.finditer(_folded(text[:CHARACTERS_MAX])))


def _folded(text: str) -> str:
    lower = text.lower()
    if lower.isascii():
        return lower.translate(_ASCII)
    return "".join(map(_kept, unicodedata.normalize("NFD", lower)))


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    return "" if category == "Mn" or category.startswith("C") else character


_ASCII = {code: _kept(chr(code)) for code in range(128)}
