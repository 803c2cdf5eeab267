"""Whether a partner takes a leg without being asked: always, by one of its Pro-Agent's rules, or not at all."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.discovery.partners import Partner
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import Point
from shared.orders.order import OrderLeg
from shared.people.pro_agent import EVERY, Offered, first_accepting


def answered(leg: OrderLeg, partner: Partner, to: Point, taxonomy: Taxonomy, now: datetime) -> OrderLeg:
    """A leg with its times, and whether its partner takes it alone; to: where the order goes."""
    if partner.accepts_alone:
        return leg.model_copy(update={"accepts_alone": True, "accepted_by": EVERY})
    kinds = tuple(_kinds(line.category, taxonomy) for line in leg.lines if line.category)
    offered = Offered(leg.price, to, leg.starts, now, kinds)
    rule = first_accepting(partner.pro_agent, offered, partner.place.point, ZoneInfo(partner.hours.time_zone))
    return leg.model_copy(update={"accepts_alone": rule is not None, "accepted_by": rule.words if rule else ""})


def _kinds(category: str, taxonomy: Taxonomy) -> frozenset[str]:
    return frozenset({category, *taxonomy.ancestors.get(category, ())})
