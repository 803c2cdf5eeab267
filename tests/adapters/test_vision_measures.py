"""Photos drawn here: what is measured of them, which are alike, and what is refused."""

import asyncio
import io
import struct
import tomllib
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from shared.adapters.vision_measures import BYTES_MAX, COLOURS, FORMATS, PIXELS_MAX, PillowVision
from shared.dialogue.photos import BadPhoto, Measures

VISION = PillowVision()
ATTRIBUTES = Path(__file__).parents[2] / "data" / "taxonomy" / "attributes.toml"


def packed(picture: Image.Image, media_type: str = "image/png", **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, FORMATS[media_type], **options)
    return data.getvalue()


def measured(picture: Image.Image, media_type: str = "image/png") -> Measures:
    return asyncio.run(VISION.measure(packed(picture, media_type), media_type))


def alike(a: Image.Image | bytes, b: Image.Image | bytes) -> float:
    first, second = (one if isinstance(one, bytes) else packed(one) for one in (a, b))
    return asyncio.run(VISION.similarity(first, second))


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Coloured shapes on a ground, where the seed has them."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (320, 240), tuple(chance.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = chance.integers(0, 280), chance.integers(0, 200)
        box = (x, y, x + chance.integers(20, 120), y + chance.integers(20, 120))
        draw.ellipse(tuple(map(int, box)), fill=tuple(chance.integers(0, 256, 3).tolist()))
    return picture.resize(size)


# --- measures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", FORMATS)
def test_each_type_is_measured(media_type: str) -> None:
    found = measured(Image.new("RGB", (60, 40), "#0047ab"), media_type)
    assert (found.width, found.height, found.sharpness) == (60, 40, 0.0)
    assert found.main_colours == (("blue", 1.0),)
    assert found.brightness == pytest.approx(0.24, abs=0.03)


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#ff0000", "red"), ("#ffb6c1", "pink"), ("#ff4500", "orange"), ("#ffff00", "yellow"), ("#00ff00", "green"),
        ("#000080", "blue"), ("#87ceeb", "blue"), ("#4b0082", "purple"), ("#800000", "red"), ("#8b4513", "brown"),
        ("#f8f8f8", "white"), ("#0a0a0a", "black"), ("#707070", "grey"), ("#20b2aa", "teal"), ("#f5f5dc", "cream"),
        ("#d2b48c", "beige"), ("#daa520", "gold"),
    ],
)  # fmt: skip
def test_colours_have_the_names_that_people_give_them(colour: str, name: str) -> None:
    assert measured(Image.new("RGB", (8, 8), colour)).main_colours == ((name, 1.0),)


def test_the_names_are_those_of_the_taxonomy() -> None:
    assert COLOURS.keys() <= tomllib.loads(ATTRIBUTES.read_text())["colour"].keys()


def test_main_colours_by_their_share_and_specks_are_none() -> None:
    picture = Image.new("RGB", (100, 100), "#ffffff")
    picture.paste("#008000", (0, 0, 100, 30))
    picture.paste("#d01c1f", (0, 30, 2, 32))
    (first, most), (second, less) = measured(picture).main_colours
    assert (first, second) == ("white", "green")
    assert (most, less) == (pytest.approx(0.7, abs=0.03), pytest.approx(0.3, abs=0.03))


def test_brightness_goes_from_black_to_white() -> None:
    values = [measured(Image.new("L", (20, 20), level)).brightness for level in (0, 64, 128, 255)]
    assert values == [0.0, pytest.approx(0.251, abs=0.001), pytest.approx(0.502, abs=0.001), 1.0]


def test_a_blurred_picture_is_less_sharp() -> None:
    sharp = scene(1)
    values = [measured(sharp.filter(ImageFilter.GaussianBlur(radius))).sharpness for radius in (0, 2, 6)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.5 > 0.2 > values[2]


def test_what_is_transparent_is_white() -> None:
    assert measured(Image.new("RGBA", (9, 9), (0, 0, 0, 0))).main_colours == (("white", 1.0),)


def test_a_turned_photo_is_measured_as_it_is_looked_at() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = packed(Image.new("RGB", (900, 60), "#008000"), "image/jpeg", exif=exif.tobytes())
    found = asyncio.run(VISION.measure(data, "image/jpeg"))
    assert (found.width, found.height) == (60, 900)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 2), (3, 3), (2000, 1500)])
def test_pictures_of_any_shape_are_measured(size: tuple[int, int]) -> None:
    found = measured(scene(3, size))
    assert (found.width, found.height) == size


# --- likeness ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_same_picture_packed_otherwise_is_alike(seed: int) -> None:
    picture = scene(seed)
    assert alike(picture, picture) == 1.0
    assert alike(picture, packed(picture, "image/jpeg", quality=60)) > 0.9
    assert alike(picture, scene(seed, (120, 90))) > 0.9
    assert alike(picture, picture.point(lambda level: min(255, level + 12))) > 0.8


def test_other_pictures_are_not_alike() -> None:
    values = [alike(scene(a), scene(b)) for a in range(8) for b in range(a)]
    assert max(values) < 0.65
    assert sum(values) / len(values) < 0.3


def test_flat_pictures_are_alike_by_their_colour() -> None:
    red, rose, blue = (Image.new("RGB", (50, 50), name) for name in ("#d01c1f", "#cc2024", "#0047ab"))
    assert alike(red, red) == 1.0
    assert alike(red, rose) > 0.9
    assert alike(red, blue) < 0.5


def test_a_mirrored_picture_is_another() -> None:
    assert alike(scene(2), scene(2).transpose(Image.Transpose.FLIP_LEFT_RIGHT)) < 0.7


@settings(max_examples=20, deadline=None)
@given(a=st.integers(0, 99), b=st.integers(0, 99))
def test_likeness_is_the_same_both_ways_and_between_none_and_all(a: int, b: int) -> None:
    assert alike(scene(a), scene(b)) == alike(scene(b), scene(a))
    assert 0 <= alike(scene(a), scene(b)) <= 1


# --- what is refused --------------------------------------------------------------------------------------------------


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG that says it has so many pixels, whatever it has."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6_400, 12_000, 60_000, 2**31 - 1])
def test_a_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    assert side**2 > PIXELS_MAX
    for wanted in (VISION.measure(png(side, side), "image/png"), VISION.similarity(png(side, side), png(1, 1))):
        with pytest.raises(BadPhoto):
            asyncio.run(wanted)


@pytest.mark.parametrize(
    ("data", "media_type", "why"),
    [
        (b"", "image/png", "cannot be read"),
        (b"<svg/>", "image/png", "cannot be read"),
        (packed(Image.new("RGB", (9, 9)), "image/jpeg"), "image/png", "cannot be read"),
        (packed(Image.new("RGB", (9, 9))), "image/svg+xml", "no type of picture"),
        (packed(scene(1))[:200], "image/png", "cannot be read"),
        (b"x" * (BYTES_MAX + 1), "image/png", "bytes"),
        (png(0, 9), "image/png", "cannot be read"),
        (png(90, 90, b"short"), "image/png", "cannot be read"),
        (png(7_000, 7_000), "image/png", "pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_refused(data: bytes, media_type: str, why: str) -> None:
    with pytest.raises(BadPhoto, match=why):
        asyncio.run(VISION.measure(data, media_type))


@settings(max_examples=150, deadline=None)
@given(
    media_type=st.sampled_from(sorted(FORMATS)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 10_000),
)
def test_a_damaged_picture_is_measured_or_refused(media_type: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(packed(scene(4, (40, 30)), media_type))
    for at, byte in changes:
        data[at % len(data)] = byte
    damaged = bytes(data[: max(1, cut % (2 * len(data)))])
    try:
        found = asyncio.run(VISION.measure(damaged, media_type))
    except BadPhoto:
        return
    assert 0 <= found.sharpness <= 1
    assert 0 <= found.brightness <= 1
