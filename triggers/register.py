"""From declared routes to Azure Functions, one function each; a room is imported with the first request to it.

A host wants every route's name, method and path at start, and nothing else. These few facts stand in routes.json,
written by `make routes` from the declarations and held equal to them by a test; so a cold start does not pay for rooms
that nobody has entered yet, however many there are.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import azure.durable_functions as df
import azure.functions as func

if TYPE_CHECKING:
    from triggers.endpoint import Endpoint

TABLE = Path(__file__).with_name("routes.json")
ROOMS = (
    "triggers.http_host",
    "triggers.http_bank",
    "triggers.http_discovery",
    "triggers.http_chat",
    "triggers.http_catalog",
    "triggers.http_curation",
    "triggers.http_orders",
    "triggers.http_changes",
    "triggers.http_negotiations",
    "triggers.http_negotiation_messages",
    "triggers.http_delivery",
    "triggers.http_me",
    "triggers.http_tasks",
    "triggers.http_task_detail",
    "triggers.http_pro_agent",
    "triggers.http_approvals",
    "triggers.http_support",
    "triggers.http_escalations",
    "triggers.http_dispatch",
    "triggers.http_time_chain",
    "triggers.http_simulate",
    "triggers.http_ledger",
    "triggers.http_finance",
    "triggers.http_payees",
    "triggers.http_disputes",
    "triggers.http_mandates",
    "triggers.http_standing_intents",
    "triggers.http_simulator",
    "triggers.http_simulator_partners",
    "triggers.http_simulator_products",
    "triggers.http_simulator_scenarios",
    "triggers.http_simulator_queue",
    "triggers.http_simulator_activity",
    "triggers.webhook_stripe",
    "triggers.webhook_twilio",
    "triggers.webhook_partners",
    "triggers.webhook_email",
)
"""Every file of routes."""


class Row(NamedTuple):
    """What a host needs of a route; embedded: only while the app issues its tokens itself."""

    room: str
    name: str
    method: str
    path: str
    is_durable: bool
    is_embedded: bool


def rows_of(*rooms: str) -> list[Row]:
    """The rows of some rooms, from their declarations."""
    return [
        Row(room, one.name, one.method, one.path, "client" in one.given, one.is_embedded)
        for room in rooms
        for one in _declared(room).values()
    ]


def table() -> list[Row]:
    """The rows of every room, as they are kept."""
    return [Row(*row) for row in json.loads(TABLE.read_text("utf-8"))]


def endpoints_of(rows: Iterable[Row]) -> list[Endpoint]:
    """The declarations behind rows; imports their rooms."""
    return [_declared(row.room)[row.name] for row in rows]


def blueprint(rows: Iterable[Row]) -> df.Blueprint:
    """The routes as Azure Functions, one function each."""
    bp = df.Blueprint()
    for row in rows:
        _add(bp, row)
    return bp


def _add(bp: df.Blueprint, row: Row) -> None:
    async def plain(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        return await _serve(row, req, context, None)

    async def durable(req: func.HttpRequest, context: func.Context, client: str) -> func.HttpResponse:
        return await _serve(row, req, context, client)

    function = durable if row.is_durable else plain
    function.__name__ = row.name
    route = bp.route(route=row.path.lstrip("/"), methods=[row.method], auth_level=func.AuthLevel.ANONYMOUS)
    route(bp.durable_client_input(client_name="client")(function) if row.is_durable else function)


async def _serve(row: Row, request: func.HttpRequest, context: func.Context, client: Any) -> func.HttpResponse:
    from triggers.serve import serve  # noqa: PLC0415  what serving needs comes with the first request, too

    return await serve(_declared(row.room)[row.name], request, context, client)


@lru_cache(maxsize=1_000)
def _declared(room: str) -> dict[str, Endpoint]:
    """The endpoints of a room by name, in their order."""
    from triggers.endpoint import Routes  # noqa: PLC0415

    module = importlib.import_module(room)
    routes = [value for value in vars(module).values() if isinstance(value, Routes)]
    return {endpoint.name: endpoint for one in routes for endpoint in one.endpoints}


if __name__ == "__main__":
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows_of(*ROOMS))
    TABLE.write_text(f"[\n{lines}\n]\n", "utf-8")
