"""Who could bring something: courier offers of the catalog, and gig workers, for their price and in their hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from shared.discovery.bundles import Part
from shared.discovery.hours import Hours
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.wish import Wish
from shared.logistics.geo import Point, distance_metres
from shared.logistics.timechain.buffers import Reliability, buffer_minutes
from shared.logistics.timechain.calendar import HORIZON_DAYS, calendar_of, first_in
from shared.logistics.timechain.minutes import NEVER, moment_of
from shared.logistics.timechain.ways import Way
from shared.logistics.travel import Mode
from shared.orders.chosen import Chosen
from shared.orders.order import PartyKind
from shared.orders.rounds import Path, is_rush, path_of, quickest_minutes, ride_minutes, slowest_minutes, whole_km
from shared.orders.timings import reliability_of
from shared.people.workers import Worker

OFFERS_TRIED = 20
"""Courier offers of the catalog that are looked at."""
CARRIERS_TRIED = 10
"""Of all who could bring something, so many are chosen from: those that none other is both quicker and cheaper than."""
WORKERS_CURRENCY = "USD"
"""What gig workers are paid in."""
WORKER_JOBS_A_DAY = 12
LITRES_A_PIECE = 10
_ANY_PIECES = 10_000
RoundKind = Literal["pickup", "delivery"]
_MODES: dict[str, Mode] = {"foot": "foot", "bike": "bike"}
_NO_WAY_MINUTES = 2 * HORIZON_DAYS * 1_440


@dataclass(frozen=True)
class Carrier:
    """Somebody who brings things; id: the product's or the worker's. job_minor, km_minor: the price in minor units.

    offer: what of the catalog it is. pieces_max: what fits in; is_cold: whether it stays cold there.
    """

    id: str
    party: PartyKind
    partner: str
    name: str
    title: str
    job_minor: int
    km_minor: int
    notice_minutes: int
    hours: Hours
    place: Point
    region: str
    reach_km: float
    mode: Mode
    reliability: Reliability
    is_cold: bool
    pieces_max: int
    offer: Chosen | None = None

    def price_minor(self, path: Path) -> int:
        """What a round costs."""
        return self.job_minor + self.km_minor * whole_km(path)

    def notice(self, path: Path) -> int:
        """Minutes from the order until it can be at the first door; workers set out from where they are."""
        is_worker = self.party == "worker"
        return self.notice_minutes + (slowest_minutes(self.place, path[0], self.mode) if is_worker else 0)

    def sets_out(self, path: Path, ready: int, start: int) -> int:
        """The minute at which it goes for what is ready at a minute; NEVER if at no time. start: of the order."""
        at = max(ready, start + self.notice(path))
        ride = ride_minutes(path, at, self.mode, ZoneInfo(self.hours.time_zone))
        return first_in(calendar_of(self.hours, start).windows(ride), at)

    def ends(self, path: Path, kind: RoundKind, ready: int, start: int) -> int:
        """The minute at which its leg ends, the reserve included; NEVER if at no time."""
        out, zone = self.sets_out(path, ready, start), ZoneInfo(self.hours.time_zone)
        if out >= NEVER:
            return NEVER
        ride = ride_minutes(path, out, self.mode, zone)
        return out + ride + buffer_minutes(kind, ride, self.reliability, is_rush=is_rush(out, zone))

    def way(self, path: Path, kind: RoundKind, start: int) -> Way:
        """A round as a way, with the least reserve that it can have, so that it is never slower than it will be."""
        least, zone = quickest_minutes(path, self.mode), ZoneInfo(self.hours.time_zone)
        reserve = buffer_minutes(kind, least, self.reliability)

        def minutes_at(depart: int) -> int:
            out = self.sets_out(path, depart, start)
            if out >= NEVER:
                return _NO_WAY_MINUTES
            return out + ride_minutes(path, out, self.mode, zone) + reserve - depart

        return Way(minutes_at, least + reserve, _NO_WAY_MINUTES)


@dataclass(frozen=True)
class Load:
    """What is to be brought: from which doors, where to, how many pieces, and whether they are kept cold."""

    doors: tuple[Point, ...]
    to: Point
    pieces: int
    is_cold: bool

    def fits(self, carrier: Carrier) -> bool:
        """Whether somebody can bring it, whenever that is."""
        if carrier.pieces_max < self.pieces or (self.is_cold and not carrier.is_cold):
            return False
        metres = carrier.reach_km * 1_000
        return all(distance_metres(carrier.place, point) <= metres for point in (*self.doors, self.to))


def of_worker(worker: Worker) -> Carrier:
    """A gig worker."""
    return Carrier(
        id=worker.id,
        party="worker",
        partner=worker.id,
        name=worker.name,
        title=f"Brought by {worker.name}",
        job_minor=worker.minor_per_job,
        km_minor=worker.minor_per_km,
        notice_minutes=0,
        hours=worker.hours,
        place=worker.place.point,
        region=worker.place.region,
        reach_km=worker.reach_km,
        mode=_MODES.get(worker.vehicle, "car"),
        reliability=reliability_of(worker.trust),
        is_cold=worker.vehicle == "cold-van",
        pieces_max=worker.carry_litres // LITRES_A_PIECE,
    )


def of_offer(one: Chosen, taxonomy: Taxonomy) -> Carrier:
    """A courier's offer."""
    product, partner = one.product, one.partner
    tags = {*product.tags, *taxonomy.capabilities_of(product.category)}
    return Carrier(
        id=product.id,
        party="partner",
        partner=partner.id,
        name=partner.name,
        title=product.title,
        job_minor=product.price.minor,
        km_minor=0,
        notice_minutes=product.lead_minutes,
        hours=partner.hours,
        place=partner.place.point,
        region=partner.place.region,
        reach_km=partner.reach_km,
        mode="car",
        reliability=reliability_of(partner.trust),
        is_cold="cold-chain" in tags,
        pieces_max=_ANY_PIECES,
        offer=one,
    )


async def offers(
    scout: Scout, taxonomy: Taxonomy, to: Point, currency: str, *, is_cold: bool, now: int
) -> tuple[Carrier, ...]:
    """The courier offers of the catalog that reach a place; now: a minute."""
    wish = Wish(
        text="delivery",
        near=to,
        capabilities=frozenset({"cold-chain" if is_cold else "delivery"}),
        categories=frozenset(name for name, one in taxonomy.categories.items() if one.node == "delivery"),
        limit=OFFERS_TRIED,
    )
    found = await scout.search(wish, moment_of(now))
    if found.relaxed:
        return ()
    chosen = (
        Chosen(offer.product, offer.partner, Part(product=offer.id, role="delivery"))
        for offer in found.offers
        if offer.product and offer.partner
    )
    in_currency = (one for one in chosen if one.product.price.currency == currency)
    return tuple(of_offer(one, taxonomy) for one in in_currency if one.product.stock is None or one.product.stock > 0)


def workers_for(workers: Iterable[Worker], currency: str) -> tuple[Carrier, ...]:
    """The gig workers who can be paid in a currency and work at present."""
    if currency != WORKERS_CURRENCY:
        return ()
    return tuple(of_worker(worker) for worker in workers if worker.status == "active")


@dataclass(frozen=True)
class Round:
    """A load on its round; ready: the minute from which it can be fetched, start: that of the order."""

    load: Load
    kind: RoundKind
    ready: int
    start: int

    @property
    def path(self) -> Path:
        """Every door, and where it goes."""
        return path_of(self.load.doors, self.load.to)

    def ends(self, carrier: Carrier) -> int:
        """When somebody has brought it; NEVER if at no time."""
        return carrier.ends(self.path, self.kind, self.ready, self.start)


def shortlist(carriers: Sequence[Carrier], rounds: Sequence[Round], most: int) -> tuple[Carrier, ...]:
    """Those who can do all rounds: half of them quick and none other both quicker and cheaper, half of them cheap.

    `most` at most; a load may be fetched in several ways, as long as it is open who has it last.
    """
    able = [one for one in carriers if all(round_.load.fits(one) for round_ in rounds)]
    quick, cheap = [], []
    for round_ in rounds:
        timed = _timed(able, round_)
        quick += _front(timed)[-max(most // (2 * len(rounds)), 1) :]
        cheap.append([one for _, _, _, one in timed])
    in_turn = (one for some in zip(*cheap, strict=False) for one in some)
    return tuple({one.id: one for one in (*quick, *in_turn)}.values())[:most]


def _timed(carriers: Iterable[Carrier], round_: Round) -> list[tuple[int, int, str, Carrier]]:
    """Price, end, id and courier of those who can at all, the cheapest first."""
    path = round_.path
    timed = sorted((one.price_minor(path), round_.ends(one), one.id, one) for one in carriers)
    return [one for one in timed if one[0] > 0 and one[1] < NEVER]


def _front(timed: Iterable[tuple[int, int, str, Carrier]]) -> list[Carrier]:
    """Those that none other is both quicker and cheaper than, the cheapest first."""
    front, first = [], NEVER
    for _, end, _, one in timed:
        if end < first:
            first = end
            front.append(one)
    return front
