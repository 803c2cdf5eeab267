"""A hub: where parts of several partners come together, are assembled and handed over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.discovery.hours import Hours
from shared.discovery.partners import CAPABILITIES_MAX, Capability, Contact, Line, PartnerId, Place, TrustRecord
from shared.records import Container, Record


class Hub(Record):
    """One hub. shelf_litres, cold_litres: room; dwell_minutes_max: how long a part may stay; jobs_per_day: capacity."""

    id: PartnerId
    name: Line
    place: Place
    hours: Hours
    contact: Contact
    reach_km: float = Field(default=25, ge=0, le=1_000)
    capabilities: Annotated[tuple[Capability, ...], Field(max_length=CAPABILITIES_MAX)] = ()
    jobs_per_day: int = Field(default=100, ge=0, le=100_000)
    handling_minutes: int = Field(default=15, ge=0, le=10_000)
    dwell_minutes_max: int = Field(default=1_440, ge=0, le=100_000)
    shelf_litres: int = Field(default=1_000, ge=0)
    cold_litres: int = Field(default=0, ge=0)
    minor_per_job: int = Field(default=0, ge=0, le=1_000_000)
    trust: TrustRecord = Field(default_factory=TrustRecord)


HUBS = Container("hubs", Hub, "id")
