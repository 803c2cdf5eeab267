"""Works that rest over closing time and ways by the hour, against moving one leg by one minute until all rules hold."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from shared.logistics.timechain.calendar import Calendar
from shared.logistics.timechain.model import Chain, Leg
from shared.logistics.timechain.schedule import plan
from shared.logistics.timechain.ways import way_by_samples
from tests.logistics.timechain.generated import chain

END = 1_000


def mixed(random: Random) -> Chain:
    """Some works rest, some ways depend on the hour; calendars end before END."""
    one = chain(random, 5, 0.3, 0.8)
    legs = tuple(
        replace(leg, is_interruptible=random.random() < 0.6, calendar=shortened(leg.calendar), due=None)
        for leg in one.legs
    )
    precedences = tuple(
        replace(gap, way=way_by_samples([(hour, random.randint(5, 50)) for hour in range(0, 600, 60)]))
        if random.random() < 0.5
        else gap
        for gap in one.precedences
    )
    return replace(one, legs=legs, precedences=precedences, deadline=None)


def shortened(calendar: Calendar | None) -> Calendar | None:
    if calendar is None:
        return None
    spans = zip(calendar.opens, calendar.closes, strict=True)
    return Calendar([(a, z) for a, z in spans if z < END - 100])


def ends_of(leg: Leg) -> dict[int, int]:
    """When a leg ends by the minute it starts, where it can start."""
    if leg.calendar is None:
        return {start: start + leg.minutes + leg.buffer_minutes for start in range(END)}
    is_open = {minute for a, z in zip(leg.calendar.opens, leg.calendar.closes, strict=True) for minute in range(a, z)}
    return {start: end for start in range(END) if (end := end_of(leg, is_open, start)) is not None}


def end_of(leg: Leg, is_open: set[int], start: int) -> int | None:
    """By counting minutes; None if it cannot start then."""
    now, left = start, leg.minutes
    while left and now < END:
        if now in is_open:
            left -= 1
        elif now == start or not leg.is_interruptible:
            return None
        now += 1
    return None if left else now + leg.buffer_minutes


def broken(one: Chain, ends: list[dict[int, int]], starts: dict[str, int], *, is_pushed_up: bool) -> set[str]:
    """The legs to move: those that start before they may, or that end after they may."""
    end = {leg.id: table.get(starts[leg.id]) for leg, table in zip(one.legs, ends, strict=True)}
    wrong = {name for name, value in end.items() if value is None}
    pairs = []  # (what must not be before, what it must not be before of, is it so)
    for gap in one.precedences:
        before, start = end[gap.before], starts[gap.after]
        if before is None:
            continue
        arrival = (before if gap.way is None else gap.way.arrive(before)) + gap.lag_min
        pairs.append((gap.after, gap.before, start >= arrival))
        pairs.append((gap.before, gap.after, gap.lag_max is None or start - before <= gap.lag_max))
    for pair in one.togethers:
        a, b = end[pair.a], end[pair.b]
        if a is not None and b is not None:
            pairs += [(pair.a, pair.b, b - a <= pair.within), (pair.b, pair.a, a - b <= pair.within)]
    return wrong | {early if is_pushed_up else late for early, late, holds in pairs if not holds}


def moved(one: Chain, ends: list[dict[int, int]], starts: dict[str, int], by: int) -> dict[str, int] | None:
    """From starts that nothing may lie before (by 1) or behind (by -1), a minute at a time."""
    while wrong := broken(one, ends, starts, is_pushed_up=by > 0):
        starts = {name: start + by * (name in wrong) for name, start in starts.items()}
        if not all(0 <= start < END for start in starts.values()):
            return None
    return starts


@pytest.mark.parametrize("seed", range(100))
def test_earliest_and_latest(seed: int) -> None:
    one = mixed(Random(seed))
    found = plan(one)
    ready = {leg.id: max(one.start, leg.ready_from or 0) for leg in one.legs}
    ends = [ends_of(leg) for leg in one.legs]
    slow = moved(one, ends, ready, 1)
    if slow is None:
        assert not found.starts or max(found.starts.values()) >= END
        return
    assert found.starts == slow
    last = max(found.ends.values())
    by = {leg.id: max(s for s, end in table.items() if end <= last) for leg, table in zip(one.legs, ends, strict=True)}
    assert found.latest == moved(one, ends, by, -1)
