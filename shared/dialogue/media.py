"""Files that came with a message: fetched from where its provider keeps them, kept as blobs of ours."""

from __future__ import annotations

from typing import NamedTuple

from shared.dialogue.inbound import INBOUND, Media, Received
from shared.errors import AppError
from shared.ports import Blobs, MediaSource, Store
from shared.records import ChangedMeanwhile, Unavailable, Write

TRIES_MAX = 5
PROBLEM_LENGTH_MAX = 200


class File(NamedTuple):
    """Bytes as they were sent, and of which type they are said to be."""

    data: bytes
    media_type: str


class MediaRefused(Exception):
    """It is not to be had, or not to be taken, however often it is tried; says why."""


async def with_media(store: Store, blobs: Blobs, source: MediaSource | None, record_id: str) -> Received | None:
    """A message with its files as blobs, or why they are none; None where there is no such message.

    For the step of a flow that looks at them; again it changes nothing. source: None where nothing real is set up.
    Raises Unavailable.
    """
    for _ in range(TRIES_MAX):
        stored = await store.get(INBOUND, record_id, record_id)
        if stored is None or all(one.blob or one.problem for one in stored.value.message.media):
            return stored.value if stored else None
        media = tuple([await _kept(blobs, source, one) for one in stored.value.message.media])
        message = stored.value.message.model_copy(update={"media": media})
        after = stored.value.model_copy(update={"message": message})
        try:
            await store.apply(INBOUND, record_id, [Write("replace", after, stored.etag)])
        except ChangedMeanwhile:
            continue
        return after
    raise Unavailable("a message changes all the time")


async def keep(blobs: Blobs, file: File, url: str = "") -> Media:
    """A file as a blob, or why it is not taken."""
    media_type = file.media_type[:100]
    try:
        return Media(url=url, media_type=media_type, blob=await blobs.put(file.data, file.media_type))
    except AppError as no:  # of another type than it says, of none that is taken, too large
        return Media(url=url, media_type=media_type, problem=no.detail[:PROBLEM_LENGTH_MAX])


async def _kept(blobs: Blobs, source: MediaSource | None, media: Media) -> Media:
    if media.blob or media.problem:
        return media
    if source is None:
        return media.model_copy(update={"problem": "nothing is set up to fetch it with"})
    try:
        return await keep(blobs, await source.fetch(media.url), media.url)
    except MediaRefused as no:
        return media.model_copy(update={"problem": str(no)[:PROBLEM_LENGTH_MAX]})
