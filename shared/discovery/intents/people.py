"""Whom it is for and what is celebrated."""

from __future__ import annotations

from dataclasses import dataclass

from shared.discovery.intent import Span
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary
from shared.discovery.intents.words import is_plural, key_of

ADJECTIVES_MAX = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A name, and where the text says it."""

    name: str | None = None
    span: Span | None = None


class PeopleReader:
    """Reads the recipient, as said but without `my`; a capitalised name behind `for` counts as one."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._recipients = vocabulary.recipients
        self._senses = vocabulary.senses
        self._occasions = vocabulary.occasions
        self._mine = vocabulary.words("people", "mine")
        self._to = vocabulary.words("people", "to")
        self._adjectives = vocabulary.words("people", "adjectives")
        self._not_names = vocabulary.words("people", "not_names")
        self._in_things = vocabulary.words("people", "also_in_things")
        self._stops = vocabulary.words("items", "stops")
        self._nameless = vocabulary.nameless
        self._common = vocabulary.adjectives | vocabulary.words("items", "determiners")
        self._acts = vocabulary.common("verbs")
        self._hired = vocabulary.words("people", "hired")
        self._speakers = vocabulary.words("people", "speakers")
        self._speaking = vocabulary.words("people", "speaking")
        self._titles = vocabulary.words("people", "titles")
        self._wishes = vocabulary.words("items", "verbs") | {"of"} - {"give", "send"}
        self._wish_for = vocabulary.words("items", "wish_for")

    def read(self, sentence: Sentence) -> Said:
        """The first recipient that is meant as one; claims the words."""
        found: Said | None = None
        index = 0
        while index < sentence.length:
            held = sentence.at(self._recipients, index)
            if not held:
                index += 1
                continue
            end = held[1]
            if sentence.at(self._recipients, end) and not self._is_possessive(sentence, end):
                index = end  # `twin nephews`, `baby sister`: the last one says who it is
                continue
            start = self._first(sentence, index)
            if self._is_meant(sentence, start, index, end):
                while self._is_possessive(sentence, end) and (more := sentence.at(self._recipients, end)):
                    end = more[1]
                last, end = end, self._with_name(sentence, end)
                self._claim(sentence, start, end)
                text = sentence.text(index, last) + "".join(f" {sentence.said(at, at + 1)}" for at in range(last, end))
                found = found or Said(_without_possessive(text), sentence.span(index, end))
            index = end
        return found or self._named(sentence)

    def _is_possessive(self, sentence: Sentence, end: int) -> bool:
        """`mom's`, `kids'`."""
        token = sentence.tokens[end - 1]
        return token.text.endswith("'s") or sentence.reading.plain[token.end : token.end + 1] == "'"

    def _with_name(self, sentence: Sentence, end: int) -> int:
        """`my friend Dorothy`, `her teacher Mr. Alvarez`: what they are called belongs to it."""
        at = end + (sentence.key(end) in self._titles and end < sentence.length)
        is_named = (
            not sentence.is_shouted
            and at < sentence.length
            and sentence.tokens[at].is_capital
            and not sentence.tokens[end].is_after_pause
            and not self._is_possessive(sentence, end)
            and sentence.is_free(end, at + 1)
            and sentence.keys[at] not in self._not_names
            and sentence.tokens[at].text.isalpha()
        )
        return at + 1 if is_named else end

    def _claim(self, sentence: Sentence, start: int, end: int) -> None:
        if sentence.is_free(start, end):
            sentence.claim(start, end)

    def _first(self, sentence: Sentence, index: int) -> int:
        start = index
        while start > 0 and index - start < ADJECTIVES_MAX and sentence.keys[start - 1] in self._adjectives:
            if sentence.taken[start - 1] or sentence.tokens[start].is_after_pause:
                break
            start -= 1
        return start

    def _is_meant(self, sentence: Sentence, start: int, index: int, end: int) -> bool:
        """`my mom`, `for mom`, `mom's birthday`, `to a friend`; not the baby in `baby gift` nor `my husband and I`."""
        after = sentence.key(end)
        before = sentence.key(start - 1)
        goes_on = end < sentence.length and not sentence.tokens[end].is_after_pause
        is_possessive = self._is_possessive(sentence, end)
        if is_possessive and self._occasions.at(sentence.keys, index, sentence.length):
            return False
        celebrated = self._occasions.at(sentence.keys, index, sentence.length)
        if celebrated and celebrated[1] > end:
            return False
        if sentence.number(index - 1) and before not in self._mine and sentence.key(index - 2) not in self._mine:
            return False  # `two cats`
        is_one = not is_possessive and not is_plural(sentence.tokens[end - 1].text)
        if sentence.number(index - 1) and goes_on and is_one:
            return False  # `50 dad jokes`
        if sentence.keys[index] in self._speakers and after in self._speaking:
            return False  # `the customer asks for a cake`
        if after in {"of", "here"} or sentence.tokens[index].is_joined:
            return False
        if after == "and" and sentence.key(end + 1) in {"i", "me", "myself"}:
            return False
        if before == "and" and sentence.key(start - 2) in {"me", "i"}:
            return False
        if (
            goes_on
            and not is_possessive
            and sentence.keys[index] in self._in_things
            and (
                sentence.at(self._senses, end)
                or sentence.at(self._senses, index)
                or self._occasions.at(sentence.keys, end, sentence.length)
            )
        ):
            return False
        if self._is_hired(sentence, start, index, end):
            return False
        if before in self._mine or before in self._to or is_possessive:
            return True
        is_start = start == 0 or sentence.tokens[start].is_after_pause
        is_several = is_plural(sentence.tokens[end - 1].text) and not goes_on
        return is_start or is_several or sentence.keys[index] not in self._in_things

    def _is_hired(self, sentence: Sentence, start: int, index: int, end: int) -> bool:
        """`babysitter tonight`, `book a nanny`, `dog walker`: somebody, or something, that is wanted."""
        goes_on = end < sentence.length and not sentence.tokens[end].is_after_pause and not sentence.taken[end]
        if goes_on and sentence.keys[index] in self._in_things and not sentence.at(self._senses, end):
            key = sentence.keys[end]
            is_noun = key not in self._nameless and key not in self._acts and key not in self._common
            if is_noun and key.isalpha() and not sentence.tokens[end].is_capital and len(key) > 2:
                return True
        is_one = not is_plural(sentence.tokens[end - 1].text) and not self._is_possessive(sentence, end)
        if not {sentence.keys[index], sentence.keys[end - 1]} & self._hired or not is_one:
            return False
        before, second = sentence.key(start - 1), sentence.key(start - 2)
        if before not in self._mine and before not in self._to:
            return True
        is_sought = second in self._wishes or (second == "for" and sentence.key(start - 3) in self._wish_for)
        return before in {"a", "an", "some"} and is_sought

    def _named(self, sentence: Sentence) -> Said:
        """`for Anna`, `to Sarah`, `send Anna`; not in a text that is all capitals."""
        if sentence.is_shouted:
            return Said()
        for index in range(sentence.length):
            token = sentence.tokens[index]
            if token.key in self._titles and token.is_capital and self._is_name(sentence, index + 1):
                return Said(sentence.said(index, index + 2), sentence.claim(index, index + 2))
            is_led = sentence.key(index - 1) in {"for", "to", "send", "surprise", "give", "gift", "treat", "from"}
            if not is_led and not (token.text.endswith("'s") and token.is_capital):
                continue
            if (
                not token.is_capital
                or token.is_after_pause
                or sentence.taken[index]
                or not token.text.replace("'", "").isalpha()
            ):
                continue
            if (
                token.key in self._not_names
                or sentence.at(self._senses, index)
                or token.key in self._stops
                or sentence.key(index - 1) == "from"
            ):
                continue
            if self._occasions.at(sentence.keys, index, sentence.length):
                continue
            return Said(_without_possessive(sentence.said(index, index + 1)), sentence.claim(index, index + 1))
        return Said()

    def _is_name(self, sentence: Sentence, index: int) -> bool:
        return index < sentence.length and sentence.tokens[index].is_capital and sentence.is_free(index - 1, index + 1)


class OccasionReader:
    """Reads what is celebrated; a holiday may be the deadline too, so words that a time has claimed are read again."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._occasions = vocabulary.occasions
        self._weak = frozenset(vocabulary.cues("occasions", "weak"))
        self._thanks_near = vocabulary.words("occasions", "thanks_near")
        self._thanks_before = vocabulary.words("occasions", "thanks_before")
        self._not_before = vocabulary.words("occasions", "not_before")
        self._not_after = vocabulary.words("occasions", "not_after")

    def read(self, sentence: Sentence, blocked: tuple[Span, ...]) -> Said:
        """The first one that is named outright, else one that may be said in passing (`party`). blocked: not read."""
        weak: Said | None = None
        index = 0
        while index < sentence.length:
            found = self._occasions.at(sentence.keys, index, sentence.ends[index])
            if not found:
                index += 1
                continue
            name, end = found
            span = sentence.span(index, end)
            if not any(a < span[1] and span[0] < b for a, b in blocked) and self._is_meant(sentence, name, index, end):
                said = Said(name.replace("-", " "), span)
                if name not in self._weak:
                    return said
                weak = weak or said
            index = end
        return self._shower(sentence) or weak or Said()

    def _is_meant(self, sentence: Sentence, name: str, start: int, end: int) -> bool:
        if name == "thank-you":
            return (
                sentence.key(end) in self._thanks_near
                or sentence.key(start - 1) in self._thanks_before
                or sentence.keys[start] == "to"
            )
        if name == "apology":
            return sentence.keys[end - 1] != key_of("sorry") or sentence.key(start - 1) != "i"
        if name in self._weak and sentence.key(end) in self._not_after:
            return False
        if name == "party" and sentence.key(start - 1) in {"a"} and sentence.key(end) == "of":
            return False
        return not (sentence.taken[start] and sentence.key(start - 1) in self._not_before)

    def _shower(self, sentence: Sentence) -> Said | None:
        """`a baby gift for a 5 PM shower`: which shower is said elsewhere."""
        for index, key in enumerate(sentence.keys):
            if key == "shower":
                for other, name in (
                    ("baby", "baby shower"),
                    ("newborn", "baby shower"),
                    ("bride", "bridal shower"),
                    ("bridal", "bridal shower"),
                    ("bridesmaid", "bridal shower"),
                ):
                    if other in sentence.keys:
                        return Said(name, sentence.span(index, index + 1))
        return None


def _without_possessive(text: str) -> str:
    return text[:-2] if text.endswith("'s") else text.removesuffix("'")
