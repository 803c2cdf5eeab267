"""The words of the taxonomy and the catalog, ready to be looked up: built once, each lookup a few steps in a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from shared.discovery.intents.reading import Reading, plain
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.words import Phrases, Spelling, forms_of, key_of
from shared.discovery.taxonomy import OTHER, Taxonomy

SenseKind = Literal["thing", "trait", "style", "work", "brand"]
_WORD = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s-]")
_LETTERS = re.compile(r"[a-z]{3,}")
BRAND_WORDS_MAX = 2
BRAND_TITLES_MIN = 2
AS_SAID = frozenset({"colour", "style"})
"""Told in the words of the wish; `Taxonomy.value_of` has the value that products know."""
FOOD = ("food", "restaurant", "catering", "wine", "spirits", "beer")


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing a phrase can mean.

    thing: name is its category, empty if none holds it; trait: name is the attribute, value its value.
    """

    kind: SenseKind
    name: str
    value: str = ""


Senses = tuple[Sense, ...]


def words_of(phrase: str) -> tuple[str, ...]:
    """The words of a phrase as sentences are cut: `gift-wrapped` is two."""
    return tuple(_WORD.findall(plain(phrase)))


def keys_of(phrase: str) -> tuple[str, ...]:
    """The keys of a phrase's words."""
    return tuple(map(key_of, words_of(phrase)))


class Vocabulary:
    """All that is known by name. names: titles of the catalog; their words are known, and their brands with them."""

    def __init__(self, taxonomy: Taxonomy, names: Iterable[str] = ()) -> None:
        self.taxonomy = taxonomy
        self._cues = taxonomy.phrases
        self._contractions = {
            word: tuple(said[0].split()) for word, said in taxonomy.phrases.get("contractions", {}).items()
        }
        senses: dict[tuple[str, ...], list[Sense]] = {}
        for phrase, sense in self._named():
            held = senses.setdefault(keys_of(phrase), [])
            if sense not in held:
                held.append(sense)
        titles = [words_of(name) for name in names]
        self.occasions = self._phrases(
            (name, (name.replace("-", " "), *one.names)) for name, one in taxonomy.occasions.items()
        )
        self.recipients = self._phrases((name, said) for name, said in taxonomy.recipients.items())
        for brand in self._brands(titles, senses):
            senses.setdefault(tuple(map(key_of, brand)), []).append(Sense("brand", "brand", " ".join(brand)))
        self.senses: Phrases[Senses] = Phrases({keys: tuple(held) for keys, held in senses.items()})
        self._spelling = self._spell(titles)

    def sentence(self, reading: Reading) -> Sentence:
        """A reading cut into words, misspelt ones mended."""
        return Sentence(reading, self._contractions, self._spelling.mended)

    def cues(self, group: str, name: str) -> tuple[str, ...]:
        """The phrases of data/taxonomy/phrases.toml under a name."""
        return self._cues.get(group, {}).get(name, ())

    def words(self, group: str, name: str) -> frozenset[str]:
        """The same, as keys of single words; phrases of several words are left out."""
        return frozenset(key_of(said[0]) for phrase in self.cues(group, name) if len(said := words_of(phrase)) == 1)

    def group(self, group: str, *names: str) -> Phrases[str]:
        """The phrases of a group, each meaning the name it stands under."""
        return self._phrases((name, self.cues(group, name)) for name in names or self._cues.get(group, {}))

    def is_within(self, category: str, *above: str) -> bool:
        """Whether a category is one of these or below one."""
        return any(name in self.taxonomy.ancestors.get(category, ()) for name in above)

    def common(self, part: str) -> frozenset[str]:
        """Keys of the everyday words of a part of speech; of verbs all their forms."""
        words = self.taxonomy.common_words.get(part, "").split()
        if part == "verbs":
            words = [form for word in words for form in forms_of(word)]
        return frozenset(map(key_of, words))

    @cached_property
    def adjectives(self) -> frozenset[str]:
        """Keys of the words that are said of anything and are no part of a name."""
        return self.words("items", "adjectives") | (self.common("adjectives") - self.words("items", "stops"))

    @cached_property
    def nameless(self) -> frozenset[str]:
        """Keys of the words that no thing is called by, wherever they stand."""
        return self.words("items", "stops") | self.common("adverbs") | self.common("nouns")

    @staticmethod
    def _phrases(named: Iterable[tuple[str, Iterable[str]]]) -> Phrases[str]:
        meanings: dict[tuple[str, ...], str] = {}
        for name, said in named:
            for phrase in said:
                meanings.setdefault(keys_of(phrase), name)
        return Phrases(meanings)

    def _named(self) -> Iterable[tuple[str, Sense]]:
        taxonomy = self.taxonomy
        for name, category in taxonomy.categories.items():
            for phrase in (*category.names, *taxonomy.more_names.get(name, ())):
                yield phrase, Sense("thing", name)
        for phrase in taxonomy.more_names.get(OTHER, ()):
            yield phrase, Sense("thing", "")
        for attribute, values in taxonomy.attributes.items():
            for value, said in values.items():
                for phrase in (value, *said):
                    told = phrase if attribute in AS_SAID else value
                    yield phrase, Sense("style" if attribute == "style" else "trait", attribute, told)
        for tag, capability in taxonomy.capabilities.items():
            if capability.kind in {"customization", "packaging"}:
                for phrase in capability.names:
                    yield phrase, Sense("work", capability.kind, tag)

    def _brands(
        self, titles: Iterable[tuple[str, ...]], senses: dict[tuple[str, ...], list[Sense]]
    ) -> list[tuple[str, ...]]:
        """What several titles begin with and names nothing else: `posh peanut`, but not `baby shower`."""
        said = {keys[0] for keys in senses if len(keys) == 1}
        said |= {key for one in self.taxonomy.occasions.values() for name in one.names for key in keys_of(name)}
        said |= {key for names in self.taxonomy.recipients.values() for name in names for key in keys_of(name)}
        usual = self.nameless | self.adjectives | self.common("verbs") | self.words("items", "determiners")
        heads = Counter(
            title[:BRAND_WORDS_MAX]
            for title in titles
            if len(title) > BRAND_WORDS_MAX
            and all(word.isalpha() and len(word) > 2 for word in title[:BRAND_WORDS_MAX])
        )
        return [
            head
            for head, count in heads.items()
            if count >= BRAND_TITLES_MIN and key_of(head[-1]) not in said | usual and not self._names(senses, head[0])
        ]

    @staticmethod
    def _names(senses: dict[tuple[str, ...], list[Sense]], word: str) -> bool:
        return any(sense.kind == "thing" for sense in senses.get((key_of(word),), ()))

    def _spell(self, titles: Iterable[tuple[str, ...]]) -> Spelling:
        said = [phrase for phrase, _ in self._named()]
        said += [name for one in self.taxonomy.occasions.values() for name in one.names]
        said += [name for names in self.taxonomy.recipients.values() for name in names]
        names = {word: None for phrase in said for word in words_of(phrase)}
        known = {
            word
            for name, group in self._cues.items()
            for key, phrases in group.items()
            for phrase in (*phrases, key)
            if name != "kinds" or phrase is not key
            for word in (_LETTERS.findall(phrase) if name == "kinds" else words_of(phrase))
        }
        common = [word for words in self.taxonomy.common_words.values() for word in words.split()]
        known.update(form for word in common for form in forms_of(word))
        meant = {word: None for phrase in self.cues("known", "meant") for word in words_of(phrase)}
        return Spelling({**names, **meant}, {*known, *(word for title in titles for word in title)})
