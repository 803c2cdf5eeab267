"""Serving one request: who calls, may they, what do they ask, has it been asked before, and the answer."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import azure.functions as func

from shared.errors import (
    CHANGED,
    FORBIDDEN,
    INTERNAL,
    INVALID,
    NOT_FOUND,
    TOO_MANY,
    UNAUTHENTICATED,
    UNAVAILABLE,
    AppError,
    FieldError,
)
from shared.people.access import ANONYMOUS, BadToken, Caller, Decision, decide
from shared.records import BadPageToken, ChangedMeanwhile, NotThere, Unavailable, is_id
from shared.wiring import Deps, deps
from triggers import answers, audit, idempotency, parse
from triggers.about import About, about
from triggers.cors import let_read
from triggers.endpoint import Endpoint, Raw
from triggers.limits import Limiter
from triggers.watch import watched

TRIES_MAX = 5
_log = logging.getLogger("app")
_limiters: WeakKeyDictionary[Deps, Limiter] = WeakKeyDictionary()


async def serve(
    endpoint: Endpoint, request: func.HttpRequest, context: func.Context, client: Any
) -> func.HttpResponse:
    """Answer one request; every failure becomes a problem document."""
    house = deps()
    with watched(endpoint, request, about(request, house.clock.now(), context), house.spans) as (facts, answered):
        response = await _safely(endpoint, request, client, house, facts)
        answered(response)
    return let_read(request, response, house.settings)


async def _safely(
    endpoint: Endpoint, request: func.HttpRequest, client: Any, house: Deps, facts: About
) -> func.HttpResponse:
    try:
        return await _answer(endpoint, request, client, house, facts)
    except AppError as error:
        return answers.problem(error, facts, _retry_after(error))
    except Unavailable as error:
        _log.warning("request %s: %s is unavailable", facts.request_id, error)
        seconds = str(math.ceil(error.retry_seconds or 5))
        said = AppError(UNAVAILABLE, "A part that this needs does not answer at the moment.")
        return answers.problem(said, facts, {"Retry-After": seconds})
    except Exception:  # noqa: BLE001  the one place where a request's fault is answered
        _log.exception("request %s failed at %s %s", facts.request_id, endpoint.method, endpoint.path)
        return answers.problem(AppError(INTERNAL, "The fault is ours and has been noted."), facts)


async def _answer(
    endpoint: Endpoint, request: func.HttpRequest, client: Any, house: Deps, facts: About
) -> func.HttpResponse:
    caller = await _caller(request, house, facts)
    if not endpoint.is_signed:
        _limit(caller, house, facts)
    decision = decide(caller, endpoint.need)
    audit.decided(endpoint, caller, decision, facts)
    if not decision.allowed:
        raise AppError(UNAUTHENTICATED if caller.is_anonymous else FORBIDDEN, _why(decision))
    given = _given(endpoint, request, client, house, facts, caller)

    async def work() -> func.HttpResponse:
        return await _handle(endpoint, given, facts)

    if endpoint.is_idempotent:
        route = f"{endpoint.method} {urlsplit(request.url).path}"
        return await idempotency.once(house.store, caller.subject, route, facts, request.get_body(), work)
    return answers.not_modified(request, await work())


def _why(decision: Decision) -> str:
    missing = f"; it takes {' or '.join(decision.missing)}" if decision.missing else ""
    return f"{decision.reason[:1].upper()}{decision.reason[1:]}{missing}."


async def _handle(endpoint: Endpoint, given: dict[str, Any], facts: About) -> func.HttpResponse:
    """Call the handler; what a refused write of the store means to a caller is the same everywhere.

    Whoever asks for no version is not told that somebody, perhaps a flow, was quicker: it is done with what is there.
    """
    try:
        for _ in range(TRIES_MAX - 1):
            with suppress(ChangedMeanwhile):
                return answers.enveloped(endpoint, await endpoint.handler(**given), facts)
            if facts.if_match is not None:
                break
            await asyncio.sleep(0)
        return answers.enveloped(endpoint, await endpoint.handler(**given), facts)
    except ChangedMeanwhile:
        raise AppError(CHANGED, "Somebody else has changed it since you read it.") from None
    except BadPageToken as error:
        raise AppError(INVALID, str(error), [FieldError("query.after", str(error))]) from None
    except NotThere:
        raise AppError(NOT_FOUND, "There is no such thing, or it is not yours to see.") from None


async def _caller(request: func.HttpRequest, house: Deps, facts: About) -> Caller:
    header = request.headers.get("authorization", "")
    if not header:
        return ANONYMOUS
    try:
        return await house.identity.caller_of(_token(header))
    except BadToken as bad:
        audit.refused_token(str(bad), facts)
        _limit(ANONYMOUS, house, facts)
        raise AppError(UNAUTHENTICATED, f"The token is not accepted: {bad}.") from None


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise BadToken("the Authorization header is not `Bearer TOKEN`")
    return token.strip()


def _limit(caller: Caller, house: Deps, facts: About) -> None:
    if caller.is_anonymous:
        key, per_minute = f"address {facts.address}", house.settings.anonymous_calls_per_minute
    else:
        key, per_minute = f"caller {caller.subject}", house.settings.calls_per_minute
    limiter = _limiters.setdefault(house, Limiter())
    seconds = limiter.wait_seconds(key, per_minute, time.monotonic())
    if seconds:
        raise AppError(TOO_MANY, f"The limit is {per_minute} a minute; go on in {math.ceil(seconds)} s.")


def _retry_after(error: AppError) -> dict[str, str]:
    return {"Retry-After": "1"} if error.code.status in (409, 429) and error.code.code != "conflict" else {}


def _given(
    endpoint: Endpoint, request: func.HttpRequest, client: Any, house: Deps, facts: About, caller: Caller
) -> dict[str, Any]:
    """What the handler has asked for, by name."""
    everything: dict[str, Any] = {"caller": caller, "deps": house, "about": facts, "client": client}
    given = {name: value for name, value in everything.items() if name in endpoint.given}
    for name in endpoint.parameters:
        value = request.route_params.get(name, "")
        if not is_id(value):
            raise AppError(NOT_FOUND, "There is no such thing, or it is not yours to see.")
        given[name] = value
    if endpoint.query is not None:
        given["query"] = parse.query_of(request, endpoint.query)
    if endpoint.media_types:
        given["raw"] = Raw(*parse.raw_of(request, endpoint.media_types, endpoint.body_bytes_max), request.headers)
    if endpoint.body is not None:
        given["body"] = parse.body_of(request, endpoint.body, endpoint.body_bytes_max)
    return given
