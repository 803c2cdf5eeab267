"""What is done to every word before it is compared: plurals folded, slips mended, phrases found by their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")

LETTERS_MIN = 5
"""Shorter words are never taken for misspelt ones: too many differ by one letter."""
LETTERS_MAX = 24
_ES = ("sses", "xes", "ches", "shes")
_IRREGULAR = {
    "knives": "knife", "leaves": "leaf", "wives": "wife", "loaves": "loaf", "shelves": "shelf", "scarves": "scarf",
    "children": "child", "women": "woman", "men": "man", "irises": "iris", "buses": "bus", "texas": "texas",
    "dallas": "dallas", "grandchildren": "grandchild",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def key_of(word: str) -> str:
    """What singular, plural and possessive of a word have in common; it need not be a word itself."""
    if word.endswith("'s"):
        word = word[:-2]
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[: -2 if word.endswith(_ES) else -1]
    return word[:-2] + "y" if len(word) > 3 and word.endswith("ie") else word


def is_plural(word: str) -> bool:
    """Whether a word looks like a plural: `roses`, not `glass`."""
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s"))


def forms_of(verb: str) -> tuple[str, ...]:
    """A verb and its regular forms: `bake`, `bakes`, `baked`, `baking`; `stop` → `stopped`."""
    if verb.endswith("e"):
        return verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"
    is_short = len(verb) > 2 and verb[-1] not in "aeiouwxy" and verb[-2] in "aeiou" and verb[-3] not in "aeiou"
    stems = (verb, verb + verb[-1]) if is_short else (verb,)
    ends = ("es" if verb.endswith(("s", "x", "ch", "sh", "o")) else "s", "ed", "ing")
    return verb, verb + ends[0], *(stem + end for stem in stems for end in ends[1:])


def _shortened(word: str) -> Iterator[str]:
    return (word[:index] + word[index + 1 :] for index in range(len(word)))


def is_one_slip(word: str, name: str) -> bool:
    """Whether two words differ by one letter more, less or other, or by two neighbours swapped."""
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    a, b = word[start:], name[start:]
    return a[1:] == b or b[1:] == a or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


class Spelling:
    """Mends words that are one slip away from a known one; `known` are never touched, `names` are what is meant."""

    def __init__(self, names: Iterable[str], known: Iterable[str]) -> None:
        self._names = {name: None for name in names if LETTERS_MIN <= len(name) <= LETTERS_MAX and name.isalpha()}
        self._known = {key_of(word) for word in known} | {key_of(name) for name in self._names}
        self._near: dict[str, list[str]] = {}
        for name in self._names:
            for short in (name, *_shortened(name)):
                self._near.setdefault(short, []).append(name)

    def mended(self, word: str) -> str:
        """The word that is meant, or the word as it stands."""
        if not LETTERS_MIN <= len(word) <= LETTERS_MAX or not word.isalpha() or key_of(word) in self._known:
            return word
        for short in (word, *_shortened(word)):
            for name in self._near.get(short, ()):
                if name[0] in word[:2] and is_one_slip(word, name):
                    return name
        return word


class Phrases(Generic[T]):
    """Phrases, as keys of words, and what they mean; the longest that fits wins."""

    def __init__(self, meanings: Mapping[tuple[str, ...], T]) -> None:
        self._meanings: dict[tuple[str, ...], T] = {}
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}
        for keys, meaning in meanings.items():
            if keys:
                self._meanings.setdefault(keys, meaning)
                self._first[keys[0]] = max(self._first.get(keys[0], 0), len(keys))
                self._last[keys[-1]] = max(self._last.get(keys[-1], 0), len(keys))

    def at(self, keys: Sequence[str], index: int, end: int) -> tuple[T, int] | None:
        """The meaning of the longest phrase that begins here and stays before `end`, and where it ends."""
        longest = self._first.get(keys[index]) if index < end else None
        if longest is None:
            return None
        for stop in range(min(index + longest, end), index, -1):
            found = self._meanings.get(tuple(keys[index:stop]))
            if found is not None:
                return found, stop
        return None

    def before(self, keys: Sequence[str], index: int, start: int = 0) -> tuple[T, int] | None:
        """The meaning of the longest phrase that ends right before this word, and where it begins."""
        longest = self._last.get(keys[index - 1]) if index > start else None
        if longest is None:
            return None
        for first in range(max(index - longest, start), index):
            found = self._meanings.get(tuple(keys[first:index]))
            if found is not None:
                return found, first
        return None
