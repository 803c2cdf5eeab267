"""What a word that no listing has was probably meant to be: known terms at most two slips of the finger away.

A slip is a letter too many, too few, another one, or two exchanged (optimal string alignment distance). Terms are first
compared by their pairs of letters, each pair a bit of 64: one slip changes six bits at the most.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

WORD_LENGTH_MIN = 5
TWO_SLIPS_LENGTH_MIN = 8
LETTERS_MAX = 24
_BITS_A_SLIP = 6
_COMPARED_MAX = 96


class Spelling:
    """The terms of an index as far as they can be mistaken. Made from a list that only grows; asked by any thread."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms = terms
        self._bits = np.zeros(0, np.uint64)
        self._lengths = np.zeros(0, np.int8)
        self._growing = Lock()

    def meant(self, word: str) -> list[tuple[int, int]]:
        """The numbers of the terms that may be meant, with how many slips they are away, nearest first."""
        if not WORD_LENGTH_MIN <= len(word) <= LETTERS_MAX or not word.isalpha():
            return []
        slips = 2 if len(word) >= TWO_SLIPS_LENGTH_MIN else 1
        known, lengths = self._grown()
        bits, length = _signatures([word])
        apart = np.bitwise_count(known ^ bits[0])
        is_near = (apart <= slips * _BITS_A_SLIP) & (np.abs(lengths - length[0]) <= slips)
        near = np.flatnonzero(is_near)
        near = near[np.argsort(apart[near], kind="stable")[:_COMPARED_MAX]]
        found = [(number, distance(word, self._terms[number], slips)) for number in near.tolist()]
        return sorted(((number, far) for number, far in found if far <= slips), key=lambda one: one[::-1])

    def _grown(self) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
        with self._growing:
            if len(self._bits) < len(self._terms):
                bits, lengths = _signatures(self._terms[len(self._bits) :])
                self._bits = np.concatenate([self._bits, bits])
                self._lengths = np.concatenate([self._lengths, lengths])
            return self._bits, self._lengths


def distance(one: str, other: str, limit: int) -> int:
    """How many slips apart two words are, or limit + 1 for more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, its in enumerate(other, start=1):
            best = min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == its:
                best = min(best, before[column - 2] + 1)
            here.append(best)
        if min(here) > limit:
            return limit + 1
        before, last = last, here
    return last[-1]


def _signatures(terms: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
    """A bit for each pair of neighbouring letters, word by word, the edges of the word among the letters."""
    if not terms:
        return np.zeros(0, np.uint64), np.zeros(0, np.int8)
    cut = [term[:LETTERS_MAX] if term.isalpha() else "" for term in terms]
    lengths = np.array([len(term) for term in cut], np.int8)
    edged = np.array([f"^{term}$" if term else "" for term in cut], f"U{LETTERS_MAX + 2}")
    letters = edged.view(np.uint32).reshape(len(cut), -1)
    pairs = (letters[:, :-1] * np.uint32(31) + letters[:, 1:] * np.uint32(7)) & np.uint32(63)
    bits = np.where(letters[:, 1:] > 0, np.uint64(1) << pairs.astype(np.uint64), np.uint64(0))
    return np.bitwise_or.reduce(bits, axis=1), lengths
