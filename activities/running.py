"""A running order, looked at: its times reckoned anew, and what its flow has to see to."""

from __future__ import annotations

from datetime import datetime

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import activity
from activities.orders import change_order
from shared.flows import PATIENT, Call, Refusal
from shared.nudges import Wakes, heard
from shared.orders.order import Lateness, Order, OrderStatus
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Looking(Plain):
    """Which order, and how its flow is woken from now on."""

    order: str
    wakes: Wakes


class GivenUpLeg(Plain):
    """A leg that somebody else is to take on."""

    leg: str
    why: str


class Look(Plain):
    """What a flow sees of an order.

    opens: legs whose tasks can begin; stages: of lateness that nobody has been told of; delay_minutes: behind its
    promise; is_void: all of it was given back; is_delivered: nothing is left to do; is_released: who worked is to be
    paid; is_settled: no money is held any more; held: legs whose money still is; given_up: legs that wait for somebody
    else; stalled: what a late order waits for; looks_again_at: when it is to be looked at though nobody says anything.
    """

    order: str
    status: OrderStatus
    opens: tuple[str, ...]
    stages: tuple[Lateness, ...]
    delay_minutes: int
    expected: AwareDatetime
    is_begun: bool
    is_void: bool
    is_delivered: bool
    is_released: bool
    is_settled: bool
    held: tuple[str, ...]
    given_up: tuple[GivenUpLeg, ...]
    stalled: str | None
    looks_again_at: AwareDatetime


class LatenessTold(Plain):
    """How far an order's lateness has been told."""

    order: str
    stage: Lateness


@activity(blueprint, retry=PATIENT)
async def look_at(deps: Deps, looking: Looking, call: Call) -> Look | Refusal:
    """Reckon an order's times anew, listen for its next change, and say what is to be seen to."""
    from shared.orders.running import reckoned  # noqa: PLC0415  with the first order that runs, not with the app

    seen: list[Order] = []

    def look(order: Order) -> Order:
        after = heard(reckoned(order, call.at), looking.wakes)
        seen.append(after)
        return after

    refusal = await change_order(deps, looking.order, look)
    return refusal or _look(seen[-1], call.at)


@activity(blueprint, retry=PATIENT)
async def note_lateness(deps: Deps, told: LatenessTold) -> Refusal | None:
    """Write down how far an order's lateness has been told."""
    return await change_order(deps, told.order, lambda order: order.model_copy(update={"lateness": told.stage}))


def _look(order: Order, now: datetime) -> Look:
    from shared.orders import legs, running  # noqa: PLC0415

    return Look(
        order=order.id,
        status=order.status,
        opens=tuple(leg.id for leg in legs.to_open(order)),
        stages=running.news_of_lateness(order, now),
        delay_minutes=running.delay_minutes(order),
        expected=order.expected or order.arrives,
        is_begun=any(leg.began or leg.ended for leg in order.legs),
        is_void=legs.is_void(order),
        is_delivered=legs.is_all_delivered(order),
        is_released=running.is_released_by(order, now),
        is_settled=legs.is_settled(order),
        held=tuple(leg.id for leg in legs.live(order) if leg.escrow == "held"),
        given_up=tuple(GivenUpLeg(leg=leg.id, why=leg.given_up or "rejected") for leg in legs.to_recover(order)),
        stalled=waited_for.id if (waited_for := legs.stalled(order, now)) else None,
        looks_again_at=running.looks_again_at(order, now),
    )
