"""Fixed chains against CP-SAT: the same earliest and latest start of every leg, and the same chains impossible."""

from __future__ import annotations

from random import Random

import pytest

from shared.logistics.timechain.schedule import plan
from tests.logistics.timechain.generated import chain
from tests.logistics.timechain.oracle import starts

# name → legs, share of precedences with a longest lag, share of legs with a calendar, instances.
CLASSES = {
    "open all day, tight lags": (8, 0.7, 0.0, 500),
    "calendars, no longest lags": (8, 0.0, 0.9, 500),
    "calendars and longest lags": (8, 0.5, 0.7, 500),
    "long chains": (30, 0.08, 0.6, 60),
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_start_is_the_optimum(name: str) -> None:
    legs, lag_max_share, calendar_share, instances = CLASSES[name]
    impossible = late = 0
    for seed in range(instances):
        one = chain(Random(f"{name} {seed}"), legs, lag_max_share, calendar_share)
        found, best = plan(one), starts(one)
        assert (found.starts or None) == best, f"{name}: seed {seed}"
        if best is None:
            impossible += 1
            continue
        ends = {leg.id: best[leg.id] + leg.minutes + leg.buffer_minutes for leg in one.legs}
        due = {leg.id: min(leg.due or 10**6, one.deadline or 10**6) for leg in one.legs}
        assert dict(found.late) == {name: ends[name] - due[name] for name in ends if ends[name] > due[name]}
        late += not found.is_feasible
        by = {name: max(ends[name], max(ends.values()) if due[name] == 10**6 else due[name]) for name in ends}
        assert found.latest == starts(one, by), f"{name}: seed {seed}"
    print(f"{name}: seeds 0 to {instances - 1}, {impossible} impossible, {late} late")
    assert late > 0
    assert impossible < instances * 0.8
