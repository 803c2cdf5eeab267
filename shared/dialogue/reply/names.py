"""Names of things in a reply: runs of words that mean things or properties, or that stand where a name must stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.dialogue.phrasebook import ReplyWords
from shared.dialogue.reply.signs import Clause, Sign
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Sense, Senses, Vocabulary, keys_of
from shared.discovery.intents.words import key_of

NAME_WORDS_MAX = 8
GAP_MAX = 3
"""So many small words may stand between a sign and the name that it leads to."""
ARTICLES = frozenset({"a", "an", "some", "this", "these", "un", "una"})
JOINING = frozenset({"and", "or", "&", "+", "/", "with", "in", "of", "y"})
_NAMING = frozenset({"have", "propose", "want", "only", "can", "instead", "nearest", "lack", "cannot", "no"})
"""Signs that lead to a name, though nobody knows it; _ARTICLED: those that do with an article behind them."""
_ARTICLED = _NAMING | {"yes", "okay", "become", "it_is"}
_ACTING = frozenset({
    "will", "can", "could", "would", "only", "just", "may", "must", "puedo", "podemos", "swap", "switch", "change",
    "not",
})  # fmt: skip
"""Behind these a verb comes, not a name: `we will rework it`."""
_SUBJECTS = frozenset({"i", "we", "they", "you", "to"})
_LOOSE = frozenset({"size", "style"})
"""Properties that alone name no thing."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, from and to in words; senses: what its words mean, none where nobody knows them."""

    start: int
    end: int
    senses: tuple[Sense, ...]


class NameReader:
    """Finds names; made once."""

    def __init__(self, words: ReplyWords, vocabulary: Vocabulary) -> None:
        determiners, spanish = vocabulary.words("items", "determiners"), set(map(key_of, words.spanish.marks))
        self._senses = vocabulary.senses
        self._adjectives = vocabulary.adjectives
        self._verbs = vocabulary.common("verbs")
        self.bare = set(map(key_of, words.words["bare"]))
        self._shades = set(map(key_of, words.words["shades"]))
        self._matters = {key for word in words.words["matters"] for key in keys_of(word)}
        self._stops = vocabulary.nameless | determiners | self._matters | spanish
        self._light = vocabulary.nameless | determiners | self.bare | spanish

    def at(self, clause: Clause, at: int, taken: Sequence[bool], last: Sign | None) -> tuple[Name | None, int]:
        """The name that begins with this word, if one does, and where to go on.

        taken: words that are amounts, times or counts; last: the sign before.
        """
        is_led = self.is_led(clause.sentence, last, at)
        end = self._end(clause, at, taken, is_led=is_led)
        if end == at:
            return None, at + 1
        start = self._trimmed(clause.sentence, at, end)
        senses = self.senses_in(clause.sentence, start, end)
        is_nothing = self._is_shade(clause.sentence, start, end) or (senses and all(map(_is_loose, senses)))
        if is_nothing or not (senses or is_led or _is_judged(clause, end)):
            return None, end
        return Name(start, end, senses), end

    def is_led(self, sentence: Sentence, last: Sign | None, at: int) -> bool:
        """Whether only small words stand between a sign and this place, so that a name must come."""
        if last is None:
            return False
        between = sentence.keys[last.end : at]
        has_article = not ARTICLES.isdisjoint(between)
        if last.name not in (_ARTICLED if has_article else _NAMING):
            return False
        if sentence.keys[last.end - 1] in _ACTING and not has_article:
            return False
        return len(between) <= GAP_MAX and all(key in self.bare or key[:1].isdigit() for key in between)

    def senses_in(self, sentence: Sentence, start: int, end: int) -> tuple[Sense, ...]:
        """What the words from here to there mean."""
        senses: list[Sense] = []
        at = start
        while at < end:
            found = self._known(sentence, at)
            if found:
                sense = _chosen(found[0], is_last=found[1] >= end)
                if sense.kind == "trait" or sentence.keys[at] not in self._shades:
                    senses.append(sense)
            at = found[1] if found else at + 1
        return tuple(senses)

    def is_weighty(self, key: str) -> bool:
        """Whether a word would matter if it was not understood."""
        return len(key) > 2 and key.isalpha() and key not in self._light

    def _known(self, sentence: Sentence, at: int) -> tuple[Senses, int] | None:
        """What is known by these words, but for what speaks of the order itself."""
        found = sentence.at(self._senses, at)
        if found is None or all(key in self._matters for key in sentence.keys[at : found[1]]):
            return None
        return found

    def _end(self, clause: Clause, start: int, taken: Sequence[bool], *, is_led: bool) -> int:
        """Where the words of a name that begins here end; its beginning where none does."""
        sentence, covered = clause.sentence, clause.covered
        at = start
        while at < clause.end and at - start < NAME_WORDS_MAX and not (taken[at] or at in covered):
            found = self._known(sentence, at)
            if found:
                at = min(found[1], clause.end)
            elif self._is_name(clause, start, at, is_led=is_led):
                at += 1
            elif at > start and sentence.keys[at] in JOINING and (on := self._joined(clause, at + 1, taken)):
                at = on
            else:
                break
        return at

    def _is_name(self, clause: Clause, start: int, at: int, *, is_led: bool) -> bool:
        """Whether an unknown word may be part of a name."""
        key, token = clause.sentence.keys[at], clause.sentence.tokens[at]
        if key in self._shades:
            return True
        if key in self._stops or key in self.bare or len(key) < 3 or not token.text.replace("'", "").isalpha():
            return False
        if is_led and not (at > start and self._is_verb(clause, start, at)):
            return True
        return token.is_capital or (key not in self._verbs and key not in self._adjectives)

    def _is_verb(self, clause: Clause, start: int, at: int) -> bool:
        """Whether a word within a name is one of doing; behind an article the last word is none: `a chocolate drip`."""
        keys = clause.sentence.keys
        is_last = at + 1 >= clause.end or keys[at + 1] in JOINING | {"on", "for"}
        is_noun = is_last and clause.sentence.key(start - 1) in ARTICLES
        return keys[at] in self._verbs and not is_noun

    def _joined(self, clause: Clause, at: int, taken: Sequence[bool]) -> int | None:
        """Where a name goes on behind `and`, past small words; None where no known word follows."""
        keys, first = clause.sentence.keys, at
        while at < clause.end and (keys[at] in self._shades or keys[at] in ARTICLES):
            at += 1
        if at >= clause.end or taken[at] or at in clause.covered or self._known(clause.sentence, at) is None:
            return None
        return at if keys[at - 1] in ARTICLES else first

    def _trimmed(self, sentence: Sentence, start: int, end: int) -> int:
        """Where a name begins behind praise and what is done to it."""
        while start < end - 1 and (self._is_praise(sentence, start) or self._is_act(sentence, start)):
            start += 1
        while start < end - 1 and sentence.keys[start] in JOINING:
            start += 1
        return start

    def _is_praise(self, sentence: Sentence, at: int) -> bool:
        key = sentence.keys[at]
        if key in self.bare:
            return True
        is_plain = key in self._adjectives and key not in self._shades and not sentence.tokens[at].is_capital
        return is_plain and sentence.at(self._senses, at) is None

    def _is_act(self, sentence: Sentence, at: int) -> bool:
        """`prepare pink flowers`: what is done to a thing is no part of its name."""
        if at and sentence.keys[at - 1] not in _ACTING | _SUBJECTS:
            return False
        found = sentence.at(self._senses, at)
        return all(sense.kind == "work" for sense in found[0]) if found else sentence.keys[at] in self._verbs

    def _is_shade(self, sentence: Sentence, start: int, end: int) -> bool:
        return all(key in self._shades for key in sentence.keys[start:end])


def _chosen(senses: Senses, *, is_last: bool) -> Sense:
    """Of the meanings of a word: its colour, a thing at the end of a name, else a property."""
    traits = [sense for sense in senses if sense.kind == "trait"]
    things = [sense for sense in senses if sense.kind == "thing"]
    colours = [sense for sense in traits if sense.name == "colour"]
    ranked = [*colours, *things, *traits] if is_last else [*colours, *traits, *things]
    return (ranked or list(senses))[0]


def _is_loose(sense: Sense) -> bool:
    return sense.kind in {"style", "work"} or (sense.kind == "trait" and sense.name in _LOOSE)


def _is_judged(clause: Clause, end: int) -> bool:
    """`bronze is possible`: what would do, or is gone, is a name though unknown."""
    return any(sign.name in {"fits", "gone"} and 0 <= sign.start - end <= 1 for sign in clause.signs)
