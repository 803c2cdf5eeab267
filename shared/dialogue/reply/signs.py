"""A reply cut into clauses, and each clause into signs: the phrases by which it agrees, refuses, offers or asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.dialogue.phrasebook import ReplyWords
from shared.dialogue.reply.cleaning import Cleaned, Cleaner
from shared.discovery.intent import Span
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import keys_of
from shared.discovery.intents.words import Phrases, key_of
from shared.discovery.taxonomy import Taxonomy

CLAUSES_MAX = 40
_MARKS_BEHIND = re.compile(r"[^\w?]*\?")
_SUBJECTS = frozenset({
    "i", "we", "they", "he", "she", "it", "can", "could", "would", "will", "have", "no", "not", "yes", "do",
})  # fmt: skip
_OTHERS = frozenset({"they", "he", "she"})
_LEADING = frozenset({"polite", "sorry", "yes", "okay", "but", "no"})
_SO_MUCH = frozenset({"", "sorry", "much", "many", "far", "good", "nice", "kind", "busy", "long"})
_JOINTS = frozenset({"and", "so", "then", "because", "since", "porque", "asi"})


@dataclass(frozen=True, slots=True)
class Sign:
    """A phrase and what it says; from and to in words."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Clause:
    """Some words of a sentence that belong together. signs: left to right; is_question: a question mark ends it.

    is_after_but: it outweighs what stands before.
    """

    sentence: Sentence
    start: int
    end: int
    signs: list[Sign] = field(default_factory=list)
    is_question: bool = False
    is_after_but: bool = False

    @property
    def keys(self) -> list[str]:
        """The keys of its words."""
        return self.sentence.keys[self.start : self.end]

    @property
    def length(self) -> int:
        """How many words it has."""
        return self.end - self.start

    @property
    def covered(self) -> set[int]:
        """The words that are part of a sign."""
        return {word for sign in self.signs for word in range(sign.start, sign.end)}

    @property
    def span(self) -> Span:
        """Where it stands in the cleaned text."""
        return self.sentence.span(self.start, self.end)

    def ends_with(self, name: str) -> bool:
        """Whether a sign of this name ends it."""
        return any(sign.name == name and sign.end == self.end for sign in self.signs)

    def has(self, *names: str) -> bool:
        """Whether it has one of these signs."""
        return any(sign.name in names for sign in self.signs)

    def first(self, *names: str) -> Sign | None:
        """The first of these signs."""
        return next((sign for sign in self.signs if sign.name in names), None)


@dataclass(slots=True)
class Read:
    """A reply while it is read."""

    cleaned: Cleaned
    sentence: Sentence
    clauses: list[Clause]

    def said(self, start: int, end: int) -> str:
        """These words as they were written."""
        return self.cleaned.said(*self.sentence.span(start, end))

    def origin(self, start: int, end: int) -> Span:
        """Where these words stand in what was written."""
        return self.cleaned.span(*self.sentence.span(start, end))


class SignReader:
    """Finds the signs of a reply; made once."""

    def __init__(self, words: ReplyWords, taxonomy: Taxonomy, cleaner: Cleaner) -> None:
        self._cleaner = cleaner
        self._skipped = {key_of(word) for phrase in words.words["skipped"] for word in keys_of(phrase)}
        self._contractions = {word: tuple(said[0].split()) for word, said in taxonomy.phrases["contractions"].items()}
        meanings: dict[tuple[str, ...], str] = {}
        for name, phrases in words.signs.items():
            for phrase in phrases:
                meanings.setdefault(keys_of(phrase), name)
                meanings.setdefault(keys_of(cleaner.translated(phrase)), name)
        self._phrases = Phrases(meanings)

    def read(self, written: str) -> Read:
        """A reply in clauses with their signs."""
        cleaned = self._cleaner.clean(written)
        sentence = Sentence(Reading(cleaned.text), self._contractions, str)  # slips are mended already
        signs = self._signs(sentence)
        clauses = self._clauses(sentence, signs)
        return Read(cleaned, sentence, clauses)

    def _signs(self, sentence: Sentence) -> list[Sign]:
        signs: list[Sign] = []
        at = 0
        while at < sentence.length:
            found = self._at(sentence, at)
            is_idle = found is not None and found[0] in {"asks", "asks_so"} and not _leads(sentence, at, signs)
            behind = sentence.key(at + 1)
            is_and = sentence.keys[at] == "+" and not (behind == "$" or behind[:1].isdigit())
            if is_idle or is_and:
                found = None
            if found and found[0] == "polite" and sentence.key(found[1]) == "for":
                found = "polite", sentence.ends[at]  # `thanks for checking with us`
            if found:
                is_others = found[0] == "have" and sentence.key(at - 1) in _OTHERS
                signs.append(Sign("others" if is_others else found[0], at, found[1]))
            at = found[1] if found else at + 1
        return signs

    def _at(self, sentence: Sentence, at: int) -> tuple[str, int] | None:
        """The longest phrase that begins here, words in between that say nothing passed over."""
        end = sentence.ends[at]
        whole = self._phrases.at(sentence.keys, at, end)
        kept = [at, *(word for word in range(at + 1, end) if sentence.keys[word] not in self._skipped)]
        if len(kept) == end - at:
            return whole
        loose = self._phrases.at([sentence.keys[word] for word in kept], 0, len(kept))
        if loose is None or (whole and whole[1] >= kept[loose[1] - 1] + 1):
            return whole
        return loose[0], kept[loose[1] - 1] + 1

    def _clauses(self, sentence: Sentence, signs: list[Sign]) -> list[Clause]:
        inside = {word for sign in signs for word in range(sign.start + 1, sign.end)}
        turns = {sign.start: sign.end for sign in signs if sign.name == "but"}
        starts = [0]
        for word in range(1, sentence.length):
            behind = sentence.key(word + 1)
            is_therefore = sentence.keys[word] == "so" and behind not in _SO_MUCH and sentence.keys[word - 1] != "or"
            is_joint = is_therefore or (sentence.keys[word] in _JOINTS and behind in _SUBJECTS)
            is_apart = sentence.tokens[word].is_after_pause and not _is_within_figure(sentence, word)
            if word not in inside and (is_apart or word in turns or is_joint):
                starts.append(word)
        clauses: list[Clause] = []
        for start, end in zip(starts, [*starts[1:], sentence.length], strict=True):
            if len(clauses) < CLAUSES_MAX and start < end:
                clauses.append(self._clause(sentence, signs, start, end, is_after_but=start in turns))
        return [clause for clause in clauses if clause.end > clause.start]

    def _clause(self, sentence: Sentence, signs: list[Sign], start: int, end: int, *, is_after_but: bool) -> Clause:
        behind = sentence.tokens[end - 1].end
        is_question = bool(_MARKS_BEHIND.match(sentence.reading.plain, behind))
        own = [_so(sign, is_question=is_question) for sign in signs if start <= sign.start < end and sign.name != "but"]
        return Clause(sentence, start, end, [sign for sign in own if sign.name], is_question, is_after_but)


def _so(sign: Sign, *, is_question: bool) -> Sign:
    """`same vase?` asks, `same vase` does not: then the sign says nothing."""
    return sign if sign.name != "asks_so" else Sign("asks" if is_question else "", sign.start, sign.end)


def _leads(sentence: Sentence, at: int, signs: Sequence[Sign]) -> bool:
    """Whether a question can begin here: at the beginning, behind a pause, a joint or a nod."""
    if not at or sentence.tokens[at].is_after_pause or sentence.keys[at - 1] in _JOINTS:
        return True
    return bool(signs) and signs[-1].end == at and signs[-1].name in _LEADING


def _is_within_figure(sentence: Sentence, at: int) -> bool:
    """Whether the pause in front of a word is that of `2:45`."""
    before, token = sentence.tokens[at - 1], sentence.tokens[at]
    gap = sentence.reading.plain[before.end : token.start]
    return gap in {":", "."} and before.text.isdigit() and token.text.isdigit()
