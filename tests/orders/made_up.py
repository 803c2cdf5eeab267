"""Legs of orders that nobody has placed, and a way to check their times that knows nothing of chains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from random import Random
from zoneinfo import ZoneInfo

from shared.discovery.hours import WEEKDAYS, Hours
from shared.logistics.geo import Point, distance_metres
from shared.logistics.timechain.minutes import minute_from, moment_of
from shared.logistics.travel import travel_minutes
from shared.money.amounts import Money
from shared.orders.order import Line, OrderLeg, Timing

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
START = minute_from(MONDAY)
HOME = Point(lat=30.2583, lng=-97.7826)
HUB = Point(lat=30.2684, lng=-97.7408)
AUSTIN = ZoneInfo("America/Chicago")
PRICE = Money(minor=1_000, currency="USD")
HAND_OVER = 10


def hours(span: str) -> Hours:
    return Hours(time_zone="America/Chicago", week=dict.fromkeys(WEEKDAYS, span))


ALWAYS, DAY = hours("0:00-24:00"), hours("9:00-17:00")


def leg(number: int, timing: Timing, *after: int, role: str = "product", **more: object) -> OrderLeg:
    line = Line(product=f"p{number}.X", title=f"thing {number}", quantity=1, unit_price=PRICE)
    return OrderLeg.model_validate(
        {
            "id": f"leg-{number}",
            "partner": f"p{number}",
            "partner_name": f"P{number}",
            "role": role,
            "title": f"thing {number}",
            "lines": (line,),
            "timing": timing,
            "price": PRICE,
            "shares": (),
            "after": tuple(f"leg-{one}" for one in after),
            "starts": MONDAY,
            "ends": MONDAY,
            **more,
        }
    )


def maker(number: int, point: Point, minutes: int, *after: int, **timing: object) -> OrderLeg:
    kind = "processing"
    return leg(number, Timing.model_validate({"kind": kind, "minutes": minutes, "point": point, **timing}), *after)


def embroiderer(number: int, point: Point, notice: int, minutes: int, *after: int, **timing: object) -> OrderLeg:
    given = {"kind": "customization", "notice_minutes": notice, "minutes": minutes, "point": point, **timing}
    return leg(number, Timing.model_validate(given), *after, role="customization")


def courier(number: int, to: Point, *after: int, kind: str = "delivery", **timing: object) -> OrderLeg:
    role = "delivery" if kind == "delivery" else "transport"
    given = {"kind": kind, "minutes": 0, "point": to, **timing}
    return leg(number, Timing.model_validate(given), *after, role=role)


def hub(number: int, minutes: int, *after: int, dwell: int = 600, **timing: object) -> OrderLeg:
    given = {"kind": "assembly", "minutes": minutes, "point": HUB, "dwell_minutes_max": dwell, **timing}
    return leg(number, Timing.model_validate(given), *after, role="assembly")


def somewhere(random: Random) -> Point:
    return Point(lat=round(random.uniform(30.20, 30.40), 4), lng=round(random.uniform(-97.80, -97.68), 4))


def some_order(random: Random, *, has_hub: bool, is_fresh: bool, dwell: int = 600) -> list[OrderLeg]:
    """Makers, some with an embroiderer behind them, fetched on a round to the door, or to a hub first."""
    legs: list[OrderLeg] = []
    doors = []
    for _ in range(random.randint(1, 4)):
        number = len(legs) + 1
        fresh = {"dwell_minutes_max": 1_440} if is_fresh and random.random() < 0.5 else {}
        notice, minutes = random.randint(0, 300), random.randint(0, 200)
        open_ = random.choice((ALWAYS, DAY, None))
        legs.append(maker(number, somewhere(random), minutes, notice_minutes=notice, hours=open_, **fresh))
        if random.random() < 0.4 and not fresh:
            number += 1
            legs.append(embroiderer(number, somewhere(random), random.randint(0, 1_500), 40, number - 1, hours=DAY))
        doors.append(number)
    if has_hub:
        doors = _over_hub(random, legs, doors, dwell)
    notice = random.randint(0, 90)
    legs.append(courier(len(legs) + 1, HOME, *doors, notice_minutes=notice, hours=hours("7:00-22:00")))
    return legs


def _over_hub(random: Random, legs: list[OrderLeg], doors: list[int], dwell: int) -> list[int]:
    halves = [doors] if len(doors) < 2 or random.random() < 0.5 else [doors[::2], doors[1::2]]
    fetched = []
    for half in halves:
        fetched.append(len(legs) + 1)
        legs.append(courier(fetched[-1], HUB, *half, kind="pickup", hours=hours("7:00-22:00")))
    legs.append(hub(len(legs) + 1, 35, *fetched, dwell=dwell, hours=hours("8:00-20:00")))
    return [len(legs)]


def walked(path: list[Point], depart: datetime) -> int:
    """Minutes of a round, door by door."""
    now = depart
    for here, there in pairwise(path):
        way = travel_minutes(here, there, now, "car", AUSTIN)
        assert way is not None
        now += timedelta(minutes=way + HAND_OVER)
    return max(int((now - depart).total_seconds()) // 60, HAND_OVER)


def shortest(doors: list[Point], to: Point) -> int:
    """Metres of the best of all orders."""
    return min(sum(distance_metres(a, b) for a, b in pairwise([*one, to])) for one in permutations(doors))


def is_open(at: OrderLeg, start: int, minutes: int) -> bool:
    """Whether work fits into one opening; work of no length into the moment of closing, too."""
    if at.timing.hours is None:
        return True
    spans = at.timing.hours.openings(moment_of(start) - timedelta(days=1))
    found = ((minute_from(opens), minute_from(closes)) for opens, closes in spans)
    return any(opens <= start and start + minutes <= closes for opens, closes in found)
