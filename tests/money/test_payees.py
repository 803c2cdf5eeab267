"""When and where payees are paid."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money.payees import RETRY_HOURS, Payee, destination_of, expecting, next_payout, why_not

AUSTIN = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)


def payee(**more):
    return Payee(id="vendor:rosie", updated_at=MONDAY, **more)


@pytest.mark.parametrize(
    ("schedule", "now", "then"),
    [
        ("at_once", MONDAY, MONDAY),
        ("manual", MONDAY, None),
        ("daily", MONDAY, datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("daily", datetime(2026, 11, 23, 11, 59, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("weekly", MONDAY, datetime(2026, 11, 30, 12, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 23, 11, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)),
        # Clocks go back on November 1: six in the morning is an hour later in UTC.
        ("daily", datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("daily", datetime(2026, 10, 30, 12, tzinfo=UTC), datetime(2026, 10, 31, 11, tzinfo=UTC)),
    ],
)
def test_the_next_payout_is_at_six_by_the_clock_of_the_city(schedule, now, then):
    assert next_payout(schedule, now, AUSTIN) == then


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(["daily", "weekly"]))
def test_payout_days_come_soon_enough_and_never_now(now, schedule):
    then = next_payout(schedule, now, AUSTIN)
    assert now < then <= now + timedelta(days=1 if schedule == "daily" else 7, hours=1)
    local = then.astimezone(AUSTIN)
    assert (local.hour, local.minute) == (6, 0)
    assert schedule == "daily" or local.weekday() == 0


@pytest.mark.parametrize(
    ("destination", "provider", "is_good"),
    [
        ("acct_1A2b3C4d5E6f7G", "stripe", True),
        ("acct_", "stripe", False),
        ("acct_1A2b3C4d5E6f7G/..", "stripe", False),
        ("ba_1A2b3C4d5E", "stripe", False),
        ("my-bank:7", "sandbox", True),
        ("", "sandbox", False),
        ("a b", "sandbox", False),
        ("x" * 129, "sandbox", False),
    ],
)
def test_what_an_account_looks_like(destination, provider, is_good):
    assert (why_not(destination, provider) is None) == is_good


def test_in_the_sandbox_everybody_has_an_account():
    assert destination_of(payee(), "sandbox") == "acct-vendor-rosie"
    assert why_not(destination_of(payee(), "sandbox"), "sandbox") is None
    assert destination_of(payee(), "stripe") is None
    assert destination_of(payee(destination="acct_123456"), "stripe") == "acct_123456"


def test_who_expects_money_is_looked_at_in_time():
    fresh = expecting(payee(), MONDAY, AUSTIN)
    assert fresh.next_at == MONDAY + timedelta(hours=RETRY_HOURS), "only to be sure: the release itself sends it"
    assert expecting(fresh, MONDAY + timedelta(hours=2), AUSTIN) is fresh, "an earlier moment stands"
    weekly = expecting(payee(schedule="weekly"), MONDAY, AUSTIN)
    assert weekly.next_at == datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert expecting(payee(schedule="manual"), MONDAY, AUSTIN).next_at is None
