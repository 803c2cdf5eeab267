"""A partner's products as they are kept: nothing written twice, nothing half, nothing lost that others have changed."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.catalog import images, keep
from shared.discovery.products import PRODUCTS
from shared.errors import CONFLICT, INVALID, MEDIA_TYPE, NOT_FOUND, AppError
from shared.logistics.capacity import Unsold
from shared.money.amounts import Money
from shared.records import Write

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
World = Any
Play = Callable[[Callable[[World], Awaitable[None]]], None]
TINY_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


async def kept(world: World, partner: str = "flora") -> dict[str, Any]:
    return {stored.value.sku: stored.value for stored in await keep.products_of(world.store, partner)}


def test_the_same_manifest_again_writes_nothing(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        first = await world.submit(shop)
        assert (first.accepted, first.changed, first.unchanged) == (3, 3, 0)
        token = (await world.store.changes(PRODUCTS, None)).token
        again = await world.submit(shop, at=LATER)
        assert (again.accepted, again.changed, again.unchanged) == (3, 0, 3)
        assert (await world.store.changes(PRODUCTS, token)).items == []

    play(scenario)


def test_a_changed_row_changes_its_product_alone(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        report = await world.submit(
            shop,
            "ROSES,A Dozen Red Roses,52.00,product,24,roses,30.00,red",
            "VASE,Tall Glass Vase,22.00,product,5,vase,12.00,",
        )
        assert (report.changed, report.unchanged, report.removed) == (1, 1, 0)
        assert {sku: one.price.minor for sku, one in (await kept(world)).items()} == {
            "ROSES": 5200, "TULIPS": 3600, "VASE": 2200
        }  # fmt: skip

    play(scenario)


def test_a_full_manifest_removes_what_it_no_longer_names(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        report = await world.submit(shop, "ROSES,A Dozen Red Roses,48.00,product,24,roses,30.00,red", is_full=True)
        assert (report.changed, report.unchanged, report.removed) == (0, 1, 2)
        assert {sku: one.status for sku, one in (await kept(world)).items()} == {
            "ROSES": "active", "TULIPS": "removed", "VASE": "removed"
        }  # fmt: skip
        assert (await world.submit(shop)).changed == 2

    play(scenario)


def test_a_full_manifest_with_a_broken_row_removes_not_that_product(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        broken = ("ROSES,A Dozen Red Roses,dear,product,,roses,,", "VASE,Tall Glass Vase,22.00,product,5,vase,12.00,")
        report = await world.submit(shop, *broken, is_full=True)
        assert (report.refused, report.removed) == (1, 1)
        assert (await kept(world))["ROSES"].status == "active"

    play(scenario)


@pytest.mark.parametrize(
    "rows", [(",No SKU,1.00,product,,roses,,", "VASE,Vase,22.00,product,5,vase,,"), ("ROSES,x,y,product,,,,",)]
)
def test_a_full_manifest_that_cannot_be_read_removes_nothing(play: Play, rows: tuple[str, ...]) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        report = await world.submit(shop, *rows, is_full=True)
        assert report.removed == 0
        assert "nothing was removed" in report.notes[-1]
        assert {one.status for one in (await kept(world)).values()} == {"active"}

    play(scenario)


def test_more_than_a_batch(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        rows = [f"S-{number},Rose number {number},1.00,product,,roses,," for number in range(450)]
        assert (await world.submit(shop, *rows)).changed == 450
        assert (await world.submit(shop, *rows)).unchanged == 450

    play(scenario)


def test_images_ratings_and_approval_outlive_a_manifest(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        row = "MYST,Zephyr No. 9,9.00,product,3,,,"
        await world.submit(shop, row)
        assert (await kept(world))["MYST"].needs_review
        approved = await keep.approve(world.store, "flora", "MYST", AT)
        own = approved.model_copy(update={"images": ("a" * 64,), "rating_hundredths": 450, "ratings": 9})
        await world.store.apply(PRODUCTS, "flora", [Write("put", own)])
        assert (await world.submit(shop, row)).changed == 0
        await world.submit(shop, "MYST,Zephyr No. 9,11.00,product,3,,,")
        dearer = (await kept(world))["MYST"]
        assert (dearer.price.minor, dearer.needs_review, dearer.images, dearer.ratings) == (1100, False, ("a" * 64,), 9)
        await world.submit(shop, "MYST,Zephyr No. 10,11.00,product,3,,,")
        assert (await kept(world))["MYST"].needs_review

    play(scenario)


def test_price_stock_and_removal(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        price, net = Money(minor=5000, currency="USD"), Money(minor=3100, currency="USD")
        changed = await keep.set_price(world.store, "flora", "ROSES", price, net, LATER)
        assert (changed.price, changed.net, changed.updated_at) == (price, net, LATER)
        assert (await keep.set_stock(world.store, "flora", "ROSES", None, LATER)).stock is None
        assert (await keep.remove(world.store, "flora", "ROSES", LATER)).status == "removed"
        again = await keep.remove(world.store, "flora", "ROSES", LATER + timedelta(hours=1))
        assert again.updated_at == LATER

    play(scenario)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda store: keep.set_stock(store, "flora", "NONE", 1, AT), NOT_FOUND),
        (lambda store: keep.set_stock(store, "flora", "ROSES", -1, AT), INVALID),
        (lambda store: keep.remove(store, "flora", "no/such", AT), NOT_FOUND),
        (lambda store: keep.set_price(store, "flora", "ROSES", *[Money(minor=0, currency="USD")] * 2, AT), INVALID),
        (lambda store: keep.set_price(store, "flora", "ROSES", *[Money(minor=9, currency="EUR")] * 2, AT), INVALID),
    ],
)
def test_what_cannot_be(play: Play, change: Callable[[Any], Awaitable[Any]], code: Any) -> None:
    async def scenario(world: World) -> None:
        await world.submit(await world.put(world.shop()))
        with pytest.raises(AppError) as refused:
            await change(world.store)
        assert refused.value.code is code

    play(scenario)


async def sold(world: World, units: int, sales: int, told: datetime = AT) -> bool:
    unsold = Unsold(units=units, limit_at=told, sales=sales)
    return await keep.show_unsold(world.store, "flora", "ROSES", unsold, LATER)


def test_sales_that_are_told_in_any_order_end_with_the_last(play: Play) -> None:
    async def scenario(world: World) -> None:
        await world.submit(await world.put(world.shop()))
        order = random.Random(7).sample(range(1, 25), 24)
        for first in range(0, 24, 4):
            await asyncio.gather(*(sold(world, 24 - sales, sales) for sales in order[first : first + 4]))
        assert (await kept(world))["ROSES"].stock == 0
        assert not await sold(world, 20, 4)

    play(scenario)


def test_what_a_partner_says_of_its_stock_no_earlier_sale_undoes(play: Play) -> None:
    async def scenario(world: World) -> None:
        shop = await world.put(world.shop())
        await world.submit(shop)
        assert await sold(world, 23, 1)
        await keep.set_price(world.store, "flora", "ROSES", *[Money(minor=9, currency="USD")] * 2, LATER)
        assert await sold(world, 22, 2), "another price says nothing of the stock"
        first = await keep.set_stock(world.store, "flora", "ROSES", 9, AT)
        assert first.stock_at > AT, "two words of the same moment are told apart"
        assert not await sold(world, 21, 3)
        assert await sold(world, 8, 1, first.stock_at)
        await world.submit(shop)
        again = (await kept(world))["ROSES"]
        assert (again.stock, again.stock_sales) == (24, 0)
        assert not await sold(world, 7, 2, first.stock_at)
        assert (await world.submit(shop)).changed == 0

    play(scenario)


def test_images_are_kept_by_hash_and_shown_in_order(play: Play, tmp_path: Any) -> None:
    from shared.adapters.blobs_folder import FolderBlobs

    async def scenario(world: World) -> None:
        blobs = FolderBlobs(tmp_path / "blobs")
        await world.submit(await world.put(world.shop()))
        gif = b"GIF89a" + bytes(20)
        await images.add_image(world.store, blobs, "flora", "ROSES", TINY_PNG, "image/png", at=AT)
        await images.add_image(world.store, blobs, "flora", "ROSES", TINY_PNG, "image/png", at=AT)
        shown = await images.add_image(world.store, blobs, "flora", "ROSES", gif, "image/gif", at=AT)
        assert len(shown.images) == 2
        blob = await blobs.get(shown.images[0])
        assert blob is not None
        assert blob.data == TINY_PNG
        left = await images.remove_image(world.store, "flora", "ROSES", shown.images[0], AT)
        assert left.images == shown.images[1:]
        for number in range(9):
            await images.add_image(world.store, blobs, "flora", "ROSES", gif + bytes([number]), "image/gif", at=AT)
        with pytest.raises(AppError) as full:
            await images.add_image(world.store, blobs, "flora", "ROSES", gif + b"zz", "image/gif", at=AT)
        assert full.value.code is CONFLICT
        with pytest.raises(AppError) as no_picture:
            await images.add_image(world.store, blobs, "flora", "ROSES", b"a,b", "text/csv", at=AT)
        assert no_picture.value.code is MEDIA_TYPE

    play(scenario)
