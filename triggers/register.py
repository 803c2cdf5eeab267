"""From declared routes to Azure Functions, one function each."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df
import azure.functions as func

from triggers.endpoint import Endpoint


def blueprint(endpoints: list[Endpoint]) -> df.Blueprint:
    """The routes as Azure Functions, one function each."""
    bp = df.Blueprint()
    for endpoint in endpoints:
        _add(bp, endpoint)
    return bp


def _add(bp: df.Blueprint, endpoint: Endpoint) -> None:
    async def plain(req: func.HttpRequest) -> func.HttpResponse:
        return await _serve(endpoint, req, None)

    async def durable(req: func.HttpRequest, client: str) -> func.HttpResponse:
        return await _serve(endpoint, req, client)

    needs_client = "client" in endpoint.given
    function = durable if needs_client else plain
    function.__name__ = endpoint.name
    route = bp.route(route=endpoint.path.lstrip("/"), methods=[endpoint.method], auth_level=func.AuthLevel.ANONYMOUS)
    route(bp.durable_client_input(client_name="client")(function) if needs_client else function)


async def _serve(endpoint: Endpoint, request: func.HttpRequest, client: Any) -> func.HttpResponse:
    # Deferred: what serving needs is loaded with the first request, not with the app.
    from triggers.serve import serve  # noqa: PLC0415

    return await serve(endpoint, request, client)
