"""Who does what nobody was chosen for: customizers, a hub, couriers; the least dear in time, by the exact selection.

Everything that is brought meets where one courier fetches it: on a round that ends at the customer's door, or on one
that ends at a hub. So a meeting is a courier's round, with or without a hub, and what each place costs there is how
much longer the round is by it. Times are what the Time-Chain will say, or earlier: of what is found, the first that
the Time-Chain bears out is the least dear.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from shared.logistics.geo import Point
from shared.logistics.timechain.buffers import buffer_minutes
from shared.logistics.timechain.calendar import calendar_of
from shared.logistics.timechain.choices import Candidate, Choice, Item, Order, Transfer
from shared.logistics.timechain.select import frontier, next_best
from shared.logistics.timechain.ways import Way, way_by_hour
from shared.orders.chosen import Chosen
from shared.orders.couriers import Carrier, RoundKind
from shared.orders.customizers import Customizer
from shared.orders.hubs import Bid
from shared.orders.rounds import DOORS_EXACT_MAX, HAND_OVER_MINUTES, Path, path_of
from shared.orders.timings import reliability_of

RANKED_MAX = 12
"""So many of the least dear choices are planned through before the quickest is taken instead."""
NOBODY = "nobody"


@dataclass(frozen=True)
class Open:
    """A thing with what is open about it: who sells it, and from which minute it is there; who customizes it.

    number: its place among what was chosen. door: where it is fetched, if another works on it last. is_brought: whether
    it is fetched at all.
    """

    number: int
    vendors: tuple[tuple[Chosen, int], ...]
    customizers: tuple[Customizer, ...] = ()
    door: Point | None = None
    is_brought: bool = True

    def places(self) -> Iterator[tuple[str, Point]]:
        """The ids of those who may have it last, with where it then is."""
        if self.customizers:
            for one in self.customizers:
                yield self.customizer_id(one), self.door or one.partner.place.point
        else:
            for chosen, _ in self.vendors:
                yield self.vendor_id(chosen), self.door or chosen.partner.place.point

    def vendor_id(self, one: Chosen) -> str:
        """The id of a vendor for this thing."""
        return f"{self.number}:{one.product.id}"

    def customizer_id(self, one: Customizer) -> str:
        """The id of a customizer for this thing."""
        return f"{self.number}|{one.partner.id}"


@dataclass(frozen=True)
class Meeting:
    """Where all meets: a courier's round to the door, or with a bid to a hub; without a courier it stays where it is.

    onward: who could bring it from the hub to the door.
    """

    to: Point
    carrier: Carrier | None = None
    bid: Bid | None = None
    onward: tuple[Carrier, ...] = ()

    def without(self, names: Collection[str]) -> Meeting | None:
        """The same without some; None if it cannot be then."""
        onward = tuple(one for one in self.onward if one.partner not in names)
        is_gone = (self.carrier and self.carrier.partner in names) or (self.bid and self.bid.hub.id in names)
        return None if is_gone or (self.bid and not onward) else replace(self, onward=onward)

    @property
    def id(self) -> str:
        """Its id among the hubs of a choice."""
        return f"{self.bid.hub.id if self.bid else 'direct'}|{self.carrier.id if self.carrier else NOBODY}"


@dataclass(frozen=True)
class Arrangement:
    """Who was chosen, by the number of the thing; pickups: several where one round would have too many doors."""

    goods: tuple[Chosen, ...]
    customizers: Mapping[int, Customizer]
    bid: Bid | None = None
    pickups: tuple[Carrier, ...] = ()
    courier: Carrier | None = None


class Choosing:
    """What is open of an order, as the exact selection takes it; start, deadline: minutes."""

    def __init__(
        self,
        goods: tuple[Chosen, ...],
        opens: Sequence[Open],
        meetings: Sequence[Meeting],
        start: int,
        deadline: int | None,
    ) -> None:
        self._goods = goods
        self._opens = opens
        self._meetings = {one.id: one for one in meetings}
        self._couriers = {
            one.id: one for meeting in meetings for one in (*meeting.onward, meeting.carrier) if one is not None
        }
        self._start = start
        self._base = {one.number: next(one.places())[1] for one in opens if one.is_brought}
        self._ways: dict[tuple[str, Path], Way] = {}
        self.order = Order(
            items=tuple(self._item(one) for one in opens),
            hubs=tuple(self._meeting(one) for one in meetings),
            couriers=tuple(Candidate(name, 0, 0) for name in self._endings()),
            transfers={**self._to_customizers(), **self._to_meetings(), **self._to_couriers()},
            start=start,
            deadline=deadline,
        )

    def in_time(self) -> Iterator[Choice]:
        """What is in time, the least dear first; at most RANKED_MAX."""
        yield from next_best(self.order, RANKED_MAX)

    def quickest(self) -> Choice | None:
        """What is there first, whatever the deadline."""
        return next(iter(frontier(self.order)), None)

    def knows(self, choice: Choice) -> bool:
        """Whether a choice is one of these."""
        return choice.hub in self._meetings

    def arranged(self, choice: Choice) -> Arrangement:
        """A choice with those behind its ids."""
        goods, customizers = list(self._goods), {}
        opens = {str(one.number): one for one in self._opens}
        for pick in choice.picks:
            thing = opens[pick.item]
            goods[thing.number] = next(one for one, _ in thing.vendors if thing.vendor_id(one) == pick.vendor)
            for one in thing.customizers:
                if thing.customizer_id(one) == pick.customizer:
                    customizers[thing.number] = one
        meeting, courier = self._meetings[choice.hub], self._couriers.get(choice.courier)
        if meeting.bid is None:
            return Arrangement(tuple(goods), customizers, courier=meeting.carrier)
        return Arrangement(tuple(goods), customizers, meeting.bid, self._pickups(meeting), courier)

    def _pickups(self, meeting: Meeting) -> tuple[Carrier, ...]:
        """The courier of a meeting, and others of the same hub where there are too many doors for one."""
        rounds = -(-len(set(self._base.values())) // DOORS_EXACT_MAX)
        same = [one.carrier for one in self._meetings.values() if one.bid == meeting.bid and one.carrier]
        others = [one for one in same if one != meeting.carrier]
        return tuple(one for one in (meeting.carrier, *others) if one)[:rounds]

    def _item(self, one: Open) -> Item:
        vendors = tuple(
            Candidate(one.vendor_id(chosen), 0, chosen.price_minor, ready_from=ready) for chosen, ready in one.vendors
        )
        return Item(str(one.number), vendors, tuple(self._customizer(one, who) for who in one.customizers))

    def _customizer(self, one: Open, who: Customizer) -> Candidate:
        return _works(one.customizer_id(who), who, self._start)

    def _meeting(self, one: Meeting) -> Candidate:
        cost = one.carrier.price_minor(self._path(one)) if one.carrier else 0
        if one.bid is None:
            return Candidate(one.id, 0, cost)
        calendar = calendar_of(one.bid.hub.hours, self._start)
        return Candidate(one.id, one.bid.minutes, cost + one.bid.counts_minor, one.bid.buffer_minutes, calendar)

    def _to_customizers(self) -> dict[tuple[str, str], Transfer]:
        """Who brings a thing to be worked on needs the way; then the notice runs."""
        found = {}
        for one in self._opens:
            for vendor, _ in one.vendors:
                for who in one.customizers:
                    ids = one.vendor_id(vendor), one.customizer_id(who)
                    found[ids] = _brought(vendor, who)
        return found

    def _to_meetings(self) -> dict[tuple[str, str], Transfer]:
        found = {}
        for meeting in self._meetings.values():
            for one in self._opens:
                for name, point in one.places():
                    found[name, meeting.id] = self._to_meeting(meeting, one, point)
        return found

    def _to_meeting(self, meeting: Meeting, one: Open, point: Point) -> Transfer:
        if meeting.carrier is None or not one.is_brought:
            return Transfer()
        path = self._path(meeting, {one.number: point})
        more = meeting.carrier.price_minor(path) - meeting.carrier.price_minor(self._path(meeting))
        return Transfer(cost=more, way=self._way(meeting.carrier, path, "pickup" if meeting.bid else "delivery"))

    def _endings(self) -> list[str]:
        """The ids of those with whom a choice can end."""
        onward = [one.id for meeting in self._meetings.values() for one in meeting.onward]
        return list(dict.fromkeys(onward or [_direct(meeting) for meeting in self._meetings.values()]))

    def _to_couriers(self) -> dict[tuple[str, str], Transfer]:
        found = {}
        for meeting in self._meetings.values():
            if meeting.bid is None:
                found[meeting.id, _direct(meeting)] = Transfer()
                continue
            for courier in meeting.onward:
                path = (meeting.bid.hub.place.point, meeting.to)
                way = self._way(courier, path, "delivery")
                found[meeting.id, courier.id] = Transfer(cost=courier.price_minor(path), way=way)
        return found

    def _path(self, meeting: Meeting, other: Mapping[int, Point] | None = None) -> Path:
        doors = {**self._base, **(other or {})}
        return path_of(doors.values(), meeting.bid.hub.place.point if meeting.bid else meeting.to)

    def _way(self, carrier: Carrier, path: Path, kind: RoundKind) -> Way:
        key = carrier.id, path
        if key not in self._ways:
            self._ways[key] = carrier.way(path, kind, self._start)
        return self._ways[key]


def customized_at(vendor: Chosen, ready: int, who: Customizer, start: int) -> int:
    """The minute at which a thing is customized that is ready at its vendor's at another; NEVER or later if never."""
    return _works("", who, start).end(_brought(vendor, who).arrive(ready))


def _works(name: str, who: Customizer, start: int) -> Candidate:
    reserve = buffer_minutes("customization", who.minutes, reliability_of(who.partner.trust))
    return Candidate(name, who.minutes, who.price_minor, reserve, calendar_of(who.partner.hours, start))


def _brought(vendor: Chosen, who: Customizer) -> Transfer:
    if vendor.partner.id == who.partner.id:
        return Transfer(who.notice_minutes)
    here, there = vendor.partner.place.point, who.partner.place.point
    way = way_by_hour(here, there, "car", ZoneInfo(vendor.partner.hours.time_zone))
    return Transfer(HAND_OVER_MINUTES + who.notice_minutes, way=way)


def _direct(meeting: Meeting) -> str:
    """Who brings it without a hub: the courier who fetches it."""
    return meeting.carrier.id if meeting.carrier else NOBODY
