"""How a price divides: by hand, exactly, and when it is too low."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.money.amounts import CurrencyMismatch, Money
from shared.money.commands import Share
from shared.money.commission import (
    Breakdown,
    Cpa,
    Cpe,
    FeeRate,
    FeeTable,
    PriceTooLow,
    Referral,
    break_down,
    commission_of,
)
from tests.money.walks import usd

FEES = FeeTable(
    default_basis_points=1000,
    rates=(
        FeeRate(region="austin", service="flowers", basis_points=800),
        FeeRate(region="austin", service=None, basis_points=900),
        FeeRate(region=None, service="transport", basis_points=1500),
    ),
)


@pytest.mark.parametrize(
    ("region", "service", "basis_points"),
    [("austin", "flowers", 800), ("austin", "transport", 900), ("dallas", "transport", 1500), ("dallas", "x", 1000)],
)
def test_most_particular_fee_counts(region, service, basis_points):
    assert FEES.basis_points(region, service) == basis_points


def test_one_fee_for_one_thing():
    rate = FeeRate(region="austin", service=None, basis_points=1)
    with pytest.raises(ValidationError, match="twice"):
        FeeTable(default_basis_points=0, rates=(rate, rate))


def test_pink_flowers_by_hand():
    referral = Referral(account="affiliate:A", rate=Cpe(basis_points=500))
    courier = Share(account="worker:W", amount=usd(700))
    parts = break_down(usd(5500), "vendor:V", FEES.basis_points("austin", "flowers"), referral, [courier])
    assert isinstance(parts, Breakdown)
    assert (parts.vendor_net, parts.commission, parts.platform_fee, parts.work_pay) == (
        usd(4085), usd(275), usd(440), usd(700),
    )  # fmt: skip
    assert [(share.account, share.amount.minor) for share in parts.shares] == [
        ("vendor:V", 4085), ("platform:fees", 440), ("affiliate:A", 275), ("worker:W", 700),
    ]  # fmt: skip


def test_cents_that_do_not_divide_go_to_the_vendor():
    parts = break_down(usd(99), "vendor:V", 1000, Referral(account="affiliate:A", rate=Cpe(basis_points=333)))
    assert (parts.platform_fee, parts.commission, parts.vendor_net) == (usd(9), usd(3), usd(87))


def test_fixed_commission_whatever_the_price():
    rate = Cpa(amount=usd(250))
    assert commission_of(usd(100), rate) == commission_of(usd(10_000), rate) == usd(250)


def test_price_too_low_says_what_is_needed():
    referral = Referral(account="affiliate:A", rate=Cpa(amount=usd(900)))
    parts = break_down(usd(1000), "vendor:V", 1000, referral, [Share(account="worker:W", amount=usd(1))])
    assert parts == PriceTooLow(price=usd(1000), needed=usd(1001))


def test_price_may_leave_the_vendor_nothing_and_no_empty_share():
    parts = break_down(usd(1000), "vendor:V", 1000, Referral(account="affiliate:A", rate=Cpa(amount=usd(900))))
    assert parts.vendor_net == usd(0)
    assert [share.account for share in parts.shares] == ["platform:fees", "affiliate:A"]


def test_price_below_zero_is_too_low():
    assert isinstance(break_down(usd(-1), "vendor:V", 10_000), PriceTooLow)


def test_parts_in_another_currency():
    euro = Money(minor=1, currency="EUR")
    with pytest.raises(CurrencyMismatch):
        break_down(usd(100), "vendor:V", 0, Referral(account="affiliate:A", rate=Cpa(amount=euro)))
    with pytest.raises(CurrencyMismatch):
        break_down(usd(100), "vendor:V", 0, None, [Share(account="worker:W", amount=euro)])


def test_only_affiliates_earn_commission():
    with pytest.raises(ValidationError, match="affiliate"):
        Referral(account="vendor:V", rate=Cpe(basis_points=1))


rates = st.one_of(
    st.builds(Cpa, amount=st.integers(0, 5000).map(usd)),
    st.builds(Cpe, basis_points=st.integers(0, 10_000)),
)


@given(
    st.integers(0, 2**53 - 1) | st.integers(0, 3000),
    st.integers(0, 10_000),
    st.none() | rates.map(lambda rate: Referral(account="affiliate:A", rate=rate)),
    st.lists(st.integers(1, 2000), max_size=4),
)
def test_parts_always_sum_to_the_price(minor, fee, referral, pay):
    work = [Share(account=f"worker:{number}", amount=usd(one)) for number, one in enumerate(pay)]
    try:
        parts = break_down(usd(minor), "vendor:V", fee, referral, work)
    except ValueError as why:
        assert "in parts" in str(why)  # beyond the largest amount there is
        assert minor > 2**52
        return
    if isinstance(parts, PriceTooLow):
        assert parts.needed > usd(minor)
        return
    assert parts.vendor_net + parts.commission + parts.platform_fee + parts.work_pay == usd(minor)
    assert sum(share.amount.minor for share in parts.shares) == minor
    assert parts.vendor_net >= usd(0)
