"""Files that are broken, too large, or meant to do harm: a report is all that comes of them."""

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.discovery.manifests import rows
from shared.discovery.manifests.read import MEDIA_TYPES, Manifest
from shared.discovery.manifests.rows import COLUMNS

Read = Callable[..., Manifest]
HEADER = "sku,title,price,kind,description\n"
SHAPES = (None, "own", "ucp", "acp", "shopify", "woocommerce", "legacy", "experience")
ANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

words = st.sampled_from(
    [
        "",
        "a",
        "=1+1",
        "12.00",
        "-3",
        "9" * 400,
        "\x00",
        "\ud800",
        "é",
        "2h",
        "roses",
        "1e999",
        "  ",
        '"',
        "embroidery(",
        "2-1",
    ]
)
scalars = st.one_of(words, st.integers(), st.floats(), st.booleans(), st.none())
names = st.sampled_from(
    [*COLUMNS, "id", "variants", "products", "price_range", "items", "experiences", "events", "metadata"]
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=30
)


def told(manifest: Manifest) -> list[str]:
    return [str(problem) for problem in manifest.report.problems]


def holds(manifest: Manifest) -> None:
    report = manifest.report
    assert report.accepted == len(manifest.products)
    assert manifest.products or report.problems
    assert {product.sku for product in manifest.products} <= manifest.named
    assert len({product.id for product in manifest.products}) == report.accepted
    assert all(
        product.price.minor >= product.net.minor >= 0 and product.price.minor > 0 for product in manifest.products
    )


@ANY
@given(st.binary(max_size=2_000), st.sampled_from(MEDIA_TYPES), st.sampled_from(SHAPES))
def test_any_bytes_give_a_report(read: Read, data: bytes, media_type: str, shape: str | None) -> None:
    holds(read(data, media_type, shape))


@ANY
@given(documents, st.sampled_from(SHAPES))
def test_any_json_gives_a_report(read: Read, document: object, shape: str | None) -> None:
    holds(read(json.dumps(document), "application/json", shape))


@ANY
@given(st.lists(st.lists(words, min_size=1, max_size=len(COLUMNS)), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_any_cells_give_a_report(read: Read, cells: list[list[str]], mark: str) -> None:
    lines = [mark.join(COLUMNS), *(mark.join(row) for row in cells)]
    holds(read("\n".join(lines).encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("opening", ["[" * 200_000, '{"products":' * 50_000, '[{"a":' * 60_000])
def test_depth_is_no_danger(read: Read, opening: str) -> None:
    assert told(read(opening, "application/json"))[0].startswith("The file: it is no JSON")


def test_valid_json_that_is_nested_too_deep_is_refused(read: Read) -> None:
    text = '{"products": ' + "[" * 40 + "]" * 40 + "}"
    assert told(read(text, "application/json"))[0].startswith("The file: it is no JSON")


def test_numbers_without_end_do_not_hold_it_up(read: Read) -> None:
    text = '{"items": [{"id": "A", "title": "Roses", "price": ' + "9" * 1_000_000 + "}]}"
    assert told(read(text, "application/json"))[0].startswith("Row 1, price:")


def test_limits(read: Read) -> None:
    assert "bytes" in told(read(b"a" * (rows.BYTES_MAX + 1)))[0]
    assert "rows" in told(read(HEADER + "A,B,1,,\n" * (rows.ROWS_MAX + 1)))[0]
    assert "lines" in told(read("\n" * (20 * rows.ROWS_MAX + 1)))[0]
    assert "columns" in told(read(",".join(["a"] * (rows.COLUMNS_MAX + 1)) + "\n"))[0]
    assert "type is not taken" in told(read("a", "text/html"))[0]
    many = json.dumps([{"sku": "A"}] * (rows.ROWS_MAX + 1))
    assert "entries" in told(read(many, "application/json"))[0]


def test_a_field_that_never_ends_refuses_its_row(read: Read) -> None:
    items = [
        {"id": "A", "title": "Roses", "price": "1", "description": "<" * 1_000_000},
        {"id": "B", "title": "x", "price": "1"},
    ]
    manifest = read(json.dumps(items), "application/json")
    assert [product.sku for product in manifest.products] == ["B"]
    assert "1000000 characters" in told(manifest)[0]


def test_what_is_told_has_an_end(read: Read) -> None:
    odd = "".join(
        f"S-{number},Rose,1.00,,{';'.join(f'c{number}-{one}' for one in range(60))}\n" for number in range(50)
    )
    report = read("sku,title,price,kind,colours\n" + odd).report
    assert (report.accepted, len(report.notes), report.notes[-1]) == (50, rows.NOTES_MAX + 1, "And 2800 more.")
    bad = read(HEADER + "".join(f"S-{number},Rose,?,,\n" for number in range(1_500))).report
    assert (bad.refused, len(bad.problems)) == (1_500, rows.PROBLEMS_MAX)


def test_what_is_too_many_gives_nothing_instead_of_a_part(read: Read) -> None:
    manifest = read(HEADER + "".join(f"A{number},Roses,1,,\n" for number in range(rows.ROWS_MAX + 1)))
    assert (manifest.products, manifest.is_whole) == ((), False)


def test_a_quotation_mark_left_open_costs_its_row_only(read: Read) -> None:
    manifest = read(HEADER + 'A,"Roses,12.00,,\nB,Tulips,9.00,,\nC,Lilies,8.00,,"two\nlines"\n')
    assert [product.sku for product in manifest.products] == ["B", "C"]
    assert told(manifest)[0].startswith("Row 2, row:")
    assert "quotation mark" in told(manifest)[0]


def test_text_over_several_lines_is_one_row(read: Read) -> None:
    (rose, tulip) = read(HEADER + 'A,Roses,12.00,,"Red.\r\nLong."\r\nB,Tulips,9,,\r\n').products
    assert (rose.description, tulip.sku) == ("Red. Long.", "B")


def test_an_inch_mark_is_no_quotation(read: Read) -> None:
    (pot, plant) = read(HEADER + 'A,5" Pot with Orchid,12.00,,\nB,Cactus,9,,\n').products
    assert (pot.title, plant.sku) == ('5" Pot with Orchid', "B")


def test_cells_too_many(read: Read) -> None:
    (problem,) = told(read(HEADER + "A,Roses, red,12.00,,,x\n"))
    assert problem == "Row 2, row: 'A' has 7 cells under 5 columns; put text with commas into quotation marks"


@pytest.mark.parametrize(
    ("title", "seen"),
    [("<b>Red</b> Roses<script>steal()</script>", "Red Roses"), ("&amp;lt;b&amp;gt; Roses", "&lt;b&gt; Roses"),
     ("Roses&#0;&#7; x", "Roses x")],
)  # fmt: skip
def test_markup_is_read_once_in_every_shape(read: Read, title: str, seen: str) -> None:
    (product,) = read(f"{HEADER}A,{title},1.00,,\n").products
    assert product.title.replace("\ufffd", "") == seen


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\x9f"])
def test_control_characters_refuse_the_field(read: Read, letter: str) -> None:
    (problem,) = told(read(f"{HEADER}A,Ro{letter}ses,1.00,,\n"))
    assert problem.startswith("Row 2, title:")
    assert letter not in problem


def test_directions_that_would_show_another_text_are_taken_out(read: Read) -> None:
    (product,) = read(f"{HEADER}A,Roses\u202e gnp.exe,1.00,,\n").products
    assert product.title == "Roses gnp.exe"


def test_all_that_is_wrong_with_a_row_is_told_at_once(read: Read) -> None:
    manifest = read(HEADER + "A A,,x,thing,\n")
    assert [problem.field for problem in manifest.report.problems] == ["sku", "title", "kind", "price"]
    assert manifest.report.refused == 1


def test_ratings_that_a_shop_gives_itself_are_left_out(read: Read) -> None:
    manifest = read("sku,title,price,kind,rating,ratings\nA,Roses,1.00,,5.0,9999\n", has_ratings=False)
    assert (manifest.products[0].rating_hundredths, manifest.products[0].ratings) == (0, 0)
    assert any("ratings are given by customers" in note for note in manifest.report.notes)


def test_skus_of_refused_rows_are_named(read: Read) -> None:
    manifest = read(HEADER + "A,Roses,1.00,,\nB,Tulips,no,,\n")
    assert (manifest.named, manifest.is_whole) == (frozenset({"A", "B"}), True)
    assert not read(HEADER + "A,Roses,1.00,,\n,Tulips,1.00,,\n").is_whole


def test_what_is_read_twice_is_the_same(read: Read) -> None:
    text = HEADER + "A,Roses,1.00,,\nB,Tulips,no,,\n"
    assert read(text) == read(text)
