"""Photos judged by what is measured of them: drawn here, measured by the real adapter."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image, ImageDraw, ImageFilter

from shared.adapters.vision_measures import PillowVision
from shared.dialogue.photo_checks import LUXURY, NEIGHBOURS, STANDARD, STANDS_FOR, colour_named, judge
from shared.dialogue.photos import Measures
from tests.discovery.conftest import taxonomy_of_the_app

TAXONOMY = taxonomy_of_the_app()
GOOD = Measures(1200, 900, 0.8, 0.5, (("purple", 0.4), ("green", 0.3)))


def photo(colour: str, side: int = 1000, blur: float = 0) -> Measures:
    """Blossoms of a colour on a white table, as a camera has them: with an edge to each petal."""
    picture = Image.new("RGB", (side, side), "#f4f1ea")
    draw = ImageDraw.Draw(picture)
    step = side // 20
    for x in range(0, side, step):
        for y in range(0, side, step):
            draw.ellipse((x, y, x + step - 3, y + step - 3), fill=colour, outline="#101010")
    data = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(blur)).save(data, "PNG")
    return asyncio.run(PillowVision().measure(data.getvalue(), "image/png"))


def test_a_good_photo_of_the_right_colour_passes() -> None:
    found = judge(photo("#800080"), None, "purple")
    assert (found.judged, found.asks) == ("passed", None)
    assert found.reasons
    assert judge(photo("#800080"), 0.96, "purple", LUXURY).judged == "passed"


@pytest.mark.parametrize(
    ("measures", "colour", "asks"),
    [
        (photo("#800080", blur=12), "purple", "sharper"),
        (photo("#800080", side=300), "purple", "larger"),
        (photo("#ffe135"), "purple", "purple"),
        (Measures(1200, 900, 0.8, 0.02, (("black", 1.0),)), None, "better light"),
        (Measures(1200, 900, 0.8, 0.99, (("white", 1.0),)), None, "less light"),
    ],
)
def test_a_bad_photo_is_refused_and_another_is_asked_for(measures: Measures, colour: str | None, asks: str) -> None:
    found = judge(measures, None, colour)
    assert found.judged == "refused"
    assert found.asks is not None
    assert asks in found.asks


@pytest.mark.parametrize(
    ("similarity", "judged"),
    [
        (1.0, "passed"), (0.95, "passed"), (0.9499, "to_person"), (0.85, "to_person"), (0.8499, "refused"),
        (0.0, "refused"),
    ],
)
def test_likeness_to_what_was_approved(similarity: float, judged: str) -> None:
    assert judge(GOOD, similarity, "purple").judged == judged


def test_a_luxury_order_asks_for_more() -> None:
    small = Measures(600, 700, 0.55, 0.5, (("purple", 0.15),))
    assert judge(small, None, "purple", STANDARD).judged == "passed"
    assert judge(small, None, "purple", LUXURY).judged == "refused"
    assert judge(Measures(1000, 1000, 0.55, 0.5, (("purple", 0.4),)), None, "purple", LUXURY).judged == "to_person"


def test_a_neighbouring_colour_is_for_a_person() -> None:
    def judged(colour: str, *shown: tuple[str, float]) -> str:
        return judge(Measures(1200, 900, 0.8, 0.4, shown), None, colour).judged

    assert judged("purple", ("burgundy", 0.4)) == "to_person"
    assert judged("purple", ("green", 0.6), ("purple", 0.06)) == "to_person"
    assert judged("silver", ("grey", 0.5)) == "to_person"
    assert judged("silver", ("green", 0.5)) == "refused"
    assert judge(GOOD, None, "multicolour").judged == "to_person"


def test_the_worst_finding_decides_and_only_that_is_told() -> None:
    found = judge(Measures(1200, 900, 0.4, 0.5, (("yellow", 0.9),)), None, "purple")
    assert found.judged == "refused"
    assert found.reasons == ("The photo shows yellow, and purple was asked for.",)


def test_every_colour_of_the_taxonomy_is_judged_and_the_tables_know_no_other() -> None:
    known = set(TAXONOMY.attributes["colour"])
    groups = (*NEIGHBOURS.values(), *STANDS_FOR.values())
    named = {*NEIGHBOURS, *STANDS_FOR}.union(*groups)
    assert named <= known
    assert known - named <= {"multicolour"}
    for colour in known:
        assert judge(GOOD, None, colour).judged in {"passed", "to_person", "refused"}


@pytest.mark.parametrize(
    ("words", "colour"),
    [
        ("Deep Purple Metallic", "purple"), ("rose gold foil", "rose gold"), ("Blush Peonies", "pink"),
        ("hot pink", "pink"), ("a vase", None), ("", None),
    ],
)  # fmt: skip
def test_colours_are_named_as_the_taxonomy_has_them(words: str, colour: str | None) -> None:
    assert colour_named(words, TAXONOMY) == colour
