"""A city from its files: through the same checks as a partner's own, all or nothing, and once."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.catalog import keep
from shared.catalog.city import CityProblems, load_city
from shared.discovery.bundles import BUNDLES
from shared.discovery.partners import PARTNERS
from shared.discovery.products import PRODUCTS
from shared.logistics.hubs import HUBS
from shared.people.workers import WORKERS

AUSTIN = Path(__file__).parents[2] / "data" / "austin"
AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
LATER = AT + timedelta(days=1)
World = Any
Play = Callable[[Callable[[World], Awaitable[None]]], None]

PLACE = 'place = { address = "1 Main St", point = { lat = 30.27, lng = -97.74 }, region = "austin" }\n'
HOURS = '[hours]\ntime_zone = "America/Chicago"\nweek = { mon = "9:00-17:00" }\n'
CONTACT = 'contact = { channel = "email", address = "a@example.com" }\n'
PARTNER = f'id = "flora"\nname = "Flora"\nkind = "florist"\n{PLACE}{CONTACT}{HOURS}[defaults]\nnet_percent = 70\n'
PRODUCTS_CSV = """sku,title,price,kind,stock,category
ROSES,A Dozen Roses,48.00,product,9,roses
VASE,Vase,20.00,product,,vase
"""
LOOP = """{"experiences": [{"sku": "LOOP", "title": "The Loop", "price": "90", "category": "limo",
                            "events": [{"title": "Ride", "lasts": "1h"}]}]}"""
BUNDLE = """[[bundle]]
id = "romance"
title = "Romance"
category = "gift"
region = "austin"
status = "published"
attributes = { occasion = ["anniversary"] }
parts = [{ product = "flora.ROSES" }, { product = "flora.VASE", after = [0] }]
"""
HUB = (
    f'[[hub]]\nid = "hub-one"\nname = "Hub One"\n{PLACE}{CONTACT}'
    '[hub.hours]\ntime_zone = "America/Chicago"\nweek = {}\n'
)
WORKER = (
    f'[[worker]]\nid = "ana"\nname = "Ana"\nvehicle = "bike"\n{PLACE}{CONTACT}'
    '[worker.hours]\ntime_zone = "America/Chicago"\nweek = {}\n'
)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A town of one shop."""
    folder = tmp_path / "town"
    home = folder / "partners" / "flora"
    home.mkdir(parents=True)
    (folder / "partners" / "not-yet").mkdir()
    (home / "partner.toml").write_text(PARTNER)
    (home / "products.csv").write_text(PRODUCTS_CSV)
    (home / "experience.json").write_text(LOOP)
    (folder / "bundles.toml").write_text(BUNDLE)
    (folder / "hubs.toml").write_text(HUB)
    (folder / "workers.toml").write_text(WORKER)
    return folder


async def written_since(world: World, tokens: dict[str, str | None]) -> set[str]:
    found: set[str] = set()
    for container in (PARTNERS, PRODUCTS, BUNDLES, HUBS, WORKERS):
        page = await world.store.changes(container, tokens.get(container.name))
        found |= {stored.value.id for stored in page.items}
        tokens[container.name] = page.token
    return found


def test_a_town_is_loaded_once(play: Play, town: Path) -> None:
    async def scenario(world: World) -> None:
        tokens: dict[str, str | None] = {}
        report = await load_city(town, world.store, world.taxonomy, AT)
        assert (report.partners, report.products, report.bundles, report.hubs, report.workers) == (1, 3, 1, 1, 1)
        assert report.written == 7
        everything = {"flora", "flora.ROSES", "flora.VASE", "flora.LOOP", "romance", "hub-one", "ana"}
        assert await written_since(world, tokens) == everything
        again = await load_city(town, world.store, world.taxonomy, LATER)
        assert again == report.__class__(**{**vars(report), "written": 0})
        assert await written_since(world, tokens) == set()

    play(scenario)


def test_a_changed_file_changes_just_that(play: Play, town: Path) -> None:
    async def scenario(world: World) -> None:
        tokens: dict[str, str | None] = {}
        await load_city(town, world.store, world.taxonomy, AT)
        await written_since(world, tokens)
        file = town / "partners" / "flora" / "products.csv"
        file.write_text(PRODUCTS_CSV.replace("48.00", "52.00"))
        assert (await load_city(town, world.store, world.taxonomy, LATER)).written == 1
        assert await written_since(world, tokens) == {"flora.ROSES"}
        (town / "bundles.toml").write_text(BUNDLE.replace('"Romance"', '"Great Romance"'))
        assert (await load_city(town, world.store, world.taxonomy, LATER)).written == 1
        assert await written_since(world, tokens) == {"romance"}

    play(scenario)


def test_what_was_sold_stays_sold(play: Play, town: Path) -> None:
    async def scenario(world: World) -> None:
        await load_city(town, world.store, world.taxonomy, AT)
        await keep.set_stock(world.store, "flora", "ROSES", 1, AT)
        await load_city(town, world.store, world.taxonomy, LATER)
        stored = await world.store.get(PRODUCTS, "flora", "flora.ROSES")
        assert stored.value.stock == 1

    play(scenario)


def test_a_product_that_leaves_the_file_is_removed(play: Play, town: Path) -> None:
    async def scenario(world: World) -> None:
        await load_city(town, world.store, world.taxonomy, AT)
        (town / "bundles.toml").unlink()
        file = town / "partners" / "flora" / "products.csv"
        file.write_text("\n".join(PRODUCTS_CSV.splitlines()[:2]))
        await load_city(town, world.store, world.taxonomy, LATER)
        stored = await world.store.get(PRODUCTS, "flora", "flora.VASE")
        assert stored.value.status == "removed"

    play(scenario)


def test_what_the_editor_of_the_files_offers_needs_no_review(play: Play, town: Path) -> None:
    async def scenario(world: World) -> None:
        await load_city(town, world.store, world.taxonomy, AT)
        await world.follower.catch_up()
        assert await world.found() == {"flora.ROSES", "flora.VASE", "flora.LOOP", "romance"}

    play(scenario)


def test_every_problem_is_told_with_its_file_and_row_and_nothing_is_written(play: Play, town: Path) -> None:
    async def scenario(world: World) -> None:
        home = town / "partners" / "flora"
        (home / "products.csv").write_text(PRODUCTS_CSV.replace("48.00", "dear"))
        (home / "partner.toml").write_text(PARTNER.replace('kind = "florist"', 'kind = "florist"\ncurrency = "XXX"'))
        (town / "partners" / "other").mkdir()
        (town / "partners" / "other" / "partner.toml").write_text(PARTNER)
        (town / "partners" / "other" / "products.csv").write_text(PRODUCTS_CSV.replace("48.00", "dear"))
        (town / "hubs.toml").write_text(HUB + HUB)
        (town / "workers.toml").write_text("[[worker]")
        (town / "bundles.toml").write_text(BUNDLE.replace("flora.VASE", "flora.URN").replace("anniversary", "annivers"))
        with pytest.raises(CityProblems) as told:
            await load_city(town, world.store, world.taxonomy, AT)
        problems = told.value.problems
        for beginning in (
            "flora/partner.toml, currency:",
            "other/partner.toml, id: 'flora' is not the folder's name",
            "other/products.csv, Row 2, price: 'dear' is no amount; write 12.00",
            "hubs.toml, id: 'hub-one' stands there twice",
            "workers.toml: ",
            "bundles.toml, romance, occasion: 'annivers' is none we know",
            "bundles.toml, romance, part 1: there is no product 'flora.URN'",
        ):
            assert any(problem.startswith(beginning) for problem in problems), (beginning, problems)
        assert await written_since(world, {}) == set()

    play(scenario)


def test_austin_loads_whole(play: Play) -> None:
    async def scenario(world: World) -> None:
        report = await load_city(AUSTIN, world.store, world.taxonomy, AT)
        assert report.partners >= 60
        assert report.products >= 850
        assert report.bundles >= 30
        assert (report.hubs, report.workers) == (6, 25)
        own = [note for note in report.notes if "none we know" in note or "no capability" in note]
        assert own == []
        assert (await load_city(AUSTIN, world.store, world.taxonomy, LATER)).written == 0
        await world.follower.catch_up()
        assert "rosie-and-thorn.ROSE-12" in await world.found(text="red roses", limit=500)

    if not (AUSTIN / "bundles.toml").is_file():
        pytest.skip("the city has no bundles yet")
    play(scenario)
