"""What can be told of a photo: measures, which understand nothing of it, and what a model sees in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WHAT_LENGTH_MAX = 120


class BadPhoto(ValueError):
    """The bytes are no picture that can be read: broken, of another type than was said, or too large."""


@dataclass(frozen=True, slots=True)
class Measures:
    """width, height: pixels, as it is looked at. sharpness: 0 (a blur) to 1; brightness: 0 (black) to 1 (white).
    main_colours: names as in data/taxonomy/attributes.toml, each with its share of the picture, largest first."""

    width: int
    height: int
    sharpness: float
    brightness: float
    main_colours: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """shows: whether the picture shows what it is said to show; what: what it shows, in a few words on one line, at
    most WHAT_LENGTH_MAX characters."""

    shows: Literal["yes", "no", "unsure"]
    what: str
