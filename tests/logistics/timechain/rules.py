"""What every plan of rounds has to keep, whoever has made it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.logistics.timechain.fleet import Rounds
from shared.logistics.timechain.route import Courier, Stop, Ways
from shared.logistics.timechain.ways import Way


def check_rounds(couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways, found: Rounds) -> None:
    """Every stop with one courier or named as left, whole jobs, their order, windows, loads and shifts."""
    by_id = {stop.id: stop for stop in stops}
    assert sorted([*found.left, *(name for route in found.routes for name in route.stops)]) == sorted(by_id)
    assert len({route.courier for route in found.routes}) == len(found.routes)
    for name in found.left:
        assert by_id[name].after is None or by_id[name].after in found.left
    for route in found.routes:
        courier = next(one for one in couriers if one.id == route.courier)
        now, place, load = courier.start, courier.id, 0
        assert route.stops
        for name, begins in zip(route.stops, route.begins, strict=True):
            stop, way = by_id[name], ways[place, name]
            arrival = way.arrive(now) if isinstance(way, Way) else now + way
            assert begins == max(arrival, stop.first) <= stop.last
            assert stop.after is None or stop.after in route.stops[: route.stops.index(name)]
            load += stop.load
            assert load <= courier.load_max
            now, place = begins + stop.minutes, name
        assert now == route.finish <= courier.until
