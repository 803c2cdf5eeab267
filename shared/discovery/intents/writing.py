"""What is to be written on a thing: `engraved with "Love, Sam"`, `that says Happy Birthday Mia`, `initials JRM`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.discovery.intent import Span
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary, words_of
from shared.discovery.intents.words import key_of

TEXT_MAX = 200
OPEN_WORDS_MAX = 12
_QUOTED = re.compile(r"\"([^\"]{1,200})\"|(?<![\w'])'([^\"]{1,200}?)'(?!\w)")
_CLAUSE = re.compile(r"[.,;!?\n\"]|$")


@dataclass(frozen=True, slots=True)
class Writing:
    """The words as they are to be written, and the span of them; cue: where the words that announce it begin."""

    text: str
    span: Span
    cue: int


class WritingReader:
    """Reads texts; claims them before anybody else can take a `5` or a `rose` out of them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._before = vocabulary.group("writing", "before")
        self._open = {tuple(map(key_of, words_of(cue))) for cue in vocabulary.cues("writing", "open")}
        self._not_written = {"", *vocabulary.words("writing", "not_written")}
        self._end = vocabulary.group("writing", "end")

    def read(self, sentence: Sentence) -> list[Writing]:
        """All texts, left to right."""
        found = self._quoted(sentence)
        return found or self._unquoted(sentence)

    def _quoted(self, sentence: Sentence) -> list[Writing]:
        held: list[Writing] = []
        plain = sentence.reading.plain
        for match in _QUOTED.finditer(plain):
            group = 1 if match.group(1) is not None else 2
            start, end = match.span(group)
            text = sentence.reading.text[start:end].strip()
            if not text:
                continue
            cue = self._cue(sentence, match.start())
            sentence.reading.claim(*match.span())
            held.append(Writing(text[:TEXT_MAX], (start, end), cue))
        sentence.sync()
        return held

    def _cue(self, sentence: Sentence, position: int) -> int:
        index = next((at for at, token in enumerate(sentence.tokens) if token.start >= position), sentence.length)
        found = self._before.before(sentence.keys, index)
        return sentence.tokens[found[1]].start if found else position

    def _unquoted(self, sentence: Sentence) -> list[Writing]:
        for index in range(sentence.length):
            found = sentence.at(self._before, index)
            if not found or found[1] >= sentence.length:
                continue
            start = found[1]
            is_open = tuple(sentence.keys[index:start]) in self._open and (
                sentence.key(index - 1) not in self._not_written
                or sentence.key(index) in {"that", "should"}
            )
            while (
                start < sentence.length
                and sentence.keys[start] in {"the", "is", "initial", "with", "name", "word", "letter"}
                and not is_open
            ):
                start += 1
            end = self._end_of(sentence, start, is_open=is_open)
            if end > start:
                first, last = sentence.span(start, end)
                text = sentence.reading.text[first:last]
                span = sentence.claim(start, end)
                return [Writing(text[:TEXT_MAX], span, sentence.tokens[index].start)]
        return []

    def _end_of(self, sentence: Sentence, start: int, *, is_open: bool) -> int:
        """Behind `that says` all up to the comma; elsewhere capitals alone, as initials and names are written."""
        end = start
        while end < sentence.length and end - start < OPEN_WORDS_MAX and not sentence.taken[end]:
            token = sentence.tokens[end]
            is_led = end == start and sentence.reading.plain[token.start - 2 : token.start - 1] == ":"
            is_initial = end > start and len(sentence.tokens[end - 1].text) == 1 and token.is_capital
            is_told = end == start and token.is_capital and sentence.key(start - 1) == "name"
            if token.is_after_pause and (end > start or not is_open) and not (is_led or is_initial or is_told):
                break
            is_written = token.is_capital and (not sentence.is_shouted or is_open)
            if (
                not is_written
                and (not is_open or (end > start and sentence.at(self._end, end)))
                and (
                    not (token.text.isdigit() and is_open)
                    and not (token.text == "&" and end > start)
                    and not (token.text == "and" and end > start and self._capital(sentence, end + 1))
                )
            ):
                break
            end += 1
        return end

    def _capital(self, sentence: Sentence, index: int) -> bool:
        return index < sentence.length and sentence.tokens[index].is_capital
