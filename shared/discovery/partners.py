"""A partner: a shop, artisan, service, courier or hub, as discovery and the time-chain need to know it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.discovery.hours import Hours, spans_written
from shared.logistics.geo import Point
from shared.money.commission import BasisPoints, CommissionRate
from shared.people.pro_agent import RULES_MAX, Rule
from shared.records import Container, Record
from shared.wire import Plain

CAPABILITIES_MAX = 50
PartnerId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
"""A capability, as data/taxonomy names them: `embroidery`, `gift-wrapping`, `same-day-delivery`."""
Text = Annotated[str, Field(min_length=1, max_length=4_000)]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class Place(Plain):
    """Where somebody is; region: the city or area that promotions and fees go by."""

    address: Line
    point: Point
    region: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
    neighbourhood: Annotated[str, Field(max_length=80)] = ""


class Capability(Plain):
    """One thing a partner can do, and how far it goes.

    minor_per_unit: price of one unit of work in minor units of the partner's currency; unit: what is counted (`item`,
    `character`, `hour`, `km`, `person`); setup_minor: once a job. per_day: jobs it takes a day. characters_max,
    colours_max, positions: limits of a customization; 0 and empty where they do not apply. party_max: people.
    """

    tag: Tag
    minor_per_unit: int = Field(default=0, ge=0, le=10_000_000)
    unit: Literal["item", "character", "hour", "km", "person", "job", "day"] = "job"
    setup_minor: int = Field(default=0, ge=0, le=10_000_000)
    lead_minutes: int = Field(default=0, ge=0, le=525_600)
    per_day: int = Field(default=100, ge=0, le=1_000_000)
    characters_max: int = Field(default=0, ge=0, le=10_000)
    colours_max: int = Field(default=0, ge=0, le=1_000)
    positions: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    party_max: int = Field(default=0, ge=0, le=100_000)


class TrustRecord(Plain):
    """What trust rests on: papers that were checked, and how the last orders went, in basis points."""

    has_licence: bool = False
    has_insurance: bool = False
    has_tax_id: bool = False
    has_identity: bool = False
    orders: int = Field(default=0, ge=0)
    on_time: BasisPoints = 0
    completed: BasisPoints = 0
    rating_hundredths: int = Field(default=0, ge=0, le=500, description="Average stars times a hundred.")
    ratings: int = Field(default=0, ge=0)


class Policies(Plain):
    """What a partner promises, in words and figures."""

    cancellation: Annotated[str, Field(max_length=500)] = ""
    returns: Annotated[str, Field(max_length=500)] = ""
    return_days: int = Field(default=0, ge=0, le=365)


class Address(Plain):
    """A channel and somebody's address there."""

    channel: Literal["whatsapp", "sms", "email", "api", "web"]
    address: Annotated[str, Field(min_length=1, max_length=254)]


class Contact(Address):
    """How a partner wants to be reached.

    quiet_hours: when the telephone is not to ring for what can wait, every day, in the partner's own time, such as
    `21:00-8:00`; empty: never. fallback: where to turn when the channel fails.
    """

    quiet_hours: Annotated[str, Field(max_length=100), AfterValidator(spans_written)] = ""
    fallback: Address | None = None


class Partner(Record):
    """One business. kind: what people call it (`florist`); tier: its class of service; reach_km: how far it serves.

    accepts_alone: orders within stock and capacity are accepted without asking; if not, those that a rule of its
    pro_agent accepts are.
    """

    id: PartnerId
    name: Line
    kind: Tag
    about: Annotated[str, Field(max_length=2_000)] = ""
    tier: Literal["standard", "premium", "luxury"] = "standard"
    place: Place
    reach_km: float = Field(default=25, ge=0, le=20_000)
    hours: Hours
    contact: Contact
    currency: Literal["USD", "EUR", "GBP", "CAD", "MXN"] = "USD"
    capabilities: Annotated[tuple[Capability, ...], Field(max_length=CAPABILITIES_MAX)] = ()
    trust: TrustRecord = Field(default_factory=TrustRecord)
    policies: Policies = Field(default_factory=Policies)
    commission: CommissionRate | None = None
    tracking_id: Annotated[str, Field(pattern=r"^([a-z0-9-]{4,40})?$")] = ""
    status: Literal["active", "paused", "closed"] = "active"
    accepts_alone: bool = True
    pro_agent: Annotated[tuple[Rule, ...], Field(max_length=RULES_MAX)] = ()
    is_simulated: bool = False


PARTNERS = Container("partners", Partner, "id", indexes=("kind", "status", "is_simulated"))
