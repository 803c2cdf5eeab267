"""Finding the taxonomy's words in a text: the longest name first, each word used once, plurals alike."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from shared.discovery.taxonomy import Taxonomy

TEXT_LENGTH_MAX = 2_000
PHRASE_WORDS_MAX = 6
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("['\u2019]")

Group = Literal["category", "attribute", "occasion", "recipient", "capability"]


class Name(NamedTuple):
    """What a word stands for; kind: the attribute, or the group itself."""

    group: Group
    kind: str
    value: str


class Found(NamedTuple):
    """A name in a text: from and to in words, and whether a `not` or `no` stands before it."""

    name: Name
    start: int
    end: int
    is_denied: bool


class _Table:
    """Names by their words; starts: a word → the most words that a phrase beginning with it has."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], list[Name]] = defaultdict(list)
        self._starts: dict[str, int] = {}

    def enter(self, said: Iterable[str], name: Name) -> None:
        for phrase in said:
            key = tuple(words_in(phrase))
            if 0 < len(key) <= PHRASE_WORDS_MAX and name not in self._names[key]:
                self._names[key].append(name)

    def close(self) -> None:
        """Make words without accents stand for what they stand for with them, where nothing else is written so."""
        for key, names in list(self._names.items()):
            self._names.setdefault(tuple(map(folded, key)), names)
        for key in self._names:
            self._starts[key[0]] = max(len(key), self._starts.get(key[0], 0))

    def named(self, words: Sequence[str]) -> list[Name]:
        """What words stand for as they are written, else without accents: a `rosé` is no rose, a `pinata` a piñata."""
        return self._names.get(tuple(words)) or self._names.get(tuple(map(folded, words))) or []

    def scan(self, text: str) -> list[Found]:
        """All names in a text, from its beginning."""
        words = words_in(text)
        found: list[Found] = []
        at = 0
        while at < len(words):
            end = next((end for end in self._ends(words, at) if self.named(words[at:end])), at)
            if end > at:
                denied = not _DENIALS.isdisjoint(words[max(0, at - 2) : at])
                found.extend(Found(name, at, end, denied) for name in self.named(words[at:end]))
            at = max(end, at + 1)
        return found

    def _ends(self, words: Sequence[str], at: int) -> range:
        """Where a name that begins at a word may end, the farthest first."""
        longest = max(self._starts.get(words[at], 0), self._starts.get(folded(words[at]), 0))
        return range(min(at + longest, len(words)), at, -1)


class Lexicon:
    """All names of a taxonomy, by their words."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._things, self._people, self._doings = _Table(), _Table(), _Table()
        for name, category in taxonomy.categories.items():
            self._things.enter(category.names, Name("category", "category", name))
        for kind, values in taxonomy.attributes.items():
            for value, said in values.items():
                self._things.enter((value, *said), Name("attribute", kind, value))
        for name, occasion in taxonomy.occasions.items():
            self._people.enter((*occasion.names, name), Name("occasion", "occasion", name))
        for name, said in taxonomy.recipients.items():
            self._people.enter((*said, name), Name("recipient", "recipient", name))
        for name, capability in taxonomy.capabilities.items():
            self._doings.enter((*capability.names, name), Name("capability", "capability", name))
        for table in (self._things, self._people, self._doings):
            table.close()

    def things(self, text: str) -> list[Found]:
        """Categories and attributes; `rose gold` is no rose."""
        return self._things.scan(text)

    def people(self, text: str) -> list[Found]:
        """Occasions and recipients; a `baby shower` is for no baby."""
        return self._people.scan(text)

    def doings(self, text: str) -> list[Found]:
        """Capabilities."""
        return self._doings.scan(text)

    def exactly(self, text: str, group: Group) -> list[Name]:
        """What a text as a whole stands for."""
        tables = {"category": self._things, "attribute": self._things, "capability": self._doings}
        return [name for name in tables.get(group, self._people).named(words_in(text)) if name.group == group]


def words_in(text: str) -> list[str]:
    """Words in lower case, plurals as singulars; hyphens part words."""
    plain = unicodedata.normalize("NFKC", text[:TEXT_LENGTH_MAX].lower())
    return [singular(word) for word in _WORD.findall(_APOSTROPHES.sub("", plain))]


def folded(word: str) -> str:
    """A word without its accents."""
    if word.isascii():
        return word
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def singular(word: str) -> str:
    """A rough singular, the same for a word and its plural: `lilies` and `lily`, `boxes` and `box`."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_DENIALS = {"no", "not", "non", "without", "never", "cannot", "dont", "isnt", "except"}
