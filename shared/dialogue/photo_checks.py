"""Whether a photo that a partner sends may be shown to a customer: sharp, large and light enough, of the colour that
was asked for, and like the picture that was approved, where there is one.

Measures recognise nothing in it: what they cannot decide goes to a person. A model that looks at it, where one is
configured, may call a person too, or spare them a doubt about the colour; it never lets pass what measures refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.dialogue.photos import Measures, Sight
from shared.discovery.taxonomy import Taxonomy
from shared.wire import Plain

Judged = Literal["passed", "to_person", "refused"]
SIMILAR_FROM, DOUBTFUL_FROM = 0.95, 0.85
"""Like the approved picture from here on; a person looks from there on, below it is another thing."""


@dataclass(frozen=True, slots=True)
class PhotoPolicy:
    """What a photo must be. sides in pixels, of its shorter side; sharpness, brightness and shares from 0 to 1.

    Below *_min it is refused; between that and *_good a person looks. colour_share: of the picture.
    """

    side_min: int
    sharpness_min: float
    sharpness_good: float
    brightness_min: float
    brightness_max: float
    colour_share_min: float
    colour_share_good: float


STANDARD = PhotoPolicy(480, 0.3, 0.5, 0.1, 0.97, 0.05, 0.12)
LUXURY = PhotoPolicy(900, 0.5, 0.65, 0.15, 0.95, 0.08, 0.18)
"""For partners and orders of that tier."""

NEIGHBOURS: Mapping[str, frozenset[str]] = {
    "red": frozenset({"burgundy", "coral"}),
    "pink": frozenset({"coral", "peach"}),
    "coral": frozenset({"pink", "peach", "orange", "red"}),
    "peach": frozenset({"coral", "orange", "pink", "beige", "cream"}),
    "orange": frozenset({"coral", "peach", "yellow"}),
    "yellow": frozenset({"gold", "orange", "cream"}),
    "gold": frozenset({"yellow", "beige", "brown"}),
    "green": frozenset({"teal"}),
    "teal": frozenset({"green", "blue"}),
    "blue": frozenset({"teal", "purple"}),
    "purple": frozenset({"burgundy", "blue", "pink"}),
    "burgundy": frozenset({"red", "purple", "brown"}),
    "white": frozenset({"cream", "grey"}),
    "cream": frozenset({"white", "beige", "peach"}),
    "beige": frozenset({"cream", "brown", "peach"}),
    "brown": frozenset({"beige", "burgundy", "black"}),
    "black": frozenset({"brown", "grey"}),
    "grey": frozenset({"white", "black"}),
}
"""What a colour may look like in another light: lilac in the sun measures pink, deep purple in the shade burgundy."""
STANDS_FOR: Mapping[str, frozenset[str]] = {
    "silver": frozenset({"grey", "white"}),
    "rose gold": frozenset({"pink", "peach", "coral", "beige"}),
    "pastel": frozenset({"pink", "peach", "cream", "yellow", "teal", "white"}),
    "neutral": frozenset({"beige", "cream", "white", "grey", "brown"}),
}
"""Colours that no pixel has, by those it has instead; a person looks in any case."""
MANY_COLOURS_MIN = 3


class Judgement(Plain):
    """What becomes of a photo; reasons: in words, for staff and the partner; asks: what to ask the partner for."""

    judged: Judged
    reasons: tuple[str, ...] = ()
    asks: str | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    judged: Judged
    reason: str
    asks: str | None = None


def judge(
    measures: Measures,
    similarity: float | None,
    colour: str | None,
    policy: PhotoPolicy = STANDARD,
    sight: Sight | None = None,
) -> Judgement:
    """The judgement of a photo by the worst that was found.

    similarity: to the approved picture, None without one; colour: the one that it is said to show, else the one asked
    for, as `colour_named` gives it. sight: what a model sees, None without one.
    """
    found = [
        finding
        for finding in (
            _size(measures, policy),
            _sharpness(measures, policy),
            _brightness(measures, policy),
            _colour_seen(measures, colour, policy, sight) if colour else None,
            _likeness(similarity) if similarity is not None else None,
            _sight(sight) if sight else None,
        )
        if finding is not None
    ]
    worst: Judged = next((name for name in _WORST_FIRST if any(one.judged == name for one in found)), "passed")
    told = [one for one in found if one.judged == worst]
    return Judgement(
        judged=worst,
        reasons=tuple(one.reason for one in told) or ("The photo is sharp, large and light enough.",),
        asks=next((one.asks for one in told if one.asks), None),
    )


_WORST_FIRST: tuple[Judged, ...] = ("refused", "to_person")


def colour_named(words: str, taxonomy: Taxonomy) -> str | None:
    """The colour that words name, as data/taxonomy/attributes.toml has it: `Deep Purple Metallic` is purple."""
    said = words.lower().replace(",", " ").split()
    pieces = [" ".join(said[at : at + count]) for count in (3, 2, 1) for at in range(len(said) - count + 1)]
    values = (taxonomy.value_of("colour", piece) for piece in pieces)
    return next((value for value in values if value in taxonomy.attributes["colour"]), None)


def _size(measures: Measures, policy: PhotoPolicy) -> _Finding | None:
    side = min(measures.width, measures.height)
    if side >= policy.side_min:
        return None
    size = f"{measures.width} x {measures.height}"
    reason = f"The photo is too small: {size} pixels, and {policy.side_min} a side are needed."
    return _Finding("refused", reason, "Could you send a larger photo?")


def _sharpness(measures: Measures, policy: PhotoPolicy) -> _Finding | None:
    if measures.sharpness >= policy.sharpness_good:
        return None
    if measures.sharpness >= policy.sharpness_min:
        return _Finding("to_person", "The photo is a little blurred.")
    return _Finding("refused", "The photo is blurred.", "Could you send a sharper photo?")


def _brightness(measures: Measures, policy: PhotoPolicy) -> _Finding | None:
    if measures.brightness < policy.brightness_min:
        return _Finding("refused", "The photo is too dark.", "Could you send a photo in better light?")
    if measures.brightness > policy.brightness_max:
        return _Finding("refused", "The photo is too bright to see anything.", "Could you send a photo in less light?")
    return None


def _colour(measures: Measures, colour: str, policy: PhotoPolicy) -> _Finding | None:
    shares = dict(measures.main_colours)
    if colour == "multicolour":
        is_enough = len(shares) >= MANY_COLOURS_MIN
        return None if is_enough else _Finding("to_person", "Many colours were asked for; the photo shows few.")
    if colour not in NEIGHBOURS.keys() | STANDS_FOR.keys():
        return _Finding("to_person", f"{colour.capitalize()} is no colour that can be measured.")
    near = sum(shares.get(one, 0.0) for one in NEIGHBOURS.get(colour, STANDS_FOR.get(colour, frozenset())))
    own = shares.get(colour, 0.0)
    if own >= policy.colour_share_good:
        return None
    if own >= policy.colour_share_min or near >= policy.colour_share_good:
        return _Finding("to_person", f"The photo shows {_shown(shares)}, which is near to {colour} at best.")
    asks = f"The customer would like {colour}. Could you send a photo in that colour?"
    return _Finding("refused", f"The photo shows {_shown(shares)}, and {colour} was asked for.", asks)


def _colour_seen(measures: Measures, colour: str, policy: PhotoPolicy, sight: Sight | None) -> _Finding | None:
    """What is found of the colour; a doubt about it falls where a model sees what was said."""
    found = _colour(measures, colour, policy)
    is_spared = found is not None and found.judged == "to_person" and sight is not None and sight.shows == "yes"
    return None if is_spared else found


def _likeness(similarity: float) -> _Finding | None:
    if similarity >= SIMILAR_FROM:
        return None
    if similarity >= DOUBTFUL_FROM:
        return _Finding("to_person", "The photo is much like what was approved, but not quite.")
    asks = "The photo does not show what was approved. Could you send one of it?"
    return _Finding("refused", "The photo does not look like what was approved.", asks)


def _sight(sight: Sight) -> _Finding | None:
    if sight.shows != "no":
        return None
    return _Finding("to_person", f"The photo seems to show {sight.what or 'something else'}, not what was said.")


def _shown(shares: Mapping[str, float]) -> str:
    names = list(shares)[:3]
    return ", ".join(names) or "no clear colour"
