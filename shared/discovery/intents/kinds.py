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
    r"|\b(?:order|booking|reservation) (?:(?:number|no|id|ref|#) (?:# )?[a-z]*\d|[a-z]*\d+(?= ?(?:,|$|[a-z]+ ?\d)"
    r"| (?:to|is|are|has|have|be|should|with|needs?|please|pls|status|and|or|can|could|still|when|where|yet|was|will"
    r"|from|by|at|on|in|into|so|i|it|the|my|now|out|for|again|never|not|came|does|did|instead|late|missing|ready)\b))"
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
    "support", "not_support", "track", "change", "not_change", "standing", "standing_strong", "other", "surely_other",
    "wish",
)  # fmt: skip
_LAST_ORDER = re.compile(
    r"\b(?:same|repeat|reorder|order again|again what|as last time|(?:my|our|the) (?:last|previous|usual|regular) order"
    r"|(?:place|make|put in|start|do) (?:an|my|our|the|another) (?:\w+ )?order)\b"
)
"""An order spoken of only as the pattern of a new one."""
_ASKS = re.compile(
    r"(?:\w+ ){0,2}?(?:is|are|was|were|has|have|did|does|do|will|when|where|what|which|how|why|any|who)\b"
    r"|.* (?:yet|or not|already|so far)$|[^,]*\b(?:order|booking|delivery|parcel|package|reservation) #? ?\w*\d\w*$"
)
_OWN = re.compile(r"(?:\w+ ){0,2}?(?:my|our|his|her|their) ")
_PURCHASE = re.compile(
    r"\b(?:order\w*|deliver\w*|arriv\w*|sent|shipp?\w*|receiv\w*|refund\w*|(?:over|double )?charged?s?|billed|paid"
    r"|bought|package|parcel|courier|complain\w*|manager|returns?|receipt|(?<!can )(?<!could )(?<!would )"
    r"(?<!will )(?<!do )(?<!have )(?<!if )you|your|ur|account|app|website|human|agent|(?:real|live|actual) person)\b"
)
_ASKS_FOR_HELP = re.compile(
    r"\b(?:(?:can|could|would|will|does) (?:you|anyone|anybody|someone|somebody|any of you|u) |(?:need|want|find|get"
    r"|send|book|hire|looking for|in need of|recommend|know|am after|are after|like|love)(?: me| us| her| him)? "
    r"(?:a|an|some|someone|somebody|something|one|new|good|flowers)\b"
    r"|who (?:can|could|fixes|repairs)|anyone (?:who|that|know|free|able|around))"
)
_LATER_CLAUSE = re.compile(
    r"(?!(?:hi|hello|hey|sorry|actually|wait|oh|ok|okay|please|pls|thanks|thank|no|yes|so|um|well|update|correction|about"
    r"|on second|quick|one thing|change|as for|regarding|re|my|our|the|that|this|those|these|also|and|i|we|it|instead"
    r"|if|can|could|for|change|apologies|excuse|good|on|not)\b)"
    r"(?:[^ ,]+ ){1,}?, "
)
"""A sentence that begins with something new to it; what is altered in a later clause of it is that very thing."""
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
    has_budget: bool = False
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
        if not signs.has_condition and self._cues["surely_other"].search(text):
            return "other", 0.95
        is_other = self._cues["other"].search(text)
        is_change = self._is_change(text, signs)
        is_support = self._is_support(text)
        is_cancel = is_change and re.match(r"(?:\w+ ){0,4}cancel", text) and not signs.has_person
        is_sorry = _GIFTS_OF_SORROW.search(text) and signs.has_items and not _ORDER.search(text)
        if is_support and not is_cancel and not is_sorry and not _is_own_misfortune(text, signs):
            return "support", 0.95
        is_track = self._cues["track"].search(text)
        if is_track and not signs.has_condition and not self._is_wish_not_track(text, signs):
            return "track", 0.95
        if is_change:
            return "change", 0.95
        if signs.has_recurrence or signs.has_condition:
            return "standing", 0.95
        if _ORDER.search(text) and not _LAST_ORDER.search(text) and not signs.has_person:
            return ("track" if _ASKS.match(text) else "change"), 0.85
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
        if found is None or (is_first and found.group().startswith("instead")):
            return False
        opening = _LATER_CLAUSE.match(text)
        is_of_the_new = opening and opening.end() <= found.start() + 2 and not _ORDER.search(text)
        return not is_of_the_new or found.group().startswith(("cancel", "instead of"))

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


def _is_own_misfortune(text: str, signs: Signs) -> bool:
    """`my phone screen is shattered, can anyone fix it`: told to say why something is wished for."""
    if _PURCHASE.search(text) or _ORDER.search(text):
        return False
    return bool(_ASKS_FOR_HELP.search(text)) or (signs.has_budget and bool(_OWN.match(text)))


def _target(text: str, kind: str) -> str | None:
    number = _NUMBER.search(text)
    if number:
        return f"order {number.group(1)}"
    held = [found.group(1).strip() for found in _TARGET.finditer(text)]
    held = [name for name in held if name]
    if held and not _ORDER.search(text):
        return held[-1]
    return "order" if kind != "support" or _ORDER.search(text) else None
