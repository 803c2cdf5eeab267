"""Routes: what would a change do to an order that runs? Nothing is altered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.errors import CONFLICT, FORBIDDEN, NOT_FOUND, AppError
from shared.money.amounts import Money
from shared.orders.order import Order
from shared.people.access import Caller, Need, Role, owns, scopes_of
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import AgentAction, Answer, Routes
from triggers.http_orders import NewLine, chosen_of, refused
from triggers.order_views import seen_order
from triggers.parse import Input, Output
from triggers.quoting import quoter_of

if TYPE_CHECKING:
    from shared.orders.conflicts import Edit, Moved, Option, Simulation

routes = Routes("orders")
TRIER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT, Role.ADMIN}))
ADDED_MAX = 5
REMOVED_MAX = 20
LegId = Annotated[str, Field(pattern=r"^leg-\d{1,3}$")]


class Replacing(Input):
    """Another thing in the place of a leg's."""

    leg_id: LegId
    line: NewLine


class Tried(Input):
    """A change: things to add, or legs to remove, or one to replace. occasion: what one must be in time for."""

    add: list[NewLine] = Field(default_factory=list, max_length=ADDED_MAX)
    remove: list[LegId] = Field(default_factory=list, max_length=REMOVED_MAX)
    replace: Replacing | None = None
    occasion: str = Field(default="", max_length=60, pattern=r"^[^\n\r]*$")


class LegImpact(Output):
    """When a leg ends without and with the change; null where it is not part of the order."""

    id: str
    title: str
    ends_before: AwareDatetime | None
    ends_after: AwareDatetime | None
    later_by_minutes: int
    late_minutes: int


class OptionView(Output):
    """Something to do; price: what it adds to the order, more: than the change itself; arrives: the last of it."""

    kind: Literal["proceed", "courier", "later", "drop"]
    words: str
    price: Money
    more: Money
    arrives: AwareDatetime
    courier: str | None


class SimulationView(Output):
    """What a change would do; suggestion, summary: the same sentence, as one would ask it."""

    order_id: str
    title: str
    is_possible: bool
    late_minutes: int
    legs: list[LegImpact]
    suggestion: str
    options: list[OptionView]
    summary: str


@routes.post(
    "/api/v1/orders/{order_id}/simulate",
    need=TRIER,
    errors=(CONFLICT, FORBIDDEN),
    action=AgentAction(
        "simulate_change", "What adding, removing or replacing something would do to a running order."
    ),
)
async def simulate_change(
    order_id: str,
    body: Tried,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> Answer[SimulationView]:
    """Who would come later, whether the customer would be late, what else would do, each with its price."""
    from shared.orders.chosen import NotForSale  # noqa: PLC0415  with the first simulation, not with the app
    from shared.orders.conflicts import simulated  # noqa: PLC0415

    order = await _running_order(order_id, caller, deps, about)
    await deps.catalog_ready()
    await deps.scout.refresh()
    edit = await _edit(body, deps)
    try:
        found = await simulated(quoter_of(deps, client, about.now), order, edit, about.now)
    except NotForSale as no:
        raise refused(no.field.replace("lines", "replace.line" if body.replace else "add", 1), no.reason) from None
    view = _view(order, found)
    return Answer(view, machine_readable=_machine_readable(order, view), adaptive_card=_card(view, deps))


async def _running_order(order_id: str, caller: Caller, deps: Deps, about: About) -> Order:
    """The order, for its customer, whoever acts for them, and staff."""
    order = (await seen_order(order_id, caller, deps, about)).value
    may = scopes_of(caller)
    if "operations:read" not in may:
        if not owns(caller, order.customer):
            audit.refused_object(caller, f"order {order_id}", about)
            raise AppError(NOT_FOUND, "There is no such order, or it is not yours to see.")
        if "orders:write" not in may:
            raise AppError(FORBIDDEN, "The token does not cover orders:write.")
    if order.status not in {"placed", "in_progress"}:
        raise AppError(CONFLICT, f"The order is {order.status}: there is nothing to try.")
    return order


async def _edit(body: Tried, deps: Deps) -> Edit:
    from shared.orders.conflicts import Edit  # noqa: PLC0415

    if sum([bool(body.add), bool(body.remove), body.replace is not None]) != 1:
        raise refused("add", "Send add, remove or replace, one of them.")
    if body.remove:
        return Edit(removes=tuple(dict.fromkeys(body.remove)), occasion=body.occasion)
    lines = [body.replace.line] if body.replace else body.add
    chosen, _ = await chosen_of(lines, None, deps, "replace.line" if body.replace else "add")
    gone = (body.replace.leg_id,) if body.replace else ()
    return Edit(tuple(chosen), gone, body.occasion)


def _view(order: Order, found: Simulation) -> SimulationView:
    return SimulationView(
        order_id=order.id,
        title=found.title,
        is_possible=found.is_possible,
        late_minutes=found.late,
        legs=[_leg(one) for one in found.legs],
        suggestion=found.words,
        options=[_option(one) for one in found.options],
        summary=found.words,
    )


def _leg(one: Moved) -> LegImpact:
    leg, shown = one.leg, one.leg.shows_partner
    later = int((one.after - one.before).total_seconds()) // 60 if one.before and one.after else 0
    return LegImpact(
        id=leg.id,
        title=leg.title if shown else leg.role,
        ends_before=one.before,
        ends_after=one.after,
        later_by_minutes=later,
        late_minutes=one.late,
    )


def _option(one: Option) -> OptionView:
    return OptionView(
        kind=one.kind, words=one.words, price=one.price, more=one.more, arrives=one.arrives, courier=one.courier
    )


def _machine_readable(order: Order, view: SimulationView) -> dict[str, Any]:
    """The order with what could be done to it, as schema.org says it (https://schema.org/UpdateAction)."""
    from shared.discovery.jsonld import decimal  # noqa: PLC0415

    actions = [
        {
            "@type": "UpdateAction",
            "name": option.words,
            "identifier": option.kind,
            "actionStatus": "https://schema.org/PotentialActionStatus",
            "endTime": option.arrives.isoformat(),
            "priceSpecification": {
                "@type": "PriceSpecification",
                "price": decimal(option.price),
                "priceCurrency": option.price.currency,
            },
        }
        for option in view.options
    ]
    return {
        "@context": "https://schema.org",
        "@type": "Order",
        "orderNumber": order.id,
        "description": view.suggestion,
        "potentialAction": actions,
    }


def _card(view: SimulationView, deps: Deps) -> dict[str, Any]:
    """The sentence, when each leg that moves would end, and a button for the best option of each kind."""
    zone = ZoneInfo(deps.settings.time_zone)
    from shared.dialogue.cards import card, text  # noqa: PLC0415

    moved = [leg for leg in view.legs if leg.ends_after and leg.ends_after != leg.ends_before]
    times = [text(_times(leg, zone), is_subtle=True, size="Small") for leg in moved]
    actions = [
        {
            "type": "Action.Execute",
            "title": f"{option.words} ({_price(option.more)})" if option.more.minor else option.words,
            "verb": "simulate_option",
            "data": {"order": view.order_id, "option": option.kind},
        }
        for number, option in enumerate(view.options)
        if option.kind not in {one.kind for one in view.options[:number]}
    ]
    return card([text(view.suggestion, weight="Bolder"), *times], actions)


def _times(leg: LegImpact, zone: ZoneInfo) -> str:
    ends = [at.astimezone(zone) for at in (leg.ends_before, leg.ends_after) if at is not None]
    return f"{leg.title}: {' → '.join(f'{at:%a %H:%M}' for at in ends)}"


def _price(money: Money) -> str:
    return f"+{money}" if money.minor > 0 else str(money)
