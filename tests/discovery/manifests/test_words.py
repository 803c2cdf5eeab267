"""Amounts, durations, markup, and finding out what a thing is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.manifests.amounts import minor_of
from shared.discovery.manifests.durations import minutes_of
from shared.discovery.manifests.markup import words_of
from shared.discovery.manifests.read import Manifest
from shared.discovery.manifests.tagging import Said, tagging_of
from shared.discovery.manifests.takes import customization_of
from shared.discovery.manifests.words import Lexicon, singular
from shared.discovery.taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("text", "minor"),
    [("48", 4800), ("48.00", 4800), ("48.5", 4850), ("$48.00", 4800), ("$1,234.50", 123_450), ("1.234,50", 123_450),
     ("1 234,50", 123_450), ("48.00 USD", 4800), ("USD 48", 4800), ("US$48", 4800), ("12,5", 1250), ("12.5000", 1250),
     ("1,234", 123_400), ("0.99", 99), ("1'200.00", 120_000)],
)  # fmt: skip
def test_amounts(text: str, minor: int) -> None:
    assert minor_of(text, "USD") == minor


@pytest.mark.parametrize(
    "text",
    ["twelve", "12-15", "-5", "1.234", "12.345", "£5", "5 EUR", "12 dollars 5", "1,23,4", "1.2.3", "99999999999", "٣"],
)
def test_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 1|in USD"):
        minor_of(text, "USD")


@given(st.integers(0, 1_000_000_000))
def test_amounts_as_we_write_them_come_back(minor: int) -> None:
    assert minor_of(f"${minor // 100:,}.{minor % 100:02}", "USD") == minor
    assert minor_of(f"{minor // 100}.{minor % 100:02}", "USD") == minor


def test_amounts_of_currencies_without_cents() -> None:
    assert minor_of("¥1,200", "JPY") == 1200
    with pytest.raises(ValueError, match="decimals"):
        minor_of("1200.5", "JPY")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("45m", 45), ("2h", 120), ("1d", 1440), ("2h30m", 150), ("2h 30m", 150), ("1.5 hours", 90), ("2 days", 2880),
     ("1 week", 10_080), ("90 min", 90), ("1 day and 2 hours", 1560), ("0", 0), ("0m", 0)],
)  # fmt: skip
def test_durations(text: str, minutes: int) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize("text", ["", "soon", "2", "2x", "h", "400d", "1m2", "-2h", "2 months"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="write 45m"):
        minutes_of(text)


def test_markup() -> None:
    assert words_of("<p>Soy &amp; sage</p><p>Two</p>") == "Soy & sage Two"
    assert words_of("<script>alert('<b>')</script>seen<style>p{}</style>") == "seen"
    assert words_of("5 < 6 and R&B") == "5 < 6 and R&B"
    assert words_of("<p onclick='x()'>a<br>b") == "a b"
    assert words_of("<![if x]>shown<!-- <b> not --> again") == "shown again"
    assert words_of("<b>half</b>way <i>there") == "halfway there"
    assert words_of("seen<script>never ends") == "seen"


@given(st.text(alphabet="<>/!-[]&;#a script=\"'", max_size=60))
def test_no_script_survives_markup(text: str) -> None:
    assert "<script>x</script>" not in words_of(f"<script>x</script>{text}")


@pytest.mark.parametrize(
    ("title", "category"),
    [("Rose Gold Candle", "candle"), ("Chocolate Cake with Roses", "cake"),
     ("A Dozen Red Roses in a Glass Vase", "roses"),
     ("Bouquet of Sunflowers", "bouquet"), ("Box of Chocolate Truffles", "chocolates"),
     ("Leather Wallet", "leather-goods"),
     ("Private Wine Tour for Two", "wine-tour"), ("Birthday Cake", "cake"), ("Silver Necklace", "necklace"),
     ("Muslin Baby Blanket", "baby-blanket"), ("Mariachi Band by the Hour", "musician"),
     ("Dry Rosé from Fredericksburg", "wine"), ("Pinata", "party-supplies")],
)  # fmt: skip
def test_a_title_names_its_thing(taxonomy: Taxonomy, title: str, category: str) -> None:
    found = tagging_of(Said(title), taxonomy, Lexicon(taxonomy))
    assert (found.category, found.needs_review) == (category, False)


def test_the_nearest_category_wins(taxonomy: Taxonomy) -> None:
    lexicon = Lexicon(taxonomy)
    assert tagging_of(Said("Spring Bouquet", categories=("Flowers",)), taxonomy, lexicon).category == "bouquet"
    assert tagging_of(Said("Spring Joy", categories=("Gifts", "Flowers")), taxonomy, lexicon).category == "flowers"
    assert tagging_of(Said("Spring Joy", default="cake"), taxonomy, lexicon).category == "cake"
    assert tagging_of(Said("Spring Joy", tags=("tulips",)), taxonomy, lexicon).category == "tulips"


def test_capabilities_come_from_category_title_tags_and_what_the_text_says_of_work(taxonomy: Taxonomy) -> None:
    said = Said("Engraved Flask", "Comes gift-wrapped. A first-class tour of flavours.", tags=("same day",))
    assert tagging_of(said, taxonomy, Lexicon(taxonomy)).tags == ("same-day-delivery", "engraving", "gift-wrapping")


@pytest.mark.parametrize(
    "text", ["Not engraved.", "Sold without engraving.", "Contains nuts, not nut-free.", "Our vegan friends must pass."]
)
def test_what_a_text_denies_or_merely_mentions_is_no_capability(taxonomy: Taxonomy, text: str) -> None:
    found = tagging_of(Said("Steel Flask", text), taxonomy, Lexicon(taxonomy))
    assert (found.tags, "diet" in found.attributes) == ((), False)


def test_attributes_of_a_title(taxonomy: Taxonomy) -> None:
    found = tagging_of(Said("Large Pink Silk Robe for Mom, Birthday"), taxonomy, Lexicon(taxonomy))
    assert found.attributes == {
        "size": ("large",), "colour": ("pink",), "material": ("silk",), "recipient": ("mother",),
        "occasion": ("birthday",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "one"), [("lilies", "lily"), ("boxes", "box"), ("roses", "rose"), ("glass", "glass"), ("bus", "bus")]
)
def test_singulars(word: str, one: str) -> None:
    assert singular(word) == one


def test_takes() -> None:
    found = customization_of(
        "engraving(characters 30, colours 2, positions lid/base, own, $12.00, 2h)", "engraving", "USD"
    )
    assert (found.characters_max, found.colours_max, found.positions) == (30, 2, ("lid", "base"))
    assert (found.is_by_partner, found.minor_per_unit, found.lead_minutes) == (True, 1200, 120)
    with pytest.raises(ValueError, match="'often'"):
        customization_of("engraving(often)", "engraving", "USD")


def test_values_we_do_not_know_are_left_out_with_a_hint(read: Callable[..., Manifest]) -> None:
    text = "sku,title,price,kind,category,colours,occasions,takes\nA,Roses,1.00,,rosess,pinkk;red,birthday,\n"
    manifest = read(text)
    (rose,) = manifest.products
    assert (rose.category, rose.attributes) == ("roses", {"colour": ("red",), "occasion": ("birthday",)})
    assert manifest.report.notes == (
        "Row 2, category: 'rosess' is none we know and was read as roses; did you mean roses?",
        "Row 2, colours: 'pinkk' is none we know and was left out; did you mean pink?",
    )


def test_work_nobody_knows_refuses_the_row(read: Callable[..., Manifest]) -> None:
    manifest = read("sku,title,price,kind,takes\nA,Flask,1.00,,engravingg(own)\n")
    assert [str(problem) for problem in manifest.report.problems] == [
        "Row 2, takes: 'engravingg(own)' is no work we know; did you mean engraving?"
    ]
