"""The host's HTTP face: functions by their routes, the management API, the host's own routes.

One ASGI application. Requests reach a function as the real host hands them over: header names in lower case,
repeated ones joined by commas, empty query values dropped, the body as bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from devhost import log
from devhost.admin import Admin
from devhost.invoke import FunctionFailed, HttpCall, HttpReply, Invoker
from devhost.keys import Keys, is_local, key_in
from devhost.management import Management
from devhost.routes import MethodNotAllowed, RouteTable

if TYPE_CHECKING:
    from devhost.engine import Engine
    from devhost.index import Function

BODY_BYTES_MAX = 100 * 1024 * 1024


class BodyTooLarge(Exception):
    """The request's body is over the limit."""


def application(functions: Functions, management: Management, admin: Admin, keys: Keys) -> ASGIApp:
    """Everything that the host answers; the host's own prefixes come before any function's route."""
    own = [
        Mount(
            prefix,
            routes=management.routes(),
            middleware=[Middleware(_Guard, keys=keys, opens=Keys.opens_management)],
        )
        for prefix in ("/durabletask", "/runtime/webhooks/durabletask")
    ]
    guarded = Mount("/admin", routes=admin.routes(), middleware=[Middleware(_Guard, keys=keys, opens=Keys.opens_admin)])
    starlette = Starlette(routes=[*own, guarded])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"].startswith(("/durabletask/", "/runtime/webhooks/durabletask/", "/admin/")):
            await starlette(scope, receive, send)
        else:
            await functions(scope, receive, send)

    return app


class _Guard:
    """Lets in who calls from this machine, and who has a key."""

    def __init__(self, app: ASGIApp, keys: Keys, opens: Any) -> None:
        self._app = app
        self._keys = keys
        self._opens = opens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, query = _headers(scope), _query(scope)
        if is_local(scope, headers) or self._opens(self._keys, key_in(headers, query)):
            await self._app(scope, receive, send)
            return
        sentence = "From another machine or a web page, this needs the key that the host printed at its start."
        await JSONResponse({"Message": sentence}, 401)(scope, receive, send)


class Functions:
    """Calls the HTTP function whose route a request matches."""

    def __init__(
        self,
        functions: Sequence[Function],
        prefix: str,
        invoker: Invoker,
        engine: Engine,
        keys: Keys,
        client: str,
    ) -> None:
        self._table = RouteTable(prefix, functions)
        self._invoker = invoker
        self._engine = engine
        self._keys = keys
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 404 for a path or method that no route has, as the real host does; 401 without a key."""
        path = scope["raw_path"].decode("latin-1")
        found = self._table.find(scope["method"], path)
        if found is None or isinstance(found, MethodNotAllowed):
            await self._nothing_there(path)(scope, receive, send)
            return
        function, headers, query = found.function, _headers(scope), _query(scope)
        if not self._keys.opens_function(key_in(headers, query), function.name, function.auth_level):
            await Response(status_code=401)(scope, receive, send)
            return
        try:
            body = await _body(headers, receive)
        except BodyTooLarge:
            await PlainTextResponse("The request is over 100 MB.", 413)(scope, receive, send)
            return
        call = HttpCall(scope["method"], _url(scope, headers, path), headers, query, found.params, body)
        await _send(await self._invoke(function, call), scope["method"], send)

    def _nothing_there(self, path: str) -> Response:
        if path == "/":
            return PlainTextResponse("The host is up. No function has the route /.")
        return Response(status_code=404)

    async def _invoke(self, function: Function, call: HttpCall) -> HttpReply:
        watch = log.Stopwatch()
        try:
            reply = await self._invoker.http(function, call, self._client)
        except FunctionFailed as failure:
            log.LOG.error("%s failed: %s: %s\n%s", function.name, failure.kind, failure.message, failure.details)
            reply = HttpReply(500, [], b"")
        wall_us = watch.us
        self._engine.count(
            function.name,
            is_failure=reply.status >= 500,
            wall_us=wall_us,
            bytes_in=len(call.body),
            bytes_out=len(reply.body),
        )
        path = call.url.split("?", 1)[0]
        log.execution(function.name, "", wall_us, f"{reply.status} {call.method} {path}")
        return reply


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ","
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    return headers


def _query(scope: Mapping[str, Any]) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1")):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _url(scope: Mapping[str, Any], headers: Mapping[str, str], path: str) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['scheme']}://{headers.get('host', 'localhost')}{path}{'?' if query else ''}{query}"


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes:
    """The whole body; raises BodyTooLarge as soon as that is known."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > BODY_BYTES_MAX:
        raise BodyTooLarge
    parts: list[bytes] = []
    total = 0
    while True:
        message: Message = await receive()
        part = message.get("body", b"")
        total += len(part)
        if total > BODY_BYTES_MAX:
            raise BodyTooLarge
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(reply: HttpReply, method: str, send: Send) -> None:
    body = b"" if method == "HEAD" or reply.status in (204, 304) else reply.body
    own = ("content-length", "transfer-encoding")
    headers = [
        (name.encode("latin-1"), value.encode("utf-8")) for name, value in reply.headers if name.lower() not in own
    ]
    if reply.status not in (204, 304):
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
