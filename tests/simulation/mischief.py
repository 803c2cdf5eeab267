"""What goes wrong: messages that are lost, late, doubled; cards that are not taken; hosts that die.

All chance comes from dice that are thrown by name, so that what happens to one does not change the luck of another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")

CARDS = {
    "card_ok": 60,
    "card_declined": 5,
    "card_insufficient": 3,
    "card_timeout_after_effect": 9,
    "card_timeout_before_effect": 8,
    "card_needs_action": 9,
    "card_dispute": 6,
}
"""How a customer pays → how often."""
POST = {"once": 66, "twice": 14, "late": 8, "twice, once late": 7, "lost": 5}
"""How a message travels."""
DEATH_COMMITS_MAX = 60


class Dice:
    """Chance from a seed: the same name gives the same luck."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, *name: object) -> Random:
        """A generator for one decision or for a few that belong together."""
        text = "/".join(map(str, (self._seed, *name)))
        return Random(hashlib.sha256(text.encode()).digest())


def drawn(luck: Random, chances: Mapping[T, int]) -> T:
    """One of them, by its weight."""
    return luck.choices(list(chances), list(chances.values()))[0]


def travel(luck: Random) -> Sequence[timedelta]:
    """How much later each copy of a message arrives than it was sent; none where it is lost."""
    quick, slow = timedelta(seconds=luck.randint(1, 50)), timedelta(minutes=luck.randint(10, 300))
    ways: dict[str, Sequence[timedelta]] = {
        "once": (quick,),
        "twice": (quick, quick * 2),
        "late": (slow,),
        "twice, once late": (quick, slow),
        "lost": (),
    }
    return ways[drawn(luck, POST)]


def minutes(luck: Random, least: int, most: int) -> timedelta:
    """A while between the two, to the second."""
    return timedelta(seconds=luck.randint(least * 60, most * 60))
