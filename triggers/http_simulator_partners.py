"""Routes: simulated partners; to customers and to the rest of the platform they are partners like all others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.discovery.hours import WEEKDAYS, Hours
from shared.discovery.partners import (
    CAPABILITIES_MAX,
    PARTNERS,
    Capability,
    Contact,
    Line,
    Partner,
    Place,
    Policies,
    Tag,
    TrustRecord,
)
from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.logistics.geo import Point
from shared.records import ChangedMeanwhile, Query, Write
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Output, Paging
from triggers.simulating import STAFF, made, partner_of, refused

routes = Routes("simulator")
PARTNERS_PATH = "/api/v1/simulator/partners"
PRODUCTS_PATH = "/api/v1/simulator/products"
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
SHOWN = ("active", "paused")


class PlaceBody(Input):
    """Where a partner is; region: else that of the nearest partner."""

    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)
    address: Line | None = None
    region: Tag | None = None


class PartnerBody(Input):
    """A simulated partner. kind: its business, such as florist; hours: else it never closes."""

    name: Line
    kind: Tag
    about: str = Field(default="", max_length=2_000)
    place: PlaceBody
    contact: Contact
    hours: Hours | None = None
    trust: TrustRecord = Field(default_factory=TrustRecord)
    policies: Policies = Field(default_factory=Policies)
    reach_km: float = Field(default=25, ge=0, le=20_000)
    capabilities: Annotated[list[Capability], Field(max_length=CAPABILITIES_MAX)] = Field(default_factory=list)
    tier: Literal["standard", "premium", "luxury"] = "standard"
    currency: Literal["USD", "EUR", "GBP", "CAD", "MXN"] = "USD"
    accepts_alone: bool = Field(default=True, description="Whether orders within stock are taken without asking.")


class PartnerChange(Input):
    """What becomes of a simulated partner; what is left out stays."""

    name: Line | None = None
    kind: Tag | None = None
    about: str | None = Field(default=None, max_length=2_000)
    place: PlaceBody | None = None
    contact: Contact | None = None
    hours: Hours | None = None
    trust: TrustRecord | None = None
    policies: Policies | None = None
    reach_km: float | None = Field(default=None, ge=0, le=20_000)
    capabilities: Annotated[list[Capability], Field(max_length=CAPABILITIES_MAX)] | None = None
    tier: Literal["standard", "premium", "luxury"] | None = None
    accepts_alone: bool | None = None
    status: Literal["active", "paused"] | None = None


class PartnerList(Output):
    """Simulated partners."""

    items: list[Partner]
    next: str | None


class PartnerQuery(Paging):
    """status: those alone; else all that are not closed."""

    status: Literal["active", "paused", "closed"] | None = None


@routes.post(PARTNERS_PATH, need=STAFF, status=201, errors=(CONFLICT,))
async def create_simulated_partner(body: PartnerBody, deps: Deps, about: About) -> Answer[Partner]:
    """Open a simulated partner; customers find it as soon as it has products."""
    from shared.simulator.partners import PREFIX, slug_of  # noqa: PLC0415  with the first one, not with the app

    await deps.catalog_ready()
    given = body.model_dump()
    partner_id = f"{PREFIX}{slug_of(body.name)}-{work_id(about, 'simulator', body.name)[:8]}"
    hours = given["hours"] or {"time_zone": deps.settings.time_zone, "week": dict.fromkeys(WEEKDAYS, "0:00-24:00")}
    place = await _place(body.place, deps)
    partner = made(Partner, {**given, "id": partner_id, "place": place, "hours": hours, "is_simulated": True})
    await _reach(partner, deps)
    there = await deps.store.get(PARTNERS, partner_id, partner_id)
    if there is None:
        await deps.store.apply(PARTNERS, partner_id, [Write("put", partner)])
    await deps.scout.refresh()
    return Answer(there.value if there else partner, location=f"{PARTNERS_PATH}/{partner_id}")


@routes.get(PARTNERS_PATH, need=STAFF)
async def list_simulated_partners(query: PartnerQuery, deps: Deps) -> PartnerList:
    """Simulated partners."""
    where = {"is_simulated": True, "status": query.status or {"in": SHOWN}}
    page = await deps.store.query(PARTNERS, Query(where, limit=query.limit, after=query.after))
    return PartnerList(items=[stored.value for stored in page.items], next=page.next)


@routes.get(f"{PARTNERS_PATH}/{{partner_id}}", need=STAFF)
async def get_simulated_partner(partner_id: str, deps: Deps) -> Partner:
    """A simulated partner, closed ones too."""
    from shared.simulator.partners import simulated  # noqa: PLC0415

    stored = await simulated(deps.store, partner_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such simulated partner.")
    return stored.value


@routes.patch(f"{PARTNERS_PATH}/{{partner_id}}", need=STAFF, errors=(CONFLICT,))
async def change_simulated_partner(partner_id: str, body: PartnerChange, deps: Deps) -> Partner:
    """Change a simulated partner; customers see it from the next search on."""
    said = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if body.place is not None:
        said["place"] = await _place(body.place, deps)
    return await _changed(partner_id, said, deps)


@routes.delete(f"{PARTNERS_PATH}/{{partner_id}}", need=STAFF, errors=(CONFLICT,))
async def close_simulated_partner(partner_id: str, deps: Deps, about: About) -> Partner:
    """Close a simulated partner and take its products out of search; no scenario speaks for it any more."""
    from shared.simulator.scenario_book import unassign  # noqa: PLC0415
    from shared.simulator.shelf import clear_shelf  # noqa: PLC0415

    await partner_of(partner_id, deps)
    await unassign(deps.store, {partner_id}, about.now)
    await clear_shelf(deps.store, partner_id, about.now)
    return await _changed(partner_id, {"status": "closed"}, deps)


async def _place(body: PlaceBody, deps: Deps) -> Place:
    from shared.simulator.partners import NO_REGION  # noqa: PLC0415

    point = Point(lat=body.lat, lng=body.lng)
    await deps.scout.partners.refresh()
    region = body.region or deps.scout.partners.region_of(point) or NO_REGION
    return Place(address=body.address or f"{body.lat:.5f}, {body.lng:.5f}", point=point, region=region)


async def _reach(partner: Partner, deps: Deps) -> None:
    """Let what the partner is told reach the simulator; raises AppError for an address that cannot be, or is taken."""
    from shared.dialogue.messages import recipient_problem  # noqa: PLC0415
    from shared.simulator.partners import BY_ID, PLAYED, Taken, reach, ways_of  # noqa: PLC0415

    for way in ways_of(partner.contact):
        if way.channel not in PLAYED:
            raise refused("contact.channel", f"It is one of {', '.join(PLAYED)}.")
        problem = None if way.channel == BY_ID else recipient_problem(way.channel, way.address)
        if problem:
            raise refused("contact.address", f"It {problem}.")
    try:
        await reach(deps.store, partner.id, partner.contact, (await deps.scout.partners.refresh()).values())
    except Taken:
        raise AppError(CONFLICT, "Another partner is reached at that address; choose one of its own.") from None


async def _changed(partner_id: str, said: dict[str, Any], deps: Deps) -> Partner:
    """The partner once it was changed; raises AppError."""
    from shared.simulator.partners import simulated  # noqa: PLC0415

    await partner_of(partner_id, deps)
    stored = await simulated(deps.store, partner_id)
    assert stored is not None  # partners are closed, never deleted
    after = made(Partner, {**stored.value.model_dump(), **said})
    if "contact" in said:
        await _reach(after, deps)
    try:
        await deps.store.apply(PARTNERS, partner_id, [Write("replace", after, stored.etag)])
    except ChangedMeanwhile:
        raise AppError(CONFLICT, "Somebody else has changed the partner just now; send it again.") from None
    await deps.scout.refresh()
    return after
