"""Where one more stop costs a courier's round least, by the room that every stop has behind it.

For each stop the last minute at which it may begin so that everything after it stays in time (forward slack) is found
once from the end; a place for the new stop is then judged in one step.
M. W. P. Savelsbergh, The vehicle routing problem with time windows, ORSA Journal on Computing 4 (1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.logistics.timechain.minutes import NEVER
from shared.logistics.timechain.route import Courier, Stop, Ways
from shared.logistics.timechain.ways import Way


@dataclass(frozen=True, slots=True)
class Detour:
    """A new stop before the stop at `place` (the last place is behind them all).

    more: minutes by which the round ends later; late: stop → minutes it begins too late, the new one too; empty if all
    stays in time. Windows that are missed do not stop the courier.
    """

    place: int
    more: int
    late: dict[str, int]


def detour(courier: Courier, stops: Sequence[Stop], new: Stop, ways: Ways) -> Detour | None:
    """The best place for one more stop in a round whose order stays: nobody late if possible, then the earliest end.

    None if there is no way to it from anywhere. The shift's end counts as a window of the last stop.
    """
    names = [courier.id, *(stop.id for stop in stops)]
    departs = _departs(courier, stops, ways)
    last = _last(courier, stops, ways)
    earliest_place = 0 if new.after is None else names.index(new.after)
    best: tuple[int, int, int] | None = None
    for place in range(earliest_place, len(stops) + 1):
        arrival = _arrive(ways.get((names[place], new.id), NEVER), departs[place])
        if arrival >= NEVER:
            continue
        depart = max(arrival, new.first) + new.minutes
        is_late, end = arrival > new.last, depart
        if place < len(stops):
            onward = _arrive(ways.get((new.id, stops[place].id), NEVER), depart)
            if onward >= NEVER:
                continue
            is_late = is_late or onward > last[place]
            end = _end(stops, ways, place, onward, departs)
        is_late = is_late or end > courier.until
        if best is None or (is_late, end) < best[:2]:
            best = is_late, end, place
    return None if best is None else _told(courier, stops, new, ways, best[2], departs[-1])


def _departs(courier: Courier, stops: Sequence[Stop], ways: Ways) -> list[int]:
    """When the courier leaves where the round begins, and every stop."""
    departs, place = [courier.start], courier.id
    for stop in stops:
        arrival = _arrive(ways.get((place, stop.id), NEVER), departs[-1])
        departs.append(max(arrival, stop.first) + stop.minutes)
        place = stop.id
    return departs


def _last(courier: Courier, stops: Sequence[Stop], ways: Ways) -> list[int]:
    """The last minute at which each stop may be reached so that all from it on stays in time."""
    last, leave = [0] * len(stops), courier.until
    for n in range(len(stops) - 1, -1, -1):
        stop = stops[n]
        last[n] = min(stop.last, leave - stop.minutes)
        way = ways.get((stops[n - 1].id if n else courier.id, stop.id), NEVER)
        leave = way.depart_by(last[n]) if isinstance(way, Way) else last[n] - way
    return last


def _end(stops: Sequence[Stop], ways: Ways, place: int, arrival: int, departs: Sequence[int]) -> int:
    """When the round ends if a stop is reached at a minute; a delay that a wait swallows changes nothing after it."""
    now = max(arrival, stops[place].first) + stops[place].minutes
    for n in range(place + 1, len(stops)):
        if now == departs[n]:
            return departs[-1]
        now = max(_arrive(ways[stops[n - 1].id, stops[n].id], now), stops[n].first) + stops[n].minutes
    return now


def _told(courier: Courier, stops: Sequence[Stop], new: Stop, ways: Ways, place: int, end: int) -> Detour:
    """Who is late on the way with the new stop."""
    late, now, at = {}, courier.start, courier.id
    for stop in (*stops[:place], new, *stops[place:]):
        begin = max(_arrive(ways[at, stop.id], now), stop.first)
        if begin > stop.last:
            late[stop.id] = begin - stop.last
        now, at = begin + stop.minutes, stop.id
    if now > courier.until:
        late[at] = max(late.get(at, 0), now - courier.until)
    return Detour(place, now - end, late)


def _arrive(way: int | Way, depart: int) -> int:
    return way.arrive(depart) if isinstance(way, Way) else depart + way
