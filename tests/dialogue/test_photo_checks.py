"""Photos judged by what is measured of them: drawn here, measured by the real adapter."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image, ImageDraw, ImageFilter

from shared.adapters.vision_measures import PillowVision
from shared.dialogue.photo_checks import LUXURY, NEIGHBOURS, STANDARD, STANDS_FOR, colour_named, judge
from shared.dialogue.photos import Measures, Sight
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


YES, NO, UNSURE = (Sight(shows, "a purple vase") for shows in ("yes", "no", "unsure"))
CLEAN = "The photo is sharp, large and light enough."
NEAR = "The photo shows burgundy, which is near to purple at best."
SEEN = "The photo seems to show a purple vase, not what was said."


def of(*shown: tuple[str, float], sharpness: float = 0.8, side: int = 900, brightness: float = 0.5) -> Measures:
    return Measures(1200, side, sharpness, brightness, shown)


@pytest.mark.parametrize(
    ("measures", "similarity", "colour", "sight", "judged", "reasons"),
    [
        (GOOD, None, "purple", YES, "passed", (CLEAN,)),
        (GOOD, None, "purple", UNSURE, "passed", (CLEAN,)),
        (GOOD, None, "purple", NO, "to_person", (SEEN,)),
        (GOOD, None, None, NO, "to_person", (SEEN,)),
        (GOOD, None, "purple", Sight("no", ""), "to_person", (SEEN.replace("a purple vase", "something else"),)),
        # a doubt about the colour
        (of(("burgundy", 0.4)), None, "purple", None, "to_person", (NEAR,)),
        (of(("burgundy", 0.4)), None, "purple", UNSURE, "to_person", (NEAR,)),
        (of(("burgundy", 0.4)), None, "purple", NO, "to_person", (NEAR, SEEN)),
        (of(("burgundy", 0.4)), None, "purple", YES, "passed", (CLEAN,)),
        (GOOD, None, "tartan", YES, "passed", (CLEAN,)),
        (GOOD, None, "tartan", UNSURE, "to_person", ("Tartan is no colour that can be measured.",)),
        (GOOD, None, "multicolour", YES, "passed", (CLEAN,)),
        # what a model's yes has no say in
        (of(("yellow", 0.9)), None, "purple", YES, "refused", ("The photo shows yellow, and purple was asked for.",)),
        (of(("burgundy", 0.4), sharpness=0.4), None, "purple", YES, "to_person", ("The photo is a little blurred.",)),
        (of(("purple", 0.4), sharpness=0.1), None, "purple", YES, "refused", ("The photo is blurred.",)),
        (of(("purple", 0.4), brightness=0.01), None, "purple", YES, "refused", ("The photo is too dark.",)),
        (
            of(("burgundy", 0.4)), 0.9, "purple", YES, "to_person",
            ("The photo is much like what was approved, but not quite.",),
        ),
        (GOOD, 0.1, "purple", YES, "refused", ("The photo does not look like what was approved.",)),
        (
            of(("purple", 0.4), side=300), None, "purple", YES, "refused",
            ("The photo is too small: 1200 x 300 pixels, and 480 a side are needed.",),
        ),
        # nor its no
        (of(("yellow", 0.9)), None, "purple", NO, "refused", ("The photo shows yellow, and purple was asked for.",)),
        (of(("purple", 0.4), sharpness=0.1), None, "purple", NO, "refused", ("The photo is blurred.",)),
    ],
)  # fmt: skip
def test_what_a_model_sees_calls_a_person_or_spares_a_doubt_about_the_colour(
    measures: Measures, similarity: float | None, colour: str | None, sight: Sight | None, judged: str,
    reasons: tuple[str, ...],
) -> None:  # fmt: skip
    found = judge(measures, similarity, colour, STANDARD, sight)
    assert (found.judged, found.reasons) == (judged, reasons)


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
