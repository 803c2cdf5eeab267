"""Watching one request: its place in a trace, the ids on all that is logged meanwhile, and one line at its end."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import azure.functions as func

from shared import logs
from shared.ports import Spans
from triggers.about import About
from triggers.endpoint import Endpoint

FAULT = 500
_log = logging.getLogger(logs.REQUESTS)
_ORDER = re.compile(r"/api/v1/orders/([^/?#]+)")

Answered = Callable[[func.HttpResponse], None]


@contextmanager
def watched(
    endpoint: Endpoint, request: func.HttpRequest, facts: About, spans: Spans
) -> Iterator[tuple[About, Answered]]:
    """The facts with the request's own place in a trace, and whom to tell of the answer."""
    began = time.perf_counter()
    name = f"{endpoint.method} {endpoint.path}"
    order = request.route_params.get("order_id")
    of_span = {"http.request.method": endpoint.method, "http.route": endpoint.path, "app.request": facts.request_id}
    with spans.span(name, facts.parent, of_span) as span:

        def answered(response: func.HttpResponse) -> None:
            status, placed = response.status_code, order or _placed(response)
            span.note("http.response.status_code", status)
            if placed:
                span.note("app.order", placed)
            if status >= FAULT:
                span.failed(str(status))
            _tell(endpoint, status, placed, time.perf_counter() - began)

        with logs.about(request=facts.request_id, trace=span.trace.trace_id, order=order):
            yield replace(facts, trace=span.trace), answered


def _placed(response: func.HttpResponse) -> str | None:
    """The order that an answer leads to."""
    found = _ORDER.match(response.headers.get("Location") or "")
    return found.group(1) if found else None


def _tell(endpoint: Endpoint, status: int, order: str | None, seconds: float) -> None:
    level = logging.WARNING if status >= FAULT else logging.INFO
    if _log.isEnabledFor(level):
        fields = {
            "method": endpoint.method,
            "route": endpoint.path,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "order": order,
        }
        _log.log(level, "%s %s: %s", endpoint.method, endpoint.path, status, extra={"fields": fields})
