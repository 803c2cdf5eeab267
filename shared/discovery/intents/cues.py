"""Cue phrases of the vocabulary as patterns: looked for only where a word stands that one of them begins with."""

from __future__ import annotations

import re
from collections.abc import Callable

_PART = re.compile(r"<(\w+)>")
_BEGINNING = re.compile(r"(?:([a-z']+)|\(([a-z']+(?:\|[a-z']+)*)\))(?= |$)")
_WORD = re.compile(r"\S+")
_GROUP = re.compile(r"\((?:[^()\\]|\\.)*\)")
_BEHIND = r"(?=\s|$|')"


class Cues:
    """One of several cues in a text. `...` in a cue are up to five words, `<name>` is what `part` gives for it."""

    def __init__(self, cues: tuple[str, ...], part: Callable[[str], str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        self._compiled: dict[str, re.Pattern[str]] = {}
        others: list[str] = []
        for cue in cues:
            whole = _expanded(cue, part)
            words = _beginnings(whole)
            for word in words:
                self._by_word.setdefault(word, []).append(whole)
            if not words:
                others.append(whole)
        self._others = re.compile(rf"(?:^|(?<=\s))(?:{'|'.join(others)}){_BEHIND}") if others else None

    def search(self, text: str) -> re.Match[str] | None:
        """A cue that is in the text, the first one or nearly so."""
        for word in _WORD.finditer(text):
            if word.group() in self._by_word and (found := self._at(word.group()).match(text, word.start())):
                return found
        return self._others.search(text) if self._others else None

    def cut(self, text: str) -> str:
        """The text without any of them."""
        while found := self.search(text):
            text = f"{text[: found.start()]} {text[found.end() :]}"
        return text

    def _at(self, word: str) -> re.Pattern[str]:
        if word not in self._compiled:
            self._compiled[word] = re.compile(rf"(?:{'|'.join(self._by_word[word])}){_BEHIND}")
        return self._compiled[word]


def _expanded(cue: str, part: Callable[[str], str]) -> str:
    whole = cue.strip().replace(" ... ", r" (?:[^\s]+ ){0,5}?")
    while _PART.search(whole):
        whole = _PART.sub(lambda found: part(found.group(1)), whole)
    return whole


def _beginnings(cue: str) -> list[str]:
    """The words that a cue can begin with; none if that is not plain to see."""
    flat, before = cue, ""
    while flat != before:
        flat, before = _GROUP.sub("", flat), flat
    found = _BEGINNING.match(cue)
    if not found or "|" in flat:
        return []
    return (found.group(1) or found.group(2)).split("|")
