"""Another courier for a round that does not begin: who could take it on, and what each does to the order. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import distance_metres
from shared.logistics.timechain.buffers import buffer_minutes
from shared.logistics.timechain.minutes import NEVER, minute_from
from shared.orders import drafts
from shared.orders.alone import answered
from shared.orders.couriers import Carrier, Load, Round
from shared.orders.drafts import Spot
from shared.orders.edits import numbered_on
from shared.orders.legs import live
from shared.orders.order import Order, OrderLeg
from shared.orders.planning import round_of
from shared.orders.replacement import CANDIDATES_TRIED, PRICE_PERCENT, Candidate, judged, ranked
from shared.orders.rounds import is_rush, ride_minutes

TRUST_OF = {"high": 90, "medium": 60, "low": 30}
"""What a courier's reliability counts as trust."""


def load_of(order: Order, leg: OrderLeg, taxonomy: Taxonomy) -> Load:
    """What a round brings."""
    before = [one for one in live(order) if one.id in leg.after]
    things = [line for one in live(order) if one.role == "product" for line in one.lines]
    ways = [taxonomy.categories[line.category].delivery for line in things if line.category in taxonomy.categories]
    doors = tuple(dict.fromkeys(one.timing.point for one in before))
    return Load(doors, leg.timing.point, sum(line.quantity for line in things), is_cold="cold" in ways)


def courier_candidates(
    order: Order,
    leg: OrderLeg,
    carriers: Iterable[Carrier],
    load: Load,
    now: datetime,
    *,
    excluded: Collection[str],
    taxonomy: Taxonomy,
) -> list[Candidate]:
    """What each of the quickest would do to the order, the best first; who is too dear or too late is left out.

    So is who must be asked first: that keeps the customer waiting.
    """
    able = [one for one in carriers if one.partner not in {leg.partner, *excluded} and load.fits(one)]
    ready = max((minute_from(one.ended or one.ends) for one in live(order) if one.id in leg.after), default=0)
    start = minute_from(now)
    round_ = Round(load, "pickup" if leg.timing.kind == "pickup" else "delivery", max(ready, start), start)
    most = leg.price.minor * (100 + PRICE_PERCENT) // 100
    timed = sorted((round_.ends(one), one.price_minor(round_.path), one.id, one) for one in able)
    fitting = [one for end, price, _, one in timed if end < NEVER and 0 < price <= most]
    found = []
    for carrier in fitting[:CANDIDATES_TRIED]:
        one = _candidate(order, leg, carrier, now)
        if carrier.offer is not None:  # gig workers take everything alone
            alone = answered(one.leg, carrier.offer.partner, order.deliver_to.point, taxonomy, now)
            one = replace(one, leg=alone)
        if one.leg.accepts_alone:
            found.append(one)
    return ranked(order, found)


def _candidate(order: Order, leg: OrderLeg, carrier: Carrier, now: datetime) -> Candidate:
    path = round_of(leg, [one for one in live(order) if one.id in leg.after])
    drafted = drafts.courier(
        carrier, leg.timing.kind, path, order.currency, Spot("leg-1", (), now, leg.shows_partner)
    )
    (numbered,) = numbered_on(order, [drafted.leg], now)
    zone = ZoneInfo(carrier.hours.time_zone)
    minutes, rush = ride_minutes(path, minute_from(now), carrier.mode, zone), is_rush(minute_from(now), zone)
    reserve = buffer_minutes(leg.timing.kind, minutes, carrier.reliability, is_rush=rush)
    timing = numbered.timing.model_copy(update={"minutes": minutes, "buffer_minutes": reserve})
    news = {"timing": timing, "after": leg.after, "replaces": leg.id, "status": "accepted"}
    new = numbered.model_copy(update=news)
    found = judged(order, leg, new, TRUST_OF.get(carrier.reliability, 60), distance_metres(carrier.place, path[0]), now)
    held = found.leg.model_copy(update={"holds": (drafted.hold(found.leg.day),)})
    return Candidate(held, found.after, found.more, found.minutes, found.score, found.why)
