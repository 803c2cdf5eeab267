"""A chain made ready for the passes: flat lists by a leg's place, in topological order.

Every constraint reads `x_j >= f(x_i)` with f never falling; those that lead forward are walked once, those that lead
back (longest lags, arriving together, a circle of precedences) pull until nothing moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.logistics.timechain.calendar import Windows, WorkClock
from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.model import LEGS_MAX, BadChain, Chain, Leg
from shared.logistics.timechain.ways import Way

Edge = tuple[int, int, Way | None]
"""The other leg, the shortest lag, the way."""
START_AFTER_END: Final = 0
END_NEAR_START: Final = 1
END_NEAR_END: Final = 2


@dataclass(frozen=True, slots=True)
class Pull:
    """The leg `by` holds `pulled` up: its start after the end of `by` (0), its end no more than `lag` before the start
    (1) or the end (2) of `by`.
    """

    by: int
    pulled: int
    kind: Literal[0, 1, 2]
    lag: int
    way: Way | None = None


class Network:
    """A chain by numbers: legs in an order in which what comes before stands before. Raises BadChain."""

    __slots__ = (
        "chain",
        "clocks",
        "due",
        "into",
        "legs",
        "length",
        "number",
        "out",
        "pulls",
        "pulls_by",
        "pulls_of",
        "ready",
        "tail",
        "windows",
    )  # fmt: skip

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.legs = _in_order(chain)
        self.number = {leg.id: n for n, leg in enumerate(self.legs)}
        _check(chain, self.number)
        self.ready = [max(chain.start, chain.start if one.ready_from is None else one.ready_from) for one in self.legs]
        deadline = NEVER if chain.deadline is None else chain.deadline
        self.due = [deadline if one.due is None else min(one.due, deadline) for one in self.legs]
        self.tail = [one.buffer_minutes for one in self.legs]
        self.length = [one.minutes + one.buffer_minutes for one in self.legs]
        self.clocks = [_clock(one) for one in self.legs]
        self.windows = [_windows(one, clock) for one, clock in zip(self.legs, self.clocks, strict=True)]
        self.into: list[list[Edge]] = [[] for _ in self.legs]
        self.out: list[list[Edge]] = [[] for _ in self.legs]
        self.pulls: list[Pull] = []
        self._connect()
        self.pulls_by = _grouped(len(self.legs), [(pull.by, pull) for pull in self.pulls])
        self.pulls_of = _grouped(len(self.legs), [(pull.pulled, pull) for pull in self.pulls])

    def _connect(self) -> None:
        for one in self.chain.precedences:
            before, after = self.number[one.before], self.number[one.after]
            if before < after:
                self.into[after].append((before, one.lag_min, one.way))
                self.out[before].append((after, one.lag_min, one.way))
            else:
                self.pulls.append(Pull(before, after, START_AFTER_END, one.lag_min, one.way))
            if one.lag_max is not None:
                self.pulls.append(Pull(after, before, END_NEAR_START, one.lag_max))
        for pair in self.chain.togethers:
            a, b = self.number[pair.a], self.number[pair.b]
            self.pulls += [Pull(a, b, END_NEAR_END, pair.within), Pull(b, a, END_NEAR_END, pair.within)]


def _in_order(chain: Chain) -> list[Leg]:
    """Topological; legs on a circle of precedences, and those behind one, stand last."""
    legs = {leg.id: leg for leg in chain.legs}
    waiting, after = dict.fromkeys(legs, 0), {name: list[str]() for name in legs}
    for one in chain.precedences:
        if one.before in legs and one.after in legs:
            waiting[one.after] += 1
            after[one.before].append(one.after)
    order = [name for name, count in waiting.items() if not count]
    for name in order:  # grows while it is walked
        for other in after[name]:
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    if len(order) < len(legs):
        order += [name for name, count in waiting.items() if count]
    return [legs[name] for name in order]


def _check(chain: Chain, number: dict[str, int]) -> None:
    if len(chain.legs) > LEGS_MAX:
        raise BadChain(f"{len(chain.legs)} legs: a chain has at most {LEGS_MAX}")
    if len(number) < len(chain.legs):
        raise BadChain("two legs have the same id")
    named = [(one.before, one.after) for one in chain.precedences] + [(one.a, one.b) for one in chain.togethers]
    for pair in named:
        for name in pair:
            if name not in number:
                raise BadChain(f"{name!r} is no leg of this chain")
    if any(leg.minutes < 0 or leg.buffer_minutes < 0 for leg in chain.legs):
        raise BadChain("a leg cannot take less than no time")
    if any(one.lag_min < 0 for one in chain.precedences) or any(one.within < 0 for one in chain.togethers):
        raise BadChain("a lag cannot be less than nothing")


def _clock(leg: Leg) -> WorkClock | None:
    if leg.is_interruptible and leg.minutes and leg.calendar is not None:
        return leg.calendar.clock(leg.minutes)
    return None


def _windows(leg: Leg, clock: WorkClock | None) -> Windows | None:
    if clock is not None:
        return clock.windows
    return None if leg.calendar is None else leg.calendar.windows(leg.minutes)


def _grouped(count: int, pairs: Sequence[tuple[int, Pull]]) -> list[list[Pull]]:
    groups: list[list[Pull]] = [[] for _ in range(count)]
    for number, pull in pairs:
        groups[number].append(pull)
    return groups
