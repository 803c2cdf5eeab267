"""An order and its legs: one leg is one partner's part of it; and the only moves that both may make."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.discovery.hours import Hours
from shared.discovery.terms import LegKind, NodeKind, Visibility
from shared.logistics.geo import Point
from shared.logistics.travel import Mode
from shared.money.amounts import Currency, Money
from shared.money.commands import Share
from shared.money.payments import Action
from shared.nudges import Watched
from shared.records import Container
from shared.wire import Plain

LEGS_MAX = 30
ALTERNATIVES_MAX = 3
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
PartyWord = Literal["question", "accepted", "task", "cancelled"]
"""What a party is told: asked whether it takes a leg, thanked, that it is its turn, that it is called off."""
Lock = Literal["none", "soft", "hard"]
"""How firmly a leg keeps its partner: hard, and even recovery may not choose another."""
Lateness = Literal["on_time", "late", "alerted", "prepared", "swap_proposed"]
GivenUp = Literal["rejected", "unavailable", "damaged"]
"""Why a leg that was taken on will not be done, as its party or who comes after it says."""
EscrowStatus = Literal["none", "held", "released", "refunded", "disputed", "replaced"]

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
    ("in_progress", "cancel"): "cancelled",
}
"""Every other pair is refused."""

LEG_MOVES: dict[LegStatus, frozenset[LegStatus]] = {
    "planned": frozenset({"accepted", "rejected", "cancelled"}),
    "accepted": frozenset({"in_progress", "ready_for_pickup", "in_transit", "rejected", "cancelled"}),
    "in_progress": frozenset({"customization_started", "ready_for_pickup", "in_transit", "delivered", "rejected"}),
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
    """What is bought of one product; category: of the taxonomy; extra_minor: the seller's own work on all pieces."""

    product: str
    title: str
    category: str = ""
    quantity: int = Field(ge=1, le=10_000)
    unit_price: Money
    extra_minor: int = 0
    options: dict[str, str] = Field(default_factory=dict)


class Hold(Plain):
    """What is reserved for a leg: a key of the capacity entity, how many units, and the limit as far as it is known."""

    key: str
    units: int
    limit: int
    limit_at: AwareDatetime


class Timing(Plain):
    """What a leg's times follow from, as it was when it was ordered, so that they can be reckoned anew at any time.

    notice_minutes: from the order, or from when that arrives which is worked on, until work may begin, by the wall's
    clock; minutes: of work; buffer_minutes: kept in reserve behind it; hours: when work is done, None for always;
    point: where, for a courier's round where it ends; mode: how a courier goes. dwell_minutes_max: how long what is
    ready may be on its way until it has arrived (perishables), how long a hub keeps what comes.
    """

    kind: LegKind
    notice_minutes: int = Field(default=0, ge=0)
    minutes: int = Field(ge=0)
    buffer_minutes: int = Field(default=0, ge=0)
    is_interruptible: bool = False
    hours: Hours | None = None
    point: Point
    mode: Mode = "car"
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
    task is there to be done. shares: of its price. accepts_alone: its party is not asked; accepted_by: by which rule.
    why: its party was chosen where others would have done. replaces: the leg it stands in for; since: from when its
    notice runs, where that is not from the order's beginning. held_as: under which name its holds are reserved, where
    that is not its own. given_up: why it will not be done.
    """

    id: Annotated[str, Field(pattern=r"^leg-\d{1,3}$")]
    party: PartyKind = "partner"
    partner: str
    partner_name: str
    role: NodeKind
    title: str = ""
    lines: tuple[Line, ...]
    timing: Timing
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
    accepted_by: str = ""
    why: str = ""
    lock: Lock = "none"
    replaces: str | None = None
    held_as: str = ""
    given_up: GivenUp | None = None
    since: AwareDatetime | None = None
    opened: AwareDatetime | None = None
    began: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    proof: Proof | None = None

    @property
    def day(self) -> date:
        """On which it is done, by the clock of who does it: that is how many they can do in a day."""
        hours = self.timing.hours
        return hours.day_of(self.starts) if hours else self.starts.date()


class Happening(Plain):
    """Something that came to pass; id: the same happening told again is one; note: the words of the leg's party."""

    id: str
    at: AwareDatetime
    what: str
    leg: str | None = None
    note: str = ""


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


class Alternative(Plain):
    """What would do in the place of a leg that could not be had; more: than that was to cost."""

    leg: str
    product: str
    title: str
    partner_name: str
    price: Money
    more: Money

    @property
    def words(self) -> str:
        """The same for people."""
        if self.more.minor == 0:
            return f"{self.title} by {self.partner_name} for {self.price}"
        apart = f"{self.more} more" if self.more.minor > 0 else f"{-self.more} less"
        return f"{self.title} by {self.partner_name} for {self.price}, {apart}"


class Order(Watched):
    """One order.

    begins: from when its chain runs. asks: the customer decides in person before anything is done, until
    approval_until. payment: the provider's id once authorised; payment_action: what the customer's bank asks of them
    before. mandate: the agent's consent it is paid by; merchants: the partners that were asked for, all others being
    our choice. arrives: as promised; expected: as reckoned last, None while that is the same. lateness: how far that
    has been told. delivered_at: when the last leg was; confirmed_at: when the customer said so. reason: why it failed;
    alternatives: what else would do. standing: the standing intent it comes of.
    """

    customer: str
    agent: str | None = None
    mandate: str | None = None
    merchants: tuple[str, ...] = ()
    standing: str | None = None
    asks: bool = False
    approval_until: AwareDatetime | None = None
    status: OrderStatus = "placing"
    legs: Annotated[tuple[OrderLeg, ...], Field(min_length=1, max_length=LEGS_MAX)]
    total: Money
    currency: Currency
    deliver_to: Destination
    deliver_by: AwareDatetime
    begins: AwareDatetime
    arrives: AwareDatetime
    expected: AwareDatetime | None = None
    lateness: Lateness = "on_time"
    delivered_at: AwareDatetime | None = None
    confirmed_at: AwareDatetime | None = None
    method: str
    payment: str | None = None
    payment_action: Action | None = None
    alternatives: Annotated[tuple[Alternative, ...], Field(max_length=ALTERNATIVES_MAX)] = ()
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
