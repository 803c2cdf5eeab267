"""Words as numbers: what segments keep instead of texts. Numbers are given once and never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.logistics.geo import Point


class Names:
    """A list of words that only grows. Written by one thread; read by any at the same time."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = list(words)
        self._numbers = {word: number for number, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def find(self, word: str) -> int | None:
        """The number of a word, if it has one."""
        return self._numbers.get(word)

    def number(self, word: str) -> int:
        """The number of a word, which gets one where it has none."""
        number = self._numbers.get(word)
        if number is None:
            number = len(self.words)
            self.words.append(word)
            self._numbers[word] = number
        return number


class Places:
    """The points where things are, in degrees, each once; number 0 is everywhere."""

    def __init__(self, degrees: NDArray[np.float64] | None = None) -> None:
        """degrees: lat and lng of each place from number 1 on (n by 2)."""
        self._points = [] if degrees is None else [(float(lat), float(lng)) for lat, lng in degrees]
        self._numbers = {point: number for number, point in enumerate(self._points, start=1)}
        self._array = np.zeros((0, 2))

    def number(self, point: Point | None) -> int:
        """The number of a point, which gets one where it has none."""
        if point is None:
            return 0
        key = (point.lat, point.lng)
        number = self._numbers.get(key)
        if number is None:
            self._points.append(key)
            number = self._numbers[key] = len(self._points)
        return number

    def degrees(self) -> NDArray[np.float64]:
        """All places from number 1 on (n by 2), latitude and longitude."""
        known = self._array
        if len(known) < len(self._points):
            more = np.array(self._points[len(known) :], np.float64)
            known = self._array = np.concatenate([known, more])
        return known


@dataclass(frozen=True, slots=True)
class Tables:
    """All words of an index, by what they are words of."""

    kinds: Names = field(default_factory=Names)
    categories: Names = field(default_factory=Names)
    partners: Names = field(default_factory=Names)
    regions: Names = field(default_factory=Names)
    currencies: Names = field(default_factory=Names)
    tags: Names = field(default_factory=Names)
    terms: Names = field(default_factory=Names)
    places: Places = field(default_factory=Places)

    def words(self) -> dict[str, list[str]]:
        """The words of every list, by its name."""
        return {name: list(getattr(self, name).words) for name in NAMED}

    @classmethod
    def of(cls, words: Mapping[str, Any], degrees: NDArray[np.float64]) -> Tables:
        """Tables as they were; KeyError where one is missing."""
        return cls(**{name: Names(words[name]) for name in NAMED}, places=Places(degrees))


NAMED = ("kinds", "categories", "partners", "regions", "currencies", "tags", "terms")


def capability_tag(capability: str) -> str:
    """What a capability is among the tags."""
    return f"can {capability}"


def value_tag(value: str) -> str:
    """What a value is among the tags."""
    return f"is {value}"
