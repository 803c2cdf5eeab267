"""What decides when a leg ends: back from it along the constraints that leave no minute."""

from __future__ import annotations

from dataclasses import dataclass

from shared.logistics.timechain.network import Network
from shared.logistics.timechain.passes import Times, bound


@dataclass(frozen=True, slots=True)
class Path:
    """Legs in their order; binding: the one that most is lost on; says: why, in words."""

    legs: tuple[int, ...]
    binding: int
    says: str


def critical(net: Network, times: Times, target: int) -> Path:
    """From the leg where it is decided to the target: a leg that waits for its opening, or that begins at once."""
    parents: dict[int, int] = {target: -1}
    waiting, root, second = [target], -1, target
    while waiting and root < 0:
        j = waiting.pop()
        drivers = [i for i, at in _drivers(net, times, j) if at == times.starts[j]]
        if not drivers or net.ready[j] == times.starts[j]:
            root = j
        elif _is_at_opening(net, times, j):
            second = j
        for i in drivers:
            if i not in parents:
                parents[i] = j
                waiting.append(i)
    legs = [root if root >= 0 else second]
    while parents[legs[-1]] >= 0:
        legs.append(parents[legs[-1]])
    return _path(net, times, tuple(legs))


def _path(net: Network, times: Times, legs: tuple[int, ...]) -> Path:
    first = legs[0]
    since = max([net.ready[first], *(at for _, at in _before(net, times, first))])
    waits = times.starts[first] - since
    longest = max(legs, key=lambda n: (times.ends[n] - times.starts[n], -n))
    took = times.ends[longest] - times.starts[longest]
    if waits > 0 and waits >= took:
        return Path(legs, first, f"{net.legs[first].name} waits {waits} min for an opening")
    return Path(legs, longest, f"{net.legs[longest].name} takes {took} min, the longest part of what decides it")


def _drivers(net: Network, times: Times, j: int) -> list[tuple[int, int]]:
    """Every leg that holds leg j up, with the first start it leaves, opening hours aside."""
    return _before(net, times, j) + [(pull.by, bound(net, pull, times)) for pull in net.pulls_of[j]]


def _before(net: Network, times: Times, j: int) -> list[tuple[int, int]]:
    return [(i, (times.ends[i] if way is None else way.arrive(times.ends[i])) + lag) for i, lag, way in net.into[j]]


def _is_at_opening(net: Network, times: Times, j: int) -> bool:
    window = net.windows[j]
    return window is not None and times.starts[j] in window[0]
