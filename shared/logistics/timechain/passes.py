"""The two passes over a network: the least and the greatest starts that keep every constraint.

A set of constraints `x_j >= f(x_i)`, f never falling, has a least solution, which makes every start as early as it can
be at once; rounds from below reach it. A circle that would push itself on for ever is looked for when they take long
(Bellman-Ford without calendars); with calendars every turn of a circle uses up an opening, so the rounds end soon.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from heapq import heappop, heappush

from shared.logistics.timechain.calendar import HORIZON_DAYS, first_in, last_in
from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.network import END_NEAR_START, START_AFTER_END, Network, Pull

PUSHED_MINUTES_MAX = 2 * HORIZON_DAYS * 1_440
"""A leg pushed farther than this behind everything known never happens."""
CALM_STEPS = 20
CALM_STEPS_A_LEG = 2
"""What takes more steps than these may never end: only then a circle is looked for, which costs more than they do."""


@dataclass(frozen=True, slots=True)
class Times:
    """Starts and ends by a leg's number."""

    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Stuck:
    """No schedule at all: a leg that fits into no opening, or legs on a circle that push each other on."""

    legs: tuple[int, ...]
    is_circle: bool


def forward(net: Network) -> Times | Stuck:
    """The earliest start and end of every leg, whatever is due."""
    count = len(net.legs)
    starts, ends = [0] * count, [0] * count
    ready, into, windows, clocks, length = net.ready, net.into, net.windows, net.clocks, net.length
    for j in range(count):
        at = ready[j]
        for i, lag, way in into[j]:
            then = (ends[i] if way is None else way.arrive(ends[i])) + lag
            if then > at:  # noqa: PLR1730  a call would double the time of the pass; so below
                at = then
        window = windows[j]
        if window is not None:
            lows, highs = window
            k = bisect_left(highs, at)
            if k == len(highs):
                return Stuck((j,), is_circle=False)
            if lows[k] > at:  # noqa: PLR1730
                at = lows[k]
        starts[j] = at
        clock = clocks[j]
        ends[j] = at + length[j] if clock is None else clock.end(at) + net.tail[j]
    times = Times(starts, ends)
    return _pulled_up(net, times) if net.pulls else times


def backward(net: Network, due: list[int]) -> Times:
    """The latest start and end of every leg with which each ends by its `due`, which some schedule must keep."""
    count = len(net.legs)
    starts, ends = [0] * count, [0] * count
    out, windows, clocks, length = net.out, net.windows, net.clocks, net.length
    for j in range(count - 1, -1, -1):
        by = due[j]
        for i, lag, way in out[j]:
            then = starts[i] - lag if way is None else way.depart_by(starts[i] - lag)
            if then < by:  # noqa: PLR1730
                by = then
        clock = clocks[j]
        at = by - length[j] if clock is None else clock.start_to_end_by(by - net.tail[j])
        window = windows[j]
        if window is not None:
            lows, highs = window
            at = min(at, highs[bisect_right(lows, at) - 1])
        starts[j] = at
        ends[j] = at + length[j] if clock is None else clock.end(at) + net.tail[j]
    times = Times(starts, ends)
    if net.pulls:
        _pulled_down(net, times)
    return times


def start_for_end(net: Network, number: int, end: int) -> int:
    """The first start, opening hours aside, with which a leg ends at `end` or later."""
    clock = net.clocks[number]
    return end - net.length[number] if clock is None else clock.start_to_end_from(end - net.tail[number])


def bound(net: Network, pull: Pull, times: Times) -> int:
    """The first start that a pull leaves to the leg it pulls, opening hours aside."""
    if pull.kind == START_AFTER_END:
        end = times.ends[pull.by]
        return (end if pull.way is None else pull.way.arrive(end)) + pull.lag
    mark = times.starts[pull.by] if pull.kind == END_NEAR_START else times.ends[pull.by]
    return start_for_end(net, pull.pulled, mark - pull.lag)


def _pulled_up(net: Network, times: Times) -> Times | Stuck:
    """Rounds from below until every pull holds."""
    heap = sorted({pull.by for pull in net.pulls if bound(net, pull, times) > times.starts[pull.pulled]})
    limit = max(times.ends) + PUSHED_MINUTES_MAX
    waiting, calm = set(heap), CALM_STEPS + CALM_STEPS_A_LEG * len(net.legs)
    while heap:
        calm -= 1
        if not calm and (circle := _circle(net)):
            return Stuck(circle, is_circle=True)
        i = heappop(heap)
        waiting.discard(i)
        for j, at in _raised(net, times, i):
            if at <= times.starts[j]:
                continue
            start = at if (window := net.windows[j]) is None else first_in(window, at)
            if start > limit:
                return Stuck((i, j), is_circle=start != NEVER)
            _set(net, times, j, start)
            if j not in waiting:
                waiting.add(j)
                heappush(heap, j)
    return times


def _raised(net: Network, times: Times, i: int) -> list[tuple[int, int]]:
    """The legs that must start later than they do because of leg i, and when at the earliest."""
    end, starts = times.ends[i], times.starts
    found = []
    for j, lag, way in net.out[i]:
        at = (end if way is None else way.arrive(end)) + lag
        if at > starts[j]:
            found.append((j, at))
    for pull in net.pulls_by[i]:
        at = bound(net, pull, times)
        if at > starts[pull.pulled]:
            found.append((pull.pulled, at))
    return found


def _pulled_down(net: Network, times: Times) -> None:
    """Rounds from above until every pull holds."""
    heap = sorted({-pull.pulled for pull in net.pulls if bound(net, pull, times) > times.starts[pull.pulled]})
    waiting = set(heap)
    while heap:
        key = heappop(heap)
        waiting.discard(key)
        for j, at in _lowered(net, times, -key):
            if at >= times.starts[j]:
                continue
            _set(net, times, j, at if (window := net.windows[j]) is None else last_in(window, at))
            if -j not in waiting:
                waiting.add(-j)
                heappush(heap, -j)


def _lowered(net: Network, times: Times, i: int) -> list[tuple[int, int]]:
    """The legs that must start earlier than they do because of leg i, and when at the latest."""
    starts, found = times.starts, []
    for j, lag, way in net.into[i]:
        by = starts[i] - lag if way is None else way.depart_by(starts[i] - lag)
        if by < times.ends[j]:
            found.append((j, _start_by(net, j, by)))
    for pull in net.pulls_of[i]:
        j = pull.by
        if pull.kind == START_AFTER_END:
            by = starts[i] - pull.lag if pull.way is None else pull.way.depart_by(starts[i] - pull.lag)
            if by < times.ends[j]:
                found.append((j, _start_by(net, j, by)))
        elif pull.kind == END_NEAR_START:
            if times.ends[i] + pull.lag < starts[j]:
                found.append((j, times.ends[i] + pull.lag))
        elif times.ends[i] + pull.lag < times.ends[j]:
            found.append((j, _start_by(net, j, times.ends[i] + pull.lag)))
    return found


def _start_by(net: Network, number: int, end: int) -> int:
    clock = net.clocks[number]
    return end - net.length[number] if clock is None else clock.start_to_end_by(end - net.tail[number])


def _set(net: Network, times: Times, j: int, start: int) -> None:
    clock = net.clocks[j]
    times.starts[j] = start
    times.ends[j] = start + net.length[j] if clock is None else clock.end(start) + net.tail[j]


def _circle(net: Network) -> tuple[int, ...]:
    """Legs on a circle that no schedule keeps, calendars aside; empty if there is none.

    Bellman-Ford on shortest lengths; the chain of parents is looked at every round, so a circle shows early.
    """
    edges = _plain_edges(net)
    at, parent = list(net.ready), [-1] * len(net.legs)
    for _ in range(len(net.legs) + 1):
        moved = False
        for i, j, least in edges:
            if at[i] + least > at[j]:
                at[j], parent[j], moved = at[i] + least, i, True
        if not moved:
            return ()
        found = _parents_circle(parent)
        if found:
            return found
    return ()


def _plain_edges(net: Network) -> list[tuple[int, int, int]]:
    """Start to start: what every schedule keeps, whatever the calendars; a work that rests may take its longest."""
    edges = [
        (i, j, net.length[i] + lag + (0 if way is None else way.least))
        for j, into in enumerate(net.into)
        for i, lag, way in into
    ]
    for pull in net.pulls:
        i, j = pull.by, pull.pulled
        if pull.kind == START_AFTER_END:
            edges.append((i, j, net.length[i] + pull.lag + (0 if pull.way is None else pull.way.least)))
        else:
            own = 0 if pull.kind == END_NEAR_START else net.length[i]
            clock = net.clocks[j]
            longest = net.length[j] if clock is None else clock.longest() + net.tail[j]
            edges.append((i, j, own - pull.lag - longest))
    return edges


def _parents_circle(parent: list[int]) -> tuple[int, ...]:
    """A circle among parents, in the order of the chain; empty if there is none."""
    seen = [0] * len(parent)
    for root in range(len(parent)):
        at = root
        while at >= 0 and not seen[at]:
            seen[at] = root + 1
            at = parent[at]
        if at >= 0 and seen[at] == root + 1:
            circle = [at]
            while parent[circle[-1]] != at:
                circle.append(parent[circle[-1]])
            return tuple(reversed(circle))
    return ()
