"""Routes: would it be in time? A plan of legs, or of what could be ordered; nothing is kept or reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.errors import INVALID, AppError, FieldError
from shared.money.amounts import Money
from shared.orders.order import Destination
from shared.people.access import PUBLIC
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Routes
from triggers.http_orders import NewLine, chosen_of, refused
from triggers.parse import Input, Output, When

if TYPE_CHECKING:
    from shared.logistics.timechain.schedule import Plan

routes = Routes("time-chain")
LEGS_MAX = 100
LegName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]


class PlainLeg(Input):
    """One leg; after: the ids of those before it, lag_minutes after they end."""

    id: LegName
    kind: Literal["pickup", "processing", "customization", "assembly", "delivery", "wait"] = "processing"
    minutes: int = Field(ge=0, le=525_600)
    after: list[LegName] = Field(default_factory=list, max_length=LEGS_MAX)
    lag_minutes: int = Field(default=0, ge=0, le=525_600)
    not_before: When | None = None


class Wanted(Input):
    """Legs as they are, or lines or a bundle of the catalog; by when, and where to."""

    legs: list[PlainLeg] = Field(default_factory=list, max_length=LEGS_MAX)
    lines: list[NewLine] = Field(default_factory=list, max_length=20)
    bundle_id: str | None = Field(default=None, max_length=63)
    deliver_to: Destination | None = None
    deliver_by: When


class PlannedLeg(Output):
    """When a leg happens at the earliest, and how much later it could."""

    id: str
    kind: str
    title: str
    start: AwareDatetime
    end: AwareDatetime
    slack_minutes: int
    is_critical: bool


class AlternativeView(Output):
    """What would work instead."""

    kind: Literal["later"]
    words: str
    deliver_by: AwareDatetime


class PlanView(Output):
    """Whether it holds; binding_leg: the one that most is lost on, misses_by_minutes: by how much it does not."""

    feasible: bool
    legs: list[PlannedLeg]
    arrives: AwareDatetime | None
    binding_leg: str | None
    misses_by_minutes: int
    why: str
    total: Money | None
    alternatives: list[AlternativeView]


@routes.post(
    "/api/v1/time-chain/plan",
    need=PUBLIC,
    action=AgentAction("plan_time_chain", "Whether an order would be there in time, leg by leg, and what binds it."),
)
async def plan_time_chain(body: Wanted, deps: Deps, about: About) -> PlanView:
    """Whether it can be there in time, leg by leg, and if not, which leg binds and what would work."""
    given = [bool(body.legs), bool(body.lines), body.bundle_id is not None]
    if sum(given) != 1:
        raise refused("legs", "Send legs, lines or a bundle_id, one of them.")
    if body.legs:
        return _of_legs(body, about)
    if body.deliver_to is None:
        raise refused("deliver_to", "Where to? Send address, lat and lng.")
    return await _of_catalog(body, body.deliver_to, deps, about)


def _of_legs(body: Wanted, about: About) -> PlanView:
    from shared.logistics.timechain.minutes import minute_from, minute_until  # noqa: PLC0415
    from shared.logistics.timechain.model import BadChain, Chain, Leg, Precedence  # noqa: PLC0415
    from shared.logistics.timechain.schedule import plan  # noqa: PLC0415

    legs = tuple(
        Leg(one.id, one.kind, one.minutes, ready_from=minute_from(one.not_before) if one.not_before else None)
        for one in body.legs
    )
    order = tuple(Precedence(before, one.id, lag_min=one.lag_minutes) for one in body.legs for before in one.after)
    try:
        found = plan(Chain(legs, order, start=minute_from(about.now), deadline=minute_until(body.deliver_by)))
    except BadChain as bad:
        raise AppError(INVALID, f"body.legs: {bad}", [FieldError("body.legs", str(bad))]) from None
    return _view(found, None)


async def _of_catalog(body: Wanted, to: Destination, deps: Deps, about: About) -> PlanView:
    from shared.orders.quote import NotForSale, Quoter  # noqa: PLC0415

    await deps.catalog_ready()
    await deps.scout.refresh()
    try:
        chosen, bundle = await chosen_of(body.lines, body.bundle_id, deps)
        quote = await Quoter(deps.scout, deps.taxonomy).quote(chosen, bundle, to, body.deliver_by, about.now)
    except NotForSale as no:
        raise refused(no.field, no.reason) from None
    return _view(quote.plan, quote.total)


def _view(plan: Plan, total: Money | None) -> PlanView:
    from shared.logistics.timechain.minutes import moment_of  # noqa: PLC0415

    legs = [
        PlannedLeg(
            id=leg.id,
            kind=leg.kind,
            title=leg.name,
            start=moment_of(plan.starts[leg.id]),
            end=moment_of(plan.ends[leg.id]),
            slack_minutes=plan.slack[leg.id],
            is_critical=leg.id in plan.critical_path,
        )
        for leg in plan.chain.legs
        if leg.id in plan.starts
    ]
    arrives = moment_of(plan.finish) if plan.finish is not None else None
    later = []
    if not plan.is_feasible and arrives is not None:
        later = [AlternativeView(kind="later", words=f"{plan.misses_by} minutes later it holds.", deliver_by=arrives)]
    return PlanView(
        feasible=plan.is_feasible,
        legs=legs,
        arrives=arrives,
        binding_leg=plan.binding,
        misses_by_minutes=plan.misses_by,
        why=plan.why,
        total=total,
        alternatives=later,
    )
