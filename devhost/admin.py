"""The host's own routes below /admin: what it runs, its meter, its clock."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from devhost.clock import Clock, ClockError
from devhost.store import Store, Usage

METER_PAGE_MAX = 10_000
ADVANCE_SECONDS_MAX = 400 * 86_400.0


class Admin:
    """Routes; `move` advances a frozen clock to a moment, stepping through what is due, `run_now` runs a timer."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        functions: list[dict[str, Any]],
        move: Callable[[datetime], Awaitable[None]],
        run_now: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._functions = functions
        self._move = move
        self._run_now = run_now

    def routes(self) -> list[BaseRoute]:
        """All routes."""
        return [
            Route("/host/status", self._status, methods=["GET"]),
            Route("/host/clock", self._get_clock, methods=["GET"]),
            Route("/host/clock", self._set_clock, methods=["POST"]),
            Route("/host/meter", self._meter, methods=["GET"]),
            Route("/functions", self._list, methods=["GET"]),
            Route("/functions/{name}", self._run, methods=["POST"]),
        ]

    async def _status(self, _request: Request) -> Response:
        return JSONResponse({"state": "Running", "functions": len(self._functions), **self._time()})

    def _time(self) -> dict[str, Any]:
        return {"now": self._clock.now().isoformat(), "frozen": self._clock.is_frozen}

    async def _get_clock(self, _request: Request) -> Response:
        return JSONResponse(self._time())

    async def _set_clock(self, request: Request) -> Response:
        try:
            moment = self._moment(json.loads(await request.body()))
            await self._move(moment)
        except ClockError as error:
            return JSONResponse({"Message": str(error)}, 409)
        except (ValueError, TypeError) as error:
            sentence = f'Say {{"advance": SECONDS}} or {{"to": "2026-01-31T09:00:00Z"}}: {error}'
            return JSONResponse({"Message": sentence}, 400)
        return JSONResponse(self._time())

    def _moment(self, body: Any) -> datetime:
        if not isinstance(body, dict) or len(body.keys() & {"advance", "to"}) != 1:
            raise ValueError("the body is an object with one of the two")
        if "to" in body:
            moment = datetime.fromisoformat(body["to"])
            if moment.tzinfo is None:
                raise ValueError("to needs an offset")
        else:
            seconds = body["advance"]
            if isinstance(seconds, bool) or not 0 <= float(seconds) <= ADVANCE_SECONDS_MAX:
                raise ValueError(f"advance is a number from 0 to {ADVANCE_SECONDS_MAX:.0f}")
            moment = self._clock.now() + timedelta(seconds=float(seconds))
        return moment

    async def _meter(self, request: Request) -> Response:
        return JSONResponse(meter(self._store, request.query_params.get("instance")))

    async def _list(self, _request: Request) -> Response:
        return JSONResponse(self._functions)

    async def _run(self, request: Request) -> Response:
        if self._run_now(request.path_params["name"]):
            return Response(status_code=202)
        return JSONResponse({"Message": "There is no timer function of that name."}, 404)


def meter(store: Store, instance: str | None = None) -> dict[str, Any]:
    """What every function has used, and every root instance (its children's and activities' use included), or one."""
    functions = {u.name: _shown(u) for u in store.list_usage("function", METER_PAGE_MAX)}
    if instance is not None:
        one = store.get_usage("instance", instance)
        return {"functions": functions, "instances": {one.name: _shown(one)} if one else {}}
    return {
        "functions": functions,
        "instances": {u.name: _shown(u) for u in store.list_usage("instance", METER_PAGE_MAX)},
    }


def _shown(usage: Usage) -> dict[str, Any]:
    return {
        "executions": usage.executions,
        "failures": usage.failures,
        "wall_ms": usage.wall_us / 1000,
        "bytes_in": usage.bytes_in,
        "bytes_out": usage.bytes_out,
    }
