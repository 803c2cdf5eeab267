"""The management API that durable clients talk to, at /durabletask/ and /runtime/webhooks/durabletask/.

Source: Durable Functions HTTP API reference, and the extension's HttpApiHandler as read for version 2.13.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from devhost import protocol
from devhost.engine import AlreadyActive, BadRequest, Engine, Gone, NotFound, input_of, statuses_of
from devhost.events import Status
from devhost.keys import Keys
from devhost.status import status_of

PAGE_MAX = 1_000
WAIT_SECONDS_MAX = 230.0
_CONTINUATION = "x-ms-continuation-token"


class Management:
    """The routes, below whichever root they are mounted at."""

    def __init__(self, engine: Engine, keys: Keys, hub: str) -> None:
        self._engine = engine
        self._keys = keys
        self._hub = hub

    def routes(self) -> list[BaseRoute]:
        """All routes, literal ones first."""
        table: list[tuple[str, str, Callable[[Request], Any]]] = [
            ("POST", "/orchestrators/{name}", self._start),
            ("POST", "/orchestrators/{name}/{id}", self._start),
            ("GET", "/instances", self._list),
            ("GET", "/instances/", self._list),
            ("DELETE", "/instances", self._purge_all),
            ("DELETE", "/instances/", self._purge_all),
            ("GET", "/instances/{id}", self._status),
            ("DELETE", "/instances/{id}", self._purge),
            ("POST", "/instances/{id}/raiseEvent/{event}", self._raise),
            ("POST", "/instances/{id}/terminate", self._steer),
            ("POST", "/instances/{id}/suspend", self._steer),
            ("POST", "/instances/{id}/resume", self._steer),
            ("POST", "/instances/{id}/restart", self._restart),
            ("POST", "/instances/{id}/rewind", self._rewind),
            ("GET", "/entities", self._entities),
            ("GET", "/entities/", self._entities),
            ("GET", "/entities/{entity}", self._entities),
            ("GET", "/entities/{entity}/{key}", self._entity),
            ("POST", "/entities/{entity}/{key}", self._signal),
        ]
        return [Route(path, _answering(endpoint), methods=[method]) for method, path, endpoint in table]

    # orchestrations

    async def _start(self, request: Request) -> Response:
        instance = self._engine.start_new(
            request.path_params["name"],
            input_of(await request.body()),
            request.path_params.get("id"),
            request.query_params.get("version"),
        )
        if "timeout" in request.query_params:
            return await self._wait(request, instance)
        return self._accepted(request, instance)

    async def _wait(self, request: Request, instance: str) -> Response:
        """Answer with the output once the instance is over, with where to look where that takes too long."""
        seconds = min(_number(request, "timeout", 10.0), WAIT_SECONDS_MAX)
        try:
            async with asyncio.timeout(seconds):
                while not (one := self._engine.get(instance)).status.is_over:
                    self._engine.changed.clear()
                    await self._engine.changed.wait()
        except TimeoutError:
            return self._accepted(request, instance)
        if one.status is Status.COMPLETED:
            return Response(one.output or "null", media_type="application/json")
        return JSONResponse(status_of(one, with_input=True), 500 if one.status is Status.FAILED else 200)

    def _accepted(self, request: Request, instance: str) -> Response:
        urls = self._urls(request, instance)
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": "10"}
        return JSONResponse(urls, 202, headers=headers)

    def _urls(self, request: Request, instance: str) -> dict[str, str]:
        base = f"{request.url.scheme}://{request.url.netloc}/runtime/webhooks/durabletask/"
        return protocol.management_urls(base, self._hub, self._keys.system, instance)

    async def _status(self, request: Request) -> Response:
        one = self._engine.get(request.path_params["id"])
        history = self._engine.history(one.id) if _flag(request, "showHistory", default=False) else None
        status = status_of(one, with_input=_flag(request, "showInput", default=True), history=history)
        if history is not None and not _flag(request, "showHistoryOutput", default=False):
            for event in status["historyEvents"]:
                event.pop("Result", None)
                event.pop("Input", None)
        if not one.status.is_over:
            location = self._urls(request, one.id)["statusQueryGetUri"]
            return JSONResponse(status, 202, headers={"Location": location, "Retry-After": "10"})
        failed = one.status is Status.FAILED and _flag(request, "returnInternalServerErrorOnFailure", default=False)
        return JSONResponse(status, 500 if failed else 200)

    async def _list(self, request: Request) -> Response:
        page = self._engine.list(
            **_filters(request),
            limit=int(min(_number(request, "top", PAGE_MAX), PAGE_MAX)),
            after=request.headers.get(_CONTINUATION) or None,
        )
        show_input = _flag(request, "showInput", default=True)
        items = [status_of(one, with_input=show_input) for one in page.items]
        headers = {_CONTINUATION: page.after} if page.after else None
        return JSONResponse(items, headers=headers)

    async def _raise(self, request: Request) -> Response:
        body = await request.body()
        try:
            text = protocol.event_text(body) if body.strip() else "null"
        except ValueError as error:
            raise BadRequest(f"Only application/json request content is supported: {error}") from error
        self._engine.raise_event(request.path_params["id"], request.path_params["event"], text)
        return Response(status_code=202)

    async def _steer(self, request: Request) -> Response:
        command = {
            "terminate": self._engine.terminate,
            "suspend": self._engine.suspend,
            "resume": self._engine.resume,
        }
        verb = request.url.path.rsplit("/", 1)[1]
        command[verb](request.path_params["id"], request.query_params.get("reason", ""))
        return Response(status_code=202)

    async def _restart(self, request: Request) -> Response:
        with_new_id = _flag(request, "restartWithNewInstanceId", default=True)
        return self._accepted(request, self._engine.restart(request.path_params["id"], with_new_id=with_new_id))

    async def _rewind(self, request: Request) -> Response:
        self._engine.get(request.path_params["id"])
        sentence = "Rewind is not offered by this host: restart the instance, or purge it and start it anew."
        return JSONResponse(sentence, 501)

    async def _purge(self, request: Request) -> Response:
        self._engine.purge(request.path_params["id"])
        return JSONResponse({"instancesDeleted": 1})

    async def _purge_all(self, request: Request) -> Response:
        if "createdTimeFrom" not in request.query_params:
            raise BadRequest("Please provide value for 'createdTimeFrom' parameter.")
        deleted = self._engine.purge_all(**_filters(request))
        if not deleted:
            raise NotFound("No ended instance matches.")
        return JSONResponse({"instancesDeleted": deleted})

    # entities

    async def _entity(self, request: Request) -> Response:
        state = self._engine.read_entity(request.path_params["entity"], request.path_params["key"])
        if state is None:
            raise NotFound("There is no such entity.")
        return Response(state, media_type="application/json")

    async def _entities(self, request: Request) -> Response:
        limit = int(min(_number(request, "top", PAGE_MAX), PAGE_MAX))
        rows = self._engine.list_entities(
            request.path_params.get("entity", ""), limit + 1, request.headers.get(_CONTINUATION)
        )
        with_state = _flag(request, "fetchState", default=False)
        items = [_shown_entity(row, with_state=with_state) for row in rows[:limit]]
        headers = {_CONTINUATION: rows[limit - 1][0]} if len(rows) > limit else None
        return JSONResponse(items, headers=headers)

    async def _signal(self, request: Request) -> Response:
        operation = request.query_params.get("op", "")
        body = input_of(await request.body())
        self._engine.signal(request.path_params["entity"], request.path_params["key"], operation, body)
        return Response(status_code=202)


def _answering(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """Turn the engine's refusals into the statuses that the SDK's client looks for."""

    async def answer(request: Request) -> Response:
        try:
            response: Response = await endpoint(request)
        except BadRequest as error:
            return _problem(400, error)
        except NotFound as error:
            return _problem(404, error)
        except Gone as error:
            return _problem(410, error)
        except AlreadyActive as error:
            return _problem(500, error)
        return response

    return answer


def _problem(status: int, error: Exception) -> Response:
    return JSONResponse({"Message": str(error), "ExceptionMessage": str(error)}, status)


def _shown_entity(row: tuple[str, str, str], *, with_state: bool) -> dict[str, Any]:
    _, name, key = row[0].split("@", 2)
    shown: dict[str, Any] = {"entityId": {"name": name, "key": key}, "lastOperationTime": row[2]}
    if with_state:
        shown["state"] = json.loads(row[1])
    return shown


def _filters(request: Request) -> dict[str, Any]:
    query = request.query_params
    return {
        "prefix": query.get("instanceIdPrefix", ""),
        "created_from": _time(request, "createdTimeFrom"),
        "created_to": _time(request, "createdTimeTo"),
        "statuses": statuses_of(query.get("runtimeStatus", "")),
    }


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise BadRequest(f"{name} is not an ISO 8601 time: '{text}'.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(request: Request, name: str, default: float) -> float:
    text = request.query_params.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise BadRequest(f"{name} is a number above 0, not '{text}'.")
    return number


def _flag(request: Request, name: str, *, default: bool) -> bool:
    text = request.query_params.get(name)
    return default if text is None else text.lower() == "true"
