"""What is not wanted: `no lilies`, `nothing with alcohol`, `anything but roses`, `allergic to nuts`."""

from __future__ import annotations

from dataclasses import dataclass

from shared.discovery.intent import Span
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Senses, Vocabulary, keys_of
from shared.discovery.intents.words import Phrases

WORDS_MAX = 3
LIST_MAX = 8
_LINKS = frozenset({"or", "and", "nor", "no", "not", "without", "any", "&", "/"})


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Words or short phrases in lower case, and where each stands."""

    names: tuple[str, ...]
    spans: tuple[Span, ...]


class ExclusionReader:
    """Reads what a wish rules out; claims it, so that it never becomes an item."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._before = vocabulary.group("exclude", "before")
        self._weak = {keys_of(cue) for cue in vocabulary.cues("exclude", "weak")}
        self._never = vocabulary.words("exclude", "never")
        self._skip = vocabulary.group("exclude", "skip")
        self._refusals = vocabulary.group("exclude", "refused")
        self._after = vocabulary.words("exclude", "after")
        self._stops = vocabulary.words("items", "stops") - {"little"}
        self._adjectives = vocabulary.words("items", "adjectives")
        self._senses: Phrases[Senses] = vocabulary.senses

    def read(self, sentence: Sentence) -> Exclusions:
        """Everything excluded, left to right."""
        names: dict[str, Span] = {}
        index = 0
        while index < sentence.length:
            found = sentence.at(self._before, index)
            if found and self._is_meant(sentence, index, found[1]):
                index = self._list(sentence, index, found[1], names)
            else:
                index += 1
        self._allergies(sentence, names)
        self._refused(sentence, names)
        return Exclusions(tuple(names), tuple(names.values()))

    def _is_meant(self, sentence: Sentence, start: int, end: int) -> bool:
        if sentence.key(start - 1) in {"why", "if", "or", "whether"} and sentence.keys[start] == "not":
            return False
        if sentence.keys[start] == "no" and sentence.key(start - 1) in {"have", "got", "is"} and "yet" in sentence.keys:
            return False  # `there is no dj yet`: it is wanted
        if end >= sentence.length or sentence.tokens[end].is_after_pause:
            return False
        is_outright = sentence.keys[end - 1] in {"minus", "without", "except", "avoid", "exclude", "excluding"}
        return sentence.key(end) not in self._never or (is_outright and sentence.keys[end] in {"the", "my"})

    def _list(self, sentence: Sentence, start: int, end: int, names: dict[str, Span]) -> int:
        """Take `nuts, dairy or gluten` behind a `no`; gives back where reading goes on."""
        is_weak = tuple(sentence.keys[start:end]) in self._weak
        at, first = end, start
        for _ in range(LIST_MAX):
            at = self._skipped(sentence, at)
            stop = self._phrase(sentence, at, is_weak=is_weak)
            if stop == at:
                break
            name = sentence.text(at, stop)
            if name.endswith("'s"):
                break
            names.setdefault(name, sentence.claim(first, stop))
            at = first = stop
            following = self._link(sentence, at)
            if following == at:
                break
            at = following
        return max(at, end)

    def _skipped(self, sentence: Sentence, index: int) -> int:
        while found := sentence.at(self._skip, index):
            index = found[1]
        return index

    def _link(self, sentence: Sentence, index: int) -> int:
        """Behind `or`, `and no`; a comma goes on before a known word that `or` follows."""
        start = index
        has_or = False
        while index < sentence.length and sentence.keys[index] in _LINKS and not sentence.taken[index]:
            has_or = has_or or sentence.keys[index] in {"or", "nor", "no", "without", "not"}
            index += 1
        if has_or or (index > start and sentence.keys[start] == "and" and self._is_listed(sentence, index)):
            return index
        is_comma = start < sentence.length and sentence.tokens[start].is_after_pause and index == start
        found = sentence.at(self._senses, start) if is_comma else None
        if found and sentence.key(found[1]) in {"or", "and", "nor"} and sentence.key(found[1]) != "and":
            return start
        return start

    def _is_listed(self, sentence: Sentence, index: int) -> bool:
        """`no nuts and dairy`: a bare word to the end of its clause; `no lilies and a card` is a new wish."""
        end = self._phrase(sentence, index, is_weak=False)
        return end > index and (end >= sentence.length or sentence.tokens[end].is_after_pause)

    def _phrase(self, sentence: Sentence, index: int, *, is_weak: bool) -> int:
        """The end of the excluded words that begin here; where it begins, if there are none."""
        if index >= sentence.length or sentence.taken[index]:
            return index
        end, known = index, False
        while end < sentence.ends[index] and end - index < WORDS_MAX and not sentence.taken[end]:
            found = sentence.at(self._senses, end)
            if found and sentence.keys[end] not in self._skips_alone(sentence, index, end):
                end, known = found[1], True
                continue
            key = sentence.keys[end]
            if key in self._stops or key in self._never or not sentence.tokens[end].text.isalpha():
                break
            if known and not sentence.tokens[end].is_joined and not key.endswith("ed"):
                break
            if (
                is_weak
                and not known
                and not self._ends_clause(sentence, end + 1)
                and not (sentence.tokens[index - 1].is_after_pause and self._ends_clause(sentence, end + 2))
                and not sentence.at(self._senses, end + 1)
            ):
                break
            end += 1
        return end

    def _skips_alone(self, sentence: Sentence, index: int, end: int) -> frozenset[str]:
        return frozenset({"something", "anything"}) if end == index and sentence.length else frozenset()

    def _ends_clause(self, sentence: Sentence, index: int) -> bool:
        return index >= sentence.length or sentence.tokens[index].is_after_pause or sentence.keys[index] in self._stops

    def _refused(self, sentence: Sentence, names: dict[str, Span]) -> None:
        """`carnations are a no-go`."""
        for _, start, end in list(sentence.all(self._refusals)):
            found = self._senses.before(sentence.keys, start)
            if found and sentence.is_free(found[1], start):
                names.setdefault(sentence.text(found[1], start), sentence.claim(found[1], end))

    def _allergies(self, sentence: Sentence, names: dict[str, Span]) -> None:
        """`nut allergy`, `alcohol-free`: what stands before; diets have their own names."""
        for index in range(1, sentence.length):
            if (
                sentence.keys[index] not in self._after
                or sentence.taken[index - 1]
                or sentence.tokens[index].is_after_pause
            ):
                continue
            word = sentence.tokens[index - 1]
            if sentence.keys[index] == "free" and not sentence.tokens[index].is_joined:
                continue
            if sentence.key(index + 1) in {"to"} or word.key in self._stops or sentence.taken[index]:
                continue
            known = sentence.at(self._senses, index - 1)
            if known and known[1] > index:
                continue
            names.setdefault(word.text, sentence.claim(index - 1, index + 1))
