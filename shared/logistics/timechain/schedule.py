"""When every leg of a chain happens: earliest, latest, what decides it, and by how much it misses if it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.model import Chain
from shared.logistics.timechain.network import Network
from shared.logistics.timechain.passes import Stuck, Times, backward, forward
from shared.logistics.timechain.path import critical


@dataclass(frozen=True, slots=True)
class Plan:
    """A chain with its times, by leg id.

    is_feasible: everything ends when it is due. starts, ends: the earliest; empty if there is no schedule at all.
    latest: the last starts that make nothing end later than it is due, or than it will end if that is too late already;
    slack: minutes between the two. critical_path: the legs, in their order, that decide when the leg that matters ends:
    the one that is late by most, else the last one. binding: the leg that most is lost on; late: leg → minutes;
    misses_by: the most of them. why: one sentence.
    """

    chain: Chain
    is_feasible: bool
    starts: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)
    latest: Mapping[str, int] = field(default_factory=dict)
    slack: Mapping[str, int] = field(default_factory=dict)
    critical_path: tuple[str, ...] = ()
    binding: str | None = None
    late: Mapping[str, int] = field(default_factory=dict)
    misses_by: int = 0
    why: str = ""

    @property
    def finish(self) -> int | None:
        """When the last leg ends; None without legs or schedule."""
        return max(self.ends.values(), default=None)


def earliest(chain: Chain) -> dict[str, int] | None:
    """Leg → earliest start, whatever is due; None if there is no schedule. Raises BadChain."""
    net = Network(chain)
    times = forward(net)
    return None if isinstance(times, Stuck) else _named(net, times.starts)


def latest(chain: Chain) -> dict[str, int] | None:
    """Leg → latest start with which all ends in time, as Plan.latest has it; None without schedule. Raises BadChain."""
    net = Network(chain)
    times = forward(net)
    return None if isinstance(times, Stuck) else _named(net, backward(net, bounds(net, times)).starts)


def plan(chain: Chain) -> Plan:
    """Both passes and what they mean. Raises BadChain."""
    return plan_of(Network(chain))


def plan_of(net: Network) -> Plan:
    """As `plan`, of a chain that is ready for the passes."""
    times = forward(net)
    if isinstance(times, Stuck):
        return _impossible(net, times)
    last = backward(net, bounds(net, times))
    late = lateness(net, times)
    path = critical(net, times, _target(times, late)) if net.legs else None
    misses_by = max(late.values(), default=0)
    return Plan(
        chain=net.chain,
        is_feasible=not late,
        starts=_named(net, times.starts),
        ends=_named(net, times.ends),
        latest=_named(net, last.starts),
        slack={leg.id: last.starts[n] - times.starts[n] for n, leg in enumerate(net.legs)},
        critical_path=tuple(net.legs[n].id for n in path.legs) if path else (),
        binding=net.legs[path.binding].id if path else None,
        late={net.legs[n].id: minutes for n, minutes in late.items()},
        misses_by=misses_by,
        why=_sentence(net, late, path.says) if path else "there is nothing to do",
    )


def bounds(net: Network, times: Times) -> list[int]:
    """By when each leg must end: when it is due, or will end if that is later; where nothing is due, with the last."""
    last = max(times.ends, default=0)
    return [max(last if due == NEVER else due, end) for due, end in zip(net.due, times.ends, strict=True)]


def lateness(net: Network, times: Times) -> dict[int, int]:
    """Leg → minutes that it ends after it is due, where it does."""
    return {n: end - due for n, (end, due) in enumerate(zip(times.ends, net.due, strict=True)) if end > due}


def _target(times: Times, late: Mapping[int, int]) -> int:
    """The leg that matters: late by most and so earliest due; else the last one to end."""
    if late:
        return max(late, key=lambda n: (late[n], -times.ends[n]))
    return max(range(len(times.ends)), key=times.ends.__getitem__)


def _sentence(net: Network, late: Mapping[int, int], says: str) -> str:
    if late:
        worst = max(late, key=lambda n: late[n])
        return f"{net.legs[worst].name} ends {_minutes(late[worst])} late: {says}"
    return f"all in time: {says}"


def _impossible(net: Network, stuck: Stuck) -> Plan:
    names = [net.legs[n].name for n in stuck.legs]
    if stuck.is_circle:
        why = f"no schedule keeps the shortest and the longest lags between {', '.join(names)}"
    else:
        why = f"{names[-1]} fits into no opening that is known"
    return Plan(
        chain=net.chain,
        is_feasible=False,
        critical_path=tuple(net.legs[n].id for n in stuck.legs),
        binding=net.legs[stuck.legs[-1]].id,
        why=why,
    )


def _named(net: Network, values: list[int]) -> dict[str, int]:
    return {leg.id: value for leg, value in zip(net.legs, values, strict=True)}


def _minutes(count: int) -> str:
    return f"{count} minute" if count == 1 else f"{count} minutes"
