"""The things that a reply speaks of: which of them are not to be had, which are offered, which were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.dialogue.phrasebook import ReplyWords
from shared.dialogue.reply.model import Offered
from shared.dialogue.reply.names import JOINING, Name, NameReader
from shared.dialogue.reply.roles import Role, is_part_of_it, role_of
from shared.dialogue.reply.signs import Clause, Read, Sign
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.vocabulary import Sense, Vocabulary, keys_of

Sameness = Literal["asked", "ordered", "both", "other"]
"""both: only what the two have in common is said, such as `the flowers`."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing spoken of. is_certain: a sign says its role; is_shade: of the colour that was asked for."""

    name: Name
    role: Role
    same: Sameness
    is_certain: bool = True
    is_shade: bool = False

    @property
    def is_offer(self) -> bool:
        """Whether it is another thing, and offered."""
        return self.role == "offered" and self.same == "other"


@dataclass(frozen=True, slots=True)
class Known:
    """A thing that both know of: the keys of its words, its categories, its colours as products have them.

    is_broad: it is called by a wide word, such as flowers.
    """

    keys: frozenset[str]
    categories: frozenset[str]
    colours: frozenset[str]
    is_broad: bool


@dataclass(frozen=True, slots=True)
class Both:
    """What was asked for, and what was ordered before."""

    wanted: Known
    ordered: Known


class MentionReader:
    """Finds the things of a reply; made once."""

    def __init__(self, words: ReplyWords, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._taxonomy = vocabulary.taxonomy
        self._names = NameReader(words, vocabulary)
        self._broad = vocabulary.words("items", "broad")

    def known(self, said: str) -> Known:
        """What is known of a thing from its words."""
        sentence = self._vocabulary.sentence(Reading(said))
        senses = self._names.senses_in(sentence, 0, sentence.length)
        things = frozenset(sense.name for sense in senses if sense.kind == "thing" and sense.name)
        return Known(frozenset(sentence.keys), things, self._colours(senses), not self._broad.isdisjoint(sentence.keys))

    def read(self, read: Read, taken: Sequence[bool], both: Both) -> list[list[Mention]]:
        """The mentions of each clause; taken: words that are amounts, times or counts."""
        found: list[list[Mention]] = []
        before: Role | None = None
        for clause in read.clauses:
            mentions = self._in_clause(clause, taken, before, both)
            is_told = bool(mentions) and mentions[-1].is_certain
            before = "said" if clause.is_question and clause.has("asks") else mentions[-1].role if is_told else None
            found.append(self._alternatives(clause, mentions, both.wanted))
        return found

    def unread(self, read: Read, mentions: Sequence[Sequence[Mention]]) -> int:
        """How many words of weight are part of nothing that was understood."""
        known = {at for clause in read.clauses for at in clause.covered}
        known |= {at for group in mentions for one in group for at in range(one.name.start, one.name.end)}
        words = enumerate(zip(read.sentence.keys, read.sentence.taken, strict=True))
        return sum(at not in known and not taken and self._names.is_weighty(key) for at, (key, taken) in words)

    def offered(self, read: Read, mention: Mention) -> Offered:
        """A mention as an offer of that thing."""
        start, end = mention.name.start, mention.name.end
        return self._offered(read.said(start, end), read.sentence.text(start, end), mention.name.senses)

    def thing(self, words: str) -> Offered:
        """Words as an offer of the thing that they name."""
        sentence = self._vocabulary.sentence(Reading(words))
        return self._offered(words, words.lower(), self._names.senses_in(sentence, 0, sentence.length))

    def _offered(self, name: str, words: str, senses: Sequence[Sense]) -> Offered:
        attributes: dict[str, tuple[str, ...]] = {}
        for sense in senses:
            if sense.kind in {"trait", "style"}:
                attribute = "style" if sense.kind == "style" else sense.name
                value = self._taxonomy.value_of(attribute, sense.value)
                attributes[attribute] = tuple(dict.fromkeys((*attributes.get(attribute, ()), value)))
        category = next((sense.name for sense in reversed(senses) if sense.kind == "thing" and sense.name), None)
        said = name[:-2] if name.endswith(("'s", "\u2019s")) else name
        return Offered(name=said, words=words.removesuffix("'s"), attributes=attributes, category=category)

    def _in_clause(self, clause: Clause, taken: Sequence[bool], before: Role | None, both: Both) -> list[Mention]:
        signs = {sign.start: sign for sign in clause.signs}
        found: list[Mention] = []
        last: Sign | None = None
        at = clause.start
        while at < clause.end:
            if at in signs:
                last, at = signs[at], signs[at].end
                continue
            name, at = self._names.at(clause, at, taken, last)
            if name is not None:
                found.append(self._mention(clause, name, last, before, both))
        return found

    def _mention(self, clause: Clause, name: Name, last: Sign | None, before: Role | None, both: Both) -> Mention:
        same = self._same(clause, name, both)
        role = role_of(clause, name, last, before, self._names)
        if same == "other" and role == "offered" and is_part_of_it(clause, name):
            role = None
        colours = self._colours(name.senses)
        is_shade = bool(colours) and colours <= both.wanted.colours
        return Mention(name, role or "said", same, role is not None, is_shade)

    def _alternatives(self, clause: Clause, mentions: list[Mention], wanted: Known) -> list[Mention]:
        """The mentions, without what is only asked about: `do they want a vase?`."""
        sign = clause.first("propose", "want")
        if sign is None or sign.start > clause.start or clause.has("fits", "okay"):
            return mentions
        return [one for one in mentions if not one.is_offer or self._is_kin(one, wanted)]

    def _is_kin(self, mention: Mention, known: Known) -> bool:
        """Whether it could stand for what is known: a property of the same kind, or the same kind of thing."""
        if not (known.categories or known.colours) or (known.colours and self._colours(mention.name.senses)):
            return True
        families = {self._family(name) for name in known.categories}
        return any(sense.kind == "thing" and self._family(sense.name) in families for sense in mention.name.senses)

    def _family(self, category: str) -> str:
        return self._taxonomy.ancestors.get(category, (category,))[-1]

    def _colours(self, senses: Sequence[Sense]) -> frozenset[str]:
        said = (sense.value for sense in senses if sense.kind == "trait" and sense.name == "colour")
        return frozenset(self._taxonomy.value_of("colour", value) for value in said)

    def _same(self, clause: Clause, name: Name, both: Both) -> Sameness:
        said = clause.sentence.keys[name.start : name.end]
        keys = {key for key in said if key not in self._names.bare and key not in JOINING}
        wanted, ordered = both.wanted, both.ordered
        if not self._is_within(keys, name, wanted):
            return "ordered" if self._is_within(keys, name, ordered) else "other"
        if keys <= ordered.keys:
            return "both"
        is_told = keys <= wanted.keys or not ordered.keys or not keys.isdisjoint(wanted.keys - ordered.keys)
        return "asked" if is_told else "other"

    def _is_within(self, keys: set[str], name: Name, known: Known) -> bool:
        """Whether nothing is said beyond what is known: `pink roses` are pink flowers."""
        kinds = [sense.name for sense in name.senses if sense.kind == "thing" and self._is_kind_of(sense.name, known)]
        narrower = {key for kind in kinds if known.is_broad for key in keys if self._is_called(kind, key)}
        return bool(known.keys) and keys <= known.keys | narrower

    def _is_kind_of(self, category: str, known: Known) -> bool:
        return any(above in known.categories for above in self._taxonomy.ancestors.get(category, ()))

    def _is_called(self, category: str, key: str) -> bool:
        names = (*self._taxonomy.categories[category].names, *self._taxonomy.more_names.get(category, ()))
        return any(keys_of(name) == (key,) for name in names)
