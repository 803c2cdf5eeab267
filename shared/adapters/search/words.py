"""From a text to the terms by which it is found: lower case, no accents, singular, without the words that say nothing.

A compound stands with its parts and in one piece ("t-shirt": t, shirt, tshirt). What something is free of is one term
of its own and nothing else ("nut-free", "nut free", "no nuts", "without nuts": nut-free), so that it is never found,
nor excluded, as the thing itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WORD_LENGTH_MAX = 40
"""Longer words are cut: they are noise, but the same noise is still found."""
WORDS_REMEMBERED_MAX = 65_536

_COMPOUND = re.compile(r"\w+(?:[-'\u2019\u2010\u2011&./]\w+)*")
_PARTS = re.compile(r"[-\u2010\u2011&./_]")
_FREE_BEHIND = re.compile(r"\b([^\W\d_]{2,40})[-\u2010\u2011\s]free\b(?!\s+(?:of|from)\b)")
_FREE_BEFORE = re.compile(r"\b(?:no(?: added)?|without(?: any)?|free (?:of|from)|zero)\s+([^\W\d_]{2,40})\b(?!-)")
_FREE = "-free"

STOP_WORDS = frozenset({
    "a", "about", "all", "also", "am", "an", "and", "any", "anyone", "anything", "are", "as", "at", "be", "been",
    "but", "by", "can", "could", "did", "do", "does", "for", "from", "get", "give", "got", "had", "has", "have",
    "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "let",
    "like", "me", "might", "mine", "must", "my", "need", "of", "on", "or", "our", "ours", "out", "please", "shall",
    "she", "should", "so", "some", "someone", "something", "somebody", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "thing", "things", "this", "those", "to", "too", "us", "very", "want", "was",
    "we", "were", "what", "when", "where", "which", "who", "whom", "will", "with", "would", "you", "your", "yours",
})  # fmt: skip

_IRREGULAR = {
    "calves": "calf", "children": "child", "elves": "elf", "feet": "foot", "geese": "goose", "halves": "half",
    "knives": "knife", "leaves": "leaf", "lives": "life", "loaves": "loaf", "men": "man", "mice": "mouse",
    "people": "person", "scarves": "scarf", "selves": "self", "shelves": "shelf", "teeth": "tooth", "thieves": "thief",
    "wives": "wife", "wolves": "wolf", "women": "woman", "buses": "bus", "quizzes": "quiz", "gases": "gas",
    "axes": "axe",
    # Of words that end in a single s, what they become by losing it.
    "canvases": "canva", "atlases": "atla", "irises": "iri", "bonuses": "bonu", "cactuses": "cactu", "cacti": "cactu",
    "minibuses": "minibu", "hibiscuses": "hibiscu", "crocuses": "crocu", "campuses": "campu",
}  # fmt: skip


def terms(text: str) -> list[str]:
    """Every term of a text in its order, repeated as the text repeats it; compounds as parts and in one piece."""
    found: list[str] = []
    for word in _words(text):
        found += _terms_of(word)
    return found


def parts(text: str) -> list[str]:
    """The terms of a phrase that has to be found whole: compounds as their parts alone."""
    found: list[str] = []
    for word in _words(text):
        cut = _terms_of(word)
        found += cut[:-1] if len(cut) > 1 else cut
    return found


def folded(text: str) -> str:
    """Lower case, without accents and control characters."""
    lower = text.casefold()
    if lower.isascii():
        return lower
    return "".join(letter for letter in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(letter))


@lru_cache(WORDS_REMEMBERED_MAX)
def singular(word: str) -> str:
    """A word as it stands for its plural as well; not always a word, but the same for both."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        if word.endswith(("xes", "ches", "shes", "sses", "zzes", "oes")):
            return word[:-2]
        if word.endswith("ies"):
            return word[:-3] + "y" if len(word) > 4 else word[:-1]
        word = word[:-1]
    if len(word) > 4 and word.endswith("ie"):
        return word[:-2] + "y"
    if len(word) > 3 and word.endswith(("oe", "che")):
        return word[:-1]
    return word


def _words(text: str) -> Iterator[str]:
    plain = folded(text)
    if "free" in plain or "no " in plain or "without" in plain or "zero" in plain:
        plain = _FREE_BEFORE.sub(r"\1-free", plain)
        plain = _FREE_BEHIND.sub(r"\1-free", plain)
    return (match[0] for match in _COMPOUND.finditer(plain))


@lru_cache(WORDS_REMEMBERED_MAX)
def _terms_of(word: str) -> tuple[str, ...]:
    """The terms of one word of a text; of a compound the last one is the whole of it."""
    if word.endswith(_FREE):
        return (singular(word.removesuffix(_FREE)[-WORD_LENGTH_MAX:]) + _FREE,)
    word = word.replace("\u2019", "'")
    pieces = [piece for piece in _PARTS.split(word) if piece]
    cut = tuple(term for piece in pieces if (term := _term(piece)) is not None)
    return (*cut, singular("".join(pieces)[:WORD_LENGTH_MAX])) if len(pieces) > 1 and cut else cut


def _term(piece: str) -> str | None:
    piece = piece.removesuffix("'s").replace("'", "")
    return singular(piece[:WORD_LENGTH_MAX]) if piece and piece not in STOP_WORDS else None
