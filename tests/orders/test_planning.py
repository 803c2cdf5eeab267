"""The Time-Chain of an order's legs: to the minute by hand, and by rules that know nothing of chains."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.logistics.timechain.buffers import buffer_minutes
from shared.logistics.timechain.minutes import minute_from, moment_of
from shared.logistics.timechain.progress import progressed
from shared.logistics.timechain.schedule import plan as plan_of
from shared.logistics.travel import travel_minutes
from shared.orders.order import OrderLeg
from shared.orders.planning import TOGETHER_MINUTES, chain_of, is_fresh, is_round, notice_of, planned, round_of
from tests.orders.made_up import (
    ALWAYS,
    AUSTIN,
    DAY,
    HAND_OVER,
    HOME,
    HUB,
    MONDAY,
    START,
    Point,
    courier,
    embroiderer,
    hub,
    is_open,
    maker,
    some_order,
    somewhere,
    walked,
)

SHOP, ROOM = Point(lat=30.2987, lng=-97.7046), Point(lat=30.2937, lng=-97.7697)
WEEKS = 14 * 1_440


def way(here: Point, there: Point, at: int) -> int:
    minutes = travel_minutes(here, there, moment_of(at), "car", AUSTIN)
    assert minutes is not None
    return minutes


def test_by_hand_a_blank_its_monogram_and_the_courier() -> None:
    legs = [
        maker(1, SHOP, 10, notice_minutes=30, hours=DAY),
        embroiderer(2, ROOM, 120, 20, 1, buffer_minutes=7, hours=DAY),
        courier(3, HOME, 2, notice_minutes=15, hours=ALWAYS),
    ]
    timed, plan = planned(legs, START, START + WEEKS, {"leg-3": "high"})
    blank_ends = START + 30 + 10
    there = blank_ends + way(SHOP, ROOM, blank_ends) + HAND_OVER
    stitched = there + 120 + 20 + 7
    ride = walked([ROOM, HOME], moment_of(stitched))
    assert [minute_from(leg.starts) for leg in timed] == [START + 30, there + 120, stitched]
    assert timed[2].timing.minutes == ride
    assert plan.finish == stitched + ride + buffer_minutes("delivery", ride, "high")
    assert plan.is_feasible
    assert [leg.id for leg in plan.chain.legs] == [
        "leg-1:notice", "leg-1", "leg-2:notice", "leg-2", "leg-3:notice", "leg-3",
    ]  # fmt: skip


def test_in_rush_hours_the_reserve_is_larger() -> None:
    at_five = MONDAY + timedelta(hours=7)  # five in the afternoon in Austin
    legs = [maker(1, SHOP, 0), courier(2, HOME, 1, hours=ALWAYS)]
    timed, _ = planned(legs, minute_from(at_five), START + WEEKS, {"leg-2": "high"})
    ride = timed[1].timing
    assert ride.buffer_minutes == buffer_minutes("delivery", ride.minutes, "high", is_rush=True)
    assert ride.buffer_minutes > buffer_minutes("delivery", ride.minutes, "high")


def test_what_is_fresh_is_made_as_late_as_delays_nothing() -> None:
    legs = [
        maker(1, SHOP, 30, dwell_minutes_max=1_440, hours=DAY),
        maker(2, ROOM, 0, notice_minutes=3_000, hours=DAY),
        courier(3, HOME, 1, 2, hours=ALWAYS),
    ]
    timed, plan = planned(legs, START, START + WEEKS, {"leg-3": "medium"})
    assert timed[0].ends == timed[2].starts
    assert plan.starts["leg-1"] < minute_from(timed[0].starts), "the plan itself says how early it could be"
    assert plan.finish == minute_from(timed[2].ends)


def test_what_is_fresh_does_not_lie_about_even_if_all_comes_later_by_it() -> None:
    only_now = maker(1, SHOP, 30, dwell_minutes_max=1_440, hours=DAY)
    slow = maker(2, ROOM, 0, notice_minutes=6_000)
    legs = [only_now, slow, courier(3, HOME, 1, 2, hours=ALWAYS)]
    for chain in (chain_of(legs, START, None), chain_of(list(reversed(legs)), START, None)):
        plan = plan_of(chain)
        assert plan.ends["leg-3"] - plan.ends["leg-1"] <= 1_440
        assert plan.starts["leg-3"] >= START + 6_000


def test_couriers_come_to_a_hub_together_and_nothing_stays_there_for_long() -> None:
    legs = [
        maker(1, SHOP, 0),
        maker(2, ROOM, 0, notice_minutes=400),
        courier(3, HUB, 1, kind="pickup", hours=ALWAYS),
        courier(4, HUB, 2, kind="pickup", hours=ALWAYS),
        hub(5, 30, 3, 4, dwell=300, hours=DAY),
        courier(6, HOME, 5, notice_minutes=1_200, hours=ALWAYS),
    ]
    timed, plan = planned(legs, START, START + WEEKS, {"leg-3": "high", "leg-4": "high", "leg-6": "high"})
    ends = {leg.id: minute_from(leg.ends) for leg in timed}
    assert abs(ends["leg-3"] - ends["leg-4"]) <= TOGETHER_MINUTES
    assert minute_from(timed[5].starts) - min(ends["leg-3"], ends["leg-4"]) <= 300
    assert plan.is_feasible
    short = planned([*legs[:4], hub(5, 30, 3, 4, dwell=10, hours=DAY), legs[5]], START, START + WEEKS, {})[1]
    assert short.finish is None
    assert "longest lags" in short.why


@given(st.integers(0, 10**9), st.booleans(), st.booleans())
def test_times_keep_every_rule(seed: int, has_hub: bool, is_fresh: bool) -> None:
    legs = some_order(Random(seed), has_hub=has_hub, is_fresh=is_fresh)
    couriers = {leg.id: "medium" for leg in legs if is_round(leg)}
    timed, plan = planned(legs, START, START + WEEKS, couriers)
    assert plan.finish is not None
    for leg in timed:
        check(leg, timed)
    assert max(minute_from(leg.ends) for leg in timed) == plan.finish


def check(leg: OrderLeg, legs: tuple[OrderLeg, ...]) -> None:
    """The rules of one leg, in minutes."""
    start, end, timing = minute_from(leg.starts), minute_from(leg.ends), leg.timing
    before = [one for one in legs if one.id in leg.after]
    arrivals = [arrival(one, leg) for one in before]
    works = leg.role in {"customization", "assembly"}
    noticed = (max(arrivals) if works else START) + timing.notice_minutes
    assert start >= max([noticed, *arrivals])
    assert is_open(leg, start, timing.minutes)
    assert end == start + timing.minutes + timing.buffer_minutes
    if is_round(leg):
        path = list(round_of(leg, before))
        assert timing.minutes == walked(path, leg.starts)
        assert timing.buffer_minutes >= buffer_minutes(timing.kind, timing.minutes, "medium")
    if is_fresh(leg):
        last = max(minute_from(one.ends) for one in legs)
        assert last - end <= 1_440
    if leg.role == "assembly":
        leaves = next(minute_from(one.starts) for one in legs if leg.id in one.after)
        assert all(leaves - minute_from(one.ends) <= 600 for one in before)
        ends = [minute_from(one.ends) for one in before]
        assert max(ends) - min(ends) <= TOGETHER_MINUTES


def arrival(before: OrderLeg, leg: OrderLeg) -> int:
    """When what was made is where it is needed; couriers come for it, and bring it to where they end."""
    end = minute_from(before.ends)
    if is_round(leg) or is_round(before):
        return end
    zone = AUSTIN if before.timing.hours else UTC
    minutes = travel_minutes(before.timing.point, leg.timing.point, before.ends, "car", zone)
    assert minutes is not None
    return end + minutes + HAND_OVER


@given(st.integers(0, 10**9), st.booleans(), st.booleans())
def test_an_order_that_nothing_has_happened_to_is_reckoned_as_it_was_quoted(
    seed: int, has_hub: bool, is_fresh: bool
) -> None:
    legs = some_order(Random(seed), has_hub=has_hub, is_fresh=is_fresh, dwell=WEEKS)
    assume(sum(leg.timing.kind == "pickup" for leg in legs) < 2)  # two that wait for each other may shift by a minute
    timed, plan = planned(legs, START, START + WEEKS, {leg.id: "high" for leg in legs if is_round(leg)})
    again = plan_of(chain_of(timed, START, START + WEEKS))
    assert {leg.id: again.starts[leg.id] for leg in timed} == {leg.id: minute_from(leg.starts) for leg in timed}
    assert {leg.id: again.ends[leg.id] for leg in timed} == {leg.id: minute_from(leg.ends) for leg in timed}
    assert again.finish == plan.finish


@given(st.integers(0, 10**9), st.booleans())
def test_the_order_of_the_legs_is_no_matter(seed: int, has_hub: bool) -> None:
    random = Random(seed)
    legs = some_order(random, has_hub=has_hub, is_fresh=True)
    shuffled = random.sample(legs, len(legs))
    one, other = plan_of(chain_of(legs, START, None)), plan_of(chain_of(shuffled, START, None))
    assert one.starts == other.starts


def test_what_has_begun_is_a_fact_and_a_round_is_as_long_as_when_it_set_out() -> None:
    legs = [maker(1, SHOP, 60), courier(2, HOME, 1, hours=ALWAYS)]
    five = MONDAY + timedelta(hours=7)
    begun = legs[1].model_copy(update={"began": five})
    chain = chain_of([legs[0], begun], START, None)
    assert next(one for one in chain.legs if one.id == "leg-2").minutes == walked([SHOP, HOME], five)
    now = minute_from(five) + 5
    facts = {notice_of("leg-1"): START, "leg-1": START, notice_of("leg-2"): START, "leg-2": minute_from(five)}
    ended = {notice_of("leg-1"): START, "leg-1": START + 60, notice_of("leg-2"): START}
    plan = plan_of(progressed(chain, now, facts, ended))
    assert plan.ends["leg-2"] == minute_from(five) + walked([SHOP, HOME], five)


def test_legs_before_that_are_gone_hold_nobody_up() -> None:
    (alone,) = [courier(2, HOME, 1, hours=ALWAYS)]
    plan = plan_of(chain_of([alone], START, None))
    assert plan.starts["leg-2"] == START


@pytest.mark.parametrize("seed", range(20))
def test_one_more_door_never_makes_a_round_shorter(seed: int) -> None:
    random = Random(seed)
    makers = [maker(n, somewhere(random), 0) for n in range(1, 5)]
    whole = courier(5, HOME, 1, 2, 3, 4, hours=ALWAYS)
    less = whole.model_copy(update={"after": whole.after[:3]})
    lengths = [
        next(leg.minutes for leg in chain_of([*makers, one], START, None).legs if leg.id == "leg-5")
        for one in (less, whole)
    ]
    assert lengths[0] <= lengths[1]
    assert replace(chain_of(makers, START, None), deadline=1).deadline == 1
