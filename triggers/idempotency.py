"""Repeated requests: the same key and body get the first answer again, however often they come."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import azure.functions as func
from pydantic import Field

from shared.errors import IN_PROGRESS, INVALID, KEY_REUSED, MISSING_KEY, AppError, FieldError
from shared.ports import Store
from shared.records import AlreadyThere, ChangedMeanwhile, Container, NotThere, Record, Stored, Write
from triggers.about import About

KEPT_SECONDS = 24 * 3600
LEASE_SECONDS = 60
KEY_LENGTH_MAX = 255


class FirstAnswer(Record):
    """What the first request with a key came to; status 0 while it still runs."""

    caller: str
    request: str
    begun: datetime
    status: int = 0
    body: str = ""
    headers: dict[str, str] = Field(default_factory=dict)


ANSWERS = Container("idempotency", FirstAnswer, "caller", ttl_seconds=KEPT_SECONDS)


async def once(
    store: Store,
    who: str,
    route: str,
    about: About,
    body: bytes,
    work: Callable[[], Awaitable[func.HttpResponse]],
) -> func.HttpResponse:
    """Do the work of a request, or give its first answer again; raises AppError for a key that cannot be used.

    A request that died half-way is taken over after LEASE_SECONDS: handlers derive the ids of what they make from
    the key, so doing it again makes nothing twice.
    """
    key = _checked(about.key)
    mine = FirstAnswer(
        id=hashlib.sha256(f"{route}\n{key}".encode()).hexdigest(),
        caller=who,
        request=hashlib.sha256(body).hexdigest(),
        begun=about.now,
    )
    claim = await _claim(store, mine)
    if isinstance(claim, func.HttpResponse):
        return claim
    response = await work()
    await _remember(store, claim, response)
    return response


def _checked(key: str | None) -> str:
    if not key:
        raise AppError(MISSING_KEY, "This request costs something; without a key a repetition would cost it again.")
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        message = f"At most {KEY_LENGTH_MAX} printable characters."
        raise AppError(INVALID, message, [FieldError("header.Idempotency-Key", message)])
    return key


async def _claim(store: Store, mine: FirstAnswer) -> Stored[FirstAnswer] | func.HttpResponse:
    """The right to do the work, or the answer that is there already."""
    try:
        created = (await store.apply(ANSWERS, mine.caller, [Write("create", mine)]))[0]
        assert created is not None
    except AlreadyThere:
        pass
    else:
        return created
    there = await store.get(ANSWERS, mine.caller, mine.id)
    if there is None:
        return await _claim(store, mine)
    if there.value.request != mine.request:
        raise AppError(KEY_REUSED, "The body is another than at the first use of this key.")
    if there.value.status:
        return _again(there.value)
    if mine.begun < there.value.begun + timedelta(seconds=LEASE_SECONDS):
        raise AppError(IN_PROGRESS, f"It began at {there.value.begun.isoformat()}.")
    try:
        taken = (await store.apply(ANSWERS, mine.caller, [Write("replace", mine, there.etag)]))[0]
    except (ChangedMeanwhile, NotThere):
        raise AppError(IN_PROGRESS, "Another request has just taken it over.") from None
    assert taken is not None
    return taken


async def _remember(store: Store, claim: Stored[FirstAnswer], response: func.HttpResponse) -> None:
    """Keep the answer; a failure of ours is forgotten, so that it can be tried again."""
    if response.status_code >= 500:
        write = Write("delete", claim.value, claim.etag)
    else:
        done = claim.value.model_copy(
            update={
                "status": response.status_code,
                "body": base64.b64encode(response.get_body()).decode(),
                "headers": {**dict(response.headers.items()), "media": response.mimetype},
            }
        )
        write = Write("replace", done, claim.etag)
    try:
        await store.apply(ANSWERS, claim.value.caller, [write])
    except (ChangedMeanwhile, NotThere):
        return  # taken over meanwhile: that request's answer is the one that counts


def _again(first: FirstAnswer) -> func.HttpResponse:
    headers = {name: value for name, value in first.headers.items() if name != "media"}
    body = base64.b64decode(first.body)
    media_type = first.headers.get("media", "application/json")
    again = {**headers, "Idempotent-Replayed": "true"}
    return func.HttpResponse(body, status_code=first.status, headers=again, mimetype=media_type)


def work_id(about: About, who: str, what: str) -> str:
    """An id for what a request makes, the same at every repetition of the request."""
    text = json.dumps([who, what, about.key or about.request_id])
    return hashlib.sha256(text.encode()).hexdigest()[:24]
