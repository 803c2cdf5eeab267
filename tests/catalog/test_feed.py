"""The search index follows the store: at once, from wherever it stopped, and nothing stays that is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from shared.catalog import keep
from shared.catalog.feed import Follower
from shared.discovery.bundles import BUNDLES, Bundle
from shared.money.amounts import Money
from shared.records import Unavailable, Write

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
World = Any
Play = Callable[[Callable[[World], Awaitable[None]]], None]
ALL = {"flora.ROSES", "flora.TULIPS", "flora.VASE"}


def bundle(**more: Any) -> Bundle:
    facts = {
        "id": "romance", "title": "An Evening of Romance", "category": "gift", "region": "austin",
        "parts": [{"product": "flora.ROSES", "quantity": 2}, {"product": "flora.VASE", "after": [0]}],
        "status": "published", "updated_at": AT,
    }  # fmt: skip
    return Bundle.model_validate({**facts, **more})


async def filled(world: World) -> Any:
    shop = await world.put(world.shop())
    await world.submit(shop)
    await world.follower.catch_up()
    return shop


def test_what_is_submitted_is_found_and_what_is_known_costs_nothing(play: Play) -> None:
    async def scenario(world: World) -> None:
        await filled(world)
        assert await world.found() == ALL
        assert await world.found(text="tulips") == {"flora.TULIPS"}
        assert await world.follower.catch_up() == 0

    play(scenario)


def test_price_stock_and_removal_are_seen_at_once(play: Play) -> None:
    async def scenario(world: World) -> None:
        await filled(world)
        half = Money(minor=2000, currency="USD")
        await keep.set_price(world.store, "flora", "ROSES", half, half, AT)
        await keep.set_stock(world.store, "flora", "VASE", 0, AT)
        await keep.remove(world.store, "flora", "TULIPS", AT)
        assert await world.follower.catch_up() == 3
        assert await world.found() == {"flora.ROSES"}
        assert await world.found(price_max_minor=2000) == {"flora.ROSES"}

    play(scenario)


def test_a_partner_that_pauses_takes_its_products_along_and_brings_them_back(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await filled(world)
        await world.put(shop.model_copy(update={"status": "paused"}))
        await world.follower.catch_up()
        assert await world.found() == set()
        await world.put(shop)
        await world.follower.catch_up()
        assert await world.found() == ALL

    play(scenario)


def test_a_partner_that_moves_is_found_where_it_is(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await filled(world)
        place = shop.place.model_copy(update={"region": "dallas"})
        await world.put(shop.model_copy(update={"place": place}))
        await world.follower.catch_up()
        assert (await world.found(region="austin"), await world.found(region="dallas")) == (set(), ALL)

    play(scenario)


def test_what_waits_for_review_is_not_found_before(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop, "MYST,Zephyr No. 9,9.00,product,3,,,")
        await world.follower.catch_up()
        assert await world.found() == set()
        await keep.approve(world.store, "flora", "MYST", AT)
        await world.follower.catch_up()
        assert await world.found() == {"flora.MYST"}

    play(scenario)


def test_a_bundle_follows_its_parts_and_their_partner(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await filled(world)
        await world.store.apply(BUNDLES, "romance", [Write("put", bundle())])
        await world.follower.catch_up()
        wanted = {"kinds": frozenset({"bundle"})}
        assert await world.found(**wanted, price_max_minor=2 * 4800 + 2200) == {"romance"}
        assert await world.found(**wanted, price_max_minor=2 * 4800 + 2199) == set()
        await keep.set_stock(world.store, "flora", "ROSES", 1, AT)
        await world.follower.catch_up()
        assert await world.found(**wanted) == set()
        await keep.set_stock(world.store, "flora", "ROSES", 2, AT)
        await world.follower.catch_up()
        assert await world.found(**wanted) == {"romance"}
        await world.put(shop.model_copy(update={"status": "closed"}))
        await world.follower.catch_up()
        assert await world.found() == set()
        await world.put(shop)
        await world.follower.catch_up()
        assert await world.found() == {*ALL, "romance"}
        await keep.remove(world.store, "flora", "VASE", AT)
        await world.follower.catch_up()
        assert await world.found(**wanted) == set()

    play(scenario)


@pytest.mark.parametrize("change", [{"status": "draft"}, {"status": "removed"}])
def test_a_bundle_that_is_not_published_is_not_found(play: Play, change: dict[str, Any]) -> None:
    async def scenario(world: World) -> None:
        await filled(world)
        await world.store.apply(BUNDLES, "romance", [Write("put", bundle())])
        await world.follower.catch_up()
        await world.store.apply(BUNDLES, "romance", [Write("put", bundle(**change))])
        await world.follower.catch_up()
        assert await world.found() == ALL

    play(scenario)


def test_what_was_written_while_nobody_followed_is_caught_up_after_a_restart(play: Play) -> None:
    async def before(world: World) -> None:
        await filled(world)
        await keep.remove(world.store, "flora", "TULIPS", AT)

    async def after(world: World) -> None:
        assert await world.found() == ALL
        assert await world.follower.catch_up() == 1
        assert await world.found() == ALL - {"flora.TULIPS"}

    play(before)
    play(after)


class Failing:
    """An index that fails at the nth write, before or after it is done, as a process that is killed there."""

    def __init__(self, index: Any, nth: int, *, is_after: bool) -> None:
        self._index, self._left, self._is_after = index, nth, is_after

    async def write(self, *what: Any) -> None:
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise Unavailable("killed before the write")
        await self._index.write(*what)
        if self._left == 0:
            raise Unavailable("killed after the write")

    async def upto(self) -> Any:
        return await self._index.upto()


@pytest.mark.parametrize("nth", range(1, 7))
@pytest.mark.parametrize("is_after", [False, True])
def test_wherever_it_is_interrupted_the_next_run_ends_it(play: Play, nth: int, is_after: bool) -> None:
    async def scenario(world: World) -> None:
        shop = await filled(world)
        await world.store.apply(BUNDLES, "romance", [Write("put", bundle())])
        await world.put(shop.model_copy(update={"reach_km": 3.0}))
        rows = [f"S-{number},Rose number {number},1.00,product,,roses,," for number in range(250)]
        await world.submit(shop, *rows)
        failing = Failing(world.index, nth, is_after=is_after)
        follower = Follower(world.store, failing, world.follower._embeddings, world.taxonomy)
        with pytest.raises(Unavailable):
            for units in count():
                await follower.catch_up()
                await keep.set_stock(world.store, "flora", "VASE", units, AT)
        await world.follower.catch_up()
        assert len(await world.found(limit=500)) == 254
        assert await world.follower.catch_up() == 0

    play(scenario)


def test_the_index_of_another_store_is_followed_from_the_beginning(play: Play, tmp_path: Any) -> None:
    async def before(world: World) -> None:
        await filled(world)
        await keep.set_stock(world.store, "flora", "VASE", 0, AT)
        await world.follower.catch_up()

    async def after(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop, "ROSES,A Dozen Red Roses,48.00,product,24,roses,30.00,red")
        await world.follower.catch_up()
        assert await world.found(quantity=0) == {"flora.ROSES"}

    play(before)
    for file in tmp_path.glob("records.db*"):
        file.unlink()
    play(after)


def test_callers_in_many_threads_and_loops_take_turns(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)

        def caller(number: int) -> bool:
            async def call() -> bool:
                await world.submit(shop, f"S-{number},Rose number {number},1.00,product,,roses,,")
                await world.follower.catch_up()
                return f"flora.S-{number}" in await world.found(limit=500)

            return asyncio.run(call())

        with ThreadPoolExecutor(8) as threads:
            calls = [asyncio.wrap_future(threads.submit(caller, number)) for number in range(24)]
            assert all(await asyncio.gather(*calls))
        assert len(await world.found(limit=500)) == 27

    play(scenario)


def test_a_caller_that_gives_up_leaves_the_turn_to_others(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        given_up = [asyncio.create_task(world.follower.catch_up()) for _ in range(3)]
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        await world.follower.catch_up()
        assert await world.found() == ALL

    play(scenario)
