"""A reply put into the plain English that the readers know, with the way back to what was written.

Slips and shorthand, drawn-out letters and pictures become the words that are meant; Spanish is put into English word by
word, which is enough for the few words of a reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from shared.dialogue.phrasebook import ReplyWords
from shared.dialogue.reply.model import Language
from shared.discovery.intent import Span
from shared.discovery.intents.reading import plain
from shared.discovery.intents.vocabulary import words_of
from shared.discovery.intents.words import Spelling, forms_of
from shared.discovery.taxonomy import Taxonomy

MARKS_SHARE_MIN = 0.34
"""So much of a text must be words that only Spanish has."""
PHRASE_WORDS_MAX = 3
_PIECE = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_LETTERS = re.compile(r"[a-z]{3,}")
_STATES = frozenset({
    "in", "out", "gone", "sold", "booked", "finished", "done", "all", "not", "on", "already", "ok", "okay", "fine",
    "full", "available", "closed", "taken", "over", "off", "possible", "good", "no", "what", "ready", "frosted",
    "built", "down", "the", "a", "only", "still", "been", "too",
})  # fmt: skip
_BEFORE_IT = frozenset({"but", "and", "if", "so", "because", "think", "sorry", "ok", "yes", "no", "since", "now"})
_ENDINGS = ("er", "est", "ed", "ing", "s", "ly", "y")
_DRAWN = re.compile(r"(.)\1{2,}")
_ENGLISH = frozenset({
    "the", "is", "are", "we", "i", "you", "it", "have", "can", "and", "for", "of", "to", "but", "not", "yes", "do",
    "out",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text as it is read. written: as it came; starts, ends: for each character of text, where it came from."""

    text: str
    written: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    language: Language

    def span(self, start: int, end: int) -> Span:
        """Where the words between these places of `text` stand in what was written."""
        return self.starts[start], self.ends[end - 1]

    def said(self, start: int, end: int) -> str:
        """The same as it was written."""
        first, last = self.span(start, end)
        return self.written[first:last]


class Cleaner:
    """Puts replies into plain English; made once."""

    def __init__(self, words: ReplyWords, taxonomy: Taxonomy) -> None:
        self._slips = {plain(slip): meant for meant, slips in words.slips.items() for slip in slips}
        self._pictures = {sign: meant for meant, signs in words.pictures.items() for sign in signs}
        self._alone = {letter: meant for meant, letters in words.alone.items() for letter in letters}
        self._marks = frozenset(map(plain, words.spanish.marks))
        self._spanish = {plain(word): meant for meant, said in words.spanish.words.items() for word in said}
        self._spanish_phrases = {
            words_of(phrase): meant for meant, said in words.spanish.phrases.items() for phrase in said
        }
        said = {word for phrases in words.signs.values() for phrase in phrases for word in words_of(phrase)}
        common = {form for part in taxonomy.common_words.values() for word in part.split() for form in forms_of(word)}
        named = {word for name in _names(taxonomy) for word in words_of(name)}
        groups = [phrases for group in taxonomy.phrases.values() for phrases in group.values()]
        read = {word for phrases in groups for word in _plain_words(phrases)}
        self._known = said | common | named | read | {*self._slips, *taxonomy.phrases["contractions"]}
        self._spelling = Spelling((said | named) - self._spanish.keys() - self._marks, common | {*self._spanish})

    def clean(self, written: str) -> Cleaned:
        """A text in plain English."""
        language: Language = "es" if self._is_spanish(written) else "en"
        pieces = [(found.group(), *found.span()) for found in _PIECE.finditer(written)]
        out: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        while at < len(pieces):
            meant, count = self._meant(pieces, at, language)
            start, end = pieces[at][1], pieces[at + count - 1][2]
            is_kept = meant == written[start:end]
            out.append(meant)
            starts += range(start, end) if is_kept else [start] * len(meant)
            ends += range(start + 1, end + 1) if is_kept else [end] * len(meant)
            at += count
        return Cleaned("".join(out), written, tuple(starts), tuple(ends), language)

    def translated(self, phrase: str) -> str:
        """A Spanish phrase as it stands in a text that was cleaned."""
        words = words_of(phrase)
        if (whole := self._spanish_phrases.get(words)) is not None:
            return whole
        return " ".join(self._spanish.get(word, word) for word in words)

    def _meant(self, pieces: list[tuple[str, int, int]], at: int, language: Language) -> tuple[str, int]:
        """What is meant by the piece that stands here, and how many pieces that takes."""
        text = pieces[at][0]
        if text in self._pictures:
            return f" , {self._pictures[text]} , ", 1
        if not text[0].isalpha():
            return text, 1
        if language == "es":
            return self._in_english(pieces, at)
        word = plain(text)
        if word in self._alone and not any(piece[0][0].isalnum() for piece in pieces if piece is not pieces[at]):
            return self._alone[word], 1
        is_unit = at > 0 and pieces[at - 1][0][-1:].isdigit()
        is_slashed = pieces[at + 1][0] == "/" if at + 1 < len(pieces) else False
        if (is_unit and len(word) == 1) or is_slashed:
            return text, 1
        if word == "ya" and at > 0:
            return text, 1
        if word.endswith("'s") and len(word) > 3 and self._is_told(pieces, at):
            return f"{text[:-2]} is", 1  # `pink's out`
        if word == "its" and _is_first(pieces, at):
            return "it is", 1
        meant = self._mended(word)
        return (text if meant == word else meant), 1

    def _in_english(self, pieces: list[tuple[str, int, int]], at: int) -> tuple[str, int]:
        last = min(at + 2 * PHRASE_WORDS_MAX, len(pieces))
        words = [piece for piece in range(at, last) if pieces[piece][0].isalpha()]
        for count in range(min(PHRASE_WORDS_MAX, len(words)), 1, -1):
            said = tuple(plain(pieces[one][0]) for one in words[:count])
            is_joined = all(pieces[a + 1][0].isspace() and b == a + 2 for a, b in pairwise(words[:count]))
            if is_joined and said in self._spanish_phrases:
                return self._spanish_phrases[said], words[count - 1] - at + 1
        text = pieces[at][0]
        word = plain(text)
        meant = self._spanish.get(word) or self._spanish.get(_DRAWN.sub(r"\1", word))
        return meant or text, 1

    @staticmethod
    def _is_told(pieces: list[tuple[str, int, int]], at: int) -> bool:
        """Whether a state follows, so that `'s` is `is`."""
        return at + 2 < len(pieces) and plain(pieces[at + 2][0]) in _STATES

    def _mended(self, word: str) -> str:
        for short in (word, _DRAWN.sub(r"\1\1", word), _DRAWN.sub(r"\1", word)):
            if short in self._slips:
                return self._slips[short]
            if short in self._known:
                return short
        return word if self._is_form(word) else self._spelling.mended(word)

    def _is_form(self, word: str) -> bool:
        """Whether a word is a known one with an ending: `closer`, `sprinkled`."""
        stems = [word[: -len(end)] for end in _ENDINGS if word.endswith(end)]
        return any(stem in self._known or f"{stem}e" in self._known or stem[:-1] in self._known for stem in stems)

    def _is_spanish(self, written: str) -> bool:
        words = [_DRAWN.sub(r"\1", word) for word in words_of(written) if word.isalpha()]
        marked = sum(word in self._marks for word in words)
        return marked > sum(word in _ENGLISH for word in words) and marked >= MARKS_SHARE_MIN * len(words)


def _is_first(pieces: list[tuple[str, int, int]], at: int) -> bool:
    """Whether a clause begins here, so that `its` is `it's`."""
    before = next((text for text, _, _ in reversed(pieces[:at]) if not text.isspace()), "")
    return not before[-1:].isalnum() or plain(before) in _BEFORE_IT


def _plain_words(phrases: Iterable[str]) -> Iterator[str]:
    return (word for phrase in phrases for word in _LETTERS.findall(phrase))


def _names(taxonomy: Taxonomy) -> Iterator[str]:
    """What things and their properties are called."""
    for category in taxonomy.categories.values():
        yield from category.names
    for names in taxonomy.more_names.values():
        yield from names
    for values in taxonomy.attributes.values():
        for value, names in values.items():
            yield from (value, *names)
