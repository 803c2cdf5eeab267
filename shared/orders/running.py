"""An order on its way: when it will be there, how late that is, and when it must be looked at again.

All of it follows from the order's record and the moment; whoever runs an order asks here and writes down the answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.logistics.capacity import on_day
from shared.logistics.timechain.minutes import minute_from, minute_until, moment_of
from shared.logistics.timechain.model import Chain
from shared.logistics.timechain.progress import progressed
from shared.logistics.timechain.schedule import Plan
from shared.logistics.timechain.schedule import plan as plan_of
from shared.money.legs import AUTO_RELEASE_HOURS
from shared.orders import planning
from shared.orders.legs import is_all_delivered, is_live, live
from shared.orders.order import Hold, Lateness, Order, OrderLeg

LATE_MINUTES, ALERT_MINUTES, PREPARE_MINUTES, SWAP_MINUTES = 15, 20, 30, 45
"""From how many minutes behind its promise an order is late, staff are alerted, a replacement is prepared, proposed."""
LEFT_MINUTES_MIN = 30
"""A late order is to be replaced, too, once less than its delay and this is left until the deadline."""
LOOK_AHEAD = timedelta(days=7)
"""The longest time that nobody looks at an order whose parties are silent."""
STAGES: tuple[Lateness, ...] = ("on_time", "late", "alerted", "prepared", "swap_proposed")


def releases_at(order: Order) -> datetime | None:
    """When a silent customer's legs are released; None before delivery."""
    return order.delivered_at + timedelta(hours=AUTO_RELEASE_HOURS) if order.delivered_at else None


def is_released_by(order: Order, now: datetime) -> bool:
    """Whether those who worked are to be paid: the customer has confirmed, or said nothing for long enough."""
    until = releases_at(order)
    return order.confirmed_at is not None or (until is not None and now >= until)


# --- time


def chain_at(order: Order, now: datetime) -> Chain:
    """The Time-Chain with what has come to pass until now."""
    legs = live(order)
    started: dict[str, int] = {}
    ended: dict[str, int] = {}
    for leg in legs:
        _noticed(order, leg, started, ended)
        if leg.began or leg.ended:
            started[leg.id] = minute_from(leg.began or leg.ended or now)
        if leg.ended:
            ended[leg.id] = max(minute_from(leg.ended), started[leg.id])
    chain = planning.chain_of(legs, minute_from(order.begins), minute_until(order.deliver_by))
    return progressed(chain, minute_from(now), started, ended)


def _noticed(order: Order, leg: OrderLeg, started: dict[str, int], ended: dict[str, int]) -> None:
    """A leg's notice runs from when it was ordered, or what it works on was there; it is over once work has begun."""
    since = leg.opened if leg.role in planning.WORKS_ON_OTHERS else leg.since or order.begins
    if since is None:
        return
    name = planning.notice_of(leg.id)
    started[name] = minute_from(since)
    if leg.began:
        ended[name] = max(started[name], min(minute_from(leg.began), started[name] + leg.timing.notice_minutes))


def reckoned(order: Order, now: datetime) -> Order:
    """The order with the times that its legs will have if all goes well from now on."""
    plan = plan_of(chain_at(order, now))
    if plan.finish is None:
        return order
    legs = tuple(_timed(leg, plan) if is_live(leg) else leg for leg in order.legs)
    expected = moment_of(plan.finish)
    return order.model_copy(update={"legs": legs, "expected": expected if expected != order.arrives else None})


def begun_anew(order: Order, now: datetime) -> Order | None:
    """The order as it will be if it begins only now, such as after a long approval; None if it would come too late."""
    later = reckoned(order.model_copy(update={"begins": now}), now)
    arrives = later.expected or later.arrives
    if arrives > order.deliver_by:
        return None
    legs = tuple(
        leg.model_copy(update={"holds": tuple(_on_its_day(leg, hold) for hold in leg.holds)}) for leg in later.legs
    )
    return later.model_copy(update={"legs": legs, "arrives": arrives, "expected": None})


def _on_its_day(leg: OrderLeg, hold: Hold) -> Hold:
    key = on_day(hold.key, leg.day)
    return hold if key == hold.key else hold.model_copy(update={"key": key})


def answer_by(order: Order, leg: OrderLeg, now: datetime) -> datetime:
    """The last moment at which something can be settled about a leg so that the order still comes in time."""
    later = reckoned(order, now)
    known = later.leg(leg.id)
    spare = order.deliver_by - (later.expected or later.arrives)
    return max(known.starts if known else leg.starts, now) + max(spare, timedelta(0))


def delay_minutes(order: Order) -> int:
    """How many minutes behind its promise an order is, as reckoned last; never below zero."""
    late = (order.expected or order.arrives) - order.arrives
    return max(0, int(late.total_seconds()) // 60)


def lateness(order: Order, now: datetime) -> Lateness:
    """How far an order that was just reckoned is behind."""
    delay = delay_minutes(order)
    if delay < LATE_MINUTES or is_all_delivered(order):
        return "on_time"
    left = (order.deliver_by - now).total_seconds() / 60
    if delay >= SWAP_MINUTES or left < delay + LEFT_MINUTES_MIN:
        return "swap_proposed"
    if delay >= PREPARE_MINUTES:
        return "prepared"
    return "alerted" if delay >= ALERT_MINUTES else "late"


def news_of_lateness(order: Order, now: datetime) -> tuple[Lateness, ...]:
    """The stages that an order has come to since the last was told, in their order."""
    here, told = STAGES.index(lateness(order, now)), STAGES.index(order.lateness)
    return STAGES[told + 1 : here + 1]


def looks_again_at(order: Order, now: datetime) -> datetime:
    """When an order must be looked at again though nobody says anything: its next stage of lateness, or its release."""
    until = releases_at(order)
    if until is not None:
        return until if until > now else now + LOOK_AHEAD
    return now + timedelta(minutes=_minutes_to_next_stage(order, now))


def _minutes_to_next_stage(order: Order, now: datetime) -> int:
    """Silence only ever makes an order later, so the moment is found by halving."""
    most = int(LOOK_AHEAD.total_seconds()) // 60
    here = max(STAGES.index(lateness(reckoned(order, now), now)), STAGES.index(order.lateness))
    first, last = 1, most
    if _stage_after(order, now, last) <= here:
        return most
    while first < last:
        middle = (first + last) // 2
        if _stage_after(order, now, middle) > here:
            last = middle
        else:
            first = middle + 1
    return first


def _stage_after(order: Order, now: datetime, minutes: int) -> int:
    then = now + timedelta(minutes=minutes)
    return STAGES.index(lateness(reckoned(order, then), then))


def _timed(leg: OrderLeg, plan: Plan) -> OrderLeg:
    starts, ends = moment_of(plan.starts[leg.id]), moment_of(plan.ends[leg.id])
    return leg.model_copy(update={"starts": leg.began or starts, "ends": leg.ended or ends})
