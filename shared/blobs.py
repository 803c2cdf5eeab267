"""Blobs: files named by their own SHA-256; which media types are taken, how large, and how the bytes tell them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Never

from pydantic import BaseModel, ConfigDict, Field

from shared.errors import INVALID, MEDIA_TYPE, TOO_LARGE, AppError

_MEGABYTE = 1024 * 1024
BYTES_MAX = {
    "image/png": 10 * _MEGABYTE,
    "image/jpeg": 10 * _MEGABYTE,
    "image/webp": 10 * _MEGABYTE,
    "image/gif": 5 * _MEGABYTE,
    "application/pdf": 20 * _MEGABYTE,
    "text/csv": 5 * _MEGABYTE,
    "application/json": 5 * _MEGABYTE,
}
"""Each media type that is taken, and the size up to which it is."""

_NAME = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"%PDF-"), "application/pdf"),
)


class MediaTypeRefused(AppError):
    """The media type is none of BYTES_MAX."""

    def __init__(self, media_type: str) -> None:
        super().__init__(MEDIA_TYPE, f"Media type {media_type!r} is not taken; send one of {', '.join(BYTES_MAX)}.")


class ContentMismatch(AppError):
    """The bytes are not of the media type that was said."""

    def __init__(self, said: str, found: str | None) -> None:
        what = found or "of none of the types that are taken"
        super().__init__(MEDIA_TYPE, f"The file was sent as {said}, but its bytes are {what}; send the type it has.")


class BlobTooLarge(AppError):
    """The file is larger than its media type allows."""

    def __init__(self, media_type: str, size: int) -> None:
        most = BYTES_MAX[media_type]
        super().__init__(TOO_LARGE, f"The file has {size} bytes; {media_type} is taken up to {most} bytes.")


class BadBlobName(AppError):
    """The name is not 64 digits of lower-case hexadecimal."""

    def __init__(self) -> None:
        super().__init__(INVALID, "A blob's name is its SHA-256 in 64 lower-case hexadecimal digits; send that.")


class BlobDamaged(Exception):
    """The bytes that are kept are no longer those of the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"blob {name} no longer has the hash it is named by; put the original again")


class BlobRef(BaseModel):
    """What a record keeps of a blob: name (SHA-256, hexadecimal), size in bytes, media type."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    media_type: str


@dataclass(frozen=True)
class Blob:
    """A blob with its bytes."""

    ref: BlobRef
    data: bytes


def examined(data: bytes, media_type: str) -> BlobRef:
    """The reference that bytes get; raises MediaTypeRefused, BlobTooLarge, ContentMismatch.

    Parameters of the media type (`; charset=…`) do not count; text is UTF-8.
    """
    said = media_type.partition(";")[0].strip().lower()
    if said not in BYTES_MAX:
        raise MediaTypeRefused(media_type)
    if len(data) > BYTES_MAX[said]:
        raise BlobTooLarge(said, len(data))
    found = media_type_of(data)
    if found != said:
        raise ContentMismatch(said, found)
    return BlobRef(name=_hash(data), size=len(data), media_type=said)


def checked_name(name: str) -> str:
    """The name, if it is one; raises BadBlobName."""
    if not _NAME.fullmatch(name):
        raise BadBlobName
    return name


def intact(name: str, data: bytes) -> Blob:
    """The blob that was read under a name; raises BlobDamaged if these are not its bytes."""
    media_type = media_type_of(data)
    if _hash(data) != name or media_type is None:
        raise BlobDamaged(name)
    return Blob(BlobRef(name=name, size=len(data), media_type=media_type), data)


def media_type_of(data: bytes) -> str | None:
    """The one media type that bytes have, or None: by their first bytes, else JSON (an object or a list), else CSV.

    Bytes have one type and no more, so that a name (their hash) stands for one type too.
    """
    for magic, media_type in _MAGIC:
        if magic.match(data):
            return media_type
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or _CONTROL.search(text):
        return None
    return "application/json" if _is_json(text) else "text/csv"


def _is_json(text: str) -> bool:
    if text.lstrip()[0] not in "{[":
        return False
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> Never:
    raise ValueError(constant)  # NaN and Infinity: Python reads them, RFC 8259 has none


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
