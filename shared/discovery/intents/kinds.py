"""What a sentence is about: a wish now, a standing one, a change, a question after an order, a complaint, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.discovery.intent import IntentKind, Span
from shared.discovery.intents.cues import Cues
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary

_ORDER = re.compile(
    r"\b(?:my|our|the|that|existing|current|this|an) (?:\w+ ){0,2}?(?:order|orders|booking|reservation"
    r"|subscription|delivery|intent|standing order)\b"
    r"|\border (?:number )?(?:# )?\d+"
)
_NUMBER = re.compile(r"\b(?:order|booking|reservation|#) ?(?:number |no |nr |id )?(?:# ?)?([a-z]{0,4}-?\d{2,}[\w-]*)")
_TARGET = re.compile(
    r"\b(?:my|our|the|that)((?: (?!order\b|from\b|to\b|on\b|for\b|in\b|is\b|be\b|has\b|with\b|at\b|by\b"
    r"|arriv|so\b|i\b|it\b|and\b|we\b|until\b|never|not\b|was\b|were\b|are\b|came|did|do\b|does|have|had"
    r"|will|would|can\b|tasted|broke|been|delivered|shipped|bigger|smaller|larger|anymore|back\b|yet"
    r"|still|again|now\b|earlier|later|get\b|got\b|instead|please|,)[a-z']+){1,3})"
)
_SWAP = re.compile(r"\b(?:swap|replace|change|switch|exchange|trade|substitute)\b.*\b(?:for|with|to|by)\b")
_ENDING = re.compile(
    r"\b(?:cancel\w*|stop|pause|postpone|reschedule|unsubscribe|call off|skip|push back|move (?:my|the"
    r"|our)|no more|remove|end|resume)\b"
)
_GROUPS = (
    "support", "not_support", "track", "change", "not_change", "standing", "standing_strong", "other", "wish",
)  # fmt: skip
_GIFTS_OF_SORROW = re.compile(r"\b(?:sorry|apologi[sz]e|apology|make up (?:for|with))\b")


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind, how sure, and what a change or a question refers to."""

    name: IntentKind
    confidence: float
    target: str | None = None
    has_wish: bool = False
    is_ending: bool = False
    is_swap: bool = False


@dataclass(frozen=True, slots=True)
class Signs:
    """What the other readers found, as far as it tells of the kind."""

    has_items: bool
    has_person: bool
    has_condition: bool
    has_recurrence: bool
    has_details: bool
    item: str | None = None


class KindReader:
    """Reads the kind off cue phrases, most telling first."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._cues = {
            name: Cues(vocabulary.cues("kinds", name), lambda part: "|".join(vocabulary.cues("parts", part)))
            for name in _GROUPS
        }

    def read(self, sentence: Sentence, signs: Signs, quoted: Sequence[Span]) -> Kind:
        """The kind, by the cues and by what was found; quoted: what is only to be written on things."""
        text = sentence.without(quoted)
        name, confidence = self._name(text, signs)
        has_wish = bool(self._cues["wish"].search(text))
        target = _target(text, name) if name in {"change", "track", "support"} else None
        is_ending = name == "change" and bool(_ENDING.search(text))
        if name == "support" and not (target or "").startswith("order"):
            target = signs.item
        is_swap = name == "change" and bool(_SWAP.search(text))
        return Kind(name, confidence, target, has_wish, is_ending, is_swap)

    def _name(self, text: str, signs: Signs) -> tuple[IntentKind, float]:
        is_other = self._cues["other"].search(text)
        is_change = self._is_change(text, signs)
        is_support = self._is_support(text)
        is_cancel = is_change and re.match(r"(?:\w+ ){0,4}cancel", text) and not signs.has_person
        is_sorry = _GIFTS_OF_SORROW.search(text) and signs.has_items and not _ORDER.search(text)
        if is_support and not is_cancel and not is_sorry:
            return "support", 0.95
        is_track = self._cues["track"].search(text)
        if is_track and not signs.has_condition and not self._is_wish_not_track(text, signs):
            return "track", 0.95
        if is_change:
            return "change", 0.95
        if signs.has_recurrence or signs.has_condition:
            return "standing", 0.95
        is_standing = self._cues["standing"].search(text) and self._cues["standing_strong"].search(text)
        if is_standing and (signs.has_items or not is_other):
            return "standing", 0.85
        if is_other and not self._is_wish(text, signs, is_other):
            return "other", 0.95
        if signs.has_items or (signs.has_person and signs.has_details):
            return "immediate", 0.95
        if self._cues["wish"].search(text) or signs.has_person:
            return "immediate", 0.85
        return ("immediate", 0.7) if signs.has_details else ("other", 0.6 if is_other is None else 0.95)

    def _is_support(self, text: str) -> bool:
        """A complaint; not a wish to have something mended that was not bought here."""
        cut = self._cues["not_support"].search(text)
        return not cut and bool(self._cues["support"].search(text))

    def _is_change(self, text: str, signs: Signs) -> bool:
        """A cue of change; in a first wish "instead" and "switch" say something else."""
        found = self._cues["change"].search(self._cues["not_change"].cut(text))
        is_first = signs.has_condition and signs.has_items and not _ORDER.search(text)
        return found is not None and not (is_first and found.group().startswith("instead"))

    def _is_wish_not_track(self, text: str, signs: Signs) -> bool:
        return (
            bool(re.match(r"(?:where|how|when) (?:can|could|do|to|should) (?:i|we)\b(?!.*\b(?:expect|track)\b)", text))
            and signs.has_items
        )

    def _is_wish(self, text: str, signs: Signs, other: re.Match[str]) -> bool:
        """A greeting before a wish is none; a question about the platform may name things, but wants none."""
        if other.group().startswith(("hi", "hello", "hey", "thank", "good")) and len(other.group()) < len(text):
            return signs.has_items
        if other.group().startswith("how much") and signs.has_items:
            return True
        if re.match(r"(?:is|are) (?:anyone|anybody|someone|somebody)\b", other.group()):
            return True
        is_asked = re.match(
            r"(?:do|does|can|is|are|what|how|who|where|when|which|will|ignore|write|tell|translate)\b", other.group()
        )
        return (signs.has_items and not is_asked) or (
            signs.has_items
            and (signs.has_details or signs.has_person)
            and not other.group().startswith(("ignore", "how"))
        )


def _target(text: str, kind: str) -> str | None:
    number = _NUMBER.search(text)
    if number:
        return f"order {number.group(1)}"
    held = [found.group(1).strip() for found in _TARGET.finditer(text)]
    held = [name for name in held if name]
    if held and not _ORDER.search(text):
        return held[-1]
    return "order" if kind != "support" or _ORDER.search(text) else None
