"""Cue phrases of the vocabulary as patterns: looked for only where a word stands that one of them begins with."""

from __future__ import annotations

import re
from collections.abc import Callable

_PART = re.compile(r"<(\w+)>")
_HEAD = re.compile(r"[a-z']+")
_WORD = re.compile(r"\S+")
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
            for word in dict.fromkeys(words):
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
    words: list[str] = []
    for branch in _branches(cue):
        if branch.startswith("(") and not branch.startswith("(?"):
            inner, rest = _opened(branch)
            found = [] if rest[:1] in {"?", "*", "+", "{"} else [_beginnings(one + rest) for one in _branches(inner)]
            if not found or not all(found):
                return []
            words += [word for each in found for word in each]
            continue
        head = _HEAD.match(branch)
        if not head or not _is_apart(branch[head.end() :]):
            return []
        words.append(head.group())
    return words


def _branches(pattern: str) -> list[str]:
    """The alternatives of a pattern, those within its groups left alone."""
    found, depth, start, index = [], 0, 0, 0
    while index < len(pattern):
        sign = pattern[index]
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            found.append(pattern[start:index])
            start = index + 1
        index += 2 if sign == "\\" else 1
    return [*found, pattern[start:]]


def _opened(pattern: str) -> tuple[str, str]:
    """What is within the group that a pattern begins with, and what stands behind it."""
    depth, index = 0, 0
    while index < len(pattern):
        depth += (pattern[index] == "(") - (pattern[index] == ")")
        if not depth:
            break
        index += 2 if pattern[index] == "\\" else 1
    return pattern[1:index], pattern[index + 1 :]


def _is_apart(rest: str) -> bool:
    """Whether a word ends where this goes on: at the end, or before a space."""
    if not rest or rest.startswith((" ", "$")):
        return True
    if not rest.startswith("("):
        return False
    inner, behind = _opened(rest)
    if inner.startswith("?"):
        return _is_apart(behind)
    is_optional = behind[:1] in {"?", "*"}
    return all(_is_apart(one) for one in _branches(inner)) and (not is_optional or _is_apart(behind[1:]))
