"""What the times of a leg follow from, by what the catalog says of those who do it.

A product's lead holds its work; a service's lead is the notice alone. The lead that a partner names for one of its
capabilities holds the minutes in which it is at it.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.discovery.partners import Capability, TrustRecord
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.terms import LegKind, NodeKind
from shared.logistics.geo import Point
from shared.logistics.timechain.buffers import Reliability, buffer_minutes
from shared.orders.chosen import Chosen, own_work
from shared.orders.order import Timing

INTERRUPTED_FROM_MINUTES = 240
"""Work longer than this rests over closing time; shorter work is done in one go."""
MINUTES_A_PIECE = 20
"""How long somebody is at one piece with a needle, a laser or a pen."""
RELIABLE_FROM, FAIR_FROM = 9_500, 8_800
"""On time so often, in basis points, is highly reliable; and fairly."""
KNOWN_FROM_ORDERS = 20
"""Before so many orders nobody is more than fairly reliable."""
KINDS: Mapping[NodeKind, LegKind] = {
    "product": "processing", "customization": "customization", "packaging": "assembly", "assembly": "assembly",
    "delivery": "delivery", "transport": "delivery", "venue": "processing",
}  # fmt: skip


def timing_of(one: Chosen, to: Point, taxonomy: Taxonomy, fresh_minutes_max: int | None) -> Timing:
    """The timing of what is chosen from the catalog; to: the customer's door."""
    kind, minutes = KINDS[one.part.role], one.product.work_minutes
    return Timing(
        kind=kind,
        notice_minutes=_notice_minutes(one),
        minutes=minutes,
        buffer_minutes=buffer_minutes(kind, minutes, reliability_of(one.partner.trust)),
        is_interruptible=minutes > INTERRUPTED_FROM_MINUTES,
        hours=one.partner.hours,
        point=to if comes_to_door(one, taxonomy) else one.partner.place.point,
        dwell_minutes_max=fresh_minutes_max,
    )


def comes_to_door(one: Chosen, taxonomy: Taxonomy) -> bool:
    """Whether it is done at the customer's: a courier's way ends there, a car is boarded there."""
    category = taxonomy.categories.get(one.product.category)
    return one.part.role == "delivery" or (category is not None and category.delivery == "site")


def work_of(capability: Capability, quantity: int) -> tuple[int, int]:
    """The notice and the work, in minutes, of a job by a capability; the lead that is named holds both."""
    work = min(capability.lead_minutes, MINUTES_A_PIECE * quantity, INTERRUPTED_FROM_MINUTES)
    return capability.lead_minutes - work, work


def reliability_of(trust: TrustRecord) -> Reliability:
    """How far somebody's word can be built on, from its record."""
    if trust.on_time >= RELIABLE_FROM and trust.orders >= KNOWN_FROM_ORDERS:
        return "high"
    return "medium" if trust.on_time >= FAIR_FROM or trust.orders < KNOWN_FROM_ORDERS else "low"


def _notice_minutes(one: Chosen) -> int:
    own = own_work(one.product, one.part.options.get("customization"))
    lead = one.product.lead_minutes + (own.lead_minutes if own else 0)
    is_service = one.product.kind in {"service", "experience"}
    return lead if is_service else max(lead - one.product.work_minutes, 0)
