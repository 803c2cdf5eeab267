"""Blobs in a folder: `ab/cd/abcd…`, each file written aside and moved into place."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from shared.blobs import Blob, BlobRef, checked_name, examined, intact


class FolderBlobs:
    """Files under one folder of this machine, which is made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes, media_type: str) -> BlobRef:
        """Keep bytes; the same bytes again change nothing."""
        ref = examined(data, media_type)
        await asyncio.to_thread(_write, self._path(ref.name), data)
        return ref

    async def get(self, name: str) -> Blob | None:
        """The blob of a name, or None."""
        path = self._path(checked_name(name))
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        return intact(name, data)

    async def delete(self, name: str) -> None:
        """Take a blob away, if it is there."""
        path = self._path(checked_name(name))
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def close(self) -> None:
        """Nothing is held open."""

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name[2:4] / name


def _write(path: Path, data: bytes) -> None:
    """Write so that after a crash the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make the move itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
