"""Prices and their parts: they always add up, whoever is paid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.bundles import Bundle
from shared.discovery.partners import Capability
from shared.money.amounts import Money
from shared.money.commission import Cpa, Cpe, Referral
from shared.orders.chosen import NotForSale
from shared.orders.pricing import goods_prices, goods_shares, partner_shares, work_price, work_shares
from tests.orders.made_up import MONDAY
from tests.orders.people import chosen, partner, product, usd

AFFILIATE = "affiliate:anna"
rates = st.one_of(
    st.none(),
    st.integers(0, 10_000).map(lambda points: Cpe(basis_points=points)),
    st.integers(0, 100_000).map(lambda minor: Cpa(amount=Money(minor=minor, currency="USD"))),
    st.just(Cpa(amount=Money(minor=100, currency="EUR"))),
)


def referral(rate: Any) -> Referral | None:
    return Referral(account=AFFILIATE, rate=rate) if rate is not None else None


def taking_part(name: str = "shop") -> Any:
    return partner(name, commission={"kind": "cpe", "basis_points": 500}, tracking_id="aus-shop-1")


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 50), rates)
def test_the_shares_of_goods_add_up_and_the_vendor_gets_its_net(price: int, net: int, pieces: int, rate: Any) -> None:
    net = min(net, price)
    one = chosen(pieces, at=taking_part(), of=product(price=price, net=net))
    whole = Money(minor=price * pieces, currency="USD")
    shares = {share.account: share.amount.minor for share in goods_shares(one, whole, referral(rate))}
    assert sum(shares.values()) == whole.minor
    assert shares.get("vendor:shop", 0) == net * pieces
    assert min(shares.values()) > 0
    assert shares.get(AFFILIATE, 0) <= whole.minor - net * pieces


@given(st.integers(1, 10**7), rates)
def test_the_shares_of_work_add_up(price: int, rate: Any) -> None:
    whole = Money(minor=price, currency="USD")
    for shares in (
        partner_shares(taking_part(), whole, "engraving", referral(rate)),
        work_shares(whole, "hub:h", "austin", "assembly"),
    ):
        assert sum(share.amount.minor for share in shares) == price
        assert shares[0].account in {"vendor:shop", "hub:h", "platform:fees"} | {AFFILIATE}


def test_who_takes_no_part_pays_no_commission_and_workers_keep_all() -> None:
    price = Money(minor=5_000, currency="USD")
    told = referral(Cpe(basis_points=1_000))
    assert {one.account for one in goods_shares(chosen(), price, told)} == {"vendor:shop", "platform:fees"}
    assert [one.account for one in work_shares(price, "worker:w", "austin", "gig-work")] == ["worker:w"]
    kept = partner_shares(taking_part(), price, "engraving", told)
    assert {one.account: one.amount.minor for one in kept} == {
        "vendor:shop": 4_000, "platform:fees": 500, AFFILIATE: 500,
    }  # fmt: skip


def bundle(price: int | None, count: int) -> Bundle:
    return Bundle.model_validate(
        {
            "id": "b", "title": "B", "category": "blanket", "region": "austin", "updated_at": MONDAY,
            "parts": [{"product": "shop.X"}] * count, "price": usd(price) if price is not None else None,
        }
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(1, 9_000), st.integers(0, 3_000)), min_size=1, max_size=6), st.integers(0, 9_000))
def test_the_parts_of_a_bundle_come_to_its_price_and_no_vendor_gets_less(
    parts: list[tuple[int, int]], discount: int
) -> None:
    goods = [chosen(of=product(price=net + margin, net=net)) for net, margin in parts]
    nets, gross = sum(net for net, _ in parts), sum(net + margin for net, margin in parts)
    price = gross - discount
    if price < nets:
        with pytest.raises(NotForSale):
            goods_prices(goods, bundle(max(price, 0), len(goods)))
        return
    prices = goods_prices([*goods, chosen()], bundle(price, len(goods)))
    assert sum(prices[:-1]) == price
    assert prices[-1] == 5_000, "what does not belong to it costs what it costs"
    assert all(paid >= net for paid, (net, _) in zip(prices, parts, strict=False))
    assert goods_prices(goods, bundle(None, len(goods))) == [net + margin for net, margin in parts]


@pytest.mark.parametrize(
    ("unit", "price"), [("item", 200 + 3 * 50), ("character", 200 + 12 * 50), ("hour", 200 + 2 * 50), ("job", 250)]
)
def test_what_is_counted_by_the_unit(unit: Any, price: int) -> None:
    capability = Capability(tag="engraving", minor_per_unit=50, unit=unit, setup_minor=200)
    assert work_price(capability, 3, "ANNA", 61) == price
