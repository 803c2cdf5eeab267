"""What a change does to a running order: who comes later, who too late, and what else would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shared.logistics.timechain.model import Chain, Leg, Precedence, Together
from shared.logistics.timechain.network import Network
from shared.logistics.timechain.passes import Stuck, forward
from shared.logistics.timechain.schedule import Plan, lateness


@dataclass(frozen=True, slots=True)
class Change:
    """Legs that come or go, and what holds between them; one that is replaced does both under its id.

    A precedence replaces the one between the same legs; those of a leg that goes, go with it. title: what people call
    what is changed; price_minor: what it adds to the price of the order.
    """

    title: str
    adds: tuple[Leg, ...] = ()
    precedences: tuple[Precedence, ...] = ()
    togethers: tuple[Together, ...] = ()
    removes: tuple[str, ...] = ()
    price_minor: int = 0


@dataclass(frozen=True, slots=True)
class Separately:
    """The same thing by a courier of its own; to: where, as people say it: `the restaurant`."""

    change: Change
    to: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """Something else to do; all of these have been planned through and make nobody late that was not.

    more_minor: what it costs more than the change itself. due: leg → the end that would have to be agreed on (`later`).
    """

    kind: Literal["courier", "later", "drop"]
    more_minor: int
    ends: Mapping[str, int]
    due: Mapping[str, int] = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change does, by leg id.

    is_possible: whether there is any schedule with it. arrivals: leg → its end before and after, where it moves. late:
    leg → minutes it ends too late, where the change is to blame. ways_out: empty where nobody is late.
    """

    change: Change
    chain: Chain
    is_possible: bool
    arrivals: Mapping[str, tuple[int, int]]
    late: Mapping[str, int]
    ways_out: tuple[WayOut, ...]


def changed(chain: Chain, change: Change) -> Chain:
    """The chain with a change."""
    legs = [leg for leg in chain.legs if leg.id not in change.removes]
    gone = set(change.removes) - {leg.id for leg in change.adds}
    pairs = {(one.before, one.after) for one in change.precedences}
    precedences = [
        one
        for one in chain.precedences
        if one.before not in gone and one.after not in gone and (one.before, one.after) not in pairs
    ]
    togethers = [one for one in chain.togethers if one.a not in gone and one.b not in gone]
    return Chain(
        (*legs, *change.adds),
        (*precedences, *change.precedences),
        (*togethers, *change.togethers),
        chain.start,
        chain.deadline,
    )


def simulate(plan: Plan, change: Change, instead: Sequence[Separately] = ()) -> Impact:
    """What a change would do to a plan that has a schedule; instead: couriers for the same. Raises BadChain."""
    net = Network(changed(plan.chain, change))
    times = forward(net)
    if isinstance(times, Stuck):
        others = (*_couriers(plan, change, instead), _dropped(plan, change))
        return Impact(change, net.chain, is_possible=False, arrivals={}, late={}, ways_out=others)
    ends = {leg.id: times.ends[n] for n, leg in enumerate(net.legs)}
    arrivals = {
        name: (plan.ends[name], end) for name, end in ends.items() if name in plan.ends and plan.ends[name] != end
    }
    late = _blamed(plan, {net.legs[n].id: minutes for n, minutes in lateness(net, times).items()})
    ways_out: tuple[WayOut, ...] = ()
    if late:
        later = WayOut("later", 0, ends, {name: ends[name] for name in late})
        ways_out = (*_couriers(plan, change, instead), later, _dropped(plan, change))
    return Impact(change, net.chain, is_possible=True, arrivals=arrivals, late=late, ways_out=ways_out)


def _couriers(plan: Plan, change: Change, instead: Sequence[Separately]) -> list[WayOut]:
    """Those with which nobody is late, the cheapest first."""
    found = []
    for one in instead:
        net = Network(changed(plan.chain, one.change))
        times = forward(net)
        if isinstance(times, Stuck):
            continue
        if not _blamed(plan, {net.legs[n].id: minutes for n, minutes in lateness(net, times).items()}):
            ends = {leg.id: times.ends[n] for n, leg in enumerate(net.legs)}
            found.append(WayOut("courier", one.change.price_minor - change.price_minor, ends, to=one.to))
    return sorted(found, key=lambda way: way.more_minor)


def _dropped(plan: Plan, change: Change) -> WayOut:
    return WayOut("drop", -change.price_minor, plan.ends)


def _blamed(plan: Plan, late: Mapping[str, int]) -> dict[str, int]:
    """What is later than due, and more so than it is already."""
    return {name: minutes for name, minutes in late.items() if minutes > plan.late.get(name, 0)}
