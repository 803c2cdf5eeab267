"""What a clause says of a name in it: that it is offered, that it is not to be had, or neither."""

from __future__ import annotations

from typing import Literal

from shared.dialogue.reply.names import Name, NameReader
from shared.dialogue.reply.signs import Clause, Sign

Role = Literal["offered", "lacked", "said"]

_OFFERING = frozenset({
    "have", "propose", "want", "only", "instead", "nearest", "yes", "okay", "can", "become", "it_is",
})  # fmt: skip
_REACHING = frozenset({"have", "propose", "want", "only", "instead", "nearest"})
"""Those of them that offer whatever stands behind them in the clause, not only what comes next."""
_LACKING = frozenset({"lack", "cannot"})
_SILENT = frozenset({"asks", "rhetoric", "others", "waits"})
"""Behind these nothing is offered."""
_BEHIND = frozenset({"fits", "okay", "yes", "only", "instead", "it_is", "nearest", "at_most"})
"""What stands right before these is offered."""
_PRICING = frozenset({"same_price", "priced", "less", "extra"})
"""What a thing costs; `no pink, but white lilies for the same price` says no more than that there are some."""
_LINKING = frozenset({
    "is", "are", "was", "were", "would", "will", "might", "now", "also", "be", "been", "have", "has", "got", "i", "we",
    "just", "in", "for",
})  # fmt: skip
_BE = frozenset({"is", "are", "was", "were"})
_SUPERLATIVE = frozenset({"all", "what", "best", "most", "closest", "only"})
"""`all we have is …`, `what we could do is …`."""
_CHANGING = frozenset({"swap", "switch", "change", "changed", "swapping", "switching", "changing"})
_DEFINITE = frozenset({"the", "their", "your", "her", "his", "el", "la"})


def role_of(clause: Clause, name: Name, last: Sign | None, before: Role | None, names: NameReader) -> Role | None:
    """What a sign in front of a name or behind it says; None where none does.

    last: the sign before it; before: what the clause before said of its last name, said for one that asks.
    """
    behind = _behind(clause, name, names)
    if behind is not None and (behind.name == "gone" or (behind.name == "out" and behind.end == clause.end)):
        return "lacked"
    led = _led(clause, name, last, names)
    if led is not None:
        return led
    if behind is not None and (behind.name in _BEHIND or (behind.name in {"can", "have"} and behind.end == clause.end)):
        return "offered"
    is_choice = "or" in clause.keys and before != "lacked"
    if clause.is_question and not (clause.has("asks") or is_choice or before == "said"):
        return "offered"
    if clause.is_after_but and all(sign.name in _PRICING for sign in clause.signs):
        return "offered"
    rest = [*clause.sentence.keys[clause.start : name.start], *clause.sentence.keys[name.end : clause.end]]
    return before if all(key in names.bare for key in rest) else None


def is_part_of_it(clause: Clause, name: Name) -> bool:
    """`the sponge`, `the writing`: a part of what both know of, and no offer, unless its colour is said."""
    is_coloured = any(sense.kind == "trait" and sense.name == "colour" for sense in name.senses)
    return name.start > 0 and clause.sentence.keys[name.start - 1] in _DEFINITE and not is_coloured


def _behind(clause: Clause, name: Name, names: NameReader) -> Sign | None:
    """The sign that follows with nothing of weight between."""
    sign = next((one for one in clause.signs if one.start >= name.end), None)
    between = clause.sentence.keys[name.end : sign.start] if sign else []
    return sign if all(key in _LINKING or key in names.bare for key in between) else None


def _led(clause: Clause, name: Name, last: Sign | None, names: NameReader) -> Role | None:
    """What the signs in front of it say, the nearest first."""
    cues = [sign for sign in clause.signs if sign.end <= name.start]
    if any(sign.name in _SILENT for sign in cues):
        return None
    for sign in reversed(cues):
        if sign.name in _LACKING:
            return "lacked"
        if sign.name == "no":
            return "lacked" if sign is last and names.is_led(clause.sentence, sign, name.start) else None
        if _offers(clause, sign, name, is_last=sign is last):
            return "offered"
    return None


def _offers(clause: Clause, sign: Sign, name: Name, *, is_last: bool) -> bool:
    keys = clause.sentence.keys
    between = keys[sign.end : name.start]
    if sign.name in {"fits", "at_most"}:  # `all we have is orange`
        return sign.start == clause.start and between[:1] in (["is"], ["are"])
    is_subject = sign.name == "nearest" or not _SUPERLATIVE.isdisjoint(keys[clause.start : sign.start])
    is_told = not (is_subject or _BE.isdisjoint(between))  # `the pink we have is brown`
    is_old = keys[sign.end - 1] in _CHANGING  # `we will swap the sponge`
    return sign.name in _OFFERING and not is_told and not is_old and (is_last or sign.name in _REACHING)
