"""A gig worker: somebody who picks up and delivers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.discovery.hours import Hours
from shared.discovery.partners import Contact, Line, PartnerId, Place, TrustRecord
from shared.records import Container, Record


class Worker(Record):
    """One worker. place: where the day starts; hours: when they work; carries: what fits, in litres, and how."""

    id: PartnerId
    name: Line
    place: Place
    hours: Hours
    contact: Contact
    vehicle: Literal["foot", "bike", "car", "van", "cold-van"]
    carry_litres: int = Field(default=40, ge=1, le=100_000)
    reach_km: float = Field(default=20, ge=0, le=1_000)
    minor_per_job: int = Field(default=0, ge=0, le=100_000)
    minor_per_km: int = Field(default=0, ge=0, le=10_000)
    languages: Annotated[tuple[Annotated[str, Field(max_length=20)], ...], Field(max_length=10)] = ("en",)
    trust: TrustRecord = Field(default_factory=TrustRecord)
    status: Literal["active", "paused"] = "active"


WORKERS = Container("workers", Worker, "id")
