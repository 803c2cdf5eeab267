"""From the legs of an order to its Time-Chain: when each can happen, what decides it, and whether it holds.

A leg is its notice (no clock but the wall's) and then its work, in its party's hours. Who works on what others bring
counts the notice from when that arrives. A courier's leg is a round (rounds.py): every door before it, then its end.
All that is needed stands in the legs: quoting, the running order and simulations reckon with the same function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import combinations
from zoneinfo import ZoneInfo

from shared.logistics.timechain.buffers import Reliability, buffer_minutes
from shared.logistics.timechain.calendar import calendar_of
from shared.logistics.timechain.minutes import minute_from, moment_of
from shared.logistics.timechain.model import Chain, Leg, Precedence, Together
from shared.logistics.timechain.schedule import Plan
from shared.logistics.timechain.schedule import plan as plan_of
from shared.logistics.timechain.ways import way_by_hour
from shared.orders.order import OrderLeg
from shared.orders.rounds import HAND_OVER_MINUTES, Path, is_rush, path_of, ride_minutes

FRESH_MINUTES_MAX = 1_440
"""How long something perishable may be on its way from when it is ready until it has arrived."""
TOGETHER_MINUTES = 30
"""What several couriers bring to one place arrives within so many minutes."""
PASSES_MAX = 4
"""How often a plan is made anew because streets are fuller or emptier when couriers set out than was thought."""
WORKS_ON_OTHERS = frozenset({"customization", "packaging", "assembly"})


def notice_of(leg_id: str) -> str:
    """The id, in a chain, of the notice of a leg."""
    return f"{leg_id}:notice"


def is_round(leg: OrderLeg) -> bool:
    """Whether a leg goes from door to door."""
    return leg.timing.kind == "pickup" or leg.role == "delivery"


def is_fresh(leg: OrderLeg) -> bool:
    """Whether what a leg makes must not wait, so that it is made late."""
    return leg.timing.dwell_minutes_max is not None and leg.role != "assembly"


def chain_of(
    legs: Sequence[OrderLeg], start: int, deadline: int | None, floors: Mapping[str, int] | None = None
) -> Chain:
    """The Time-Chain of legs, each with its notice; start, deadline: minutes. Legs before that are not there are done.

    A courier's round takes as long as it does when it sets out at the leg's own `starts`, or did at `began`; fresh
    things are not begun before their `starts`. floors: leg → the minute before which it does not begin.
    """
    known = {leg.id: leg for leg in legs}
    parts: list[Leg] = []
    lags = _Lags()
    togethers: list[Together] = []
    for leg in legs:
        before = [known[name] for name in leg.after if name in known]
        parts += (_notice(leg), _work(leg, before, start, (floors or {}).get(leg.id)))
        lags.add(Precedence(notice_of(leg.id), leg.id))
        for one in before:
            lags.add(_after(one, leg))
        togethers += _synchronised(before, leg)
    rides = {leg.id: part.minutes for leg, part in zip(legs, parts[1::2], strict=True) if is_round(leg)}
    for name, end, minutes in _longest(legs, rides):
        lags.limit(name, end, minutes)
    return Chain(tuple(parts), lags.all, tuple(togethers), start=start, deadline=deadline)


def planned(
    legs: Sequence[OrderLeg], start: int, deadline: int, couriers: Mapping[str, Reliability]
) -> tuple[tuple[OrderLeg, ...], Plan]:
    """The legs with their times, what is fresh made late, and the plan behind it, without times if there is none.

    couriers: leg → how far the word of its courier can be built on; their rounds get their length and reserve here.
    """
    early, plan = _settled(legs, start, deadline, couriers)
    if plan.finish is None or not any(map(is_fresh, legs)):
        return early, plan
    latest = plan_of(replace(plan.chain, deadline=plan.finish)).latest
    waiting = [leg.model_copy(update={"starts": moment_of(latest[leg.id])}) if is_fresh(leg) else leg for leg in early]
    late, second = _settled(waiting, start, deadline, couriers)
    return (late, plan) if second.finish == plan.finish else (early, plan)


def _settled(
    legs: Sequence[OrderLeg], start: int, deadline: int, couriers: Mapping[str, Reliability]
) -> tuple[tuple[OrderLeg, ...], Plan]:
    """Plan until couriers set out when the plan thinks that they do.

    Where one hangs on the end of its own round that may go to and fro, so in the end they only ever set out later.
    """
    legs = tuple(_with_ride(leg, legs, couriers) for leg in legs)
    for number in range(2 * PASSES_MAX):
        floors = {leg.id: minute_from(leg.starts) for leg in legs if is_round(leg) and number >= PASSES_MAX}
        plan = plan_of(chain_of(legs, start, deadline, floors))
        if plan.finish is None:
            return legs, plan
        known = [leg.model_copy(update={"starts": moment_of(plan.starts[leg.id])}) for leg in legs]
        moved = tuple(
            _with_ride(new, legs, couriers) if is_round(leg) else leg for leg, new in zip(legs, known, strict=True)
        )
        if moved == legs:
            break
        legs = moved
    return tuple(_timed(leg, plan) for leg in legs), plan


def _timed(leg: OrderLeg, plan: Plan) -> OrderLeg:
    times = {"starts": moment_of(plan.starts[leg.id]), "ends": moment_of(plan.ends[leg.id])}
    return leg.model_copy(update=times)


def _with_ride(leg: OrderLeg, legs: Iterable[OrderLeg], couriers: Mapping[str, Reliability]) -> OrderLeg:
    """A courier's leg with the length and the reserve of its round."""
    if leg.id not in couriers:
        return leg
    minutes = _ride(leg, [one for one in legs if one.id in leg.after])
    rush = is_rush(minute_from(leg.starts), _zone(leg))
    buffer = buffer_minutes(leg.timing.kind, minutes, couriers[leg.id], is_rush=rush)
    timing = leg.timing.model_copy(update={"minutes": minutes, "buffer_minutes": buffer})
    return leg.model_copy(update={"timing": timing})


def _notice(leg: OrderLeg) -> Leg:
    return Leg(notice_of(leg.id), "wait", leg.timing.notice_minutes, title=f"notice for {leg.title}")


def _work(leg: OrderLeg, before: Sequence[OrderLeg], start: int, floor: int | None) -> Leg:
    timing = leg.timing
    return Leg(
        leg.id,
        timing.kind,
        _ride(leg, before) if is_round(leg) else timing.minutes,
        buffer_minutes=timing.buffer_minutes,
        calendar=calendar_of(timing.hours, start) if timing.hours else None,
        is_interruptible=timing.is_interruptible,
        ready_from=minute_from(leg.starts) if is_fresh(leg) else floor,
        title=leg.title,
    )


def _ride(leg: OrderLeg, before: Sequence[OrderLeg]) -> int:
    depart = minute_from(leg.began or leg.starts)
    return ride_minutes(round_of(leg, before), depart, leg.timing.mode, _zone(leg))


def round_of(leg: OrderLeg, before: Iterable[OrderLeg]) -> Path:
    """The doors that a courier's leg goes to, in their order, and where it ends."""
    return path_of((one.timing.point for one in before), leg.timing.point)


def _after(before: OrderLeg, leg: OrderLeg) -> Precedence:
    """One after the other, with the way between: couriers come to the door themselves, and bring to where they end."""
    begins = notice_of(leg.id) if leg.role in WORKS_ON_OTHERS else leg.id
    is_same = (before.party, before.partner) == (leg.party, leg.partner)
    if is_round(before) or is_round(leg) or is_same:
        return Precedence(before.id, begins)
    way = way_by_hour(before.timing.point, leg.timing.point, "car", _zone(before))
    return Precedence(before.id, begins, lag_min=HAND_OVER_MINUTES, way=way)


def _synchronised(before: Sequence[OrderLeg], leg: OrderLeg) -> Iterator[Together]:
    """Couriers that come to a hub come together."""
    if leg.role == "assembly":
        for a, b in combinations([one.id for one in before if is_round(one)], 2):
            yield Together(a, b, TOGETHER_MINUTES)


def _longest(legs: Sequence[OrderLeg], rides: Mapping[str, int]) -> Iterator[tuple[str, str, int]]:
    """From the end of which leg to the start of which others at most so many minutes may pass.

    What is fresh has arrived when a round ends, with its reserve; who uses what is brought has it at once.
    """
    after: dict[str, list[OrderLeg]] = {leg.id: [] for leg in legs}
    for leg in legs:
        for name in leg.after:
            after.setdefault(name, []).append(leg)
    for leg in legs:
        limit = leg.timing.dwell_minutes_max
        if limit is None:
            continue
        if leg.role == "assembly":
            comes = [name for name in leg.after if any(one.id == name for one in legs)]
            leaves = after[leg.id] or [leg]
            yield from ((name, one.id, limit) for name in comes for one in leaves)
        else:
            for end in _ends(leg, after):
                ride = rides[end.id] + end.timing.buffer_minutes if end.id in rides else 0
                yield leg.id, end.id, max(limit - ride, 0)


def _ends(leg: OrderLeg, after: Mapping[str, Sequence[OrderLeg]]) -> list[OrderLeg]:
    """The last legs of all that comes after a leg, itself left out."""
    found: dict[str, OrderLeg] = {}
    waiting = list(after[leg.id])
    while waiting:
        one = waiting.pop()
        if after[one.id]:
            waiting += after[one.id]
        else:
            found[one.id] = one
    return list(found.values())


class _Lags:
    """Precedences, one for each pair of legs."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], Precedence] = {}

    @property
    def all(self) -> tuple[Precedence, ...]:
        """In the order in which they came."""
        return tuple(self._pairs.values())

    def add(self, one: Precedence) -> None:
        """One more."""
        self._pairs[one.before, one.after] = one

    def limit(self, before: str, after: str, minutes: int) -> None:
        """At most so many minutes between two legs."""
        known = self._pairs.get((before, after), Precedence(before, after))
        self._pairs[before, after] = replace(known, lag_max=minutes)


def _zone(leg: OrderLeg) -> tzinfo:
    return ZoneInfo(leg.timing.hours.time_zone) if leg.timing.hours else UTC
