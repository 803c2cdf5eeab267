"""Routes: what simulated partners were asked and answered: figures, history, and all of it to take away."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.discovery.partners import PartnerId
from shared.records import PAGE_MAX, Query
from shared.simulator.metrics import Activity, activity_of, csv_of, json_of
from shared.simulator.queue import REQUESTS, SimulatedRequest
from shared.wiring import Deps
from triggers.endpoint import Download, Routes
from triggers.http_simulator_queue import RequestList, RequestQuery, page_of, where_of
from triggers.parse import Input, Output, When
from triggers.simulating import STAFF

routes = Routes("simulator")
ACTIVITY = "/api/v1/simulator/activity"
REQUESTS_MAX = 10_000
"""So many of the newest requests are reckoned with at once."""


class ActivityQuery(Input):
    """Of which partner, received since and before; else of all, ever."""

    partner: PartnerId | None = None
    since: When | None = None
    before: When | None = None


class ExportQuery(ActivityQuery):
    """format: csv for spreadsheets, json for programs."""

    format: Literal["csv", "json"] = "csv"


class ActivityView(Output):
    """The figures; is_whole: whether all requests of the span are in them, or the newest alone. first: the oldest."""

    activity: Activity
    is_whole: bool
    first: datetime | None = Field(description="When the oldest of them was received.")


@routes.get(ACTIVITY, need=STAFF)
async def simulator_activity(query: ActivityQuery, deps: Deps) -> ActivityView:
    """How many requests, how they were answered and how fast, and which scenarios answered how often."""
    requests, is_whole = await _requests(query, deps)
    first = requests[-1].received_at if requests else None
    return ActivityView(activity=activity_of(requests), is_whole=is_whole, first=first)


@routes.get(f"{ACTIVITY}/history", need=STAFF)
async def simulator_history(query: RequestQuery, deps: Deps) -> RequestList:
    """All requests with their answers, the newest first."""
    return await page_of(query, {}, deps)


@routes.get(f"{ACTIVITY}/export", need=STAFF)
async def export_simulator_history(query: ExportQuery, deps: Deps) -> Download:
    """The history as a file, a row a request, the newest first and REQUESTS_MAX at most."""
    requests, _ = await _requests(query, deps)
    if query.format == "csv":
        return Download(csv_of(requests), "text/csv", file_name="simulator.csv")
    return Download(json_of(requests), "application/json", file_name="simulator.json")


async def _requests(query: ActivityQuery, deps: Deps) -> tuple[list[SimulatedRequest], bool]:
    """The newest requests of a span, and whether these are all."""
    where = where_of(RequestQuery(limit=PAGE_MAX, **query.model_dump(include={"partner", "since", "before"})))
    found: list[SimulatedRequest] = []
    after: str | None = None
    while len(found) < REQUESTS_MAX:
        page = await deps.store.query(REQUESTS, Query(where, None, "-received_at", PAGE_MAX, after))
        found += [stored.value for stored in page.items]
        after = page.next
        if after is None:
            return found, True
    return found[:REQUESTS_MAX], False
