"""The rules of Pro-Agents: what each lets pass, alone and together, and which of several counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.people.pro_agent import Offered, Rule, accepts, first_accepting

AUSTIN = ZoneInfo("America/Chicago")
SHOP = Point(lat=30.2672, lng=-97.7431)
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
MILE_LAT = 1 / 69.0


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def offered(minor: int = 2_000, miles: float = 1, hours: float = 3, *kinds: str, **more: Any) -> Offered:
    to = Point(lat=SHOP.lat + miles * MILE_LAT, lng=SHOP.lng)
    given_ = {"price": usd(minor), "to": to, "begins": NOW + timedelta(hours=hours), "now": NOW}
    return Offered(**{**given_, "categories": (frozenset(kinds),) if kinds else (), **more})


def does(rule: Rule, one: Offered) -> bool:
    return accepts(rule, one, SHOP, AUSTIN)


def test_accept_any_order_over_15_dollars_within_2_miles() -> None:
    rule = Rule(min_total=usd(1_500), within_km=3.22)
    assert does(rule, offered(1_500, 1.9))
    assert does(rule, offered(90_000, 0))
    assert not does(rule, offered(1_499, 1))
    assert not does(rule, offered(90_000, 2.1))
    assert rule.words == "orders at least $15.00, within 3.22 km"


def test_accept_orders_with_24_hours_lead_time_or_more() -> None:
    rule = Rule(lead_hours_min=24)
    assert does(rule, offered(1, 50, 24))
    assert not does(rule, offered(90_000, 0, 23.99))


def test_any_rule_is_enough_and_the_first_is_named() -> None:
    near, early = Rule(min_total=usd(1_500), within_km=3.22), Rule(lead_hours_min=24)
    rules = (near, early)
    assert first_accepting(rules, offered(2_000, 1, 30), SHOP, AUSTIN) is near
    assert first_accepting(rules, offered(1_000, 1, 30), SHOP, AUSTIN) is early
    assert first_accepting(rules, offered(1_000, 1, 3), SHOP, AUSTIN) is None
    assert first_accepting((), offered(), SHOP, AUSTIN) is None


def test_kinds_count_with_what_is_above_them_and_for_everything_bought() -> None:
    rule = Rule(categories=("flowers",))
    roses, vase = frozenset({"roses", "flowers"}), frozenset({"vase"})
    assert does(rule, offered(categories=(roses,)))
    assert not does(rule, offered(categories=(roses, vase)))
    assert not does(rule, offered(categories=()))


def test_days_and_hours_are_the_partners_own() -> None:
    monday = Rule(weekdays=("mon",), hours="9:00-12:00")
    assert does(monday, offered(hours=1))  # 11:00 in Austin
    assert not does(monday, offered(hours=2))  # noon
    assert not does(monday, offered(hours=25))
    late = Rule(hours="22:00-2:00")
    for hours, is_within in ((11, False), (12, True), (15.9, True), (16, False)):
        assert does(late, offered(hours=hours)) is is_within


def test_money_in_another_currency_is_not_judged() -> None:
    rule = Rule(max_total=Money(minor=10_000, currency="EUR"))
    assert not does(rule, offered(100))


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"min_total": {"minor": 500, "currency": "USD"}, "max_total": {"minor": 400, "currency": "USD"}},
        {"min_total": {"minor": 500, "currency": "USD"}, "max_total": {"minor": 600, "currency": "EUR"}},
        {"within_km": 0},
        {"within_km": float("nan")},
        {"lead_hours_min": -1},
        {"hours": "25:00-26:00"},
        {"weekdays": ["someday"]},
        {"categories": ["x"] * 21},
        {"min_total": {"minor": -1, "currency": "USD"}},
        {"colour": "red"},
    ],
)
def test_rules_that_say_nothing_or_nonsense_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(given_)


rules = st.builds(
    Rule,
    min_total=st.none() | st.integers(0, 5_000).map(usd),
    within_km=st.none() | st.floats(0.1, 50),
    lead_hours_min=st.integers(0, 72),
)


@given(rules, st.integers(0, 10_000), st.floats(0, 40), st.floats(0, 100))
def test_a_dearer_nearer_earlier_order_is_accepted_too(rule: Rule, minor: int, miles: float, hours: float) -> None:
    if does(rule, offered(minor, miles, hours)):
        assert does(rule, offered(minor + 1, miles / 2, hours + 1))
