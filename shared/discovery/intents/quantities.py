"""How many people: `for 12 people`, `party of six`, `we are 8`, `table for two`; people are not pieces."""

from __future__ import annotations

from dataclasses import dataclass

from shared.discovery.intent import Span
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary
from shared.discovery.intents.words import is_plural

PEOPLE_MAX = 100_000
BETWEEN_MAX = 2
"""So many words may stand between a number and the people: `12 of my closest friends`."""


@dataclass(frozen=True, slots=True)
class Party:
    """How many people, and where it says so."""

    size: int | None = None
    span: Span | None = None
    is_bare: bool = False


class PartyReader:
    """Reads party sizes; claims the words."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._people = vocabulary.group("party", "people")
        self._before = vocabulary.group("party", "before", "services_before")
        self._adjectives = vocabulary.words("party", "adjectives")
        self._occasions = vocabulary.occasions
        self._several = vocabulary.words("party", "several")
        self._years = vocabulary.group("party", "years")
        self._not_before = vocabulary.words("party", "not_before")
        self._selves = vocabulary.words("people", "selves")
        self._stops = vocabulary.words("money_after", "follow") | {
            "this", "next", "tonight", "on", "at", "of", "as", "instead", "want", "need", "would", "will", "are", "who",
            "looking", "coming", "delivered",
        }  # fmt: skip
        self._not_after = vocabulary.words("party", "counted") | vocabulary.words("party", "measures")

    def read(self, sentence: Sentence) -> Party:
        """The first size that is said, a change's new one (`from 4 people to 6`) before it."""
        found: Party | None = None
        for index in range(sentence.length):
            number = sentence.number(index)
            if not number or number[0] < 1 or number[0] > PEOPLE_MAX or number[0] != int(number[0]):
                continue
            party = self._one(sentence, index, int(number[0]), number[1])
            if party and found and found.span and self._adds(sentence, index, found):
                found = Party((found.size or 0) + (party.size or 0), found.span)
            elif party and (not found or (found.is_bare and not party.is_bare)):
                found = party
            elif found and self._is_raised(sentence, index):
                found = Party(int(number[0]), sentence.claim(index, number[1]))
        return found or self._two(sentence)

    def _is_raised(self, sentence: Sentence, index: int) -> bool:
        """`from 4 people to 6`."""
        return sentence.key(index - 1) == "to" and "from" in sentence.keys[:index]

    def _adds(self, sentence: Sentence, index: int, found: Party) -> bool:
        """`2 adults and 3 kids`: the number goes on where the party before ends."""
        is_joined = sentence.key(index - 1) in {"and", "plus", "&", "+"}
        before = sentence.tokens[index - 2].end if index > 1 else 0
        return is_joined and found.span is not None and before == found.span[1] and not found.is_bare

    def _one(self, sentence: Sentence, index: int, size: int, end: int) -> Party | None:
        if sentence.key(index - 1) in self._not_before or (sentence.key(index) in {"a", "an", "couple"} and size > 2):
            return None
        if "couple" in sentence.keys[index:end] and sentence.key(end - 1) != "of":
            return None  # `a couple who love wine`
        if "pair" in sentence.keys[index:end]:
            return None
        if self._is_age(sentence, index, end) or (size == 1 and sentence.key(end) == "of"):
            return None
        behind = self._behind(sentence, end)
        before = self._before.before(sentence.keys, index)
        if behind and sentence.key(index - 1) in {"my", "our", "her", "his"} and self._is_kin(sentence, end):
            return None
        if behind:
            others = self._others(sentence, index, before[1] if before else index)
            is_free = before is not None and sentence.is_free(before[1], index)
            first = before[1] if before and is_free and before[0] == "before" else index
            is_bare = size + others == 1 or self._is_some(sentence, behind)
            return Party(size + others, sentence.claim(first, behind), is_bare=is_bare)
        if not before or not sentence.is_free(before[1], index) or sentence.tokens[index].is_after_pause:
            return None
        is_group = sentence.key(index - 1) == "of" and before[0] == "before"
        if not is_group and not self._ends_well(sentence, end):
            return None
        is_bare = before[0] == "services_before"
        return Party(size, sentence.claim(index - 1 if is_bare else before[1], end), is_bare=is_bare)

    def _is_some(self, sentence: Sentence, index: int) -> bool:
        """`two of us are vegetarian`: not all of them."""
        return sentence.key(index) in {"are", "is", "have", "has", "do", "can", "eat", "prefer", "need"}

    def _is_kin(self, sentence: Sentence, index: int) -> bool:
        """`our two kids` are those it is for."""
        return sentence.key(index) in {"kid", "child", "daughter", "son", "boy", "girl", "sister", "brother", "dog"}

    def _is_age(self, sentence: Sentence, index: int, end: int) -> bool:
        """A child's age is nobody's number; its words are no thing either."""
        found = sentence.at(self._years, end)
        if not found:
            return False
        if sentence.key(found[1] - 1) in {"old", "yo", "age"}:
            sentence.claim(index, found[1])
        return True

    def _behind(self, sentence: Sentence, index: int) -> int | None:
        """The end of `people` behind a number, some words between."""
        for skipped in range(BETWEEN_MAX + 2):
            found = sentence.at(self._people, index)
            if found and (not skipped or not sentence.tokens[index].is_after_pause):
                return None if self._is_said_of(sentence, index, found[1]) else found[1]
            is_paused = index >= sentence.length or sentence.tokens[index].is_after_pause
            is_named = not skipped and self._occasions.at(sentence.keys, index, sentence.length) is not None
            if is_paused or (sentence.key(index) not in self._adjectives and not is_named):
                return None
            index += 1
        return None

    def _is_said_of(self, sentence: Sentence, index: int, end: int) -> bool:
        """`seven bridesmaid boxes`, `50 dad jokes`: one word for a person in front of what is counted."""
        if end >= sentence.length or sentence.tokens[end].is_after_pause or not index:
            return False
        word, behind = sentence.tokens[end - 1], sentence.tokens[end]
        last = sentence.tokens[min(end + 1, sentence.ends[end] - 1)]
        is_thing = behind.key not in self._stops and (is_plural(behind.text) or is_plural(last.text))
        return word.text == word.key and word.key not in self._several and is_thing

    def _others(self, sentence: Sentence, index: int, start: int) -> int:
        """One more for `me and three friends`."""
        at = min(index, start)
        return 1 if sentence.key(at - 1) == "and" and sentence.key(at - 2) in self._selves else 0

    def _ends_well(self, sentence: Sentence, end: int) -> bool:
        if end >= sentence.length or sentence.tokens[end].is_after_pause or sentence.taken[end]:
            return end >= sentence.length or not sentence.tokens[end].is_joined
        return sentence.key(end) in self._stops and sentence.key(end) not in self._not_after

    def _two(self, sentence: Sentence) -> Party:
        """`for me and my wife`, `just the two of us` without its number."""
        for index in range(sentence.length - 3):
            first, second, third, fourth = sentence.keys[index : index + 4]
            if first == "for" and second in self._selves and third == "and" and fourth in {"my", "the"}:
                return Party(2, sentence.span(index, index + 2))
        return Party()
