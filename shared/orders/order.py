"""An order and its legs: one leg is one partner's part of it; and the only moves that both may make."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.discovery.hours import Hours
from shared.discovery.terms import LegKind, NodeKind, Visibility
from shared.logistics.geo import Point
from shared.money.amounts import Currency, Money
from shared.money.commands import Share
from shared.records import Container, Record
from shared.wire import Plain

LEGS_MAX = 30
TIMELINE_MAX = 500

OrderStatus = Literal[
    "placing", "awaiting_approval", "placed", "in_progress", "delivered", "completed", "failed", "cancelled"
]
OrderFact = Literal["ask", "approve", "confirm", "fail", "begin", "deliver", "complete", "cancel"]
LegStatus = Literal[
    "planned", "accepted", "in_progress", "customization_started", "customization_complete", "ready_for_pickup",
    "in_transit", "delivered", "rejected", "cancelled",
]  # fmt: skip
PartyKind = Literal["partner", "hub", "worker"]
Lock = Literal["none", "soft", "hard"]
"""How firmly a leg keeps its partner: hard, and even recovery may not choose another."""
Lateness = Literal["on_time", "late", "alerted", "prepared", "swap_proposed"]
EscrowStatus = Literal["none", "held", "released", "refunded", "disputed"]

ORDER_MOVES: dict[tuple[OrderStatus, OrderFact], OrderStatus] = {
    ("placing", "ask"): "awaiting_approval",
    ("awaiting_approval", "approve"): "placing",
    ("awaiting_approval", "fail"): "failed",
    ("placing", "confirm"): "placed",
    ("placing", "fail"): "failed",
    ("placed", "begin"): "in_progress",
    ("placed", "deliver"): "delivered",
    ("in_progress", "deliver"): "delivered",
    ("placed", "complete"): "completed",
    ("in_progress", "complete"): "completed",
    ("delivered", "complete"): "completed",
    ("placed", "cancel"): "cancelled",
}
"""Every other pair is refused."""

LEG_MOVES: dict[LegStatus, frozenset[LegStatus]] = {
    "planned": frozenset({"accepted", "rejected", "cancelled"}),
    "accepted": frozenset({"in_progress", "cancelled"}),
    "in_progress": frozenset({"customization_started", "ready_for_pickup", "in_transit", "delivered"}),
    "customization_started": frozenset({"customization_complete"}),
    "customization_complete": frozenset({"ready_for_pickup", "delivered"}),
    "ready_for_pickup": frozenset({"in_transit", "delivered"}),
    "in_transit": frozenset({"delivered"}),
    "delivered": frozenset(),
    "rejected": frozenset(),
    "cancelled": frozenset(),
}
"""Where a leg may go from where it stands."""


class Line(Plain):
    """What is bought of one product; extra_minor: the seller's own work on all pieces."""

    product: str
    title: str
    quantity: int = Field(ge=1, le=10_000)
    unit_price: Money
    extra_minor: int = 0
    options: dict[str, str] = Field(default_factory=dict)


class Hold(Plain):
    """What is reserved for a leg: a key of the capacity entity, how many units, and the limit if none is set yet."""

    key: str
    units: int
    limit: int
    limit_at: AwareDatetime


class Timing(Plain):
    """What a leg's times follow from, as it was when it was ordered, so that they can be reckoned anew at any time.

    notice_minutes: from the order, or from when that arrives which is worked on, until work may begin, by the wall's
    clock; minutes: of work; buffer_minutes: kept in reserve behind it; hours: when work is done, None for always;
    point: where; dwell_minutes_max: how long what arrives may wait there (perishables, a hub's shelf).
    """

    kind: LegKind
    notice_minutes: int = Field(default=0, ge=0)
    minutes: int = Field(ge=0)
    buffer_minutes: int = Field(default=0, ge=0)
    is_interruptible: bool = False
    hours: Hours | None = None
    point: Point
    dwell_minutes_max: int | None = None


class Proof(Plain):
    """That something was handed over: a photo or a signature, by the name of its blob."""

    kind: Literal["photo", "signature"]
    blob: str
    at: AwareDatetime


class OrderLeg(Plain):
    """One party's part of an order.

    partner: the id of the partner, hub or worker (party) who does it. after: the ids of the legs before it. starts,
    ends: as planned, and reckoned anew while the order runs; began, ended: as it came to pass; opened: since when its
    task is there to be done. shares: of its price. replaces: the leg it stands in for.
    """

    id: Annotated[str, Field(pattern=r"^leg-\d{1,3}$")]
    party: PartyKind = "partner"
    partner: str
    partner_name: str
    role: NodeKind
    title: str = ""
    lines: tuple[Line, ...]
    timing: Timing | None = None
    price: Money
    shares: tuple[Share, ...]
    holds: tuple[Hold, ...] = ()
    after: tuple[str, ...] = ()
    starts: AwareDatetime
    ends: AwareDatetime
    status: LegStatus = "planned"
    escrow: EscrowStatus = "none"
    shows_partner: bool = True
    accepts_alone: bool = True
    lock: Lock = "none"
    replaces: str | None = None
    opened: AwareDatetime | None = None
    began: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    proof: Proof | None = None


class Happening(Plain):
    """Something that came to pass; id: the same happening told again is one."""

    id: str
    at: AwareDatetime
    what: str
    leg: str | None = None


class Destination(Plain):
    """Where it is to go; lat, lng: degrees, WGS 84."""

    address: Annotated[str, Field(min_length=1, max_length=300)]
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lng: float = Field(ge=-180, le=180, allow_inf_nan=False)

    @property
    def point(self) -> Point:
        """The same as a point."""
        return Point(lat=self.lat, lng=self.lng)


class BundleRef(Plain):
    """The bundle that was ordered."""

    id: str
    title: str
    visibility: Visibility


class Order(Record):
    """One order.

    payment: the provider's id once authorised; mandate: the agent's consent it was paid by; approval: what the customer
    was asked before. arrives: as promised; expected: as reckoned last, None while that is the same. lateness: how far
    that has been told. confirmed_at: when the customer said that it has arrived. stirred_at: when somebody changed it
    and its flow has not looked since. reason: why it failed, for the customer.
    """

    customer: str
    agent: str | None = None
    mandate: str | None = None
    approval: str | None = None
    status: OrderStatus = "placing"
    legs: Annotated[tuple[OrderLeg, ...], Field(min_length=1, max_length=LEGS_MAX)]
    total: Money
    currency: Currency
    deliver_to: Destination
    deliver_by: AwareDatetime
    arrives: AwareDatetime
    expected: AwareDatetime | None = None
    lateness: Lateness = "on_time"
    confirmed_at: AwareDatetime | None = None
    stirred_at: AwareDatetime | None = None
    method: str
    payment: str | None = None
    bundle: BundleRef | None = None
    reason: str | None = None
    timeline: Annotated[tuple[Happening, ...], Field(max_length=TIMELINE_MAX)] = ()
    created_at: AwareDatetime
    updated_at: AwareDatetime

    def leg(self, leg_id: str) -> OrderLeg | None:
        """The leg of this id."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)


ORDERS = Container("orders", Order, "id", indexes=("customer,created_at", "status", "customer", "stirred_at"))


def reply_event(leg_id: str) -> str:
    """The event by which a partner answers about a leg: `leg-1` → `reply_leg_b`; events have no digits."""
    number = leg_id.removeprefix("leg-")
    return "reply_leg_" + "".join(chr(ord("a") + int(digit)) for digit in number)
