"""One more stop in a round: the best place, against trying them all."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from shared.logistics.timechain.detour import detour
from shared.logistics.timechain.route import Courier, Stop
from tests.logistics.timechain.generated import round_of


def walked(courier: Courier, stops: list[Stop], ways: dict) -> tuple[int, dict[str, int]]:
    """When a round ends whose windows do not stop the courier, and who is late."""
    now, place, late = courier.start, courier.id, {}
    for stop in stops:
        begin = max(now + ways[place, stop.id], stop.first)
        if begin > stop.last:
            late[stop.id] = begin - stop.last
        now, place = begin + stop.minutes, stop.id
    if now > courier.until:
        late[place] = max(late.get(place, 0), now - courier.until)
    return now, late


@pytest.mark.parametrize("seed", range(200))
def test_the_place_is_the_best_of_all(seed: int) -> None:
    random = Random(seed)
    (courier,), stops, ways = round_of(random, 4)
    *rest, new = stops
    width = random.choice((0, 300))
    rest = [replace(stop, last=stop.last + width) for stop in rest]
    found = detour(courier, rest, new, ways)
    assert found is not None
    first = 0 if new.after is None else [stop.id for stop in rest].index(new.after) + 1
    before, already_late = walked(courier, rest, ways)
    ends = {place: walked(courier, [*rest[:place], new, *rest[place:]], ways) for place in range(first, len(rest) + 1)}
    end, late = ends[found.place]
    assert (found.more, found.late) == (end - before, late)
    if not already_late:
        assert (bool(late), end) == min((bool(lates), end) for end, lates in ends.values())


def test_no_way_to_the_new_stop() -> None:
    assert detour(Courier("c", 0), [], Stop("a", 1), {}) is None
