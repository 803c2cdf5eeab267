"""The cost meter: billing by plan, shares of a tick, and the seven days that the product promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standing.cost import HEADLINE_SECONDS, HEADLINE_USD, PRICES, Meter, bill, meter, spent

WEEK_HOURS = 7 * 24


@pytest.mark.parametrize(("memory_mb", "gb_seconds"), [(1, 0.125), (128, 0.125), (129, 0.25), (256, 0.25), (1536, 1.5)])
def test_memory_is_billed_in_blocks_of_128(memory_mb: int, gb_seconds: float) -> None:
    assert meter(Meter(), 1, 1.0, memory_mb).gb_seconds == gb_seconds


def test_a_bill_on_the_consumption_plan() -> None:
    used = meter(Meter(), 1_000_000, 1_000_000.0, 1024)
    assert bill(used, "consumption").usd == pytest.approx(0.20 + 1_000_000 * 0.000016)
    short = meter(Meter(), 10, 0.02, 128)  # each is billed as a tenth of a second
    assert bill(short, "consumption").billed_seconds == pytest.approx(1.0)
    assert bill(short, "consumption").usd == pytest.approx(10 * 0.20e-6 + 1.0 * 0.125 * 0.000016)


def test_a_bill_on_the_flex_plan_is_for_whole_instances() -> None:
    used = meter(Meter(), 10, 0.5, 128)
    assert bill(used, "flex").billed_seconds == 10
    assert bill(used, "flex").usd == pytest.approx(10 * 0.40e-6 + 10 * 2 * 0.000026)


def test_who_sleeps_pays_nothing() -> None:
    for plan in PRICES:
        assert (bill(Meter(), plan).usd, bill(Meter(), plan).billed_seconds) == (0, 0)


def test_the_headline() -> None:
    """One second an hour for seven days, in a process as small as any, costs some hundredths of a cent; not $0.0001."""
    naive = meter(Meter(), WEEK_HOURS, HEADLINE_SECONDS, 128)
    assert bill(naive, "consumption").billed_seconds == HEADLINE_SECONDS
    assert HEADLINE_USD < bill(naive, "consumption").usd < 4 * HEADLINE_USD


def test_many_who_wait_for_the_same_share_its_cost() -> None:
    """An hourly tick of two seconds for ten thousand intents, and three executions of an intent's own."""
    odometer = Meter()
    for _ in range(WEEK_HOURS):
        odometer += meter(Meter(), 20, 2.0, 256).share(10_000)
    own = meter(Meter(), 3, 0.3, 256)
    used = spent(own, Meter(), odometer)
    assert bill(used, "consumption").usd < HEADLINE_USD / 20
    assert bill(used, "consumption").billed_seconds < HEADLINE_SECONDS / 100


meters = st.builds(
    Meter,
    executions=st.integers(0, 10**6).map(float),
    seconds=st.integers(0, 10**6).map(float),
    gb_seconds=st.integers(0, 10**6).map(float),
)


@given(meters, meters, st.integers(1, 1_000))
def test_meters_add_up(one: Meter, other: Meter, parts: int) -> None:
    assert (one + other).since(other) == one
    assert one.since(one + other) == Meter()
    share = one.share(parts)
    assert share.seconds * parts == pytest.approx(one.seconds)
    assert Meter().share(0) == Meter()
