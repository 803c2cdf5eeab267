"""What comes first: 0.4 relevance + 0.3 boost + 0.2 quality + 0.1 margin, each part kept for the explanation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from shared.discovery.listing import Hit
from shared.discovery.partners import PartnerId, Tag
from shared.records import Container, Record
from shared.wire import Plain

EVERYWHERE = "everywhere"
RANKING_ID: Literal["ranking"] = "ranking"
BOOST_FLOOR = 0.25
"""No promotion lifts what is less relevant than this: an advertisement is still an answer."""

Share = Annotated[float, Field(ge=0, le=1)]


class Weights(Plain):
    """How much each part counts; they add up to one."""

    relevance: Share = 0.4
    boost: Share = 0.3
    quality: Share = 0.2
    margin: Share = 0.1

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.relevance + self.boost + self.quality + self.margin - 1) > 1e-9:
            raise ValueError("the four weights add up to 1")
        return self


class RankingSettings(Record):
    """How results are ranked; sponsored_max: how many of one answer may be lifted for money."""

    id: Literal["ranking"] = RANKING_ID
    weights: Weights = Field(default_factory=Weights)
    sponsored_max: int = Field(default=2, ge=0, le=20)


class Promotion(Record):
    """What is lifted, by how much (weight 0 to 1), when and where.

    target: the id of a product, bundle, partner or category.
    """

    id: PartnerId
    target: Annotated[str, Field(min_length=1, max_length=144)]
    kind: Literal["sponsored", "featured"]
    weight: Share
    starts: AwareDatetime
    ends: AwareDatetime
    region: Tag = EVERYWHERE

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.ends <= self.starts:
            raise ValueError("`ends` comes after `starts`")
        return self

    def is_in_force(self, at: datetime, region: str | None) -> bool:
        """Whether it counts at this moment for somebody in a region (None: nobody knows where)."""
        return self.starts <= at < self.ends and self.region in {EVERYWHERE, region}


RANKINGS = Container("rankings", RankingSettings, "id")
PROMOTIONS = Container("promotions", Promotion, "id", indexes=("ends", "region"))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: its value (0 to 1), its weight, and what it adds."""

    value: float
    weight: float

    @property
    def adds(self) -> float:
        """Its share of the score."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit with its score; lift: the boost it got, 0 to 1; label: why, for the customer to see.

    score: the sum of the parts, 0 to 1, as everybody sees it: in ten-thousandths, so that equal is equal.
    """

    hit: Hit
    weights: Weights
    lift: float
    label: Literal["sponsored", "featured"] | None
    score: float

    @property
    def relevance(self) -> Part:
        """How well it answers."""
        return Part(self.hit.relevance, self.weights.relevance)

    @property
    def boost(self) -> Part:
        """What its promotion adds."""
        return Part(self.lift, self.weights.boost)

    @property
    def quality(self) -> Part:
        """How good it and its partner are."""
        return Part(self.hit.quality, self.weights.quality)

    @property
    def margin(self) -> Part:
        """What is earned by it."""
        return Part(self.hit.margin, self.weights.margin)


def rank(hits: Iterable[Hit], settings: RankingSettings, promotions: Sequence[Promotion]) -> list[Ranked]:
    """The hits, best first; ties go by id.

    promotions: those in force; of the sponsored hits only the best few are lifted.
    """
    by_target = {promotion.target: promotion for promotion in sorted(promotions, key=lambda one: one.weight)}
    ranked = sorted((_scored(hit, settings.weights, _lift(hit, by_target)) for hit in hits), key=_order)
    sponsored = [one for one in ranked if one.label == "sponsored"]
    too_many = {one.hit.id for one in sponsored[settings.sponsored_max :]}
    if not too_many:
        return ranked
    plain = (_scored(one.hit, one.weights, None) if one.hit.id in too_many else one for one in ranked)
    return sorted(plain, key=_order)


def _order(one: Ranked) -> tuple[float, str]:
    return -one.score, one.hit.id


def _lift(hit: Hit, by_target: dict[str, Promotion]) -> Promotion | None:
    if hit.relevance < BOOST_FLOOR or not by_target:
        return None
    found = [by_target[target] for target in (hit.id, hit.partner, hit.category) if target in by_target]
    return max(found, key=lambda one: one.weight, default=None)


def _scored(hit: Hit, weights: Weights, promotion: Promotion | None) -> Ranked:
    lift = promotion.weight if promotion else 0.0
    score = (
        hit.relevance * weights.relevance
        + lift * weights.boost
        + hit.quality * weights.quality
        + hit.margin * weights.margin
    )
    return Ranked(hit, weights, lift, promotion.kind if promotion else None, round(score, 4))
