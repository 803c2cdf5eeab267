"""Answers for paths and methods that no route has, and for the preflight requests of web pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

import azure.durable_functions as df
import azure.functions as func

from triggers.register import Row

_every: list[Row] = []


def every() -> list[Row]:
    """All routes of this app."""
    return _every


def catch_all(rows: Sequence[Row]) -> df.Blueprint:
    """One function for whatever is none of these routes; and every() knows them from now on."""
    _every[:] = rows
    bp = df.Blueprint()

    @bp.route(route="api/{*rest}", auth_level=func.AuthLevel.ANONYMOUS)
    async def no_such_route(req: func.HttpRequest) -> func.HttpResponse:
        return _refuse(req)

    return bp


def _refuse(req: func.HttpRequest) -> func.HttpResponse:
    from shared.errors import METHOD, NO_ROUTE, AppError  # noqa: PLC0415  with the first such request
    from shared.wiring import deps  # noqa: PLC0415
    from triggers.about import about  # noqa: PLC0415
    from triggers.answers import problem, respond  # noqa: PLC0415
    from triggers.cors import let_read  # noqa: PLC0415

    house = deps()
    facts = about(req, house.clock.now())
    path = req.url.partition("?")[0].split("/", 3)[-1]
    allowed = sorted(row.method for row in _every if _pattern(row.path).fullmatch(f"/{path}"))
    if not allowed:
        response = problem(AppError(NO_ROUTE, f"Nothing stands at /{path[:200]}."), facts)
    elif req.method == "OPTIONS":
        response = respond(204, None, facts, {"Allow": ", ".join([*allowed, "OPTIONS"])})
    else:
        said = AppError(METHOD, f"It takes {', '.join(allowed)}, not {req.method}.")
        response = problem(said, facts, {"Allow": ", ".join(allowed)})
    return let_read(req, response, house.settings)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path)))
