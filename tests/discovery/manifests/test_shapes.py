"""Every shape that catalogs come in, read from files such as shops send."""

from collections.abc import Callable

import pytest

from shared.discovery.manifests.read import Manifest
from shared.discovery.products import Product

Sample = Callable[..., Manifest]
Read = Callable[..., Manifest]


def by_sku(manifest: Manifest) -> dict[str, Product]:
    return {product.sku: product for product in manifest.products}


def told(manifest: Manifest) -> list[str]:
    return [str(problem) for problem in manifest.report.problems]


def test_three_broken_rows_of_a_shopkeeper_are_three_clear_problems_and_the_others_are_in(sample: Sample) -> None:
    manifest = sample("own.csv")
    assert told(manifest) == [
        "Row 3, price: 'twelve' is no amount; write 12.00",
        "Row 5, sku: is missing; write a short name of its own, such as ROSE-12",
        "Row 7, lead: 'soon' is no duration; write 45m, 2h, 1d or 2h30m",
    ]
    assert (manifest.report.accepted, manifest.report.refused) == (4, 3)
    assert list(by_sku(manifest)) == ["ROSE-12", "TULIP-20", "CLASS", "FLASK"]


def test_own_columns(sample: Sample) -> None:
    found = by_sku(sample("own.csv"))
    rose, course, flask = found["ROSE-12"], found["CLASS"], found["FLASK"]
    assert (rose.id, rose.price.minor, rose.net.minor, rose.stock) == ("corner-shop.ROSE-12", 4800, 3300, 24)
    assert (rose.lead_minutes, rose.work_minutes, rose.rating_hundredths, rose.ratings) == (60, 30, 470, 132)
    assert rose.attributes["recipient"] == ("wife", "girlfriend")
    assert set(rose.tags) == {"floristry", "gift-wrapping"}
    assert (course.kind, course.unit, course.party_min, course.party_max) == ("service", "person", 2, 10)
    assert found["TULIP-20"].net.minor == 2880
    (work,) = flask.customizations
    assert (work.tag, work.characters_max, work.positions, work.is_by_partner) == (
        "engraving",
        30,
        ("front", "back"),
        False,
    )


def test_ucp_catalog(sample: Sample) -> None:
    manifest = sample("ucp.json")
    found = by_sku(manifest)
    assert told(manifest) == [
        "Row 3, variants: 'p3' has no variants; give one at least, with id and price",
        "Row 4, price: '18.5' is no amount in minor units; write 1200 for 12.00",
    ]
    small, large, hour = found["BOARD-S"], found["12"], found["SOM-1"]
    assert (small.title, small.description) == ("Hill Country Cheese Board \u2013 For four", "Serves four.")
    assert (small.category, small.price.minor, small.net.minor, small.stock) == ("cheese-board", 6800, 5000, 6)
    assert (small.lead_minutes, small.attributes["size"]) == (180, ("small",))
    assert (large.description, large.stock) == ("Four cheeses & figs.", 0)
    assert (hour.title, hour.unit) == ("Sommelier by the Hour", "hour")
    assert "images: image addresses are not fetched; upload the pictures themselves" in manifest.report.notes


def test_acp_feed_nested_and_flat(sample: Sample) -> None:
    manifest = sample("acp.jsonl")
    found = by_sku(manifest)
    assert list(found) == ["SW-SAGE", "SW-BLUSH", "RATTLE-1"]
    assert (found["SW-SAGE"].attributes["colour"], found["SW-SAGE"].stock) == (("green",), None)
    assert (found["SW-BLUSH"].attributes["colour"], found["SW-BLUSH"].stock) == (("pink",), 0)
    rattle = found["RATTLE-1"]
    assert (rattle.category, rattle.price.minor, rattle.stock) == ("baby-toys", 1900, 12)
    assert rattle.link == "https://baby.example.com/rattle"
    assert told(manifest) == [
        "Row 5, row: is no JSON object",
        "Row 4, price: '79.00 EUR' is in EUR, but this shop sells in USD; write the price in USD",
    ]


def test_shopify_export(sample: Sample) -> None:
    manifest = sample("shopify.csv", net_percent=75, lead="2h", category="home-decor")
    found = by_sku(manifest)
    assert manifest.report.refused == 0
    small, large, shirt = found["PC-S"], found["PC-L"], found["bat-tee"]
    assert (small.title, large.title) == ("Prairie Candle \u2013 Small", "Prairie Candle \u2013 Large")
    assert large.description == "Soy wax, cedar and sage."
    assert (large.category, large.price.minor, large.net.minor, large.stock) == ("candle", 3400, 2550, 12)
    assert (large.lead_minutes, large.attributes["size"], large.tags) == (120, ("large",), ("gift-wrapping",))
    assert (shirt.title, shirt.status, shirt.stock, shirt.category) == ("Bat Bridge T-Shirt", "paused", 0, "apparel")
    assert found["ZEPH"].category == "home-decor"


def test_what_nobody_can_tell_is_looked_at_by_a_person(sample: Sample) -> None:
    strange = by_sku(sample("shopify.csv"))["ZEPH"]
    assert (strange.category, strange.needs_review) == ("gift", True)


def test_woocommerce_export(sample: Sample) -> None:
    found = by_sku(sample("woocommerce.csv"))
    soap, green, navy, old = found["SOAP-1"], found["TEE-GRN"], found["TEE-NVY"], found["OLD"]
    assert (soap.description, soap.category) == ("Hand-cut bar. Olive oil base.", "bath-body")
    assert soap.attributes["diet"] == ("vegan",)
    assert (green.title, green.category, green.stock) == ("Garden Apron \u2013 Green", "kitchen", 7)
    assert green.description == "Canvas with deep pockets."
    assert (navy.stock, navy.attributes["colour"]) == (0, ("blue",))
    assert (old.status, old.price.minor) == ("paused", 400)


def test_legacy_table_with_strange_headers_delimiter_and_encoding(sample: Sample) -> None:
    manifest = sample("legacy.csv")
    basket, sauce, formula = (by_sku(manifest)[sku] for sku in ("A-1", "A-2", "A-3"))
    assert (basket.title, basket.description) == ("Café Gift Basket", "Coffee & cookies")
    assert (basket.price.minor, basket.stock, basket.lead_minutes) == (104_550, 3, 2_880)
    assert (basket.category, basket.tags) == ("gift-basket", ("hamper-packing", "gift-wrapping"))
    assert (sauce.net.minor, sauce.category, sauce.attributes) == (600, "kitchen", {})
    assert formula.title == '=HYPERLINK("http://x")'
    assert told(manifest) == ["Row 5, sku: 'A-3' stands in row 4 already; give each offer a SKU of its own"]
    notes = manifest.report.notes
    assert "header: the column 'Product Nmae' was read as title" in notes
    assert "header: the column 'Shelf' was not understood and is left out" in notes
    assert "Row 4, title: it begins as a formula would and is kept as plain text" in notes
    assert any("Western European" in note for note in notes)


def test_legacy_json(sample: Sample) -> None:
    manifest = sample("legacy.json")
    found = by_sku(manifest)
    assert told(manifest) == ["Row 3, price: 'a lot' is no amount; write 12.00"]
    bunch, arch = found["K-1"], found["K-2"]
    assert (bunch.price.minor, bunch.stock, bunch.category) == (2450, None, "balloons")
    assert (bunch.attributes["occasion"], bunch.attributes["recipient"]) == (("birthday",), ("child",))
    assert (arch.price.minor, arch.stock) == (18_000, 0)


def test_experience_is_one_leg_of_several_events_and_waits_for_an_admin(sample: Sample) -> None:
    (loop,) = sample("experience.json").products
    assert (loop.kind, loop.needs_review, loop.price.minor, loop.net.minor) == ("experience", True, 42_000, 34_000)
    assert (loop.work_minutes, loop.lead_minutes, loop.stock, loop.party_max) == (180, 1_440, 2, 6)
    assert [(event.title, event.starts_after_minutes) for event in loop.events] == [
        ("Pick-up with flowers", 0),
        ("Dinner by the water", 60),
    ]
    place = loop.events[0].place
    assert place is not None
    assert (place.neighbourhood, place.region) == ("South Congress", "austin")


def test_a_broken_event_names_its_number(read: Read) -> None:
    text = '{"experiences": [{"sku": "X", "title": "Y", "price": "9", "events": [{"title": "A", "lasts": "long"}]}]}'
    manifest = read(text, "application/json")
    assert told(manifest) == ["Row 1, events[1].lasts: 'long' is no duration; write 45m, 2h, 1d or 2h30m"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [("own.csv", "own"), ("shopify.csv", "shopify"), ("woocommerce.csv", "woocommerce"), ("legacy.csv", "legacy"),
     ("ucp.json", "ucp"), ("acp.jsonl", "acp"), ("legacy.json", "legacy"), ("experience.json", "experience")],
)  # fmt: skip
def test_the_shape_is_known_without_being_named(sample: Sample, name: str, shape: str) -> None:
    assert sample(name) == sample(name, shape=shape)


def test_a_named_shape_that_the_file_does_not_have_is_said(read: Read) -> None:
    assert told(read("a,b\n1,2\n", shape="ucp")) == ["The file: the shape ucp is JSON, and this is none"]
    assert told(read("{}", "application/json", shape="own")) == ["The file: the shape own is CSV, and this is JSON"]
    assert told(read("a,b\n1,2\n", shape="own")) == [
        (
            "The file: it has no column sku and no column title and no column price; the header begins"
            " sku,title,description,kind,category,price"
        )
    ]
    assert "Handle and Variant Price" in told(read("a,b\n1,2\n", shape="shopify"))[0]
    assert "Name and Regular price" in told(read("a,b\n1,2\n", shape="woocommerce"))[0]
