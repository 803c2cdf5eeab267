"""Routes: would it be in time? A plan of legs, or of what could be ordered; nothing is kept or reserved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.errors import INVALID, AppError, FieldError
from shared.money.amounts import Money
from shared.orders.order import Destination
from shared.people.access import PUBLIC
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import AgentAction, Routes
from triggers.http_orders import LINES_MAX, NewLine, chosen_of, refused
from triggers.order_views import PartnerRef
from triggers.parse import Input, Output, When
from triggers.quoting import quoter_of

if TYPE_CHECKING:
    from shared.logistics.timechain.schedule import Plan
    from shared.orders.alternatives import Instead

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
    """Legs as they are, or lines or a bundle of the catalog; by when, and where to; meet_at_hub: as in an order."""

    legs: list[PlainLeg] = Field(default_factory=list, max_length=LEGS_MAX)
    lines: list[NewLine] = Field(default_factory=list, max_length=LINES_MAX)
    bundle_id: str | None = Field(default=None, max_length=63)
    deliver_to: Destination | None = None
    deliver_by: When
    meet_at_hub: bool | None = None


class PlannedLeg(Output):
    """When a leg happens at the earliest, and how much later it could."""

    id: str
    kind: str
    title: str
    start: AwareDatetime
    end: AwareDatetime
    slack_minutes: int
    is_critical: bool


class SwapView(Output):
    """A thing of another vendor in place of a line, the first being 0."""

    line: int
    product_id: str
    title: str
    price: Money
    partner: PartnerRef


class AlternativeView(Output):
    """What would work instead: what it costs in all and more than now, with which deadline it is asked for.

    courier, hub: who does it then. swaps: other vendors. later_lines: those that come in a second delivery.
    """

    kind: Literal["later", "courier", "vendor", "hub", "split"]
    words: str
    deliver_by: AwareDatetime
    arrives: AwareDatetime
    total: Money | None
    more: Money | None
    courier: str | None
    hub: str | None
    swaps: list[SwapView]
    later_lines: list[int]


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
async def plan_time_chain(
    body: Wanted, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> PlanView:
    """Whether it can be there in time, leg by leg, and if not, which leg binds and what would work."""
    given = [bool(body.legs), bool(body.lines), body.bundle_id is not None]
    if sum(given) != 1:
        raise refused("legs", "Send legs, lines or a bundle_id, one of them.")
    if body.legs:
        return _of_legs(body, about)
    if body.deliver_to is None:
        raise refused("deliver_to", "Where to? Send address, lat and lng.")
    return await _of_catalog(body, body.deliver_to, deps, about, client)


def _of_legs(body: Wanted, about: About) -> PlanView:
    from shared.logistics.timechain.minutes import minute_from, minute_until, moment_of  # noqa: PLC0415
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
    if found.is_feasible or found.finish is None:
        return _view(found, None, [])
    arrives = moment_of(found.finish)
    later = AlternativeView(
        kind="later",
        words=f"{found.misses_by} minutes later it holds.",
        deliver_by=arrives,
        arrives=arrives,
        total=None,
        more=None,
        courier=None,
        hub=None,
        swaps=[],
        later_lines=[],
    )
    return _view(found, None, [later])


async def _of_catalog(
    body: Wanted, to: Destination, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> PlanView:
    from shared.orders.alternatives import instead_of  # noqa: PLC0415  with the first plan, not with the app
    from shared.orders.chosen import NotForSale  # noqa: PLC0415

    await deps.catalog_ready()
    await deps.scout.refresh()
    quoter = quoter_of(deps, client, about.now)
    try:
        chosen, bundle = await chosen_of(body.lines, body.bundle_id, deps)
        quote = await quoter.quote(chosen, bundle, to, body.deliver_by, about.now, meet_at_hub=body.meet_at_hub)
    except NotForSale as no:
        raise refused(no.field, no.reason) from None
    return _view(quote.plan, quote.total, [_alternative(one) for one in await instead_of(quoter, quote)])


def _alternative(one: Instead) -> AlternativeView:
    return AlternativeView(
        kind=one.kind,
        words=one.words,
        deliver_by=one.deliver_by,
        arrives=one.arrives,
        total=one.total,
        more=one.more,
        courier=one.courier,
        hub=one.hub,
        swaps=[
            SwapView(
                line=swap.line,
                product_id=swap.product.id,
                title=swap.product.title,
                price=swap.product.price,
                partner=PartnerRef(id=swap.partner.id, name=swap.partner.name),
            )
            for swap in one.swaps
        ],
        later_lines=list(one.later),
    )


def _view(plan: Plan, total: Money | None, alternatives: Sequence[AlternativeView]) -> PlanView:
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
    return PlanView(
        feasible=plan.is_feasible,
        legs=legs,
        arrives=moment_of(plan.finish) if plan.finish is not None else None,
        binding_leg=plan.binding,
        misses_by_minutes=plan.misses_by,
        why=plan.why,
        total=total,
        alternatives=list(alternatives),
    )
