"""The texts that the table is trained on: WordNet's glosses, examples and words, and phrases of gifts and services.

WordNet 3.0 is read in the format of its database files (manual page wndb(5WN)); the phrases are put together from
`phrases.txt`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")
THINGS = {6, 13, 20}
"""Lexicographer files (lexnames(5WN)) of what can be bought: artifacts, food, plants."""
SHOWN_EXAMPLES_WORDS_MIN = 3


class Synset(NamedTuple):
    """One meaning: the lexicographer file it stands in, its words, its definition and its examples."""

    lexname: int
    words: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]


def read_synsets(folder: Path) -> Iterator[Synset]:
    """Every synset of the four data files."""
    for part in PARTS_OF_SPEECH:
        for line in (folder / f"data.{part}").read_text(encoding="latin-1").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split(" ")
            count = int(fields[3], 16)
            words = (re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in fields[4 : 4 + 2 * count : 2])
            examples = tuple(re.findall(r'"([^"]+)"', gloss))
            definition = re.sub(r'[;:,]?\s*"[^"]*"?.*', "", gloss).strip(" ;")
            yield Synset(int(fields[1]), tuple(words), definition, examples)


def wordnet_texts(synsets: list[Synset]) -> Iterator[str]:
    """Definitions, examples, single words, and the words of a meaning together, some with their definition."""
    for number, synset in enumerate(synsets):
        if synset.definition:
            yield synset.definition
        yield from (example for example in synset.examples if example.count(" ") >= SHOWN_EXAMPLES_WORDS_MIN - 1)
        if len(synset.words) > 1:
            yield ", ".join(synset.words)
        if number % 3 == 0:
            yield f"{synset.words[0]}: {synset.definition}"
    common = {word for synset in synsets for word in synset.words if word.islower() and word.count(" ") <= 1}
    yield from sorted(common)


@dataclass(frozen=True)
class Kind:
    """Products or services of one kind: how they are named, what somebody wants them for, whom and what they suit."""

    title: str
    names: list[str]
    aims: list[str]
    suits: list[str]


@dataclass(frozen=True)
class Vocabulary:
    """The lists of a phrase file: the kinds, and the other lists by name."""

    kinds: list[Kind]
    lists: dict[str, list[str]]


def read_vocabulary(path: Path) -> Vocabulary:
    """The lists of a phrase file; its first lines say how it is written."""
    kinds: list[Kind] = []
    lists: dict[str, list[str]] = {}
    for block in path.read_text(encoding="utf-8").split("\n[")[1:]:
        title, _, body = block.partition("]\n")
        parts = [_entries(part.replace("\n", " ")) for part in body.split("=>")]
        if title.startswith("kind "):
            kinds.append(Kind(title.removeprefix("kind "), *parts))
        else:
            (lists[title],) = parts
    return Vocabulary(kinds, lists)


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(";") if entry.strip()]


class Phrases:
    """Puts phrases together at random: titles, descriptions, and what customers type."""

    def __init__(self, vocabulary: Vocabulary, things: list[str], rng: random.Random) -> None:
        self._kinds = vocabulary.kinds
        self._lists = vocabulary.lists
        self._things = things
        self._rng = rng
        self._shapes = (self.title, self.title, self.description, self.thing, self.wish, self.intent, self.intent)

    def phrase(self) -> str:
        """One phrase of any shape."""
        return self._rng.choice(self._shapes)()

    def title(self) -> str:
        """A product's title: "Soft navy merino baby blanket, set of 2"."""
        name = self._rng.choice(self._rng.choice(self._kinds).names)
        return self._titled(name)

    def thing(self) -> str:
        """A title, or a wish, about something that WordNet knows."""
        name = self._rng.choice(self._things)
        return self._titled(name) if self._rng.random() < 0.7 else self._joined(self._one("verbs"), name, self._ends())

    def description(self) -> str:
        """A title with its kind, its use and what goes with it."""
        kind = self._rng.choice(self._kinds)
        first, second = self._rng.sample(kind.names, 2)
        tails = (
            f"{self._one('qualities')}, {self._one('materials')}, {self._one('features')}",
            f"{self._rng.choice(kind.aims)}",
            f"{kind.title}; also {second}",
            f"perfect for a {self._one('occasions')} or for your {self._one('recipients')}",
        )
        return f"{self._titled(first)}. {self._rng.choice(tails).capitalize()}."

    def wish(self) -> str:
        """What a customer types who knows the thing: "looking for engraved flask for dad under $50"."""
        kind = self._rng.choice(self._kinds)
        name = self._rng.choice(kind.names)
        return self._joined(self._maybe("verbs", 0.6), self._maybe("qualities", 0.4), name, self._ends())

    def intent(self) -> str:
        """What a customer types who does not: "something fancy for a baby shower"."""
        aim = self._rng.choice(self._rng.choice(self._kinds).aims)
        quality, recipient, occasion = self._one("qualities"), self._one("recipients"), self._one("occasions")
        shapes = (
            aim,
            f"{aim} for {recipient}",
            f"{aim}, {occasion}",
            f"something {quality} for a {occasion}",
            f"{occasion} gift for {recipient}",
            f"{quality} {occasion} present",
            f"surprise for my {recipient}",
            f"what to get {recipient} for {occasion}",
            f"{quality} gift for my {recipient} who likes {self._rng.choice(self._rng.choice(self._kinds).names)}",
            f"plan a {occasion}",
            f"present for {recipient}",
        )
        return self._joined(self._rng.choice(shapes), self._maybe("budgets", 0.15), self._maybe("places", 0.15))

    def pair(self) -> tuple[str, str, int]:
        """What a customer types, a title that answers it, and the number of their kind."""
        number = self._rng.randrange(len(self._kinds))
        kind = self._kinds[number]
        suited, quality = self._rng.choice(kind.suits), self._one("qualities")
        shapes = (
            self._rng.choice(kind.aims),
            self._rng.choice(kind.names),
            kind.title,
            suited,
            f"gift for {suited}",
            f"something {quality} for {suited}",
            f"{suited} present",
            f"{self._one('verbs')} something for {suited}",
            f"{self._rng.choice(kind.aims)} for {self._one('recipients')}",
        )
        return self._rng.choice(shapes), self._titled(self._rng.choice(kind.names)), number

    def _titled(self, name: str) -> str:
        feature = self._maybe("features", 0.35)
        return self._joined(
            self._maybe("qualities", 0.5),
            self._maybe("colours", 0.3),
            self._maybe("materials", 0.25),
            f"{name}," if feature and self._rng.random() < 0.4 else name,
            feature,
        )

    def _ends(self) -> str:
        recipient = self._maybe("recipients", 0.4)
        occasion = self._maybe("occasions", 0.3)
        return self._joined(
            f"for my {recipient}" if recipient else "",
            f"for a {occasion}" if occasion else "",
            self._maybe("places", 0.2),
            self._maybe("times", 0.2),
            self._maybe("budgets", 0.2),
        )

    def _maybe(self, name: str, chance: float) -> str:
        return self._one(name) if self._rng.random() < chance else ""

    def _one(self, name: str) -> str:
        return self._rng.choice(self._lists[name])

    @staticmethod
    def _joined(*parts: str) -> str:
        return " ".join(part for part in parts if part)


def phrase_texts(vocabulary: Vocabulary, synsets: list[Synset], count: int, seed: int) -> Iterator[str]:
    """Every name and aim of the vocabulary by itself, then random phrases of them and of WordNet's things."""
    for kind in vocabulary.kinds:
        yield from (kind.title, *kind.names, *kind.aims, *kind.suits)
    for entries in vocabulary.lists.values():
        yield from entries
    things = sorted({word for synset in synsets if synset.lexname in THINGS for word in synset.words if word.islower()})
    phrases = Phrases(vocabulary, things, random.Random(seed))  # noqa: S311
    yield from (phrases.phrase() for _ in range(count))
