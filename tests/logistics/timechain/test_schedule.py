"""Plans of chains one can follow by hand; what the passes promise, on random ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.hours import Hours
from shared.logistics.timechain.calendar import Calendar, calendar_of
from shared.logistics.timechain.minutes import minute_from
from shared.logistics.timechain.model import LEGS_MAX, BadChain, Chain, Leg, Precedence, Together
from shared.logistics.timechain.schedule import earliest, latest, plan
from shared.logistics.timechain.ways import way_by_samples
from tests.logistics.timechain.generated import chain

NINE_TO_FIVE = Calendar([(day * 1_440 + 540, day * 1_440 + 1_020) for day in range(5)])
BLANKET = Chain(
    (
        Leg("blanket", "pickup", 20),
        Leg("monogram", "customization", 120, 30, NINE_TO_FIVE, title="the monogram"),
        Leg("flowers", "processing", 45, 5),
        Leg("hub", "assembly", 15),
        Leg("door", "delivery", 5),
    ),
    (
        Precedence("blanket", "monogram", 25),
        Precedence("monogram", "hub", 15),
        Precedence("flowers", "hub", 10, lag_max=60),
        Precedence("hub", "door", 30),
    ),
    start=540,
    deadline=900,
)


def test_a_blanket_with_a_monogram_and_fresh_flowers() -> None:
    found = plan(BLANKET)
    assert found.is_feasible
    assert found.starts == {"blanket": 540, "monogram": 585, "hub": 750, "door": 795, "flowers": 640}
    assert found.ends["monogram"] == 735
    assert found.finish == 800
    assert found.latest == {"blanket": 640, "monogram": 685, "hub": 850, "door": 895, "flowers": 790}
    assert found.slack == {"blanket": 100, "monogram": 100, "hub": 100, "door": 100, "flowers": 150}
    assert found.critical_path == ("blanket", "monogram", "hub", "door")
    assert (found.misses_by, found.late) == (0, {})


def test_the_leg_that_it_fails_for_is_named_with_the_minutes() -> None:
    found = plan(replace(BLANKET, deadline=755))
    assert not found.is_feasible
    assert found.misses_by == 45
    assert found.late == {"hub": 10, "door": 45}
    assert found.binding == "monogram"
    assert found.why == "door ends 45 minutes late: the monogram takes 150 min, the longest part of what decides it"
    assert found.slack["monogram"] == 0 < found.slack["flowers"]


def test_a_closed_door_is_what_it_fails_for() -> None:
    found = plan(replace(BLANKET, start=900))
    assert found.starts["monogram"] == 1_440 + 540
    assert found.starts["flowers"] == 1_440 + 595  # the flowers wait for the blanket
    assert found.critical_path == ("monogram", "hub", "door")
    assert found.binding == "monogram"
    assert "the monogram waits 1035 min for an opening" in found.why


def test_arriving_together() -> None:
    apart = Chain((Leg("cake", "delivery", 30), Leg("band", "delivery", 100)))
    assert plan(apart).ends == {"cake": 30, "band": 100}
    together = plan(replace(apart, togethers=(Together("cake", "band", 10),)))
    assert together.ends == {"cake": 90, "band": 100}


def test_a_work_that_rests_over_night_pulls_what_must_be_fresh() -> None:
    carving = Leg("carving", "customization", 600, 0, NINE_TO_FIVE, is_interruptible=True)
    found = plan(Chain((Leg("dough", "pickup", 10), carving), (Precedence("dough", "carving", 0, 30),), start=1_000))
    assert found.starts == {"dough": 1_000, "carving": 1_010}
    assert found.ends["carving"] == 2 * 1_440 + 540 + 110


def test_travel_in_the_rush_hour() -> None:
    way = way_by_samples([(0, 10), (60, 40), (120, 40), (180, 10)])
    legs = (Leg("hub", "assembly", 60), Leg("door", "delivery", 5))
    found = plan(Chain(legs, (Precedence("hub", "door", 0, way=way),), deadline=110))
    assert found.starts["door"] == 100
    assert found.latest["hub"] == 5  # leaving at 65 takes 40 minutes, and 5 are for the door


@pytest.mark.parametrize("minutes", [0, 1])
def test_a_circle_of_precedences(minutes: int) -> None:
    around = (Precedence("a", "b"), Precedence("b", "a"), Precedence("b", "c"))
    found = plan(Chain((Leg("a", "wait", 0), Leg("b", "wait", minutes), Leg("c", "wait", 5)), around, start=7))
    assert found.starts == ({} if minutes else {"a": 7, "b": 7, "c": 7})
    assert set(found.critical_path) == ({"a", "b"} if minutes else {"c"})


def test_lags_that_no_schedule_keeps_are_found_at_once_in_a_long_chain() -> None:
    count = 1_000
    months = Calendar([(day * 1_440 + 540, day * 1_440 + 1_020) for day in range(60)])
    legs = tuple(Leg(str(n), "wait", 10, calendar=months if n % 9 == 0 else None) for n in range(count))
    after = tuple(Precedence(str(n), str(n + 1), 1) for n in range(count - 1))
    found = plan(Chain(legs, (*after, Precedence("400", "410", 0, lag_max=99))))
    assert not found.starts
    assert set(found.critical_path) == {str(n) for n in range(400, 411)}
    assert found.why.startswith("no schedule keeps the shortest and the longest lags between")
    assert plan(Chain(legs, (*after, Precedence("400", "410", 0, lag_max=100)))).starts["410"]


def test_a_circle_that_only_the_calendars_close_ends_soon() -> None:
    morning = Calendar([(day * 1_440, day * 1_440 + 60) for day in range(60)])
    evening = Calendar([(day * 1_440 + 600, day * 1_440 + 660) for day in range(60)])
    legs = (Leg("a", "pickup", 30, calendar=morning), Leg("b", "delivery", 30, calendar=evening))
    found = plan(Chain(legs, (Precedence("a", "b", 0, lag_max=300),)))
    assert not found.is_feasible
    assert "fits into no opening" in found.why


def test_too_long_for_any_opening() -> None:
    found = plan(Chain((Leg("a", "assembly", 481, calendar=NINE_TO_FIVE, title="the cake"),)))
    assert (found.starts, found.finish, found.binding) == ({}, None, "a")
    assert found.why == "the cake fits into no opening that is known"
    assert earliest(found.chain) is latest(found.chain) is None


def test_the_night_of_a_clock_change() -> None:
    zone = ZoneInfo("America/Chicago")
    hours = Hours(time_zone="America/Chicago", week={"sat": "9:00-17:00", "sun": "9:00-17:00"})
    begin = minute_from(datetime(2026, 3, 7, 16, 30, tzinfo=zone))
    work = Leg("work", "customization", 60, calendar=calendar_of(hours, begin), is_interruptible=True)
    found = plan(Chain((work,), start=begin))
    assert found.ends["work"] == minute_from(datetime(2026, 3, 8, 9, 30, tzinfo=zone))
    assert found.ends["work"] - begin == 16 * 60  # an hour less than on other nights


@given(st.integers(0, 10**9))
def test_what_every_plan_promises(seed: int) -> None:
    one = chain(Random(seed), 9, 0.3)
    found = plan(one)
    if not found.starts:
        assert found.binding
        assert not found.is_feasible
        return
    for starts in (found.starts, found.latest):
        keeps(one, starts)
    assert all(found.starts[name] + slack == found.latest[name] for name, slack in found.slack.items())
    assert min(found.slack.values()) >= 0
    assert found.is_feasible == (not found.late) == (found.misses_by == 0)
    assert found.binding in found.critical_path
    last = found.critical_path[-1]
    assert found.late.get(last, 0) == found.misses_by
    assert found.late or found.ends[last] == found.finish


@given(st.integers(0, 10**9), st.integers(1, 300))
def test_starting_later_makes_nothing_earlier(seed: int, minutes: int) -> None:
    one = chain(Random(seed), 8, 0.2)
    early, late = earliest(one), earliest(replace(one, start=one.start + minutes))
    if late is not None:
        assert early is not None
        assert all(early[name] <= late[name] for name in early)


def keeps(one: Chain, starts: dict[str, int]) -> None:
    ends = {leg.id: starts[leg.id] + leg.minutes + leg.buffer_minutes for leg in one.legs}
    for leg in one.legs:
        assert starts[leg.id] >= max(one.start, leg.ready_from or 0)
        if leg.calendar:
            assert leg.calendar.next_open(starts[leg.id], leg.minutes) == starts[leg.id]
    for gap in one.precedences:
        between = starts[gap.after] - ends[gap.before]
        assert gap.lag_min <= between <= (between if gap.lag_max is None else gap.lag_max)
    assert all(abs(ends[pair.a] - ends[pair.b]) <= pair.within for pair in one.togethers)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (Chain((Leg("a", "wait", 1), Leg("a", "wait", 1))), "same id"),
        (Chain((Leg("a", "wait", 1),), (Precedence("a", "b"),)), "'b' is no leg"),
        (Chain((Leg("a", "wait", 1),), (), (Together("b", "a", 1),)), "'b' is no leg"),
        (Chain((Leg("a", "wait", -1),)), "less than no time"),
        (Chain((Leg("a", "wait", 1), Leg("b", "wait", 1)), (Precedence("a", "b", -1),)), "less than nothing"),
        (Chain(tuple(Leg(str(n), "wait", 1) for n in range(LEGS_MAX + 1))), "at most"),
    ],
)
def test_chains_that_contradict_themselves(broken: Chain, message: str) -> None:
    with pytest.raises(BadChain, match=message):
        plan(broken)


def test_nothing_to_do() -> None:
    assert plan(Chain(())).is_feasible
    assert plan(Chain(())).finish is None
