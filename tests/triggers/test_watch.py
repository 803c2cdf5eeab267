"""Requests are watched: the trace that they come from goes on, and those that fail are told louder."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
import pytest

from shared import logs
from shared.adapters.spans_off import SpansOff
from shared.people.access import PUBLIC
from shared.traces import Trace, trace_of
from triggers.about import about
from triggers.endpoint import Routes
from triggers.watch import watched

NOW = datetime(2026, 6, 10, tzinfo=UTC)
ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = f"00-{ID}-{SPAN}-01"
OF_HOST = "00-11111111111111111111111111111111-2222222222222222-01"
routes = Routes("watched")


@routes.get("/api/v1/orders/{order_id}", need=PUBLIC)
async def look(order_id: str) -> str:
    """Look."""
    return order_id


ENDPOINT = routes.endpoints[0]


@dataclass
class Told:
    trace_parent: str = ""
    trace_state: str = ""


@dataclass
class HostContext:
    trace_context: Told


def request(order: str = "o-1", **headers: str) -> func.HttpRequest:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://127.0.0.1/api/v1/orders/{order}"
    return func.HttpRequest("GET", url, headers=names, route_params={"order_id": order}, body=b"")


def facts(sent: func.HttpRequest, told: Told | None = None) -> Any:
    context: Any = HostContext(told) if told else None
    return about(sent, NOW, context)


def test_the_trace_is_the_hosts_or_else_the_callers() -> None:
    assert facts(request(traceparent=SENT, tracestate="congo=1")).parent == Trace(ID, SPAN, state="congo=1")
    assert facts(request(traceparent=SENT), Told()).parent == trace_of(SENT)
    assert facts(request(traceparent=SENT), Told(OF_HOST, "a=b")).parent == trace_of(OF_HOST, "a=b")
    assert facts(request(traceparent="00-nonsense"), Told("nonsense")).parent is None
    assert facts(request()).parent is None


@pytest.mark.parametrize(("status", "level"), [(200, "INFO"), (404, "INFO"), (500, "WARNING"), (503, "WARNING")])
def test_one_line_a_request(status: int, level: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logs.REQUESTS)
    sent = request(x_request_id="my-request", traceparent=SENT)
    with watched(ENDPOINT, sent, facts(sent), SpansOff()) as (now, answered):
        assert now.trace is not None
        assert now.trace.trace_id == ID
        assert now.trace.span_id != SPAN
        answered(func.HttpResponse(status_code=status))
    [record] = caplog.records
    assert record.levelname == level
    assert record.getMessage() == f"GET /api/v1/orders/{{order_id}}: {status}"
    told = record.fields  # type: ignore[attr-defined]
    assert told.pop("ms") >= 0
    assert told == {"method": "GET", "route": "/api/v1/orders/{order_id}", "status": status, "order": "o-1"}


@pytest.mark.parametrize(
    ("location", "order"),
    [
        ("/api/v1/orders/o-7", "o-7"),
        ("/api/v1/orders/o-7/changes/c-1", "o-7"),
        ("/api/v1/notes/n-1", None),
        (None, None),
    ],
)
def test_the_order_that_an_answer_leads_to(
    location: str | None, order: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logs.REQUESTS)
    sent = func.HttpRequest("POST", "http://127.0.0.1/api/v1/orders", headers={}, body=b"")
    with watched(ENDPOINT, sent, facts(sent), SpansOff()) as (_, answered):
        answered(func.HttpResponse(headers={"Location": location} if location else {}))
    assert caplog.records[0].fields["order"] == order  # type: ignore[attr-defined]


def test_over_http_the_answer_tells_its_place_in_the_trace(example: Any) -> None:
    answer = example.http.get("/api/v1/health", headers={"traceparent": SENT})
    given = trace_of(answer.headers["traceparent"])
    assert given is not None
    assert (given.trace_id, given.is_sampled) == (ID, True)
    for nonsense in ("x", "00-" + "0" * 32 + f"-{SPAN}-01", "x" * 5_000):
        answer = example.http.get("/api/v1/health", headers={"traceparent": nonsense})
        other = trace_of(answer.headers["traceparent"])
        assert answer.status_code == 200
        assert other is not None
        assert other.trace_id != ID
    refused = example.http.get("/api/v1/nothing-here", headers={"traceparent": SENT})
    assert refused.status_code == 404
