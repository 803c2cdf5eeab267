"""One verdict for many: what was reckoned for the longest wait holds for shorter ones as far as it lies within them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from shared.standing.frame import Frame
from shared.standing.leaves import Truth
from shared.standing.truth import Verdict


def is_for(verdict: Verdict, frame: Frame) -> bool:
    """Whether a verdict of the same group, reckoned for a longer wait, is that of this frame, too.

    False is careful: then it is to be reckoned by itself.
    """
    last = frame.day_of(frame.last)
    days = (verdict.day, verdict.next_day, verdict.possible_day, *_days(verdict.truth))
    return all(day is None or day < last for day in days)


def _days(truth: Truth) -> Iterator[date | None]:
    yield truth.day
    for child in truth.children:
        yield from _days(child)
