"""A narration in other words, as a language model puts it: taken part by part, where the record bears it out.

A part is held against the rules' own: every fact of it is still there to the letter; no figure, name, day or promise is
new; what was denied is denied, and nothing else is; it is one line, plain, and not much longer. Else the rules' part
stands. So whatever a model says, a customer is told what the record has, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Set
from typing import NamedTuple

from shared.dialogue.narration.event import Narration

PARTS = ("what", "means", "doing", "when", "reasoning")
LONGER_MAX, LONGER_CHARACTERS = 2, 60
"""A part may be so many times as long, and so many characters longer."""
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_NAMED = re.compile(r"(?<![.!?:]\s)(?<!^)\b[^\W\d_a-zà-ÿ][\w'\u2019]*")
_STRANGE = re.compile(r"[<>\[\]{}*#|\\\n]|https?:|www\.", re.IGNORECASE)
_OWN = frozenset({"i", "i'm", "i've", "i'll", "i'd"})


class Guard(NamedTuple):
    """Words of a language, in lower case. guarded: said only where the rules say them; denials: that say no."""

    guarded: Set[str]
    denials: Set[str]


def borne_out(told: Narration, retold: Narration, facts: Collection[str], guard: Guard) -> Narration:
    """The rules' narration with each part in the other words where they say the same; facts: those that it may hold."""
    news = {
        part: _one_line(getattr(retold, part))
        for part in PARTS
        if _says_the_same(getattr(told, part), _one_line(getattr(retold, part)), facts, guard)
    }
    return told.model_copy(update=news)


def _says_the_same(told: str, retold: str, facts: Collection[str], guard: Guard) -> bool:
    if not told or not retold or len(retold) > LONGER_MAX * len(told) + LONGER_CHARACTERS or _STRANGE.search(retold):
        return False
    held = {fact for fact in facts if fact and fact in told}
    if any(fact not in retold for fact in held) or set(_FIGURE.findall(told)) != set(_FIGURE.findall(retold)):
        return False
    before, after = _words(told), _words(retold)
    known = before | {word for fact in held for word in _words(fact)} | _OWN
    is_denied = bool(guard.denials & before) == bool(guard.denials & after)
    return is_denied and not guard.guarded & (after - before) and _names(retold) <= known


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _words(text: str) -> set[str]:
    return {word.casefold().replace("\u2019", "'") for word in _WORD.findall(text)}


def _names(text: str) -> set[str]:
    """Words that begin large, though no sentence begins with them."""
    return {word.casefold().replace("\u2019", "'") for word in _NAMED.findall(text)}
