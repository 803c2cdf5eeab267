"""The least dear in time is found: against trying everybody, in the demo city."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product as combinations
from typing import Any

import pytest

from shared import wiring
from shared.discovery.bundles import Part
from shared.money.commission import Cpe, Referral
from shared.orders.arranging import made
from shared.orders.choosing import Arrangement
from shared.orders.chosen import Asked, Chosen, NotForSale
from shared.orders.couriers import Carrier, Load
from shared.orders.customizers import customizers_for
from shared.orders.hubs import Day
from shared.orders.order import Destination
from shared.orders.planning import TOGETHER_MINUTES
from shared.orders.quote import Quote, Quoter
from shared.orders.rounds import DOORS_EXACT_MAX
from shared.orders.shape import Shape

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
HOME = Destination(address="1200 Barton Hills Dr, Austin", lat=30.2583, lng=-97.7826)
BLANKET = ("premium-registry.POSH-BLK", {"customization": "monogramming", "text": "ELM"})
ROSES: tuple[str, dict[str, str]] = ("rosie-and-thorn.ROSE-12", {})
HOURS = (25, 26, 27, 30, 49, 51, 54, 100)


@pytest.fixture(scope="module")
def desk(town: Any) -> Callable[..., Any]:
    """Runs something that takes a quoter and goods, once the catalog is there."""

    async def nobody_yet(key: str) -> Day:
        return Day()

    async def work(what: Callable[..., Any], lines: Iterable[tuple[str, dict[str, str]]]) -> Any:
        deps = wiring.deps()
        await deps.catalog_ready()
        await deps.scout.refresh()
        goods = []
        for name, options in lines:
            found = await deps.scout.product(name)
            assert found is not None
            goods.append(Chosen(*found, Part(product=name, options=options)))
        return await what(Quoter(deps.scout, deps.taxonomy, deps.roster, nobody_yet), tuple(goods))

    return lambda what, *lines: asyncio.run(work(what, lines))


async def carriers_of(quoter: Quoter, asked: Asked) -> tuple[Carrier, ...]:
    return await quoter.carriers(asked.to.point, "USD", asked.now, is_cold=False)


def test_who_customizes_and_who_brings_it_is_the_least_dear_of_all(desk: Callable[..., Any]) -> None:
    async def compare(quoter: Quoter, goods: tuple[Chosen, ...]) -> None:
        asked = Asked(goods, None, HOME, NOW, NOW, meet_at_hub=False)
        shape = Shape(goods, quoter.taxonomy)
        everybody = quoter.scout.partners.known.values()
        customizers = customizers_for(goods[0], everybody, HOME.point, "f")
        carriers = [one for one in await carriers_of(quoter, asked) if one.price_minor((HOME.point,)) > 0]
        tried = []
        for who, carrier in combinations(customizers, carriers):
            doors = (who.partner.place.point, goods[1].partner.place.point)
            if Load(doors, HOME.point, 2, is_cold=False).fits(carrier):
                found = made(asked, shape, Arrangement(goods, {0: who}, courier=carrier))
                tried.append((found.plan.finish, sum(leg.price.minor for leg in found.legs)))
        for hours in HOURS:
            by = NOW + timedelta(hours=hours)
            quote = await quoter.ask(replace(asked, by=by))
            in_time = [cost for finish, cost in tried if finish is not None and finish <= int(by.timestamp()) // 60]
            assert quote.plan.is_feasible == bool(in_time), hours
            if in_time:
                assert quote.total.minor == min(in_time), hours
            else:
                assert quote.plan.finish == min(finish for finish, _ in tried if finish is not None)

    desk(compare, BLANKET, ROSES)


@pytest.mark.parametrize("hours", [25, 28, 50])
def test_so_are_the_hub_and_the_couriers_to_and_from_it(desk: Callable[..., Any], hours: int) -> None:
    async def compare(quoter: Quoter, goods: tuple[Chosen, ...]) -> None:
        asked = Asked(goods, None, HOME, NOW + timedelta(hours=hours), NOW, meet_at_hub=True)
        quote: Quote = await quoter.ask(asked)
        shape, doors = Shape(goods, quoter.taxonomy), tuple(one.partner.place.point for one in goods)
        carriers = await carriers_of(quoter, asked)
        costs = []
        for bid in quote.market.bids:
            hub = bid.hub.place.point
            fetch = [one for one in carriers if Load(doors, hub, 2, is_cold=False).fits(one)]
            bring = [one for one in carriers if Load((hub,), HOME.point, 2, is_cold=False).fits(one)]
            for pickup, courier in combinations(fetch[::2], bring[::2]):
                found = made(asked, shape, Arrangement(goods, {}, bid, (pickup,), courier))
                if found.plan.is_feasible:
                    costs.append(sum(leg.price.minor for leg in found.legs))
        has_hub = any(leg.role == "assembly" for leg in quote.legs)
        assert has_hub or not costs
        if costs:
            assert quote.total.minor <= min(costs)

    desk(compare, ROSES, ("juniper-and-wren.CANDLE-CEDAR", {}))


def test_a_hub_that_cannot_hold_the_deadline_is_left_out(desk: Callable[..., Any]) -> None:
    async def compare(quoter: Quoter, goods: tuple[Chosen, ...]) -> None:
        free = Asked(goods, None, HOME, NOW + timedelta(days=4), NOW, meet_at_hub=False)
        direct = await quoter.ask(free)
        soonest = await quoter.ask(replace(free, by=NOW))
        assert not soonest.plan.is_feasible
        tight = await quoter.ask(replace(free, by=soonest.arrives, meet_at_hub=True))
        assert tight.plan.is_feasible
        assert not any(leg.role == "assembly" for leg in tight.legs)
        assert direct.total <= tight.total

    desk(compare, ROSES, ("juniper-and-wren.CANDLE-CEDAR", {}))


def test_nothing_that_is_fetched_meets_nowhere(desk: Callable[..., Any]) -> None:
    async def ask(quoter: Quoter, goods: tuple[Chosen, ...]) -> None:
        with pytest.raises(NotForSale) as no:
            await quoter.ask(Asked(goods, None, HOME, NOW + timedelta(days=9), NOW, meet_at_hub=True))
        assert no.value.field == "meet_at_hub"

    desk(ask, ("texas-limo-co.TOWN-2H", {}))


def test_who_brought_the_customer_is_paid_from_what_the_platform_would_get(desk: Callable[..., Any]) -> None:
    async def compare(quoter: Quoter, goods: tuple[Chosen, ...]) -> None:
        by = NOW + timedelta(days=5)
        told = Referral(account="affiliate:anna", rate=Cpe(basis_points=500))
        plain = await quoter.quote(goods, None, HOME, by, NOW)
        brought = await quoter.quote(goods, None, HOME, by, NOW, referral=told)
        assert brought.total == plain.total
        for one, other in zip(plain.legs, brought.legs, strict=True):
            before, after = ({s.account: s.amount.minor for s in leg.shares} for leg in (one, other))
            assert sum(after.values()) == other.price.minor
            paid = after.pop("affiliate:anna", 0)
            if other.role in {"product", "customization"}:
                assert paid == other.price.minor * 500 // 10_000
            else:
                assert paid == 0, "who brings it has brought no customer"
            if other.role == "product":
                assert before.pop("platform:fees") - paid == after.pop("platform:fees")
                assert before == after

    desk(compare, BLANKET, ROSES)


def test_more_doors_than_one_can_go_to_are_fetched_by_several_at_a_time(desk: Callable[..., Any]) -> None:
    async def compare(quoter: Quoter, goods: tuple[Chosen, ...]) -> None:
        quote = await quoter.quote(goods, None, HOME, NOW + timedelta(days=6), NOW)
        pickups = [leg for leg in quote.legs if leg.timing.kind == "pickup"]
        assert len(pickups) == 2
        assert len({leg.partner for leg in pickups}) == 2
        fetched = [name for leg in pickups for name in leg.after]
        assert sorted(fetched) == sorted(leg.id for leg in quote.legs if leg.role == "product")
        assert max(len(leg.after) for leg in pickups) <= DOORS_EXACT_MAX
        (together,) = [leg for leg in quote.legs if leg.role == "assembly"]
        assert set(together.after) == {leg.id for leg in pickups}
        apart = abs(pickups[0].ends - pickups[1].ends)
        assert apart <= timedelta(minutes=TOGETHER_MINUTES)
        assert quote.plan.is_feasible

    names = (
        "rosie-and-thorn.ROSE-12", "juniper-and-wren.CANDLE-CEDAR", "premium-registry.POSH-BLK",
        "agave-and-fern.SUCC-FAVOR", "hyde-park-petals.CANDLE-PILLAR", "fiesta-papel.PAPEL-50",
        "hullabaloon.BQT-FOIL", "moon-and-muslin.MUSLIN-SET", "bell-and-hem.POCKET-L",
    )  # fmt: skip
    desk(compare, *((name, {}) for name in names))
