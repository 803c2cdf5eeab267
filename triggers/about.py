"""The facts of one request that are not in its body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import uuid4

import azure.functions as func

from shared.traces import Trace, trace_of

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
API_VERSION = "v1"


@dataclass(frozen=True)
class About:
    """When a request came, under which id, from where; key: its Idempotency-Key, if_match: an ETag without quotes.

    parent: the trace that it was sent from; trace: its own place therein, once it is watched.
    """

    request_id: str
    now: datetime
    origin: str
    address: str
    key: str | None = None
    if_match: str | None = None
    parent: Trace | None = None
    trace: Trace | None = None


def about(request: func.HttpRequest, now: datetime, context: func.Context | None = None) -> About:
    """Read them from the headers; a request id that is no plain word is replaced.

    context: the host's, which tells the trace where the host has one of its own.
    """
    headers: Mapping[str, str] = request.headers
    given = headers.get("x-request-id", "")
    url = urlsplit(request.url)
    return About(
        request_id=given if _REQUEST_ID.fullmatch(given) else uuid4().hex,
        now=now,
        origin=f"{url.scheme}://{url.netloc}",
        address=_address(headers.get("x-forwarded-for", "")),
        key=headers.get("idempotency-key"),
        if_match=(headers.get("if-match") or "").strip().removeprefix("W/").strip('"') or None,
        parent=_parent(headers, context),
    )


def _parent(headers: Mapping[str, str], context: func.Context | None) -> Trace | None:
    """The host's trace goes on from the one that was sent, so it comes first."""
    told = context.trace_context if context else None
    of_host = trace_of(told.trace_parent, told.trace_state) if told else None
    return of_host or trace_of(headers.get("traceparent"), headers.get("tracestate"))


def _address(forwarded: str) -> str:
    """The last entry is the one that the front end itself has added; the others are the caller's own word."""
    return forwarded.rsplit(",", 1)[-1].strip() or "direct"
