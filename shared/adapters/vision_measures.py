"""Photos measured and compared by plain arithmetic, on Pillow and numpy; nothing in them is recognised.

A picture is measured at SIDE_MAX pixels a side at most: its first frame, upright (EXIF), on white where transparent.
sharpness = v / (v + SHARP_VARIANCE), v the variance of the Laplacian (Pech-Pacheco et al. 2000,
https://doi.org/10.1109/ICPR.2000.903548); brightness is the mean luma (ITU-R BT.601).
similarity = sqrt(structure x colour). structure: how far the 63 lowest frequencies of a discrete cosine transform have
the same signs, 0 for half of them or fewer; colour: what two histograms of 4 x 4 x 4 colours have in common. A picture
that is scaled, packed again or a little lighter stays near 1; one that is cut, turned or mirrored does not.
"""

from __future__ import annotations

import asyncio
import io
import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.dialogue.photos import BadPhoto, Measures, Sight

BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
"""More would take over 160 MB to unpack; a phone's photo has 12 to 24 million."""
SIDE_MAX = 512
SHARP_VARIANCE = 100.0
COLOURS_MAX = 5
COLOUR_SHARE_MIN = 0.05
FLAT = 1.0
"""Frequencies weaker than this are noise, of no sign."""
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
COLOURS = {
    "red": ("d01c1f", "8b1a1a", "ff0000"), "pink": ("ffc0cb", "ff69b4", "e75480"), "coral": ("ff7f50", "fa8072"),
    "peach": ("ffcba4",), "orange": ("ff8c00", "e06a10", "ff4d0d"), "yellow": ("ffe135", "f7d000"), "gold": ("d4af37",),
    "green": ("008000", "2e8b57", "90c978", "556b2f"), "teal": ("008080", "40c0c0"),
    "blue": ("0047ab", "1e90ff", "1f2f66", "89b9e8"), "purple": ("800080", "9370db", "c8a2e0"),
    "burgundy": ("800020", "5e1224"), "white": ("ffffff",), "cream": ("fff5dc",), "beige": ("d9c4a0",),
    "brown": ("7b4b2a", "4b2e1a", "a5713f"), "black": ("000000", "1c1c1c"), "grey": ("808080", "505050", "b0b0b0"),
}  # fmt: skip
"""What a pixel can look like. Silver, rose gold, pastels and mixtures are no colour of a pixel, and are not told."""
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError, OverflowError,
    ZeroDivisionError, AttributeError, MemoryError, NotImplementedError, Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)  # fmt: skip
"""What Pillow's readers raise on damaged files, each format its own."""

Floats = NDArray[np.float32]


class PillowVision:
    """Measures photos in this process, beside the event loop."""

    async def measure(self, data: bytes, media_type: str) -> Measures:
        """Size, sharpness, brightness and main colours; raises BadPhoto."""
        return await asyncio.to_thread(_measured, data, media_type)

    async def similarity(self, a: bytes, b: bytes) -> float:
        """How much two photos look alike, 0 to 1, the same both ways; raises BadPhoto."""
        return await asyncio.to_thread(_similarity, a, b)

    async def look(self, data: bytes, media_type: str, claimed: str) -> Sight | None:  # noqa: ARG002  the port's
        """None: there is no model here."""
        return None


def _measured(data: bytes, media_type: str) -> Measures:
    (width, height), picture = read_picture(data, media_type)
    grey = np.asarray(picture.convert("L"), np.float32)
    return Measures(width, height, _sharpness(grey), round(float(grey.mean()) / 255, 4), _main_colours(picture))


def _similarity(a: bytes, b: bytes) -> float:
    first, second = (_read(data, tuple(FORMATS.values()), SIDE_MAX)[1] for data in (a, b))
    common = float(np.minimum(_histogram(first), _histogram(second)).sum())
    return round(float(np.sqrt(_structure(_signs(first), _signs(second)) * common)), 4)


def read_picture(data: bytes, media_type: str, side_max: int = SIDE_MAX) -> tuple[tuple[int, int], Image.Image]:
    """The size of a picture as it is looked at, and the picture upright in RGB, at most side_max pixels a side, without
    metadata; raises BadPhoto."""
    wanted = FORMATS.get(media_type)
    if wanted is None:
        raise BadPhoto(f"{media_type!r} is no type of picture that can be read; send one of {', '.join(FORMATS)}")
    return _read(data, (wanted,), side_max)


def _read(data: bytes, formats: tuple[str, ...], side_max: int) -> tuple[tuple[int, int], Image.Image]:
    if len(data) > BYTES_MAX:
        raise BadPhoto(f"the picture has {len(data)} bytes; {BYTES_MAX} is the most")
    try:
        with Image.open(io.BytesIO(data), formats=formats) as opened:
            width, height = opened.size
            _check_pixels(width, height)
            opened.draft("RGB", (side_max, side_max))
            opened.load()
            is_turned = opened.getexif().get(0x0112, 1) in {5, 6, 7, 8}
            opened.thumbnail((side_max, side_max))
            upright = ImageOps.exif_transpose(opened)
            return (height, width) if is_turned else (width, height), _on_white(upright)
    except BadPhoto:
        raise
    except _BROKEN as error:
        raise BadPhoto(f"the picture cannot be read ({type(error).__name__})") from error


def _check_pixels(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise BadPhoto(f"the picture has {width} x {height} pixels; {PIXELS_MAX} is the most")


def _on_white(picture: Image.Image) -> Image.Image:
    clear = picture.convert("RGBA")
    ground = Image.new("RGBA", clear.size, "white")
    ground.alpha_composite(clear)
    return ground.convert("RGB")


def _sharpness(grey: Floats) -> float:
    if min(grey.shape) < 3:
        return 0.0
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    variance = float(laplacian.var())
    return round(variance / (variance + SHARP_VARIANCE), 4)


def _main_colours(picture: Image.Image) -> tuple[tuple[str, float], ...]:
    """Each pixel by the nearest colour, near as people see it (CIELAB)."""
    small = picture.resize((64, 64), Image.Resampling.BOX)
    pixels = _lab(np.asarray(small, np.float32).reshape(-1, 3))
    names, anchors = _anchors()
    nearest = ((pixels[:, np.newaxis] - anchors) ** 2).sum(axis=2).argmin(axis=1)
    shares: dict[str, float] = {}
    for at, count in zip(*np.unique(nearest, return_counts=True), strict=True):
        shares[names[at]] = shares.get(names[at], 0.0) + int(count) / len(pixels)
    ranked = sorted(shares.items(), key=lambda one: (-one[1], one[0]))[:COLOURS_MAX]
    return tuple((name, round(share, 4)) for name, share in ranked if share >= COLOUR_SHARE_MIN)


@cache
def _anchors() -> tuple[list[str], Floats]:
    named = [(name, bytes.fromhex(code)) for name, codes in COLOURS.items() for code in codes]
    return [name for name, _ in named], _lab(np.array([list(code) for _, code in named], np.float32))


def _lab(rgb: Floats) -> Floats:
    """sRGB (n, 3), 0 to 255, as CIELAB under D65 (IEC 61966-2-1 and ISO/CIE 11664-4)."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).astype(np.float32)


def _histogram(picture: Image.Image) -> NDArray[np.float64]:
    """The share of each of 64 colours, every pixel spread over the nearest of them, so that a shade more or less is not
    another colour."""
    small = np.asarray(picture.resize((64, 64), Image.Resampling.BOX), np.float64).reshape(-1, 3) / 85
    low = np.minimum(small.astype(np.intp), 2)
    high = small - low
    found = np.zeros((4, 4, 4))
    for corner in np.ndindex(2, 2, 2):
        weights = np.where(np.array(corner), high, 1 - high).prod(axis=1)
        np.add.at(found, tuple((low + corner).T), weights)
    return found.ravel() / len(small)


def _signs(picture: Image.Image) -> NDArray[np.int8]:
    """The signs of the 8 x 8 lowest frequencies but the mean; 0 for those that are only noise."""
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.BOX), np.float64)
    low = _cosines() @ grey @ _cosines().T
    return np.where(np.abs(low) < FLAT * 32, 0, np.sign(low)).astype(np.int8).ravel()[1:]


@cache
def _cosines() -> NDArray[np.float64]:
    """The first 8 rows of DCT-II for 32 samples."""
    at = np.arange(32)
    return np.asarray(np.cos(np.pi / 32 * (at + 0.5) * np.arange(8)[:, np.newaxis]))


def _structure(a: NDArray[np.int8], b: NDArray[np.int8]) -> float:
    """1 for the same signs everywhere, 0 for no more than chance; of two flat pictures there is nothing to compare."""
    told = (a != 0) | (b != 0)
    if not told.any():
        return 1.0
    return max(0.0, 2 * float((a == b)[told].mean()) - 1)
