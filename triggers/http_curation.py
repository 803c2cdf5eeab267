"""Routes: how results are ranked, what is promoted, and the curated bundles. For curators."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from shared.discovery.bundles import BUNDLES, MADE, Bundle, Part
from shared.discovery.concierge import hidden_partners, leaks
from shared.discovery.partners import Tag
from shared.discovery.products import Title, Values
from shared.discovery.ranking import (
    EVERYWHERE,
    PROMOTIONS,
    RANKING_ID,
    RANKINGS,
    Promotion,
    RankingSettings,
    Share,
    Weights,
)
from shared.discovery.terms import Visibility
from shared.discovery.views import BundleView, bundle_view
from shared.errors import CHANGED, INVALID, NOT_FOUND, AppError, FieldError
from shared.money.amounts import NotNegativeMoney
from shared.people.access import Need, Role
from shared.records import Query, Record, Write
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.parse import Input, Output, Paging, When

routes = Routes("curation")
M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", bound=Record)
CURATOR = Need(roles=frozenset({Role.CURATOR}), scopes=frozenset({"curation:write"}))


class RankingBody(Input):
    """The four weights, which add up to one, and how many sponsored offers one answer may lift."""

    weights: Weights
    sponsored_max: int = Field(default=2, ge=0, le=20)


class PromotionBody(Input):
    """What is lifted, by how much, when and where."""

    target: str = Field(min_length=1, max_length=144, description="A product, bundle, partner or category id.")
    kind: Annotated[str, Field(pattern="^(sponsored|featured)$")]
    weight: Share
    starts: When
    ends: When
    region: Tag = EVERYWHERE


class PromotionList(Output):
    """Promotions, the next to end first."""

    items: list[Promotion]
    next: str | None


class PromotionQuery(Paging):
    """region: one of them, or everywhere."""

    region: Tag | None = None


class BundleBody(Input):
    """A bundle as a curator puts it together; price: None for what its parts cost together."""

    title: Title
    description: str = Field(default="", max_length=4_000)
    category: Tag
    attributes: Annotated[dict[Tag, Values], Field(max_length=20)] = Field(default_factory=dict)
    parts: Annotated[list[Part], Field(min_length=1, max_length=20)]
    price: NotNegativeMoney | None = None
    visibility: Visibility = "transparent"
    region: Tag
    party_min: int = Field(default=0, ge=0, le=100_000)
    party_max: int = Field(default=0, ge=0, le=100_000)
    status: Annotated[str, Field(pattern="^(draft|published|removed)$")] = "draft"


class BundleRecord(Output):
    """A bundle as it is kept, and as a customer will see it."""

    bundle: Bundle
    preview: BundleView


@routes.get("/api/v1/curation/ranking", need=CURATOR)
async def get_ranking(deps: Deps) -> Answer[RankingSettings]:
    """How results are ranked."""
    stored = await deps.store.get(RANKINGS, RANKING_ID, RANKING_ID)
    return Answer(stored.value, etag=stored.etag) if stored else Answer(RankingSettings())


@routes.put("/api/v1/curation/ranking", need=CURATOR, errors=(CHANGED, NOT_FOUND))
async def set_ranking(body: RankingBody, deps: Deps, about: About) -> Answer[RankingSettings]:
    """Set the weights; they count from the next search on."""
    settings = RankingSettings(weights=body.weights, sponsored_max=body.sponsored_max)
    (stored,) = await deps.store.apply(RANKINGS, RANKING_ID, [_written(settings, about)])
    assert stored is not None
    return Answer(settings, etag=stored.etag)


@routes.get("/api/v1/curation/promotions", need=CURATOR)
async def list_promotions(query: PromotionQuery, deps: Deps) -> PromotionList:
    """Promotions, past ones too."""
    where = {"region": query.region} if query.region else {}
    wanted = Query(where, order="ends", limit=query.limit, after=query.after)
    page = await deps.store.query(PROMOTIONS, wanted)
    return PromotionList(items=[stored.value for stored in page.items], next=page.next)


@routes.put("/api/v1/curation/promotions/{promotion_id}", need=CURATOR)
async def set_promotion(promotion_id: str, body: PromotionBody, deps: Deps) -> Promotion:
    """Set up or change a promotion."""
    promotion = _made(Promotion, {"id": promotion_id, **body.model_dump()})
    await deps.store.apply(PROMOTIONS, promotion.id, [Write("put", promotion)])
    return promotion


@routes.get("/api/v1/curation/bundles/{bundle_id}", need=CURATOR)
async def get_curated(bundle_id: str, deps: Deps, about: About) -> Answer[BundleRecord]:
    """A bundle, drafts too, and how customers see it."""
    stored = await deps.store.get(BUNDLES, bundle_id, bundle_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such bundle.")
    return Answer(await _record(stored.value, deps, about), etag=stored.etag)


@routes.put("/api/v1/curation/bundles/{bundle_id}", need=CURATOR, errors=(CHANGED, NOT_FOUND))
async def set_curated(bundle_id: str, body: BundleBody, deps: Deps, about: About) -> Answer[BundleRecord]:
    """Put a bundle together, change it, publish it or take it away; shown to customers from the next search on."""
    if bundle_id.startswith(MADE):
        raise _refused("bundle_id", f"Ids that begin with {MADE} are for bundles made to a wish; choose another.")
    given = body.model_dump()
    bundle = _made(Bundle, {"id": bundle_id, "updated_at": about.now, **given})
    record = await _record(bundle, deps, about)
    (stored,) = await deps.store.apply(BUNDLES, bundle_id, [_written(bundle, about)])
    assert stored is not None
    await deps.follower.catch_up()
    return Answer(record, etag=stored.etag)


def _written(record: R, about: About) -> Write[R]:
    """Whatever is there, or only what the caller has read."""
    return Write("replace", record, about.if_match) if about.if_match else Write("put", record)


async def _record(bundle: Bundle, deps: Deps, about: About) -> BundleRecord:
    """The bundle with its preview; raises AppError where a part cannot be had, or a hidden partner shows."""
    await deps.catalog_ready()
    await deps.scout.refresh()
    parts = []
    for number, part in enumerate(bundle.parts):
        found = await deps.scout.product(part.product)
        if found is None:
            raise _refused(f"parts[{number}].product", f"There is no product {part.product!r} that can be had.")
        if any(before >= number for before in part.after):
            raise _refused(f"parts[{number}].after", "A part comes after parts that stand before it.")
        parts.append(found)
    hidden = hidden_partners(bundle, [partner for _, partner in parts])
    for field, message in leaks(bundle, hidden):
        raise _refused(field, message)
    return BundleRecord(bundle=bundle, preview=bundle_view(bundle, parts, deps.taxonomy, about.origin))


def _made(model: type[M], given: dict[str, Any]) -> M:
    """A record of what was sent; raises AppError naming the field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise _refused(".".join(map(str, first["loc"])) or "", first["msg"]) from None


def _refused(field: str, message: str) -> AppError:
    return AppError(INVALID, f"body.{field}: {message}", [FieldError(f"body.{field}", message)])
