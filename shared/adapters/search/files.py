"""The index on disk: files of arrays that are never changed, and a manifest, renamed into place, that names them.

A file of arrays: the length of the header (4 bytes, little endian), the header (JSON: name → type, shape, offset from
its end), then the arrays, each at a multiple of ALIGNMENT. The manifest names every file with its length and CRC-32;
what is not named by it does not count, so that a crash leaves the state before.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from shared.wire import Plain

FORMAT = 1
MANIFEST = "manifest.json"
LOCK = "lock"
ALIGNMENT = 64

Arrays = Mapping[str, NDArray[Any]]


class Damaged(ValueError):
    """A file is not what was written."""


class File(Plain):
    """A file of arrays, how long it is, and the CRC-32 of all of it."""

    name: str
    length: int
    checksum: int


class Manifest(Plain):
    """What counts. number: grows with every one; state: words, places and which rows live; tokens: how far the store
    has been followed with all of it."""

    format: int = FORMAT
    model: str
    dims: int
    number: int
    state: File
    segments: tuple[File, ...]
    tokens: dict[str, str]


def write_arrays(folder: Path, name: str, arrays: Arrays) -> File:
    """Write a file of arrays, so that it is there whole once this returns."""
    described: dict[str, Any] = {}
    offset = 0
    for key, array in arrays.items():
        described[key] = {"type": array.dtype.str, "shape": array.shape, "offset": offset}
        offset += array.nbytes + -array.nbytes % ALIGNMENT
    header = json.dumps(described).encode()
    header += b" " * (-(len(header) + 4) % ALIGNMENT)
    aside = folder / f"{name}.part"
    checksum = 0
    with aside.open("wb") as file:
        for data in (struct.pack("<I", len(header)), header, *_blocks(arrays)):
            file.write(data)
            checksum = crc32(data, checksum)
        file.flush()
        os.fsync(file.fileno())
        length = file.tell()
    aside.replace(folder / name)
    return File(name=name, length=length, checksum=checksum)


def read_arrays(folder: Path, file: File) -> dict[str, NDArray[Any]]:
    """The arrays of a file, mapped into memory; raises Damaged where it is not whole, OSError where it is not there."""
    with (folder / file.name).open("rb") as opened:
        if os.fstat(opened.fileno()).st_size != file.length:
            raise Damaged(f"{file.name} is not as long as it was")
        data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    if crc32(data) != file.checksum:
        raise Damaged(f"{file.name} is not what was written")
    (length,) = struct.unpack_from("<I", data)
    return {key: _array(data, 4 + length, one) for key, one in json.loads(data[4 : 4 + length]).items()}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a new state count, in one step."""
    text = manifest.model_dump_json().encode()
    aside = folder / f"{MANIFEST}.part"
    with aside.open("wb") as file:
        file.write(b"%b\n%d" % (text, crc32(text)))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / MANIFEST)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(folder: Path) -> Manifest | None:
    """The state that counts, None where nothing has been written; raises Damaged."""
    try:
        text, _, told = (folder / MANIFEST).read_bytes().rpartition(b"\n")
    except FileNotFoundError:
        return None
    if told != b"%d" % crc32(text):
        raise Damaged(f"{MANIFEST} is not what was written")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise Damaged(f"{MANIFEST} is of another version") from error


def sweep(folder: Path, manifest: Manifest) -> None:
    """Remove files that no longer count; who has mapped one keeps what it has."""
    kept = {MANIFEST, LOCK, manifest.state.name, *(file.name for file in manifest.segments)}
    for path in folder.iterdir():
        if path.is_file() and path.name not in kept and path.suffix in {".arrays", ".part"}:
            path.unlink(missing_ok=True)


class FolderLock:
    """Who may write in a folder: one process, until it ends or lets go."""

    def __init__(self, folder: Path) -> None:
        """Try to become the one."""
        self._handle: int | None = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()

    @property
    def is_held(self) -> bool:
        """Whether this is the one."""
        return self._handle is not None

    def release(self) -> None:
        """Let another one write; twice does no harm."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _blocks(arrays: Arrays) -> Iterator[memoryview | bytes]:
    for array in arrays.values():
        yield np.ascontiguousarray(array).data
        yield bytes(-array.nbytes % ALIGNMENT)


def _array(data: mmap.mmap, start: int, described: Mapping[str, Any]) -> NDArray[Any]:
    kind, shape = np.dtype(described["type"]), tuple(described["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(data, kind, count, start + int(described["offset"])).reshape(shape)
